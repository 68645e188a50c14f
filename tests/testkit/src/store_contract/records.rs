//! Records that come back as they went, and go when they should.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use sekisho_core::credential::StoredCredential;
use sekisho_core::event::{EventRecord, EventType};
use sekisho_core::grant::Grant;
use sekisho_core::ids::GrantId;
use sekisho_core::session::{Session, SessionState};
use sekisho_core::work::{
    ConsentRecord, Deletion, Guard, Outcome, Record, RevokedKind, SingleUse, Work, Write,
};
use sekisho_core::{Client, Realm, User};
use sekisho_protocol::Scopes;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{Given, won};
use crate::builders::{self, NOW};
use crate::engine_contract::{Subject, id};

pub async fn every_statement_is_planned(subject: Subject) {
    let given = Given::on(&subject).await;
    for sql in sekisho_store::sql::ALL {
        let planned = given.store.engine().prepare(sql).await;
        assert!(planned.is_ok(), "{sql}: {planned:?}");
    }
}

pub async fn realm_comes_back_as_it_went(subject: Subject) {
    let given = Given::on(&subject).await;
    let (stored, made): (&Realm, _) = (&given.realm, given.new.snapshot());
    assert_eq!((stored.id, &stored.name, stored.revision), (made.id, &made.name, 1));
    assert_eq!((stored.enabled, &stored.issuer), (made.enabled, &made.issuer));
    assert_eq!(
        (&stored.lifespans, &stored.tokens, &stored.login, &stored.lockout),
        (&made.lifespans, &made.tokens, &made.login, &made.lockout)
    );
    assert_eq!((&stored.events, stored.not_before), (&made.events, made.not_before));
    assert_eq!(stored.resources, made.resources);
    assert_eq!(stored.client_role_mappings, made.client_role_mappings);
    assert_eq!(stored.roles.client_ids, made.roles.client_ids);
    assert_eq!(stored.scopes, made.scopes);
    assert_eq!(sorted(&stored.roles.by_id), sorted(&made.roles.by_id));
    assert_eq!(sorted(&stored.groups.by_id), sorted(&made.groups.by_id));

    let (keys, made) = (&stored.keys, &made.keys);
    for algorithm in made.algorithms() {
        let kid =
            |keys: &sekisho_core::keys::RealmKeys| keys.signer(algorithm).map(|key| key.kid().to_owned());
        assert_eq!(kid(keys), kid(made), "{algorithm:?}");
    }
    assert_eq!(keys.algorithms().len(), made.algorithms().len());
    let sealed = made.seal(stored.id, "test", [0; 12], b"sealed").unwrap();
    assert_eq!(keys.open(stored.id, "test", &sealed).as_deref(), Some(b"sealed".as_slice()));
    assert_eq!(keys.refresh.first().map(|key| key.kid().to_owned()), Some("refresh".to_owned()));
    assert!(given.store.realm("R").await.unwrap().is_none(), "names are exact");
}

fn sorted<K: Ord + Copy, V: Debug>(map: &HashMap<K, V>) -> BTreeMap<K, String> {
    map.iter().map(|(key, value)| (*key, format!("{value:?}"))).collect()
}

pub async fn client_and_user_come_back_as_they_went(subject: Subject) {
    let given = Given::on(&subject).await;
    for client_id in ["c", "service"] {
        let made = given.new.client(client_id);
        let by_name = given.store.client(&given.realm, client_id).await.unwrap().unwrap();
        let by_id = given.store.client_by_id(&given.realm, made.id).await.unwrap().unwrap();
        for stored in [by_name, by_id] {
            assert_same_client(&stored, &made);
        }
    }
    let service = given.store.client(&given.realm, "service").await.unwrap().unwrap();
    assert!(service.secret.as_ref().is_some_and(|secret| secret.matches("service-secret")));
    assert!(given.store.client(&given.realm, "C").await.unwrap().is_none(), "identifiers are exact");
    assert_eq!(given.store.service_account(&given.client).await.unwrap().map(|user| user.id), None);

    let made = given.new.user("alice");
    for stored in [
        given.store.user(&given.realm, made.id).await,
        given.store.user_by_login(&given.realm, "alice").await,
        given.store.user_by_login(&given.realm, " ALICE ").await,
        given.store.user_by_login(&given.realm, "Alice@Example.org").await,
    ] {
        assert_same_user(stored.unwrap().unwrap(), made.clone());
    }
    let account = given.store.service_account(&service).await.unwrap().unwrap();
    assert_same_user(User::clone(&account), given.new.user("service-account-service"));
    let mut elsewhere = Realm::clone(&given.realm);
    elsewhere.id = id(99);
    assert!(given.store.user(&elsewhere, made.id).await.unwrap().is_none());
    assert!(given.store.client_by_id(&elsewhere, given.client.id).await.unwrap().is_none());
}

