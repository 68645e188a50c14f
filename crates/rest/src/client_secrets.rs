//! `client-secret`, `certificates` and `registration-access-token` of a client: what a client proves itself with.

use sekisho_admin::client::{certificate, registration, secret};

use crate::call::RealmCall;
use crate::clients::{MANAGE, VIEW};
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/clients/{client}/certificates/{prefix}", VIEW, find_certificate),
    route!(Post "/clients/{client}/certificates/{prefix}/generate", MANAGE, generate_certificate),
    route!(Get "/clients/{client}/client-secret", VIEW, find),
    route!(Post "/clients/{client}/client-secret", MANAGE, regenerate),
    route!(Get "/clients/{client}/client-secret/rotated", VIEW, rotated),
    route!(Delete "/clients/{client}/client-secret/rotated", MANAGE, forget_rotated),
    route!(Post "/clients/{client}/registration-access-token", MANAGE, registration_token),
];

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&secret::find(&call.admin, call.part("client")).await?)
}

async fn regenerate(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&secret::regenerate(&call.admin, call.part("client")).await?)
}

async fn rotated(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&secret::rotated(&call.admin, call.part("client")).await?)
}

async fn forget_rotated(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    secret::forget_rotated(&call.admin, call.part("client")).await?;
    Ok(Reply::NoContent)
}

async fn find_certificate(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&certificate::find(&call.admin, call.part("client"), call.part("prefix")).await?)
}

async fn generate_certificate(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&certificate::generate(&call.admin, call.part("client"), call.part("prefix")).await?)
}

async fn registration_token(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&registration::regenerate(&call.admin, call.part("client")).await?)
}
