//! Who has a role: users, groups, and other roles that contain it.

use sekisho_core::access::AdminRoles;
use sekisho_core::work::{Deletion, Record, Work, Write};
use sekisho_protocol::keycloak::{self, GroupRepresentation, UserRepresentation};
use sekisho_store::Page;
use uuid::Uuid;

use super::{At, Found, Wish, load, require};
use crate::AdminError;
use crate::permit::Admin;

/// Seeing a role does not let see who has it (attack 80).
const USERS: AdminRoles = AdminRoles::VIEW_USERS.and(AdminRoles::MANAGE_USERS);

/// Users to whom the role was given itself, by name.
pub async fn users(admin: &Admin<'_>, at: At<'_>, page: Page) -> Result<Vec<UserRepresentation>, AdminError> {
    let role = viewed(admin, at).await?;
    let stored = admin.context.store.users_of_role(role, page).await?;
    let read = |config: &str| {
        let user = keycloak::parse::<UserRepresentation>(config.as_bytes());
        user.map_err(|_| AdminError::Unwritable("user"))
    };
    stored.iter().map(|user| read(&user.config)).collect()
}

/// Groups to which the role was given itself, by path.
pub async fn groups(admin: &Admin<'_>, at: At<'_>) -> Result<Vec<GroupRepresentation>, AdminError> {
    let role = viewed(admin, at).await?;
    let mut stored = admin.context.store.stored_groups(admin.realm.id).await?;
    stored.retain(|group| group.roles.contains(&role));
    stored.sort_by(|left, right| left.path.cmp(&right.path));
    let read = |config: &str| {
        let group = keycloak::parse::<GroupRepresentation>(config.as_bytes());
        let group = group.map_err(|_| AdminError::Unwritable("group"))?;
        Ok(GroupRepresentation { sub_groups: Some(Vec::new()), attributes: None, ..group })
    };
    stored.iter().map(|group| read(&group.config)).collect()
}

async fn viewed(admin: &Admin<'_>, at: At<'_>) -> Result<Uuid, AdminError> {
    let found = load(admin, at).await?;
    require(admin, found.record.client, Wish::View)?;
    admin.permit.require(USERS)?;
    Ok(found.record.id)
}

/// The work that takes a role from everything that has it, and then the role itself.
pub(super) async fn without(admin: &Admin<'_>, mut work: Work, role: Uuid) -> Result<Work, AdminError> {
    for mut record in admin.context.store.stored_roles(admin.realm.id).await? {
        if record.id != role && record.composites.contains(&role) {
            record.composites.retain(|inside| *inside != role);
            work = work.write(Found::read(record)?.replacing()?);
        }
    }
    for mut group in admin.context.store.stored_groups(admin.realm.id).await? {
        if group.roles.contains(&role) {
            group.roles.retain(|given| *given != role);
            work = work.write(Write::Replace(Box::new(Record::Group(group))));
        }
    }
    Ok(work
        .write(Write::TouchUsersOfRole { role, at: admin.context.now() })
        .write(Write::Delete(Deletion::Role { role })))
}
