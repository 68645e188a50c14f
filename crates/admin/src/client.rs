//! Clients, as an administrator makes, reads, changes and removes them.

pub mod account;
pub mod certificate;
pub mod node;
pub mod registration;
pub mod scope;
pub mod secret;
mod seen;
pub mod session;
pub(crate) mod whole;

use std::collections::HashSet;

use sekisho_core::access::{self, AdminRoles, MASTER, Right};
use sekisho_core::client::read::{self, Place};
use sekisho_core::client::register::{Draft, Settled};
use sekisho_core::event::OperationType;
use sekisho_core::grant::MAX_ACCESS_TOKEN_LIFE;
use sekisho_core::ids::row_id;
use sekisho_core::policy::event::{Occasion, Standing};
use sekisho_core::work::{Deletion, Guard, Registration, RevokedKind, Work, Write};
use sekisho_core::{Client, Secret, secrets};
use sekisho_protocol::keycloak::{ClientRepresentation, ProtocolMapperRepresentation, Sensitive};
use sekisho_store::{ClientFilter, Page, StoredClient};
use serde::Serialize;
use uuid::Uuid;

use crate::error::What;
use crate::judge::{ask, ask_to_look};
use crate::permit::{Admin, Done, TRIES};
use crate::realm::settings;
use crate::{AdminError, takeover};

pub(crate) use seen::without_secrets;
use seen::{seen, shown};

const VIEW: AdminRoles = AdminRoles::VIEW_CLIENTS.and(AdminRoles::MANAGE_CLIENTS);
const MANAGE: AdminRoles = AdminRoles::MANAGE_CLIENTS;

/// A client as it is stored, with its secret.
pub(crate) struct Found {
    pub(crate) stored: StoredClient,
    pub(crate) document: ClientRepresentation,
    pub(crate) client: Client,
}

/// What a change is decided on, and what shall come of it.
pub(crate) struct Change {
    before: Client,
    registration: Registration,
    draft: Draft,
    /// What else must stand for it to hold.
    also: Option<Guard>,
}

/// Which clients a list has.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Exactly this `clientId`.
    pub client_id: Option<String>,
    /// Any part of a `clientId`, in upper or lower case.
    pub search: Option<String>,
    pub page: Page,
}

/// The client with this id, as a document writes it.
pub async fn find(admin: &Admin<'_>, id: &str) -> Result<ClientRepresentation, AdminError> {
    let found = look(admin, id).await?;
    shown(admin, &found.client, found.document).await
}

/// The client, where the policies let the caller look at it.
pub(crate) async fn look(admin: &Admin<'_>, id: &str) -> Result<Found, AdminError> {
    let found = load(admin, id).await?;
    let standing = Standing { client: &found.client, updater: admin.permit.updater() };
    ask_to_look(admin, Occasion::View(standing)).await?;
    Ok(found)
}

/// Clients by their `clientId`. As in Keycloak the policies are not asked about each.
pub async fn list(admin: &Admin<'_>, filter: &Filter) -> Result<Vec<ClientRepresentation>, AdminError> {
    let store = admin.context.store;
    let stored = if let Some(name) = &filter.client_id {
        store.stored_client(admin.realm.id, name).await?.into_iter().collect()
    } else {
        let filter = ClientFilter { search: filter.search.clone(), page: filter.page };
        store.clients_page(admin.realm.id, &filter).await?
    };
    let mut clients = Vec::new();
    for stored in stored {
        let Found { client, document, .. } = read_whole(admin, stored)?;
        clients.push(shown(admin, &client, document).await?);
    }
    Ok(clients)
}

