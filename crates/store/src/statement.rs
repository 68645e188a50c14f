//! A work as statements.

macro_rules! statement {
    ($sql:expr $(, $parameter:expr)* $(,)?) => {
        Statement::new($sql, vec![$(Value::from($parameter)),*])
    };
}

mod deletions;
mod records;

use sekisho_core::grant::MAX_ACCESS_TOKEN_LIFE;
use sekisho_core::lockout::RESERVATION_LIFE;
use sekisho_core::work::{AttemptOutcome, Guard, Work, Write};
use sekisho_protocol::Timestamp;
use uuid::Uuid;

use self::deletions::delete;
use self::records::{insert, replace};

use crate::engine::{Guard as EngineGuard, Hint, Statement, Unit, Value};
use crate::sql;

/// The work as an engine runs it.
pub(crate) fn unit(work: &Work, now: Timestamp) -> Unit {
    Unit {
        id: work.id,
        guards: work.guards.iter().map(|guard| guard_statement(guard, work.id, now)).collect(),
        writes: work
            .writes
            .iter()
            .flat_map(|write| write_statements(write, now))
            .chain(hints(work).iter().map(Hint::statement))
            .collect(),
    }
}

/// What other nodes should look at sooner than they would by themselves.
fn hints(work: &Work) -> Vec<Hint> {
    let realms = work.guards.iter().filter_map(|guard| match guard {
        Guard::MoveRealm { realm } | Guard::MoveRealmFrom { realm, .. } => Some(Hint::Realm(*realm)),
        _ => None,
    });
    let revoked =
        work.writes.iter().any(|write| matches!(write, Write::Revoke { .. }) || revokes_what_is_found(write));
    realms.chain(revoked.then_some(Hint::Revoked)).collect()
}

/// Whether a write revokes rows that only the database knows, and remembers that there.
pub(crate) const fn revokes_what_is_found(write: &Write) -> bool {
    matches!(
        write,
        Write::RevokeGrantsOfUser { .. }
            | Write::RevokeGrantsOfUserAtClient { .. }
            | Write::EndSessionsOfUser { .. }
    )
}

fn guard_statement(guard: &Guard, work: Uuid, now: Timestamp) -> EngineGuard {
    match guard {
        Guard::UseOnce { kind, realm, key, keep_until } => {
            EngineGuard::new(statement!(sql::USE_ONCE, kind.name(), *realm, key.clone(), work, *keep_until))
                .recalled_by(statement!(sql::USED_BY_WORK, kind.name(), *realm, key.clone(), work))
        }
        Guard::TouchSession { session } => EngineGuard::new(statement!(sql::TOUCH_SESSION, *session, work)),
        Guard::TouchUser { user } => EngineGuard::new(statement!(sql::TOUCH_USER, *user, work)),
        Guard::ChangeUser { user, version } => {
            EngineGuard::new(statement!(sql::CHANGE_USER, *user, *version, now))
        }
        Guard::ChangeClient { client, version } => {
            EngineGuard::new(statement!(sql::CHANGE_CLIENT, *client, *version, now))
        }
        Guard::StillUnused { client } => EngineGuard::new(statement!(sql::STILL_UNUSED, *client)),
        Guard::HoldRealm { realm } => EngineGuard::new(statement!(sql::HOLD_REALM, *realm)),
        Guard::RoomForClient { realm, most } => {
            EngineGuard::new(statement!(sql::ROOM_FOR_CLIENT, *realm, *most))
        }
        Guard::UseInitialAccess { id, realm, at } => {
            let work = work.simple().to_string();
            EngineGuard::new(statement!(sql::USE_INITIAL_ACCESS, *id, *realm, *at, work.clone()))
                .recalled_by(statement!(sql::INITIAL_ACCESS_BY_WORK, *id, work))
        }
        Guard::TouchGrant { grant } => EngineGuard::new(statement!(sql::TOUCH_GRANT, *grant, work)),
        Guard::EndSession { session, .. } => EngineGuard::new(statement!(sql::END_SESSION, *session, work))
            .recalled_by(statement!(sql::SESSION_BY_WORK, *session, work)),
        Guard::RotateGrant { grant, from, at, expires } => {
            EngineGuard::new(statement!(sql::ROTATE_GRANT, *grant, *from, *at, *expires, work))
                .recalled_by(statement!(sql::GRANT_BY_WORK, *grant, work))
        }
        Guard::RepeatRotation { grant, generation, at_most } => {
            EngineGuard::new(statement!(sql::REPEAT_ROTATION, *grant, *generation, *at_most, work))
                .recalled_by(statement!(sql::GRANT_BY_WORK, *grant, work))
        }
        Guard::RevokeGrant { grant, at } => {
            EngineGuard::new(statement!(sql::REVOKE_GRANT, *grant, *at, work)).recalled_by(statement!(
                sql::GRANT_BY_WORK,
                *grant,
                work
            ))
        }
        Guard::ReserveAttempt { realm, key, at, limit } => EngineGuard::new(statement!(
            sql::RESERVE_ATTEMPT,
            *realm,
            key.clone(),
            *at,
            at.plus_seconds(-RESERVATION_LIFE),
            *limit,
        )),
        Guard::MoveRealm { realm } => EngineGuard::new(statement!(sql::MOVE_REALM, *realm)),
        Guard::MoveRealmFrom { realm, revision } => {
            EngineGuard::new(statement!(sql::MOVE_REALM_FROM, *realm, *revision))
        }
        Guard::ContinueImport { realm, begun } => {
            EngineGuard::new(statement!(sql::CONTINUE_IMPORT, *realm, *begun))
        }
        Guard::Insert(record) => EngineGuard::new(insert(record, now)),
    }
}

