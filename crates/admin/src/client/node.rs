//! Nodes of a client that were registered with it: kept for tools that ask for them, never called.

use std::collections::BTreeMap;

use sekisho_core::client::register::Draft;
use sekisho_core::event::OperationType;
use sekisho_protocol::keycloak::ClientRepresentation;

use super::{Found, change_client};
use crate::AdminError;
use crate::error::What;
use crate::permit::{Admin, Done};

/// Remembers a node.
pub async fn register(admin: &Admin<'_>, id: &str, node: &str) -> Result<(), AdminError> {
    let now = i32::try_from(admin.context.now().seconds()).unwrap_or(i32::MAX);
    change(admin, id, node, OperationType::Create, |nodes| {
        nodes.insert(node.to_owned(), now);
        Ok(())
    })
    .await
}

/// Forgets it.
pub async fn unregister(admin: &Admin<'_>, id: &str, node: &str) -> Result<(), AdminError> {
    change(admin, id, node, OperationType::Delete, |nodes| {
        nodes.remove(node).map(drop).ok_or(AdminError::NotFound(What::Node))
    })
    .await
}

async fn change(
    admin: &Admin<'_>,
    id: &str,
    node: &str,
    operation: OperationType,
    edit: impl Fn(&mut BTreeMap<String, i32>) -> Result<(), AdminError>,
) -> Result<(), AdminError> {
    let path = format!("clients/{id}/nodes/{node}");
    let done: Done<'_, ClientRepresentation> = Done { operation, resource: "CLUSTER_NODE", path, sent: None };
    let draft = |found: Found| {
        let mut nodes = found.document.registered_nodes.clone().unwrap_or_default();
        edit(&mut nodes)?;
        let nodes = (!nodes.is_empty()).then_some(nodes);
        let sent = ClientRepresentation { registered_nodes: nodes.clone(), ..Default::default() };
        let result = ClientRepresentation { registered_nodes: nodes, ..found.document };
        Ok(Draft::replace(found.client, sent, result))
    };
    change_client(admin, id, &done, draft).await.map(drop)
}
