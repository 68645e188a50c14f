//! Every statement, written once. A test prepares each on every engine.

macro_rules! statements {
    ($($name:ident = $sql:expr;)+) => {
        $(pub(crate) const $name: &str = $sql;)+
        /// All of them, for the test that prepares each.
        pub const ALL: &[&str] = &[$($name),+];
    };
}

macro_rules! client_columns {
    () => {
        "id, realm, client_id, config, secrets, registration, registered, used, fold, version"
    };
}

macro_rules! user_columns {
    () => {
        "id, realm, username, email, first_name, last_name, enabled, service_account_of, created, config, version"
    };
}

macro_rules! session_columns {
    () => {
        "s.id, s.realm, s.user_id, s.cookie_hash, s.state, s.created, s.auth_time, s.seen, s.expires, s.remember_me, s.amr,
            s.ip_address"
    };
}

macro_rules! grant_columns {
    () => {
        "g.id, g.realm, g.client, g.user_id, g.session, g.sid, g.scopes, g.resources, g.offline, g.auth_time, g.created,
            g.generation, g.issued, g.repeats, g.expires, g.revoked"
    };
}

// What `session::check` of the room core says, with its times as parameters.
macro_rules! is_living {
    () => {
        "s.state = 'active' AND s.expires > $2 AND s.created >= $3
            AND ((s.remember_me AND s.seen > $4) OR (NOT s.remember_me AND s.seen > $5))"
    };
}

// A parameter that may be NULL is compared first: PostgreSQL takes its type from there.
macro_rules! has_word {
    ($word:literal) => {
        concat!(
            " AND (username LIKE ",
            $word,
            " ESCAPE '\\' OR email LIKE ",
            $word,
            " ESCAPE '\\' OR first_name LIKE ",
            $word,
            " ESCAPE '\\' OR last_name LIKE ",
            $word,
            " ESCAPE '\\' OR ",
            $word,
            " IS NULL)"
        )
    };
}

macro_rules! users {
    () => {
        concat!(
            " FROM user_account WHERE realm = $1
            AND (username LIKE $2 ESCAPE '\\' OR $2 IS NULL) AND (email LIKE $3 ESCAPE '\\' OR $3 IS NULL)
            AND (first_name LIKE $4 ESCAPE '\\' OR $4 IS NULL) AND (last_name LIKE $5 ESCAPE '\\' OR $5 IS NULL)
            AND (enabled = $6 OR $6 IS NULL) AND (service_account_of IS NULL OR $7)",
            has_word!("$8"), has_word!("$9"), has_word!("$10"), has_word!("$11"), has_word!("$12"), has_word!("$13")
        )
    };
}

// A list is one parameter with commas around each word: it changes where the word is taken out.
macro_rules! events {
    () => {
        "SELECT id, at, kind, error, client_id, user_id, session, ip_address, details, asked FROM event
            WHERE realm = $1 AND (replace($2, ',' || kind || ',', '') <> $2 OR $2 IS NULL)
            AND (client_id = $3 OR $3 IS NULL) AND (user_id = $4 OR $4 IS NULL) AND (ip_address = $5 OR $5 IS NULL)
            AND at >= $6 AND at <= $7"
    };
}

macro_rules! admin_events {
    () => {
        "SELECT id, realm, at, operation, resource_type, resource_path, representation, error, actor_realm, actor_client,
            actor_user, ip_address, details FROM admin_event
            WHERE realm = $1 AND (replace($2, ',' || operation || ',', '') <> $2 OR $2 IS NULL)
            AND (replace($3, ',' || resource_type || ',', '') <> $3 OR $3 IS NULL)
            AND (resource_path LIKE $4 ESCAPE '\\' OR $4 IS NULL)
            AND (actor_realm = $5 OR $5 IS NULL) AND (actor_client = $6 OR $6 IS NULL)
            AND (actor_user = $7 OR $7 IS NULL) AND (ip_address = $8 OR $8 IS NULL)
            AND at >= $9 AND at <= $10"
    };
}

