//! Clients, as an administrator makes, reads, changes and removes them.

use sekisho_core::client::read::{self, Place};
use sekisho_core::client::register::{Draft, Settled};
use sekisho_core::event::OperationType;
use sekisho_core::grant::MAX_ACCESS_TOKEN_LIFE;
use sekisho_core::ids::row_id;
use sekisho_core::policy::event::{Occasion, Standing};
use sekisho_core::work::{Deletion, Guard, Registration, RevokedKind, Work, Write};
use sekisho_core::{Client, Secret, secrets};
use sekisho_policy as policy;
use sekisho_protocol::keycloak::{ClientRepresentation, Sensitive};
use sekisho_store::StoredClient;
use uuid::Uuid;

use crate::AdminError;
use crate::error::{What, judged};
use crate::permit::{Admin, Done, TRIES};

/// A client as it is stored, with its secret.
pub(crate) struct Found {
    pub(crate) stored: StoredClient,
    pub(crate) document: ClientRepresentation,
    pub(crate) client: Client,
}

/// The client with this id, as a document writes it.
pub async fn find(admin: &Admin<'_>, id: &str) -> Result<ClientRepresentation, AdminError> {
    let found = load(admin, id).await?;
    let standing = Standing { client: &found.client, updater: admin.permit.updater() };
    ask(admin, Occasion::View(standing)).await?;
    Ok(found.document)
}

/// Which clients a list has.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Exactly this `clientId`.
    pub client_id: Option<String>,
    /// Any part of a `clientId`.
    pub search: Option<String>,
}

/// Clients by their `clientId`.
pub async fn list(admin: &Admin<'_>, filter: &Filter) -> Result<Vec<ClientRepresentation>, AdminError> {
    let mut found = Vec::new();
    for stored in admin.context.store.stored_clients(admin.realm.id).await? {
        let named = filter.client_id.as_ref().is_none_or(|name| *name == stored.client_id);
        let holds = filter.search.as_ref().is_none_or(|part| stored.client_id.contains(part));
        if named && holds {
            found.push(read_whole(admin, StoredClient { record: stored, version: 0 })?.document);
        }
    }
    Ok(found)
}

/// Makes a client. Answers its id, as its document writes it.
pub async fn create(admin: &Admin<'_>, sent: ClientRepresentation) -> Result<String, AdminError> {
    let (entropy, now) = (admin.context.entropy, admin.context.now());
    let draft = Draft::new(&admin.realm, sent.clone(), entropy, now);
    let effects = ask(admin, Occasion::Register(draft.proposal(admin.permit.updater()))).await?;
    let settled = draft.settle(&effects, &admin.realm, entropy, now)?;
    ask(admin, Occasion::Registered(settled.standing(admin.permit.updater()))).await?;
    let work = settled.create(&admin.realm, Registration::default(), entropy, now);
    let id = settled.document().id.clone().unwrap_or_default();
    let done = Done {
        operation: OperationType::Create,
        resource: "CLIENT",
        path: format!("clients/{id}"),
        sent: Some(&sent),
    };
    let work = admin.recorded(work.ok_or(AdminError::NoMasterKey)?, &done);
    let taken = || AdminError::Exists(format!("Client {} already exists", settled.client().client_id));
    admin.commit(work, |_| Some(taken())).await?;
    Ok(id)
}

/// Changes a client: members that were not sent stay as they are.
pub async fn update(admin: &Admin<'_>, id: &str, sent: ClientRepresentation) -> Result<(), AdminError> {
    let change = |found: Found, sent| {
        Draft::change(found.client, &found.document, sent).ok_or(AdminError::Unwritable("client"))
    };
    change_client(admin, id, &sent.clone(), |found| change(found, sent.clone())).await
}

/// Decides a change on the client as it is, lets the policies judge what comes of it, and commits; decides
/// anew when somebody else was faster, so that the second of two administrators wins whole or not at all.
pub(crate) async fn change_client(
    admin: &Admin<'_>,
    id: &str,
    sent: &ClientRepresentation,
    draft: impl Fn(Found) -> Result<Draft, AdminError>,
) -> Result<(), AdminError> {
    let (entropy, now) = (admin.context.entropy, admin.context.now());
    for _ in 0..TRIES {
        let found = load(admin, id).await?;
        let (registration, before) = (found.stored.record.registration.clone(), found.client.clone());
        let draft = draft(found)?;
        let effects = ask(admin, Occasion::Update(draft.proposal(admin.permit.updater()))).await?;
        let settled = draft.settle(&effects, &admin.realm, entropy, now)?;
        check_name(admin, &before, &settled).await?;
        ask(admin, Occasion::Updated(settled.standing(admin.permit.updater()))).await?;
        let work = settled.update(&admin.realm, registration, entropy, now);
        let mut work = work.ok_or(AdminError::NoMasterKey)?;
        if before.client_id != settled.client().client_id {
            // Roles and scope mappings name their owner.
            work = work.guard(Guard::MoveRealm { realm: admin.realm.id });
        }
        if settled.loses_service_account() {
            work = without_service_account(admin, work, before.id).await?;
        }
        let done = Done {
            operation: OperationType::Update,
            resource: "CLIENT",
            path: format!("clients/{id}"),
            sent: Some(sent),
        };
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

/// The row would be refused by its unique key; whoever is told first is told in words.
async fn check_name(admin: &Admin<'_>, before: &Client, settled: &Settled) -> Result<(), AdminError> {
    let client_id = &settled.client().client_id;
    if *client_id != before.client_id
        && admin.context.store.stored_client(admin.realm.id, client_id).await?.is_some()
    {
        return Err(AdminError::Duplicate);
    }
    Ok(())
}

/// Removes a client with its roles, its service account and what was agreed to for it.
pub async fn delete(admin: &Admin<'_>, id: &str) -> Result<(), AdminError> {
    for _ in 0..TRIES {
        let found = load(admin, id).await?;
        ask(admin, Occasion::Unregister(Standing { client: &found.client, updater: admin.permit.updater() }))
            .await?;
        let work = removal(admin, &found).await?;
        let done: Done<'_, ClientRepresentation> = Done {
            operation: OperationType::Delete,
            resource: "CLIENT",
            path: format!("clients/{id}"),
            sent: None,
        };
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
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

/// Asks the policies of the realm.
pub(crate) async fn ask(
    admin: &Admin<'_>,
    occasion: Occasion<'_>,
) -> Result<Vec<sekisho_core::policy::effect::Effect>, AdminError> {
    judged(policy::check(admin.context.outside, &admin.realm, admin.context.now(), occasion).await)
}
