//! Guards, writes and records as statements.

use sekisho_core::ids::GrantId;
use sekisho_core::lockout::RESERVATION_LIFE;
use sekisho_core::work::{AttemptOutcome, Deletion, Guard, Record, Work, Write};
use sekisho_protocol::Timestamp;
use serde::Serialize;
use uuid::Uuid;

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
    let revoked = work.writes.iter().any(|write| matches!(write, Write::Revoke { .. }));
    realms.chain(revoked.then_some(Hint::Revoked)).collect()
}

macro_rules! statement {
    ($sql:expr $(, $parameter:expr)* $(,)?) => {
        Statement::new($sql, vec![$(Value::from($parameter)),*])
    };
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
        Write::SettleAttempt { realm, key, outcome } => vec![settle(*realm, key, *outcome)],
        Write::SetKeyState { key, state, at } => vec![statement!(sql::SET_KEY_STATE, *key, *state, *at)],
        Write::SetRealmState { realm, importing } => {
            vec![statement!(sql::SET_REALM_STATE, *realm, *importing)]
        }
        Write::Delete(deletion) => delete(*deletion),
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

#[expect(clippy::too_many_lines, reason = "one arm for each table")]
fn insert(record: &Record, now: Timestamp) -> Statement {
    match record {
        Record::Realm(realm) => statement!(
            sql::INSERT_REALM,
            realm.id,
            realm.name.clone(),
            realm.importing,
            realm.config.clone(),
            realm.secrets.clone(),
            realm.created,
        ),
        Record::Key(key) => statement!(
            sql::INSERT_KEY,
            key.id,
            key.realm,
            key.purpose,
            key.algorithm.clone(),
            key.kid.clone(),
            key.state,
            key.epoch,
            key.created,
            key.wrapped.clone(),
        ),
        Record::Client(client) => statement!(
            sql::INSERT_CLIENT,
            client.id,
            client.realm,
            client.client_id.clone(),
            now,
            client.config.clone(),
            client.secrets.clone(),
        ),
        Record::Scope(scope) => {
            statement!(sql::INSERT_SCOPE, scope.id, scope.realm, scope.name.clone(), scope.config.clone())
        }
        Record::Role(role) => statement!(
            sql::INSERT_ROLE,
            role.id,
            role.realm,
            role.client.unwrap_or(role.realm),
            role.name.clone(),
            role.config.clone(),
            json(&role.composites),
        ),
        Record::Group(group) => statement!(
            sql::INSERT_GROUP,
            group.id,
            group.realm,
            group.parent,
            group.path.clone(),
            group.config.clone(),
            json(&group.roles),
        ),
        Record::User(user) => statement!(
            sql::INSERT_USER,
            user.id,
            user.realm,
            user.username.clone(),
            user.email.clone(),
            user.enabled,
            user.service_account_of,
            user.created,
            user.config.clone(),
            now,
        ),
        Record::UserRole { user, role } => statement!(sql::INSERT_USER_ROLE, *user, *role),
        Record::UserGroup { user, group } => statement!(sql::INSERT_USER_GROUP, *user, *group),
        Record::Credential(credential) => statement!(
            sql::INSERT_CREDENTIAL,
            credential.id,
            credential.user,
            credential.kind.clone(),
            credential.label.clone(),
            credential.created,
            credential.priority,
            credential.credential_data.clone(),
            credential.secret_data.clone(),
        ),
        Record::Resource { id, realm, uri, config } => {
            statement!(sql::INSERT_RESOURCE, *id, *realm, uri.clone(), config.clone())
        }
        Record::Session(session) => statement!(
            sql::INSERT_SESSION,
            session.id,
            session.realm,
            session.user,
            session.cookie_hash.to_vec(),
            session.state.name(),
            session.created,
            session.auth_time,
            session.seen,
            session.expires,
            session.remember_me,
            session.amr.join(" "),
            session.ip_address.clone(),
        ),
        Record::Grant(grant) => statement!(
            sql::INSERT_GRANT,
            GrantId::uuid(grant.id),
            grant.realm,
            grant.client,
            grant.user,
            grant.session,
            grant.sid,
            grant.scopes.to_string(),
            json(&grant.resources),
            grant.offline,
            grant.auth_time,
            grant.created,
            grant.generation,
            grant.issued,
            grant.repeats,
            grant.expires,
            grant.revoked,
        ),
        Record::Event(event) => statement!(
            sql::INSERT_EVENT,
            event.id,
            event.realm,
            event.at,
            event.type_name(),
            event.error,
            event.client_id.clone(),
            event.user,
            event.session,
            event.ip_address.clone(),
            json(&event.details),
        ),
    }
}

/// Rows that only come and go have nothing to replace.
#[expect(clippy::too_many_lines, reason = "one arm for each table")]
fn replace(record: &Record, now: Timestamp) -> Option<Statement> {
    Some(match record {
        Record::Realm(realm) => {
            statement!(
                sql::REPLACE_REALM,
                realm.id,
                realm.name.clone(),
                realm.config.clone(),
                realm.secrets.clone()
            )
        }
        Record::Client(client) => statement!(
            sql::REPLACE_CLIENT,
            client.id,
            client.client_id.clone(),
            now,
            client.config.clone(),
            client.secrets.clone(),
        ),
        Record::Scope(scope) => {
            statement!(sql::REPLACE_SCOPE, scope.id, scope.name.clone(), scope.config.clone())
        }
        Record::Role(role) => {
            statement!(
                sql::REPLACE_ROLE,
                role.id,
                role.name.clone(),
                role.config.clone(),
                json(&role.composites)
            )
        }
        Record::Group(group) => statement!(
            sql::REPLACE_GROUP,
            group.id,
            group.parent,
            group.path.clone(),
            group.config.clone(),
            json(&group.roles),
        ),
        Record::User(user) => statement!(
            sql::REPLACE_USER,
            user.id,
            user.username.clone(),
            user.email.clone(),
            user.enabled,
            user.config.clone(),
            now,
        ),
        Record::Credential(credential) => statement!(
            sql::REPLACE_CREDENTIAL,
            credential.id,
            credential.credential_data.clone(),
            credential.secret_data.clone(),
        ),
        Record::Resource { id, uri, config, .. } => {
            statement!(sql::REPLACE_RESOURCE, *id, uri.clone(), config.clone())
        }
        Record::Session(session) => statement!(
            sql::REPLACE_SESSION,
            session.id,
            session.cookie_hash.to_vec(),
            session.state.name(),
            session.auth_time,
            session.seen,
            session.expires,
            session.remember_me,
            session.amr.join(" "),
        ),
        Record::Key(_)
        | Record::UserRole { .. }
        | Record::UserGroup { .. }
        | Record::Grant(_)
        | Record::Event(_) => {
            return None;
        }
    })
}

fn delete(deletion: Deletion) -> Vec<Statement> {
    let (statements, parameter): (&[&str], Value) = match deletion {
        Deletion::Passwords { user } => (&[sql::DELETE_PASSWORDS], user.into()),
        Deletion::UserRoles { user } => (&[sql::DELETE_USER_ROLES], user.into()),
        Deletion::UserGroups { user } => (&[sql::DELETE_USER_MEMBERSHIPS], user.into()),
        Deletion::User { user } => (
            &[
                sql::DELETE_USER_CREDENTIALS,
                sql::DELETE_USER_ROLES,
                sql::DELETE_USER_MEMBERSHIPS,
                sql::DELETE_USER_CONSENTS,
                sql::DELETE_USER,
            ],
            user.into(),
        ),
        Deletion::Realm { realm } => (
            &[
                sql::DELETE_REALM_CREDENTIALS,
                sql::DELETE_REALM_USER_ROLES,
                sql::DELETE_REALM_MEMBERSHIPS,
                sql::DELETE_REALM_USERS,
                sql::DELETE_REALM_CLIENTS,
                sql::DELETE_REALM_SCOPES,
                sql::DELETE_REALM_ROLES,
                sql::DELETE_REALM_GROUPS,
                sql::DELETE_REALM_RESOURCES,
                sql::DELETE_REALM_KEYS,
                sql::DELETE_REALM_SESSIONS,
                sql::DELETE_REALM_GRANTS,
                sql::DELETE_REALM_CONSENTS,
                sql::DELETE_REALM_ATTEMPTS,
                sql::DELETE_REALM_EVENTS,
                sql::DELETE_REALM,
            ],
            realm.into(),
        ),
        Deletion::ForgottenAttempts { before } => (&[sql::PURGE_ATTEMPTS], before.into()),
        Deletion::Events { realm, before } => return vec![statement!(sql::PURGE_EVENTS, realm, before)],
        Deletion::Expired { now } => {
            (&[sql::PURGE_USED_ONCE, sql::PURGE_REVOKED, sql::PURGE_SESSIONS, sql::PURGE_GRANTS], now.into())
        }
    };
    statements.iter().copied().map(|sql| Statement::new(sql, vec![parameter.clone()])).collect()
}

/// Lists of ids and names; they cannot fail to be written.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "[]".to_owned())
}
