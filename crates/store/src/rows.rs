//! Rows as records.

use sekisho_core::client::read::{self, Memberships, Place};
use sekisho_core::credential::StoredCredential;
use sekisho_core::grant::Grant;
use sekisho_core::ids::GrantId;
use sekisho_core::lockout::Attempts;
use sekisho_core::session::{Session, SessionState};
use sekisho_core::work::ConsentRecord;
use sekisho_core::{User, role};
use sekisho_protocol::keycloak::{self, GroupRepresentation, UserRepresentation};
use sekisho_protocol::{Scopes, Timestamp};
use uuid::Uuid;

use crate::engine::Row;

pub(crate) fn at(row: &Row, index: usize) -> Option<Timestamp> {
    row.int(index).map(Timestamp)
}

pub(crate) fn ids(text: &str) -> Option<Vec<Uuid>> {
    serde_json::from_str(text).ok()
}

pub(crate) fn session(row: &Row) -> Option<Session> {
    Some(Session {
        id: row.id(0)?,
        realm: row.id(1)?,
        user: row.id(2)?,
        cookie_hash: row.bytes(3)?.try_into().ok()?,
        state: SessionState::parse(row.text(4)?)?,
        created: at(row, 5)?,
        auth_time: at(row, 6)?,
        seen: at(row, 7)?,
        expires: at(row, 8)?,
        remember_me: row.bool(9)?,
        amr: row.text(10)?.split(' ').filter(|method| !method.is_empty()).map(str::to_owned).collect(),
        ip_address: row.text(11)?.to_owned(),
    })
}

pub(crate) fn grant(row: &Row) -> Option<Grant> {
    Some(Grant {
        id: GrantId::from_stored(row.id(0)?),
        realm: row.id(1)?,
        client: row.id(2)?,
        user: row.id(3)?,
        session: row.id(4),
        sid: row.id(5)?,
        scopes: Scopes::parse(row.text(6)?),
        resources: serde_json::from_str(row.text(7)?).ok()?,
        offline: row.bool(8)?,
        auth_time: at(row, 9)?,
        created: at(row, 10)?,
        generation: row.int(11)?,
        issued: at(row, 12)?,
        repeats: row.int(13)?,
        expires: at(row, 14),
        revoked: at(row, 15),
    })
}

pub(crate) fn consent(row: &Row) -> Option<ConsentRecord> {
    Some(ConsentRecord {
        realm: row.id(0)?,
        user: row.id(1)?,
        client: row.id(2)?,
        resource: row.text(3)?.to_owned(),
        scopes: Scopes::parse(row.text(4)?),
        at: at(row, 5)?,
    })
}

pub(crate) fn credential(row: &Row) -> Option<StoredCredential> {
    Some(StoredCredential {
        id: row.id(0)?,
        user: row.id(1)?,
        kind: row.text(2)?.to_owned(),
        label: row.text(3).map(str::to_owned),
        created: row.int(4)?,
        priority: row.int(5)?,
        credential_data: row.text(6)?.to_owned(),
        secret_data: row.text(7)?.to_owned(),
    })
}

pub(crate) fn attempts(row: &Row) -> Option<Attempts> {
    Some(Attempts { failures: row.int(0)?, last_failure: at(row, 1), locked_until: at(row, 2) })
}

pub(crate) fn place(row: &Row) -> Option<Place> {
    Some(Place { id: row.id(0)?, realm: row.id(1)?, version: row.int(2)? })
}

pub(crate) fn user(row: &Row, roles: Vec<Uuid>, groups: Vec<Uuid>) -> Option<User> {
    let config: UserRepresentation = keycloak::parse(row.text(3)?.as_bytes()).ok()?;
    Some(read::user(place(row)?, config, Memberships { roles, groups, service_account_of: row.id(4) }))
}

pub(crate) fn role(row: &Row, realm: Uuid) -> Option<role::Role> {
    let owner = row.id(1)?;
    Some(role::Role {
        id: row.id(0)?,
        name: row.text(2)?.to_owned(),
        client: (owner != realm).then_some(owner),
        composites: ids(row.text(4)?)?,
    })
}

pub(crate) fn group(row: &Row) -> Option<role::Group> {
    let config: GroupRepresentation = keycloak::parse(row.text(3)?.as_bytes()).ok()?;
    Some(role::Group {
        id: row.id(0)?,
        parent: row.id(1),
        path: row.text(2)?.to_owned(),
        name: config.name.unwrap_or_default(),
        attributes: config.attributes.unwrap_or_default().into_iter().collect(),
        roles: ids(row.text(4)?)?,
    })
}