fn assert_same_client(stored: &Client, made: &Client) {
    assert_eq!((stored.id, stored.realm, &stored.client_id), (made.id, made.realm, &made.client_id));
    assert_eq!(
        (stored.enabled, stored.kind, &stored.authenticator),
        (made.enabled, made.kind, &made.authenticator)
    );
    assert_eq!(stored.secret.is_some(), made.secret.is_some());
    assert_eq!((&stored.redirect_uris, &stored.web_origins), (&made.redirect_uris, &made.web_origins));
    assert_eq!(
        (stored.standard_flow, stored.service_accounts, stored.full_scope_allowed, stored.consent_required),
        (made.standard_flow, made.service_accounts, made.full_scope_allowed, made.consent_required)
    );
    assert_eq!((&stored.attributes, &stored.default_scopes), (&made.attributes, &made.default_scopes));
    assert_eq!((&stored.optional_scopes, stored.version), (&made.optional_scopes, made.version));
}

fn assert_same_user(mut stored: User, mut made: User) {
    for user in [&mut stored, &mut made] {
        user.roles.sort();
        user.groups.sort();
    }
    assert!(stored == made, "{}", made.username);
}

pub async fn session_grant_and_credential_come_back_as_they_went(subject: Subject) {
    let given = Given::on(&subject).await;
    let session = Session {
        state: SessionState::Pending,
        remember_me: true,
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        seen: NOW.plus_seconds(5),
        ..builders::session(&given.realm, given.user.id, u128::MAX)
    };
    let grant = Grant {
        resources: vec!["https://mcp.example/".to_owned(), "a\"b".to_owned()],
        repeats: 2,
        revoked: Some(NOW.plus_seconds(6)),
        ..builders::grant(&session, given.client.id, u64::MAX)
    };
    let offline = Grant {
        session: None,
        offline: true,
        expires: None,
        scopes: Scopes::default(),
        ..builders::grant(&session, given.client.id, 7)
    };
    let password = StoredCredential {
        id: id(5),
        user: given.user.id,
        kind: "password".to_owned(),
        label: Some("mine".to_owned()),
        created: NOW.0,
        priority: 10,
        credential_data: "{}".to_owned(),
        secret_data: "{\"value\":\"x\"}".to_owned(),
    };
    let work = Work::new(id(200))
        .insert(Record::Session(session.clone()))
        .insert(Record::Grant(Box::new(grant.clone())))
        .insert(Record::Grant(Box::new(offline.clone())))
        .insert(Record::Credential(password.clone()));
    won(&given.store, work).await;
    assert_eq!(given.store.session(session.id).await.unwrap(), Some(session.clone()));
    assert_eq!(given.store.session_by_cookie(&session.cookie_hash).await.unwrap(), Some(session));
    assert_eq!(given.stored(grant.id).await, Some(grant));
    assert_eq!(given.stored(offline.id).await, Some(offline));
    assert_eq!(given.stored(GrantId::new(NOW, [9; 8])).await, None);
    assert!(given.store.credentials(given.user.id).await.unwrap() == [password]);
}

pub async fn consent_is_kept_for_each_resource(subject: Subject) {
    let given = Given::on(&subject).await;
    let consent = |resource: &str, scopes: &str, n: i64| ConsentRecord {
        realm: given.realm.id,
        user: given.user.id,
        client: given.client.id,
        resource: resource.to_owned(),
        scopes: Scopes::parse(scopes),
        at: NOW.plus_seconds(n),
    };
    let (first, second, again) =
        (consent("", "email", 1), consent("https://mcp.example/", "email", 1), consent("", "profile", 2));
    for (n, consents) in [(300, vec![first, second.clone()]), (301, vec![again.clone()])] {
        let save = |work: Work, consent: ConsentRecord| work.write(Write::SaveConsent(consent));
        won(&given.store, consents.into_iter().fold(Work::new(id(n)), save)).await;
    }
    let mut stored = given.store.consents(given.user.id, given.client.id).await.unwrap();
    stored.sort_by(|left, right| left.resource.cmp(&right.resource));
    assert_eq!(stored, [again, second], "what was agreed to last, for each resource");
}

