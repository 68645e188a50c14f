//! What goes with what is deleted.

use std::collections::BTreeMap;

use sekisho_core::credential::StoredCredential;
use sekisho_core::event::{Actor, AdminEventRecord, EventRecord, EventType, OperationType};
use sekisho_core::session::SessionState;
use sekisho_core::work::{ConsentRecord, Deletion, Guard, Record, RoleRecord, Work, Write};
use sekisho_protocol::Scopes;
use sekisho_store::Store;
use sekisho_store::engine::Statement;
use uuid::Uuid;

use super::registrations::initial_access;
use super::{Given, open, won};
use crate::builders::NOW;
use crate::engine_contract::{Subject, id};

/// Each deletion by itself: how many rows of which table go, and no others.
pub async fn deletion_takes_what_hangs_on_it_and_no_more(subject: Subject) {
    let given = Given::on(&subject).await;
    furnish(&given).await;
    let (realm, user, client) = (given.realm.id, given.user.id, given.client.id);
    let role = given.realm.roles.realm_role("reader").unwrap().id;
    let [group, other_group] = given.user.groups.as_slice().try_into().unwrap();
    let resource = given.realm.resources.first().unwrap().id;
    let key = given.store.stored_keys(realm, "r").await.unwrap().first().unwrap().id;
    let scope = given.store.stored_scopes(realm).await.unwrap().first().unwrap().id;
    let changes: [(Deletion, &[(&str, i64)]); 18] = [
        (Deletion::Credential { id: id(1), user: id(99) }, &[]),
        (Deletion::Credential { id: id(1), user }, &[("credential", 1)]),
        (Deletion::Passwords { user }, &[("credential", 1)]),
        (Deletion::Consents { user, client: id(99) }, &[]),
        (Deletion::Consents { user, client }, &[("consent", 2)]),
        (Deletion::UserRole { user, role: id(99) }, &[]),
        (Deletion::UserGroup { user, group }, &[("user_membership", 1)]),
        (Deletion::Role { role }, &[("user_role", 1), ("role", 1)]),
        (Deletion::Group { group: other_group }, &[("user_membership", 1), ("user_group", 1)]),
        (Deletion::Scope { scope }, &[("client_scope", 1)]),
        (Deletion::Resource { resource }, &[("resource", 1)]),
        (Deletion::Key { key }, &[("realm_key", 1)]),
        (Deletion::Attempt { realm, key: b"a".to_vec() }, &[("login_attempt", 1)]),
        (Deletion::AttemptsOfRealm { realm }, &[("login_attempt", 1)]),
        (Deletion::Events { realm, before: NOW }, &[]),
        (Deletion::EventsOfRealm { realm }, &[("event", 1)]),
        (Deletion::AdminEvents { realm, before: NOW.plus_seconds(1) }, &[("admin_event", 1)]),
        (Deletion::AdminEventsOfRealm { realm }, &[("admin_event", 1)]),
    ];
    for (n, (what, gone)) in (1_000..).zip(changes) {
        let before = rows(&given.store).await;
        won(&given.store, deletion(n, what.clone())).await;
        let gone: Counts = gone.iter().copied().collect();
        assert_eq!(difference(&before, &rows(&given.store).await), gone, "{what:?}");
    }
}

pub async fn client_goes_with_its_roles_and_what_was_agreed_to(subject: Subject) {
    let given = Given::on(&subject).await;
    furnish(&given).await;
    let client = given.client.id;
    let session = given.session(100).await;
    let grant = given.grant(&session, 1).await;
    let before = rows(&given.store).await;
    won(&given.store, deletion(200, Deletion::Client { client })).await;
    let gone = [("client", 1), ("consent", 2), ("role", 1), ("user_role", 1)];
    assert_eq!(difference(&before, &rows(&given.store).await), gone.into_iter().collect());
    assert!(given.store.client(&given.realm, "c").await.unwrap().is_none(), "the cache forgot it too");
    assert!(given.stored(grant.id).await.unwrap().revoked.is_some());
    assert!(given.store.client(&given.realm, "service").await.unwrap().is_some(), "others stay");
}

pub async fn deleted_users_sessions_and_grants_are_over(subject: Subject) {
    let given = Given::on(&subject).await;
    furnish(&given).await;
    let session = given.session(100).await;
    let grant = given.grant(&session, 1).await;
    let before = rows(&given.store).await;
    won(&given.store, deletion(200, Deletion::User { user: given.user.id })).await;
    let gone =
        [("consent", 2), ("credential", 2), ("user_account", 1), ("user_membership", 2), ("user_role", 3)];
    assert_eq!(difference(&before, &rows(&given.store).await), gone.into_iter().collect());
    assert!(given.stored(grant.id).await.unwrap().revoked.is_some());
    assert_eq!(given.store.session(session.id).await.unwrap().unwrap().state, SessionState::Ended);
}

pub async fn realm_goes_with_all_that_hangs_on_it(subject: Subject) {
    let given = Given::on(&subject).await;
    furnish(&given).await;
    let session = given.session(100).await;
    given.grant(&session, 1).await;
    for (table, rows) in rows(&given.store).await {
        assert!(rows > 0, "nothing shows whether rows of {table} go");
    }
    won(&given.store, deletion(200, Deletion::Realm { realm: given.realm.id })).await;
    for (table, rows) in rows(&given.store).await {
        assert_eq!(rows, 0, "rows of {table} are left");
    }
}

