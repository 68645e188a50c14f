//! The schema, in numbered steps (DESIGN §5.9). Steps only add; what a later step makes needless goes the
//! release after.

use crate::engine::Migration;

/// Every step, in order.
pub const STEPS: &[Migration] = &[
    Migration { number: 1, min_compatible: 1, statements: FIRST },
    Migration { number: 2, min_compatible: 1, statements: SECOND },
];

const FIRST: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS realm (
        id {bytes} PRIMARY KEY, name {text} NOT NULL UNIQUE, revision {int} NOT NULL, importing {bool} NOT NULL,
        config {text} NOT NULL, secrets {bytes}, created {int} NOT NULL)",
    "CREATE TABLE IF NOT EXISTS realm_key (
        id {bytes} PRIMARY KEY, realm {bytes} NOT NULL, purpose {text} NOT NULL, algorithm {text} NOT NULL,
        kid {text} NOT NULL, state {text} NOT NULL, epoch {int} NOT NULL, created {int} NOT NULL,
        changed {int} NOT NULL, wrapped {bytes} NOT NULL, UNIQUE (realm, purpose, kid))",
    "CREATE TABLE IF NOT EXISTS client (
        id {bytes} PRIMARY KEY, realm {bytes} NOT NULL, client_id {text} NOT NULL, version {int} NOT NULL,
        changed {int} NOT NULL, config {text} NOT NULL, secrets {bytes}, UNIQUE (realm, client_id))",
    "CREATE INDEX IF NOT EXISTS client_changed ON client (changed)",
    "CREATE TABLE IF NOT EXISTS client_scope (
        id {bytes} PRIMARY KEY, realm {bytes} NOT NULL, name {text} NOT NULL, config {text} NOT NULL,
        UNIQUE (realm, name))",
    "CREATE TABLE IF NOT EXISTS role (
        id {bytes} PRIMARY KEY, realm {bytes} NOT NULL, owner {bytes} NOT NULL, name {text} NOT NULL,
        config {text} NOT NULL, composites {text} NOT NULL, UNIQUE (owner, name))",
    "CREATE INDEX IF NOT EXISTS role_realm ON role (realm)",
    "CREATE TABLE IF NOT EXISTS user_group (
        id {bytes} PRIMARY KEY, realm {bytes} NOT NULL, parent {bytes}, path {text} NOT NULL,
        config {text} NOT NULL, roles {text} NOT NULL, UNIQUE (realm, path))",
    "CREATE TABLE IF NOT EXISTS user_account (
        id {bytes} PRIMARY KEY, realm {bytes} NOT NULL, username {text} NOT NULL, email {text},
        enabled {bool} NOT NULL, service_account_of {bytes}, version {int} NOT NULL, created {int} NOT NULL,
        changed {int} NOT NULL, config {text} NOT NULL, work {bytes}, UNIQUE (realm, username))",
    "CREATE INDEX IF NOT EXISTS user_email ON user_account (realm, email)",
    "CREATE INDEX IF NOT EXISTS user_changed ON user_account (changed)",
    "CREATE INDEX IF NOT EXISTS user_service_account ON user_account (service_account_of)",
    "CREATE TABLE IF NOT EXISTS user_role (
        user_id {bytes} NOT NULL, role_id {bytes} NOT NULL, PRIMARY KEY (user_id, role_id))",
    "CREATE TABLE IF NOT EXISTS user_membership (
        user_id {bytes} NOT NULL, group_id {bytes} NOT NULL, PRIMARY KEY (user_id, group_id))",
    "CREATE TABLE IF NOT EXISTS credential (
        id {bytes} PRIMARY KEY, user_id {bytes} NOT NULL, kind {text} NOT NULL, label {text},
        created {int} NOT NULL, priority {int} NOT NULL, credential_data {text} NOT NULL,
        secret_data {text} NOT NULL)",
    "CREATE INDEX IF NOT EXISTS credential_user ON credential (user_id, kind)",
    "CREATE TABLE IF NOT EXISTS session (
        id {bytes} PRIMARY KEY, realm {bytes} NOT NULL, user_id {bytes} NOT NULL, cookie_hash {bytes} NOT NULL UNIQUE,
        state {text} NOT NULL, created {int} NOT NULL, auth_time {int} NOT NULL, seen {int} NOT NULL,
        expires {int} NOT NULL, remember_me {bool} NOT NULL, amr {text} NOT NULL, ip_address {text} NOT NULL,
        work {bytes})",
    "CREATE INDEX IF NOT EXISTS session_by_user ON session (user_id)",
    "CREATE INDEX IF NOT EXISTS session_expires ON session (expires)",
    "CREATE TABLE IF NOT EXISTS grant_family (
        id {bytes} PRIMARY KEY, realm {bytes} NOT NULL, client {bytes} NOT NULL, user_id {bytes} NOT NULL,
        session {bytes}, sid {bytes} NOT NULL, scopes {text} NOT NULL, resources {text} NOT NULL,
        offline {bool} NOT NULL, auth_time {int} NOT NULL, created {int} NOT NULL, generation {int} NOT NULL,
        issued {int} NOT NULL, repeats {int} NOT NULL, expires {int}, revoked {int}, work {bytes})",
    "CREATE INDEX IF NOT EXISTS grant_session ON grant_family (session)",
    "CREATE INDEX IF NOT EXISTS grant_user ON grant_family (user_id, client)",
    "CREATE TABLE IF NOT EXISTS consent (
        user_id {bytes} NOT NULL, client {bytes} NOT NULL, resource {text} NOT NULL, realm {bytes} NOT NULL,
        scopes {text} NOT NULL, created {int} NOT NULL, updated {int} NOT NULL,
        PRIMARY KEY (user_id, client, resource))",
    "CREATE TABLE IF NOT EXISTS used_once (
        kind {text} NOT NULL, realm {bytes} NOT NULL, key {bytes} NOT NULL, work {bytes} NOT NULL,
        keep_until {int} NOT NULL, PRIMARY KEY (kind, realm, key))",
    "CREATE INDEX IF NOT EXISTS used_once_keep ON used_once (keep_until)",
    "CREATE TABLE IF NOT EXISTS revoked (
        realm {bytes} NOT NULL, kind {text} NOT NULL, key {bytes} NOT NULL, at {int} NOT NULL,
        expires {int} NOT NULL, PRIMARY KEY (realm, kind, key))",
    "CREATE INDEX IF NOT EXISTS revoked_at ON revoked (at)",
    "CREATE TABLE IF NOT EXISTS login_attempt (
        realm {bytes} NOT NULL, key {bytes} NOT NULL, failures {int} NOT NULL, pending {int} NOT NULL,
        pending_since {int} NOT NULL, last_failure {int}, locked_until {int}, PRIMARY KEY (realm, key))",
    "CREATE TABLE IF NOT EXISTS resource (
        id {bytes} PRIMARY KEY, realm {bytes} NOT NULL, uri {text} NOT NULL, config {text} NOT NULL,
        UNIQUE (realm, uri))",
    "CREATE TABLE IF NOT EXISTS event (
        id {bytes} PRIMARY KEY, realm {bytes} NOT NULL, at {int} NOT NULL, kind {text} NOT NULL, error {text},
        client_id {text}, user_id {bytes}, session {bytes}, ip_address {text}, details {text} NOT NULL)",
    "CREATE INDEX IF NOT EXISTS event_realm ON event (realm, at)",
];

