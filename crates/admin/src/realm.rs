//! Realms as a whole: Keycloak's realm JSON in and out.

pub mod apply;
mod check;
pub mod diff;
mod document;
mod export;
mod export_keys;
mod export_users;
mod import;
pub(crate) mod keys;
mod master;
pub(crate) mod names;
mod partial;
pub(crate) mod plan;
mod policy;
mod review;
pub mod settings;
mod update;
pub(crate) mod user;

use uuid::Uuid;

use crate::{AdminError, Context};

pub use export::{ExportOptions, export};
pub use import::{create, import};
pub use master::{Administrator, Bootstrapped, FirstAdministrator, bootstrap_master};
pub use partial::{Parts, partial_export};
pub use review::{Finding, review};
pub(crate) use update::forbidden_in_name;
pub use update::update;

/// What to do when a realm of that name is there already. One whose import never ended is not: it is
/// cleared away and imported anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IfExists {
    /// It stays as it is; nothing is imported.
    Skip,
    #[default]
    Refuse,
    /// It goes, with its sessions, grants and events, and the new one takes its place.
    Overwrite,
}

/// How a realm is imported.
#[derive(Clone, Default)]
pub struct ImportOptions {
    pub if_exists: IfExists,
    /// What a realm signs with that brings no keys of its own.
    pub new_keys: NewKeys,
    /// Protected resources beside those that the document names.
    pub resources: Vec<NewResource>,
    pub policy: StartingPolicy,
}

/// What a realm signs with that brings no keys of its own (DESIGN §5.10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NewKeys {
    /// One key, of the realm's `defaultSignatureAlgorithm`.
    #[default]
    AsKeycloak,
    /// Beside that one ES256, for access tokens.
    Ours,
}

/// The client policy of a realm that brings none of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartingPolicy {
    #[default]
    None,
    /// OAuth 2.1 for every client that is made in it; the built-in ones keep what tools need of them.
    Oauth21,
}

/// A protected resource that a realm shall know (RFC 8707).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewResource {
    pub uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

/// What became of an import.
#[derive(Debug)]
pub struct Imported {
    pub realm: Uuid,
    pub outcome: ImportOutcome,
    /// What was taken over but does not work as it may be expected to.
    pub warnings: Vec<Warning>,
}

/// Whether a realm is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportOutcome {
    Created,
    Replaced,
    /// It was there and was left alone.
    Skipped,
}

/// Something that was taken over but does not work as it may be expected to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    #[error("key provider {name:?} ({provider}) is kept, but its keys are not used")]
    KeysNotUsed { name: String, provider: String },
    /// As in Keycloak, it is the required action that asks for another one, not the mark.
    #[error(
        "the password of user {0:?} is marked temporary, but without the action UPDATE_PASSWORD it stays good"
    )]
    TemporaryPassword(String),
    #[error("{0} is kept, but not enforced yet")]
    SettingNotEnforced(&'static str),
    #[error("password policy {0} is kept, but not enforced yet")]
    PasswordPolicyNotEnforced(&'static str),
}

/// The names of all realms.
pub async fn names(context: &Context<'_>) -> Result<Vec<String>, AdminError> {
    Ok(context.store.realm_names().await?)
}

impl ImportOptions {
    /// For realms made by console, command line and demo.
    pub fn ours() -> Self {
        Self { new_keys: NewKeys::Ours, policy: StartingPolicy::Oauth21, ..Self::default() }
    }
}
