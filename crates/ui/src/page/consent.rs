//! The page on which a person decides what a client may do as them.

use serde::Serialize;

use crate::render::Page;

/// Who asks, by which road, for what. Sent as Keycloak's consent form, plus one `scope` per ticked box.
#[derive(Serialize)]
pub struct ConsentPage {
    pub client: ClientIdentity,
    pub username: String,
    pub redirect: RedirectTarget,
    /// What the token will open; empty for a client that only signs people in.
    pub resources: Vec<ResourceLabel>,
    /// What the client always gets: shown without a box.
    pub required: Vec<ScopeChoice>,
    pub optional: Vec<ScopeChoice>,
    pub action: String,
    /// The hidden field `code`.
    pub code: String,
    /// Where to sign in as someone else.
    pub switch_account: Option<String>,
    /// Whether this person has allowed this client before.
    pub seen_before: bool,
}

impl Page for ConsentPage {
    const TEMPLATE: &'static str = "consent.html";
}

/// The client as it is known here. The page quotes the name itself where nobody vouches for it.
#[derive(Clone, Serialize)]
pub struct ClientIdentity {
    pub name: String,
    pub client_id: String,
    pub verified: Verification,
}

/// Who vouches for a client's name.
#[derive(Clone, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Verification {
    /// An administrator of the realm.
    Registered,
    /// A client ID metadata document on `host`.
    Document { host: String },
    /// Nobody: the client registered itself.
    Unverified,
}

/// Where the browser goes with the answer.
#[derive(Clone, Serialize)]
pub struct RedirectTarget {
    pub uri: String,
    /// Empty for a private-use scheme without one; the page then shows the URI.
    pub host: String,
    pub loopback: bool,
}

/// A server that takes the token.
#[derive(Clone, Serialize)]
pub struct ResourceLabel {
    pub name: String,
    pub uri: String,
    pub host: String,
}

/// One scope, in the words of the realm.
#[derive(Clone, Serialize)]
pub struct ScopeChoice {
    /// The scope as it is written in a token.
    pub name: String,
    pub text: String,
    /// One of Keycloak's own scopes whose words are ours, in both languages (`consent-scope`).
    pub known: Option<KnownScope>,
    pub description: Option<String>,
    pub kind: ScopeKind,
    pub checked: bool,
}

/// What a scope does, as its badge says it.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeKind {
    Reads,
    Acts,
    Irreversible,
    /// No badge.
    Plain,
}

/// A scope that every realm starts with.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownScope {
    Profile,
    Email,
    Address,
    Phone,
    Roles,
    OfflineAccess,
    Organization,
}

impl KnownScope {
    /// The scope that a message key of Keycloak's stands for, as `consent.screen.text` has it.
    pub fn of_message(key: &str) -> Option<Self> {
        Some(match key {
            "${profileScopeConsentText}" => Self::Profile,
            "${emailScopeConsentText}" => Self::Email,
            "${addressScopeConsentText}" => Self::Address,
            "${phoneScopeConsentText}" => Self::Phone,
            "${rolesScopeConsentText}" => Self::Roles,
            "${offlineAccessScopeConsentText}" => Self::OfflineAccess,
            "${organizationScopeConsentText}" => Self::Organization,
            _ => return None,
        })
    }
}
