//! Rows that are made, and rows that take the place of others.

use sekisho_core::ids::GrantId;
use sekisho_core::work::Record;
use sekisho_protocol::Timestamp;
use serde::Serialize;

use crate::engine::{Statement, Value};
use crate::sql;

#[expect(clippy::too_many_lines, reason = "one arm for each table")]
pub(super) fn insert(record: &Record, now: Timestamp) -> Statement {
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
            client.registration.token.clone(),
            client.registration.at,
            client.registration.used,
            client.registration.fold.clone(),
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
            lower(user.first_name.as_deref()),
            lower(user.last_name.as_deref()),
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
            event.asked.clone(),
        ),
        Record::AdminEvent(event) => statement!(
            sql::INSERT_ADMIN_EVENT,
            event.id,
            event.realm,
            event.at,
            event.operation.name(),
            event.resource_type.clone(),
            event.resource_path.clone(),
            event.representation.clone(),
            event.error.clone(),
            event.actor.realm.clone(),
            event.actor.client.clone(),
            event.actor.user.clone(),
            event.actor.ip_address.clone(),
            json(&event.details),
        ),
        Record::InitialAccess(access) => statement!(
            sql::INSERT_INITIAL_ACCESS,
            access.id,
            access.realm,
            access.created,
            access.expires,
            access.count,
            access.remaining,
            json(&access.web_origins),
        ),
    }
}

/// Rows that only come and go have nothing to replace.
#[expect(clippy::too_many_lines, reason = "one arm for each table")]
pub(super) fn replace(record: &Record, now: Timestamp) -> Option<Statement> {
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
            client.registration.token.clone(),
            client.registration.at,
            client.registration.fold.clone(),
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
            lower(user.first_name.as_deref()),
            lower(user.last_name.as_deref()),
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
        | Record::Event(_)
        | Record::AdminEvent(_)
        | Record::InitialAccess(_) => return None,
    })
}

/// Names are searched in lower case.
fn lower(name: Option<&str>) -> Option<String> {
    name.map(str::to_lowercase)
}

/// Lists of ids and names; they cannot fail to be written.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "[]".to_owned())
}
