//! How long turns took.

use std::time::Duration;

use serde::Serialize;

/// Durations of turns, in order.
pub(crate) struct Latencies(Vec<Duration>);

/// Half of the turns took no longer than `p50`, all but one of a hundred no longer than `p99`; microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Percentiles {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Latencies {
    pub(crate) fn new(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        Self(durations)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn percentiles(&self) -> Percentiles {
        Percentiles { p50: micros(self.at(50)), p99: micros(self.at(99)) }
    }

    /// The middle one.
    pub(crate) fn median(&self) -> Duration {
        self.at(50)
    }

    pub(crate) fn longest(&self) -> Duration {
        self.at(100)
    }

    /// The least duration that so many of a hundred turns did not exceed.
    fn at(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(rank).copied().unwrap_or_default()
    }
}

pub(crate) fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_turn_that_happened() {
        let of = |durations: &[u64]| {
            Latencies::new(durations.iter().copied().map(Duration::from_micros).collect()).percentiles()
        };
        let hundred: Vec<u64> = (1..=100).rev().collect();
        for (durations, p50, p99) in
            [(&[][..], 0.0, 0.0), (&[7], 7.0, 7.0), (&[3, 1, 2], 2.0, 3.0), (&hundred, 50.0, 99.0)]
        {
            assert_eq!(of(durations), Percentiles { p50, p99 }, "{durations:?}");
        }
    }
}
