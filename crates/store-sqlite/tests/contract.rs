//! The engine contract on SQLite, and what only a file can do: be full, damaged, locked.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use sekisho_store::engine::{Clock, Engine, EngineError, Settled, Statement, Unit, Value};
use sekisho_store_sqlite::{Options, SqliteEngine, Statistics};
use sekisho_testkit::engine_contract::{STEPS, Subject, id, sample, ticket, unguarded};
use tempfile::TempDir;

sekisho_testkit::engine_contract!(make_engine);

async fn make_engine() -> Subject {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(&folder.path().join("contract.db"), |_| {}).unwrap();
    Subject { engine, kept: Box::new(folder) }
}

#[tokio::test]
async fn works_that_wait_share_one_commit() {
    let (folder, engine) = migrated(|_| {}).await;
    let before = engine.statistics();
    let commits =
        while_locked(&folder, || (0..40).map(|n| engine.commit(ticket(id(n), n / 2))).collect::<Vec<_>>());
    let mut won = 0;
    for commit in commits {
        won += usize::from(commit.await.unwrap() == Settled::Won);
    }
    assert_eq!(won, 20);
    let after = engine.statistics();
    assert_eq!(after, Statistics { commits: before.commits + 1, units: before.units + 40 });
}

#[tokio::test]
async fn work_beyond_the_queue_is_told_busy() {
    let (folder, engine) = migrated(|options| options.queue = 4).await;
    let commits =
        while_locked(&folder, || (0..8).map(|n| engine.commit(ticket(id(n), n))).collect::<Vec<_>>());
    let mut busy = 0;
    for commit in commits {
        match commit.await {
            Ok(settled) => assert_eq!(settled, Settled::Won),
            Err(error) => {
                assert!(matches!(error, EngineError::Busy(4)), "{error}");
                busy += 1;
            }
        }
    }
    assert!((3..=4).contains(&busy), "four wait, one may be in the writer's hands: {busy}");
}

#[tokio::test]
async fn full_disk_ends_the_batch_and_nothing_else() {
    let (folder, engine) = migrated(|options| options.max_pages = Some(64)).await;
    let large = |n: i64, bytes| Unit {
        writes: vec![sample(n, Value::Null, Value::Null, Value::Null, vec![1; bytes].into())],
        ..unguarded(1)
    };
    assert_eq!(engine.commit(large(1, 100_000)).await.unwrap(), Settled::Won);
    let batch = while_locked(&folder, || {
        [engine.commit(ticket(id(1), 1)), engine.commit(large(2, 200_000)), engine.commit(ticket(id(2), 2))]
    });
    for commit in batch {
        let outcome = commit.await;
        assert!(matches!(outcome, Err(EngineError::Unavailable(_))), "{outcome:?}");
    }
    assert_eq!(count(&engine, "SELECT count(*) FROM ticket").await, 0);

    let space = Unit { writes: vec![Statement::new("DELETE FROM sample", vec![])], ..unguarded(1) };
    assert_eq!(engine.commit(space).await.unwrap(), Settled::Won);
    assert_eq!(engine.commit(large(2, 200_000)).await.unwrap(), Settled::Won);
}

#[tokio::test]
async fn two_processes_may_share_a_file() {
    let (folder, engine) = migrated(|_| {}).await;
    let other = open(&file(&folder), |_| {}).unwrap();
    let mut commits = Vec::new();
    for n in 0..64 {
        commits.push(engine.commit(ticket(id(1_000 + n), n)));
        commits.push(other.commit(ticket(id(2_000 + n), n)));
    }
    let mut won = 0;
    for commit in commits {
        won += usize::from(commit.await.unwrap() == Settled::Won);
    }
    assert_eq!(won, 64);
    assert_eq!(count(&engine, "SELECT count(*) FROM ticket").await, 64);
}

