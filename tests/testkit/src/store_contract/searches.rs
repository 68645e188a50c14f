//! Users and records that administrators look for.

use sekisho_core::event::{Actor, AdminEventRecord, EventRecord, EventType, OperationType};
use sekisho_core::work::{Record, UserRecord, Work};
use sekisho_store::engine::{Settled, Statement, Unit};
use sekisho_store::{AdminEventFilter, ClientFilter, EventFilter, Order, Page, Store, UserFilter, schema};
use uuid::Uuid;

use super::{Given, open, won};
use crate::ManualClock;
use crate::builders::NOW;
use crate::engine_contract::{Subject, id};

const PEOPLE: &[(&str, &str, &str, &str)] = &[
    ("bob", "bob@example.org", "Bob", "Example"),
    ("bobby", "b%b@example.org", "Robert", "O'Brien"),
    ("b_b", "under_score@example.net", "Ünder", "Score"),
    ("back\\slash", "back@example.net", "Back", "Slash"),
    ("hanako", "hanako@example.jp", "花子", "山田"),
    ("taro", "taro@example.jp", "太郎", "山田"),
    ("off", "off@example.net", "Off", "Example"),
];

pub async fn users_are_found_by_what_is_known_of_them(subject: Subject) {
    let given = populated(&subject).await;
    let text = |text: &str| Some(text.to_owned());
    let any = UserFilter::default;
    let cases: Vec<(UserFilter, &[&str])> = vec![
        (UserFilter { username: text("b"), ..any() }, &["b_b", "back\\slash", "bob", "bobby"]),
        (UserFilter { username: text("BOB"), exact: true, ..any() }, &["bob"]),
        (UserFilter { username: text("_"), ..any() }, &["b_b"]),
        (UserFilter { username: text("b_b"), exact: true, ..any() }, &["b_b"]),
        (UserFilter { username: text("\\"), ..any() }, &["back\\slash"]),
        (UserFilter { email: text("%"), ..any() }, &["bobby"]),
        (UserFilter { email: text("b%b@EXAMPLE.org"), exact: true, ..any() }, &["bobby"]),
        (UserFilter { email: text("example.jp"), ..any() }, &["hanako", "taro"]),
        (UserFilter { email: text("example.jp"), exact: true, ..any() }, &[]),
        (UserFilter { last_name: text("山"), ..any() }, &["hanako", "taro"]),
        (UserFilter { last_name: text("山"), exact: true, ..any() }, &[]),
        (UserFilter { last_name: text("山田"), first_name: text("太郎"), exact: true, ..any() }, &["taro"]),
        (UserFilter { first_name: text("ünder"), ..any() }, &["b_b"]),
        (UserFilter { first_name: text("Ü"), ..any() }, &["b_b"]),
        (UserFilter { last_name: text("o'brien"), ..any() }, &["bobby"]),
        (UserFilter { username: text("bob"), email: text("taro"), ..any() }, &[]),
        (UserFilter { username: text("bob"), exact: true, first_name: text("Robert"), ..any() }, &[]),
        (UserFilter { enabled: Some(false), ..any() }, &["off"]),
        (UserFilter { enabled: Some(true), last_name: text("example"), ..any() }, &["bob"]),
        (UserFilter { search: text("bob"), ..any() }, &["bob", "bobby"]),
        (UserFilter { search: text("\"bob\""), ..any() }, &["bob"]),
        (UserFilter { search: text("bob*"), ..any() }, &["bob", "bobby"]),
        (UserFilter { search: text("by"), ..any() }, &[]),
        (UserFilter { search: text("*by"), ..any() }, &["bobby"]),
        (UserFilter { search: text("*example.net*"), ..any() }, &["b_b", "back\\slash", "off"]),
        (UserFilter { search: text("  山田   太  "), ..any() }, &["taro"]),
        (UserFilter { search: text("*田"), ..any() }, &["hanako", "taro"]),
        (UserFilter { search: text("b_"), ..any() }, &["b_b"]),
        (UserFilter { search: text("b%"), ..any() }, &["bobby"]),
        (UserFilter { search: text("exam bob"), ..any() }, &["bob"]),
        (UserFilter { search: text("b o r bo ro bobb nobody"), ..any() }, &["bobby"]),
        (UserFilter { search: text("service"), ..any() }, &[]),
        (
            UserFilter { search: text("service"), service_accounts: true, ..any() },
            &["service-account-service"],
        ),
        (UserFilter { search: text("' OR 1 = 1 --"), ..any() }, &[]),
        (UserFilter { search: text("a\0"), ..any() }, &[]),
    ];
    for (filter, found) in cases {
        let mut names = names(&given.store, given.realm.id, &filter).await;
        names.sort();
        assert_eq!(names, found, "{filter:?}");
        let count = given.store.user_count(given.realm.id, &filter).await.unwrap();
        assert_eq!(usize::try_from(count).unwrap(), found.len(), "{filter:?}");
        assert!(self::names(&given.store, id(99), &filter).await.is_empty(), "of no other realm");
    }
}

