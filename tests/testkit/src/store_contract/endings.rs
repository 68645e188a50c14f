//! Sessions and grants: what lives, and what ends all at once.

use sekisho_core::code::{self, Redeemable};
use sekisho_core::grant::Grant;
use sekisho_core::session::{Session, SessionState};
use sekisho_core::work::{ConsentRecord, Record, RevokedKind, Work, Write};
use sekisho_protocol::{Scopes, Timestamp};
use sekisho_store::{ClientSessions, Page};
use uuid::Uuid;

use super::{Given, open, race, won};
use crate::builders::{self, NOW};
use crate::engine_contract::{Subject, id};

/// Alice in two browsers, and the service account in a third.
struct Living {
    given: Given,
    service: Uuid,
    sessions: [Session; 3],
    /// One under each session, at the clients `c`, `service` and `c`.
    grants: [Grant; 3],
    /// Offline ones of Alice at `c` and at `service`.
    offline: [Grant; 2],
}

impl Living {
    async fn on(subject: &Subject) -> Self {
        let given = Given::on(subject).await;
        let (alice, other) = (given.user.id, given.new.user("service-account-service").id);
        let (client, service) = (given.client.id, given.new.client("service").id);
        let session = |user, n: u8| Session {
            created: NOW.plus_seconds(n.into()),
            ..builders::session(&given.realm, user, 100 + u128::from(n))
        };
        let sessions = [session(alice, 0), session(alice, 1), session(other, 2)];
        let [first, second, third] = &sessions;
        let grants = [
            builders::grant(first, client, 1),
            builders::grant(second, service, 2),
            builders::grant(third, client, 3),
        ];
        let offline = |client, n| Grant { session: None, offline: true, ..builders::grant(first, client, n) };
        let offline = [offline(client, 4), offline(service, 5)];
        let mut work = Work::new(id(100));
        for session in &sessions {
            work = work.insert(Record::Session(session.clone()));
        }
        for grant in grants.iter().chain(&offline) {
            work = work.insert(Record::Grant(Box::new(grant.clone())));
        }
        won(&given.store, work).await;
        Self { given, service, sessions, grants, offline }
    }

    /// Of the five grants, which are revoked.
    async fn revoked(&self) -> [bool; 5] {
        let mut revoked = [false; 5];
        for (revoked, grant) in revoked.iter_mut().zip(self.grants.iter().chain(&self.offline)) {
            *revoked = self.given.stored(grant.id).await.unwrap().revoked.is_some();
        }
        revoked
    }

    /// Of the three sessions, which have ended.
    async fn ended(&self) -> [bool; 3] {
        let mut ended = [false; 3];
        for (ended, session) in ended.iter_mut().zip(&self.sessions) {
            let stored = self.given.store.session(session.id).await.unwrap().unwrap();
            *ended = stored.state == SessionState::Ended;
        }
        ended
    }
}

pub async fn sessions_of_a_user_end_on_every_node(subject: Subject) {
    let living = Living::on(&subject).await;
    let given = &living.given;
    let other = open(&subject, &given.clock).await;
    let end = Write::EndSessionsOfUser { user: given.user.id, at: NOW };
    won(&given.store, Work::new(id(200)).write(end)).await;
    assert_eq!(living.ended().await, [true, true, false]);
    assert_eq!(living.revoked().await, [true, true, false, false, false], "offline ones live on");
    let refused = |node: &sekisho_store::Store| {
        living.sessions.each_ref().map(|session| {
            node.revocations().contains(given.realm.id, RevokedKind::Session, session.id.as_bytes())
        })
    };
    assert_eq!(refused(&given.store), [true, true, false], "known before the answer");
    other.look().await.unwrap();
    assert_eq!(refused(&other), [true, true, false]);
}

