//! Sessions of a client, and how many each client has.

use std::collections::BTreeMap;

use sekisho_admin::Page;
use sekisho_admin::client::session::{self, Stats};
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::UserSessionRepresentation;
use serde_json::{Value, json};

use crate::call::RealmCall;
use crate::clients::VIEW;
use crate::contract::{FIRST, MAX};
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

const VIEW_REALM: AdminRoles = AdminRoles::VIEW_REALM.and(AdminRoles::MANAGE_REALM);
/// How many sessions come when nobody says how many.
const PAGE: i64 = 100;

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/client-session-stats", VIEW_REALM, stats; answers = Vec<BTreeMap<String, String>>),
    route!(
        Get "/clients/{client}/offline-session-count", VIEW, offline_count;
        answers = BTreeMap<String, i64>
    ),
    route!(
        Get "/clients/{client}/offline-sessions", VIEW, offline;
        query = [FIRST, MAX]; answers = Vec<UserSessionRepresentation>
    ),
    route!(Get "/clients/{client}/session-count", VIEW, count; answers = BTreeMap<String, i64>),
    route!(
        Get "/clients/{client}/user-sessions", VIEW, list;
        query = [FIRST, MAX]; answers = Vec<UserSessionRepresentation>
    ),
];

/// Keycloak writes these numbers as texts.
async fn stats(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let written = |of: &Stats| {
        let (active, offline) = (of.active.to_string(), of.offline.to_string());
        json!({ "id": of.id, "clientId": of.client_id, "active": active, "offline": offline })
    };
    let stats = session::stats(&call.admin).await?;
    Ok(Reply::Document(stats.iter().map(written).collect::<Value>()))
}

async fn count(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let count = session::count(&call.admin, call.part("client")).await?;
    Ok(Reply::Document(json!({ "count": count })))
}

async fn offline_count(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let count = session::offline_count(&call.admin, call.part("client")).await?;
    Ok(Reply::Document(json!({ "count": count })))
}

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&session::list(&call.admin, call.part("client"), page(call)?).await?)
}

async fn offline(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&session::offline(&call.admin, call.part("client"), page(call)?).await?)
}

fn page(call: &RealmCall<'_>) -> Result<Page, Problem> {
    let (first, max) = call.page()?;
    Ok(Page { first, max: max.or(Some(PAGE)) })
}