/// Engines refuse patterns of some length, which is no failure of theirs: nothing of that length is stored.
pub async fn what_is_too_long_to_be_stored_is_not_found(subject: Subject) {
    let given = populated(&subject).await;
    let (store, realm) = (&given.store, given.realm.id);
    // The longest patterns that SQLite takes, and what lies on both sides.
    for text in [4_096, 4_097, 24_999, 25_000, 49_998, 49_999, 50_001].map(|length| "a".repeat(length)) {
        let some = || Some(text.clone());
        let any = UserFilter::default;
        for (what, filter) in [
            ("username", UserFilter { username: some(), ..any() }),
            ("exact username", UserFilter { username: some(), exact: true, ..any() }),
            ("email", UserFilter { email: some(), ..any() }),
            ("exact email", UserFilter { email: some(), exact: true, ..any() }),
            ("first name", UserFilter { first_name: some(), ..any() }),
            ("last name", UserFilter { last_name: some(), ..any() }),
            ("search", UserFilter { search: some(), ..any() }),
            ("percent", UserFilter { search: Some(text.replace('a', "%")), ..any() }),
            ("stars", UserFilter { search: Some(format!("b{}", text.replace('a', "*a"))), ..any() }),
            ("second word", UserFilter { search: Some(format!("alice {text}")), ..any() }),
        ] {
            let found = store.stored_users_page(realm, &filter).await;
            assert!(found.is_ok_and(|found| found.is_empty()), "{what}, {}", text.len());
            let count = store.user_count(realm, &filter).await;
            assert!(count.is_ok_and(|count| count == 0), "{what}, {}", text.len());
        }
        let filter = ClientFilter { search: some(), ..ClientFilter::default() };
        assert!(store.clients_page(realm, &filter).await.unwrap().is_empty(), "{}", text.len());
        let filter = AdminEventFilter { resource_path: some(), ..AdminEventFilter::default() };
        assert!(store.admin_events(realm, &filter).await.unwrap().is_empty(), "{}", text.len());
    }
}

pub async fn users_come_in_parts(subject: Subject) {
    let given = populated(&subject).await;
    let realm = given.realm.id;
    let part = |first, max| UserFilter { page: Page { first, max }, ..UserFilter::default() };
    let all = names(&given.store, realm, &part(0, None)).await;
    assert_eq!(all.len(), 1 + PEOPLE.len());
    for (first, max) in [(0, 3), (3, 3), (6, 3), (9, 3)] {
        let found = names(&given.store, realm, &part(first, Some(max))).await;
        let expected: Vec<_> = all.iter().skip(usize::try_from(first).unwrap()).take(3).cloned().collect();
        assert_eq!(found, expected, "from {first}");
    }
    let role = given.realm.roles.realm_role("reader").unwrap().id;
    let group = *given.user.groups.first().unwrap();
    let give = (0..PEOPLE.len() as u128).fold(Work::new(id(300)), |work, n| {
        let user = person(n);
        work.insert(Record::UserRole { user, role }).insert(Record::UserGroup { user, group })
    });
    won(&given.store, give).await;
    for (first, max) in [(0, None), (2, Some(3)), (20, None)] {
        let page = Page { first, max };
        let expected = names(&given.store, realm, &part(first, max)).await;
        for found in [
            given.store.users_of_role(role, page).await.unwrap(),
            given.store.members_of_group(group, page).await.unwrap(),
        ] {
            assert_eq!(found.into_iter().map(|user| user.username).collect::<Vec<_>>(), expected);
        }
    }
}

pub async fn whole_user_is_read_by_id_name_and_client(subject: Subject) {
    let given = Given::on(&subject).await;
    let (store, realm, user) = (&given.store, given.realm.id, &given.user);
    for stored in [
        store.stored_user(realm, user.id).await.unwrap().unwrap(),
        store.stored_user_by_name(realm, "alice").await.unwrap().unwrap(),
    ] {
        assert_eq!((stored.record.id, stored.version), (user.id, 1));
        assert_eq!((stored.record.first_name.as_deref(), stored.record.last_name), (Some("alice"), None));
        let sorted = |ids: &[Uuid]| ids.iter().copied().collect::<std::collections::BTreeSet<_>>();
        assert_eq!(sorted(&stored.roles), sorted(&user.roles));
        assert_eq!(sorted(&stored.groups), sorted(&user.groups));
    }
    assert!(store.stored_user(id(99), user.id).await.unwrap().is_none());
    let by_email = store.stored_users_by_email(realm, "alice@example.org").await.unwrap();
    assert_eq!(by_email.into_iter().map(|user| user.id).collect::<Vec<_>>(), [user.id]);
    let service = given.new.client("service").id;
    let account = store.stored_service_account(realm, service).await.unwrap().unwrap();
    assert_eq!(account.record.username, "service-account-service");
    assert!(store.stored_service_account(realm, given.client.id).await.unwrap().is_none());
    let realms = store.stored_realms().await.unwrap();
    assert_eq!(realms.into_iter().map(|realm| realm.record.name).collect::<Vec<_>>(), ["r"]);
}

