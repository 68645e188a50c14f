//! `scope-mappings` of clients and of client scopes.

use sekisho_admin::scope_mapping::{self, Holder, Of, Which};
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::{MappingsRepresentation, RoleRepresentation};

use crate::call::RealmCall;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

const VIEW: AdminRoles = AdminRoles::VIEW_CLIENTS.and(AdminRoles::MANAGE_CLIENTS);
const MANAGE: AdminRoles = AdminRoles::MANAGE_CLIENTS;

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/clients/{client}/scope-mappings", VIEW, all; answers = MappingsRepresentation),
    route!(Get "/clients/{client}/scope-mappings/realm", VIEW, mapped; answers = Vec<RoleRepresentation>),
    route!(Post "/clients/{client}/scope-mappings/realm", MANAGE, add; takes = Vec<RoleRepresentation>),
    route!(Delete "/clients/{client}/scope-mappings/realm", MANAGE, remove; takes = Vec<RoleRepresentation>),
    route!(
        Get "/clients/{client}/scope-mappings/realm/available", VIEW, available;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/clients/{client}/scope-mappings/realm/composite", VIEW, effective;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/clients/{client}/scope-mappings/clients/{owner}", VIEW, mapped;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Post "/clients/{client}/scope-mappings/clients/{owner}", MANAGE, add; takes = Vec<RoleRepresentation>
    ),
    route!(
        Delete "/clients/{client}/scope-mappings/clients/{owner}", MANAGE, remove;
        takes = Vec<RoleRepresentation>
    ),
    route!(
        Get "/clients/{client}/scope-mappings/clients/{owner}/available", VIEW, available;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/clients/{client}/scope-mappings/clients/{owner}/composite", VIEW, effective;
        answers = Vec<RoleRepresentation>
    ),
    route!(Get "/client-scopes/{scope}/scope-mappings", VIEW, all; answers = MappingsRepresentation),
    route!(
        Get "/client-scopes/{scope}/scope-mappings/realm", VIEW, mapped; answers = Vec<RoleRepresentation>
    ),
    route!(Post "/client-scopes/{scope}/scope-mappings/realm", MANAGE, add; takes = Vec<RoleRepresentation>),
    route!(
        Delete "/client-scopes/{scope}/scope-mappings/realm", MANAGE, remove; takes = Vec<RoleRepresentation>
    ),
    route!(
        Get "/client-scopes/{scope}/scope-mappings/realm/available", VIEW, available;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/client-scopes/{scope}/scope-mappings/realm/composite", VIEW, effective;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/client-scopes/{scope}/scope-mappings/clients/{owner}", VIEW, mapped;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Post "/client-scopes/{scope}/scope-mappings/clients/{owner}", MANAGE, add;
        takes = Vec<RoleRepresentation>
    ),
    route!(
        Delete "/client-scopes/{scope}/scope-mappings/clients/{owner}", MANAGE, remove;
        takes = Vec<RoleRepresentation>
    ),
    route!(
        Get "/client-scopes/{scope}/scope-mappings/clients/{owner}/available", VIEW, available;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/client-scopes/{scope}/scope-mappings/clients/{owner}/composite", VIEW, effective;
        answers = Vec<RoleRepresentation>
    ),
];

fn holder<'a>(call: &'a RealmCall<'_>) -> Holder<'a> {
    match call.path("scope") {
        Some(scope) => Holder::Scope(scope),
        None => Holder::Client(call.part("client")),
    }
}

fn of<'a>(call: &'a RealmCall<'_>) -> Of<'a> {
    call.path("owner").map_or(Of::Realm, Of::Client)
}

async fn all(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&scope_mapping::mappings(&call.admin, holder(call)).await?)
}

async fn listed(call: &RealmCall<'_>, which: Which) -> Result<Reply, Problem> {
    Reply::document(&scope_mapping::list(&call.admin, holder(call), of(call), which).await?)
}

async fn mapped(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    listed(call, Which::Mapped).await
}

async fn available(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    listed(call, Which::Available).await
}

async fn effective(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    listed(call, Which::Effective).await
}

async fn add(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let sent: Vec<RoleRepresentation> = call.body()?;
    scope_mapping::add(&call.admin, holder(call), of(call), &sent).await?;
    Ok(Reply::NoContent)
}

async fn remove(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let sent: Vec<RoleRepresentation> = call.body()?;
    scope_mapping::remove(&call.admin, holder(call), of(call), &sent).await?;
    Ok(Reply::NoContent)
}
