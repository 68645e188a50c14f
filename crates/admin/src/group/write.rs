//! Groups made, moved, renamed and removed. A group's path holds the names of those above it, so what is inside
//! changes with it.

use std::collections::BTreeMap;

use sekisho_core::event::OperationType;
use sekisho_core::ids::row_id;
use sekisho_core::work::{Deletion, GroupRecord, Record, Work, Write};
use sekisho_protocol::keycloak::GroupRepresentation;
use uuid::Uuid;

use super::default::follow;
use super::read::{Detail, Tree, access, document, shown};
use crate::AdminError;
use crate::permit::{Admin, Done, TRIES};
use crate::realm::plan::written;
use crate::user::membership::check_roles;

/// What became of a group that was sent.
pub enum Sent {
    Made(Box<GroupRepresentation>),
    /// It was there and stands elsewhere now.
    Moved,
}

/// Makes a group at the top or inside another one. One whose id is sent is there already, and moves.
pub async fn create(
    admin: &Admin<'_>,
    parent: Option<&str>,
    sent: GroupRepresentation,
) -> Result<Sent, AdminError> {
    name_of(&sent)?;
    let mut admin = admin.clone();
    for _ in 0..TRIES {
        let tree = Tree::load(&admin).await?;
        let parent = parent.map(|parent| tree.find(row_id(admin.realm.id, parent))).transpose()?;
        let before = sent.id.as_ref().map(|id| tree.find(row_id(admin.realm.id, id))).transpose()?;
        let (work, id, operation) = if let Some(before) = before {
            (relocated(&admin, &tree, before, parent).await?, before.id, OperationType::Update)
        } else {
            let record = new(&admin, &tree, parent, &sent)?;
            let id = record.id;
            (admin.begin().insert(Record::Group(record)), id, OperationType::Create)
        };
        let path = match parent {
            Some(parent) => format!("groups/{}/children", parent.id),
            None => format!("groups/{id}"),
        };
        let told = told(id, sent.clone());
        let done = Done { operation, resource: "GROUP", path, sent: Some(&told) };
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return if before.is_some() { Ok(Sent::Moved) } else { made(&admin, id).await };
        }
        admin = admin.refreshed().await?;
    }
    Err(AdminError::Contended)
}

/// The work that puts a group under another one, or at the top, with its own name. Whoever is in it has the roles of
/// those above from then on.
async fn relocated(
    admin: &Admin<'_>,
    tree: &Tree,
    group: &GroupRecord,
    parent: Option<&GroupRecord>,
) -> Result<Work, AdminError> {
    let name = document(group)?.name.unwrap_or_default();
    check_sibling(tree, parent, &name, Some(group.id))?;
    check_not_within(tree, group, parent)?;
    if let Some(parent) = parent {
        check_roles(admin, parent.id)?;
    }
    let path = path_of(parent, &name);
    let work = moved(tree, group, parent.map(|parent| parent.id), &path, admin.begin())?;
    follow(admin, &moves(tree, group, &path), work).await
}

async fn made(admin: &Admin<'_>, id: Uuid) -> Result<Sent, AdminError> {
    let tree = Tree::load(admin).await?;
    let mut group = shown(admin, tree.find(id)?, Detail::Whole)?;
    group.access = Some(access(admin));
    Ok(Sent::Made(Box::new(group)))
}

/// Changes a group's name, description and attributes.
pub async fn update(admin: &Admin<'_>, id: &str, sent: GroupRepresentation) -> Result<(), AdminError> {
    let row = row_id(admin.realm.id, id);
    let mut admin = admin.clone();
    for _ in 0..TRIES {
        let tree = Tree::load(&admin).await?;
        let before = tree.find(row)?;
        let name = name_of(&sent)?;
        let parent = before.parent.map(|parent| tree.find(parent)).transpose()?;
        check_sibling(&tree, parent, &name, Some(row))?;
        let path = path_of(parent, &name);
        let mut group = document(before)?;
        group.name = Some(name);
        group.path = Some(path.clone());
        group.description = sent.description.clone().or(group.description);
        group.attributes = sent.attributes.clone().or(group.attributes);
        let changed = GroupRecord { path: path.clone(), config: written(&group, "group")?, ..before.clone() };
        let work = moved(&tree, &changed, before.parent, &path, admin.begin())?;
        let work = follow(&admin, &moves(&tree, before, &path), work).await?;
        let done = Done {
            operation: OperationType::Update,
            resource: "GROUP",
            path: format!("groups/{id}"),
            sent: Some(&sent),
        };
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
        admin = admin.refreshed().await?;
    }
    Err(AdminError::Contended)
}

