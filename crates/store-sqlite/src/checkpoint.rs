//! Folds the write-ahead log into the file on a thread of its own: a commit never pays for it.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::Connection;
use sekisho_store::engine::EngineError;

use crate::Threads;
use crate::statement::fault;

/// Pages that the log grows by between two checkpoints.
const STEP: i32 = 1_000;

/// From 64 MiB on, writers are held back until the log is empty; otherwise a steady load would let it
/// grow for ever.
const LARGE: i32 = 16_384;

/// Tells the thread how many pages the log holds.
pub(crate) struct Nudge(SyncSender<i32>);

pub(crate) fn spawn(connection: Connection, threads: &mut Threads) -> Result<Nudge, EngineError> {
    let (nudge, nudges) = sync_channel(1);
    threads.start("sqlite-fold", move || work(connection, &nudges))?;
    Ok(Nudge(nudge))
}

impl Nudge {
    /// Nudges from now on whenever commits of this connection have made the log a step longer.
    pub(crate) fn follow(self, connection: &mut Connection) -> Result<(), EngineError> {
        let mut due = STEP;
        let hook = move |_: &mut _, pages: i32| {
            if pages < due - STEP {
                due = STEP;
            }
            if pages >= due && self.0.try_send(pages).is_ok() {
                due = pages + STEP;
            }
            Ok(())
        };
        connection.wal_hook(Some(hook)).map_err(|error| fault(&error, "wal_hook"))
    }
}

fn work(connection: Connection, nudges: &Receiver<i32>) -> Connection {
    while let Ok(pages) = nudges.recv() {
        let sql =
            if pages < LARGE { "PRAGMA wal_checkpoint(PASSIVE)" } else { "PRAGMA wal_checkpoint(TRUNCATE)" };
        if let Err(error) = connection.query_row(sql, [], |_| Ok(())) {
            tracing::warn!(error.cause = %error, "could not fold the write-ahead log");
        }
    }
    connection
}
