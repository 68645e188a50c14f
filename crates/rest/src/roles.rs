//! `roles` of the realm, `clients/{client}/roles` and `roles-by-id`.

use sekisho_admin::Page;
use sekisho_admin::role::{self, At, Of};
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::{GroupRepresentation, RoleRepresentation, UserRepresentation};

use crate::call::RealmCall;
use crate::contract::{BRIEF, FIRST, MAX, Parameter, text};
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

const VIEW: AdminRoles = AdminRoles::VIEW_REALM.and(AdminRoles::MANAGE_REALM);
/// Whoever maps what another provider says of a user to roles chooses among them.
const LIST: AdminRoles = VIEW.and(AdminRoles::MANAGE_IDENTITY_PROVIDERS);
const MANAGE: AdminRoles = AdminRoles::MANAGE_REALM;
const VIEW_OF_CLIENT: AdminRoles = AdminRoles::VIEW_CLIENTS.and(AdminRoles::MANAGE_CLIENTS);
const MANAGE_OF_CLIENT: AdminRoles = AdminRoles::MANAGE_CLIENTS;
/// Whose a role is says what more is needed, see [`sekisho_admin::role`].
const VIEW_ANY: AdminRoles = VIEW.and(VIEW_OF_CLIENT);
const MANAGE_ANY: AdminRoles = MANAGE.and(MANAGE_OF_CLIENT);

/// How many users come where nothing is said.
const DEFAULT_USERS: i64 = 100;

const ROLES: [Parameter; 4] = [FIRST, MAX, text("search"), BRIEF];

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/roles", LIST, list; query = ROLES; answers = Vec<RoleRepresentation>),
    route!(Post "/roles", MANAGE, create; takes = RoleRepresentation; creates),
    route!(Get "/roles/{role}", VIEW, find; answers = RoleRepresentation),
    route!(Put "/roles/{role}", MANAGE, update; takes = RoleRepresentation),
    route!(Delete "/roles/{role}", MANAGE, delete; done),
    route!(Get "/roles/{role}/composites", VIEW, composites; answers = Vec<RoleRepresentation>),
    route!(Post "/roles/{role}/composites", MANAGE, contain; takes = Vec<RoleRepresentation>),
    route!(Delete "/roles/{role}/composites", MANAGE, release; takes = Vec<RoleRepresentation>),
    route!(
        Get "/roles/{role}/composites/realm", VIEW, composites_of_realm; answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/roles/{role}/composites/clients/{owner}", VIEW, composites_of_client;
        answers = Vec<RoleRepresentation>
    ),
    route!(Get "/roles/{role}/users", VIEW, users; query = [FIRST, MAX, BRIEF]; answers = Vec<UserRepresentation>),
    route!(Get "/roles/{role}/groups", VIEW, groups; query = [FIRST, MAX]; answers = Vec<GroupRepresentation>),
    route!(
        Get "/clients/{client}/roles", VIEW_OF_CLIENT, list; query = ROLES; answers = Vec<RoleRepresentation>
    ),
    route!(Post "/clients/{client}/roles", MANAGE_OF_CLIENT, create; takes = RoleRepresentation; creates),
    route!(Get "/clients/{client}/roles/{role}", VIEW_OF_CLIENT, find; answers = RoleRepresentation),
    route!(Put "/clients/{client}/roles/{role}", MANAGE_OF_CLIENT, update; takes = RoleRepresentation),
    route!(Delete "/clients/{client}/roles/{role}", MANAGE_OF_CLIENT, delete; done),
    route!(
        Get "/clients/{client}/roles/{role}/composites", VIEW_OF_CLIENT, composites;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Post "/clients/{client}/roles/{role}/composites", MANAGE_OF_CLIENT, contain;
        takes = Vec<RoleRepresentation>
    ),
    route!(
        Delete "/clients/{client}/roles/{role}/composites", MANAGE_OF_CLIENT, release;
        takes = Vec<RoleRepresentation>
    ),
    route!(
        Get "/clients/{client}/roles/{role}/composites/realm", VIEW_OF_CLIENT, composites_of_realm;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/clients/{client}/roles/{role}/composites/clients/{owner}", VIEW_OF_CLIENT, composites_of_client;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/clients/{client}/roles/{role}/users", VIEW_OF_CLIENT, users;
        query = [FIRST, MAX, BRIEF]; answers = Vec<UserRepresentation>
    ),
    route!(
        Get "/clients/{client}/roles/{role}/groups", VIEW_OF_CLIENT, groups;
        query = [FIRST, MAX]; answers = Vec<GroupRepresentation>
    ),
    route!(Get "/roles-by-id/{id}", VIEW_ANY, find; answers = RoleRepresentation),
    route!(Put "/roles-by-id/{id}", MANAGE_ANY, update; takes = RoleRepresentation),
    route!(Delete "/roles-by-id/{id}", MANAGE_ANY, delete; done),
    route!(Get "/roles-by-id/{id}/composites", VIEW_ANY, composites; answers = Vec<RoleRepresentation>),
    route!(Post "/roles-by-id/{id}/composites", MANAGE_ANY, contain; takes = Vec<RoleRepresentation>),
    route!(Delete "/roles-by-id/{id}/composites", MANAGE_ANY, release; takes = Vec<RoleRepresentation>),
    route!(
        Get "/roles-by-id/{id}/composites/realm", VIEW_ANY, composites_of_realm;
        answers = Vec<RoleRepresentation>
    ),
    route!(
        Get "/roles-by-id/{id}/composites/clients/{owner}", VIEW_ANY, composites_of_client;
        answers = Vec<RoleRepresentation>
    ),
];

