//! What is recorded of each success and each refusal: Keycloak's event types and details.

use sekisho_protocol::{Cause, Timestamp};
use uuid::Uuid;

/// Keycloak's event types, as far as something here raises them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventType {
    Login,
    Logout,
    CodeToToken,
    ClientLogin,
    RefreshToken,
    IntrospectToken,
    UserInfoRequest,
    GrantConsent,
    RevokeGrant,
    UserDisabledByTemporaryLockout,
    ClientInfo,
    ClientRegister,
    ClientUpdate,
    ClientDelete,
}

/// An event on its way to the log and, where the realm has events on, to the store. Holds no secret.
#[derive(Clone, Debug)]
pub struct EventRecord {
    pub id: Uuid,
    pub realm: Uuid,
    pub at: Timestamp,
    pub kind: EventType,
    /// Keycloak's word for the cause; `None` on success.
    pub error: Option<&'static str>,
    /// The cause itself, for the log.
    pub cause: Option<Cause>,
    pub client_id: Option<String>,
    pub user: Option<Uuid>,
    pub session: Option<Uuid>,
    pub ip_address: Option<String>,
    pub details: Vec<(&'static str, String)>,
    /// What the client policies were asked, without secrets: a changed policy can be tried on it.
    pub asked: Option<String>,
}

/// What an administrator did, for the store where the realm wants it. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminEventRecord {
    pub id: Uuid,
    pub realm: Uuid,
    pub at: Timestamp,
    pub operation: OperationType,
    /// Keycloak's word: `USER`, `REALM_ROLE_MAPPING`, …
    pub resource_type: String,
    /// Under the realm, without a slash before it.
    pub resource_path: String,
    /// The document that was sent, without its secrets, where the realm wants it.
    pub representation: Option<String>,
    pub error: Option<String>,
    pub actor: Actor,
    pub details: Vec<(String, String)>,
}

/// Who an administrator is, in the words that the realm's events show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    pub realm: Option<String>,
    pub client: Option<String>,
    pub user: Option<String>,
    pub ip_address: Option<String>,
}

/// Keycloak's operation types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationType {
    Create,
    Update,
    Delete,
    Action,
}

impl OperationType {
    /// As stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Action => "ACTION",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Create, Self::Update, Self::Delete, Self::Action]
            .into_iter()
            .find(|known| known.name() == name)
    }
}

impl EventType {
    /// The name of a success.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "LOGIN",
            Self::Logout => "LOGOUT",
            Self::CodeToToken => "CODE_TO_TOKEN",
            Self::ClientLogin => "CLIENT_LOGIN",
            Self::RefreshToken => "REFRESH_TOKEN",
            Self::IntrospectToken => "INTROSPECT_TOKEN",
            Self::UserInfoRequest => "USER_INFO_REQUEST",
            Self::GrantConsent => "GRANT_CONSENT",
            Self::RevokeGrant => "REVOKE_GRANT",
            Self::UserDisabledByTemporaryLockout => "USER_DISABLED_BY_TEMPORARY_LOCKOUT",
            Self::ClientInfo => "CLIENT_INFO",
            Self::ClientRegister => "CLIENT_REGISTER",
            Self::ClientUpdate => "CLIENT_UPDATE",
            Self::ClientDelete => "CLIENT_DELETE",
        }
    }

    /// Whether Keycloak stores the type when the realm names none.
    pub const fn on_by_default(self) -> bool {
        !matches!(self, Self::RefreshToken | Self::IntrospectToken | Self::UserInfoRequest | Self::ClientInfo)
    }
}

impl EventRecord {
    /// The type as stored: refusals end in `_ERROR`.
    pub fn type_name(&self) -> String {
        let suffix = if self.error.is_some() { "_ERROR" } else { "" };
        format!("{}{suffix}", self.kind.name())
    }

    /// Whether the realm's settings want this event stored.
    pub fn is_stored(&self, realm: &crate::Realm) -> bool {
        let settings = &realm.events;
        let named = settings.types.iter().any(|name| *name == self.type_name());
        settings.enabled && if settings.types.is_empty() { self.kind.on_by_default() } else { named }
    }
}
