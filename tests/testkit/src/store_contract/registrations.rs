//! Clients that register themselves, and clients that change.

use sekisho_core::work::{
    ClientRecord, Deletion, Guard, InitialAccessRecord, Outcome, Record, Registration, Work, Write,
};
use sekisho_store::{ClientFilter, Page, Store};

use super::{Faulty, Given, TASKS, count, open, race, won};
use crate::builders::NOW;
use crate::engine_contract::{Subject, id};

pub async fn client_is_changed_by_one(subject: Subject) {
    let given = Given::on(&subject).await;
    let client = given.client.id;
    let version = async || given.store.client(&given.realm, "c").await.unwrap().unwrap().version;
    assert_eq!(version().await, 1);
    let change = |n| Work::new(id(200 + n)).guard(Guard::ChangeClient { client, version: 1 });
    let outcomes = race(&given.store, (0..TASKS).map(change)).await;
    assert_eq!(count(&outcomes, Outcome::Won), 1, "{outcomes:?}");
    assert_eq!(count(&outcomes, Outcome::Lost(0)), 15, "{outcomes:?}");
    assert_eq!(version().await, 2, "it left the cache");
    let stored = given.store.stored_client_by_id(given.realm.id, client).await.unwrap().unwrap();
    assert_eq!((stored.version, stored.record.client_id.as_str()), (2, "c"));
}

pub async fn initial_access_is_used_as_often_as_it_says(subject: Subject) {
    let given = Given::on(&subject).await;
    let access = initial_access(&given, 5);
    won(&given.store, Work::new(id(100)).insert(Record::InitialAccess(access.clone()))).await;
    let stored = given.store.initial_access(given.realm.id, access.id).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&access));
    assert_eq!(given.store.initial_accesses(given.realm.id).await.unwrap(), std::slice::from_ref(&access));

    let realm = given.realm.id;
    for (n, guard) in (200..).zip([
        Guard::UseInitialAccess { id: access.id, realm, at: NOW.plus_seconds(60) },
        Guard::UseInitialAccess { id: access.id, realm: id(99), at: NOW },
        Guard::UseInitialAccess { id: id(99), realm, at: NOW },
    ]) {
        assert_eq!(given.store.commit(Work::new(id(n)).guard(guard)).await.unwrap(), Outcome::Lost(0), "{n}");
    }
    for _ in 0..2 {
        won(&given.store, use_access(&access, 250)).await;
        assert_eq!(remaining(&given, &access).await, 2, "a work that comes again is counted once");
    }
    let works = (0..TASKS).map(|n| use_access(&access, 300 + n));
    let outcomes = race(&given.store, works.clone()).await;
    assert_eq!(count(&outcomes, Outcome::Won), 2, "{outcomes:?}");
    assert_eq!(count(&outcomes, Outcome::Lost(0)), 14, "{outcomes:?}");
    assert_eq!(remaining(&given, &access).await, 0);
    let again = race(&given.store, works).await;
    assert_eq!(outcomes, again, "a work that comes again knows how it ended");
}

pub async fn initial_access_is_used_as_often_as_it_says_whatever_breaks(faulty: Faulty) {
    let given = Given::on(&faulty.subject).await;
    for round in 1..=8 {
        let access = initial_access(&given, round);
        won(&given.store, Work::new(id(100 + round)).insert(Record::InitialAccess(access.clone()))).await;
        (faulty.lost_answers)(1);
        won(&given.store, use_access(&access, round * 1_000)).await;
        assert_eq!(remaining(&given, &access).await, 2);
        (faulty.conflicts)(12);
        (faulty.lost_answers)(2);
        let works = (1..=TASKS).map(|n| use_access(&access, round * 1_000 + n));
        let outcomes = race(&given.store, works).await;
        assert_eq!(count(&outcomes, Outcome::Won), 2, "round {round}: {outcomes:?}");
        assert_eq!(remaining(&given, &access).await, 0);
    }
}

pub(super) fn initial_access(given: &Given, n: u128) -> InitialAccessRecord {
    InitialAccessRecord {
        id: id(n),
        realm: given.realm.id,
        created: NOW,
        expires: Some(NOW.plus_seconds(60)),
        count: 3,
        remaining: 3,
        web_origins: vec!["https://app.example".to_owned()],
    }
}

fn use_access(access: &InitialAccessRecord, n: u128) -> Work {
    Work::new(id(n)).guard(Guard::UseInitialAccess { id: access.id, realm: access.realm, at: NOW })
}

async fn remaining(given: &Given, access: &InitialAccessRecord) -> i64 {
    given.store.initial_access(access.realm, access.id).await.unwrap().unwrap().remaining
}

