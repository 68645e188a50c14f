//! Roles that users and groups have: those of the realm and those of a client.

use std::collections::{BTreeMap, HashSet};

use sekisho_core::event::OperationType;
use sekisho_core::ids::row_id;
use sekisho_core::work::{Deletion, GroupRecord, Guard, Record, RoleRecord, Work, Write};
use sekisho_protocol::keycloak::{
    self, ClientMappingsRepresentation, ClientRepresentation, MappingsRepresentation, RoleRepresentation,
};
use sekisho_store::{StoredClient, StoredUser};
use uuid::Uuid;

use crate::AdminError;
use crate::error::What;
use crate::group::Tree;
use crate::permit::{Admin, Done, TRIES};
use crate::role;
use crate::user::read;

/// Who has roles, by the id in the path.
#[derive(Clone, Copy)]
pub enum Holder<'a> {
    User(&'a str),
    Group(&'a str),
}

/// Whose roles they are: of the realm, or of the client with the id in the path.
#[derive(Clone, Copy)]
pub enum Owner<'a> {
    Realm,
    Client(&'a str),
}

/// How much of a role is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    Brief,
    /// With attributes.
    Whole,
}

/// Whether roles are given or taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Give,
    Take,
}

/// A holder as it is stored.
enum Held {
    User(StoredUser),
    Group(GroupRecord),
}

/// Every role that the holder was given itself.
pub async fn all(admin: &Admin<'_>, holder: Holder<'_>) -> Result<MappingsRepresentation, AdminError> {
    let held = Held::load(admin, holder).await?;
    let given = held.given();
    let mut mappings = MappingsRepresentation::default();
    let mut of_clients: BTreeMap<String, ClientMappingsRepresentation> = BTreeMap::new();
    for record in catalogue(admin).await?.iter().filter(|record| given.contains(&record.id)) {
        let Some(owner) = record.client else {
            mappings.realm_mappings.get_or_insert_default().push(shown(record, Detail::Brief)?);
            continue;
        };
        let Some((client, id)) = client(admin, owner).await? else { continue };
        let role = shown(record, Detail::Brief)?;
        let of_client = of_clients.entry(client.clone()).or_insert_with(|| ClientMappingsRepresentation {
            id: Some(id),
            client: Some(client),
            mappings: None,
        });
        of_client.mappings.get_or_insert_default().push(role);
    }
    mappings.client_mappings = (!of_clients.is_empty()).then_some(of_clients);
    Ok(mappings)
}

/// Roles of an owner that the holder was given itself.
pub async fn given(
    admin: &Admin<'_>,
    holder: Holder<'_>,
    owner: Owner<'_>,
) -> Result<Vec<RoleRepresentation>, AdminError> {
    let held = Held::load(admin, holder).await?;
    let given = held.given();
    roles(admin, owner, Detail::Brief, |role| given.contains(&role)).await
}

/// Roles of an owner that the caller could give to the holder.
pub async fn available(
    admin: &Admin<'_>,
    holder: Holder<'_>,
    owner: Owner<'_>,
) -> Result<Vec<RoleRepresentation>, AdminError> {
    let held = Held::load(admin, holder).await?;
    let given = held.given();
    let is_left = |role| !given.contains(&role) && admin.permit.may_give(&admin.realm, role);
    roles(admin, owner, Detail::Brief, is_left).await
}

/// Roles of an owner that the holder has in the end: through others and through groups too.
pub async fn effective(
    admin: &Admin<'_>,
    holder: Holder<'_>,
    owner: Owner<'_>,
    detail: Detail,
) -> Result<Vec<RoleRepresentation>, AdminError> {
    let held = Held::load(admin, holder).await?;
    let groups = admin.realm.groups.roles_of(&held.groups());
    let effective = admin.realm.roles.expand(held.given().iter().copied().chain(groups));
    roles(admin, owner, detail, |role| effective.contains(&role)).await
}

/// Gives roles to a holder.
pub async fn give(
    admin: &Admin<'_>,
    holder: Holder<'_>,
    owner: Owner<'_>,
    sent: &[RoleRepresentation],
) -> Result<(), AdminError> {
    change(admin, holder, owner, Change::Give, Some(sent)).await
}

/// Takes roles from a holder; every role of the owner when none is named.
pub async fn take(
    admin: &Admin<'_>,
    holder: Holder<'_>,
    owner: Owner<'_>,
    sent: Option<&[RoleRepresentation]>,
) -> Result<(), AdminError> {
    change(admin, holder, owner, Change::Take, sent).await
}

async fn change(
    admin: &Admin<'_>,
    holder: Holder<'_>,
    owner: Owner<'_>,
    change: Change,
    sent: Option<&[RoleRepresentation]>,
) -> Result<(), AdminError> {
    let mut admin = admin.clone();
    for _ in 0..TRIES {
        let held = Held::load(&admin, holder).await?;
        let of_owner = of_owner(&admin, owner).await?;
        let roles = match sent {
            Some(sent) => named(&of_owner, sent)?,
            None => of_owner.iter().map(|record| record.id).collect(),
        };
        let differs = |role: &Uuid| held.given().contains(role) != (change == Change::Give);
        let roles: Vec<Uuid> = roles.into_iter().filter(differs).collect();
        if !roles.iter().all(|role| admin.permit.may_give(&admin.realm, *role)) {
            return Err(AdminError::Forbidden);
        }
        if roles.is_empty() {
            return Ok(());
        }
        let work = held.work(&admin, change, &roles);
        let (resource, owner) = match owner {
            Owner::Realm => ("REALM_ROLE_MAPPING", "realm".to_owned()),
            Owner::Client(id) => ("CLIENT_ROLE_MAPPING", format!("clients/{id}")),
        };
        let operation = match change {
            Change::Give => OperationType::Create,
            Change::Take => OperationType::Delete,
        };
        let path = format!("{}/role-mappings/{owner}", holder.path());
        let done = Done { operation, resource, path, sent: sent.as_ref() };
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
        admin = admin.refreshed().await?;
    }
    Err(AdminError::Contended)
}

