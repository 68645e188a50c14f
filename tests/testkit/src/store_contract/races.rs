//! Works that race, and works that come again.

use sekisho_core::refresh;
use sekisho_core::work::{Guard, Outcome, RevokedKind, SingleUse, Work, Write};
use sekisho_core::{code, grant, session};

use super::{Given, TASKS, count, race, won};
use crate::builders::NOW;
use crate::engine_contract::{Subject, id};

pub async fn code_is_redeemed_by_one(subject: Subject) {
    let given = Given::on(&subject).await;
    let session = given.session(100).await;
    let (code, grant) = given.code(&session, 1);
    let works = (0..TASKS).map(|n| code::redeem(&code, grant.clone(), id(200 + n)));
    let outcomes = race(&given.store, works).await;
    assert_eq!(count(&outcomes, Outcome::Won), 1, "{outcomes:?}");
    assert_eq!(count(&outcomes, Outcome::Lost(0)), 15, "{outcomes:?}");
    assert_eq!(given.stored(grant.id).await.unwrap().revoked, None);
}

/// The write skew of DESIGN §5.4: grants that begin, and families that rotate, while the session ends.
pub async fn no_living_grant_comes_of_an_ended_session(subject: Subject) {
    let given = Given::on(&subject).await;
    for round in 0..16_u64 {
        let session = given.session(1_000 + u128::from(round)).await;
        let family = given.grant(&session, 500_000 + round).await;
        let codes: Vec<_> = (0..12).map(|n| given.code(&session, round * 100 + n)).collect();
        let mut works: Vec<Work> = (0..)
            .zip(&codes)
            .map(|(n, (code, grant))| {
                code::redeem(code, grant.clone(), id(10_000 + u128::from(round) * 100 + n))
            })
            .collect();
        let work = |n: u128| id(10_000 + u128::from(round) * 100 + n);
        works.push(refresh::rotate(&family, family.expires, work(50), NOW));
        let place = usize::try_from(round).unwrap() % works.len();
        works.insert(place, session::end(&session, work(60), NOW));
        let outcomes = race(&given.store, works.into_iter()).await;
        assert_eq!(outcomes.get(place), Some(&Outcome::Won), "{outcomes:?}");

        let mut living = 0;
        for grant in codes.iter().map(|(_, grant)| grant.id).chain([family.id]) {
            let stored = given.stored(grant).await;
            living += usize::from(stored.is_some_and(|grant| grant.revoked.is_none()));
        }
        assert_eq!(living, 0, "round {round}: a grant outlived its session, {outcomes:?}");
    }
}

pub async fn generation_is_rotated_by_one(subject: Subject) {
    let given = Given::on(&subject).await;
    let session = given.session(100).await;
    let mut family = given.grant(&session, 1).await;
    for (first, generation) in [(1_000, 1), (2_000, 2), (3_000, 3)] {
        let now = NOW.plus_seconds(generation);
        let expires = Some(now.plus_seconds(1800));
        let works = (0..TASKS).map(|n| refresh::rotate(&family, expires, id(first + n), now));
        let outcomes = race(&given.store, works).await;
        assert_eq!(count(&outcomes, Outcome::Won), 1, "{outcomes:?}");
        assert_eq!(count(&outcomes, Outcome::Lost(1)), 15, "{outcomes:?}");
        family = given.stored(family.id).await.unwrap();
        assert_eq!((family.generation, family.repeats), (generation + 1, 0));
        assert_eq!((family.issued, family.expires), (now, expires));
    }
}

pub async fn rotation_is_repeated_three_times_at_most(subject: Subject) {
    let given = Given::on(&subject).await;
    let session = given.session(100).await;
    let family = given.grant(&session, 1).await;
    let works = (0..TASKS).map(|n| refresh::repeat(&family, id(200 + n)));
    let outcomes = race(&given.store, works).await;
    assert_eq!(count(&outcomes, Outcome::Won), 3, "{outcomes:?}");
    assert_eq!(count(&outcomes, Outcome::Lost(1)), 13, "{outcomes:?}");
    assert_eq!(given.stored(family.id).await.unwrap().repeats, 3);

    won(&given.store, refresh::rotate(&family, None, id(300), NOW)).await;
    let old = given.store.commit(refresh::repeat(&family, id(301))).await.unwrap();
    assert_eq!(old, Outcome::Lost(1), "a generation that is gone is not repeated");
    let family = given.stored(family.id).await.unwrap();
    won(&given.store, refresh::repeat(&family, id(302))).await;
}

pub async fn grant_is_revoked_by_one(subject: Subject) {
    let given = Given::on(&subject).await;
    let session = given.session(100).await;
    let family = given.grant(&session, 1).await;
    let works = (0..TASKS).map(|n| grant::revoke_once(given.realm.id, family.id, id(200 + n), NOW));
    let outcomes = race(&given.store, works).await;
    assert_eq!(count(&outcomes, Outcome::Won), 1, "{outcomes:?}");
    assert_eq!(count(&outcomes, Outcome::Lost(0)), 15, "{outcomes:?}");
    assert_eq!(given.stored(family.id).await.unwrap().revoked, Some(NOW));
    let key = family.id.uuid();
    assert!(given.store.revocations().contains(given.realm.id, RevokedKind::Grant, key.as_bytes()));
    assert!(!given.store.revocations().contains(id(99), RevokedKind::Grant, key.as_bytes()));

    for work in [refresh::rotate(&family, None, id(300), NOW), refresh::repeat(&family, id(301))] {
        assert_eq!(given.store.commit(work).await.unwrap(), Outcome::Lost(1), "a revoked family is over");
    }
    let work = refresh::keep(&family, Some(NOW.plus_seconds(9_999)), id(302)).unwrap();
    assert_eq!(given.store.commit(work).await.unwrap(), Outcome::Lost(0), "it is not kept either");
}

