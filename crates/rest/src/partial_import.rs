//! `partialImport`: there for who asks whether it is, with nothing to import.

use sekisho_core::access::AdminRoles;
use serde_json::{Map, Value, json};

use crate::call::RealmCall;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

/// What a document may bring.
const BROUGHT: &[&str] =
    &["clients", "groups", "identityProviders", "identityProviderMappers", "roles", "users"];

pub(crate) const ROUTES: &[Route] =
    &[route!(Post "/partialImport", AdminRoles::MANAGE_REALM, import; takes = Value; answers = Value)];

/// Realms are changed whole, by `realm apply` or by each resource: not half of a document.
async fn import(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let sent: Map<String, Value> = call.body()?;
    if BROUGHT.iter().filter_map(|name| sent.get(*name)).any(brings) {
        return Err(Problem::NotEnabled);
    }
    Reply::document(&json!({ "overwritten": 0, "added": 0, "skipped": 0, "results": [] }))
}

fn brings(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(members) => members.values().any(brings),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}
