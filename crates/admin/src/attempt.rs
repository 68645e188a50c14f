//! Failures to sign in, as an administrator sees and forgives them.

use sekisho_core::event::OperationType;
use sekisho_core::ids::row_id;
use sekisho_core::lockout;
use sekisho_core::work::{Deletion, Work, Write};
use sekisho_protocol::Timestamp;
use serde_json::{Value, json};

use crate::AdminError;
use crate::permit::{Admin, Done};

/// What is counted against a user; nothing against one who is not there.
pub async fn of_user(admin: &Admin<'_>, user: &str) -> Result<Value, AdminError> {
    let attempts = match key(admin, user).await? {
        Some(key) => admin.context.store.attempts(&admin.realm, &key).await?,
        None => lockout::Attempts::default(),
    };
    let locked_until = attempts.locked_until.filter(|until| *until > admin.context.now());
    Ok(json!({
        "failedLoginNotBefore": locked_until.map_or(0, Timestamp::seconds),
        "numFailures": attempts.failures,
        "numTemporaryLockouts": 0,
        "disabled": locked_until.is_some(),
        "numSecondaryAuthFailures": 0,
        // Whose address it was is counted, and not kept.
        "lastIPFailure": "n/a",
        "lastFailure": attempts.last_failure.map_or(0, |at| at.0),
    }))
}

/// Forgives a user's failures: the pause ends.
pub async fn forgive(admin: &Admin<'_>, user: &str) -> Result<(), AdminError> {
    let Some(key) = key(admin, user).await? else { return Ok(()) };
    let path = format!("attack-detection/brute-force/users/{user}");
    forget(admin, Deletion::Attempt { realm: admin.realm.id, key }, path).await
}

/// Forgives everybody's.
pub async fn forgive_all(admin: &Admin<'_>) -> Result<(), AdminError> {
    let path = "attack-detection/brute-force/users".to_owned();
    forget(admin, Deletion::AttemptsOfRealm { realm: admin.realm.id }, path).await
}

async fn forget(admin: &Admin<'_>, deletion: Deletion, path: String) -> Result<(), AdminError> {
    let work = Work::new(admin.context.fresh_id()).write(Write::Delete(deletion));
    let done: Done<'_, Value> =
        Done { operation: OperationType::Delete, resource: "USER_LOGIN_FAILURE", path, sent: None };
    admin.commit(admin.recorded(work, &done), |_| None).await?;
    Ok(())
}

/// What a user's failures are counted under.
async fn key(admin: &Admin<'_>, user: &str) -> Result<Option<Vec<u8>>, AdminError> {
    let row = row_id(admin.realm.id, user);
    let stored = admin.context.store.stored_user(admin.realm.id, row).await?;
    Ok(stored.map(|stored| {
        let [of_name, _] = lockout::keys(&admin.realm, &stored.record.username, "");
        of_name.key
    }))
}