statements! {
    // Guards.
    USE_ONCE = "INSERT INTO used_once (kind, realm, key, work, keep_until) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING";
    USED_BY_WORK = "SELECT 1 FROM used_once WHERE kind = $1 AND realm = $2 AND key = $3 AND work = $4";
    TOUCH_SESSION = "UPDATE session SET work = $2 WHERE id = $1 AND state = 'active'";
    TOUCH_USER = "UPDATE user_account SET work = $2 WHERE id = $1 AND enabled";
    CHANGE_USER = "UPDATE user_account SET version = version + 1, changed = $3 WHERE id = $1 AND version = $2";
    CHANGE_CLIENT = "UPDATE client SET version = version + 1, changed = $3 WHERE id = $1 AND version = $2";
    STILL_UNUSED = "UPDATE client SET used = NULL WHERE id = $1 AND used IS NULL";
    HOLD_REALM = "UPDATE realm SET name = name WHERE id = $1";
    ROOM_FOR_CLIENT = "UPDATE realm SET name = name
        WHERE id = $1 AND (SELECT count(*) FROM client WHERE realm = $1) <= $2";
    // The last 64 works are kept by their ids of 32 characters: one whose COMMIT answer was lost comes again soon.
    USE_INITIAL_ACCESS = "UPDATE initial_access SET remaining = remaining - 1, works = substr($4 || works, 1, 2048)
        WHERE id = $1 AND realm = $2 AND remaining > 0 AND (expires IS NULL OR expires > $3)
            AND works NOT LIKE '%' || $4 || '%'";
    INITIAL_ACCESS_BY_WORK = "SELECT 1 FROM initial_access WHERE id = $1 AND works LIKE '%' || $2 || '%'";
    TOUCH_GRANT = "UPDATE grant_family SET work = $2 WHERE id = $1 AND revoked IS NULL";
    END_SESSION = "UPDATE session SET state = 'ended', work = $2 WHERE id = $1 AND state <> 'ended'";
    SESSION_BY_WORK = "SELECT 1 FROM session WHERE id = $1 AND work = $2 AND state = 'ended'";
    ROTATE_GRANT = "UPDATE grant_family SET generation = generation + 1, issued = $3, expires = $4, repeats = 0, work = $5
        WHERE id = $1 AND generation = $2 AND revoked IS NULL";
    GRANT_BY_WORK = "SELECT 1 FROM grant_family WHERE id = $1 AND work = $2";
    REPEAT_ROTATION = "UPDATE grant_family SET repeats = repeats + 1, work = $4
        WHERE id = $1 AND generation = $2 AND repeats < $3 AND revoked IS NULL";
    REVOKE_GRANT = "UPDATE grant_family SET revoked = $2, work = $3 WHERE id = $1 AND revoked IS NULL";
    RESERVE_ATTEMPT = "INSERT INTO login_attempt (realm, key, failures, pending, pending_since) VALUES ($1, $2, 0, 1, $3)
        ON CONFLICT (realm, key) DO UPDATE SET
            pending = CASE WHEN login_attempt.pending_since < $4 THEN 1 ELSE login_attempt.pending + 1 END,
            pending_since = $3
        WHERE (login_attempt.locked_until IS NULL OR login_attempt.locked_until <= $3)
            AND (login_attempt.pending_since < $4 OR login_attempt.pending = 0
                OR login_attempt.failures + login_attempt.pending < $5)";
    MOVE_REALM = "UPDATE realm SET revision = revision + 1 WHERE id = $1";
    MOVE_REALM_FROM = "UPDATE realm SET revision = revision + 1 WHERE id = $1 AND revision = $2";
    CONTINUE_IMPORT = "UPDATE realm SET revision = revision + 1 WHERE id = $1 AND created = $2 AND importing";

    // Records.
    INSERT_REALM = "INSERT INTO realm (id, name, revision, importing, config, secrets, created)
        VALUES ($1, $2, 1, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    REPLACE_REALM = "UPDATE realm SET name = $2, config = $3, secrets = $4 WHERE id = $1";
    SET_REALM_STATE = "UPDATE realm SET importing = $2 WHERE id = $1";
    INSERT_KEY = "INSERT INTO realm_key (id, realm, purpose, algorithm, kid, state, epoch, created, changed, wrapped)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9) ON CONFLICT DO NOTHING";
    SET_KEY_STATE = "UPDATE realm_key SET state = $2, changed = $3 WHERE id = $1";
    INSERT_CLIENT = "INSERT INTO client (id, realm, client_id, version, changed, config, secrets, registration, registered,
            used, fold)
        VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
    REPLACE_CLIENT = "UPDATE client SET client_id = $2, version = version + 1, changed = $3, config = $4, secrets = $5,
        registration = $6, registered = $7, fold = $8 WHERE id = $1";
    INSERT_SCOPE = "INSERT INTO client_scope (id, realm, name, config) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    REPLACE_SCOPE = "UPDATE client_scope SET name = $2, config = $3 WHERE id = $1";
    INSERT_ROLE = "INSERT INTO role (id, realm, owner, name, config, composites) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT DO NOTHING";
    REPLACE_ROLE = "UPDATE role SET name = $2, config = $3, composites = $4 WHERE id = $1";
    INSERT_GROUP = "INSERT INTO user_group (id, realm, parent, path, config, roles) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT DO NOTHING";
    REPLACE_GROUP = "UPDATE user_group SET parent = $2, path = $3, config = $4, roles = $5 WHERE id = $1";
    INSERT_USER = "INSERT INTO user_account (id, realm, username, email, first_name, last_name, enabled, service_account_of,
            version, created, config, changed)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $11) ON CONFLICT DO NOTHING";
    REPLACE_USER = "UPDATE user_account SET username = $2, email = $3, first_name = $4, last_name = $5, enabled = $6,
        config = $7, version = version + 1, changed = $8 WHERE id = $1";
    INSERT_USER_ROLE = "INSERT INTO user_role (user_id, role_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    INSERT_USER_GROUP = "INSERT INTO user_membership (user_id, group_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    INSERT_CREDENTIAL = "INSERT INTO credential (id, user_id, kind, label, created, priority, credential_data, secret_data)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    REPLACE_CREDENTIAL = "UPDATE credential SET credential_data = $2, secret_data = $3 WHERE id = $1";
    INSERT_RESOURCE = "INSERT INTO resource (id, realm, uri, config) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    REPLACE_RESOURCE = "UPDATE resource SET uri = $2, config = $3 WHERE id = $1";
    INSERT_SESSION = "INSERT INTO session (id, realm, user_id, cookie_hash, state, created, auth_time, seen, expires,
            remember_me, amr, ip_address)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
    REPLACE_SESSION = "UPDATE session SET cookie_hash = $2, state = $3, auth_time = $4, seen = $5, expires = $6,
        remember_me = $7, amr = $8 WHERE id = $1 AND state <> 'ended'";
    INSERT_GRANT = "INSERT INTO grant_family (id, realm, client, user_id, session, sid, scopes, resources, offline, auth_time,
            created, generation, issued, repeats, expires, revoked)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT DO NOTHING";
    INSERT_EVENT = "INSERT INTO event (id, realm, at, kind, error, client_id, user_id, session, ip_address, details,
            asked)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
    INSERT_ADMIN_EVENT = "INSERT INTO admin_event (id, realm, at, operation, resource_type, resource_path, representation,
            error, actor_realm, actor_client, actor_user, ip_address, details)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING";
    INSERT_INITIAL_ACCESS = "INSERT INTO initial_access (id, realm, created, expires, count, remaining, web_origins, works)
        VALUES ($1, $2, $3, $4, $5, $6, $7, '') ON CONFLICT DO NOTHING";

    // Writes.
    REVOKE_GRANTS_OF_SESSION = "UPDATE grant_family SET revoked = $2 WHERE session = $1 AND revoked IS NULL";
    // Rows first, then what is remembered of them: a grant that is made in between is in both or in neither.
    REVOKE_GRANTS_OF_USER = "UPDATE grant_family SET revoked = $2 WHERE user_id = $1 AND revoked IS NULL";
    REMEMBER_GRANTS_OF_USER = "INSERT INTO revoked (realm, kind, key, at, expires)
        SELECT realm, 'grant', id, $2, $3 FROM grant_family WHERE user_id = $1 AND revoked = $2 ON CONFLICT DO NOTHING";
    REVOKE_GRANTS_OF_USER_AT_CLIENT = "UPDATE grant_family SET revoked = $3
        WHERE user_id = $1 AND client = $2 AND revoked IS NULL AND (offline OR NOT $4)";
    REMEMBER_GRANTS_OF_USER_AT_CLIENT = "INSERT INTO revoked (realm, kind, key, at, expires)
        SELECT realm, 'grant', id, $3, $4 FROM grant_family WHERE user_id = $1 AND client = $2 AND revoked = $3
        ON CONFLICT DO NOTHING";
    REVOKE_GRANTS_OF_CLIENT = "UPDATE grant_family SET revoked = $2 WHERE client = $1 AND revoked IS NULL";
    // Sessions first, as where one ends: whoever begins a grant has touched its session.
    END_SESSIONS_OF_USER = "UPDATE session SET state = 'ended' WHERE user_id = $1 AND state <> 'ended'";
    REVOKE_ENDED_GRANTS_OF_USER = "UPDATE grant_family SET revoked = $2 WHERE user_id = $1 AND revoked IS NULL
        AND session IN (SELECT id FROM session WHERE user_id = $1 AND state = 'ended')";
    REMEMBER_ENDED_SESSIONS_OF_USER = "INSERT INTO revoked (realm, kind, key, at, expires)
        SELECT realm, 'session', id, $2, expires + 3600000 FROM session WHERE user_id = $1 AND state = 'ended'
        ON CONFLICT DO NOTHING";
    END_SESSIONS_OF_REALM = "UPDATE session SET state = 'ended' WHERE realm = $1 AND state <> 'ended'";
    REVOKE_ENDED_GRANTS_OF_REALM = "UPDATE grant_family SET revoked = $2 WHERE realm = $1 AND revoked IS NULL
        AND session IN (SELECT id FROM session WHERE realm = $1 AND state = 'ended')";
    USE_CLIENT = "UPDATE client SET used = $2 WHERE id = $1 AND used IS NULL";
    TOUCH_USERS_OF_ROLE = "UPDATE user_account SET version = version + 1, changed = $2
        WHERE id IN (SELECT user_id FROM user_role WHERE role_id = $1)";
    TOUCH_MEMBERS_OF_GROUP = "UPDATE user_account SET version = version + 1, changed = $2
        WHERE id IN (SELECT user_id FROM user_membership WHERE group_id = $1)";
    MARK_GRANT_REVOKED = "UPDATE grant_family SET revoked = $2 WHERE id = $1 AND revoked IS NULL";
    EXTEND_GRANT = "UPDATE grant_family SET expires = $2 WHERE id = $1 AND expires < $2";
    REVOKE = "INSERT INTO revoked (realm, kind, key, at, expires) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    SAVE_CONSENT = "INSERT INTO consent (user_id, client, resource, realm, scopes, created, updated)
        VALUES ($1, $2, $3, $4, $5, $6, $6)
        ON CONFLICT (user_id, client, resource) DO UPDATE SET scopes = $5, updated = $6";
    SEE_SESSION = "UPDATE session SET seen = $2 WHERE id = $1 AND seen < $2";
    ATTEMPT_SUCCEEDED = "DELETE FROM login_attempt WHERE realm = $1 AND key = $2";
    ATTEMPT_FAILED = "UPDATE login_attempt SET
            failures = CASE WHEN last_failure IS NULL OR last_failure < $5 THEN 1 ELSE failures + 1 END,
            pending = CASE WHEN pending > 0 THEN pending - 1 ELSE 0 END, last_failure = $3,
            locked_until = CASE WHEN locked_until > $3 AND locked_until >= COALESCE($4, locked_until)
                THEN locked_until ELSE $4 END
        WHERE realm = $1 AND key = $2";
    ATTEMPT_WITHDRAWN = "UPDATE login_attempt SET pending = CASE WHEN pending > 0 THEN pending - 1 ELSE 0 END
        WHERE realm = $1 AND key = $2";
    DELETE_PASSWORDS = "DELETE FROM credential WHERE user_id = $1 AND kind = 'password'";
    DELETE_CREDENTIAL = "DELETE FROM credential WHERE id = $1 AND user_id = $2";
    DELETE_USER_ROLE = "DELETE FROM user_role WHERE user_id = $1 AND role_id = $2";
    DELETE_USER_MEMBERSHIP = "DELETE FROM user_membership WHERE user_id = $1 AND group_id = $2";
    DELETE_CONSENTS = "DELETE FROM consent WHERE user_id = $1 AND client = $2";
    DELETE_CLIENT_USER_ROLES = "DELETE FROM user_role WHERE role_id IN (SELECT id FROM role WHERE owner = $1)";
    DELETE_CLIENT_ROLES = "DELETE FROM role WHERE owner = $1";
    DELETE_CLIENT_CONSENTS = "DELETE FROM consent WHERE client = $1";
    DELETE_CLIENT = "DELETE FROM client WHERE id = $1";
    DELETE_SCOPE = "DELETE FROM client_scope WHERE id = $1";
    DELETE_ROLE_USER_ROLES = "DELETE FROM user_role WHERE role_id = $1";
    DELETE_ROLE = "DELETE FROM role WHERE id = $1";
    DELETE_GROUP_MEMBERSHIPS = "DELETE FROM user_membership WHERE group_id = $1";
    DELETE_GROUP = "DELETE FROM user_group WHERE id = $1";
    DELETE_RESOURCE = "DELETE FROM resource WHERE id = $1";
    DELETE_KEY = "DELETE FROM realm_key WHERE id = $1";
    DELETE_INITIAL_ACCESS = "DELETE FROM initial_access WHERE id = $1";
    DELETE_USER_CREDENTIALS = "DELETE FROM credential WHERE user_id = $1";
    DELETE_USER_ROLES = "DELETE FROM user_role WHERE user_id = $1";
    DELETE_USER_MEMBERSHIPS = "DELETE FROM user_membership WHERE user_id = $1";
    DELETE_USER_CONSENTS = "DELETE FROM consent WHERE user_id = $1";
    DELETE_USER = "DELETE FROM user_account WHERE id = $1";
    DELETE_REALM_CREDENTIALS = "DELETE FROM credential WHERE user_id IN (SELECT id FROM user_account WHERE realm = $1)";
    DELETE_REALM_USER_ROLES = "DELETE FROM user_role WHERE user_id IN (SELECT id FROM user_account WHERE realm = $1)";
    DELETE_REALM_MEMBERSHIPS =
        "DELETE FROM user_membership WHERE user_id IN (SELECT id FROM user_account WHERE realm = $1)";
    DELETE_REALM_USERS = "DELETE FROM user_account WHERE realm = $1";
    DELETE_REALM_CLIENTS = "DELETE FROM client WHERE realm = $1";
    DELETE_REALM_SCOPES = "DELETE FROM client_scope WHERE realm = $1";
    DELETE_REALM_ROLES = "DELETE FROM role WHERE realm = $1";
    DELETE_REALM_GROUPS = "DELETE FROM user_group WHERE realm = $1";
    DELETE_REALM_RESOURCES = "DELETE FROM resource WHERE realm = $1";
    DELETE_REALM_KEYS = "DELETE FROM realm_key WHERE realm = $1";
    DELETE_REALM_SESSIONS = "DELETE FROM session WHERE realm = $1";
    DELETE_REALM_GRANTS = "DELETE FROM grant_family WHERE realm = $1";
    DELETE_REALM_CONSENTS = "DELETE FROM consent WHERE realm = $1";
    DELETE_REALM_ATTEMPTS = "DELETE FROM login_attempt WHERE realm = $1";
    DELETE_REALM_EVENTS = "DELETE FROM event WHERE realm = $1";
    DELETE_REALM_ADMIN_EVENTS = "DELETE FROM admin_event WHERE realm = $1";
    DELETE_REALM_INITIAL_ACCESS = "DELETE FROM initial_access WHERE realm = $1";
    DELETE_REALM = "DELETE FROM realm WHERE id = $1";
    PURGE_USED_ONCE = "DELETE FROM used_once WHERE keep_until < $1";
    PURGE_ATTEMPTS = "DELETE FROM login_attempt WHERE pending_since < $1 AND (locked_until IS NULL OR locked_until < $1)
        AND (last_failure IS NULL OR last_failure < $1)";
    PURGE_EVENTS = "DELETE FROM event WHERE realm = $1 AND at < $2";
    PURGE_ADMIN_EVENTS = "DELETE FROM admin_event WHERE realm = $1 AND at < $2";
    PURGE_INITIAL_ACCESS = "DELETE FROM initial_access WHERE expires < $1";
    PURGE_REVOKED = "DELETE FROM revoked WHERE expires < $1";
    PURGE_SESSIONS = "DELETE FROM session WHERE expires < $1";
    PURGE_GRANTS = "DELETE FROM grant_family WHERE expires + 3600000 < $1";

    // Reads.
    REALMS = "SELECT id, name, revision FROM realm ORDER BY name";
    REALM_RECORDS = "SELECT id, name, revision, importing, config, secrets, created FROM realm ORDER BY name";
    REALM_BY_NAME = "SELECT id, name, revision, importing, config, secrets, created FROM realm WHERE name = $1";
    KEYS_OF_REALM = "SELECT id, purpose, algorithm, kid, state, epoch, created, wrapped, changed FROM realm_key WHERE realm = $1
        ORDER BY created DESC, id DESC";
    SCOPES_OF_REALM = "SELECT id, config FROM client_scope WHERE realm = $1 ORDER BY id";
    ROLES_OF_REALM = "SELECT id, owner, name, config, composites FROM role WHERE realm = $1 ORDER BY id";
    GROUPS_OF_REALM = "SELECT id, parent, path, config, roles FROM user_group WHERE realm = $1 ORDER BY id";
    RESOURCES_OF_REALM = "SELECT id, uri, config FROM resource WHERE realm = $1 ORDER BY id";
    ROLE_OWNERS = "SELECT id, client_id FROM client WHERE realm = $1 AND id IN (SELECT owner FROM role WHERE realm = $1)";
    CLIENT_BY_CLIENT_ID = "SELECT id, realm, version, config, secrets, registered, used FROM client
        WHERE realm = $1 AND client_id = $2";
    CLIENT_BY_ID = "SELECT id, realm, version, config, secrets, registered, used FROM client WHERE id = $1";
    CLIENT_RECORDS = concat!("SELECT ", client_columns!(), " FROM client WHERE realm = $1 ORDER BY client_id");
    CLIENT_RECORD = concat!("SELECT ", client_columns!(), " FROM client WHERE realm = $1 AND client_id = $2");
    CLIENT_RECORD_BY_ID = concat!("SELECT ", client_columns!(), " FROM client WHERE realm = $1 AND id = $2");
    SCOPE_RECORDS = "SELECT id, name, config FROM client_scope WHERE realm = $1 ORDER BY name";
    ROLE_RECORD = "SELECT id, owner, name, config, composites FROM role WHERE owner = $1 AND name = $2";
    USER_RECORD = concat!("SELECT ", user_columns!(), " FROM user_account WHERE realm = $1 AND username = $2");
    USER_RECORD_BY_ID = concat!("SELECT ", user_columns!(), " FROM user_account WHERE realm = $1 AND id = $2");
    USER_RECORDS = concat!("SELECT ", user_columns!(), " FROM user_account
        WHERE realm = $1 AND id > $2 ORDER BY id LIMIT 500");
    USER_RECORDS_BY_EMAIL = concat!("SELECT ", user_columns!(), " FROM user_account
        WHERE realm = $1 AND email = $2 ORDER BY username");
    USER_RECORD_OF_CLIENT = concat!("SELECT ", user_columns!(), " FROM user_account
        WHERE realm = $1 AND service_account_of = $2");
    CLIENTS_CHANGED = "SELECT id FROM client WHERE changed >= $1";
    USERS_CHANGED = "SELECT id FROM user_account WHERE changed >= $1";
    USER_BY_ID = "SELECT id, realm, version, config, service_account_of FROM user_account WHERE id = $1";
    USER_BY_NAME = "SELECT id, realm, version, config, service_account_of FROM user_account
        WHERE realm = $1 AND username = $2";
    USER_BY_EMAIL = "SELECT id, realm, version, config, service_account_of FROM user_account
        WHERE realm = $1 AND email = $2 ORDER BY id LIMIT 2";
    SERVICE_ACCOUNT = "SELECT id, realm, version, config, service_account_of FROM user_account WHERE service_account_of = $1";
    ROLES_OF_USER = "SELECT role_id FROM user_role WHERE user_id = $1 ORDER BY role_id";
    GROUPS_OF_USER = "SELECT group_id FROM user_membership WHERE user_id = $1 ORDER BY group_id";
    CREDENTIALS_OF_USER = "SELECT id, user_id, kind, label, created, priority, credential_data, secret_data FROM credential
        WHERE user_id = $1 ORDER BY priority, created, id";
    // Of the 500 users of a realm behind an id, as USER_RECORDS has them.
    ROLES_OF_USERS = "SELECT user_id, role_id FROM user_role WHERE user_id IN (
        SELECT id FROM user_account WHERE realm = $1 AND id > $2 ORDER BY id LIMIT 500)";
    GROUPS_OF_USERS = "SELECT user_id, group_id FROM user_membership WHERE user_id IN (
        SELECT id FROM user_account WHERE realm = $1 AND id > $2 ORDER BY id LIMIT 500)";
    CREDENTIALS_OF_USERS = "SELECT id, user_id, kind, label, created, priority, credential_data, secret_data FROM credential
        WHERE user_id IN (SELECT id FROM user_account WHERE realm = $1 AND id > $2 ORDER BY id LIMIT 500)
        ORDER BY priority, created, id";
    CONSENTS_OF_USERS = "SELECT realm, user_id, client, resource, scopes, updated, created FROM consent
        WHERE user_id IN (SELECT id FROM user_account WHERE realm = $1 AND id > $2 ORDER BY id LIMIT 500)
        ORDER BY created";
    SESSION_BY_COOKIE = "SELECT id, realm, user_id, cookie_hash, state, created, auth_time, seen, expires, remember_me, amr,
        ip_address FROM session WHERE cookie_hash = $1";
    SESSION_BY_ID = "SELECT id, realm, user_id, cookie_hash, state, created, auth_time, seen, expires, remember_me, amr,
        ip_address FROM session WHERE id = $1";
    GRANT_BY_ID = "SELECT id, realm, client, user_id, session, sid, scopes, resources, offline, auth_time, created, generation,
        issued, repeats, expires, revoked FROM grant_family WHERE id = $1";
    CONSENTS = "SELECT realm, user_id, client, resource, scopes, updated FROM consent WHERE user_id = $1 AND client = $2";
    CONSENTS_OF_USER = "SELECT realm, user_id, client, resource, scopes, updated, created FROM consent WHERE user_id = $1
        ORDER BY created, client, resource";
    ATTEMPTS = "SELECT failures, last_failure, locked_until FROM login_attempt WHERE realm = $1 AND key = $2";
    REVOKED_SINCE = "SELECT realm, kind, key, expires FROM revoked WHERE at >= $1";
    EVENTS_NEWEST_FIRST = concat!(events!(), " ORDER BY at DESC, id DESC LIMIT $8 OFFSET $9");
    EVENTS_OLDEST_FIRST = concat!(events!(), " ORDER BY at, id LIMIT $8 OFFSET $9");
    ADMIN_EVENTS_NEWEST_FIRST = concat!(admin_events!(), " ORDER BY at DESC, id DESC LIMIT $11 OFFSET $12");
    ADMIN_EVENTS_OLDEST_FIRST = concat!(admin_events!(), " ORDER BY at, id LIMIT $11 OFFSET $12");

    // Lists.
    CLIENTS_PAGE = concat!("SELECT ", client_columns!(), " FROM client
        WHERE realm = $1 AND (lower(client_id) LIKE lower($2) ESCAPE '\\' OR $2 IS NULL)
        ORDER BY client_id LIMIT $3 OFFSET $4");
    CLIENT_COUNT = "SELECT count(*) FROM client WHERE realm = $1";
    CLIENTS_REGISTERED = "SELECT count(*) FROM client WHERE realm = $1 AND registered IS NOT NULL";
    CLIENT_BY_FOLD = concat!("SELECT ", client_columns!(), " FROM client WHERE realm = $1 AND fold = $2
        ORDER BY registered, id LIMIT 1");
    UNUSED_CLIENTS = concat!("SELECT ", client_columns!(), " FROM client
        WHERE realm = $1 AND registered < $2 AND used IS NULL ORDER BY registered, id LIMIT 500");
    INITIAL_ACCESSES = "SELECT id, realm, created, expires, count, remaining, web_origins FROM initial_access
        WHERE realm = $1 ORDER BY created, id";
    INITIAL_ACCESS = "SELECT id, realm, created, expires, count, remaining, web_origins FROM initial_access
        WHERE realm = $1 AND id = $2";
    USERS_PAGE = concat!("SELECT ", user_columns!(), users!(), " ORDER BY username LIMIT $14 OFFSET $15");
    USERS_NAMED = concat!("SELECT ", user_columns!(), users!(), " AND username = $16
        ORDER BY username LIMIT $14 OFFSET $15");
    USERS_WITH_EMAIL = concat!("SELECT ", user_columns!(), users!(), " AND email = $16
        ORDER BY username LIMIT $14 OFFSET $15");
    USER_COUNT = concat!("SELECT count(*)", users!());
    USERS_OF_ROLE = concat!("SELECT ", user_columns!(), " FROM user_account
        WHERE id IN (SELECT user_id FROM user_role WHERE role_id = $1) ORDER BY username LIMIT $2 OFFSET $3");
    MEMBERS_OF_GROUP = concat!("SELECT ", user_columns!(), " FROM user_account
        WHERE id IN (SELECT user_id FROM user_membership WHERE group_id = $1) ORDER BY username LIMIT $2 OFFSET $3");
    SESSIONS_OF_USER = concat!("SELECT ", session_columns!(), " FROM session s WHERE s.user_id = $1 AND ", is_living!(),
        " ORDER BY s.created, s.id");
    SESSIONS_OF_CLIENT = concat!("SELECT ", session_columns!(), ", u.username
        FROM session s JOIN user_account u ON u.id = s.user_id
        WHERE s.id IN (SELECT session FROM grant_family WHERE client = $1 AND revoked IS NULL) AND ", is_living!(),
        " ORDER BY s.created, s.id LIMIT $6 OFFSET $7");
    SESSION_COUNT_OF_CLIENT = concat!("SELECT count(*) FROM session s JOIN user_account u ON u.id = s.user_id
        WHERE s.id IN (SELECT session FROM grant_family WHERE client = $1 AND revoked IS NULL) AND ", is_living!());
    CLIENT_SESSIONS = concat!("SELECT g.client, count(DISTINCT s.id), count(CASE WHEN g.offline THEN 1 END)
        FROM grant_family g LEFT JOIN session s ON s.id = g.session AND ", is_living!(), "
        WHERE g.client IN (SELECT id FROM client WHERE realm = $1) AND g.revoked IS NULL
            AND (NOT g.offline OR g.expires IS NULL OR g.expires > $2)
        GROUP BY g.client ORDER BY g.client");
    GRANTS_OF_USER = concat!("SELECT ", grant_columns!(), " FROM grant_family g WHERE g.user_id = $1 AND g.revoked IS NULL
        AND (g.expires IS NULL OR g.expires > $2) ORDER BY g.created, g.id");
    GRANTS_OF_SESSION = concat!("SELECT ", grant_columns!(), " FROM grant_family g WHERE g.session = $1 AND g.revoked IS NULL
        AND (g.expires IS NULL OR g.expires > $2) ORDER BY g.created, g.id");
    OFFLINE_GRANTS_OF_CLIENT = concat!("SELECT ", grant_columns!(), ", u.username
        FROM grant_family g JOIN user_account u ON u.id = g.user_id
        WHERE g.client = $1 AND g.offline AND g.revoked IS NULL AND (g.expires IS NULL OR g.expires > $2)
        ORDER BY g.created, g.id LIMIT $3 OFFSET $4");
    OFFLINE_COUNT_OF_CLIENT = "SELECT count(*) FROM grant_family g JOIN user_account u ON u.id = g.user_id
        WHERE g.client = $1 AND g.offline AND g.revoked IS NULL AND (g.expires IS NULL OR g.expires > $2)";
}
