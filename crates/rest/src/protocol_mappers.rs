//! `protocol-mappers` of clients and of client scopes.

use sekisho_admin::protocol_mapper::{self, Owner};
use sekisho_protocol::keycloak::ProtocolMapperRepresentation;

use crate::call::RealmCall;
use crate::clients::{MANAGE, VIEW};
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

pub(crate) const ROUTES: &[Route] = &[
    route!(
        Post "/clients/{client}/protocol-mappers/add-models", MANAGE, add;
        takes = Vec<ProtocolMapperRepresentation>
    ),
    route!(
        Get "/clients/{client}/protocol-mappers/models", VIEW, list;
        answers = Vec<ProtocolMapperRepresentation>
    ),
    route!(
        Post "/clients/{client}/protocol-mappers/models", MANAGE, create;
        takes = ProtocolMapperRepresentation; creates
    ),
    route!(
        Get "/clients/{client}/protocol-mappers/models/{mapper}", VIEW, find;
        answers = ProtocolMapperRepresentation
    ),
    route!(
        Put "/clients/{client}/protocol-mappers/models/{mapper}", MANAGE, update;
        takes = ProtocolMapperRepresentation
    ),
    route!(Delete "/clients/{client}/protocol-mappers/models/{mapper}", MANAGE, delete; done),
    route!(
        Get "/clients/{client}/protocol-mappers/protocol/{protocol}", VIEW, of_protocol;
        answers = Vec<ProtocolMapperRepresentation>
    ),
    route!(
        Post "/client-scopes/{scope}/protocol-mappers/add-models", MANAGE, add;
        takes = Vec<ProtocolMapperRepresentation>
    ),
    route!(
        Get "/client-scopes/{scope}/protocol-mappers/models", VIEW, list;
        answers = Vec<ProtocolMapperRepresentation>
    ),
    route!(
        Post "/client-scopes/{scope}/protocol-mappers/models", MANAGE, create;
        takes = ProtocolMapperRepresentation; creates
    ),
    route!(
        Get "/client-scopes/{scope}/protocol-mappers/models/{mapper}", VIEW, find;
        answers = ProtocolMapperRepresentation
    ),
    route!(
        Put "/client-scopes/{scope}/protocol-mappers/models/{mapper}", MANAGE, update;
        takes = ProtocolMapperRepresentation
    ),
    route!(Delete "/client-scopes/{scope}/protocol-mappers/models/{mapper}", MANAGE, delete; done),
    route!(
        Get "/client-scopes/{scope}/protocol-mappers/protocol/{protocol}", VIEW, of_protocol;
        answers = Vec<ProtocolMapperRepresentation>
    ),
];

/// Whose mappers the path names.
fn owner<'c>(call: &'c RealmCall<'_>) -> Owner<'c> {
    match call.path("client") {
        Some(client) => Owner::Client(client),
        None => Owner::Scope(call.part("scope")),
    }
}

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&protocol_mapper::list(&call.admin, owner(call)).await?)
}

async fn of_protocol(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let mut mappers = protocol_mapper::list(&call.admin, owner(call)).await?;
    mappers.retain(|mapper| mapper.protocol.as_deref() == Some(call.part("protocol")));
    Reply::document(&mappers)
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&protocol_mapper::find(&call.admin, owner(call), call.part("mapper")).await?)
}

async fn create(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let sent: ProtocolMapperRepresentation = call.body()?;
    let id = protocol_mapper::create(&call.admin, owner(call), sent).await?;
    let (list, owner) = match owner(call) {
        Owner::Client(client) => ("clients", client),
        Owner::Scope(scope) => ("client-scopes", scope),
    };
    let realm = call.admin.realm.name.as_str();
    let created = Reply::created([realm, list, owner, "protocol-mappers", "models", &id]);
    Ok(Reply::Uncached(Box::new(created)))
}

async fn add(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    protocol_mapper::add(&call.admin, owner(call), call.body()?).await?;
    Ok(Reply::NoContent)
}

async fn update(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    protocol_mapper::update(&call.admin, owner(call), call.part("mapper"), call.body()?).await?;
    Ok(Reply::NoContent)
}

async fn delete(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    protocol_mapper::delete(&call.admin, owner(call), call.part("mapper")).await?;
    Ok(Reply::NoContent)
}
