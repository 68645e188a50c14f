//! Events on their way to the table: bounded, flushed in one work (DESIGN §5.8).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sekisho_core::event::EventRecord;
use sekisho_core::work::{Outcome, Record, Work};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::engine::EngineError;
use crate::{Store, StoreError};

/// Events kept in memory; past it successes are dropped, refusals only when there is nothing else.
const CAPACITY: usize = 10_000;
/// Events of one work: others want to write in between.
const BATCH: usize = 500;

/// The buffer.
#[derive(Default)]
pub struct EventBuffer {
    waiting: Mutex<Vec<EventRecord>>,
    dropped: AtomicU64,
    filled: Notify,
}

impl EventBuffer {
    /// Adds an event.
    pub fn push(&self, event: EventRecord) {
        let mut waiting = self.waiting();
        if waiting.len() >= CAPACITY {
            self.count_dropped(1);
            let success = waiting.iter().position(|waiting| waiting.error.is_none());
            match success {
                Some(place) if event.error.is_some() => drop(waiting.swap_remove(place)),
                _ => return,
            }
        }
        waiting.push(event);
        self.filled.notify_one();
    }

    /// Events that were dropped: the buffer was full, or the database refused them.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Waits until there is something to flush.
    pub async fn filled(&self) {
        self.filled.notified().await;
    }

    /// The oldest events, at most a batch of them.
    fn take(&self) -> Vec<EventRecord> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(BATCH);
        waiting.drain(..count).collect()
    }

    /// Puts a batch back to its place. What has come meanwhile may have filled the buffer.
    fn give_back(&self, events: Vec<EventRecord>) {
        let mut waiting = self.waiting();
        waiting.splice(0..0, events);
        let mut excess = waiting.len().saturating_sub(CAPACITY);
        self.count_dropped(excess);
        waiting.retain(|event| {
            let is_dropped = excess > 0 && event.error.is_none();
            excess -= usize::from(is_dropped);
            !is_dropped
        });
        waiting.truncate(CAPACITY);
        self.filled.notify_one();
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<EventRecord>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count_dropped(&self, events: usize) {
        self.dropped.fetch_add(events as u64, Ordering::Relaxed);
    }
}

impl Store {
    /// Writes what waits; what could not be written waits on.
    pub async fn flush_events(&self, work: Uuid) -> Result<(), StoreError> {
        loop {
            let batch = self.events.take();
            if batch.is_empty() {
                return Ok(());
            }
            self.flush_batch(work, batch).await?;
        }
    }

    async fn flush_batch(&self, work: Uuid, batch: Vec<EventRecord>) -> Result<(), StoreError> {
        match self.commit(inserts(work, &batch)).await {
            Ok(Outcome::Won | Outcome::Lost(_)) => Ok(()),
            Ok(Outcome::Unknown) => {
                // What was written after all is not written twice: rows that are there stay as they are.
                self.events.give_back(batch);
                Err(StoreError::Engine(EngineError::Unavailable("nobody knows how it ended".to_owned())))
            }
            Err(error) if error.is_passing() => {
                self.events.give_back(batch);
                Err(error)
            }
            Err(error) => {
                self.flush_singly(work, batch).await;
                Err(error)
            }
        }
    }

    /// One event that the database refuses must not keep the others from it.
    async fn flush_singly(&self, work: Uuid, batch: Vec<EventRecord>) {
        for event in batch {
            match self.commit(inserts(work, std::slice::from_ref(&event))).await {
                Ok(Outcome::Won | Outcome::Lost(_)) => {}
                Err(error) if !error.is_passing() => self.events.count_dropped(1),
                Ok(Outcome::Unknown) | Err(_) => self.events.give_back(vec![event]),
            }
        }
    }
}

fn inserts(work: Uuid, events: &[EventRecord]) -> Work {
    events.iter().fold(Work::new(work), |work, event| work.insert(Record::Event(event.clone())))
}
