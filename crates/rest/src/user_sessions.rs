//! Sessions of users, what they agreed to, and their failures to sign in.

use sekisho_admin::{attempt, consent, session};
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::{UserConsentRepresentation, UserSessionRepresentation};
use serde_json::{Value, json};

use crate::call::RealmCall;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};
use crate::users::{MANAGE, VIEW};

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/users/{user}/sessions", VIEW, list; answers = Vec<UserSessionRepresentation>),
    route!(
        Get "/users/{user}/offline-sessions/{client}", VIEW, offline;
        answers = Vec<UserSessionRepresentation>
    ),
    route!(Post "/users/{user}/logout", MANAGE, log_out; done),
    route!(Delete "/sessions/{session}", MANAGE, end; done),
    route!(Post "/logout-all", MANAGE, end_all; answers = Value),
    route!(Post "/push-revocation", AdminRoles::MANAGE_REALM, push_revocation; answers = Value),
    route!(Get "/users/{user}/consents", VIEW, consents; answers = Vec<UserConsentRepresentation>),
    route!(Delete "/users/{user}/consents/{client}", MANAGE, revoke_consent; done),
    route!(Get "/attack-detection/brute-force/users/{user}", VIEW, attempts; answers = Value),
    route!(Delete "/attack-detection/brute-force/users/{user}", MANAGE, forgive; done),
    route!(Delete "/attack-detection/brute-force/users", MANAGE, forgive_all; done),
];

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&session::of_user(&call.admin, call.part("user")).await?)
}

async fn offline(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&session::offline(&call.admin, call.part("user"), call.part("client")).await?)
}

async fn log_out(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    session::log_out(&call.admin, call.part("user")).await?;
    Ok(Reply::NoContent)
}

async fn end(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    session::end(&call.admin, call.part("session")).await?;
    Ok(Reply::NoContent)
}

async fn end_all(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    session::end_all(&call.admin).await?;
    Reply::document(&json!({}))
}

async fn push_revocation(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    session::push_revocation(&call.admin).await?;
    Reply::document(&json!({}))
}

async fn consents(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&consent::list(&call.admin, call.part("user")).await?)
}

async fn revoke_consent(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    consent::revoke(&call.admin, call.part("user"), call.part("client")).await?;
    Ok(Reply::NoContent)
}

async fn attempts(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&attempt::of_user(&call.admin, call.part("user")).await?)
}

async fn forgive(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    attempt::forgive(&call.admin, call.part("user")).await?;
    Ok(Reply::NoContent)
}

async fn forgive_all(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    attempt::forgive_all(&call.admin).await?;
    Ok(Reply::NoContent)
}