pub async fn initial_access_goes_when_it_has_expired(subject: Subject) {
    let given = Given::on(&subject).await;
    let endless = InitialAccessRecord { expires: None, ..initial_access(&given, 6) };
    let work = Work::new(id(100))
        .insert(Record::InitialAccess(initial_access(&given, 5)))
        .insert(Record::InitialAccess(endless.clone()));
    won(&given.store, work).await;
    for (n, seconds, left) in [(200, 60, 2), (201, 61, 1)] {
        let now = NOW.plus_seconds(seconds);
        won(&given.store, Work::new(id(n)).write(Write::Delete(Deletion::Expired { now }))).await;
        assert_eq!(given.store.initial_accesses(given.realm.id).await.unwrap().len(), left);
    }
    let delete = Deletion::InitialAccess { id: endless.id };
    won(&given.store, Work::new(id(202)).write(Write::Delete(delete))).await;
    assert!(given.store.initial_accesses(given.realm.id).await.unwrap().is_empty());
}

pub async fn registration_comes_back_as_it_went(subject: Subject) {
    let given = Given::on(&subject).await;
    let (store, realm) = (&given.store, given.realm.id);
    let registration = |n: u8, seconds: i64| Registration {
        token: Some(vec![n; 32]),
        at: Some(NOW.plus_seconds(seconds)),
        used: None,
        fold: Some(vec![7; 32]),
    };
    let client = |n: u8, seconds: i64| ClientRecord {
        id: id(n.into()),
        realm,
        client_id: format!("registered-{n}"),
        config: "{}".to_owned(),
        secrets: Some(vec![n]),
        registration: registration(n, seconds),
    };
    let work = Work::new(id(100)).insert(Record::Client(client(2, 20))).insert(Record::Client(client(1, 10)));
    won(store, work).await;
    let by_id = async |n: u128| store.stored_client_by_id(realm, id(n)).await.unwrap().unwrap();
    assert!(by_id(1).await.record.registration == registration(1, 10));
    assert!(
        store.stored_client(realm, "c").await.unwrap().unwrap().record.registration
            == Registration::default()
    );
    assert_eq!(store.clients_registered(realm).await.unwrap(), 2);
    assert_eq!(store.client_by_fold(realm, &[7; 32]).await.unwrap().unwrap().record.id, id(1), "the oldest");
    assert!(store.client_by_fold(realm, &[8; 32]).await.unwrap().is_none());
    assert!(store.client_by_fold(id(99), &[7; 32]).await.unwrap().is_none());

    let unused = async |seconds| {
        let clients = store.unused_clients(realm, NOW.plus_seconds(seconds)).await.unwrap();
        clients.into_iter().map(|client| client.id).collect::<Vec<_>>()
    };
    assert!(unused(10).await.is_empty());
    assert_eq!(unused(11).await, [id(1)]);
    assert_eq!(unused(21).await, [id(1), id(2)]);
    for (n, seconds) in [(200, 30), (201, 40)] {
        let at = NOW.plus_seconds(seconds);
        won(store, Work::new(id(n)).write(Write::UseClient { client: id(1), at })).await;
    }
    assert_eq!(unused(21).await, [id(2)]);
    let used = by_id(1).await;
    assert_eq!(
        (used.version, used.record.registration.used),
        (1, Some(NOW.plus_seconds(30))),
        "the first use"
    );

    let replaced = ClientRecord { registration: registration(9, 50), ..used.record };
    won(store, Work::new(id(202)).write(Write::Replace(Box::new(Record::Client(replaced))))).await;
    let Registration { token, at, used, .. } = by_id(1).await.record.registration;
    assert_eq!((token, at), (Some(vec![9; 32]), Some(NOW.plus_seconds(50))));
    assert_eq!(used, Some(NOW.plus_seconds(30)), "that it was used is not taken back");
}

pub async fn renamed_client_has_no_other_name(subject: Subject) {
    let given = Given::on(&subject).await;
    let other = open(&subject, &given.clock).await;
    let knows = async |node: &Store, client_id: &str| {
        node.client(&given.realm, client_id).await.unwrap().is_some_and(|client| client.id == given.client.id)
    };
    for node in [&given.store, &other] {
        assert!(knows(node, "c").await);
    }
    let stored = given.store.stored_client(given.realm.id, "c").await.unwrap().unwrap();
    let renamed = ClientRecord { client_id: "renamed".to_owned(), ..stored.record };
    let replace = Write::Replace(Box::new(Record::Client(renamed)));
    won(&given.store, Work::new(id(200)).write(replace)).await;
    other.look().await.unwrap();
    for node in [&given.store, &other] {
        assert!(!knows(node, "c").await && knows(node, "renamed").await);
    }
}