/// The write skew of DESIGN §5.4 once more: grants that begin while every session of their user ends.
pub async fn no_living_grant_comes_of_sessions_that_end_together(subject: Subject) {
    let given = Given::on(&subject).await;
    let (user, realm) = (given.user.id, given.realm.id);
    for round in 0..16_u64 {
        let end = if round % 2 == 0 {
            Write::EndSessionsOfUser { user, at: NOW }
        } else {
            Write::EndSessionsOfRealm { realm }
        };
        let session = given.session(1_000 + u128::from(round)).await;
        let codes: Vec<_> = (0..15).map(|n| given.code(&session, round * 100 + n)).collect();
        let work = |n: u128| id(10_000 + u128::from(round) * 100 + n);
        let redeem =
            |(n, (code, grant)): (u128, &(Redeemable, Grant))| code::redeem(code, grant.clone(), work(n));
        let mut works: Vec<Work> = (0..).zip(&codes).map(redeem).collect();
        works.insert(usize::try_from(round).unwrap() % works.len(), Work::new(work(60)).write(end));
        let _ = race(&given.store, works.into_iter()).await;

        for (_, grant) in &codes {
            let living = given.stored(grant.id).await.is_some_and(|grant| grant.revoked.is_none());
            assert!(!living, "round {round}: a grant outlived its session");
        }
    }
}

pub async fn sessions_of_a_realm_end(subject: Subject) {
    let living = Living::on(&subject).await;
    let elsewhere = Write::EndSessionsOfRealm { realm: id(99) };
    won(&living.given.store, Work::new(id(200)).write(elsewhere)).await;
    assert_eq!(living.ended().await, [false; 3]);
    let end = Write::EndSessionsOfRealm { realm: living.given.realm.id };
    won(&living.given.store, Work::new(id(201)).write(end)).await;
    assert_eq!(living.ended().await, [true; 3]);
    assert_eq!(living.revoked().await, [true, true, true, false, false]);
}

pub async fn grants_are_revoked_by_user_and_client(subject: Subject) {
    let living = Living::on(&subject).await;
    let given = &living.given;
    let other = open(&subject, &given.clock).await;
    let (user, client, at) = (given.user.id, given.client.id, NOW);
    let mut refused = [false; 5];
    for (n, write, revoked, learned) in [
        (
            200,
            Write::RevokeGrantsOfUserAtClient { user, client, at, offline: true },
            [false, false, false, true, false],
            [false, false, false, true, false],
        ),
        (
            201,
            Write::RevokeGrantsOfUserAtClient { user, client, at, offline: false },
            [true, false, false, true, false],
            [true, false, false, true, false],
        ),
        (
            202,
            Write::RevokeGrantsOfClient { client: living.service, at },
            [true, true, false, true, true],
            [true, false, false, true, false],
        ),
        (
            203,
            Write::RevokeGrantsOfUser { user: given.new.user("service-account-service").id, at },
            [true, true, true, true, true],
            [true, false, true, true, false],
        ),
    ] {
        won(&given.store, Work::new(id(n)).write(write)).await;
        assert_eq!(living.revoked().await, revoked, "{n}");
        other.look().await.unwrap();
        for node in [&given.store, &other] {
            for (refused, grant) in refused.iter_mut().zip(living.grants.iter().chain(&living.offline)) {
                let key = grant.id.uuid();
                *refused = node.revocations().contains(given.realm.id, RevokedKind::Grant, key.as_bytes());
            }
            assert_eq!(refused, learned, "{n}");
        }
    }
    assert_eq!(living.ended().await, [false; 3]);
}

