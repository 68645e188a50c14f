//! The engine on PostgreSQL: a pool, guards and then writes in two round trips, re-runs, LISTEN/NOTIFY.
//!
//! A commit is a task of its own from the moment [`Engine::commit`] is called, so a request that is
//! dropped never takes its work with it. Only what CockroachDB and YugabyteDB share is relied on,
//! but for NOTIFY, which [`Options::notify`] turns off.

mod changes;
mod connection;
mod migration;
mod statement;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deadpool_postgres::Pool;
use sekisho_store::engine::{
    BoxFuture, Clock, Engine, EngineError, Hint, Migration, Row, Settled, Statement, Unit,
};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::changes::Changes;

/// How the database is used.
#[derive(Clone)]
pub struct Options {
    /// Dates the lease under which the schema changes.
    pub clock: Arc<dyn Clock>,
    /// Connections at most; on PostgreSQL, many at once are the group commit.
    pub connections: usize,
    /// Works and reads that may wait for a connection before the next is told [`EngineError::Busy`].
    pub queue: usize,
    /// Whether to pass hints between nodes by LISTEN/NOTIFY. Off where the database has none.
    pub notify: bool,
    /// Faults to order.
    pub faults: Arc<Faults>,
}

/// Faults that tests order; each counts down to none. A server leaves them at zero.
#[derive(Default)]
pub struct Faults {
    /// Commits that the database refuses with a serialization failure (40001).
    pub conflicts: AtomicUsize,
    /// Commits that happen, but whose answer is lost.
    pub lost_answers: AtomicUsize,
    /// Commits that do not happen, because the connection breaks just before.
    pub lost_commits: AtomicUsize,
}

/// A PostgreSQL database, shared by the nodes of a cluster.
pub struct PostgresEngine {
    shared: Arc<Shared>,
    changes: Changes,
}

/// What the tasks of the engine share.
struct Shared {
    config: tokio_postgres::Config,
    pool: Pool,
    options: Options,
}

impl Options {
    /// 24 connections, 1024 waiting works, with NOTIFY.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, connections: 24, queue: 1024, notify: true, faults: Arc::default() }
    }
}

impl PostgresEngine {
    /// Reaches the database that the URL names (`postgres://user@host/database`).
    pub async fn connect(url: &str, options: Options) -> Result<Arc<Self>, EngineError> {
        let config = connection::parse(url)?;
        let pool = connection::pool(&config, &options)?;
        let shared = Arc::new(Shared { config, pool, options });
        shared.reach().await?;
        let changes = Changes::listen(&shared);
        Ok(Arc::new(Self { shared, changes }))
    }
}

impl Engine for PostgresEngine {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn commit(&self, unit: Unit) -> BoxFuture<Result<Settled, EngineError>> {
        let shared = Arc::clone(&self.shared);
        detached(tokio::spawn(async move { writer::commit(&shared, &unit).await }))
    }

    fn read(&self, statement: Statement) -> BoxFuture<Result<Vec<Row>, EngineError>> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move { writer::read(&shared, &statement).await })
    }

    fn migrate(&self, steps: &'static [Migration], holder: Uuid) -> BoxFuture<Result<(), EngineError>> {
        let shared = Arc::clone(&self.shared);
        detached(tokio::spawn(async move { migration::run(&shared, steps, holder).await }))
    }

    fn prepare(&self, sql: &'static str) -> BoxFuture<Result<(), EngineError>> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move { writer::plan(&shared, sql).await })
    }

    fn changes(&self) -> BoxFuture<Hint> {
        self.changes.next()
    }
}

fn detached<T: Send + 'static>(
    task: JoinHandle<Result<T, EngineError>>,
) -> BoxFuture<Result<T, EngineError>> {
    Box::pin(async move {
        task.await.unwrap_or_else(|error| Err(EngineError::Unavailable(format!("the work ended: {error}"))))
    })
}

impl Faults {
    fn take(fault: &AtomicUsize) -> bool {
        fault.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}
