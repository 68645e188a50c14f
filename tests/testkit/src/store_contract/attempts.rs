//! Brute-force detection: attempts that are reserved, settled, given back and forgotten.

use sekisho_core::Realm;
use sekisho_core::lockout::{self, AttemptKey, RESERVATION_LIFE};
use sekisho_core::work::{AttemptOutcome, Outcome, Work};
use sekisho_protocol::Timestamp;

use super::{Given, TASKS, count, race, won};
use crate::builders::NOW;
use crate::engine_contract::{Subject, id};

const LIMIT: i64 = 3;

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

/// One more failure under each key, as a sign-in settles it.
async fn fail(given: &Given, realm: &Realm, keys: &[AttemptKey], n: u128, now: Timestamp) {
    for (more, key) in (0..).zip(keys) {
        let attempts = given.store.attempts(realm, &key.key).await.unwrap();
        let outcome = lockout::failure(&realm.lockout, attempts, key.limit, now);
        let settled = lockout::settle(realm, std::slice::from_ref(key), outcome, Work::new(id(n + more)));
        won(&given.store, settled).await;
    }
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
        fail(&given, &realm, &keys, 200 + 10 * n, at(counted)).await;
        assert_eq!(failures(&given, &realm, name).await, counted);
    }
    // One attempt is left: a second one in parallel must wait for it.
    won(&given.store, reserve(&realm, &keys, 300, at(3))).await;
    let second = given.store.commit(reserve(&realm, &keys, 301, at(3))).await.unwrap();
    assert_eq!(second, Outcome::Lost(0));
    let withdrawn = lockout::settle(&realm, &keys, AttemptOutcome::Withdrawn, Work::new(id(302)));
    won(&given.store, withdrawn).await;
    assert_eq!(failures(&given, &realm, name).await, LIMIT - 1, "giving back is no failure");

    won(&given.store, reserve(&realm, &keys, 303, at(4))).await;
    let succeeded = lockout::settle(&realm, &keys, AttemptOutcome::Succeeded, Work::new(id(304)));
    won(&given.store, succeeded).await;
    assert_eq!(failures(&given, &realm, name).await, 0, "the count starts anew");
    let outcomes = race(&given.store, (0..TASKS).map(|n| reserve(&realm, &keys, 400 + n, at(5)))).await;
    assert_eq!(count(&outcomes, Outcome::Won), 3, "{outcomes:?}");
}

pub async fn pause_holds_until_it_is_over(subject: Subject) {
    let given = Given::on(&subject).await;
    let realm = strict(&given);
    let keys = lockout::keys(&realm, "alice", "192.0.2.1");
    let [name, address] = &keys;
    for (n, before) in (0..).zip(0..LIMIT) {
        let now = NOW.plus_seconds(before * 10);
        won(&given.store, reserve(&realm, &keys, 100 + n, now)).await;
        fail(&given, &realm, &keys, 200 + 10 * n, now).await;
    }
    let last = NOW.plus_seconds((LIMIT - 1) * 10);
    let ends = last.plus_seconds(realm.lockout.wait_increment);
    assert_eq!(given.store.attempts(&realm, &name.key).await.unwrap().locked_until, Some(ends));
    let of_address = given.store.attempts(&realm, &address.key).await.unwrap();
    assert_eq!((of_address.failures, of_address.locked_until), (LIMIT, None), "many share an address");

    let early = given.store.commit(reserve(&realm, &keys, 300, ends.plus_seconds(-1))).await.unwrap();
    assert_eq!(early, Outcome::Lost(0));
    won(&given.store, reserve(&realm, &keys, 301, ends)).await;
    let second = given.store.commit(reserve(&realm, &keys, 302, ends)).await.unwrap();
    assert_eq!(second, Outcome::Lost(0), "one attempt after a pause, not many");
    fail(&given, &realm, &keys, 400, ends).await;
    assert_eq!(failures(&given, &realm, name).await, LIMIT + 1);

    let much_later = ends.plus_seconds(realm.lockout.max_delta + 1);
    won(&given.store, reserve(&realm, &keys, 303, much_later)).await;
    fail(&given, &realm, &keys, 500, much_later).await;
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