/// What administration and registration of clients look for.
const SECOND: &[&str] = &[
    "ALTER TABLE client ADD COLUMN {absent} registration {bytes}",
    "ALTER TABLE client ADD COLUMN {absent} registered {int}",
    "ALTER TABLE client ADD COLUMN {absent} used {int}",
    "ALTER TABLE client ADD COLUMN {absent} fold {bytes}",
    "CREATE INDEX IF NOT EXISTS client_fold ON client (realm, fold)",
    "CREATE INDEX IF NOT EXISTS client_registered ON client (realm, registered)",
    "ALTER TABLE user_account ADD COLUMN {absent} first_name {text}",
    "ALTER TABLE user_account ADD COLUMN {absent} last_name {text}",
    // A document with a U+0000 cannot be taken apart by PostgreSQL; its user is found by name once changed.
    "UPDATE user_account SET first_name = lower(CAST(config AS {json}) ->> 'firstName'),
            last_name = lower(CAST(config AS {json}) ->> 'lastName')
        WHERE first_name IS NULL AND last_name IS NULL AND config NOT LIKE '%u0000%'",
    "CREATE INDEX IF NOT EXISTS user_role_role ON user_role (role_id)",
    "CREATE INDEX IF NOT EXISTS user_membership_group ON user_membership (group_id)",
    "CREATE INDEX IF NOT EXISTS grant_client ON grant_family (client)",
    "CREATE TABLE IF NOT EXISTS admin_event (
        id {bytes} PRIMARY KEY, realm {bytes} NOT NULL, at {int} NOT NULL, operation {text} NOT NULL,
        resource_type {text} NOT NULL, resource_path {text} NOT NULL, representation {text}, error {text},
        actor_realm {text}, actor_client {text}, actor_user {text}, ip_address {text}, details {text} NOT NULL)",
    "CREATE INDEX IF NOT EXISTS admin_event_realm ON admin_event (realm, at)",
    "CREATE TABLE IF NOT EXISTS initial_access (
        id {bytes} PRIMARY KEY, realm {bytes} NOT NULL, created {int} NOT NULL, expires {int},
        count {int} NOT NULL, remaining {int} NOT NULL, web_origins {text} NOT NULL, works {text} NOT NULL)",
    "CREATE INDEX IF NOT EXISTS initial_access_realm ON initial_access (realm)",
    "ALTER TABLE event ADD COLUMN {absent} asked {text}",
];