/// PostgreSQL has no U+0000 in a text; one that somebody typed must be no error.
pub async fn text_with_a_nul_is_unknown_and_no_error(subject: Subject) {
    let given = Given::on(&subject).await;
    assert!(given.store.realm("r\0").await.unwrap().is_none());
    assert!(given.store.client(&given.realm, "c\0").await.unwrap().is_none());
    assert!(given.store.user_by_login(&given.realm, "alice\0").await.unwrap().is_none());
    given.store.events.push(EventRecord {
        id: id(200),
        realm: given.realm.id,
        at: NOW,
        kind: EventType::Login,
        error: Some("client_not_found"),
        cause: None,
        client_id: Some("c\0".to_owned()),
        user: None,
        session: None,
        ip_address: Some("192.0.2.1".to_owned()),
        details: vec![("username", "a\0b".to_owned())],
        asked: None,
    });
    given.store.flush_events(id(201)).await.unwrap();
    assert_eq!(given.store.events.dropped(), 0);
}

pub async fn every_read_sees_what_was_answered(subject: Subject) {
    let given = Given::on(&subject).await;
    for n in 1..=32 {
        let session = given.session(1_000 + n).await;
        let mut readers = JoinSet::new();
        for _ in 0..4 {
            let (store, id) = (given.store.clone(), session.id);
            readers.spawn(async move { store.session(id).await.unwrap() });
        }
        for seen in readers.join_all().await {
            assert!(seen.is_some_and(|seen| seen.id == session.id));
        }
    }
}

pub async fn record_that_is_there_is_not_made_again(subject: Subject) {
    let given = Given::on(&subject).await;
    let again = given.new.records(&super::master());
    let mut guarded = 0;
    for (n, record) in (500..).zip(again) {
        if matches!(record, Record::UserRole { .. } | Record::UserGroup { .. }) {
            continue;
        }
        let outcome = given.store.commit(Work::new(id(n)).guard(Guard::Insert(Box::new(record)))).await;
        assert_eq!(outcome.unwrap(), Outcome::Lost(0));
        guarded += 1;
    }
    assert!(guarded > 50, "{guarded}");
}

pub async fn user_goes_with_all_that_hangs_on_it(subject: Subject) {
    let given = Given::on(&subject).await;
    let user = given.user.id;
    let delete =
        Work::new(id(200)).guard(Guard::TouchUser { user }).write(Write::Delete(Deletion::User { user }));
    won(&given.store, delete).await;
    assert!(given.store.user(&given.realm, user).await.unwrap().is_none());
    assert!(given.store.credentials(user).await.unwrap().is_empty());
    let late = given.store.commit(Work::new(id(201)).guard(Guard::TouchUser { user })).await.unwrap();
    assert_eq!(late, Outcome::Lost(0));
    let service = given.new.user("service-account-service").id;
    assert!(given.store.user(&given.realm, service).await.unwrap().is_some(), "others stay");
}

pub async fn rows_are_purged_after_their_time_and_not_before(subject: Subject) {
    let given = Given::on(&subject).await;
    let at = |seconds: i64| NOW.plus_seconds(seconds);
    let session = Session { expires: at(100), ..builders::session(&given.realm, given.user.id, 100) };
    let family = Grant { expires: Some(at(100)), ..builders::grant(&session, given.client.id, 1) };
    let endless = Grant { expires: None, ..builders::grant(&session, given.client.id, 2) };
    let use_code = |n: u128| {
        let guard =
            Guard::UseOnce { kind: SingleUse::Code, realm: id(1), key: b"k".to_vec(), keep_until: at(100) };
        Work::new(id(n)).guard(guard)
    };
    let work = use_code(200)
        .write(Write::Revoke {
            realm: given.realm.id,
            kind: RevokedKind::Jti,
            key: Uuid::nil().as_bytes().to_vec(),
            at: NOW,
            expires: at(100),
        })
        .insert(Record::Session(session.clone()))
        .insert(Record::Grant(Box::new(family.clone())))
        .insert(Record::Grant(Box::new(endless.clone())));
    won(&given.store, work).await;
    let purge = |n: u128, now: i64| Work::new(id(n)).write(Write::Delete(Deletion::Expired { now: at(now) }));
    let is_revoked = async || {
        let fresh = super::open(&subject, &given.clock).await;
        fresh.revocations().contains(given.realm.id, RevokedKind::Jti, Uuid::nil().as_bytes())
    };

    won(&given.store, purge(300, 100)).await;
    assert!(given.store.session(session.id).await.unwrap().is_some());
    assert!(given.stored(family.id).await.is_some() && is_revoked().await);
    assert_eq!(given.store.commit(use_code(201)).await.unwrap(), Outcome::Lost(0));

    won(&given.store, purge(301, 101)).await;
    assert!(given.store.session(session.id).await.unwrap().is_none() && !is_revoked().await);
    won(&given.store, use_code(202)).await;
    assert!(given.stored(family.id).await.is_some(), "its token may be younger than its row");

    won(&given.store, purge(302, 3_701)).await;
    assert!(given.stored(family.id).await.is_none());
    assert!(given.stored(endless.id).await.is_some());
}
