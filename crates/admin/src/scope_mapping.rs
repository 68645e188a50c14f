//! Roles that tokens may carry through a client without full scope, or through a client scope. The realm's document
//! holds them, by name.

use sekisho_core::Realm;
use sekisho_core::client::register::Draft;
use sekisho_core::event::OperationType;
use sekisho_core::ids::row_id;
use sekisho_core::policy::event::{Occasion, Standing};
use sekisho_core::realm::assemble::mapped_roles;
use sekisho_core::role::Role;
use sekisho_core::work::Guard;
use sekisho_protocol::keycloak::{
    self, ClientMappingsRepresentation, ClientRepresentation, MappingsRepresentation, RealmRepresentation,
    RoleRepresentation, ScopeMappingRepresentation,
};
use serde::Serialize;
use uuid::Uuid;

use crate::AdminError;
use crate::client::{self, Found};
use crate::error::What;
use crate::judge::ask;
use crate::permit::{Admin, Done, TRIES};
use crate::realm::settings;
use crate::role::{self, brief};

/// Through what tokens may carry the roles; by id.
#[derive(Clone, Copy, Debug)]
pub enum Holder<'a> {
    Client(&'a str),
    Scope(&'a str),
}

/// Whose roles.
#[derive(Clone, Copy, Debug)]
pub enum Of<'a> {
    Realm,
    /// A client, by the id of its row.
    Client(&'a str),
}

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that were mapped themselves.
    Mapped,
    /// Those that could be.
    Available,
    /// Those that tokens may carry in the end.
    Effective,
}

/// A client or a client scope, with the name that mappings know it by.
enum Known {
    Client { client_id: String, full_scope: bool },
    Scope { name: String },
}

/// All that is mapped itself.
pub async fn mappings(admin: &Admin<'_>, holder: Holder<'_>) -> Result<MappingsRepresentation, AdminError> {
    let known = known(admin, holder).await?;
    let mapped = known.mapped(&settings::document(admin).await?, &admin.realm);
    let mut found = MappingsRepresentation::default();
    for role in role::rows(admin, &mapped).await? {
        let owner = role.record.client.map(|owner| (owner, admin.realm.roles.client_ids.get(&owner)));
        let document = brief(role.document);
        match owner {
            None => found.realm_mappings.get_or_insert_default().push(document),
            Some((id, Some(client_id))) => {
                let of = found.client_mappings.get_or_insert_default().entry(client_id.clone());
                let of = of.or_insert_with(|| ClientMappingsRepresentation {
                    id: Some(id.to_string()),
                    client: Some(client_id.clone()),
                    mappings: None,
                });
                of.mappings.get_or_insert_default().push(document);
            }
            Some((_, None)) => {}
        }
    }
    Ok(found)
}

/// Roles of the realm or of one client, by name.
pub async fn list(
    admin: &Admin<'_>,
    holder: Holder<'_>,
    of: Of<'_>,
    which: Which,
) -> Result<Vec<RoleRepresentation>, AdminError> {
    let known = known(admin, holder).await?;
    let owner = owner(admin, of).await?;
    let mapped = known.mapped(&settings::document(admin).await?, &admin.realm);
    let effective = admin.realm.roles.expand(mapped.iter().copied());
    let wanted = |role: &&Role| {
        role.client == owner
            && match which {
                Which::Mapped => mapped.contains(&role.id),
                Which::Available => !mapped.contains(&role.id),
                Which::Effective => known.has_full_scope() || effective.contains(&role.id),
            }
    };
    let ids: Vec<Uuid> = admin.realm.roles.by_id.values().filter(wanted).map(|role| role.id).collect();
    Ok(role::rows(admin, &ids).await?.into_iter().map(|role| brief(role.document)).collect())
}

/// Maps roles.
pub async fn add(
    admin: &Admin<'_>,
    holder: Holder<'_>,
    of: Of<'_>,
    sent: &[RoleRepresentation],
) -> Result<(), AdminError> {
    change(admin, (holder, of), sent, OperationType::Create).await
}

