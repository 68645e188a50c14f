//! Client scopes, and which of them a request gets.

use sekisho_protocol::{Cause, Scopes};
use uuid::Uuid;

use crate::claims::Mapper;
use crate::{Client, Realm};

/// A client scope of a realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientScope {
    pub id: Uuid,
    pub name: String,
    pub description: Option<String>,
    /// Whether its name stands in the token's `scope`.
    pub in_token: bool,
    pub in_metadata: bool,
    pub on_consent_screen: bool,
    pub consent_text: Option<String>,
    pub gui_order: i64,
    pub mappers: Vec<Mapper>,
    /// Roles that a token may carry because of this scope.
    pub role_mappings: Vec<Uuid>,
}

/// Proof that each scope is one that this client may have. Made by [`check`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantedScopes {
    /// Names of client scopes: the defaults, and the optional ones asked for. `openid` is not one.
    pub names: Scopes,
    pub openid: bool,
}

/// Characters of an invalid `scope` that an error repeats.
const MAX_ECHO: usize = 255;

/// The scopes for a request: the client's defaults, and those optional ones that were asked for.
///
/// # Errors
/// [`Cause::ScopeInvalid`] when something is asked for that the client does not have (OAuth 2.1 §3.2.4).
pub fn check(realm: &Realm, client: &Client, asked: Option<&str>) -> Result<GrantedScopes, Cause> {
    let mut names: Scopes = client.default_scopes.iter().map(String::as_str).collect();
    let mut openid = false;
    if let Some(value) = asked {
        // The value comes back in the error: no more of it than a person would read.
        let invalid = || Cause::ScopeInvalid(value.chars().take(MAX_ECHO).collect());
        let tokens = Scopes::parse(value);
        if tokens.is_empty() {
            return Err(invalid());
        }
        for token in tokens.iter() {
            if token == "openid" {
                openid = true;
            } else if may_have(realm, client, token) {
                names.insert(token);
            } else {
                return Err(invalid());
            }
        }
    }
    Ok(GrantedScopes { names: names.filter(|name| realm.scopes.contains_key(name)), openid })
}

fn may_have(realm: &Realm, client: &Client, token: &str) -> bool {
    let listed = client.default_scopes.iter().chain(&client.optional_scopes).any(|known| known == token);
    listed && Scopes::is_token(token) && realm.scopes.contains_key(token)
}

impl GrantedScopes {
    /// Scopes that were checked before and stored with the grant.
    pub fn from_stored(stored: &Scopes) -> Self {
        Self { names: stored.filter(|name| name != "openid"), openid: stored.contains("openid") }
    }

    /// All names, `openid` first, as stored with the grant.
    pub fn to_stored(&self) -> Scopes {
        self.openid.then_some("openid").into_iter().chain(self.names.iter()).collect()
    }

    /// What the token's and the response's `scope` say.
    pub fn in_token(&self, realm: &Realm) -> Scopes {
        let shown = self.client_scopes(realm).filter(|scope| scope.in_token).map(|scope| scope.name.as_str());
        self.openid.then_some("openid").into_iter().chain(shown).collect()
    }

    /// The client scopes behind the names.
    pub fn client_scopes<'a>(&'a self, realm: &'a Realm) -> impl Iterator<Item = &'a ClientScope> {
        self.names.iter().filter_map(|name| realm.scopes.get(name))
    }

    /// Whether a token that outlives the session was asked for.
    pub fn offline(&self) -> bool {
        self.names.contains("offline_access")
    }
}