/// Removes a group with all inside it; whoever is in one of them leaves it.
pub async fn delete(admin: &Admin<'_>, id: &str) -> Result<(), AdminError> {
    let row = row_id(admin.realm.id, id);
    let mut admin = admin.clone();
    for _ in 0..TRIES {
        let tree = Tree::load(&admin).await?;
        let told = told(row, named(tree.find(row)?)?);
        let mut work = admin.begin();
        let mut gone = BTreeMap::new();
        for record in tree.branch(row) {
            let group = record.id;
            check_roles(&admin, group)?;
            work = work
                .write(Write::TouchMembersOfGroup { group, at: admin.context.now() })
                .write(Write::Delete(Deletion::Group { group }));
            gone.insert(record.path.clone(), None);
        }
        let work = follow(&admin, &gone, work).await?;
        let done = Done {
            operation: OperationType::Delete,
            resource: "GROUP",
            path: format!("groups/{id}"),
            sent: Some(&told),
        };
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
        admin = admin.refreshed().await?;
    }
    Err(AdminError::Contended)
}

/// What events tell of a group that came or went.
fn told(id: Uuid, group: GroupRepresentation) -> GroupRepresentation {
    let sub_groups = group.sub_groups.or_else(|| Some(Vec::new()));
    GroupRepresentation { id: Some(id.to_string()), sub_groups, ..group }
}

fn named(record: &GroupRecord) -> Result<GroupRepresentation, AdminError> {
    Ok(GroupRepresentation { name: document(record)?.name, ..Default::default() })
}

fn name_of(sent: &GroupRepresentation) -> Result<String, AdminError> {
    let name = sent.name.clone().filter(|name| !name.trim().is_empty());
    name.ok_or_else(|| AdminError::Invalid("Group name is missing".to_owned()))
}

fn path_of(parent: Option<&GroupRecord>, name: &str) -> String {
    let above = parent.map_or("", |parent| parent.path.as_str());
    format!("{above}/{}", name.replace('/', "~/"))
}

/// Names are once among the groups of one place.
fn check_sibling(
    tree: &Tree,
    parent: Option<&GroupRecord>,
    name: &str,
    own: Option<Uuid>,
) -> Result<(), AdminError> {
    let path = path_of(parent, name);
    if tree.0.iter().any(|record| record.path == path && Some(record.id) != own) {
        let kind = if parent.is_some() { "Sibling" } else { "Top level" };
        return Err(AdminError::Exists(format!("{kind} group named '{name}' already exists.")));
    }
    Ok(())
}

/// A group cannot go into itself.
fn check_not_within(
    tree: &Tree,
    group: &GroupRecord,
    parent: Option<&GroupRecord>,
) -> Result<(), AdminError> {
    let within = |parent: &GroupRecord| tree.branch(group.id).iter().any(|inside| inside.id == parent.id);
    if parent.is_some_and(within) {
        return Err(AdminError::Invalid("A group cannot be moved into itself".to_owned()));
    }
    Ok(())
}

/// A new group: roles are given, and groups put inside, in steps of their own.
fn new(
    admin: &Admin<'_>,
    tree: &Tree,
    parent: Option<&GroupRecord>,
    sent: &GroupRepresentation,
) -> Result<GroupRecord, AdminError> {
    let name = name_of(sent)?;
    check_sibling(tree, parent, &name, None)?;
    let path = path_of(parent, &name);
    let id = admin.context.fresh_id();
    let group = GroupRepresentation {
        id: Some(id.to_string()),
        name: Some(name),
        description: sent.description.clone(),
        path: Some(path.clone()),
        attributes: sent.attributes.clone(),
        ..Default::default()
    };
    Ok(GroupRecord {
        id,
        realm: admin.realm.id,
        parent: parent.map(|parent| parent.id),
        path,
        config: written(&group, "group")?,
        roles: Vec::new(),
    })
}

/// Paths of a group and of what is inside it, before and after.
fn moves(tree: &Tree, before: &GroupRecord, path: &str) -> BTreeMap<String, Option<String>> {
    let after =
        |record: &GroupRecord| record.path.strip_prefix(&before.path).map(|rest| format!("{path}{rest}"));
    tree.branch(before.id).into_iter().map(|record| (record.path.clone(), after(record))).collect()
}

/// A group at another place, with all inside it.
fn moved(
    tree: &Tree,
    group: &GroupRecord,
    parent: Option<Uuid>,
    path: &str,
    mut work: Work,
) -> Result<Work, AdminError> {
    let before = tree.find(group.id)?;
    for record in tree.branch(group.id) {
        let is_top = record.id == group.id;
        let record = if is_top { group } else { record };
        let rest = record.path.strip_prefix(&before.path).unwrap_or_default();
        let at = if is_top { path.to_owned() } else { format!("{path}{rest}") };
        let mut config = document(record)?;
        config.path = Some(at.clone());
        let parent = if is_top { parent } else { record.parent };
        work = work.write(Write::Replace(Box::new(Record::Group(GroupRecord {
            parent,
            path: at,
            config: written(&config, "group")?,
            ..record.clone()
        }))));
    }
    Ok(work)
}
