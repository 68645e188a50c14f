//! What a file says of policies, clients and client scopes, beside what the realm has. Pure: what is compared is
//! what would be written, so that a change is shown exactly as it would be made.

mod check;
mod desired;
mod member;
mod merge;
mod policy;
pub mod reference;

use std::fmt;

use sekisho_core::client::complete;
use sekisho_core::policy::SecurityProfile;
use sekisho_protocol::keycloak::{
    ClientPoliciesRepresentation, ClientProfilesRepresentation, ClientRepresentation,
    ClientScopeRepresentation,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::AdminError;

use check::BuiltIn;
pub use desired::{Desired, ParseError, as_code, parse};
pub use member::{Difference, MemberChange, Secrecy};
pub(super) use policy::{changes as policy_changes, resulting};

/// The protocol of a scope or a mapper whose document names none.
const PROTOCOL: &str = complete::OPENID_CONNECT;

/// What a realm has of what a file may say.
#[derive(Clone, Default)]
pub struct Stored {
    /// The realm's name.
    pub realm: String,
    pub profiles: ClientProfilesRepresentation,
    pub policies: ClientPoliciesRepresentation,
    /// By name.
    pub scopes: Vec<ClientScopeRepresentation>,
    /// By `clientId`, with their secrets.
    pub clients: Vec<ClientRepresentation>,
}

/// What becomes of clients and scopes that a list of the file leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unnamed {
    Stay,
    /// They go, but for those that every realm has from the start.
    Go,
}

/// What happens to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Create,
    Update,
    Delete,
}

/// What it happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    ClientScope,
    ClientProfile,
    ClientPolicy,
    /// The list of policies, where only its order differs.
    ClientPolicies,
    Client,
}

/// One change of a realm. Holds no secret.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    pub kind: Kind,
    pub what: Subject,
    pub name: String,
    /// By name; none for what goes.
    pub members: Vec<MemberChange>,
}

/// Every change that makes the realm what the file says, in the order in which they work.
///
/// # Errors
/// What in the file cannot be, beside what the realm has.
pub fn compare(
    desired: &Desired,
    stored: &Stored,
    unnamed: Unnamed,
    security: SecurityProfile,
) -> Result<Vec<Change>, AdminError> {
    let (scopes, clients) = (values(&stored.scopes)?, values(&stored.clients)?);
    let (wanted_scopes, wanted_clients) =
        (values_of(desired.scopes.as_deref())?, values_of(desired.clients.as_deref())?);
    let mut changes = changed(Subject::ClientScope, wanted_scopes.as_deref(), &scopes)?;
    changes.extend(policy::changes(desired, stored, security)?);
    let of_clients = changed(Subject::Client, wanted_clients.as_deref(), &clients)?;
    check::administration(desired, stored, &of_clients)?;
    changes.extend(of_clients);
    let mut removed = Vec::new();
    if unnamed == Unnamed::Go {
        let built_in = BuiltIn::of(&stored.realm);
        removed.extend(left_out(Subject::Client, wanted_clients.as_deref(), &clients, &built_in));
        removed.extend(left_out(Subject::ClientScope, wanted_scopes.as_deref(), &scopes, &built_in));
    }
    check::scopes_of_clients(desired, stored, &removed)?;
    changes.extend(removed);
    Ok(changes)
}

/// What the file makes of one that is stored: members that it does not mention stay.
///
/// # Errors
/// A defect: a document that cannot be written.
pub(super) fn applied<T: Serialize + DeserializeOwned>(desired: &T, stored: &T) -> Result<T, AdminError> {
    let merged = merge::merge(&value(stored)?, &value(desired)?);
    serde_json::from_value(merged).map_err(|_| AdminError::Unwritable("document"))
}

/// Which members differ.
///
/// # Errors
/// A defect: a document that cannot be written.
pub(super) fn differences<T: Serialize>(before: &T, after: &T) -> Result<Vec<MemberChange>, AdminError> {
    Ok(member::differences(&value(before)?, &value(after)?))
}

fn changed(what: Subject, wanted: Option<&[Value]>, stored: &[Value]) -> Result<Vec<Change>, AdminError> {
    let mut changes = Vec::new();
    for (index, document) in wanted.into_iter().flatten().enumerate() {
        let name = name_of(what, document);
        let found = stored.iter().find(|known| name_of(what, known) == name);
        check::id(what, index, document, found, stored)?;
        let before = found.cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        let after = merge::merge(&before, document);
        check::mappers(what, index, &before, &after)?;
        if what == Subject::Client {
            check::secret(index, document, &after)?;
        }
        changes.extend(change(what, found, &after));
    }
    Ok(changes)
}

/// What makes one the other, or makes it; `None` where nothing differs.
fn change(what: Subject, before: Option<&Value>, after: &Value) -> Option<Change> {
    let name = name_of(what, after).to_owned();
    let mut members = member::differences(before.unwrap_or(&Value::Null), after);
    let kind = if before.is_some() { Kind::Update } else { Kind::Create };
    if kind == Kind::Create {
        // It is the name of the change already.
        members.retain(|change| change.member != name_member(what));
    }
    (kind == Kind::Create || !members.is_empty()).then_some(Change { kind, what, name, members })
}

fn left_out(what: Subject, wanted: Option<&[Value]>, stored: &[Value], built_in: &BuiltIn) -> Vec<Change> {
    let Some(wanted) = wanted else { return Vec::new() };
    let is_named = |name: &str| wanted.iter().any(|document| name_of(what, document) == name);
    let names = stored.iter().map(|document| name_of(what, document));
    let gone = names.filter(|name| !is_named(name) && !built_in.has(what, name));
    gone.map(|name| Change { kind: Kind::Delete, what, name: name.to_owned(), members: Vec::new() }).collect()
}

const fn name_member(what: Subject) -> &'static str {
    if matches!(what, Subject::Client) { "clientId" } else { "name" }
}

fn name_of(what: Subject, document: &Value) -> &str {
    document.get(name_member(what)).and_then(Value::as_str).unwrap_or_default()
}

fn value<T: Serialize>(document: &T) -> Result<Value, AdminError> {
    serde_json::to_value(document).map_err(|_| AdminError::Unwritable("document"))
}

fn values<T: Serialize>(documents: &[T]) -> Result<Vec<Value>, AdminError> {
    documents.iter().map(value).collect()
}

fn values_of<T: Serialize>(documents: Option<&[T]>) -> Result<Option<Vec<Value>>, AdminError> {
    documents.map(values).transpose()
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientScope => "client scope",
            Self::ClientProfile => "client profile",
            Self::ClientPolicy => "client policy",
            Self::ClientPolicies => "client policies",
            Self::Client => "client",
        })
    }
}
