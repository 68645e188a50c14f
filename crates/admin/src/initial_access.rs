//! Initial access tokens: each lets so many clients be registered (RFC 7591 §3).

use sekisho_core::client::registration_token;
use sekisho_core::event::OperationType;
use sekisho_core::work::{Deletion, InitialAccessRecord, Record, Work, Write};
use sekisho_protocol::Timestamp;
use sekisho_protocol::keycloak::{
    ClientInitialAccessCreatePresentation, ClientInitialAccessPresentation, Sensitive,
};
use uuid::Uuid;

use crate::AdminError;
use crate::permit::{Admin, Done};

/// Makes a token. It is told this once.
pub async fn create(
    admin: &Admin<'_>,
    sent: ClientInitialAccessCreatePresentation,
) -> Result<ClientInitialAccessPresentation, AdminError> {
    let created = admin.context.now();
    let lives = i64::from(sent.expiration.unwrap_or(0));
    let count = i64::from(sent.count.unwrap_or(1));
    if lives < 0 || count < 0 {
        return Err(AdminError::Invalid("expiration and count are not less than 0".to_owned()));
    }
    let record = InitialAccessRecord {
        id: admin.context.fresh_id(),
        realm: admin.realm.id,
        created,
        expires: (lives > 0).then(|| created.plus_seconds(lives)),
        count,
        remaining: count,
        web_origins: sent.web_origins.clone().unwrap_or_default(),
    };
    let token = registration_token::initial_access(&admin.realm, &record).ok_or(AdminError::NoMasterKey)?;
    let work = Work::new(admin.context.fresh_id()).insert(Record::InitialAccess(record.clone()));
    let done = done(OperationType::Create, record.id, Some(&sent));
    admin.commit(admin.recorded(work, &done), |_| None).await?;
    let token = Some(Sensitive::new(token));
    Ok(ClientInitialAccessPresentation { token, ..shown(&record) })
}

/// Every token that may still be used, without the token itself.
pub async fn list(admin: &Admin<'_>) -> Result<Vec<ClientInitialAccessPresentation>, AdminError> {
    let records = admin.context.store.initial_accesses(admin.realm.id).await?;
    Ok(records.iter().map(shown).collect())
}

/// Takes a token back; one that is not there is gone already.
pub async fn delete(admin: &Admin<'_>, id: &str) -> Result<(), AdminError> {
    let Ok(id) = Uuid::parse_str(id) else { return Ok(()) };
    // The id may be one of another realm (attack 79).
    if admin.context.store.initial_access(admin.realm.id, id).await?.is_none() {
        return Ok(());
    }
    let work = Work::new(admin.context.fresh_id()).write(Write::Delete(Deletion::InitialAccess { id }));
    let done = done(OperationType::Delete, id, None);
    admin.commit(admin.recorded(work, &done), |_| None).await?;
    Ok(())
}

fn done(
    operation: OperationType,
    id: Uuid,
    sent: Option<&ClientInitialAccessCreatePresentation>,
) -> Done<'_, ClientInitialAccessCreatePresentation> {
    let path = format!("clients-initial-access/{id}");
    Done { operation, resource: "CLIENT_INITIAL_ACCESS_MODEL", path, sent }
}

fn shown(record: &InitialAccessRecord) -> ClientInitialAccessPresentation {
    let small = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    let lives = record.expires.map_or(0, |expires: Timestamp| expires.seconds_since(record.created));
    ClientInitialAccessPresentation {
        id: Some(record.id.to_string()),
        timestamp: Some(small(record.created.seconds())),
        expiration: Some(small(lives)),
        count: Some(small(record.count)),
        remaining_count: Some(small(record.remaining)),
        ..ClientInitialAccessPresentation::default()
    }
}