#[tokio::test]
async fn log_is_folded_while_writes_go_on() {
    let (folder, engine) = migrated(|_| {}).await;
    let log = folder.path().join("contract.db-wal");
    for n in 1..=600 {
        let raw = Value::Bytes(vec![1; 200_000]);
        let writes = vec![
            Statement::new("DELETE FROM sample", vec![]),
            sample(n, Value::Null, Value::Null, Value::Null, raw),
        ];
        assert_eq!(engine.commit(Unit { writes, ..unguarded(1) }).await.unwrap(), Settled::Won);
    }
    assert!(std::fs::metadata(log).unwrap().len() < 100_000_000, "120 MB were written");
}

#[tokio::test]
async fn closing_leaves_one_file() {
    let (folder, engine) = migrated(|_| {}).await;
    drop(engine);
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["contract.db"]);
}

#[tokio::test]
async fn file_that_is_no_database_is_said_to_be_damaged() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(file(&folder), "A letter to the editor.\n".repeat(400)).unwrap();
    let error = open(&file(&folder), |_| {}).map(drop).unwrap_err();
    assert!(matches!(&error, EngineError::Damaged(text) if text.contains("contract.db")), "{error}");
}

#[tokio::test]
async fn damaged_page_is_noticed_at_start() {
    let (folder, engine) = migrated(|_| {}).await;
    for n in 0..200 {
        assert_eq!(engine.commit(ticket(id(n), n)).await.unwrap(), Settled::Won);
    }
    drop(engine);
    let mut bytes = std::fs::read(file(&folder)).unwrap();
    for page in bytes.chunks_mut(4096).skip(1) {
        page[..512].fill(0x5a);
    }
    std::fs::write(file(&folder), bytes).unwrap();
    let error = open(&file(&folder), |_| {}).map(drop).unwrap_err();
    assert!(matches!(&error, EngineError::Damaged(text) if text.contains("contract.db")), "{error}");
}

#[tokio::test]
async fn file_that_another_process_holds_is_said_to_be_locked() {
    let folder = tempfile::tempdir().unwrap();
    let other = Connection::open(file(&folder)).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE; CREATE TABLE mine (id INTEGER)").unwrap();
    let error = open(&file(&folder), |options| options.busy_timeout = Duration::ZERO).map(drop).unwrap_err();
    assert!(matches!(&error, EngineError::Locked(text) if text.contains("contract.db")), "{error}");
}

#[tokio::test]
async fn folder_that_is_missing_is_named() {
    let error = open(Path::new("/nowhere/at/all/contract.db"), |_| {}).map(drop).unwrap_err();
    assert!(matches!(&error, EngineError::Unavailable(text) if text.contains("/nowhere/at/all")), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn new_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _engine) = migrated(|_| {}).await;
    for name in ["contract.db", "contract.db-wal"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

/// A clock that stands still: a lease once taken never runs out.
struct Noon;

impl Clock for Noon {
    fn now(&self) -> sekisho_store::engine::Timestamp {
        sekisho_store::engine::Timestamp(1_767_225_600_000)
    }
}

fn open(path: &Path, change: impl FnOnce(&mut Options)) -> Result<Arc<SqliteEngine>, EngineError> {
    let mut options = Options::new(Arc::new(Noon));
    change(&mut options);
    SqliteEngine::open(path, options)
}

async fn migrated(change: impl FnOnce(&mut Options)) -> (TempDir, Arc<SqliteEngine>) {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(&file(&folder), change).unwrap();
    engine.migrate(STEPS, id(0)).await.unwrap();
    (folder, engine)
}

fn file(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("contract.db")
}

/// What is queued while another connection holds the write lock waits for one and the same commit.
fn while_locked<T>(folder: &TempDir, queue: impl FnOnce() -> T) -> T {
    let other = Connection::open(file(folder)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let queued = queue();
    other.execute_batch("ROLLBACK").unwrap();
    queued
}

async fn count(engine: &SqliteEngine, sql: &'static str) -> i64 {
    engine.read(Statement::new(sql, vec![])).await.unwrap().first().unwrap().int(0).unwrap()
}
