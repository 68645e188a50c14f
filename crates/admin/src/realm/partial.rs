//! A part of a realm as a document: what Keycloak calls a partial export.

use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::RealmRepresentation;

use super::{ExportOptions, export};
use crate::AdminError;
use crate::permit::Admin;

const CLIENTS: AdminRoles = AdminRoles::VIEW_CLIENTS.and(AdminRoles::MANAGE_CLIENTS);
const GROUPS: AdminRoles = AdminRoles::VIEW_USERS.and(AdminRoles::MANAGE_USERS).and(AdminRoles::QUERY_GROUPS);

/// What comes beside the settings.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    /// Clients, with the users that stand for them.
    pub clients: bool,
    pub groups_and_roles: bool,
}

/// The realm without users and without secrets; parts only for whoever may see them otherwise (attack 80).
pub async fn partial_export(admin: &Admin<'_>, parts: Parts) -> Result<RealmRepresentation, AdminError> {
    if parts.clients {
        admin.permit.require(CLIENTS)?;
    }
    if parts.groups_and_roles {
        admin.permit.require(GROUPS)?;
    }
    let options = ExportOptions { users: parts.clients, secrets: false };
    let mut realm = export(&admin.context, &admin.realm.name, options).await?;
    if parts.clients {
        let accounts = realm.users.take().into_iter().flatten();
        let accounts: Vec<_> = accounts.filter(|user| user.service_account_client_id.is_some()).collect();
        realm.users = (!accounts.is_empty()).then_some(accounts);
    } else {
        (realm.clients, realm.client_scope_mappings, realm.users) = (None, None, None);
    }
    if !parts.groups_and_roles {
        (realm.roles, realm.groups) = (None, None);
    }
    Ok(realm)
}
