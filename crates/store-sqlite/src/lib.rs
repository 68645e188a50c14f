//! The engine on SQLite: one writer thread with group commit, reader threads, a checkpoint thread.
//!
//! A unit is queued when [`Engine::commit`] is called, not when its future is first polled, so a
//! request that is dropped never takes its work with it.

mod checkpoint;
mod connection;
mod migration;
mod reader;
mod statement;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;
use sekisho_store::engine::{
    BoxFuture, Clock, Engine, EngineError, Hint, Migration, Row, Settled, Statement, Unit,
};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::reader::Readers;
use crate::writer::Writer;

pub use crate::writer::Statistics;

/// How the file is opened.
#[derive(Clone)]
pub struct Options {
    /// Dates the lease under which the schema changes.
    pub clock: Arc<dyn Clock>,
    /// Threads that read.
    pub readers: usize,
    /// Works and, apart from them, reads that may wait before the next is told [`EngineError::Busy`].
    pub queue: usize,
    /// How long to wait for another process that writes to the same file.
    pub busy_timeout: Duration,
    /// Pages of 4 KiB that the file may grow to; the disk alone says no when `None`.
    pub max_pages: Option<u32>,
}

/// A database in one file, shared by the threads of this process and by other processes.
pub struct SqliteEngine {
    path: PathBuf,
    options: Options,
    writer: Writer,
    readers: Readers,
    /// Last, so that the queues are closed before their threads are waited for.
    _threads: Threads,
}

/// Waits for its threads when dropped, and closes their connections one after the other: the last one
/// folds the log into the file, so that a stopped server leaves one file to copy. Two that close at
/// once would each leave that to the other.
struct Threads(Vec<JoinHandle<Connection>>);

impl Options {
    /// Three readers, 1024 waiting works, ten seconds of patience, no limit of size.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, readers: 3, queue: 1024, busy_timeout: Duration::from_secs(10), max_pages: None }
    }
}

impl SqliteEngine {
    /// Opens the file, or makes it (readable by its owner only), and looks whether it is sound.
    pub fn open(path: impl Into<PathBuf>, options: Options) -> Result<Arc<Self>, EngineError> {
        let path = path.into();
        connection::create(&path)?;
        let writing = connection::open(&path, &options)?;
        connection::check(&path, &writing)?;
        let folding = connection::open(&path, &options)?;
        let reading = (0..options.readers.max(1))
            .map(|_| connection::open_to_read(&path, &options))
            .collect::<Result<Vec<_>, _>>()?;

        let mut threads = Threads(Vec::new());
        let nudge = checkpoint::spawn(folding, &mut threads)?;
        let readers = Readers::spawn(reading, options.queue, &mut threads)?;
        let writer = Writer::spawn(writing, nudge, options.queue, &mut threads)?;
        Ok(Arc::new(Self { path, options, writer, readers, _threads: threads }))
    }

    /// Works and the commits that carried them, since the file was opened.
    pub fn statistics(&self) -> Statistics {
        self.writer.statistics()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Engine for SqliteEngine {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn commit(&self, unit: Unit) -> BoxFuture<Result<Settled, EngineError>> {
        answer(self.writer.queue(unit))
    }

    fn read(&self, statement: Statement) -> BoxFuture<Result<Vec<Row>, EngineError>> {
        answer(self.readers.ask(move |connection| statement::rows(connection, &statement)))
    }

    fn migrate(&self, steps: &'static [Migration], holder: Uuid) -> BoxFuture<Result<(), EngineError>> {
        let (path, options) = (self.path.clone(), self.options.clone());
        let (answered, waiting) = oneshot::channel();
        let spawned = spawn("sqlite-migrate", move || {
            let migrated = connection::open(&path, &options)
                .and_then(|mut connection| migration::run(&mut connection, steps, holder, &*options.clock));
            let _ = answered.send(migrated);
        });
        answer(spawned.map(|_| waiting))
    }

    fn prepare(&self, sql: &'static str) -> BoxFuture<Result<(), EngineError>> {
        answer(self.readers.ask(move |connection| statement::plan(connection, sql)))
    }

    fn changes(&self) -> BoxFuture<Hint> {
        Box::pin(std::future::pending())
    }
}

/// What was queued answers later; what could not be queued answers at once.
fn answer<T: Send + 'static>(
    queued: Result<oneshot::Receiver<Result<T, EngineError>>, EngineError>,
) -> BoxFuture<Result<T, EngineError>> {
    Box::pin(async move { queued?.await.unwrap_or_else(|_| Err(stopped())) })
}

fn stopped() -> EngineError {
    EngineError::Unavailable("the database was closed".to_owned())
}

fn spawn<T: Send + 'static>(
    name: &str,
    body: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, EngineError> {
    let refused = |error| EngineError::Unavailable(format!("no thread for {name}: {error}"));
    Builder::new().name(name.to_owned()).spawn(body).map_err(refused)
}

impl Threads {
    /// The body gives its connection back when its queue is closed.
    fn start(
        &mut self,
        name: &str,
        body: impl FnOnce() -> Connection + Send + 'static,
    ) -> Result<(), EngineError> {
        self.0.push(spawn(name, body)?);
        Ok(())
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // The writer was started last and goes first: its connection holds what wakes the checkpoint.
        while let Some(thread) = self.0.pop() {
            drop(thread.join());
        }
    }
}
