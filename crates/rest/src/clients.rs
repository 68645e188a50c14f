//! `clients`: the clients of a realm, and what hangs on one and is small.

use std::collections::BTreeMap;

use sekisho_admin::Page;
use sekisho_admin::client::{self, account, node};
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::{ClientRepresentation, UserRepresentation};

use crate::call::RealmCall;
use crate::contract::{FIRST, MAX, Parameter, switch, text};
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

pub(crate) const VIEW: AdminRoles = AdminRoles::VIEW_CLIENTS.and(AdminRoles::MANAGE_CLIENTS);
pub(crate) const QUERY: AdminRoles = VIEW.and(AdminRoles::QUERY_CLIENTS);
pub(crate) const MANAGE: AdminRoles = AdminRoles::MANAGE_CLIENTS;

const CLIENTS: [Parameter; 5] = [FIRST, MAX, text("clientId"), switch("search"), text("q")];

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/clients", QUERY, list; query = CLIENTS; answers = Vec<ClientRepresentation>),
    // The role create-client is for registration.
    route!(Post "/clients", MANAGE, create; takes = ClientRepresentation; creates),
    route!(Get "/clients/{client}", VIEW, find; answers = ClientRepresentation),
    route!(Put "/clients/{client}", MANAGE, update; takes = ClientRepresentation),
    route!(Delete "/clients/{client}", MANAGE, delete; done),
    route!(Get "/clients/{client}/management/permissions", VIEW, permissions),
    route!(Put "/clients/{client}/management/permissions", MANAGE, permissions),
    route!(Post "/clients/{client}/nodes", MANAGE, register_node; takes = BTreeMap<String, String>),
    route!(Delete "/clients/{client}/nodes/{node}", MANAGE, unregister_node; done),
    route!(Get "/clients/{client}/service-account-user", VIEW, service_account; answers = UserRepresentation),
];

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    // Whoever may only ask for clients sees none.
    if !call.admin.permit.has(VIEW) {
        return Reply::document::<[ClientRepresentation; 0]>(&[]);
    }
    // Keycloak searches by attributes that its operator has allowed; none is allowed where nobody said so.
    let attributes: Vec<String> = call.attributes().into_iter().map(|(name, _)| name).collect();
    if !attributes.is_empty() {
        return Err(Problem::NotSearchable(attributes));
    }
    let named = call.query("clientId").map(str::to_owned);
    let (first, max) = call.page()?;
    let page = Page { first, max };
    let filter = if call.is_on("search") {
        client::Filter { client_id: None, search: named, page }
    } else {
        client::Filter { client_id: named, search: None, page }
    };
    let clients = client::list(&call.admin, &filter).await?;
    // One that is named is read by its name, not as a page.
    Reply::document(&if filter.client_id.is_some() { call.paged(clients)? } else { clients })
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
    Ok(Reply::Uncached(Box::new(Reply::NoContent)))
}

/// Permissions for each client by itself: Keycloak's old ones, which it has switched off.
async fn permissions(_: &RealmCall<'_>) -> Result<Reply, Problem> {
    Err(Problem::NotEnabled)
}

async fn register_node(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let sent: BTreeMap<String, String> = call.body()?;
    let name = sent.get("node").ok_or(Problem::NoNode)?;
    node::register(&call.admin, call.part("client"), name).await?;
    Ok(Reply::NoContent)
}

async fn unregister_node(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    node::unregister(&call.admin, call.part("client"), call.part("node")).await?;
    Ok(Reply::NoContent)
}

async fn service_account(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&account::find(&call.admin, call.part("client")).await?)
}
