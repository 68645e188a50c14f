//! Load: a number of connections that take turns at a scenario, as fast as they can or at a fixed rate.

use std::cell::Cell;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::TryStreamExt as _;
use futures_util::stream::FuturesUnordered;
use serde::Serialize;

use crate::http::Connection;
use crate::latency::{Latencies, Percentiles, micros};
use crate::process::Memory;
use crate::provider::Provider;
use crate::scenario::Scenario;

/// How a scenario is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// For each of the three runs.
    pub(crate) span: Duration,
    pub(crate) connections: usize,
    /// Of so many rounds the least disturbed run is kept: others may be busy on the machine.
    pub(crate) rounds: usize,
}

/// What a scenario costs.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figures {
    /// One connection, as fast as it can.
    pub(crate) alone: Run,
    /// All connections, as fast as they can.
    pub(crate) closed: Run,
    /// All connections at half of that rate. Latency counts from when a turn was due, not from when it was
    /// sent: a server that stands still keeps everybody waiting who would have come meanwhile.
    pub(crate) open: Run,
    pub(crate) memory: Memory,
}

/// One run.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Run {
    pub(crate) connections: usize,
    pub(crate) turns: usize,
    pub(crate) per_second: f64,
    /// Processor time of the server for a turn, in microseconds.
    pub(crate) cpu: f64,
    /// Of the one core that the server has.
    pub(crate) core_share: f64,
    pub(crate) latency: Percentiles,
}

/// A connection with what its scenario keeps on it.
pub(crate) struct Lane<S: Scenario> {
    connection: Connection,
    state: S::State,
}

/// Measures a scenario.
pub(crate) async fn measure<S: Scenario>(scenario: &S, provider: &Provider, plan: Plan) -> Result<Figures> {
    let mut lanes = open_lanes(scenario, provider, plan.connections).await?;
    closed(scenario, provider, &mut lanes, plan.span / 5).await?;
    let mut kept = round(scenario, provider, &mut lanes, plan.span).await?;
    for _ in 1..plan.rounds {
        kept = kept.or_less_disturbed(round(scenario, provider, &mut lanes, plan.span).await?);
    }
    Ok(kept)
}

async fn round<S: Scenario>(
    scenario: &S,
    provider: &Provider,
    lanes: &mut [Lane<S>],
    span: Duration,
) -> Result<Figures> {
    let alone = closed(scenario, provider, lanes.get_mut(..1).unwrap_or_default(), span).await?;
    let closed = closed(scenario, provider, lanes, span).await?;
    let memory = provider.process.memory()?;
    let open = open(scenario, provider, lanes, (span, closed.per_second / 2.0)).await?;
    Ok(Figures { alone, closed, open, memory })
}

impl Figures {
    /// The round whose closed run got more turns through; its open run goes with it, whose rate it set.
    fn or_less_disturbed(self, other: Self) -> Self {
        let alone = if other.alone.per_second > self.alone.per_second { other.alone } else { self.alone };
        let whole = if other.closed.per_second > self.closed.per_second { other } else { self };
        Self { alone, ..whole }
    }
}

/// Connections on which the scenario has begun.
pub(crate) async fn open_lanes<S: Scenario>(
    scenario: &S,
    provider: &Provider,
    connections: usize,
) -> Result<Vec<Lane<S>>> {
    let mut lanes = Vec::new();
    for _ in 0..connections {
        let mut connection = Connection::open(provider.address).await?;
        let state = scenario.begin(&mut connection).await?;
        lanes.push(Lane { connection, state });
    }
    Ok(lanes)
}

/// Every connection takes its next turn as soon as the last has ended.
pub(crate) async fn closed<S: Scenario>(
    scenario: &S,
    provider: &Provider,
    lanes: &mut [Lane<S>],
    span: Duration,
) -> Result<Run> {
    let meter = Meter::start(provider, lanes.len())?;
    let end = meter.started + span;
    let runs: FuturesUnordered<_> = lanes
        .iter_mut()
        .map(|lane| async move {
            let mut durations = Vec::new();
            loop {
                let begun = Instant::now();
                if begun >= end {
                    return anyhow::Ok(durations);
                }
                scenario.turn(&mut lane.connection, &mut lane.state).await?;
                durations.push(begun.elapsed());
            }
        })
        .collect();
    meter.stop(runs.try_concat().await?)
}

/// Turns are due at even distances, whether a connection is free for them or not.
pub(crate) async fn open<S: Scenario>(
    scenario: &S,
    provider: &Provider,
    lanes: &mut [Lane<S>],
    (span, per_second): (Duration, f64),
) -> Result<Run> {
    let meter = Meter::start(provider, lanes.len())?;
    let (started, taken) = (meter.started, Cell::new(0_u32));
    let taken = &taken;
    let runs: FuturesUnordered<_> = lanes
        .iter_mut()
        .map(|lane| async move {
            let mut durations = Vec::new();
            loop {
                let ticket = taken.replace(taken.get() + 1);
                let offset = Duration::from_secs_f64(f64::from(ticket) / per_second);
                if offset >= span {
                    return anyhow::Ok(durations);
                }
                let due = started + offset;
                // A timer is good to a millisecond only; the generator has a core of its own to spin on.
                while Instant::now() < due {
                    tokio::task::yield_now().await;
                }
                scenario.turn(&mut lane.connection, &mut lane.state).await?;
                durations.push(due.elapsed());
            }
        })
        .collect();
    meter.stop(runs.try_concat().await?)
}

/// Reads the server's processor time before and after.
struct Meter<'a> {
    provider: &'a Provider,
    connections: usize,
    cpu: Duration,
    started: Instant,
}

impl<'a> Meter<'a> {
    fn start(provider: &'a Provider, connections: usize) -> Result<Self> {
        Ok(Self { provider, connections, cpu: provider.process.cpu()?, started: Instant::now() })
    }

    fn stop(self, durations: Vec<Duration>) -> Result<Run> {
        let elapsed = self.started.elapsed().as_secs_f64();
        let cpu = micros(self.provider.process.cpu()?.saturating_sub(self.cpu));
        let latencies = Latencies::new(durations);
        let turns = as_number(latencies.count());
        Ok(Run {
            connections: self.connections,
            turns: latencies.count(),
            per_second: turns / elapsed,
            cpu: cpu / turns.max(1.0),
            core_share: cpu / (elapsed * 1e6),
            latency: latencies.percentiles(),
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of turns is far below 2^52")]
pub(crate) const fn as_number(count: usize) -> f64 {
    count as f64
}
