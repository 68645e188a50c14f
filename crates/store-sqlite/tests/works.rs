//! The store's contract on SQLite. Apart from the engine's own, which measures a file while others write.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use sekisho_store_sqlite::{Options, SqliteEngine};
use sekisho_testkit::ManualClock;
use sekisho_testkit::engine_contract::Subject;

sekisho_testkit::store_contract!(make_engine);

async fn make_engine() -> Subject {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(Arc::new(ManualClock::default()));
    let engine = SqliteEngine::open(folder.path().join("works.db"), options).unwrap();
    Subject { engine, kept: Box::new(folder) }
}