/// The rows of the roles that were sent. Name and id must be those of one role of this owner: a body names nothing
/// beyond the path (attack 79).
fn named(of_owner: &[RoleRecord], sent: &[RoleRepresentation]) -> Result<Vec<Uuid>, AdminError> {
    let found = |sent: &RoleRepresentation| {
        let record = of_owner.iter().find(|record| sent.name.as_ref() == Some(&record.name));
        let record = record.filter(|record| id_of(record) == sent.id);
        record.map(|record| record.id).ok_or(AdminError::NotFound(What::MappedRole))
    };
    sent.iter().map(found).collect()
}

fn id_of(record: &RoleRecord) -> Option<String> {
    let document: RoleRepresentation = keycloak::parse(record.config.as_bytes()).ok()?;
    Some(document.id.unwrap_or_else(|| record.id.to_string()))
}

async fn roles(
    admin: &Admin<'_>,
    owner: Owner<'_>,
    detail: Detail,
    wanted: impl Fn(Uuid) -> bool,
) -> Result<Vec<RoleRepresentation>, AdminError> {
    let of_owner = of_owner(admin, owner).await?;
    of_owner.iter().filter(|record| wanted(record.id)).map(|record| shown(record, detail)).collect()
}

async fn of_owner(admin: &Admin<'_>, owner: Owner<'_>) -> Result<Vec<RoleRecord>, AdminError> {
    let owner = match owner {
        Owner::Realm => None,
        Owner::Client(id) => {
            let row = row_id(admin.realm.id, id);
            let stored = admin.context.store.stored_client_by_id(admin.realm.id, row).await?;
            Some(stored.ok_or(AdminError::NotFound(What::NamedClient))?.record.id)
        }
    };
    let mut roles = catalogue(admin).await?;
    roles.retain(|record| record.client == owner);
    Ok(roles)
}

/// Every role of the realm and its clients, by name.
async fn catalogue(admin: &Admin<'_>) -> Result<Vec<RoleRecord>, AdminError> {
    let mut roles = admin.context.store.stored_roles(admin.realm.id).await?;
    roles.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(roles)
}

/// A client's identifier, and its id as its document writes it.
async fn client(admin: &Admin<'_>, row: Uuid) -> Result<Option<(String, String)>, AdminError> {
    let stored = admin.context.store.stored_client_by_id(admin.realm.id, row).await?;
    Ok(stored.map(|StoredClient { record, .. }| {
        let document: Option<ClientRepresentation> = keycloak::parse(record.config.as_bytes()).ok();
        let id = document.and_then(|document| document.id);
        (record.client_id, id.unwrap_or_else(|| record.id.to_string()))
    }))
}

fn shown(record: &RoleRecord, detail: Detail) -> Result<RoleRepresentation, AdminError> {
    let role = role::Found::read(record.clone())?.document;
    Ok(if detail == Detail::Brief { role::brief(role) } else { role })
}

impl Holder<'_> {
    fn path(self) -> String {
        match self {
            Self::User(id) => format!("users/{id}"),
            Self::Group(id) => format!("groups/{id}"),
        }
    }
}

impl Held {
    async fn load(admin: &Admin<'_>, holder: Holder<'_>) -> Result<Self, AdminError> {
        match holder {
            Holder::User(id) => Ok(Self::User(read::load(admin, id).await?)),
            Holder::Group(id) => {
                let tree = Tree::load(admin).await?;
                let record = tree.find(row_id(admin.realm.id, id))?;
                Ok(Self::Group(record.clone()))
            }
        }
    }

    fn given(&self) -> HashSet<Uuid> {
        match self {
            Self::User(stored) => stored.roles.iter().copied().collect(),
            Self::Group(record) => record.roles.iter().copied().collect(),
        }
    }

    /// Groups whose roles are the holder's too.
    fn groups(&self) -> Vec<Uuid> {
        match self {
            Self::User(stored) => stored.groups.clone(),
            Self::Group(record) => vec![record.id],
        }
    }

    fn work(&self, admin: &Admin<'_>, change: Change, roles: &[Uuid]) -> Work {
        match self {
            Self::User(stored) => {
                let user = stored.record.id;
                let write = |role: &Uuid| match change {
                    Change::Give => Write::Insert(Box::new(Record::UserRole { user, role: *role })),
                    Change::Take => Write::Delete(Deletion::UserRole { user, role: *role }),
                };
                let work = Work::new(admin.context.fresh_id())
                    .guard(Guard::ChangeUser { user, version: stored.version });
                roles.iter().map(write).fold(work, Work::write)
            }
            Self::Group(record) => {
                let mut record = record.clone();
                match change {
                    Change::Give => record.roles.extend(roles),
                    Change::Take => record.roles.retain(|role| !roles.contains(role)),
                }
                admin.begin().write(Write::Replace(Box::new(Record::Group(record))))
            }
        }
    }
}
