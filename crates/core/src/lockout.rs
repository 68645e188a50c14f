//! Brute-force detection (DESIGN §5.14): an attempt is reserved before the password is hashed and settled
//! in the commit that writes the outcome, so parallel guesses do not slip by.

use std::net::Ipv6Addr;

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
    pub kind: AttemptKind,
    pub key: Vec<u8>,
    pub limit: i64,
}

/// Whose failures they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptKind {
    /// Of one name, known or not.
    Name,
    /// Of one address, which many may share: two quick failures say nothing of it, and one success of
    /// somebody forgives nobody else's failures.
    Address,
}

/// What is remembered of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    pub failures: i64,
    pub last_failure: Option<Timestamp>,
    pub locked_until: Option<Timestamp>,
}

/// The keys of a sign-in: the name, known or not, and the address; hashed, so that a mistyped password is
/// not stored as a name. `name` is the user's own where there is one, so that a user cannot be guessed at
/// twice by user name and by e-mail address.
pub fn keys(realm: &Realm, name: &str, address: &str) -> [AttemptKey; 2] {
    let limit = realm.lockout.failure_factor.max(1);
    let key = |kind: &str, value: &str| sha256(format!("{}\n{kind}\n{value}", realm.id).as_bytes()).to_vec();
    [
        AttemptKey { kind: AttemptKind::Name, key: key("name", &user::normalize(name)), limit },
        AttemptKey {
            kind: AttemptKind::Address,
            key: key("address", &network(address)),
            limit: limit.saturating_mul(ADDRESS_FACTOR),
        },
    ]
}

/// What an address is counted as: of IPv6 the first 64 bits, since whoever has one has them all.
fn network(address: &str) -> String {
    match address.parse::<Ipv6Addr>() {
        Ok(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).to_string(),
        Err(_) => address.to_owned(),
    }
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

/// Settles an attempt that succeeded: the count of the name starts anew.
pub fn succeeded(realm: &Realm, keys: &[AttemptKey], work: Work) -> Work {
    let outcome = |key: &AttemptKey| match key.kind {
        AttemptKind::Name => AttemptOutcome::Succeeded,
        AttemptKind::Address => AttemptOutcome::Withdrawn,
    };
    settle(realm, keys, outcome, work)
}

/// Gives back the reservations of an attempt that was not made.
pub fn withdrawn(realm: &Realm, keys: &[AttemptKey], work: Work) -> Work {
    settle(realm, keys, |_| AttemptOutcome::Withdrawn, work)
}

/// Settles one key after a failure.
pub fn failed(realm: &Realm, key: &AttemptKey, attempts: Attempts, work: Work, now: Timestamp) -> Work {
    settle(realm, std::slice::from_ref(key), |key| failure(&realm.lockout, attempts, key, now), work)
}

fn settle(
    realm: &Realm,
    keys: &[AttemptKey],
    outcome: impl Fn(&AttemptKey) -> AttemptOutcome,
    work: Work,
) -> Work {
    if !realm.lockout.enabled {
        return work;
    }
    keys.iter().fold(work, |work, attempt| {
        let (key, outcome) = (attempt.key.clone(), outcome(attempt));
        work.write(Write::SettleAttempt { realm: realm.id, key, outcome })
    })
}

/// The outcome of one more failure under a key.
fn failure(
    settings: &LockoutSettings,
    attempts: Attempts,
    key: &AttemptKey,
    now: Timestamp,
) -> AttemptOutcome {
    let forgotten_before = now.plus_seconds(-settings.max_delta);
    let counted = attempts.last_failure.is_some_and(|last| last >= forgotten_before);
    let failures = if counted { attempts.failures + 1 } else { 1 };
    let soon = |last: Timestamp| now.0.saturating_sub(last.0) < settings.quick_login_check_milliseconds;
    let quick = key.kind == AttemptKind::Name && attempts.last_failure.is_some_and(soon);
    let wait = wait_seconds(settings, failures, key.limit).max(if quick {
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
        let locked_by = |kind: AttemptKind, last: i64, failures| {
            let attempts = Attempts { failures, last_failure: Some(Timestamp(last)), locked_until: None };
            match failure(&SETTINGS, attempts, &AttemptKey { kind, key: Vec::new(), limit: 3 }, now) {
                AttemptOutcome::Failed { locked_until, .. } => locked_until,
                _ => None,
            }
        };
        let locked = |last, failures| locked_by(AttemptKind::Name, last, failures);
        assert_eq!(locked(now.plus_seconds(-50_000).0, 2), None);
        assert_eq!(locked(now.plus_seconds(-10).0, 2), Some(now.plus_seconds(60)));
        assert_eq!(locked(now.0 - 10, 0), Some(now.plus_seconds(60)));
        assert_eq!(locked_by(AttemptKind::Address, now.0 - 10, 0), None, "many may share an address");
    }

    #[test]
    fn addresses_of_one_network_count_together() {
        for (address, counted) in [
            ("2001:db8::1", "2001:db8::"),
            ("2001:db8:0:0:ffff::9", "2001:db8::"),
            ("2001:db8:0:1::1", "2001:db8:0:1::"),
            ("203.0.113.9", "203.0.113.9"),
        ] {
            assert_eq!(network(address), counted);
        }
    }
}