/// Maps roles no longer.
pub async fn remove(
    admin: &Admin<'_>,
    holder: Holder<'_>,
    of: Of<'_>,
    sent: &[RoleRepresentation],
) -> Result<(), AdminError> {
    change(admin, (holder, of), sent, OperationType::Delete).await
}

async fn change(
    admin: &Admin<'_>,
    (holder, of): (Holder<'_>, Of<'_>),
    sent: &[RoleRepresentation],
    operation: OperationType,
) -> Result<(), AdminError> {
    let mut admin = admin.current().await?;
    for _ in 0..TRIES {
        let known = known(&admin, holder).await?;
        let owner = owner(&admin, of).await?;
        let names = names(&admin.realm, owner, sent)?;
        let client_id = owner.and_then(|owner| admin.realm.roles.client_ids.get(&owner)).cloned();
        let resource = if owner.is_some() { "CLIENT_SCOPE_MAPPING" } else { "REALM_SCOPE_MAPPING" };
        let done = Done { operation, resource, path: path(holder, of), sent: Some(&sent) };
        let work = match holder {
            Holder::Client(id) => admin.begin().guard(judged(&admin, id, &done).await?),
            Holder::Scope(_) => admin.begin(),
        };
        let work = settings::changing(&admin, work, |realm| {
            known.change(of_owner(realm, client_id.as_deref()), &names, operation);
        });
        if admin.commit(admin.recorded(work.await?, &done), |_| None).await? {
            return Ok(());
        }
        admin = admin.refreshed().await?;
    }
    Err(AdminError::Contended)
}

/// Which roles a client's tokens may carry is as much of it as any other setting, wherever it is stored: policies judge
/// a change of it as an update of the client (attack 43). Answers what must stand for their word to hold.
async fn judged<T: Serialize>(admin: &Admin<'_>, id: &str, done: &Done<'_, T>) -> Result<Guard, AdminError> {
    let Found { stored, document, client } = client::load(admin, id).await?;
    client::require_changeable(admin, &client).await?;
    let (row, version, updater) = (client.id, stored.version, admin.permit.updater());
    let draft = Draft::replace(client.clone(), ClientRepresentation::default(), document);
    ask(admin, done, Occasion::Update(draft.proposal(updater))).await?;
    ask(admin, done, Occasion::Updated(Standing { client: &client, updater })).await?;
    Ok(Guard::ChangeClient { client: row, version })
}

fn path(holder: Holder<'_>, of: Of<'_>) -> String {
    let holder = match holder {
        Holder::Client(id) => format!("clients/{id}"),
        Holder::Scope(id) => format!("client-scopes/{id}"),
    };
    match of {
        Of::Realm => format!("{holder}/scope-mappings/realm"),
        Of::Client(id) => format!("{holder}/scope-mappings/clients/{id}"),
    }
}

/// The names of a body's roles, all of which the owner has (attack 79).
fn names(realm: &Realm, owner: Option<Uuid>, sent: &[RoleRepresentation]) -> Result<Vec<String>, AdminError> {
    let find = |sent: &RoleRepresentation| {
        let mut roles = realm.roles.by_id.values().filter(|role| role.client == owner);
        let role = match &sent.id {
            Some(id) => roles.find(|role| role.id == row_id(realm.id, id)),
            None => roles.find(|role| Some(&role.name) == sent.name.as_ref()),
        };
        role.map(|role| role.name.clone()).ok_or(AdminError::NotFound(What::MappedRole))
    };
    sent.iter().map(find).collect()
}

