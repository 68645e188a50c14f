//! `clients`: the clients of a realm.

use sekisho_admin::client;
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::ClientRepresentation;

use crate::call::RealmCall;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

const VIEW: AdminRoles = AdminRoles::VIEW_CLIENTS.and(AdminRoles::MANAGE_CLIENTS);
const QUERY: AdminRoles = VIEW.and(AdminRoles::QUERY_CLIENTS);
const MANAGE: AdminRoles = AdminRoles::MANAGE_CLIENTS;
const CREATE: AdminRoles = MANAGE.and(AdminRoles::CREATE_CLIENT);

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/clients", QUERY, list),
    route!(Post "/clients", CREATE, create),
    route!(Get "/clients/{client}", VIEW, find),
    route!(Put "/clients/{client}", MANAGE, update),
    route!(Delete "/clients/{client}", MANAGE, delete),
];

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    // Whoever may only ask for clients sees none.
    if !call.admin.permit.has(VIEW) {
        return Reply::document::<[ClientRepresentation; 0]>(&[]);
    }
    let named = call.query("clientId").map(str::to_owned);
    let filter = if call.is_on("search") {
        client::Filter { client_id: None, search: named }
    } else {
        client::Filter { client_id: named, search: None }
    };
    Reply::document(&call.paged(client::list(&call.admin, &filter).await?)?)
}

async fn create(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let id = client::create(&call.admin, call.body::<ClientRepresentation>()?).await?;
    Ok(Reply::created([call.admin.realm.name.as_str(), "clients", &id]))
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&client::find(&call.admin, call.part("client")).await?)
}

async fn update(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    client::update(&call.admin, call.part("client"), call.body()?).await?;
    Ok(Reply::NoContent)
}

async fn delete(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    client::delete(&call.admin, call.part("client")).await?;
    Ok(Reply::NoContent)
}
