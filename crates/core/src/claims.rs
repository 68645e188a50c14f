//! Protocol mappers: what a client, its scopes and a user put into a token. One mapper is one file and
//! one line in [`MAPPERS`]; ids and configuration as in Keycloak.

mod audience;
mod identity;
mod role;
mod session;
mod value;

use std::collections::{HashMap, HashSet};

use sekisho_protocol::{GrantType, Timestamp};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::scope::GrantedScopes;
use crate::{Client, Realm, User};

/// Every mapper there is. One that is stored and not listed maps nothing.
pub const MAPPERS: &[Provider] = &[
    audience::ALLOWED_ORIGINS,
    audience::AUDIENCE,
    audience::AUDIENCE_RESOLVE,
    identity::ADDRESS,
    identity::ATTRIBUTE,
    identity::FULL_NAME,
    identity::GROUPS,
    identity::HARDCODED,
    identity::PROPERTY,
    identity::SUBJECT,
    role::CLIENT_ROLES,
    role::REALM_ROLES,
    session::ACR,
    session::NOTE,
];

/// A mapper by its Keycloak id.
pub struct Provider {
    pub id: &'static str,
    pub apply: fn(&Mapper, &Context<'_>, &mut Claims),
}

/// A configured mapper of a client or a client scope.
#[derive(Clone, Debug)]
pub struct Mapper {
    pub name: String,
    /// The id of its provider.
    pub provider: String,
    pub config: HashMap<String, String>,
}

/// What mappers may look at.
pub struct Context<'a> {
    pub realm: &'a Realm,
    pub client: &'a Client,
    pub user: &'a User,
    pub scopes: &'a GrantedScopes,
    /// Roles that the token may carry.
    pub roles: &'a HashSet<Uuid>,
    pub auth_time: Option<Timestamp>,
    pub grant_type: GrantType,
    pub address: &'a str,
}

/// Where the claims go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    AccessToken,
    IdToken,
    UserInfo,
}

/// Claims that mappers made.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    map: Map<String, Value>,
    audience: Vec<String>,
}

/// Lets every mapper of the client and of its scopes add what it has.
pub fn apply(context: &Context<'_>, destination: Destination) -> Claims {
    let lightweight = destination == Destination::AccessToken
        && context.client.is_on("client.use.lightweight.access.token.enabled");
    let of_scopes = context.scopes.client_scopes(context.realm).flat_map(|scope| &scope.mappers);
    let mut claims = Claims::default();
    for mapper in context.client.mappers.iter().chain(of_scopes) {
        if mapper.goes_to(destination, lightweight)
            && let Some(provider) = MAPPERS.iter().find(|provider| provider.id == mapper.provider)
        {
            (provider.apply)(mapper, context, &mut claims);
        }
    }
    claims
}

impl Mapper {
    /// A member of the configuration.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.config.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether a switch of the configuration is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.setting(name) == Some("true")
    }

    fn goes_to(&self, destination: Destination, lightweight: bool) -> bool {
        self.is_on(match destination {
            Destination::AccessToken if lightweight => "lightweight.claim",
            Destination::AccessToken => "access.token.claim",
            Destination::IdToken => "id.token.claim",
            Destination::UserInfo => "userinfo.token.claim",
        })
    }
}

impl Claims {
    /// Sets the claim that the mapper's `claim.name` names; dots nest, `\.` is a dot.
    pub fn set(&mut self, mapper: &Mapper, value: Value) {
        if let Some(name) = mapper.setting("claim.name") {
            self.set_path(name, value);
        }
    }

    /// The same for a name that the caller gives.
    pub fn set_path(&mut self, name: &str, value: Value) {
        let path = split_path(name);
        if let Some((last, parents)) = path.split_last() {
            insert(&mut self.map, parents, last, value);
        }
    }

    /// Adds a name to `aud`.
    pub fn add_audience(&mut self, name: &str) {
        if !self.audience.iter().any(|known| known == name) {
            self.audience.push(name.to_owned());
        }
    }

    /// What `aud` shall say.
    pub fn audience(&self) -> impl Iterator<Item = &str> {
        self.audience.iter().map(String::as_str)
    }

    /// Moves a claim into a token.
    pub fn take(&mut self, name: &str, token: &mut Map<String, Value>) {
        if let Some(value) = self.map.shift_remove(name) {
            token.insert(name.to_owned(), value);
        }
    }

    /// Moves the rest, but for names that are the server's own to set.
    pub fn take_rest(&mut self, token: &mut Map<String, Value>) {
        for (name, value) in std::mem::take(&mut self.map) {
            if !RESERVED.contains(&name.as_str()) {
                token.insert(name, value);
            }
        }
    }
}

/// Claims that no mapper may set: who issued the token, to whom, for how long.
const RESERVED: &[&str] =
    &["iss", "exp", "iat", "nbf", "jti", "typ", "azp", "sid", "cnf", "aud", "at_hash", "nonce"];

fn split_path(name: &str) -> Vec<String> {
    let mut path = vec![String::new()];
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, path.last_mut()) {
            ('\\', Some(part)) if characters.peek() == Some(&'.') => {
                characters.next();
                part.push('.');
            }
            ('.', _) => path.push(String::new()),
            (other, Some(part)) => part.push(other),
            (_, None) => {}
        }
    }
    path
}

fn insert(map: &mut Map<String, Value>, parents: &[String], last: &str, value: Value) {
    let Some((first, rest)) = parents.split_first() else {
        merge(map, last, value);
        return;
    };
    let child = map.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(child) = child {
        insert(child, rest, last, value);
    }
}

/// Two mappers that write a list to one claim add up.
fn merge(map: &mut Map<String, Value>, name: &str, value: Value) {
    match (map.get_mut(name), value) {
        (Some(Value::Array(known)), Value::Array(more)) => {
            for item in more {
                if !known.contains(&item) {
                    known.push(item);
                }
            }
        }
        (_, value) => {
            map.insert(name.to_owned(), value);
        }
    }
}
