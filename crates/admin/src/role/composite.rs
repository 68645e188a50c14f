//! Roles inside roles.

use sekisho_core::event::OperationType;
use sekisho_core::ids::row_id;
use sekisho_protocol::keycloak::RoleRepresentation;
use uuid::Uuid;

use super::{At, Found, Wish, brief, load, require, require_change, resource};
use crate::AdminError;
use crate::error::What;
use crate::permit::{Admin, Done, TRIES};

/// Whose roles among those inside.
#[derive(Clone, Copy, Debug)]
pub enum Of<'a> {
    Anybody,
    Realm,
    /// A client, by the id of its row.
    Client(&'a str),
}

/// The roles that a role itself contains, as far as the caller may see them; by name.
pub async fn composites(
    admin: &Admin<'_>,
    at: At<'_>,
    of: Of<'_>,
) -> Result<Vec<RoleRepresentation>, AdminError> {
    let found = load(admin, at).await?;
    require(admin, found.record.client, Wish::View)?;
    if let Of::Client(client) = of {
        super::owner(admin, Some(client)).await?;
    }
    let wanted = |owner: Option<Uuid>| match of {
        Of::Anybody => true,
        Of::Realm => owner.is_none(),
        Of::Client(client) => owner == Some(row_id(admin.realm.id, client)),
    };
    let mut inside = rows(admin, &found.record.composites).await?;
    inside
        .retain(|role| wanted(role.record.client) && require(admin, role.record.client, Wish::View).is_ok());
    Ok(inside.into_iter().map(|role| brief(role.document)).collect())
}

/// These roles, by name.
pub(crate) async fn rows(admin: &Admin<'_>, ids: &[Uuid]) -> Result<Vec<Found>, AdminError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let stored = admin.context.store.stored_roles(admin.realm.id).await?;
    let mut named: Vec<_> = stored.into_iter().filter(|role| ids.contains(&role.id)).collect();
    named.sort_by(|left, right| left.name.cmp(&right.name));
    named.into_iter().map(Found::read).collect()
}

/// Puts roles into a role.
pub async fn contain(admin: &Admin<'_>, at: At<'_>, sent: &[RoleRepresentation]) -> Result<(), AdminError> {
    change(admin, at, sent, OperationType::Create).await
}

/// Takes roles out of a role.
pub async fn release(admin: &Admin<'_>, at: At<'_>, sent: &[RoleRepresentation]) -> Result<(), AdminError> {
    change(admin, at, sent, OperationType::Delete).await
}

async fn change(
    admin: &Admin<'_>,
    at: At<'_>,
    sent: &[RoleRepresentation],
    operation: OperationType,
) -> Result<(), AdminError> {
    let mut admin = admin.current().await?;
    for _ in 0..TRIES {
        let mut found = load(&admin, at).await?;
        require_change(&admin, found.record.client, &found.record.name).await?;
        let named = of_this_realm(&admin, sent, What::CompositeRole)?;
        let inside = &mut found.record.composites;
        if operation == OperationType::Delete {
            // Whoever has the role loses what comes with those that are taken out.
            let goes = |role: &&Uuid| named.contains(role);
            if !inside.iter().filter(goes).all(|role| admin.permit.may_give(&admin.realm, *role)) {
                return Err(AdminError::Forbidden);
            }
            inside.retain(|role| !named.contains(role));
        } else {
            for role in named {
                require_to_give(&admin, role)?;
                if !inside.contains(&role) {
                    inside.push(role);
                }
            }
        }
        let (resource, path) = (resource(found.record.client), format!("{}/composites", at.path()));
        let done = Done { operation, resource, path, sent: Some(&sent) };
        let work = admin.begin().write(found.replacing()?);
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
        admin = admin.refreshed().await?;
    }
    Err(AdminError::Contended)
}

/// The ids of a body. Only roles of the realm of the path are found, whatever else has the id (attack 79).
pub(crate) fn of_this_realm(
    admin: &Admin<'_>,
    sent: &[RoleRepresentation],
    absent: What,
) -> Result<Vec<Uuid>, AdminError> {
    let known = |role: &RoleRepresentation| {
        let id = row_id(admin.realm.id, role.id.as_deref()?);
        admin.realm.roles.by_id.contains_key(&id).then_some(id)
    };
    sent.iter().map(|role| known(role).ok_or(AdminError::NotFound(absent))).collect()
}

/// Demands that whoever puts a role into another one may change it, and has all rights that it carries.
pub(super) fn require_to_give(admin: &Admin<'_>, role: Uuid) -> Result<(), AdminError> {
    let owner = admin.realm.roles.by_id.get(&role).and_then(|role| role.client);
    require(admin, owner, Wish::Manage)?;
    if admin.permit.may_give(&admin.realm, role) { Ok(()) } else { Err(AdminError::Forbidden) }
}
