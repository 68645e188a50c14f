//! `identity-provider/instances` and the mappers of each.

use sekisho_admin::identity_provider::{self, Detail, mapper};
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::{IdentityProviderMapperRepresentation, IdentityProviderRepresentation};

use crate::call::RealmCall;
use crate::contract::{BRIEF, FIRST, MAX, text};
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

const VIEW: AdminRoles = AdminRoles::VIEW_IDENTITY_PROVIDERS.and(AdminRoles::MANAGE_IDENTITY_PROVIDERS);
const MANAGE: AdminRoles = AdminRoles::MANAGE_IDENTITY_PROVIDERS;

pub(crate) const ROUTES: &[Route] = &[
    route!(
        Get "/identity-provider/instances", VIEW, list;
        query = [FIRST, MAX, BRIEF, text("search")]; answers = Vec<IdentityProviderRepresentation>
    ),
    route!(
        Post "/identity-provider/instances", MANAGE, create;
        takes = IdentityProviderRepresentation; creates
    ),
    route!(Get "/identity-provider/instances/{alias}", VIEW, find; answers = IdentityProviderRepresentation),
    route!(
        Put "/identity-provider/instances/{alias}", MANAGE, update;
        takes = IdentityProviderRepresentation
    ),
    route!(Delete "/identity-provider/instances/{alias}", MANAGE, delete; done),
    route!(
        Get "/identity-provider/instances/{alias}/mappers", VIEW, mappers;
        answers = Vec<IdentityProviderMapperRepresentation>
    ),
    route!(
        Post "/identity-provider/instances/{alias}/mappers", MANAGE, create_mapper;
        takes = IdentityProviderMapperRepresentation; creates
    ),
    route!(
        Get "/identity-provider/instances/{alias}/mappers/{mapper}", VIEW, find_mapper;
        answers = IdentityProviderMapperRepresentation
    ),
    route!(
        Put "/identity-provider/instances/{alias}/mappers/{mapper}", MANAGE, update_mapper;
        takes = IdentityProviderMapperRepresentation
    ),
    route!(Delete "/identity-provider/instances/{alias}/mappers/{mapper}", MANAGE, delete_mapper; done),
];

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let detail = if call.is_on("briefRepresentation") { Detail::Brief } else { Detail::Whole };
    let found = identity_provider::list(&call.admin, call.query("search"), detail).await?;
    Reply::document(&call.paged(found)?)
}

async fn create(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let alias = identity_provider::create(&call.admin, call.body()?).await?;
    let name = call.admin.realm.name.as_str();
    Ok(Reply::created([name, "identity-provider", "instances", &alias]))
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&identity_provider::find(&call.admin, call.part("alias")).await?)
}

async fn update(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    identity_provider::update(&call.admin, call.part("alias"), &call.body()?).await?;
    Ok(Reply::NoContent)
}

async fn delete(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    identity_provider::delete(&call.admin, call.part("alias")).await?;
    Ok(Reply::NoContent)
}

async fn mappers(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&mapper::list(&call.admin, call.part("alias")).await?)
}

async fn create_mapper(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let (realm, alias) = (call.admin.realm.name.as_str(), call.part("alias"));
    let id = mapper::create(&call.admin, alias, call.body()?).await?;
    Ok(Reply::created([realm, "identity-provider", "instances", alias, "mappers", &id]))
}

async fn find_mapper(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&mapper::find(&call.admin, call.part("alias"), call.part("mapper")).await?)
}

async fn update_mapper(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    mapper::update(&call.admin, call.part("alias"), call.part("mapper"), &call.body()?).await?;
    Ok(Reply::NoContent)
}

async fn delete_mapper(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    mapper::delete(&call.admin, call.part("alias"), call.part("mapper")).await?;
    Ok(Reply::NoContent)
}
