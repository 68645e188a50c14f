//! Groups as an administrator sees them.

use std::collections::{BTreeMap, HashSet};

use sekisho_core::Realm;
use sekisho_core::access::AdminRoles;
use sekisho_core::ids::row_id;
use sekisho_core::role::Group;
use sekisho_core::work::GroupRecord;
use sekisho_protocol::keycloak::{self, GroupRepresentation, UserRepresentation};
use sekisho_store::Page;
use uuid::Uuid;

use crate::AdminError;
use crate::error::What;
use crate::permit::Admin;
use crate::user::read::{self, VIEW, listed};

/// How much of a group is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    Brief,
    /// With attributes and roles.
    Whole,
}

/// Which groups.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A part of the name, in upper or lower case.
    pub search: Option<String>,
    /// The search is the whole name.
    pub exact: bool,
    /// Attributes and their values.
    pub attributes: Vec<(String, String)>,
}

/// What a list of groups has at its top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Groups in no other one; what was found inside stands inside.
    Top,
    /// Whatever was found.
    Any,
}

/// The rows of a realm's groups.
pub(crate) struct Tree(pub(crate) Vec<GroupRecord>);

/// A group with attributes and roles.
pub async fn find(admin: &Admin<'_>, id: &str) -> Result<GroupRepresentation, AdminError> {
    let tree = Tree::load(admin).await?;
    let record = tree.find(row_id(admin.realm.id, id))?;
    counted(admin, &tree, record, Detail::Whole)
}

/// A group as events tell of it.
pub(crate) async fn whole(admin: &Admin<'_>, id: Uuid) -> Result<GroupRepresentation, AdminError> {
    shown(admin, Tree::load(admin).await?.find(id)?, Detail::Whole)
}

/// The group at a path.
pub async fn find_at(admin: &Admin<'_>, path: &str) -> Result<GroupRepresentation, AdminError> {
    let tree = Tree::load(admin).await?;
    let path = format!("/{}", path.trim_start_matches('/'));
    let record = tree.0.iter().find(|record| record.path == path);
    shown(admin, record.ok_or(AdminError::NotFound(What::GroupPath))?, Detail::Whole)
}

/// Groups by name. Without a filter: those at the top.
pub async fn list(
    admin: &Admin<'_>,
    filter: &Filter,
    level: Level,
    detail: Detail,
) -> Result<Vec<GroupRepresentation>, AdminError> {
    let tree = Tree::load(admin).await?;
    if filter.is_empty() {
        return tree.inside(None).map(|record| counted(admin, &tree, record, detail)).collect();
    }
    let found = tree.matching(filter);
    match level {
        Level::Any => {
            let found = tree.0.iter().filter(|record| found.contains(&record.id));
            found.map(|record| counted(admin, &tree, record, detail)).collect()
        }
        Level::Top => {
            let lines = tree.lines(&found);
            nested(admin, &tree, None, &lines, detail)
        }
    }
}

/// How many groups there are, or are found.
pub async fn count(admin: &Admin<'_>, filter: &Filter, level: Level) -> Result<usize, AdminError> {
    let tree = Tree::load(admin).await?;
    let found = tree.matching(filter);
    let at_level = |record: &&GroupRecord| level == Level::Any || record.parent.is_none();
    Ok(tree.0.iter().filter(at_level).filter(|record| found.contains(&record.id)).count())
}

/// Groups inside a group.
pub async fn children(
    admin: &Admin<'_>,
    id: &str,
    filter: &Filter,
    detail: Detail,
) -> Result<Vec<GroupRepresentation>, AdminError> {
    let tree = Tree::load(admin).await?;
    let parent = tree.find(row_id(admin.realm.id, id))?.id;
    let found = tree.matching(filter);
    let inside = tree.inside(Some(parent)).filter(|record| found.contains(&record.id));
    inside.map(|record| counted(admin, &tree, record, detail)).collect()
}

/// Users in the group itself, by name.
pub async fn members(
    admin: &Admin<'_>,
    id: &str,
    page: Page,
    detail: read::Detail,
) -> Result<Vec<UserRepresentation>, AdminError> {
    let row = row_id(admin.realm.id, id);
    Tree::load(admin).await?.find(row)?;
    let mut users = Vec::new();
    for record in admin.context.store.members_of_group(row, page).await? {
        users.push(listed(admin, &record, detail).await?);
    }
    Ok(users)
}

/// The group with this path, which may lack the first slash.
pub fn at_path<'a>(realm: &'a Realm, path: &str) -> Option<&'a Group> {
    let named = |group: &&Group| group.path == path || group.path.strip_prefix('/') == Some(path);
    realm.groups.by_id.values().find(named)
}

impl Filter {
    fn is_empty(&self) -> bool {
        self.search.is_none() && self.attributes.is_empty()
    }

    fn holds(&self, group: &GroupRepresentation) -> bool {
        let name = group.name.as_deref().unwrap_or_default();
        let named = self.search.as_deref().is_none_or(|search| {
            if self.exact { name == search } else { name.to_lowercase().contains(&search.to_lowercase()) }
        });
        let has = |(name, value): &(String, String)| {
            let values = group.attributes.as_ref().and_then(|attributes| attributes.get(name));
            values.is_some_and(|values| values.iter().any(|known| known == value))
        };
        named && self.attributes.iter().all(has)
    }
}

