//! Groups that a user is in.

use sekisho_core::Realm;
use sekisho_core::event::OperationType;
use sekisho_core::ids::row_id;
use sekisho_core::work::{Deletion, Guard, Record, Work, Write};
use sekisho_protocol::keycloak::GroupRepresentation;
use uuid::Uuid;

use super::read::load;
use crate::error::What;
use crate::group;
use crate::permit::{Admin, Done, TRIES};
use crate::place::Place;
use crate::{AdminError, Fault};

/// Groups of a user by their names, as much of them as is asked for.
pub async fn list(
    admin: &Admin<'_>,
    id: &str,
    search: Option<&str>,
    detail: group::Detail,
) -> Result<Vec<GroupRepresentation>, AdminError> {
    let stored = load(admin, id).await?;
    let all = admin.context.store.stored_groups(admin.realm.id).await?;
    let mut groups = Vec::new();
    for record in all.iter().filter(|record| stored.groups.contains(&record.id)) {
        groups.push(group::shown(admin, record, detail)?);
    }
    let search = search.unwrap_or_default().to_lowercase();
    groups.retain(|group| group.name.as_ref().is_some_and(|name| name.to_lowercase().contains(&search)));
    groups.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(groups)
}

/// Puts a user into a group.
pub async fn join(admin: &Admin<'_>, id: &str, group: &str) -> Result<(), AdminError> {
    change(admin, id, group, OperationType::Create).await
}

/// Takes a user out of a group.
pub async fn leave(admin: &Admin<'_>, id: &str, group: &str) -> Result<(), AdminError> {
    change(admin, id, group, OperationType::Delete).await
}

async fn change(
    admin: &Admin<'_>,
    id: &str,
    group: &str,
    operation: OperationType,
) -> Result<(), AdminError> {
    for _ in 0..TRIES {
        let stored = load(admin, id).await?;
        let (user, version) = (stored.record.id, stored.version);
        let row = row_id(admin.realm.id, group);
        let group = admin.realm.groups.by_id.get(&row).ok_or(AdminError::NotFound(What::JoinedGroup))?;
        let is_in = stored.groups.contains(&row);
        check_roles(admin, row)?;
        let write = match operation {
            OperationType::Create => Write::Insert(Box::new(Record::UserGroup { user, group: row })),
            _ => Write::Delete(Deletion::UserGroup { user, group: row }),
        };
        if is_in == (operation == OperationType::Create) {
            return Ok(());
        }
        let work =
            Work::new(admin.context.fresh_id()).guard(Guard::ChangeUser { user, version }).write(write);
        let done = Done {
            operation,
            resource: "GROUP_MEMBERSHIP",
            path: format!("users/{id}/groups/{}", group.id),
            sent: Some(&group::whole(admin, row).await?),
        };
        let username = Some(stored.record.username.as_str());
        if admin.commit(admin.recorded_of(work, &done, username), |_| None).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

/// Whoever is in a group has its roles: nobody puts somebody into one whose roles they may not give, and nobody takes
/// them away, so as to take over an account that has no rights then.
pub(crate) fn check_roles(admin: &Admin<'_>, group: Uuid) -> Result<(), AdminError> {
    let roles = admin.realm.groups.roles_of(&[group]);
    let may = roles.iter().all(|role| admin.permit.may_give(&admin.realm, *role));
    if may { Ok(()) } else { Err(AdminError::Forbidden) }
}

/// The groups with these paths.
pub(super) fn named(realm: &Realm, paths: &[String]) -> Result<Vec<Uuid>, AdminError> {
    let place = Place::Top("groups");
    let found = |(index, path): (usize, &String)| {
        let group = group::at_path(realm, path).map(|group| group.id);
        let fault = || Fault::NoSuch { what: "group", name: path.clone() };
        group.ok_or_else(|| place.element(index).has(fault()))
    };
    paths.iter().enumerate().map(found).collect()
}
