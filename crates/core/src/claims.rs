//! Protocol mappers: what a client, its scopes and a user put into a token. One mapper is one file and
//! one line in [`MAPPERS`]; ids and configuration as in Keycloak.

mod audience;
mod identity;
mod pairwise;
mod role;
mod role_change;
mod session;
mod value;

use std::collections::{HashMap, HashSet};

use sekisho_protocol::{GrantType, Timestamp};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::claims::role::RoleNames;
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
    pairwise::SHA256,
    role::CLIENT_ROLES,
    role::REALM_ROLES,
    role_change::HARDCODED,
    role_change::RENAMED,
    session::ACR,
    session::AMR,
    session::NONCE,
    session::NOTE,
    session::SESSION_STATE,
];

/// Mappers that Keycloak has and that map nothing here: kept with their configuration, and given back.
const KEPT: &[&str] = &[
    "docker-v2-allow-all-mapper",
    "oidc-claims-param-token-mapper",
    "oidc-claims-param-value-idtoken-mapper",
    "oidc-organization-group-membership-mapper",
    "oidc-organization-membership-mapper",
    "saml-audience-mapper",
    "saml-audience-resolve-mapper",
    "saml-authn-context-class-ref-mapper",
    "saml-group-membership-mapper",
    "saml-hardcode-attribute-mapper",
    "saml-hardcode-role-mapper",
    "saml-organization-group-membership-mapper",
    "saml-organization-membership-mapper",
    "saml-role-list-mapper",
    "saml-role-name-mapper",
    "saml-user-attribute-mapper",
    "saml-user-attribute-nameid-mapper",
    "saml-user-property-mapper",
    "saml-user-session-note-mapper",
];

/// Whether there is a mapper with this id, be it one that maps nothing here.
pub fn is_known(id: &str) -> bool {
    Provider::find(id).is_some() || KEPT.contains(&id)
}

/// A mapper by its Keycloak id.
#[derive(Debug)]
pub struct Provider {
    pub id: &'static str,
    /// Lower ones come first: roles are changed before they are written.
    pub priority: i32,
    /// Where it goes when its configuration does not say.
    pub unsaid: &'static [Destination],
    /// Where it never goes, whatever its configuration says.
    pub never: &'static [Destination],
    pub apply: fn(&Mapper, &Context<'_>, &mut Claims),
}

/// A configured mapper of a client or a client scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapper {
    pub name: String,
    pub provider: &'static Provider,
    pub config: HashMap<String, String>,
    /// A bit for each [`Destination`].
    destinations: u8,
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
    /// An access token of a client that wants it short.
    LightweightAccessToken,
    IdToken,
    UserInfo,
    /// What introspection says beside the token's own claims.
    Introspection,
    /// The answer around the tokens.
    TokenResponse,
}

/// Claims that mappers made.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    map: Map<String, Value>,
    audience: Vec<String>,
    /// Once somebody asked for them; mappers may change them before they are written.
    roles: Option<RoleNames>,
    asked: Vec<&'static str>,
}

/// Lets every mapper of the client and of its scopes add what it has.
pub fn apply(context: &Context<'_>, destination: Destination) -> Claims {
    let of_scopes = context.scopes.client_scopes(context.realm).flat_map(|scope| &scope.mappers);
    let all = context.client.mappers.iter().chain(of_scopes);
    let mut mappers: Vec<&Mapper> = all.filter(|mapper| mapper.goes_to(destination)).collect();
    mappers.sort_by_key(|mapper| mapper.provider.priority);
    let mut claims = Claims::default();
    for mapper in mappers {
        (mapper.provider.apply)(mapper, context, &mut claims);
    }
    claims
}

/// Whether introspection of an access token says more than the token itself: the token is short, or a
/// mapper is for introspection only.
pub fn introspection_adds(context: &Context<'_>, lightweight: bool) -> bool {
    let of_scopes = context.scopes.client_scopes(context.realm).flat_map(|scope| &scope.mappers);
    let mut all = context.client.mappers.iter().chain(of_scopes);
    let only = |mapper: &Mapper| {
        mapper.goes_to(Destination::Introspection) && !mapper.goes_to(Destination::AccessToken)
    };
    lightweight || all.any(only)
}

