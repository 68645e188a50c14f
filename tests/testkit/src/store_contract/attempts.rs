//! Brute-force detection: attempts that are reserved, settled, given back and forgotten.

use sekisho_core::Realm;
use sekisho_core::lockout::{self, AttemptKey, Attempts, RESERVATION_LIFE};
use sekisho_core::work::{AttemptOutcome, Outcome, Work, Write};
use sekisho_protocol::Timestamp;

use super::{Given, TASKS, count, race, won};
use crate::builders::NOW;
use crate::engine_contract::{Subject, id};

const LIMIT: i64 = 3;
/// Seconds.
const FORGOTTEN_AFTER: i64 = 43_200;

/// A realm that pauses a name after three failures.
fn strict(given: &Given) -> Realm {
    let mut realm = Realm::clone(&given.realm);
    realm.lockout.enabled = true;
    realm.lockout.failure_factor = LIMIT;
    realm
}

fn reserve(realm: &Realm, keys: &[AttemptKey], n: u128, now: Timestamp) -> Work {
    lockout::reserve(realm, keys, id(n), now).unwrap()
}

/// Settles the attempt under each key.
fn settle(realm: &Realm, keys: &[AttemptKey], outcome: AttemptOutcome, n: u128) -> Work {
    keys.iter().fold(Work::new(id(n)), |work, key| {
        work.write(Write::SettleAttempt { realm: realm.id, key: key.key.clone(), outcome })
    })
}

/// One more failure, without a pause after it.
const fn failed(at: Timestamp) -> AttemptOutcome {
    AttemptOutcome::Failed { at, locked_until: None, forgotten_before: at.plus_seconds(-FORGOTTEN_AFTER) }
}

async fn failures(given: &Given, realm: &Realm, key: &AttemptKey) -> i64 {
    given.store.attempts(realm, &key.key).await.unwrap().failures
}

pub async fn guesses_in_parallel_do_not_slip_by(subject: Subject) {
    let given = Given::on(&subject).await;
    let realm = strict(&given);
    let keys = lockout::keys(&realm, "alice", "192.0.2.1");
    let outcomes = race(&given.store, (0..TASKS).map(|n| reserve(&realm, &keys, 100 + n, NOW))).await;
    assert_eq!(count(&outcomes, Outcome::Won), 3, "{outcomes:?}");
    assert_eq!(count(&outcomes, Outcome::Lost(0)), 13, "{outcomes:?}");

    let others = lockout::keys(&realm, "bob", "192.0.2.1");
    won(&given.store, reserve(&realm, &others, 200, NOW)).await;
}

pub async fn outcome_of_an_attempt_is_settled(subject: Subject) {
    let given = Given::on(&subject).await;
    let realm = strict(&given);
    let keys = lockout::keys(&realm, "alice", "192.0.2.1");
    let [name, _] = &keys;
    let at = |seconds: i64| NOW.plus_seconds(seconds * 10);

    for (n, counted) in (1..).zip(1..LIMIT) {
        won(&given.store, reserve(&realm, &keys, 100 + n, at(counted))).await;
        won(&given.store, settle(&realm, &keys, failed(at(counted)), 200 + n)).await;
        assert_eq!(failures(&given, &realm, name).await, counted);
    }
    // One attempt is left: a second one in parallel must wait for it.
    won(&given.store, reserve(&realm, &keys, 300, at(3))).await;
    let second = given.store.commit(reserve(&realm, &keys, 301, at(3))).await.unwrap();
    assert_eq!(second, Outcome::Lost(0));
    won(&given.store, settle(&realm, &keys, AttemptOutcome::Withdrawn, 302)).await;
    assert_eq!(failures(&given, &realm, name).await, LIMIT - 1, "giving back is no failure");

    won(&given.store, reserve(&realm, &keys, 303, at(4))).await;
    won(&given.store, settle(&realm, &keys, AttemptOutcome::Succeeded, 304)).await;
    assert_eq!(failures(&given, &realm, name).await, 0, "the count starts anew");
    let outcomes = race(&given.store, (0..TASKS).map(|n| reserve(&realm, &keys, 400 + n, at(5)))).await;
    assert_eq!(count(&outcomes, Outcome::Won), 3, "{outcomes:?}");
}

pub async fn pause_holds_until_it_is_over(subject: Subject) {
    let given = Given::on(&subject).await;
    let realm = strict(&given);
    let keys = lockout::keys(&realm, "alice", "192.0.2.1");
    let [name, _] = &keys;
    let ends = NOW.plus_seconds(300);
    for n in [100, 101, 102] {
        won(&given.store, reserve(&realm, &keys, n, NOW)).await;
    }
    for n in [200, 201] {
        won(&given.store, settle(&realm, &keys, failed(NOW), n)).await;
    }
    let last = AttemptOutcome::Failed { at: NOW, locked_until: Some(ends), forgotten_before: Timestamp(0) };
    won(&given.store, settle(&realm, &keys, last, 202)).await;
    let stored = given.store.attempts(&realm, &name.key).await.unwrap();
    let expected = Attempts { failures: LIMIT, last_failure: Some(NOW), locked_until: Some(ends) };
    assert_eq!(stored, expected);

    let early = given.store.commit(reserve(&realm, &keys, 300, ends.plus_seconds(-1))).await.unwrap();
    assert_eq!(early, Outcome::Lost(0));
    won(&given.store, reserve(&realm, &keys, 301, ends)).await;
    let second = given.store.commit(reserve(&realm, &keys, 302, ends)).await.unwrap();
    assert_eq!(second, Outcome::Lost(0), "one attempt after a pause, not many");
    won(&given.store, settle(&realm, &keys, failed(ends), 400)).await;
    assert_eq!(failures(&given, &realm, name).await, LIMIT + 1);

    let much_later = ends.plus_seconds(FORGOTTEN_AFTER + 1);
    won(&given.store, reserve(&realm, &keys, 303, much_later)).await;
    won(&given.store, settle(&realm, &keys, failed(much_later), 500)).await;
    assert_eq!(failures(&given, &realm, name).await, 1, "failures long ago are forgotten");
}

pub async fn reservation_that_is_never_settled_runs_out(subject: Subject) {
    let given = Given::on(&subject).await;
    let realm = strict(&given);
    let keys = lockout::keys(&realm, "alice", "192.0.2.1");
    for (n, _) in (100..).zip(0..LIMIT) {
        won(&given.store, reserve(&realm, &keys, n, NOW)).await;
    }
    for (n, seconds, outcome) in
        [(200, RESERVATION_LIFE, Outcome::Lost(0)), (201, RESERVATION_LIFE + 1, Outcome::Won)]
    {
        let now = NOW.plus_seconds(seconds);
        let settled = given.store.commit(reserve(&realm, &keys, n, now)).await.unwrap();
        assert_eq!(settled, outcome, "after {seconds} s");
    }
}