pub async fn session_is_ended_by_one(subject: Subject) {
    let given = Given::on(&subject).await;
    let session = given.session(100).await;
    let outcomes = race(&given.store, (0..TASKS).map(|n| session::end(&session, id(200 + n), NOW))).await;
    assert_eq!(count(&outcomes, Outcome::Won), 1, "{outcomes:?}");
    assert_eq!(count(&outcomes, Outcome::Lost(0)), 15, "{outcomes:?}");
    let stored = given.store.session(session.id).await.unwrap().unwrap();
    assert_eq!(stored.state, sekisho_core::session::SessionState::Ended);
    let key = session.id;
    assert!(given.store.revocations().contains(given.realm.id, RevokedKind::Session, key.as_bytes()));
    let (code, grant) = given.code(&session, 1);
    let late = given.store.commit(code::redeem(&code, grant, id(300))).await.unwrap();
    assert_eq!(late, Outcome::Lost(1), "its code is worth nothing");
}

/// Attacks 4 and 10: what was used as one thing is not used as another.
pub async fn single_uses_of_other_kinds_and_realms_do_not_mix(subject: Subject) {
    let given = Given::on(&subject).await;
    let use_once = |n: u128, kind, realm, key: &[u8]| {
        let guard = Guard::UseOnce { kind, realm, key: key.to_vec(), keep_until: NOW.plus_seconds(60) };
        Work::new(id(n)).guard(guard)
    };
    let uses = [
        (SingleUse::Code, id(1), b"key".as_slice()),
        (SingleUse::LogoutForm, id(1), b"key"),
        (SingleUse::RealmName, id(1), b"key"),
        (SingleUse::Code, id(2), b"key"),
        (SingleUse::Code, id(1), b"KEY"),
        (SingleUse::Code, id(1), b""),
    ];
    for (n, (kind, realm, key)) in (100..).zip(uses) {
        won(&given.store, use_once(n, kind, realm, key)).await;
    }
    for (n, (kind, realm, key)) in (200..).zip(uses) {
        let again = given.store.commit(use_once(n, kind, realm, key)).await.unwrap();
        assert_eq!(again, Outcome::Lost(0), "{kind:?} of {realm}");
    }
}

/// What an engine does by itself after a lost answer, a caller may do as well.
pub async fn work_that_comes_again_has_won_before(subject: Subject) {
    let given = Given::on(&subject).await;
    let session = given.session(100).await;
    let (code, redeemed) = given.code(&session, 1);
    let family = given.grant(&session, 2).await;
    let works = [
        code::redeem(&code, redeemed.clone(), id(200)),
        refresh::rotate(&family, family.expires, id(201), NOW),
        grant::revoke_once(given.realm.id, redeemed.id, id(202), NOW),
        session::end(&session, id(203), NOW),
    ];
    for work in works {
        won(&given.store, work.clone()).await;
        won(&given.store, work).await;
    }
    assert_eq!(given.stored(family.id).await.unwrap().generation, 2, "rotated once");
    let late = Work::new(id(300)).guard(Guard::TouchSession { session: session.id });
    let late = late.write(Write::SeeSession { session: session.id, at: NOW.plus_seconds(5) });
    assert_eq!(given.store.commit(late).await.unwrap(), Outcome::Lost(0));
    let stored = given.store.session(session.id).await.unwrap().unwrap();
    assert_eq!(stored.seen, NOW, "a lost guard writes nothing");
}

/// What was decided on what was read must not overwrite what another decided on the same.
pub async fn decision_on_an_old_state_is_lost(subject: Subject) {
    let given = Given::on(&subject).await;
    let (realm, user) = (given.realm.id, given.user.id);
    let version = async || given.store.cached_user(&given.realm, user).await.unwrap().unwrap().version;
    assert_eq!(version().await, 1);
    for (first, guard) in
        [(200, Guard::MoveRealmFrom { realm, revision: 1 }), (300, Guard::ChangeUser { user, version: 1 })]
    {
        let outcomes =
            race(&given.store, (0..TASKS).map(|n| Work::new(id(first + n)).guard(guard.clone()))).await;
        assert_eq!(count(&outcomes, Outcome::Won), 1, "{outcomes:?}");
        assert_eq!(count(&outcomes, Outcome::Lost(0)), 15, "{outcomes:?}");
    }
    assert_eq!(given.store.realm("r").await.unwrap().unwrap().revision, 2);
    assert_eq!(version().await, 2);
}

/// An import that another one took the realm from must stop.
pub async fn import_goes_on_while_the_realm_is_its_own(subject: Subject) {
    let given = Given::on(&subject).await;
    let realm = given.realm.id;
    let go_on = |n, begun| Work::new(id(n)).guard(Guard::ContinueImport { realm, begun });
    let settled = async |work| given.store.commit(work).await.unwrap();
    assert_eq!(settled(go_on(200, NOW)).await, Outcome::Lost(0), "it has ended");
    won(&given.store, Work::new(id(201)).write(Write::SetRealmState { realm, importing: true })).await;
    assert!(!given.store.realm("r").await.unwrap().unwrap().enabled, "it answers nothing meanwhile");
    assert_eq!(settled(go_on(202, NOW)).await, Outcome::Won);
    assert_eq!(settled(go_on(203, NOW.plus_seconds(1))).await, Outcome::Lost(0), "another one began it");
}
