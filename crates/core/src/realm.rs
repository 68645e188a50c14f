//! A realm as an immutable snapshot: settings, keys, scopes, roles, groups, resources and policies.

use std::collections::HashMap;

use sekisho_jose::algorithm::Algorithm;
use uuid::Uuid;

pub mod assemble;

use crate::client::complete::OfferedScopes;
use crate::client::registration_policy::RegistrationPolicies;
use crate::keys::RealmKeys;
use crate::policy::{Policies, SecurityProfile};
use crate::role::{Groups, Roles};
use crate::scope::ClientScope;
use crate::user_profile::UserProfile;

/// A realm. Loaded when first asked, replaced when its revision moves, never changed.
#[derive(Clone)]
pub struct Realm {
    pub id: Uuid,
    pub name: String,
    pub display_name: Option<String>,
    pub revision: i64,
    pub enabled: bool,
    /// The issuer identifier, from configuration and never from a request (attack 84).
    pub issuer: String,
    pub lifespans: Lifespans,
    pub tokens: TokenSettings,
    pub login: LoginSettings,
    pub users: UserSettings,
    pub lockout: LockoutSettings,
    pub events: EventSettings,
    /// Tokens issued before this time (seconds) are refused.
    pub not_before: i64,
    pub keys: RealmKeys,
    /// By name.
    pub scopes: HashMap<String, ClientScope>,
    pub roles: Roles,
    pub groups: Groups,
    /// Roles that tokens of a client may carry when its full scope is off, by `client_id`.
    pub client_role_mappings: HashMap<String, Vec<Uuid>>,
    pub resources: Vec<Resource>,
    pub policies: Policies,
    /// The server's or its own, whichever is stricter.
    pub security: SecurityProfile,
    /// Who may register clients, and which.
    pub registration_policies: RegistrationPolicies,
    /// Scopes that new clients get.
    pub offered_scopes: OfferedScopes,
    /// The role that every user has.
    pub default_role: Option<Uuid>,
}

/// Lives in seconds; Keycloak's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifespans {
    pub access_token: i64,
    pub access_code: i64,
    pub access_code_login: i64,
    pub access_code_user_action: i64,
    pub session_idle: i64,
    pub session_max: i64,
    pub session_idle_remember_me: i64,
    pub session_max_remember_me: i64,
    pub client_session_idle: i64,
    pub client_session_max: i64,
    pub offline_idle: i64,
    /// `None`: an offline session has no end of its own.
    pub offline_max: Option<i64>,
}

/// How tokens are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSettings {
    pub access_token_algorithm: Algorithm,
    pub id_token_algorithm: Algorithm,
    /// Rotate refresh tokens of every client, not only of public ones.
    pub revoke_refresh_token: bool,
    pub refresh_token_max_reuse: i64,
}

/// What the sign-in page offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginSettings {
    pub remember_me: bool,
    pub with_email: bool,
    pub duplicate_emails: bool,
    /// Keycloak's `passwordPolicy` text.
    pub password_policy: Option<String>,
    pub ssl_required: SslRequired,
    pub default_locale: Option<String>,
}

/// What users of the realm are.
#[derive(Clone, Debug, Default)]
pub struct UserSettings {
    pub profile: UserProfile,
    /// A user's address is the name.
    pub email_as_username: bool,
    /// Whether users may have accounts elsewhere that they sign in with.
    pub identity_providers: bool,
}

/// Which peers must come by HTTPS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslRequired {
    All,
    External,
    None,
}

/// Brute-force detection; Keycloak's settings, times in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockoutSettings {
    pub enabled: bool,
    pub permanent: bool,
    pub max_temporary_lockouts: i64,
    pub strategy: LockoutStrategy,
    pub failure_factor: i64,
    pub wait_increment: i64,
    pub max_wait: i64,
    pub minimum_quick_login_wait: i64,
    pub quick_login_check_milliseconds: i64,
    pub max_delta: i64,
}

/// How the wait grows with failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockoutStrategy {
    /// Each failure past the limit adds a step.
    Linear,
    /// Each full round of failures adds a step.
    Multiple,
}

/// What is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventSettings {
    pub enabled: bool,
    /// Seconds; 0 keeps them for ever.
    pub expiration: i64,
    /// Empty means all that are on by default.
    pub types: Vec<String>,
    /// Changes by administrators are recorded.
    pub admin: bool,
    /// With what was sent.
    pub admin_details: bool,
}

/// A protected resource that the realm knows (RFC 8707): a `resource` becomes an audience only if it is
/// one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    pub id: Uuid,
    pub uri: String,
    pub name: Option<String>,
    /// Scopes that name this resource's operations.
    pub scopes: Vec<String>,
}

impl Realm {
    /// The resource with exactly this URI (RFC 8707 §2: simple string comparison).
    pub fn resource(&self, uri: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.uri == uri)
    }

    /// The title pages show.
    pub fn title(&self) -> &str {
        self.display_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&self.name)
    }

    /// An address under the issuer.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }
}