/// Makes a client. Answers its id, as its document writes it.
pub async fn create(admin: &Admin<'_>, sent: ClientRepresentation) -> Result<String, AdminError> {
    let (entropy, now) = (admin.context.entropy, admin.context.now());
    check_flows(admin, &sent).await?;
    check_new_name(admin, sent.client_id.as_deref().unwrap_or_default())?;
    let mut done = Done {
        operation: OperationType::Create,
        resource: "CLIENT",
        path: "clients".to_owned(),
        sent: Some(&sent),
    };
    let draft = Draft::new(&admin.realm, sent.clone(), entropy, now);
    let effects = ask(admin, &done, Occasion::Register(draft.proposal(admin.permit.updater()))).await?;
    let settled = draft.settle(&effects, &admin.realm, entropy, now)?;
    let exists = format!("Client {} already exists", settled.client().client_id);
    let taken = || AdminError::Exists(exists.clone());
    if has_twins(settled.document().protocol_mappers.as_deref().unwrap_or_default()) {
        // Keycloak's words, though what is there twice is a mapper.
        return Err(taken());
    }
    let effects = ask(admin, &done, Occasion::Registered(settled.standing(admin.permit.updater()))).await?;
    let settled = settled.follow(&effects, entropy, now);
    let work = settled.create(&admin.realm, Registration::default(), entropy, now);
    let id = settled.document().id.clone().unwrap_or_default();
    done.path = format!("clients/{id}");
    let work = admin.recorded(work.ok_or(AdminError::NoMasterKey)?, &done);
    admin.commit(work, |_| Some(taken())).await?;
    Ok(id)
}

/// Changes a client: members that were not sent stay as they are.
pub async fn update(admin: &Admin<'_>, id: &str, sent: ClientRepresentation) -> Result<(), AdminError> {
    check_flows(admin, &sent).await?;
    let done = Done {
        operation: OperationType::Update,
        resource: "CLIENT",
        path: format!("clients/{id}"),
        sent: Some(&sent),
    };
    let draft = |found: Found| {
        Draft::change(found.client, &found.document, sent.clone()).ok_or(AdminError::Unwritable("client"))
    };
    change_client(admin, id, &done, draft).await.map(drop)
}

/// Decides a change on the client as it is, lets the policies judge what comes of it, and commits; decides
/// anew when somebody else was faster, so that the second of two administrators wins whole or not at all.
pub(crate) async fn change_client<T: Serialize>(
    admin: &Admin<'_>,
    id: &str,
    done: &Done<'_, T>,
    draft: impl Fn(Found) -> Result<Draft, AdminError>,
) -> Result<Settled, AdminError> {
    for _ in 0..TRIES {
        let found = load(admin, id).await?;
        let change = Change::of(found, None, &draft)?;
        if let Some(settled) = Box::pin(attempt(admin, change, done)).await? {
            return Ok(settled);
        }
    }
    Err(AdminError::Contended)
}

/// One try of a change; `None` when somebody else was faster.
pub(crate) async fn attempt<T: Serialize>(
    admin: &Admin<'_>,
    change: Change,
    done: &Done<'_, T>,
) -> Result<Option<Settled>, AdminError> {
    let (entropy, now) = (admin.context.entropy, admin.context.now());
    let Change { before, registration, draft, also } = change;
    require_changeable(admin, &before).await?;
    let effects = ask(admin, done, Occasion::Update(draft.proposal(admin.permit.updater()))).await?;
    let settled = draft.settle(&effects, &admin.realm, entropy, now)?;
    check_name(admin, &before, &settled).await?;
    let effects = ask(admin, done, Occasion::Updated(settled.standing(admin.permit.updater()))).await?;
    let settled = settled.follow(&effects, entropy, now);
    let work = settled.update(&admin.realm, registration, entropy, now);
    let mut work = also.into_iter().fold(work.ok_or(AdminError::NoMasterKey)?, Work::guard);
    if before.client_id != settled.client().client_id {
        // Roles and scope mappings name their owner.
        work = work.guard(Guard::MoveRealm { realm: admin.realm.id });
    }
    if settled.loses_service_account() {
        work = without_service_account(admin, work, before.id).await?;
    }
    let won = admin.commit(admin.recorded(work, done), |_| None).await?;
    Ok(won.then_some(settled))
}