/// A row at least in every table that a realm has.
async fn furnish(given: &Given) {
    let (realm, user, client) = (given.realm.id, given.user.id, given.client.id);
    let credential = |n, kind: &str| StoredCredential {
        id: id(n),
        user,
        kind: kind.to_owned(),
        label: None,
        created: NOW.0,
        priority: 10,
        credential_data: "{}".to_owned(),
        secret_data: "{}".to_owned(),
    };
    let consent = |resource: &str| {
        let (resource, scopes) = (resource.to_owned(), Scopes::parse("email"));
        Write::SaveConsent(ConsentRecord { realm, user, client, resource, scopes, at: NOW })
    };
    let role = RoleRecord {
        id: id(7),
        realm,
        client: Some(client),
        name: "own".to_owned(),
        config: "{}".to_owned(),
        composites: Vec::new(),
    };
    let mut work = Work::new(id(500))
        .insert(Record::Role(role))
        .insert(Record::UserRole { user, role: id(7) })
        .insert(Record::Credential(credential(1, "otp")))
        .insert(Record::Credential(credential(2, "password")))
        .insert(Record::InitialAccess(initial_access(given, 5)))
        .insert(Record::Event(sign_in(realm, 3)))
        .insert(Record::AdminEvent(Box::new(update(realm, 1, -1))))
        .insert(Record::AdminEvent(Box::new(update(realm, 2, 2))))
        .write(consent(""))
        .write(consent("https://mcp.example/"));
    for key in [b"a", b"b"] {
        work = work.guard(Guard::ReserveAttempt { realm, key: key.to_vec(), at: NOW, limit: 3 });
    }
    won(&given.store, work).await;
}

fn sign_in(realm: Uuid, n: u128) -> EventRecord {
    EventRecord {
        id: id(n),
        realm,
        at: NOW,
        kind: EventType::Login,
        error: None,
        cause: None,
        client_id: Some("c".to_owned()),
        user: None,
        session: None,
        ip_address: None,
        details: Vec::new(),
        asked: None,
    }
}

fn update(realm: Uuid, n: u128, seconds: i64) -> AdminEventRecord {
    AdminEventRecord {
        id: id(n),
        realm,
        at: NOW.plus_seconds(seconds),
        operation: OperationType::Update,
        resource_type: "USER".to_owned(),
        resource_path: "users/1".to_owned(),
        representation: None,
        error: None,
        actor: Actor::default(),
        details: Vec::new(),
    }
}

fn deletion(n: u128, deletion: Deletion) -> Work {
    Work::new(id(n)).write(Write::Delete(deletion))
}

type Counts = BTreeMap<&'static str, i64>;

/// How many rows there are of what a realm has.
async fn rows(store: &Store) -> Counts {
    let mut counts = Counts::new();
    for (table, sql) in [
        ("realm", "SELECT count(*) FROM realm"),
        ("realm_key", "SELECT count(*) FROM realm_key"),
        ("client", "SELECT count(*) FROM client"),
        ("client_scope", "SELECT count(*) FROM client_scope"),
        ("role", "SELECT count(*) FROM role"),
        ("user_group", "SELECT count(*) FROM user_group"),
        ("user_account", "SELECT count(*) FROM user_account"),
        ("user_role", "SELECT count(*) FROM user_role"),
        ("user_membership", "SELECT count(*) FROM user_membership"),
        ("credential", "SELECT count(*) FROM credential"),
        ("session", "SELECT count(*) FROM session"),
        ("grant_family", "SELECT count(*) FROM grant_family"),
        ("consent", "SELECT count(*) FROM consent"),
        ("login_attempt", "SELECT count(*) FROM login_attempt"),
        ("resource", "SELECT count(*) FROM resource"),
        ("event", "SELECT count(*) FROM event"),
        ("admin_event", "SELECT count(*) FROM admin_event"),
        ("initial_access", "SELECT count(*) FROM initial_access"),
    ] {
        let answer = store.engine().read(Statement::new(sql, Vec::new())).await.unwrap();
        counts.insert(table, answer.first().unwrap().int(0).unwrap());
    }
    counts
}

fn difference(before: &Counts, after: &Counts) -> Counts {
    before
        .iter()
        .map(|(table, rows)| (*table, rows - after.get(table).copied().unwrap_or_default()))
        .filter(|(_, gone)| *gone != 0)
        .collect()
}

pub async fn deleted_role_and_group_leave_those_who_had_them(subject: Subject) {
    let given = Given::on(&subject).await;
    let other = open(&subject, &given.clock).await;
    let (realm, user) = (&given.realm, given.user.id);
    let role = realm.roles.realm_role("reader").unwrap().id;
    let group = *given.user.groups.first().unwrap();
    let has = async |node: &Store| {
        let user = node.cached_user(realm, user).await.unwrap().unwrap();
        (user.roles.contains(&role), user.groups.contains(&group))
    };
    for (n, touch, delete, left) in [
        (200, Write::TouchUsersOfRole { role, at: NOW }, Deletion::Role { role }, (false, true)),
        (201, Write::TouchMembersOfGroup { group, at: NOW }, Deletion::Group { group }, (false, false)),
    ] {
        let version = given.store.stored_user(realm.id, user).await.unwrap().unwrap().version;
        has(&given.store).await;
        has(&other).await;
        won(&given.store, Work::new(id(n)).write(touch).write(Write::Delete(delete))).await;
        other.look().await.unwrap();
        assert_eq!((has(&given.store).await, has(&other).await), (left, left));
        assert_eq!(given.store.stored_user(realm.id, user).await.unwrap().unwrap().version, version + 1);
    }
    let service = given.new.user("service-account-service").id;
    assert_eq!(given.store.stored_user(realm.id, service).await.unwrap().unwrap().version, 1, "others stay");
}
