//! Realm `master`: made on an empty database, with its first administrator, and with a client for each
//! other realm whose roles administer that realm.

use sekisho_core::work::{ClientRecord, Guard, Outcome, Record, Registration, RoleRecord, Work, Write};
use sekisho_protocol::keycloak::defaults::{self, MASTER};
use sekisho_protocol::keycloak::{
    ClientRepresentation, CredentialRepresentation, Sensitive, UserRepresentation,
};
use sekisho_store::StoredRealm;
use uuid::Uuid;

use super::import::{ATTEMPTS, create};
use super::plan::written;
use super::{IfExists, ImportOptions};
use crate::error::won;
use crate::{AdminError, Context, user};
use sekisho_core::ids::row_id;

/// Master's role that contains all others.
const ADMIN: &str = "admin";
/// A role that every client has that administers a realm.
const MANAGE_REALM: &str = "manage-realm";

/// Who administers a server that nobody administers yet.
pub struct Administrator {
    pub username: String,
    pub password: Sensitive,
}

/// What the start of a server found and made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bootstrapped {
    /// Realm `master` was not there.
    pub master_made: bool,
    pub administrator: FirstAdministrator,
}

/// Whether somebody can administer the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstAdministrator {
    /// Made now.
    Made,
    /// Realm `master` has users; nothing was changed.
    There,
    /// Nobody, and nobody was named.
    Missing,
}

/// Makes realm `master` where there is none, and its first administrator where it has no user.
pub async fn bootstrap_master(
    context: &Context<'_>,
    first: Option<Administrator>,
) -> Result<Bootstrapped, AdminError> {
    let there = context.store.stored_realm(MASTER).await?.is_some_and(|found| !found.record.importing);
    if !there {
        let options = ImportOptions { if_exists: IfExists::Skip, ..ImportOptions::ours() };
        create(context, MASTER, options).await?;
    }
    for name in context.store.realm_names().await? {
        administer(context, &name).await?;
    }
    let administrator = match first {
        _ if has_user(context).await? => FirstAdministrator::There,
        Some(first) => match make(context, first).await {
            Err(AdminError::UserExists(_)) => FirstAdministrator::There,
            made => made.map(|()| FirstAdministrator::Made)?,
        },
        None => FirstAdministrator::Missing,
    };
    Ok(Bootstrapped { master_made: !there, administrator })
}

async fn has_user(context: &Context<'_>) -> Result<bool, AdminError> {
    let Some(master) = context.store.stored_realm(MASTER).await? else { return Ok(false) };
    let users = context.store.stored_users(master.record.id, Uuid::nil()).await?;
    Ok(users.iter().any(|user| user.record.service_account_of.is_none()))
}

async fn make(context: &Context<'_>, first: Administrator) -> Result<(), AdminError> {
    let password = CredentialRepresentation {
        r#type: Some("password".to_owned()),
        value: Some(first.password),
        ..Default::default()
    };
    let user = UserRepresentation {
        username: Some(first.username),
        enabled: Some(true),
        email_verified: Some(false),
        realm_roles: Some(vec![ADMIN.to_owned()]),
        credentials: Some(vec![password]),
        ..Default::default()
    };
    user::create(context, MASTER, user).await.map(|_| ())
}

/// What a work must do for master to administer one more realm.
pub(super) struct Addition {
    pub(super) guards: Vec<Guard>,
    pub(super) writes: Vec<Write>,
}

/// Adds what administers the realm, where it is missing.
async fn administer(context: &Context<'_>, name: &str) -> Result<(), AdminError> {
    for _ in 0..ATTEMPTS {
        let Some(Addition { guards, writes }) = addition(context, name).await? else { return Ok(()) };
        let outcome = context.store.commit(Work { id: context.fresh_id(), guards, writes }).await?;
        if !matches!(outcome, Outcome::Lost(_)) {
            return won(outcome, |_| AdminError::Raced(MASTER.to_owned()));
        }
    }
    Err(AdminError::Raced(MASTER.to_owned()))
}