impl Provider {
    /// The mapper with this id.
    pub fn find(id: &str) -> Option<&'static Self> {
        MAPPERS.iter().find(|provider| provider.id == id)
    }

    const fn new(id: &'static str, apply: fn(&Mapper, &Context<'_>, &mut Claims)) -> Self {
        Self { id, priority: 0, unsaid: &[], never: &[], apply }
    }

    const fn at(self, priority: i32) -> Self {
        Self { priority, ..self }
    }

    const fn unless_said(self, unsaid: &'static [Destination]) -> Self {
        Self { unsaid, ..self }
    }

    const fn but_never(self, never: &'static [Destination]) -> Self {
        Self { never, ..self }
    }
}

/// An id is listed once.
impl PartialEq for Provider {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Provider {}

impl Mapper {
    /// A mapper as configured; `None` for one that is not listed.
    pub fn new(name: String, provider: &str, config: HashMap<String, String>) -> Option<Self> {
        let mut mapper = Self { name, provider: Provider::find(provider)?, config, destinations: 0 };
        for destination in Destination::ALL {
            if mapper.is_for(destination) {
                mapper.destinations |= destination.bit();
            }
        }
        Some(mapper)
    }

    /// A member of the configuration.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.config.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether a switch of the configuration is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.setting(name) == Some("true")
    }

    const fn goes_to(&self, destination: Destination) -> bool {
        self.destinations & destination.bit() != 0
    }

    /// UserInfo follows the ID token where nothing is said of it, and introspection the access token:
    /// mappers are older than those switches.
    fn is_for(&self, destination: Destination) -> bool {
        if self.provider.never.contains(&destination) {
            return false;
        }
        match (self.setting(destination.switch()), destination) {
            (Some(switch), _) => switch == "true",
            (None, _) if self.provider.unsaid.contains(&destination) => true,
            (None, Destination::UserInfo) => self.is_for(Destination::IdToken),
            (None, Destination::Introspection) => self.is_for(Destination::AccessToken),
            (None, _) => false,
        }
    }
}

impl Destination {
    const ALL: [Self; 6] = [
        Self::AccessToken,
        Self::LightweightAccessToken,
        Self::IdToken,
        Self::UserInfo,
        Self::Introspection,
        Self::TokenResponse,
    ];

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The member of a mapper's configuration that switches it on here.
    const fn switch(self) -> &'static str {
        match self {
            Self::AccessToken => "access.token.claim",
            Self::LightweightAccessToken => "lightweight.claim",
            Self::IdToken => "id.token.claim",
            Self::UserInfo => "userinfo.token.claim",
            Self::Introspection => "introspection.token.claim",
            Self::TokenResponse => "access.tokenResponse.claim",
        }
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

    /// Asks for a claim that only the issuer of the token knows: `nonce`, `session_state`.
    pub fn ask(&mut self, name: &'static str) {
        self.asked.push(name);
    }

    /// Whether a mapper asked for it.
    pub fn is_asked(&self, name: &str) -> bool {
        self.asked.contains(&name)
    }

    /// The roles that the token may carry, by name.
    fn roles(&mut self, context: &Context<'_>) -> &mut RoleNames {
        self.roles.get_or_insert_with(|| RoleNames::of(context))
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
    &["iss", "exp", "iat", "nbf", "jti", "typ", "azp", "sid", "cnf", "aud", "at_hash", "nonce", "scope"];

/// Dots part the names of nested objects; what stands behind a backslash is taken as it is.
fn split_path(name: &str) -> Vec<String> {
    let mut path = Vec::new();
    let mut part = String::new();
    let mut characters = name.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => part.extend(characters.next()),
            '.' => path.push(std::mem::take(&mut part)),
            other => part.push(other),
        }
    }
    path.push(part);
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
