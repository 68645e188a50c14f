//! Events on their way to the table: bounded, flushed in one work (DESIGN §5.8).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use sekisho_core::event::EventRecord;
use sekisho_core::work::{Outcome, Record, Work};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{Store, StoreError};

/// Events kept in memory; past it successes are dropped, refusals only when there is nothing else.
const CAPACITY: usize = 10_000;

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
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= CAPACITY {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            let success = waiting.iter().position(|waiting| waiting.error.is_none());
            match success {
                Some(place) if event.error.is_some() => drop(waiting.swap_remove(place)),
                _ => return,
            }
        }
        waiting.push(event);
        self.filled.notify_one();
    }

    /// Events that were dropped because the buffer was full.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Waits until there is something to flush.
    pub async fn filled(&self) {
        self.filled.notified().await;
    }

    fn take(&self) -> Vec<EventRecord> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn give_back(&self, events: Vec<EventRecord>) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).splice(0..0, events);
    }
}

impl Store {
    /// Writes what waits; what could not be written waits on.
    pub async fn flush_events(&self, work: Uuid) -> Result<(), StoreError> {
        let events = self.events.take();
        if events.is_empty() {
            return Ok(());
        }
        let insert = |work: Work, event: &EventRecord| work.insert(Record::Event(event.clone()));
        let outcome = self.commit(events.iter().fold(Work::new(work), insert)).await;
        match outcome {
            Ok(Outcome::Won | Outcome::Lost(_) | Outcome::Unknown) => Ok(()),
            Err(error) => {
                self.events.give_back(events);
                Err(error)
            }
        }
    }
}
