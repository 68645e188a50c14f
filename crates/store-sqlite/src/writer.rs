//! The one thread that writes: what queued up while the disk was busy shares the next commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use rusqlite::Connection;
use sekisho_store::engine::{EngineError, NOTIFY, Settled, Unit};
use tokio::sync::oneshot;

use crate::checkpoint::Nudge;
use crate::statement::{fault, rows, touch};
use crate::{Threads, stopped};

/// The most units in one transaction: more would not save an fsync worth the wait.
const MOST: usize = 64;

type Outcome = Result<Settled, EngineError>;

/// How much was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Transactions committed.
    pub commits: u64,
    /// Units that those transactions settled.
    pub units: u64,
}

/// The way to the writer thread.
pub(crate) struct Writer {
    queue: SyncSender<Job>,
    capacity: usize,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    commits: AtomicU64,
    units: AtomicU64,
}

struct Job {
    unit: Unit,
    answer: oneshot::Sender<Outcome>,
}

impl Writer {
    pub(crate) fn spawn(
        mut connection: Connection,
        nudge: Nudge,
        capacity: usize,
        threads: &mut Threads,
    ) -> Result<Self, EngineError> {
        nudge.follow(&mut connection)?;
        let (queue, queued) = sync_channel(capacity);
        let counters = Arc::new(Counters::default());
        let desk = Desk { connection, queued, counters: Arc::clone(&counters) };
        threads.start("sqlite-writer", move || desk.work())?;
        Ok(Self { queue, capacity, counters })
    }

    pub(crate) fn queue(&self, unit: Unit) -> Result<oneshot::Receiver<Outcome>, EngineError> {
        let (answer, waiting) = oneshot::channel();
        self.queue.try_send(Job { unit, answer }).map_err(|error| match error {
            TrySendError::Full(_) => EngineError::Busy(self.capacity),
            TrySendError::Disconnected(_) => stopped(),
        })?;
        Ok(waiting)
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let Counters { commits, units } = &*self.counters;
        Statistics { commits: commits.load(Ordering::Relaxed), units: units.load(Ordering::Relaxed) }
    }
}

/// What the writer thread has.
struct Desk {
    connection: Connection,
    queued: Receiver<Job>,
    counters: Arc<Counters>,
}

impl Desk {
    fn work(self) -> Connection {
        while let Ok(first) = self.queued.recv() {
            let mut batch = vec![first];
            match self.transact(&mut batch) {
                Ok(outcomes) => self.settle(batch, outcomes),
                Err(error) => self.give_up(batch, &error),
            }
        }
        self.connection
    }

    /// One transaction. An error ends every unit in it.
    fn transact(&self, batch: &mut Vec<Job>) -> Result<Vec<Outcome>, EngineError> {
        self.say("BEGIN IMMEDIATE")?;
        let mut outcomes = Vec::new();
        while let Some(job) = batch.get(outcomes.len()) {
            outcomes.push(self.run(&job.unit)?);
            if outcomes.len() < MOST {
                batch.extend(self.queued.try_recv());
            }
        }
        self.say("COMMIT")?;
        Ok(outcomes)
    }

    /// One unit, alone in its savepoint: a rule it breaks ends it and no other.
    fn run(&self, unit: &Unit) -> Result<Outcome, EngineError> {
        self.say("SAVEPOINT unit")?;
        let outcome = self.attempt(unit);
        match outcome {
            Ok(_) => {}
            Err(EngineError::Refused(_)) => self.say("ROLLBACK TO unit")?,
            Err(ends_all) => return Err(ends_all),
        }
        self.say("RELEASE unit")?;
        Ok(outcome)
    }

    fn attempt(&self, unit: &Unit) -> Outcome {
        for (index, guard) in unit.guards.iter().enumerate() {
            match touch(&self.connection, &guard.statement)? {
                1 => {}
                0 => return self.lost(unit, index),
                rows => {
                    let sql = guard.statement.sql;
                    return Err(EngineError::Refused(format!("a guard touched {rows} rows ({sql})")));
                }
            }
        }
        for write in unit.writes.iter().filter(|write| write.sql != NOTIFY) {
            touch(&self.connection, write)?;
        }
        Ok(Settled::Won)
    }

    /// The unit's own rows are gone before anything is recalled, or it would recognise this very try.
    fn lost(&self, unit: &Unit, index: usize) -> Outcome {
        self.say("ROLLBACK TO unit")?;
        for recall in unit.guards.iter().filter_map(|guard| guard.recall.as_ref()) {
            if !rows(&self.connection, recall)?.is_empty() {
                return Ok(Settled::Won);
            }
        }
        Ok(Settled::Lost(index))
    }

    fn settle(&self, batch: Vec<Job>, outcomes: Vec<Outcome>) {
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        self.counters.units.fetch_add(outcomes.len() as u64, Ordering::Relaxed);
        for (job, outcome) in batch.into_iter().zip(outcomes) {
            let _ = job.answer.send(outcome);
        }
    }

    /// Whoever waits behind a disk that cannot write hears so at once, not one after the other.
    fn give_up(&self, mut batch: Vec<Job>, error: &EngineError) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.say("ROLLBACK")
        {
            tracing::error!(error.cause = %error, "could not roll back a batch");
        }
        let behind = MOST.saturating_sub(batch.len());
        batch.extend(self.queued.try_iter().take(behind));
        for job in batch {
            let _ = job.answer.send(Err(error.clone()));
        }
    }

    fn say(&self, sql: &'static str) -> Result<(), EngineError> {
        let said = self.connection.prepare_cached(sql).and_then(|mut prepared| prepared.execute([]));
        said.map(drop).map_err(|error| fault(&error, sql))
    }
}