/// Refuses a realm that nobody could administer: master has a client of the name that stands for it, and whoever
/// administers all realms has no role of it. Such a client came before the realm, from somebody who may make clients.
pub(super) async fn check_administrable(context: &Context<'_>, name: &str) -> Result<(), AdminError> {
    let master = context.store.stored_realm(MASTER).await?.filter(|_| name != MASTER);
    let Some(StoredRealm { record: master, .. }) = master else { return Ok(()) };
    let client_id = defaults::administration_client_id(name);
    let Some(client) = context.store.stored_client(master.id, &client_id).await? else { return Ok(()) };
    let manages = context.store.stored_role(master.id, Some(client.record.id), MANAGE_REALM).await?;
    let admin = context.store.stored_role(master.id, None, ADMIN).await?;
    let is_ours = |role: RoleRecord| admin.is_some_and(|admin| admin.composites.contains(&role.id));
    if manages.is_some_and(is_ours) {
        return Ok(());
    }
    Err(AdminError::Exists(format!(
        "Client {client_id} of realm {MASTER} already exists, and its roles do not administer a realm; remove it, \
         or choose another name than {name}"
    )))
}

/// The client `{realm}-realm` of master with its roles, all of which master's role `admin` then contains.
/// `None` where there is no master yet, or the client is there.
pub(super) async fn addition(context: &Context<'_>, name: &str) -> Result<Option<Addition>, AdminError> {
    let master = context.store.stored_realm(MASTER).await?.filter(|found| !found.record.importing);
    let Some(StoredRealm { record: master, revision }) = master.filter(|_| name != MASTER) else {
        return Ok(None);
    };
    let client_id = defaults::administration_client_id(name);
    if context.store.stored_client(master.id, &client_id).await?.is_some() {
        return Ok(None);
    }
    let (client, roles) = defaults::administration(name, &mut || context.fresh_id());
    let record = client_record(master.id, &client)?;
    let (owner, mut ids) = (record.id, Vec::new());
    let mut guards = vec![
        Guard::MoveRealmFrom { realm: master.id, revision },
        Guard::Insert(Box::new(Record::Client(record))),
    ];
    // Roles contain one another by name: ids first.
    let named: Vec<(String, Uuid)> = roles
        .iter()
        .map(|role| {
            (role.name.clone().unwrap_or_default(), row_id(master.id, role.id.as_deref().unwrap_or_default()))
        })
        .collect();
    for (mut role, (role_name, id)) in roles.into_iter().zip(&named) {
        let inside = role.composites.take().and_then(|composites| composites.client).unwrap_or_default();
        let is_inside = |name: &String| inside.values().flatten().any(|contained| contained == name);
        let composites = named.iter().filter(|(name, _)| is_inside(name)).map(|(_, id)| *id).collect();
        ids.push(*id);
        guards.push(Guard::Insert(Box::new(Record::Role(RoleRecord {
            id: *id,
            realm: master.id,
            client: Some(owner),
            name: role_name.clone(),
            config: written(&role, "role")?,
            composites,
        }))));
    }
    let mut writes = Vec::new();
    if let Some(mut admin) = context.store.stored_role(master.id, None, ADMIN).await? {
        admin.composites.extend(ids);
        writes.push(Write::Replace(Box::new(Record::Role(admin))));
    }
    Ok(Some(Addition { guards, writes }))
}

fn client_record(realm: Uuid, client: &ClientRepresentation) -> Result<ClientRecord, AdminError> {
    Ok(ClientRecord {
        id: row_id(realm, client.id.as_deref().unwrap_or_default()),
        realm,
        client_id: client.client_id.clone().unwrap_or_default(),
        config: written(client, "client")?,
        secrets: None,
        registration: Registration::default(),
    })
}
