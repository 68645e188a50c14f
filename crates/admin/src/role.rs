//! Roles of a realm and of its clients, and what they contain.

mod composite;
mod holders;

use sekisho_core::access::{self, AdminRoles, Right};
use sekisho_core::event::OperationType;
use sekisho_core::ids::row_id;
use sekisho_core::work::{Guard, Record, RoleRecord, Work, Write};
use sekisho_protocol::keycloak::{self, Composites, RoleRepresentation};
use uuid::Uuid;

use crate::error::What;
use crate::permit::{Admin, Done, TRIES};
use crate::realm::plan::written;
use crate::realm::settings;
use crate::{AdminError, scope_mapping};

pub(crate) use composite::rows;
pub use composite::{Of, composites, contain, release};
pub use holders::{groups, users};

/// The longest name that a row has room for.
const MAX_NAME: usize = 255;

/// Where a role is found.
#[derive(Clone, Copy, Debug)]
pub enum At<'a> {
    /// By its name, in the realm or in one of its clients.
    Name { client: Option<&'a str>, name: &'a str },
    /// By its id, whoever owns it.
    Id(&'a str),
}

/// A role as it is stored.
pub(crate) struct Found {
    pub(crate) record: RoleRecord,
    pub(crate) document: RoleRepresentation,
}

/// What is to be done with a role.
#[derive(Clone, Copy)]
pub(crate) enum Wish {
    View,
    Manage,
}

/// Demands that the roles of this owner may be seen, or changed: those of the realm go with the realm, those of a
/// client with the clients (attack 80).
pub(crate) fn require(admin: &Admin<'_>, owner: Option<Uuid>, wish: Wish) -> Result<(), AdminError> {
    admin.permit.require(needed(owner, wish))
}

const fn needed(owner: Option<Uuid>, wish: Wish) -> AdminRoles {
    match (owner, wish) {
        (None, Wish::View) => AdminRoles::VIEW_REALM.and(AdminRoles::MANAGE_REALM),
        (None, Wish::Manage) => AdminRoles::MANAGE_REALM,
        (Some(_), Wish::View) => AdminRoles::VIEW_CLIENTS.and(AdminRoles::MANAGE_CLIENTS),
        (Some(_), Wish::Manage) => AdminRoles::MANAGE_CLIENTS,
    }
}

/// The role itself.
pub async fn find(admin: &Admin<'_>, at: At<'_>) -> Result<RoleRepresentation, AdminError> {
    let found = load(admin, at).await?;
    require(admin, found.record.client, Wish::View)?;
    Ok(found.document)
}

/// Roles of the realm or of a client, by name; `search` is part of a name or of a description.
pub async fn list(
    admin: &Admin<'_>,
    client: Option<&str>,
    search: Option<&str>,
) -> Result<Vec<RoleRepresentation>, AdminError> {
    let owner = owner(admin, client).await?;
    let part = search.unwrap_or_default().to_lowercase();
    let holds = |text: &Option<String>| text.as_ref().is_some_and(|text| text.to_lowercase().contains(&part));
    let mut found = Vec::new();
    for record in admin.context.store.stored_roles(admin.realm.id).await? {
        if record.client == owner {
            found.push(Found::read(record)?.document);
        }
    }
    found.retain(|role| holds(&role.name) || holds(&role.description));
    found.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(found)
}

/// Makes a role. Answers its name.
pub async fn create(
    admin: &Admin<'_>,
    client: Option<&str>,
    sent: RoleRepresentation,
) -> Result<String, AdminError> {
    let name = sent.name.clone().ok_or(AdminError::Refused("role has no name".to_owned()))?;
    check_name(&name)?;
    let id = admin.context.fresh_id();
    let mut admin = admin.current().await?;
    for _ in 0..TRIES {
        let owner = owner(&admin, client).await?;
        require_change(&admin, owner, &name).await?;
        let composites = named(&admin, &sent)?;
        let record = RoleRecord {
            id,
            realm: admin.realm.id,
            client: owner,
            name: name.clone(),
            config: written(&document(&admin, owner, id, &sent, &composites), "role")?,
            composites,
        };
        let mut told = sent.clone();
        (told.id, told.composite) = (Some(id.to_string()), Some(sent.composite == Some(true)));
        let path = At::Name { client, name: &name }.path();
        let done =
            Done { operation: OperationType::Create, resource: resource(owner), path, sent: Some(&told) };
        let work = admin.begin().guard(Guard::Insert(Box::new(Record::Role(record))));
        let taken = || AdminError::Exists(format!("Role with name {name} already exists"));
        let lost = |guard| (guard == 1).then(taken);
        if admin.commit(admin.recorded(work, &done), lost).await? {
            return Ok(name);
        }
        admin = admin.refreshed().await?;
    }
    Err(AdminError::Contended)
}