fn write_statements(write: &Write, now: Timestamp) -> Vec<Statement> {
    match write {
        Write::Insert(record) => vec![insert(record, now)],
        Write::Replace(record) => replace(record, now).into_iter().collect(),
        Write::RevokeGrantsOfSession { session, at } => {
            vec![statement!(sql::REVOKE_GRANTS_OF_SESSION, *session, *at)]
        }
        Write::RevokeGrantsOfUser { user, at } => vec![
            statement!(sql::REVOKE_GRANTS_OF_USER, *user, *at),
            statement!(sql::REMEMBER_GRANTS_OF_USER, *user, *at, at.plus_seconds(MAX_ACCESS_TOKEN_LIFE)),
        ],
        Write::RevokeGrantsOfUserAtClient { user, client, at, offline } => {
            let expires = at.plus_seconds(MAX_ACCESS_TOKEN_LIFE);
            vec![
                statement!(sql::REVOKE_GRANTS_OF_USER_AT_CLIENT, *user, *client, *at, *offline),
                statement!(sql::REMEMBER_GRANTS_OF_USER_AT_CLIENT, *user, *client, *at, expires),
            ]
        }
        Write::RevokeGrantsOfClient { client, at } => {
            vec![statement!(sql::REVOKE_GRANTS_OF_CLIENT, *client, *at)]
        }
        Write::EndSessionsOfUser { user, at } => vec![
            statement!(sql::END_SESSIONS_OF_USER, *user),
            statement!(sql::REVOKE_ENDED_GRANTS_OF_USER, *user, *at),
            statement!(sql::REMEMBER_ENDED_SESSIONS_OF_USER, *user, *at),
        ],
        Write::EndSessionsOfRealm { realm } => vec![
            statement!(sql::END_SESSIONS_OF_REALM, *realm),
            statement!(sql::REVOKE_ENDED_GRANTS_OF_REALM, *realm, now),
        ],
        Write::Revoke { realm, kind, key, at, expires } => {
            vec![statement!(sql::REVOKE, *realm, kind.name(), key.clone(), *at, *expires)]
        }
        Write::MarkGrantRevoked { grant, at } => vec![statement!(sql::MARK_GRANT_REVOKED, *grant, *at)],
        Write::ExtendGrant { grant, expires } => vec![statement!(sql::EXTEND_GRANT, *grant, *expires)],
        Write::SaveConsent(consent) => vec![statement!(
            sql::SAVE_CONSENT,
            consent.user,
            consent.client,
            consent.resource.clone(),
            consent.realm,
            consent.scopes.to_string(),
            consent.at,
        )],
        Write::SeeSession { session, at } => vec![statement!(sql::SEE_SESSION, *session, *at)],
        Write::UseClient { client, at } => vec![statement!(sql::USE_CLIENT, *client, *at)],
        Write::TouchUsersOfRole { role, at } => vec![statement!(sql::TOUCH_USERS_OF_ROLE, *role, *at)],
        Write::TouchMembersOfGroup { group, at } => {
            vec![statement!(sql::TOUCH_MEMBERS_OF_GROUP, *group, *at)]
        }
        Write::SettleAttempt { realm, key, outcome } => vec![settle(*realm, key, *outcome)],
        Write::SetKeyState { key, state, at } => vec![statement!(sql::SET_KEY_STATE, *key, *state, *at)],
        Write::SetRealmState { realm, importing } => {
            vec![statement!(sql::SET_REALM_STATE, *realm, *importing)]
        }
        Write::Delete(deletion) => delete(deletion, now),
    }
}

fn settle(realm: Uuid, key: &[u8], outcome: AttemptOutcome) -> Statement {
    match outcome {
        AttemptOutcome::Succeeded => statement!(sql::ATTEMPT_SUCCEEDED, realm, key.to_vec()),
        AttemptOutcome::Withdrawn => statement!(sql::ATTEMPT_WITHDRAWN, realm, key.to_vec()),
        AttemptOutcome::Failed { at, locked_until, forgotten_before } => {
            statement!(sql::ATTEMPT_FAILED, realm, key.to_vec(), at, locked_until, forgotten_before)
        }
    }
}
