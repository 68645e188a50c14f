//! Who is signed in at a client, and for whom it may go on alone.

use std::collections::BTreeMap;

use sekisho_core::grant::Grant;
use sekisho_core::session::Session;
use sekisho_protocol::keycloak::UserSessionRepresentation;
use sekisho_store::Page;
use uuid::Uuid;

use super::{load, read_whole};
use crate::AdminError;
use crate::permit::Admin;

/// How many sessions a client has in the realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// The client's id, as its document writes it.
    pub id: String,
    pub client_id: String,
    pub active: i64,
    pub offline: i64,
}

/// Every client of the realm that has any.
pub async fn stats(admin: &Admin<'_>) -> Result<Vec<Stats>, AdminError> {
    let mut names = Names::default();
    let mut stats = Vec::new();
    for of in admin.context.store.client_session_stats(&admin.realm).await? {
        if let Some((id, client_id)) = names.of(admin, of.client).await? {
            stats.push(Stats { id, client_id, active: of.active, offline: of.offline });
        }
    }
    Ok(stats)
}

/// How many sessions the client has part in.
pub async fn count(admin: &Admin<'_>, id: &str) -> Result<i64, AdminError> {
    let client = load(admin, id).await?.client.id;
    Ok(admin.context.store.session_count_of_client(&admin.realm, client).await?)
}

/// How many grants it has that outlive their session.
pub async fn offline_count(admin: &Admin<'_>, id: &str) -> Result<i64, AdminError> {
    let client = load(admin, id).await?.client.id;
    Ok(admin.context.store.offline_count_of_client(client).await?)
}

/// The sessions that the client has part in, the oldest first.
pub async fn list(
    admin: &Admin<'_>,
    id: &str,
    page: Page,
) -> Result<Vec<UserSessionRepresentation>, AdminError> {
    let client = load(admin, id).await?.client.id;
    let mut names = Names::default();
    let mut sessions = Vec::new();
    for (session, username) in admin.context.store.sessions_of_client(&admin.realm, client, page).await? {
        let mut clients = BTreeMap::new();
        for grant in admin.context.store.grants_of_session(session.id).await? {
            clients.extend(names.of(admin, grant.client).await?);
        }
        sessions.push(of_session(session, username, clients));
    }
    Ok(sessions)
}

/// What the client may do for users who are away, the oldest first.
pub async fn offline(
    admin: &Admin<'_>,
    id: &str,
    page: Page,
) -> Result<Vec<UserSessionRepresentation>, AdminError> {
    let found = load(admin, id).await?;
    let grants = admin.context.store.offline_grants_of_client(found.client.id, page).await?;
    let client = (found.document.id.unwrap_or_default(), found.client.client_id);
    let of = |(grant, username)| of_grant(&grant, username, BTreeMap::from([client.clone()]));
    Ok(grants.into_iter().map(of).collect())
}

/// Clients by their rows, each read once.
#[derive(Default)]
struct Names(BTreeMap<Uuid, Option<(String, String)>>);

impl Names {
    /// Its id as its document writes it, and its `clientId`; `None` once it is gone.
    async fn of(&mut self, admin: &Admin<'_>, client: Uuid) -> Result<Option<(String, String)>, AdminError> {
        if let Some(known) = self.0.get(&client) {
            return Ok(known.clone());
        }
        let stored = admin.context.store.stored_client_by_id(admin.realm.id, client).await?;
        let found = stored.map(|stored| read_whole(admin, stored)).transpose()?;
        let name = found.map(|found| (found.document.id.unwrap_or_default(), found.client.client_id));
        self.0.insert(client, name.clone());
        Ok(name)
    }
}

fn of_session(
    session: Session,
    username: String,
    clients: BTreeMap<String, String>,
) -> UserSessionRepresentation {
    UserSessionRepresentation {
        id: Some(session.id.to_string()),
        username: Some(username),
        user_id: Some(session.user.to_string()),
        ip_address: Some(session.ip_address),
        start: Some(session.created.0),
        last_access: Some(session.seen.0),
        remember_me: Some(session.remember_me),
        clients: Some(clients),
        transient_user: Some(false),
    }
}

fn of_grant(grant: &Grant, username: String, clients: BTreeMap<String, String>) -> UserSessionRepresentation {
    UserSessionRepresentation {
        id: Some(grant.sid.to_string()),
        username: Some(username),
        user_id: Some(grant.user.to_string()),
        start: Some(grant.created.0),
        last_access: Some(grant.issued.0),
        remember_me: Some(false),
        clients: Some(clients),
        transient_user: Some(false),
        ..Default::default()
    }
}