pub async fn clients_are_found_by_a_part_of_their_identifier(subject: Subject) {
    let given = Given::on(&subject).await;
    let (store, realm) = (&given.store, given.realm.id);
    let names = ["https://client.example/metadata.json", "Portal", "portal_2", "portalx2", "100%", "関所"];
    let insert = |work: Work, (n, client_id): (u128, &&str)| {
        work.insert(Record::Client(ClientRecord {
            id: id(n),
            realm,
            client_id: (*client_id).to_owned(),
            config: "{}".to_owned(),
            secrets: None,
            registration: Registration::default(),
        }))
    };
    let before = store.client_count(realm).await.unwrap();
    won(store, (600..).zip(&names).fold(Work::new(id(100)), insert)).await;
    assert_eq!(store.client_count(realm).await.unwrap(), before + 6);
    for (search, found) in [
        ("portal", vec!["Portal", "portal_2", "portalx2"]),
        ("PORTAL_", vec!["portal_2"]),
        ("%", vec!["100%"]),
        ("関", vec!["関所"]),
        ("client.example", vec!["https://client.example/metadata.json"]),
        ("*", vec![]),
        ("nobody", vec![]),
    ] {
        let filter = ClientFilter { search: Some(search.to_owned()), page: Page::default() };
        let mut clients: Vec<String> = store
            .clients_page(realm, &filter)
            .await
            .unwrap()
            .into_iter()
            .map(|found| found.record.client_id)
            .collect();
        clients.sort();
        assert_eq!(clients, found, "{search}");
    }
    let part = ClientFilter { search: None, page: Page { first: 2, max: Some(3) } };
    let (all, part) = (
        store.clients_page(realm, &ClientFilter::default()).await.unwrap(),
        store.clients_page(realm, &part).await.unwrap(),
    );
    let ids = |clients: &[sekisho_store::StoredClient]| {
        clients.iter().map(|found| found.record.id).collect::<Vec<_>>()
    };
    assert_eq!(i64::try_from(all.len()).unwrap(), before + 6);
    assert_eq!(ids(&part), ids(all.get(2..5).unwrap()));
}

/// What registration does: whoever comes last finds no room, however many come at once.
pub async fn realm_holds_as_many_clients_as_it_says(subject: Subject) {
    let given = Given::on(&subject).await;
    let realm = given.realm.id;
    let most = given.store.client_count(realm).await.unwrap() + 3;
    let register = |n| {
        Work::new(id(200 + n))
            .guard(Guard::HoldRealm { realm })
            .guard(Guard::Insert(Box::new(Record::Client(client(realm, 600 + n)))))
            .guard(Guard::RoomForClient { realm, most })
    };
    let outcomes = race(&given.store, (0..TASKS).map(register)).await;
    assert_eq!(count(&outcomes, Outcome::Won), 3, "{outcomes:?}");
    assert_eq!(count(&outcomes, Outcome::Lost(2)), 13, "{outcomes:?}");
    assert_eq!(given.store.client_count(realm).await.unwrap(), most);
    let nowhere = Work::new(id(300)).guard(Guard::HoldRealm { realm: id(99) });
    assert_eq!(given.store.commit(nowhere).await.unwrap(), Outcome::Lost(0));
}

/// Either the client was used first and stays, or it is gone when it is used.
pub async fn unused_client_goes_or_is_used(subject: Subject) {
    let given = Given::on(&subject).await;
    let (realm, at) = (given.realm.id, NOW);
    for round in 0..8 {
        let client = client(realm, 600 + round);
        let id_of_client = client.id;
        won(&given.store, Work::new(id(1_000 + round)).insert(Record::Client(client))).await;
        let purge = |n| {
            Work::new(id(n))
                .guard(Guard::StillUnused { client: id_of_client })
                .write(Write::Delete(Deletion::Client { client: id_of_client }))
        };
        let touch = Work::new(id(2_000 + round)).write(Write::UseClient { client: id_of_client, at });
        let outcomes = race(&given.store, [touch, purge(3_000 + round)].into_iter()).await;
        let stored = given.store.stored_client_by_id(realm, id_of_client).await.unwrap();
        let used = stored.map(|stored| stored.record.registration.used);
        let left = if outcomes.get(1) == Some(&Outcome::Won) { None } else { Some(Some(at)) };
        assert_eq!(used, left, "round {round}: {outcomes:?}");
        let again = given.store.commit(purge(4_000 + round)).await.unwrap();
        assert_eq!(again, Outcome::Lost(0), "round {round}: used, or no more there");
    }
}

fn client(realm: uuid::Uuid, n: u128) -> ClientRecord {
    ClientRecord {
        id: id(n),
        realm,
        client_id: format!("registered-{n}"),
        config: "{}".to_owned(),
        secrets: None,
        registration: Registration { at: Some(NOW), ..Registration::default() },
    }
}