/// Users that were stored before their names had columns.
pub async fn names_stored_before_they_were_searched_are_found(subject: Subject) {
    let first = schema::STEPS.get(..1).unwrap();
    subject.engine.migrate(first, id(77)).await.unwrap();
    let insert = |n: u128, username: &str, config: &str| {
        let sql = "INSERT INTO user_account (id, realm, username, enabled, version, created, changed, config)
            VALUES ($1, $2, $3, TRUE, 1, 0, 0, $4)";
        Statement::new(sql, vec![id(n).into(), id(1).into(), username.into(), config.into()])
    };
    let writes = vec![
        insert(1, "hanako", r#"{"firstName": "花子", "lastName": "YAMADA"}"#),
        insert(2, "nul", r#"{"firstName": "a\u0000b"}"#),
        insert(3, "bare", "{}"),
    ];
    let unit = Unit { id: id(200), guards: Vec::new(), writes };
    assert_eq!(subject.engine.commit(unit).await.unwrap(), Settled::Won);
    let store = open(&subject, &ManualClock::at(NOW)).await;
    for (search, found) in
        [("花", vec!["hanako"]), ("yamada", vec!["hanako"]), ("nul", vec!["nul"]), ("b*e", vec!["bare"])]
    {
        let filter = UserFilter { search: Some(search.to_owned()), ..UserFilter::default() };
        assert_eq!(names(&store, id(1), &filter).await, found);
    }
}

pub async fn events_are_found_by_what_is_known_of_them(subject: Subject) {
    let given = Given::on(&subject).await;
    let (store, realm, user) = (&given.store, given.realm.id, given.user.id);
    let event = |n: u128, kind, error| EventRecord {
        id: id(n),
        realm,
        at: NOW.plus_seconds(i64::try_from(n).unwrap()),
        kind,
        error,
        cause: None,
        client_id: (n != 3).then(|| "c".to_owned()),
        user: (n == 1).then_some(user),
        session: (n == 1).then_some(id(100)),
        ip_address: Some(format!("192.0.2.{n}")),
        details: vec![("username", "花子".to_owned())],
        asked: None,
    };
    store.events.push(event(1, EventType::Login, None));
    store.events.push(event(2, EventType::Login, Some("invalid_user_credentials")));
    store.events.push(event(3, EventType::CodeToToken, None));
    store.flush_events(id(200)).await.unwrap();
    let any = EventFilter::default;
    let types = |types: &[&str]| types.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let at = |seconds| Some(NOW.plus_seconds(seconds));
    for (filter, found) in [
        (any(), vec![3, 2, 1]),
        (EventFilter { order: Order::OldestFirst, ..any() }, vec![1, 2, 3]),
        (EventFilter { types: types(&["LOGIN"]), ..any() }, vec![1]),
        (EventFilter { types: types(&["LOGIN_ERROR", "CODE_TO_TOKEN"]), ..any() }, vec![3, 2]),
        (EventFilter { types: types(&["CODE"]), ..any() }, vec![]),
        (EventFilter { client_id: Some("c".to_owned()), ..any() }, vec![2, 1]),
        (EventFilter { user: Some(user), ..any() }, vec![1]),
        (EventFilter { ip_address: Some("192.0.2.2".to_owned()), ..any() }, vec![2]),
        (EventFilter { from: at(2), ..any() }, vec![3, 2]),
        (EventFilter { from: at(2), to: at(2), ..any() }, vec![2]),
        (EventFilter { page: Page { first: 1, max: Some(1) }, ..any() }, vec![2]),
    ] {
        let events = store.events(realm, &filter).await.unwrap();
        let ids: Vec<u128> = events.iter().map(|event| event.id.as_u128()).collect();
        assert_eq!(ids, found, "{filter:?}");
    }
    assert!(store.events(id(99), &any()).await.unwrap().is_empty());
    let first = store.events(realm, &any()).await.unwrap().pop().unwrap();
    assert_eq!(
        (first.kind.as_str(), first.error, first.user, first.session),
        ("LOGIN", None, Some(user), Some(id(100)))
    );
    assert_eq!(first.details, [("username".to_owned(), "花子".to_owned())]);
}

pub async fn admin_events_are_found_by_what_is_known_of_them(subject: Subject) {
    let given = Given::on(&subject).await;
    let (store, realm) = (&given.store, given.realm.id);
    let event = |n: u128, operation, resource_type: &str, path: &str| AdminEventRecord {
        id: id(n),
        realm,
        at: NOW.plus_seconds(i64::try_from(n).unwrap()),
        operation,
        resource_type: resource_type.to_owned(),
        resource_path: path.to_owned(),
        representation: (n == 1).then(|| "{\"username\":\"花子\"}".to_owned()),
        error: (n == 2).then(|| "unknown".to_owned()),
        actor: Actor {
            realm: Some("master".to_owned()),
            client: Some("admin-cli".to_owned()),
            user: Some(format!("user-{n}")),
            ip_address: Some(format!("192.0.2.{n}")),
        },
        details: vec![("key".to_owned(), "value".to_owned())],
    };
    let made = [
        event(1, OperationType::Create, "USER", "users/1"),
        event(2, OperationType::Delete, "USER", "users/1/groups/2"),
        event(3, OperationType::Update, "REALM_ROLE", "roles/a_b"),
        event(4, OperationType::Action, "REALM_ROLE_MAPPING", "roles/axb"),
    ];
    let work = made
        .iter()
        .fold(Work::new(id(200)), |work, event| work.insert(Record::AdminEvent(Box::new(event.clone()))));
    won(store, work).await;
    let any = AdminEventFilter::default;
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let path = |path: &str| AdminEventFilter { resource_path: Some(path.to_owned()), ..any() };
    let by = |actor| AdminEventFilter { actor, ..any() };
    for (filter, found) in [
        (any(), vec![4, 3, 2, 1]),
        (AdminEventFilter { order: Order::OldestFirst, ..any() }, vec![1, 2, 3, 4]),
        (AdminEventFilter { operations: words(&["CREATE", "ACTION"]), ..any() }, vec![4, 1]),
        (AdminEventFilter { resource_types: words(&["REALM_ROLE"]), ..any() }, vec![3]),
        (path("users/1"), vec![1]),
        (path("users/*"), vec![2, 1]),
        (path("*/groups/*"), vec![2]),
        (path("roles/a_b"), vec![3]),
        (by(Actor { realm: Some("master".to_owned()), ..Actor::default() }), vec![4, 3, 2, 1]),
        (by(Actor { realm: Some("other".to_owned()), ..Actor::default() }), vec![]),
        (by(Actor { client: Some("admin-cli".to_owned()), ..Actor::default() }), vec![4, 3, 2, 1]),
        (by(Actor { user: Some("user-2".to_owned()), ..Actor::default() }), vec![2]),
        (by(Actor { ip_address: Some("192.0.2.3".to_owned()), ..Actor::default() }), vec![3]),
        (AdminEventFilter { from: Some(NOW.plus_seconds(3)), ..any() }, vec![4, 3]),
        (AdminEventFilter { to: Some(NOW.plus_seconds(3)), ..any() }, vec![3, 2, 1]),
        (AdminEventFilter { page: Page { first: 1, max: Some(2) }, ..any() }, vec![3, 2]),
    ] {
        let events = store.admin_events(realm, &filter).await.unwrap();
        let ids: Vec<u128> = events.iter().map(|event| event.id.as_u128()).collect();
        assert_eq!(ids, found, "{filter:?}");
    }
    let stored =
        store.admin_events(realm, &AdminEventFilter { order: Order::OldestFirst, ..any() }).await.unwrap();
    assert_eq!(stored, made);
}

async fn names(store: &Store, realm: Uuid, filter: &UserFilter) -> Vec<String> {
    store.stored_users_page(realm, filter).await.unwrap().into_iter().map(|user| user.username).collect()
}

fn person(n: u128) -> Uuid {
    id(600 + n)
}

/// Alice, a service account, and people who are hard to search for.
async fn populated(subject: &Subject) -> Given {
    let given = Given::on(subject).await;
    let user = |n: u128, (username, email, first, last): &(&str, &str, &str, &str)| UserRecord {
        id: person(n),
        realm: given.realm.id,
        username: (*username).to_owned(),
        email: Some((*email).to_owned()),
        first_name: Some((*first).to_owned()),
        last_name: Some((*last).to_owned()),
        enabled: *username != "off",
        service_account_of: None,
        created: NOW,
        config: "{}".to_owned(),
    };
    let work = (0..)
        .zip(PEOPLE)
        .fold(Work::new(id(100)), |work, (n, known)| work.insert(Record::User(user(n, known))));
    won(&given.store, work).await;
    given
}
