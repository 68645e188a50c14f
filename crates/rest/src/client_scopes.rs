//! `client-scopes`, and which of them a client has and new clients get.

use sekisho_admin::client::scope;
use sekisho_admin::client_scope::{self, Kind};
use sekisho_protocol::keycloak::ClientScopeRepresentation;

use crate::call::RealmCall;
use crate::clients::{MANAGE, QUERY, VIEW};
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/client-scopes", QUERY, list; answers = Vec<ClientScopeRepresentation>),
    route!(Post "/client-scopes", MANAGE, create; takes = ClientScopeRepresentation; creates),
    route!(Get "/client-scopes/{scope}", VIEW, find; answers = ClientScopeRepresentation),
    route!(Put "/client-scopes/{scope}", MANAGE, update; takes = ClientScopeRepresentation),
    route!(Delete "/client-scopes/{scope}", MANAGE, delete; done),
    route!(
        Get "/default-default-client-scopes", VIEW, offered_default;
        answers = Vec<ClientScopeRepresentation>
    ),
    route!(Put "/default-default-client-scopes/{scope}", MANAGE, offer_default; done),
    route!(Delete "/default-default-client-scopes/{scope}", MANAGE, withhold_default; done),
    route!(
        Get "/default-optional-client-scopes", VIEW, offered_optional;
        answers = Vec<ClientScopeRepresentation>
    ),
    route!(Put "/default-optional-client-scopes/{scope}", MANAGE, offer_optional; done),
    route!(Delete "/default-optional-client-scopes/{scope}", MANAGE, withhold_optional; done),
    route!(
        Get "/clients/{client}/default-client-scopes", VIEW, default_of_client;
        answers = Vec<ClientScopeRepresentation>
    ),
    route!(Put "/clients/{client}/default-client-scopes/{scope}", MANAGE, assign_default; done),
    route!(Delete "/clients/{client}/default-client-scopes/{scope}", MANAGE, take_default; done),
    route!(
        Get "/clients/{client}/optional-client-scopes", VIEW, optional_of_client;
        answers = Vec<ClientScopeRepresentation>
    ),
    route!(Put "/clients/{client}/optional-client-scopes/{scope}", MANAGE, assign_optional; done),
    route!(Delete "/clients/{client}/optional-client-scopes/{scope}", MANAGE, take_optional; done),
];

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    // Whoever may only ask for clients sees none.
    if !call.admin.permit.has(VIEW) {
        return Reply::document::<[ClientScopeRepresentation; 0]>(&[]);
    }
    Reply::document(&client_scope::all(&call.admin).await?)
}

async fn create(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let id = client_scope::create(&call.admin, call.body::<ClientScopeRepresentation>()?).await?;
    let created = Reply::created([call.admin.realm.name.as_str(), "client-scopes", &id]);
    Ok(Reply::Uncached(Box::new(created)))
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&client_scope::find(&call.admin, call.part("scope")).await?)
}

async fn update(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    client_scope::update(&call.admin, call.part("scope"), call.body()?).await?;
    Ok(Reply::NoContent)
}

async fn delete(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    client_scope::delete(&call.admin, call.part("scope")).await?;
    Ok(Reply::NoContent)
}

async fn offered_default(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    offered(call, Kind::Default).await
}

async fn offered_optional(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    offered(call, Kind::Optional).await
}

/// Keycloak shows but their names here.
async fn offered(call: &RealmCall<'_>, kind: Kind) -> Result<Reply, Problem> {
    let scopes = client_scope::offered(&call.admin, kind).await?;
    Reply::document(&scopes.into_iter().map(brief).collect::<Vec<_>>())
}

async fn offer_default(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    offer(call, Kind::Default).await
}

async fn offer_optional(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    offer(call, Kind::Optional).await
}

async fn offer(call: &RealmCall<'_>, kind: Kind) -> Result<Reply, Problem> {
    client_scope::offer(&call.admin, call.part("scope"), kind).await?;
    Ok(Reply::NoContent)
}

async fn withhold_default(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    withhold(call, Kind::Default).await
}

async fn withhold_optional(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    withhold(call, Kind::Optional).await
}

async fn withhold(call: &RealmCall<'_>, kind: Kind) -> Result<Reply, Problem> {
    client_scope::withhold(&call.admin, call.part("scope"), kind).await?;
    Ok(Reply::NoContent)
}

async fn default_of_client(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    of_client(call, Kind::Default).await
}

async fn optional_of_client(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    of_client(call, Kind::Optional).await
}

async fn of_client(call: &RealmCall<'_>, kind: Kind) -> Result<Reply, Problem> {
    let scopes = scope::list(&call.admin, call.part("client"), kind).await?;
    Reply::document(&scopes.into_iter().map(brief).collect::<Vec<_>>())
}

async fn assign_default(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    assign(call, Kind::Default).await
}

async fn assign_optional(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    assign(call, Kind::Optional).await
}

async fn assign(call: &RealmCall<'_>, kind: Kind) -> Result<Reply, Problem> {
    scope::assign(&call.admin, call.part("client"), call.part("scope"), kind).await?;
    Ok(Reply::NoContent)
}

async fn take_default(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    take(call, Kind::Default).await
}

async fn take_optional(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    take(call, Kind::Optional).await
}

async fn take(call: &RealmCall<'_>, kind: Kind) -> Result<Reply, Problem> {
    scope::take_away(&call.admin, call.part("client"), call.part("scope"), kind).await?;
    Ok(Reply::NoContent)
}

fn brief(scope: ClientScopeRepresentation) -> ClientScopeRepresentation {
    let ClientScopeRepresentation { id, name, protocol, .. } = scope;
    ClientScopeRepresentation { id, name, protocol, ..Default::default() }
}
