//! A bounded queue that threads wait on.

use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// Refuses what does not fit; [`Queue::pop`] waits for what does.
pub(super) struct Queue<T> {
    capacity: NonZeroUsize,
    waiting: Mutex<Waiting<T>>,
    arrived: Condvar,
}

struct Waiting<T> {
    items: VecDeque<T>,
    open: bool,
}

impl<T> Queue<T> {
    pub(super) const fn new(capacity: NonZeroUsize) -> Self {
        let waiting = Waiting { items: VecDeque::new(), open: true };
        Self { capacity, waiting: Mutex::new(waiting), arrived: Condvar::new() }
    }

    /// Gives the item back when the queue is full.
    pub(super) fn push(&self, item: T) -> Result<(), T> {
        let mut waiting = self.lock();
        if waiting.items.len() >= self.capacity.get() {
            return Err(item);
        }
        waiting.items.push_back(item);
        drop(waiting);
        self.arrived.notify_one();
        Ok(())
    }

    /// The item that waited longest; `None` once the queue is closed.
    pub(super) fn pop(&self) -> Option<T> {
        let waiting = self.lock();
        let idle = |waiting: &mut Waiting<T>| waiting.open && waiting.items.is_empty();
        let mut waiting = self.arrived.wait_while(waiting, idle).unwrap_or_else(PoisonError::into_inner);
        if waiting.open { waiting.items.pop_front() } else { None }
    }

    /// Drops what waits and sends the threads home.
    pub(super) fn close(&self) {
        let mut waiting = self.lock();
        waiting.open = false;
        waiting.items.clear();
        drop(waiting);
        self.arrived.notify_all();
    }

    /// No user code runs under the lock, so a poisoned one is whole.
    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
