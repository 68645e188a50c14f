//! Accounts with more rights than those who would change how one signs in to them. Whoever sets a user's password or has
//! a client's secret acts with the roles of that account: they need the rights that they would need to give these roles
//! to themselves (attack 80). Keycloak lets everybody who manages users or clients do it.

use sekisho_store::StoredUser;
use uuid::Uuid;

use crate::AdminError;
use crate::permit::Admin;

/// Demands that the caller has every right that comes with what the user has.
pub(crate) fn require_over_user(admin: &Admin<'_>, user: &StoredUser) -> Result<(), AdminError> {
    if is_over(admin, user) { Ok(()) } else { Err(AdminError::Forbidden) }
}

/// The same of the user that stands for a client, where there is one.
pub(crate) async fn require_over_client(admin: &Admin<'_>, client: Uuid) -> Result<(), AdminError> {
    if is_over_client(admin, client).await? { Ok(()) } else { Err(AdminError::Forbidden) }
}

/// Whether the caller has every right of the user that stands for a client.
pub(crate) async fn is_over_client(admin: &Admin<'_>, client: Uuid) -> Result<bool, AdminError> {
    let account = admin.context.store.stored_service_account(admin.realm.id, client).await?;
    Ok(account.is_none_or(|account| is_over(admin, &account)))
}

fn is_over(admin: &Admin<'_>, user: &StoredUser) -> bool {
    let of_groups = admin.realm.groups.roles_of(&user.groups);
    user.roles.iter().copied().chain(of_groups).all(|role| admin.permit.may_give(&admin.realm, role))
}
