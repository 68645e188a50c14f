//! `localization`: a realm's own texts.

use std::collections::BTreeMap;

use sekisho_admin::localization;
use sekisho_core::access::AdminRoles;

use crate::call::RealmCall;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

/// Whoever administers anything: pages of administration are worded with them.
const VIEW: AdminRoles = crate::realms::SEE;
const MANAGE: AdminRoles = AdminRoles::MANAGE_REALM;

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/localization", VIEW, languages; answers = Vec<String>),
    route!(Get "/localization/{language}", VIEW, texts; answers = BTreeMap<String, String>),
    route!(Post "/localization/{language}", MANAGE, save_all; takes = BTreeMap<String, String>),
    route!(Delete "/localization/{language}", MANAGE, remove_language; done),
    route!(Get "/localization/{language}/{key}", VIEW, find; answers = String),
    route!(Put "/localization/{language}/{key}", MANAGE, save; takes = String),
    route!(Delete "/localization/{language}/{key}", MANAGE, remove; done),
];

async fn languages(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&localization::languages(&call.admin).await?)
}

async fn texts(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&localization::texts(&call.admin, call.part("language")).await?)
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Ok(Reply::Text(localization::find(&call.admin, call.part("language"), call.part("key")).await?))
}

async fn save(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let texts = BTreeMap::from([(call.part("key").to_owned(), call.plain_text()?)]);
    localization::save(&call.admin, call.part("language"), &texts).await?;
    Ok(Reply::NoContent)
}

async fn save_all(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    localization::save(&call.admin, call.part("language"), &call.body()?).await?;
    Ok(Reply::NoContent)
}

async fn remove(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    localization::remove(&call.admin, call.part("language"), call.part("key")).await?;
    Ok(Reply::NoContent)
}

async fn remove_language(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    localization::remove_language(&call.admin, call.part("language")).await?;
    Ok(Reply::NoContent)
}