fn document(
    admin: &Admin<'_>,
    owner: Option<Uuid>,
    id: Uuid,
    sent: &RoleRepresentation,
    composites: &[Uuid],
) -> RoleRepresentation {
    RoleRepresentation {
        id: Some(id.to_string()),
        name: sent.name.clone(),
        description: sent.description.clone(),
        composite: Some(!composites.is_empty()),
        client_role: Some(owner.is_some()),
        container_id: Some(owner.unwrap_or(admin.realm.id).to_string()),
        attributes: Some(sent.attributes.clone().unwrap_or_default()),
        ..Default::default()
    }
}

/// Changes name, description and attributes; attributes that were not sent stay.
pub async fn update(admin: &Admin<'_>, at: At<'_>, sent: RoleRepresentation) -> Result<(), AdminError> {
    let mut admin = admin.current().await?;
    for _ in 0..TRIES {
        let Found { mut record, mut document } = load(&admin, at).await?;
        require_change(&admin, record.client, &record.name).await?;
        let mut work = admin.begin();
        if let Some(name) = sent.name.as_ref().filter(|name| **name != record.name) {
            check_name(name)?;
            work = rename(&admin, work, &record, name).await?;
            (record.name, document.name) = (name.clone(), Some(name.clone()));
        }
        document.description.clone_from(&sent.description);
        if let Some(attributes) = &sent.attributes {
            document.attributes = Some(attributes.clone());
        }
        let resource = resource(record.client);
        let work = work.write(Found { record, document }.replacing()?);
        let done = Done { operation: OperationType::Update, resource, path: at.path(), sent: Some(&sent) };
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
        admin = admin.refreshed().await?;
    }
    Err(AdminError::Contended)
}

/// The same role under another name: what names it in the realm's document learns it.
async fn rename(admin: &Admin<'_>, work: Work, role: &RoleRecord, name: &str) -> Result<Work, AdminError> {
    require_change(admin, role.client, name).await?;
    if admin.context.store.stored_role(admin.realm.id, role.client, name).await?.is_some() {
        return Err(AdminError::Duplicate);
    }
    let (client_id, before) = (client_id_of(admin, role.client).await?, role.name.clone());
    settings::changing(admin, work, |realm| {
        scope_mapping::rename_role(realm, client_id.as_deref(), &before, Some(name));
        if let Some(default) = realm.default_role.as_mut().filter(|_| role.client.is_none())
            && default.name.as_ref() == Some(&before)
        {
            default.name = Some(name.to_owned());
        }
    })
    .await
}

/// Removes a role from everything that has it.
pub async fn delete(admin: &Admin<'_>, at: At<'_>) -> Result<(), AdminError> {
    let mut admin = admin.current().await?;
    for _ in 0..TRIES {
        let found = load(&admin, at).await?;
        let record = &found.record;
        require_change(&admin, record.client, &record.name).await?;
        if !admin.permit.may_give(&admin.realm, record.id) {
            // Everybody who has the role loses what comes with it.
            return Err(AdminError::Forbidden);
        }
        if admin.realm.default_role == Some(record.id) {
            let text = format!("{} is default role of the realm and cannot be removed.", record.name);
            return Err(AdminError::Invalid(text));
        }
        let client_id = client_id_of(&admin, record.client).await?;
        let work = settings::changing(&admin, admin.begin(), |realm| {
            scope_mapping::rename_role(realm, client_id.as_deref(), &record.name, None);
        });
        let work = holders::without(&admin, work.await?, record.id).await?;
        let told =
            RoleRepresentation { composite: Some(!record.composites.is_empty()), ..told(&found.document) };
        let done = Done {
            operation: OperationType::Delete,
            resource: resource(record.client),
            path: at.path(),
            sent: Some(&told),
        };
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
        admin = admin.refreshed().await?;
    }
    Err(AdminError::Contended)
}

/// What an event says of a role that is gone.
fn told(document: &RoleRepresentation) -> RoleRepresentation {
    RoleRepresentation {
        id: document.id.clone(),
        name: document.name.clone(),
        description: document.description.clone(),
        ..Default::default()
    }
}

pub(crate) async fn load(admin: &Admin<'_>, at: At<'_>) -> Result<Found, AdminError> {
    let store = admin.context.store;
    let record = match at {
        At::Name { client, name } => {
            store.stored_role(admin.realm.id, owner(admin, client).await?, name).await?
        }
        At::Id(id) => {
            let row = row_id(admin.realm.id, id);
            store.stored_roles(admin.realm.id).await?.into_iter().find(|role| role.id == row)
        }
    };
    Found::read(record.ok_or(AdminError::NotFound(at.absent()))?)
}