impl Tree {
    /// Every group of the realm, by name.
    pub(crate) async fn load(admin: &Admin<'_>) -> Result<Self, AdminError> {
        let mut groups = admin.context.store.stored_groups(admin.realm.id).await?;
        groups.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(Self(groups))
    }

    /// A group by the id of its row.
    pub(crate) fn find(&self, id: Uuid) -> Result<&GroupRecord, AdminError> {
        self.0.iter().find(|record| record.id == id).ok_or(AdminError::NotFound(What::Group))
    }

    /// Groups directly inside another one, or in none.
    pub(crate) fn inside(&self, parent: Option<Uuid>) -> impl Iterator<Item = &GroupRecord> {
        self.0.iter().filter(move |record| record.parent == parent)
    }

    /// A group and all that is inside it, however deep; what is inside comes later.
    pub(crate) fn branch(&self, id: Uuid) -> Vec<&GroupRecord> {
        let mut branch: Vec<&GroupRecord> = self.0.iter().filter(|record| record.id == id).collect();
        let mut seen = 0;
        while let Some(parent) = branch.get(seen).map(|record| record.id) {
            // Stored data might be a loop.
            let inside = self.inside(Some(parent)).filter(|record| record.id != id);
            branch.extend(inside);
            seen += 1;
            if seen > self.0.len() {
                break;
            }
        }
        branch
    }

    fn matching(&self, filter: &Filter) -> HashSet<Uuid> {
        let found = self.0.iter().filter(|record| document(record).is_ok_and(|group| filter.holds(&group)));
        found.map(|record| record.id).collect()
    }

    /// These groups and those above them.
    fn lines(&self, found: &HashSet<Uuid>) -> HashSet<Uuid> {
        let mut lines = found.clone();
        let mut pending: Vec<Uuid> = found.iter().copied().collect();
        while let Some(id) = pending.pop() {
            let parent = self.0.iter().find(|record| record.id == id).and_then(|record| record.parent);
            pending.extend(parent.filter(|parent| lines.insert(*parent)));
        }
        lines
    }
}

/// Groups of these lines, those inside others inside them.
fn nested(
    admin: &Admin<'_>,
    tree: &Tree,
    parent: Option<Uuid>,
    lines: &HashSet<Uuid>,
    detail: Detail,
) -> Result<Vec<GroupRepresentation>, AdminError> {
    let mut groups = Vec::new();
    for record in tree.inside(parent).filter(|record| lines.contains(&record.id)) {
        let mut group = counted(admin, tree, record, detail)?;
        // A line is left behind once it is shown, so that a loop ends.
        let mut rest = lines.clone();
        rest.remove(&record.id);
        group.sub_groups = Some(nested(admin, tree, Some(record.id), &rest, detail)?);
        groups.push(group);
    }
    Ok(groups)
}

/// The document of a group's row.
pub(super) fn document(record: &GroupRecord) -> Result<GroupRepresentation, AdminError> {
    keycloak::parse(record.config.as_bytes()).map_err(|_| AdminError::Unwritable("group"))
}

fn counted(
    admin: &Admin<'_>,
    tree: &Tree,
    record: &GroupRecord,
    detail: Detail,
) -> Result<GroupRepresentation, AdminError> {
    let mut group = shown(admin, record, detail)?;
    group.sub_group_count = i64::try_from(tree.inside(Some(record.id)).count()).ok();
    group.access = Some(access(admin));
    Ok(group)
}

/// A group as Admin REST shows one.
pub(crate) fn shown(
    admin: &Admin<'_>,
    record: &GroupRecord,
    detail: Detail,
) -> Result<GroupRepresentation, AdminError> {
    let document = document(record)?;
    let mut group = GroupRepresentation {
        id: Some(document.id.clone().unwrap_or_else(|| record.id.to_string())),
        name: document.name,
        description: document.description,
        path: Some(record.path.clone()),
        parent_id: record.parent.map(|parent| parent.to_string()),
        sub_groups: Some(Vec::new()),
        ..Default::default()
    };
    if detail == Detail::Whole {
        let (of_realm, of_clients) = role_names(&admin.realm, &record.roles);
        group.attributes = Some(document.attributes.unwrap_or_default());
        group.realm_roles = Some(of_realm);
        group.client_roles = Some(of_clients);
    }
    Ok(group)
}

fn role_names(realm: &Realm, roles: &[Uuid]) -> (Vec<String>, BTreeMap<String, Vec<String>>) {
    let (mut of_realm, mut of_clients) = (Vec::new(), BTreeMap::<String, Vec<String>>::new());
    for role in roles.iter().filter_map(|id| realm.roles.by_id.get(id)) {
        match role.client.map(|owner| realm.roles.client_ids.get(&owner)) {
            None => of_realm.push(role.name.clone()),
            Some(owner) => {
                of_clients.entry(owner.cloned().unwrap_or_default()).or_default().push(role.name.clone());
            }
        }
    }
    (of_realm, of_clients)
}

/// What the caller may do with a group.
pub(super) fn access(admin: &Admin<'_>) -> BTreeMap<String, bool> {
    let (views, manages) = (admin.permit.has(VIEW), admin.permit.has(AdminRoles::MANAGE_USERS));
    let entries = [
        ("view", views),
        ("viewMembers", views),
        ("manageMembers", manages),
        ("manage", manages),
        ("manageMembership", manages),
    ];
    entries.into_iter().map(|(name, may)| (name.to_owned(), may)).collect()
}
