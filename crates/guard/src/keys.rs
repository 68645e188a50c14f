//! The issuer's keys, kept: fetched when first needed, again when they age, again when a token names one
//! that is not known. One fetch at a time, and not often, whatever tokens say.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use sekisho_jose::{JwkSet, Keys};
use sekisho_protocol::{Clock, Timestamp};
use tokio::sync::Mutex;

use crate::issuer::{Fetched, Issuer, IssuerError};

/// Between two fetches for keys that are not known, whoever asks.
const SPACING_SECONDS: i64 = 10;
/// Between two fetches while there is no key at all: nothing works until one succeeds.
const SPACING_WITHOUT_KEYS_SECONDS: i64 = 1;
/// How long an issuer that does not answer is trusted to still have the same keys.
const LONGEST_OUTAGE_SECONDS: i64 = 24 * 3600;

pub(crate) struct KeyCache {
    issuer: Issuer,
    clock: Arc<dyn Clock>,
    current: ArcSwapOption<KeySet>,
    last: Mutex<Attempt>,
}

/// Keys that the issuer had at a moment.
pub(crate) struct KeySet {
    pub(crate) keys: Keys,
    /// Grows when the set changes: what was verified with an older one is verified again.
    pub(crate) generation: u64,
    set: JwkSet,
    fetched: Timestamp,
    max_age_seconds: i64,
}

/// The latest fetch, and how it went.
#[derive(Default)]
struct Attempt {
    at: Option<Timestamp>,
    error: Option<IssuerError>,
}

impl KeyCache {
    pub(crate) fn new(issuer: Issuer, clock: Arc<dyn Clock>) -> Self {
        Self { issuer, clock, current: ArcSwapOption::empty(), last: Mutex::default() }
    }

    /// The keys to verify with now; nothing when they must be fetched first. Aged ones still serve while
    /// others are fetched in the background, and for a day when the issuer is down.
    pub(crate) fn find(self: &Arc<Self>, now: Timestamp) -> Option<Arc<KeySet>> {
        let set = self.current.load_full()?;
        if !set.is_younger(set.max_age_seconds, now) {
            self.refresh_in_background(now);
        }
        set.is_younger(LONGEST_OUTAGE_SECONDS, now).then_some(set)
    }

    /// Fetches, or waits for the fetch that runs, or answers as the one just before did. The fetch is a task
    /// of its own: a caller that hangs up does not cut it off for the others.
    pub(crate) async fn refresh(self: &Arc<Self>) -> Result<Arc<KeySet>, IssuerError> {
        let this = Arc::clone(self);
        let task = tokio::spawn(async move { this.fetch_unless_recent().await });
        task.await.unwrap_or(Err(IssuerError::Interrupted))
    }

    fn refresh_in_background(self: &Arc<Self>, now: Timestamp) {
        // When it is locked somebody is fetching already.
        if self.last.try_lock().is_ok_and(|last| last.is_over(SPACING_SECONDS, now)) {
            let this = Arc::clone(self);
            drop(tokio::spawn(async move { this.fetch_unless_recent().await }));
        }
    }

    async fn fetch_unless_recent(&self) -> Result<Arc<KeySet>, IssuerError> {
        let mut last = self.last.lock().await;
        let (now, current) = (self.clock.now(), self.current.load_full());
        let spacing = if current.is_some() { SPACING_SECONDS } else { SPACING_WITHOUT_KEYS_SECONDS };
        if !last.is_over(spacing, now) {
            return last.outcome(current);
        }
        last.at = Some(now);
        last.error = match self.issuer.fetch().await {
            Ok(fetched) => {
                self.current.store(Some(Arc::new(KeySet::new(fetched, current.as_deref(), now))));
                None
            }
            Err(error) => {
                tracing::warn!(error.cause = %error, keys.kept = current.is_some(), "keys not refreshed: {error}");
                Some(error)
            }
        };
        last.outcome(self.current.load_full())
    }
}

impl KeySet {
    fn new(fetched: Fetched, before: Option<&Self>, now: Timestamp) -> Self {
        let generation = match before {
            Some(before) if before.set == fetched.set => before.generation,
            Some(before) => before.generation.wrapping_add(1),
            None => 0,
        };
        Self {
            keys: Keys::from_set(&fetched.set),
            generation,
            set: fetched.set,
            fetched: now,
            max_age_seconds: fetched.max_age_seconds,
        }
    }

    /// Keys from the future (a clock that was set back) are not young, or they would never age.
    fn is_younger(&self, seconds: i64, now: Timestamp) -> bool {
        (0..seconds).contains(&now.seconds_since(self.fetched))
    }
}

impl Attempt {
    fn is_over(&self, spacing: i64, now: Timestamp) -> bool {
        self.at.is_none_or(|at| !(0..spacing).contains(&now.seconds_since(at)))
    }

    fn outcome(&self, current: Option<Arc<KeySet>>) -> Result<Arc<KeySet>, IssuerError> {
        match self.error {
            Some(error) => Err(error),
            None => current.ok_or(IssuerError::Interrupted),
        }
    }
}
