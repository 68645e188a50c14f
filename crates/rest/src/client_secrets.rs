//! `client-secret`, `certificates` and `registration-access-token` of a client: what a client proves itself with.

use sekisho_admin::client::{certificate, registration, secret};
use sekisho_protocol::keycloak::{CertificateRepresentation, ClientRepresentation, CredentialRepresentation};

use crate::call::RealmCall;
use crate::clients::{MANAGE, VIEW};
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

pub(crate) const ROUTES: &[Route] = &[
    route!(
        Get "/clients/{client}/certificates/{prefix}", VIEW, find_certificate;
        answers = CertificateRepresentation
    ),
    route!(
        Post "/clients/{client}/certificates/{prefix}/generate", MANAGE, generate_certificate;
        answers = CertificateRepresentation
    ),
    route!(Get "/clients/{client}/client-secret", VIEW, find; answers = CredentialRepresentation),
    route!(Post "/clients/{client}/client-secret", MANAGE, regenerate; answers = CredentialRepresentation),
    route!(Get "/clients/{client}/client-secret/rotated", VIEW, rotated; answers = CredentialRepresentation),
    route!(Delete "/clients/{client}/client-secret/rotated", MANAGE, forget_rotated; done),
    route!(
        Post "/clients/{client}/registration-access-token", MANAGE, registration_token;
        answers = ClientRepresentation
    ),
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
