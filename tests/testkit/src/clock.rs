//! A clock that stands still until a test moves it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use sekisho_protocol::{Clock, Timestamp};

/// Clones tell the same time: keep one, give the other to the server.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.0)))
    }

    /// Moves to `now`, also backwards.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Moves on by `seconds`, backwards when negative.
    pub fn advance(&self, seconds: i64) {
        self.advance_millis(seconds * 1000);
    }

    /// Moves on by `milliseconds`, backwards when negative.
    pub fn advance_millis(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

/// 2026-01-01T00:00:00Z.
impl Default for ManualClock {
    fn default() -> Self {
        Self::at(Timestamp(1_767_225_600_000))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_move_together() {
        let ours = ManualClock::at(Timestamp(5000));
        let theirs = ours.clone();
        assert_eq!(theirs.now(), Timestamp(5000));
        ours.advance(-2);
        assert_eq!(theirs.now(), Timestamp(3000));
        theirs.advance_millis(1);
        assert_eq!(ours.now(), Timestamp(3001));
        ours.set(Timestamp(7));
        assert_eq!(theirs.now(), Timestamp(7));
    }
}
