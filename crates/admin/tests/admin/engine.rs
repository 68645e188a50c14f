//! An engine that stops in the middle, as a process does that is killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sekisho_store::engine::{
    BoxFuture, Engine, EngineError, Hint, Migration, Row, Settled, SharedEngine, Statement, Unit,
};
use uuid::Uuid;

/// Passes on as many works as it may, then none.
pub(crate) struct FailingEngine {
    inner: SharedEngine,
    left: AtomicUsize,
}

impl FailingEngine {
    /// Without a limit.
    pub(crate) fn new(inner: SharedEngine) -> Arc<Self> {
        Arc::new(Self { inner, left: AtomicUsize::new(usize::MAX) })
    }

    /// Stops after this many works.
    pub(crate) fn stop_after(&self, works: usize) {
        self.left.store(works, Ordering::SeqCst);
    }

    /// Works again.
    pub(crate) fn start(&self) {
        self.stop_after(usize::MAX);
    }
}

impl Engine for FailingEngine {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn commit(&self, unit: Unit) -> BoxFuture<Result<Settled, EngineError>> {
        let one_less = |left: usize| left.checked_sub(1);
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_err() {
            return Box::pin(async { Err(EngineError::Unavailable("stopped".to_owned())) });
        }
        self.inner.commit(unit)
    }

    fn read(&self, statement: Statement) -> BoxFuture<Result<Vec<Row>, EngineError>> {
        self.inner.read(statement)
    }

    fn migrate(&self, steps: &'static [Migration], holder: Uuid) -> BoxFuture<Result<(), EngineError>> {
        self.inner.migrate(steps, holder)
    }

    fn prepare(&self, sql: &'static str) -> BoxFuture<Result<(), EngineError>> {
        self.inner.prepare(sql)
    }

    fn changes(&self) -> BoxFuture<Hint> {
        self.inner.changes()
    }
}
