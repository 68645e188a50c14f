//! The user that stands for a client: its service account.

use sekisho_protocol::keycloak::UserRepresentation;

use super::load;
use crate::AdminError;
use crate::error::What;
use crate::permit::Admin;

/// The user, as its document writes it.
pub async fn find(admin: &Admin<'_>, id: &str) -> Result<UserRepresentation, AdminError> {
    let found = load(admin, id).await?;
    if !found.client.service_accounts {
        return Err(AdminError::NoServiceAccount(found.client.client_id));
    }
    let stored = admin.context.store.stored_service_account(admin.realm.id, found.client.id).await?;
    let stored = stored.ok_or(AdminError::NotFound(What::User))?;
    let user: UserRepresentation =
        serde_json::from_str(&stored.record.config).map_err(|_| AdminError::Unwritable("user"))?;
    Ok(UserRepresentation {
        enabled: Some(stored.record.enabled),
        email_verified: user.email_verified.or(Some(false)),
        totp: Some(false),
        disableable_credential_types: Some(Vec::new()),
        required_actions: Some(user.required_actions.unwrap_or_default()),
        not_before: user.not_before.or(Some(0)),
        service_account_client_id: None,
        ..user
    })
}
