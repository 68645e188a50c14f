//! Brute-force detection (DESIGN §5.14): an attempt is reserved before the password is hashed and settled
//! in the commit that writes the outcome, so parallel guesses do not slip by.

use sekisho_jose::hash::sha256;
use sekisho_protocol::Timestamp;
use uuid::Uuid;

use crate::realm::{LockoutSettings, LockoutStrategy, Realm};
use crate::user;
use crate::work::{AttemptOutcome, Guard, Work, Write};

/// Seconds after which a reservation that was never settled (the node died) counts no more.
pub const RESERVATION_LIFE: i64 = 60;
/// An address may be shared by many: it gets this many times the failures of one name.
const ADDRESS_FACTOR: i64 = 10;

/// What failures are counted under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptKey {
    pub key: Vec<u8>,
    pub limit: i64,
}

/// What is remembered of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    pub failures: i64,
    pub last_failure: Option<Timestamp>,
    pub locked_until: Option<Timestamp>,
}

/// The keys of a sign-in: the name typed, known or not, and the address; hashed, so that a mistyped
/// password is not stored as a name.
pub fn keys(realm: &Realm, name: &str, address: &str) -> [AttemptKey; 2] {
    let limit = realm.lockout.failure_factor.max(1);
    let key = |kind: &str, value: &str| sha256(format!("{}\n{kind}\n{value}", realm.id).as_bytes()).to_vec();
    [
        AttemptKey { key: key("name", &user::normalize(name)), limit },
        AttemptKey { key: key("address", address), limit: limit.saturating_mul(ADDRESS_FACTOR) },
    ]
}

/// The work that reserves an attempt under each key; `None` when the realm does not count.
pub fn reserve(realm: &Realm, keys: &[AttemptKey], work: Uuid, now: Timestamp) -> Option<Work> {
    realm.lockout.enabled.then(|| {
        keys.iter().fold(Work::new(work), |work, attempt| {
            work.guard(Guard::ReserveAttempt {
                realm: realm.id,
                key: attempt.key.clone(),
                at: now,
                limit: attempt.limit,
            })
        })
    })
}

/// Settles every key the same way when the attempt succeeded or was not made.
pub fn settle(realm: &Realm, keys: &[AttemptKey], outcome: AttemptOutcome, work: Work) -> Work {
    if !realm.lockout.enabled {
        return work;
    }
    keys.iter().fold(work, |work, attempt| {
        work.write(Write::SettleAttempt { realm: realm.id, key: attempt.key.clone(), outcome })
    })
}

/// The outcome of one more failure under a key.
pub fn failure(settings: &LockoutSettings, attempts: Attempts, limit: i64, now: Timestamp) -> AttemptOutcome {
    let forgotten_before = now.plus_seconds(-settings.max_delta);
    let counted = attempts.last_failure.is_some_and(|last| last >= forgotten_before);
    let failures = if counted { attempts.failures + 1 } else { 1 };
    let quick = attempts
        .last_failure
        .is_some_and(|last| now.0.saturating_sub(last.0) < settings.quick_login_check_milliseconds);
    let wait = wait_seconds(settings, failures, limit).max(if quick {
        settings.minimum_quick_login_wait
    } else {
        0
    });
    let locked_until = (wait > 0).then(|| now.plus_seconds(wait));
    AttemptOutcome::Failed { at: now, locked_until, forgotten_before }
}

/// Seconds of pause after this many failures.
fn wait_seconds(settings: &LockoutSettings, failures: i64, limit: i64) -> i64 {
    if failures < limit {
        return 0;
    }
    let steps = match settings.strategy {
        LockoutStrategy::Linear => 1 + failures - limit,
        LockoutStrategy::Multiple => failures / limit,
    };
    settings.wait_increment.saturating_mul(steps).min(settings.max_wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: LockoutSettings = LockoutSettings {
        enabled: true,
        permanent: false,
        max_temporary_lockouts: 0,
        strategy: LockoutStrategy::Multiple,
        failure_factor: 3,
        wait_increment: 60,
        max_wait: 900,
        minimum_quick_login_wait: 60,
        quick_login_check_milliseconds: 1000,
        max_delta: 43_200,
    };

    #[test]
    fn the_pause_grows_with_failures_up_to_its_limit() {
        let linear = LockoutSettings { strategy: LockoutStrategy::Linear, ..SETTINGS };
        for (failures, multiple, by_one) in
            [(1, 0, 0), (2, 0, 0), (3, 60, 60), (4, 60, 120), (6, 120, 240), (90, 900, 900)]
        {
            assert_eq!(wait_seconds(&SETTINGS, failures, 3), multiple, "{failures}");
            assert_eq!(wait_seconds(&linear, failures, 3), by_one, "{failures}");
        }
    }

    #[test]
    fn failures_long_ago_are_forgotten_and_quick_ones_pause() {
        let now = Timestamp::from_seconds(100_000);
        let locked = |last: i64, failures| {
            let attempts = Attempts { failures, last_failure: Some(Timestamp(last)), locked_until: None };
            match failure(&SETTINGS, attempts, 3, now) {
                AttemptOutcome::Failed { locked_until, .. } => locked_until,
                _ => None,
            }
        };
        assert_eq!(locked(now.plus_seconds(-50_000).0, 2), None);
        assert_eq!(locked(now.plus_seconds(-10).0, 2), Some(now.plus_seconds(60)));
        assert_eq!(locked(now.0 - 10, 0), Some(now.plus_seconds(60)));
    }
}
