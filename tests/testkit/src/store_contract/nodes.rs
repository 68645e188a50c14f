//! What one node does and another sees.

use sekisho_core::grant;
use sekisho_core::work::{Deletion, Guard, Record, RevokedKind, Work, Write};

use super::{Given, open, won};
use crate::builders::NOW;
use crate::engine_contract::{Subject, id};

pub async fn other_node_sees_what_was_done(subject: Subject) {
    let given = Given::on(&subject).await;
    let other = open(&subject, &given.clock).await;
    let before = other.realm("r").await.unwrap().unwrap();
    let client = other.client(&before, "c").await.unwrap().unwrap();
    let user = other.cached_user(&before, given.user.id).await.unwrap().unwrap();
    assert!(given.store.cached_user(&before, given.user.id).await.unwrap() == Some(user.clone()));
    let session = given.session(100).await;
    let family = given.grant(&session, 1).await;

    won(&given.store, grant::revoke(given.realm.id, family.id, id(200), NOW)).await;
    let records = given.new.records(&super::master());
    let changed = records
        .into_iter()
        .filter(|record| matches!(record, Record::Realm(_) | Record::Client(_) | Record::User(_)));
    let start = Work::new(id(201)).guard(Guard::MoveRealm { realm: given.realm.id });
    let work = changed.fold(start, |work, record| work.write(Write::Replace(Box::new(record))));
    won(&given.store, work).await;

    let key = family.id.uuid();
    let knows = || other.revocations().contains(given.realm.id, RevokedKind::Grant, key.as_bytes());
    assert!(!knows());
    other.look().await.unwrap();
    assert!(knows());
    assert_eq!(other.realm("r").await.unwrap().unwrap().revision, before.revision + 1);
    let replaced = other.client(&before, "c").await.unwrap().unwrap();
    assert_eq!(replaced.version, client.version + 1);
    for node in [&given.store, &other] {
        let replaced = node.cached_user(&before, given.user.id).await.unwrap().unwrap();
        assert_eq!(replaced.version, user.version + 1);
    }

    let started = open(&subject, &given.clock).await;
    assert!(started.revocations().contains(given.realm.id, RevokedKind::Grant, key.as_bytes()));
}

pub async fn roles_and_deletion_of_a_user_are_seen_on_both_nodes(subject: Subject) {
    let given = Given::on(&subject).await;
    let other = open(&subject, &given.clock).await;
    let (realm, user) = (&given.realm, given.user.id);
    for node in [&given.store, &other] {
        assert_eq!(node.cached_user(realm, user).await.unwrap().unwrap().roles.len(), 2);
    }
    let role = realm.roles.realm_role("offline_access").unwrap().id;
    let give = Work::new(id(200))
        .guard(Guard::ChangeUser { user, version: 1 })
        .insert(Record::UserRole { user, role });
    won(&given.store, give).await;
    other.look().await.unwrap();
    for node in [&given.store, &other] {
        assert_eq!(node.cached_user(realm, user).await.unwrap().unwrap().roles.len(), 3);
    }

    let key = user.as_bytes().to_vec();
    let expires = NOW.plus_seconds(60);
    let delete = Work::new(id(201))
        .guard(Guard::TouchUser { user })
        .write(Write::Delete(Deletion::User { user }))
        .write(Write::Revoke { realm: realm.id, kind: RevokedKind::User, key, at: NOW, expires });
    won(&given.store, delete).await;
    other.look().await.unwrap();
    for node in [&given.store, &other] {
        assert!(node.cached_user(realm, user).await.unwrap().is_none());
    }
}