/// What stands in for the browser's flow must be a flow of the realm.
async fn check_flows(admin: &Admin<'_>, sent: &ClientRepresentation) -> Result<(), AdminError> {
    let Some(overrides) = &sent.authentication_flow_binding_overrides else { return Ok(()) };
    if overrides.values().all(String::is_empty) {
        return Ok(());
    }
    let realm = settings::document(admin).await?;
    let flows: HashSet<&String> =
        realm.authentication_flows.iter().flatten().filter_map(|flow| flow.id.as_ref()).collect();
    match overrides.iter().find(|(_, flow)| !flow.is_empty() && !flows.contains(flow)) {
        Some((binding, _)) => Err(AdminError::Invalid(format!(
            "authenticationFlowBindingOverrides.{binding} is not the id of a flow of the realm; send the id of one"
        ))),
        None => Ok(()),
    }
}

/// Two mappers of one protocol cannot have one name.
pub(crate) fn has_twins(mappers: &[ProtocolMapperRepresentation]) -> bool {
    let mut seen = HashSet::new();
    !mappers.iter().all(|mapper| seen.insert((mapper.protocol.as_deref(), mapper.name.as_deref())))
}

/// The row would be refused by its unique key; whoever is told first is told in words.
async fn check_name(admin: &Admin<'_>, before: &Client, settled: &Settled) -> Result<(), AdminError> {
    let client_id = &settled.client().client_id;
    if *client_id == before.client_id {
        return Ok(());
    }
    for name in [&before.client_id, client_id] {
        require_to_name(admin, name)?;
    }
    match admin.context.store.stored_client(admin.realm.id, client_id).await? {
        Some(_) => Err(AdminError::Duplicate),
        None => Ok(()),
    }
}

/// A client of master whose name stands for a realm comes with that realm and goes with it. One that came before it
/// would be in its way.
fn check_new_name(admin: &Admin<'_>, client_id: &str) -> Result<(), AdminError> {
    if admin.realm.name == MASTER && is_of_administration(admin, client_id) {
        return Err(AdminError::Invalid(format!(
            "clientId: a client of realm {MASTER} whose name ends in -realm comes with the realm that it stands for; \
             choose another name"
        )));
    }
    require_to_name(admin, client_id)
}

/// The client of this name gives its roles their rights (attack 80): only whoever has all of them makes or moves it.
fn require_to_name(admin: &Admin<'_>, client_id: &str) -> Result<(), AdminError> {
    let realm = access::administered_by(&admin.realm.name, client_id);
    realm.map_or(Ok(()), |realm| admin.permit.require_right(Right::Over(realm, AdminRoles::REALM_ADMIN)))
}

