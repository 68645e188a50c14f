//! The threads that read, each with a connection of its own; one queue feeds them all.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use sekisho_store::engine::EngineError;
use tokio::sync::oneshot;

use crate::{Threads, stopped};

type Question = Box<dyn FnOnce(&Connection) + Send>;

/// The way to the reader threads.
pub(crate) struct Readers {
    queue: SyncSender<Question>,
    capacity: usize,
}

impl Readers {
    pub(crate) fn spawn(
        connections: Vec<Connection>,
        capacity: usize,
        threads: &mut Threads,
    ) -> Result<Self, EngineError> {
        let (queue, queued) = sync_channel(capacity);
        let queued = Arc::new(Mutex::new(queued));
        for connection in connections {
            let queued = Arc::clone(&queued);
            threads.start("sqlite-reader", move || work(connection, &queued))?;
        }
        Ok(Self { queue, capacity })
    }

    /// Queues a question; a statement that runs alone sees whatever was committed before it began.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, EngineError>>, EngineError> {
        let (answer, waiting) = oneshot::channel();
        let question: Question = Box::new(move |connection| {
            let _ = answer.send(question(connection));
        });
        self.queue.try_send(question).map_err(|error| match error {
            TrySendError::Full(_) => EngineError::Busy(self.capacity),
            TrySendError::Disconnected(_) => stopped(),
        })?;
        Ok(waiting)
    }
}

fn work(connection: Connection, queued: &Mutex<Receiver<Question>>) -> Connection {
    loop {
        let next = queued.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(question) = next else { return connection };
        question(&connection);
    }
}
