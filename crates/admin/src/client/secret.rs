//! The secret of a client, and the one that it had before and that is good for a while.

use sekisho_core::client::complete::fresh_secret;
use sekisho_core::client::register::Draft;
use sekisho_core::event::OperationType;
use sekisho_protocol::keycloak::{ClientRepresentation, CredentialRepresentation, Sensitive};

use super::{Found, change_client, load, look, seen};
use crate::AdminError;
use crate::error::What;
use crate::permit::{Admin, Done};

/// The secret that was good before the last rotation; Keycloak's attribute.
const ROTATED: &str = "client.secret.rotated";
/// What is known of it.
const ABOUT_ROTATED: &[&str] =
    &[ROTATED, "client.secret.rotated.creation.time", "client.secret.rotated.expiration.time"];

/// The client's secret, where it has one.
pub async fn find(admin: &Admin<'_>, id: &str) -> Result<CredentialRepresentation, AdminError> {
    let document = seen(admin, look(admin, id).await?).await?;
    Ok(credential(document.secret))
}

/// Gives the client a new secret and answers it. A client that needs none gets none.
pub async fn regenerate(admin: &Admin<'_>, id: &str) -> Result<CredentialRepresentation, AdminError> {
    let done = Done {
        operation: OperationType::Action,
        resource: "CLIENT",
        path: format!("clients/{id}/client-secret"),
        sent: Some(&credential(None)),
    };
    let draft = |found: Found| {
        let secret = Some(Sensitive::new(fresh_secret(admin.context.entropy)));
        let sent = ClientRepresentation { secret: secret.clone(), ..Default::default() };
        Ok(Draft::replace(found.client, sent, ClientRepresentation { secret, ..found.document }))
    };
    let settled = change_client(admin, id, &done, draft).await?;
    Ok(credential(settled.document().secret.clone()))
}

/// The secret that was good before, where it still is.
pub async fn rotated(admin: &Admin<'_>, id: &str) -> Result<CredentialRepresentation, AdminError> {
    let document = seen(admin, look(admin, id).await?).await?;
    let secret = document.attributes.and_then(|mut attributes| attributes.remove(ROTATED));
    let secret = secret.filter(|secret| !secret.is_empty());
    secret.map_or(Err(AdminError::NotFound(What::RotatedSecret)), |secret| {
        Ok(credential(Some(Sensitive::new(secret))))
    })
}

/// Ends the secret that was good before, if there is one.
pub async fn forget_rotated(admin: &Admin<'_>, id: &str) -> Result<(), AdminError> {
    let found = load(admin, id).await?;
    if !found.document.attributes.is_some_and(|attributes| attributes.contains_key(ROTATED)) {
        return Ok(());
    }
    let done: Done<'_, CredentialRepresentation> = Done {
        operation: OperationType::Delete,
        resource: "CLIENT",
        path: format!("clients/{id}/client-secret/rotated"),
        sent: None,
    };
    let draft = |found: Found| {
        let mut result = found.document;
        let attributes = result.attributes.get_or_insert_default();
        attributes.retain(|name, _| !ABOUT_ROTATED.contains(&name.as_str()));
        let sent = ClientRepresentation { attributes: Some(attributes.clone()), ..Default::default() };
        Ok(Draft::replace(found.client, sent, result))
    };
    change_client(admin, id, &done, draft).await.map(drop)
}

fn credential(value: Option<Sensitive>) -> CredentialRepresentation {
    CredentialRepresentation { r#type: Some("secret".to_owned()), value, ..Default::default() }
}