/// The row of the client that a path names.
pub(crate) async fn owner(admin: &Admin<'_>, client: Option<&str>) -> Result<Option<Uuid>, AdminError> {
    let Some(client) = client else { return Ok(None) };
    let row = row_id(admin.realm.id, client);
    match admin.context.store.stored_client_by_id(admin.realm.id, row).await? {
        Some(_) => Ok(Some(row)),
        None => Err(AdminError::NotFound(What::Client)),
    }
}

async fn client_id_of(admin: &Admin<'_>, owner: Option<Uuid>) -> Result<Option<String>, AdminError> {
    let Some(owner) = owner else { return Ok(None) };
    let stored = admin.context.store.stored_client_by_id(admin.realm.id, owner).await?;
    stored.map(|stored| Some(stored.record.client_id)).ok_or(AdminError::NotFound(What::Client))
}

/// Demands that a role of this owner and name may be made, changed or removed. Admin roles are only for whoever has
/// their rights, and the client that owns them is for whoever has all of them: others would take rights from somebody,
/// or put a role of theirs in the place of one that carries some (attack 80).
async fn require_change(admin: &Admin<'_>, owner: Option<Uuid>, name: &str) -> Result<(), AdminError> {
    require(admin, owner, Wish::Manage)?;
    let client_id = client_id_of(admin, owner).await?;
    let managed = client_id.as_deref().and_then(|id| access::administered_by(&admin.realm.name, id));
    let right = match managed {
        Some(realm) => Some(Right::Over(realm, AdminRoles::REALM_ADMIN)),
        None => access::right(&admin.realm.name, client_id.as_deref(), name),
    };
    right.map_or(Ok(()), |right| admin.permit.require_right(right))
}

fn check_name(name: &str) -> Result<(), AdminError> {
    if name.chars().count() <= MAX_NAME {
        return Ok(());
    }
    Err(AdminError::Invalid(format!("name: a role's name has at most {MAX_NAME} characters")))
}

/// The roles that a new one shall contain, by the names that were sent; each one that the caller may give.
fn named(admin: &Admin<'_>, sent: &RoleRepresentation) -> Result<Vec<Uuid>, AdminError> {
    let Composites { realm, client, application } = match &sent.composites {
        Some(composites) if sent.composite == Some(true) => composites.clone(),
        _ => return Ok(Vec::new()),
    };
    let roles = &admin.realm.roles;
    let mut found = Vec::new();
    for name in realm.into_iter().flatten() {
        let role = roles.realm_role(&name);
        let absent = || AdminError::Absent(format!("Realm Role with name {name} does not exist"));
        found.push(role.ok_or_else(absent)?.id);
    }
    for (client, names) in client.into_iter().chain(application).flatten() {
        for name in names {
            let absent = || AdminError::Absent(format!("Client Role with name {name} does not exist"));
            found.push(roles.client_role(&client, &name).ok_or_else(absent)?.id);
        }
    }
    for role in &found {
        composite::require_to_give(admin, *role)?;
    }
    Ok(found)
}

const fn resource(owner: Option<Uuid>) -> &'static str {
    if owner.is_some() { "CLIENT_ROLE" } else { "REALM_ROLE" }
}

/// As lists have it.
pub fn brief(role: RoleRepresentation) -> RoleRepresentation {
    RoleRepresentation { attributes: None, composites: None, ..role }
}

impl Found {
    pub(crate) fn read(record: RoleRecord) -> Result<Self, AdminError> {
        let document = keycloak::parse::<RoleRepresentation>(record.config.as_bytes());
        let mut document = document.map_err(|_| AdminError::Unwritable("role"))?;
        document.composite = Some(!record.composites.is_empty());
        Ok(Self { record, document })
    }

    /// The write that stores it.
    pub(crate) fn replacing(mut self) -> Result<Write, AdminError> {
        self.document.composite = Some(!self.record.composites.is_empty());
        self.record.config = written(&self.document, "role")?;
        Ok(Write::Replace(Box::new(Record::Role(self.record))))
    }
}

impl At<'_> {
    /// As admin events name it.
    fn path(&self) -> String {
        match self {
            Self::Name { client: None, name } => format!("roles/{name}"),
            Self::Name { client: Some(client), name } => format!("clients/{client}/roles/{name}"),
            Self::Id(id) => format!("roles-by-id/{id}"),
        }
    }

    const fn absent(&self) -> What {
        match self {
            Self::Name { .. } => What::Role,
            Self::Id(_) => What::RoleById,
        }
    }
}
