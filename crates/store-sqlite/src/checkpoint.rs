//! Folds the write-ahead log into the file on a thread of its own: a commit never pays for it.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};

use rusqlite::Connection;
use sekisho_store::engine::EngineError;

use crate::Threads;
use crate::statement::fault;

/// Pages that the log grows by between two checkpoints.
const STEP: i32 = 1_000;

/// From 64 MiB on, the writer waits until the log was folded; otherwise a steady load would let it grow for
/// ever, as a writer that never pauses leaves no room for the lock that empties the log.
const LARGE: i32 = 16_384;

/// Tells the thread how many pages the log holds.
pub(crate) struct Nudge {
    pages: SyncSender<i32>,
    /// A word for each fold of a large log.
    folded: Receiver<()>,
}

pub(crate) fn spawn(connection: Connection, threads: &mut Threads) -> Result<Nudge, EngineError> {
    let (pages, nudges) = sync_channel(1);
    let (done, folded) = channel();
    threads.start("sqlite-fold", move || {
        while let Ok(pages) = nudges.recv() {
            fold(&connection, pages);
            if pages >= LARGE && done.send(()).is_err() {
                break;
            }
        }
        connection
    })?;
    Ok(Nudge { pages, folded })
}

impl Nudge {
    /// Nudges from now on whenever commits of this connection have made the log a step longer.
    pub(crate) fn follow(self, connection: &mut Connection) -> Result<(), EngineError> {
        let mut due = STEP;
        let hook = move |_: &mut _, pages: i32| {
            if pages < due - STEP {
                due = STEP;
            }
            if pages >= due && self.tell(pages) {
                due = pages + STEP;
            }
            Ok(())
        };
        connection.wal_hook(Some(hook)).map_err(|error| fault(&error, "wal_hook"))
    }

    /// Whether the thread heard of it. The hook runs after the commit, when its lock is free: here the writer
    /// may wait.
    fn tell(&self, pages: i32) -> bool {
        if pages < LARGE {
            return self.pages.try_send(pages).is_ok();
        }
        self.pages.send(pages).is_ok() && self.folded.recv().is_ok()
    }
}

fn fold(connection: &Connection, pages: i32) {
    let sql =
        if pages < LARGE { "PRAGMA wal_checkpoint(PASSIVE)" } else { "PRAGMA wal_checkpoint(TRUNCATE)" };
    if let Err(error) = connection.query_row(sql, [], |_| Ok(())) {
        tracing::warn!(error.cause = %error, "could not fold the write-ahead log");
    }
}