pub async fn living_sessions_and_grants_are_listed_and_counted(subject: Subject) {
    let living = Living::on(&subject).await;
    let Living { given, service, sessions: [first, second, third], grants, offline } = &living;
    let (store, realm, client) = (&given.store, &given.realm, given.client.id);
    assert_eq!(store.sessions_of_user(realm, given.user.id).await.unwrap(), [first.clone(), second.clone()]);
    let all = [(first.clone(), "alice".to_owned()), (third.clone(), "service-account-service".to_owned())];
    assert_eq!(store.sessions_of_client(realm, client, Page::default()).await.unwrap(), all);
    let part = Page { first: 1, max: Some(1) };
    assert_eq!(store.sessions_of_client(realm, client, part).await.unwrap(), all.get(1..).unwrap());
    assert_eq!(store.session_count_of_client(realm, client).await.unwrap(), 2);
    let [at_client, at_service] = offline;
    let named = [(at_client.clone(), "alice".to_owned())];
    assert_eq!(store.offline_grants_of_client(client, Page::default()).await.unwrap(), named);
    assert_eq!(store.offline_count_of_client(client).await.unwrap(), 1);
    let mut stats = vec![
        ClientSessions { client, active: 2, offline: 1 },
        ClientSessions { client: *service, active: 1, offline: 1 },
    ];
    stats.sort_by_key(|of| of.client);
    assert_eq!(store.client_session_stats(realm).await.unwrap(), stats);

    let ids = |grants: &[Grant]| grants.iter().map(|grant| grant.id.uuid()).collect::<Vec<_>>();
    let at = async |offline| store.grants_of_user_at_client(given.user.id, client, offline).await.unwrap();
    assert_eq!(ids(&at(false).await), ids(&grants[..1]));
    assert_eq!(ids(&at(true).await), ids(std::slice::from_ref(at_client)));
    assert_eq!(store.grants_of_user(given.user.id).await.unwrap().len(), 4);
    assert_eq!(ids(&store.grants_of_session(second.id).await.unwrap()), ids(&grants[1..2]));

    let revoke = Write::MarkGrantRevoked { grant: at_service.id.uuid(), at: NOW };
    let end = Write::EndSessionsOfUser { user: given.user.id, at: NOW };
    won(store, Work::new(id(200)).write(revoke).write(end)).await;
    assert!(store.sessions_of_user(realm, given.user.id).await.unwrap().is_empty());
    assert_eq!(store.session_count_of_client(realm, client).await.unwrap(), 1);
    let stats = store.client_session_stats(realm).await.unwrap();
    assert_eq!(stats, [ClientSessions { client, active: 1, offline: 1 }], "and none of the other client");
}

/// Whoever is listed is somebody whom `session::check` lets in.
pub async fn session_that_is_over_is_not_listed(subject: Subject) {
    let given = Given::on(&subject).await;
    let mut realm = sekisho_core::Realm::clone(&given.realm);
    realm.lifespans.session_idle = 100;
    realm.lifespans.session_idle_remember_me = 200;
    let at = |seconds: i64| NOW.plus_seconds(seconds);
    let session = |n, change: &dyn Fn(&mut Session)| {
        let mut session = Session { expires: at(1_000), ..builders::session(&given.realm, given.user.id, n) };
        change(&mut session);
        session
    };
    let sessions = [
        session(1, &|_| {}),
        session(2, &|session| session.remember_me = true),
        session(3, &|session| session.state = SessionState::Pending),
        session(4, &|session| session.expires = at(50)),
        session(5, &|session| session.created = Timestamp(NOW.0 - 1)),
    ];
    let insert = |work: Work, session: &Session| work.insert(Record::Session(session.clone()));
    won(&given.store, sessions.iter().fold(Work::new(id(200)), insert)).await;
    for (seconds, not_before) in
        [(0, 0), (49, 0), (50, 0), (99, 0), (100, 0), (199, 0), (200, 0), (0, NOW.seconds())]
    {
        given.clock.set(at(seconds));
        realm.not_before = not_before;
        let good = |session: &&Session| {
            sekisho_core::session::check(&realm, (*session).clone(), at(seconds)).is_some()
        };
        let mut good: Vec<u128> = sessions.iter().filter(good).map(|session| session.id.as_u128()).collect();
        let listed = given.store.sessions_of_user(&realm, given.user.id).await.unwrap();
        let mut listed: Vec<u128> = listed.iter().map(|session| session.id.as_u128()).collect();
        good.sort_unstable();
        listed.sort_unstable();
        assert_eq!(listed, good, "after {seconds} s, none before {not_before}");
    }
}

pub async fn consent_to_every_client_is_listed(subject: Subject) {
    let given = Given::on(&subject).await;
    let consent = |client, seconds| ConsentRecord {
        realm: given.realm.id,
        user: given.user.id,
        client,
        resource: String::new(),
        scopes: Scopes::parse("email"),
        at: NOW.plus_seconds(seconds),
    };
    let service = given.new.client("service").id;
    for (n, consent) in
        [(200, consent(given.client.id, 1)), (201, consent(service, 2)), (202, consent(given.client.id, 3))]
    {
        won(&given.store, Work::new(id(n)).write(Write::SaveConsent(consent))).await;
    }
    let listed = given.store.consents_of_user(given.user.id).await.unwrap();
    assert_eq!(
        listed,
        [(consent(given.client.id, 3), NOW.plus_seconds(1)), (consent(service, 2), NOW.plus_seconds(2))],
        "with the time of the first agreement"
    );
}
