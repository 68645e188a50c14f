//! A client's document changed whole: its mappers and its lists of scopes too.

use sekisho_core::client::register::Draft;
use sekisho_core::event::OperationType;
use sekisho_core::work::Guard;
use sekisho_protocol::keycloak::ClientRepresentation;

use super::{Change, attempt, check_flows, load};
use crate::AdminError;
use crate::client_scope::Scopes;
use crate::error::What;
use crate::permit::{Admin, Done, TRIES};
use crate::protocol_mapper;

/// Puts what `change` makes of the client's document in its place; policies are told that `sent` was sent. Scopes
/// that are given must still be the realm's when that is written.
pub(crate) async fn replace(
    admin: &Admin<'_>,
    id: &str,
    sent: &ClientRepresentation,
    change: impl Fn(&ClientRepresentation) -> Result<ClientRepresentation, AdminError>,
) -> Result<(), AdminError> {
    check_flows(admin, sent).await?;
    let done = Done {
        operation: OperationType::Update,
        resource: "CLIENT",
        path: format!("clients/{id}"),
        sent: Some(sent),
    };
    for _ in 0..TRIES {
        let scopes = Scopes::load(admin).await?;
        let found = load(admin, id).await?;
        let mut result = change(&found.document)?;
        protocol_mapper::identify(admin, result.protocol_mappers.as_mut());
        let lists = |client: &ClientRepresentation| {
            (client.default_client_scopes.clone(), client.optional_client_scopes.clone())
        };
        let (default, optional) = lists(&result);
        let also = if lists(&found.document) == lists(&result) {
            None
        } else {
            if !default.iter().chain(&optional).flatten().all(|name| scopes.has(name)) {
                return Err(AdminError::NotFound(What::AssignedScope));
            }
            Some(Guard::MoveRealmFrom { realm: admin.realm.id, revision: scopes.revision() })
        };
        let change =
            Change::of(found, also, |found| Ok(Draft::replace(found.client, sent.clone(), result.clone())))?;
        if attempt(admin, change, &done).await?.is_some() {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}