async fn known(admin: &Admin<'_>, holder: Holder<'_>) -> Result<Known, AdminError> {
    let (store, realm) = (admin.context.store, admin.realm.id);
    match holder {
        Holder::Client(id) => {
            let stored = store.stored_client_by_id(realm, row_id(realm, id)).await?;
            let record = stored.ok_or(AdminError::NotFound(What::Client))?.record;
            let document = keycloak::parse::<ClientRepresentation>(record.config.as_bytes());
            let document = document.map_err(|_| AdminError::Unwritable("client"))?;
            let full_scope = document.full_scope_allowed.unwrap_or(true);
            Ok(Known::Client { client_id: record.client_id, full_scope })
        }
        Holder::Scope(id) => {
            let row = row_id(realm, id);
            let found = store.stored_scopes(realm).await?.into_iter().find(|scope| scope.id == row);
            Ok(Known::Scope { name: found.ok_or(AdminError::NotFound(What::ClientScope))?.name })
        }
    }
}

async fn owner(admin: &Admin<'_>, of: Of<'_>) -> Result<Option<Uuid>, AdminError> {
    match of {
        Of::Realm => role::owner(admin, None).await,
        Of::Client(id) => role::owner(admin, Some(id)).await,
    }
}

impl Known {
    const fn has_full_scope(&self) -> bool {
        matches!(self, Self::Client { full_scope: true, .. })
    }

    fn is_holder(&self, mapping: &ScopeMappingRepresentation) -> bool {
        match self {
            Self::Client { client_id, .. } => mapping.client.as_ref() == Some(client_id),
            Self::Scope { name } => mapping.client_scope.as_ref() == Some(name),
        }
    }

    fn mapped(&self, document: &RealmRepresentation, realm: &Realm) -> Vec<Uuid> {
        mapped_roles(document, &realm.roles, |mapping| self.is_holder(mapping))
    }

    fn change(
        &self,
        mappings: &mut Vec<ScopeMappingRepresentation>,
        names: &[String],
        operation: OperationType,
    ) {
        if operation == OperationType::Delete {
            for mapping in mappings.iter_mut().filter(|mapping| self.is_holder(mapping)) {
                mapping.roles.get_or_insert_default().retain(|role| !names.contains(role));
            }
            mappings.retain(|mapping| mapping.roles.as_ref().is_some_and(|roles| !roles.is_empty()));
            return;
        }
        if !mappings.iter().any(|mapping| self.is_holder(mapping)) {
            mappings.push(self.mapping());
        }
        if let Some(mapping) = mappings.iter_mut().find(|mapping| self.is_holder(mapping)) {
            let roles = mapping.roles.get_or_insert_default();
            roles.extend(names.iter().cloned());
            roles.sort_unstable();
            roles.dedup();
        }
    }

    fn mapping(&self) -> ScopeMappingRepresentation {
        let (client, client_scope) = match self {
            Self::Client { client_id, .. } => (Some(client_id.clone()), None),
            Self::Scope { name } => (None, Some(name.clone())),
        };
        ScopeMappingRepresentation { client, client_scope, ..Default::default() }
    }
}

/// The mappings of the realm's roles, or of those of one client.
fn of_owner<'a>(
    realm: &'a mut RealmRepresentation,
    client_id: Option<&str>,
) -> &'a mut Vec<ScopeMappingRepresentation> {
    match client_id {
        None => realm.scope_mappings.get_or_insert_default(),
        Some(owner) => {
            realm.client_scope_mappings.get_or_insert_default().entry(owner.to_owned()).or_default()
        }
    }
}

/// A role of the realm or of this client gets another name, or goes.
pub(crate) fn rename_role(
    realm: &mut RealmRepresentation,
    client_id: Option<&str>,
    before: &str,
    after: Option<&str>,
) {
    let mappings = of_owner(realm, client_id);
    for roles in mappings.iter_mut().filter_map(|mapping| mapping.roles.as_mut()) {
        let position = roles.iter().position(|role| role == before);
        let Some(position) = position else { continue };
        roles.remove(position);
        roles.extend(after.map(str::to_owned));
    }
    mappings.retain(|mapping| mapping.roles.as_ref().is_some_and(|roles| !roles.is_empty()));
    if let Some(of_clients) = &mut realm.client_scope_mappings {
        of_clients.retain(|_, mappings| !mappings.is_empty());
    }
}
