//! `role-mappings` of users and of groups.

use sekisho_admin::role_mapping::{self, Detail, Holder, Owner};
use sekisho_protocol::keycloak::{MappingsRepresentation, RoleRepresentation};

use crate::call::RealmCall;
use crate::contract::BRIEF;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};
use crate::users::{MANAGE, VIEW};

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/users/{user}/role-mappings", VIEW, all; answers = MappingsRepresentation),
    route!(Get "/users/{user}/role-mappings/realm", VIEW, given; answers = Vec<RoleRepresentation>),
    route!(Post "/users/{user}/role-mappings/realm", MANAGE, give; takes = Vec<RoleRepresentation>),
    route!(Delete "/users/{user}/role-mappings/realm", MANAGE, take; takes = Vec<RoleRepresentation>),
    route!(
        Get "/users/{user}/role-mappings/realm/available", VIEW, available;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/users/{user}/role-mappings/realm/composite", VIEW, effective;
        query = [BRIEF]; answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/users/{user}/role-mappings/clients/{client}", VIEW, given;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Post "/users/{user}/role-mappings/clients/{client}", MANAGE, give;
        takes = Vec<RoleRepresentation>
    ),
    route!(
        Delete "/users/{user}/role-mappings/clients/{client}", MANAGE, take;
        takes = Vec<RoleRepresentation>
    ),
    route!(
        Get "/users/{user}/role-mappings/clients/{client}/available", VIEW, available;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/users/{user}/role-mappings/clients/{client}/composite", VIEW, effective;
        query = [BRIEF]; answers = Vec<RoleRepresentation>
    ),
    route!(Get "/groups/{group}/role-mappings", VIEW, all; answers = MappingsRepresentation),
    route!(Get "/groups/{group}/role-mappings/realm", VIEW, given; answers = Vec<RoleRepresentation>),
    route!(Post "/groups/{group}/role-mappings/realm", MANAGE, give; takes = Vec<RoleRepresentation>),
    route!(Delete "/groups/{group}/role-mappings/realm", MANAGE, take; takes = Vec<RoleRepresentation>),
    route!(
        Get "/groups/{group}/role-mappings/realm/available", VIEW, available;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/groups/{group}/role-mappings/realm/composite", VIEW, effective;
        query = [BRIEF]; answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/groups/{group}/role-mappings/clients/{client}", VIEW, given;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Post "/groups/{group}/role-mappings/clients/{client}", MANAGE, give;
        takes = Vec<RoleRepresentation>
    ),
    route!(
        Delete "/groups/{group}/role-mappings/clients/{client}", MANAGE, take;
        takes = Vec<RoleRepresentation>
    ),
    route!(
        Get "/groups/{group}/role-mappings/clients/{client}/available", VIEW, available;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/groups/{group}/role-mappings/clients/{client}/composite", VIEW, effective;
        query = [BRIEF]; answers = Vec<RoleRepresentation>
    ),
];

fn holder<'a>(call: &'a RealmCall<'_>) -> Holder<'a> {
    match call.path("group") {
        Some(group) => Holder::Group(group),
        None => Holder::User(call.part("user")),
    }
}

fn owner<'a>(call: &'a RealmCall<'_>) -> Owner<'a> {
    call.path("client").map_or(Owner::Realm, Owner::Client)
}

async fn all(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&role_mapping::all(&call.admin, holder(call)).await?)
}

async fn given(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&role_mapping::given(&call.admin, holder(call), owner(call)).await?)
}

async fn available(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&role_mapping::available(&call.admin, holder(call), owner(call)).await?)
}

async fn effective(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let whole = call.switch("briefRepresentation") == Some(false);
    let detail = if whole { Detail::Whole } else { Detail::Brief };
    Reply::document(&role_mapping::effective(&call.admin, holder(call), owner(call), detail).await?)
}

async fn give(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let sent: Vec<RoleRepresentation> = call.body()?;
    role_mapping::give(&call.admin, holder(call), owner(call), &sent).await?;
    Ok(Reply::NoContent)
}

async fn take(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let sent: Option<Vec<RoleRepresentation>> = call.optional_body()?;
    role_mapping::take(&call.admin, holder(call), owner(call), sent.as_deref()).await?;
    Ok(Reply::NoContent)
}