fn at<'a>(call: &'a RealmCall<'_>) -> At<'a> {
    match call.path("id") {
        Some(id) => At::Id(id),
        None => At::Name { client: call.path("client"), name: call.part("role") },
    }
}

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let roles = role::list(&call.admin, call.path("client"), call.query("search")).await?;
    let mut roles = call.paged(roles)?;
    if call.switch("briefRepresentation").unwrap_or(true) {
        roles = roles.into_iter().map(role::brief).collect();
    }
    Reply::document(&roles)
}

async fn create(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let client = call.path("client");
    let name = role::create(&call.admin, client, call.body()?).await?;
    let (realm, name) = (call.admin.realm.name.as_str(), Some(name.as_str()).filter(|name| !name.is_empty()));
    let container = client.map_or_else(|| vec![realm], |client| vec![realm, "clients", client]);
    Ok(Reply::created(container.into_iter().chain(["roles"]).chain(name)))
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&role::find(&call.admin, at(call)).await?)
}

async fn update(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    role::update(&call.admin, at(call), call.body()?).await?;
    Ok(Reply::NoContent)
}

async fn delete(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    role::delete(&call.admin, at(call)).await?;
    Ok(Reply::NoContent)
}

async fn composites(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&role::composites(&call.admin, at(call), Of::Anybody).await?)
}

async fn composites_of_realm(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&role::composites(&call.admin, at(call), Of::Realm).await?)
}

async fn composites_of_client(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&role::composites(&call.admin, at(call), Of::Client(call.part("owner"))).await?)
}

async fn contain(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    role::contain(&call.admin, at(call), &call.body::<Vec<RoleRepresentation>>()?).await?;
    Ok(Reply::NoContent)
}

async fn release(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    role::release(&call.admin, at(call), &call.body::<Vec<RoleRepresentation>>()?).await?;
    Ok(Reply::NoContent)
}

async fn users(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let (first, max) = call.page()?;
    let max = Some(max.unwrap_or(DEFAULT_USERS));
    let users = role::users(&call.admin, at(call), Page { first, max }).await?;
    let brief = |user: UserRepresentation| UserRepresentation { attributes: None, ..user };
    if call.switch("briefRepresentation").unwrap_or(true) {
        return Reply::document(&users.into_iter().map(brief).collect::<Vec<_>>());
    }
    Reply::document(&users)
}

async fn groups(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&call.paged(role::groups(&call.admin, at(call)).await?)?)
}