/// Removes a client with its roles, its service account and what was agreed to for it.
pub async fn delete(admin: &Admin<'_>, id: &str) -> Result<(), AdminError> {
    let done: Done<'_, ClientRepresentation> = Done {
        operation: OperationType::Delete,
        resource: "CLIENT",
        path: format!("clients/{id}"),
        sent: None,
    };
    for _ in 0..TRIES {
        let found = load(admin, id).await?;
        let standing = Standing { client: &found.client, updater: admin.permit.updater() };
        ask(admin, &done, Occasion::Unregister(standing)).await?;
        let client_id = &found.client.client_id;
        if is_of_administration(admin, client_id) && !stands_for_nothing(admin, client_id).await? {
            return Err(AdminError::Forbidden);
        }
        if sekisho_core::client::is_built_in(&found.client.client_id) {
            return Err(AdminError::BuiltInClient);
        }
        let work = removal(admin, &found).await?;
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

/// Whether the client holds the roles of administrators. Keycloak lets nobody change such a one, whatever their roles:
/// who could, would give themselves more by it.
fn is_of_administration(admin: &Admin<'_>, client_id: &str) -> bool {
    access::administered_by(&admin.realm.name, client_id).is_some()
}

/// Whether the client has the name of one that stands for a realm, and there is none: it is only in the way.
async fn stands_for_nothing(admin: &Admin<'_>, client_id: &str) -> Result<bool, AdminError> {
    let realm = access::administered_by(&admin.realm.name, client_id).filter(|_| admin.realm.name == MASTER);
    Ok(match realm {
        Some(realm) => admin.context.store.stored_realm(realm).await?.is_none(),
        None => false,
    })
}

/// Demands that the client is one that the caller may change: not one that holds the roles of administrators, and
/// none that has more rights than they have.
pub(crate) async fn require_changeable(admin: &Admin<'_>, client: &Client) -> Result<(), AdminError> {
    if is_of_administration(admin, &client.client_id) {
        return Err(AdminError::Forbidden);
    }
    takeover::require_over_client(admin, client.id).await
}

/// Removes a client without asking the policies: it belongs to something that is gone.
pub(crate) async fn remove(admin: &Admin<'_>, id: Uuid) -> Result<(), AdminError> {
    for _ in 0..TRIES {
        let Some(stored) = admin.context.store.stored_client_by_id(admin.realm.id, id).await? else {
            return Ok(());
        };
        let work = removal(admin, &read_whole(admin, stored)?).await?;
        if admin.commit(work, |_| None).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

async fn removal(admin: &Admin<'_>, found: &Found) -> Result<Work, AdminError> {
    let (client, version) = (found.client.id, found.stored.version);
    let mut work = Work::new(admin.context.fresh_id())
        .guard(Guard::ChangeClient { client, version })
        .guard(Guard::MoveRealm { realm: admin.realm.id })
        .write(Write::Delete(Deletion::Client { client }))
        .write(revocation(admin, RevokedKind::Client, client));
    if found.client.service_accounts {
        work = without_service_account(admin, work, client).await?;
    }
    Ok(work)
}

async fn without_service_account(admin: &Admin<'_>, work: Work, client: Uuid) -> Result<Work, AdminError> {
    let account = admin.context.store.stored_service_account(admin.realm.id, client).await?;
    Ok(match account {
        Some(account) => {
            let user = account.record.id;
            work.write(Write::Delete(Deletion::User { user })).write(revocation(
                admin,
                RevokedKind::User,
                user,
            ))
        }
        None => work,
    })
}

/// Tokens of what is gone are refused as long as one could live, on every node.
pub(crate) fn revocation(admin: &Admin<'_>, kind: RevokedKind, id: Uuid) -> Write {
    let now = admin.context.now();
    Write::Revoke {
        realm: admin.realm.id,
        kind,
        key: id.as_bytes().to_vec(),
        at: now,
        expires: now.plus_seconds(MAX_ACCESS_TOKEN_LIFE),
    }
}

impl Change {
    /// What `draft` makes of a client.
    pub(crate) fn of(
        found: Found,
        also: Option<Guard>,
        draft: impl Fn(Found) -> Result<Draft, AdminError>,
    ) -> Result<Self, AdminError> {
        let (before, registration) = (found.client.clone(), found.stored.record.registration.clone());
        Ok(Self { before, registration, draft: draft(found)?, also })
    }
}

/// Reads a client whole.
pub(crate) async fn load(admin: &Admin<'_>, id: &str) -> Result<Found, AdminError> {
    let row = row_id(admin.realm.id, id);
    let stored = admin.context.store.stored_client_by_id(admin.realm.id, row).await?;
    read_whole(admin, stored.ok_or(AdminError::NotFound(What::Client))?)
}

/// A stored client with its secrets put back.
pub(crate) fn read_whole(admin: &Admin<'_>, stored: StoredClient) -> Result<Found, AdminError> {
    let document = document(admin, &stored).ok_or(AdminError::Unwritable("client"))?;
    let place = Place { id: stored.record.id, realm: admin.realm.id, version: stored.version };
    let secret = document.secret.as_ref().map(|secret: &Sensitive| Secret::new(secret.reveal()));
    let client = read::client(place, document.clone(), secret);
    Ok(Found { stored, document, client })
}

fn document(admin: &Admin<'_>, stored: &StoredClient) -> Option<ClientRepresentation> {
    let mut document = serde_json::from_str(&stored.record.config).ok()?;
    let sealed = secrets::open(&admin.realm, stored.record.secrets.as_deref())?;
    secrets::put_back(&mut document, &sealed)?;
    serde_json::from_value(document).ok()
}
