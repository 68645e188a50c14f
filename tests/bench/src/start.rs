//! How long a provider takes to its first answer, and what it needs when nobody asks anything.

use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use crate::latency::{Latencies, micros};
use crate::process::Memory;
use crate::provider::Provider;

/// Start and idle memory.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct StartFigures {
    pub(crate) starts: usize,
    /// Milliseconds.
    pub(crate) median: f64,
    pub(crate) slowest: f64,
    /// Right after the first answer.
    pub(crate) at_start: Memory,
    /// After a second without a request.
    pub(crate) idle: Memory,
}

/// Starts a provider again and again; the last one stays.
pub(crate) fn measure(
    times: usize,
    start: impl Fn() -> Result<Provider>,
) -> Result<(StartFigures, Provider)> {
    let mut durations = Vec::new();
    for _ in 1..times {
        let provider = start()?;
        durations.push(provider.started_in);
        provider.process.stop()?;
    }
    let provider = start()?;
    durations.push(provider.started_in);
    let at_start = provider.process.memory()?;
    sleep(Duration::from_secs(1));
    let idle = provider.process.memory()?;
    let latencies = Latencies::new(durations);
    let milliseconds = |duration| micros(duration) / 1000.0;
    let (median, slowest) = (milliseconds(latencies.median()), milliseconds(latencies.longest()));
    Ok((StartFigures { starts: times, median, slowest, at_start, idle }, provider))
}
