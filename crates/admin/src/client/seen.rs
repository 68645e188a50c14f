//! What an administrator sees of a client: its secrets only where they may do what the client may, for a secret acts for
//! it.

use sekisho_core::{Client, secrets};
use sekisho_protocol::keycloak::ClientRepresentation;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Found, MANAGE, VIEW, is_of_administration};
use crate::permit::Admin;
use crate::{AdminError, takeover};

/// A client as the administrator may see it, with what they may do with it.
pub(super) async fn shown(
    admin: &Admin<'_>,
    client: &Client,
    document: ClientRepresentation,
) -> Result<ClientRepresentation, AdminError> {
    let acts = may_act_as(admin, client).await?;
    let manages = acts && !is_of_administration(admin, &client.client_id);
    let access = [("view", admin.permit.has(VIEW)), ("configure", manages), ("manage", manages)];
    let mut document = if acts { document } else { with_stars(document)? };
    document.access = Some(access.map(|(what, may)| (what.to_owned(), may)).into());
    Ok(document)
}

/// Whether the caller may have a secret of the client, and so do all that the client may.
async fn may_act_as(admin: &Admin<'_>, client: &Client) -> Result<bool, AdminError> {
    let has_account = client.service_accounts;
    Ok(admin.permit.has(MANAGE) && (!has_account || takeover::is_over_client(admin, client.id).await?))
}

/// A client's document with its secrets for whoever may have them.
pub(super) async fn seen(admin: &Admin<'_>, found: Found) -> Result<ClientRepresentation, AdminError> {
    let acts = may_act_as(admin, &found.client).await?;
    if acts { Ok(found.document) } else { with_stars(found.document) }
}

/// A document with stars for its secrets where somebody looks who may not change them.
pub(crate) fn without_secrets<T: Serialize + DeserializeOwned>(
    admin: &Admin<'_>,
    document: T,
) -> Result<T, AdminError> {
    if admin.permit.has(MANAGE) { Ok(document) } else { with_stars(document) }
}

fn with_stars<T: Serialize + DeserializeOwned>(document: T) -> Result<T, AdminError> {
    secrets::hidden(document).ok_or(AdminError::Unwritable("client"))
}
