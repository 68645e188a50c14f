//! Sessions and offline grants of users, as an administrator sees and ends them.

use std::collections::BTreeMap;

use sekisho_core::event::OperationType;
use sekisho_core::ids::row_id;
use sekisho_core::work::{Guard, Record, Work, Write};
use sekisho_core::{Session, session};
use sekisho_protocol::keycloak::{self, ClientRepresentation, UserSessionRepresentation};
use uuid::Uuid;

use crate::AdminError;
use crate::error::What;
use crate::permit::{Admin, Done, TRIES};
use crate::realm::plan::written;
use crate::user::read::{document, id_of, load};

type Nothing<'a> = Done<'a, UserSessionRepresentation>;

/// Sessions of a user that live now.
pub async fn of_user(admin: &Admin<'_>, user: &str) -> Result<Vec<UserSessionRepresentation>, AdminError> {
    let stored = load(admin, user).await?;
    let id = id_of(&document(&stored.record)?, stored.record.id);
    let mut shown = Vec::new();
    for session in admin.context.store.sessions_of_user(&admin.realm, stored.record.id).await? {
        let clients = clients(admin, &session).await?;
        shown.push(UserSessionRepresentation {
            id: Some(session.id.to_string()),
            username: Some(stored.record.username.clone()),
            user_id: Some(id.clone()),
            ip_address: Some(session.ip_address),
            start: Some(session.created.0),
            last_access: Some(session.seen.0),
            remember_me: Some(session.remember_me),
            clients: Some(clients),
            transient_user: Some(false),
        });
    }
    Ok(shown)
}

/// Grants of a user at a client that outlive their session.
pub async fn offline(
    admin: &Admin<'_>,
    user: &str,
    client: &str,
) -> Result<Vec<UserSessionRepresentation>, AdminError> {
    let stored = load(admin, user).await?;
    let row = row_id(admin.realm.id, client);
    let found = admin.context.store.stored_client_by_id(admin.realm.id, row).await?;
    let found = found.ok_or(AdminError::NotFound(What::NamedClient))?.record;
    let id = id_of(&document(&stored.record)?, stored.record.id);
    let grants = admin.context.store.grants_of_user_at_client(stored.record.id, row, true).await?;
    let shown = grants.into_iter().map(|grant| UserSessionRepresentation {
        id: Some(grant.sid.to_string()),
        username: Some(stored.record.username.clone()),
        user_id: Some(id.clone()),
        start: Some(grant.created.0),
        last_access: Some(grant.issued.0),
        remember_me: Some(false),
        clients: Some(BTreeMap::from([(client.to_owned(), found.client_id.clone())])),
        transient_user: Some(false),
        ..Default::default()
    });
    Ok(shown.collect())
}

/// Clients that a session is used at, by their ids.
async fn clients(admin: &Admin<'_>, session: &Session) -> Result<BTreeMap<String, String>, AdminError> {
    let mut clients = BTreeMap::new();
    for grant in admin.context.store.grants_of_session(session.id).await? {
        let stored = admin.context.store.stored_client_by_id(admin.realm.id, grant.client).await?;
        let Some(stored) = stored else { continue };
        let document: Option<ClientRepresentation> = keycloak::parse(stored.record.config.as_bytes()).ok();
        let id = document.and_then(|document| document.id).unwrap_or_else(|| grant.client.to_string());
        clients.insert(id, stored.record.client_id);
    }
    Ok(clients)
}

/// Ends every session of a user; tokens issued before now are refused, offline ones too.
pub async fn log_out(admin: &Admin<'_>, user: &str) -> Result<(), AdminError> {
    for _ in 0..TRIES {
        let stored = load(admin, user).await?;
        let (id, at) = (stored.record.id, admin.context.now());
        let mut document = document(&stored.record)?;
        document.not_before = i32::try_from(at.seconds()).ok();
        let mut record = stored.record.clone();
        record.config = written(&document, "user")?;
        let work = Work::new(admin.context.fresh_id())
            .guard(Guard::ChangeUser { user: id, version: stored.version })
            .write(Write::Replace(Box::new(Record::User(record))))
            .write(Write::EndSessionsOfUser { user: id, at });
        let path = format!("users/{user}/logout");
        let done = Nothing { operation: OperationType::Action, resource: "USER", path, sent: None };
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

/// Ends one session.
pub async fn end(admin: &Admin<'_>, id: &str) -> Result<(), AdminError> {
    let not_found = || AdminError::NotFound(What::Session);
    let id = Uuid::parse_str(id).map_err(|_| not_found())?;
    let found = admin.context.store.session(id).await?;
    let found = found.and_then(|found| session::check(&admin.realm, found, admin.context.now()));
    let found = found.ok_or_else(not_found)?;
    let work = session::end(found.session(), admin.context.fresh_id(), admin.context.now());
    let path = format!("sessions/{id}");
    let done = Nothing { operation: OperationType::Delete, resource: "USER_SESSION", path, sent: None };
    admin.commit(admin.recorded(work, &done), |_| Some(not_found())).await?;
    Ok(())
}

/// Ends every session of the realm. Offline grants stay.
pub async fn end_all(admin: &Admin<'_>) -> Result<(), AdminError> {
    let work = Work::new(admin.context.fresh_id()).write(Write::EndSessionsOfRealm { realm: admin.realm.id });
    let path = "logout-all".to_owned();
    let done = Nothing { operation: OperationType::Action, resource: "REALM", path, sent: None };
    admin.commit(admin.recorded(work, &done), |_| None).await?;
    Ok(())
}

/// Clients ask for what was revoked when they are asked with a token: nobody needs to be told.
pub async fn push_revocation(admin: &Admin<'_>) -> Result<(), AdminError> {
    let path = "push-revocation".to_owned();
    let done = Nothing { operation: OperationType::Action, resource: "REALM", path, sent: None };
    let work = admin.recorded(Work::new(admin.context.fresh_id()), &done);
    if !work.writes.is_empty() {
        admin.commit(work, |_| None).await?;
    }
    Ok(())
}
