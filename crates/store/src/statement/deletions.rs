//! Rows that go, and what goes with them.

use sekisho_core::work::Deletion;
use sekisho_protocol::Timestamp;
use uuid::Uuid;

use crate::engine::{Statement, Value};
use crate::sql;

pub(super) fn delete(deletion: &Deletion, now: Timestamp) -> Vec<Statement> {
    match deletion {
        Deletion::Passwords { user } => each(&[sql::DELETE_PASSWORDS], *user),
        Deletion::Credential { id, user } => vec![statement!(sql::DELETE_CREDENTIAL, *id, *user)],
        Deletion::UserRoles { user } => each(&[sql::DELETE_USER_ROLES], *user),
        Deletion::UserRole { user, role } => vec![statement!(sql::DELETE_USER_ROLE, *user, *role)],
        Deletion::UserGroups { user } => each(&[sql::DELETE_USER_MEMBERSHIPS], *user),
        Deletion::UserGroup { user, group } => vec![statement!(sql::DELETE_USER_MEMBERSHIP, *user, *group)],
        Deletion::Consents { user, client } => vec![statement!(sql::DELETE_CONSENTS, *user, *client)],
        Deletion::User { user } => delete_user(*user, now),
        Deletion::Client { client } => delete_client(*client, now),
        Deletion::Scope { scope } => each(&[sql::DELETE_SCOPE], *scope),
        Deletion::Role { role } => each(&[sql::DELETE_ROLE_USER_ROLES, sql::DELETE_ROLE], *role),
        Deletion::Group { group } => each(&[sql::DELETE_GROUP_MEMBERSHIPS, sql::DELETE_GROUP], *group),
        Deletion::Resource { resource } => each(&[sql::DELETE_RESOURCE], *resource),
        Deletion::Key { key } => each(&[sql::DELETE_KEY], *key),
        Deletion::InitialAccess { id } => each(&[sql::DELETE_INITIAL_ACCESS], *id),
        Deletion::Realm { realm } => each(REALM, *realm),
        Deletion::Attempt { realm, key } => vec![statement!(sql::ATTEMPT_SUCCEEDED, *realm, key.clone())],
        Deletion::AttemptsOfRealm { realm } => each(&[sql::DELETE_REALM_ATTEMPTS], *realm),
        Deletion::ForgottenAttempts { before } => each(&[sql::PURGE_ATTEMPTS], *before),
        Deletion::Events { realm, before } => vec![statement!(sql::PURGE_EVENTS, *realm, *before)],
        Deletion::EventsOfRealm { realm } => each(&[sql::DELETE_REALM_EVENTS], *realm),
        Deletion::AdminEvents { realm, before } => {
            vec![statement!(sql::PURGE_ADMIN_EVENTS, *realm, *before)]
        }
        Deletion::AdminEventsOfRealm { realm } => each(&[sql::DELETE_REALM_ADMIN_EVENTS], *realm),
        Deletion::Expired { now } => each(EXPIRED, *now),
    }
}

const REALM: &[&str] = &[
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
    sql::DELETE_REALM_ADMIN_EVENTS,
    sql::DELETE_REALM_INITIAL_ACCESS,
    sql::DELETE_REALM,
];

const EXPIRED: &[&str] = &[
    sql::PURGE_USED_ONCE,
    sql::PURGE_REVOKED,
    sql::PURGE_SESSIONS,
    sql::PURGE_GRANTS,
    sql::PURGE_INITIAL_ACCESS,
];

fn delete_user(user: Uuid, now: Timestamp) -> Vec<Statement> {
    let mut statements =
        vec![statement!(sql::REVOKE_GRANTS_OF_USER, user, now), statement!(sql::END_SESSIONS_OF_USER, user)];
    let rows = [
        sql::DELETE_USER_CREDENTIALS,
        sql::DELETE_USER_ROLES,
        sql::DELETE_USER_MEMBERSHIPS,
        sql::DELETE_USER_CONSENTS,
        sql::DELETE_USER,
    ];
    statements.extend(each(&rows, user));
    statements
}

fn delete_client(client: Uuid, now: Timestamp) -> Vec<Statement> {
    let mut statements = vec![statement!(sql::REVOKE_GRANTS_OF_CLIENT, client, now)];
    let rows = [
        sql::DELETE_CLIENT_USER_ROLES,
        sql::DELETE_CLIENT_ROLES,
        sql::DELETE_CLIENT_CONSENTS,
        sql::DELETE_CLIENT,
    ];
    statements.extend(each(&rows, client));
    statements
}

fn each(statements: &[&'static str], parameter: impl Into<Value>) -> Vec<Statement> {
    let parameter = parameter.into();
    statements.iter().map(|sql| Statement::new(sql, vec![parameter.clone()])).collect()
}
