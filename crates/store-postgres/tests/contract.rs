//! The engine contract on PostgreSQL, and what only a server can do: lose answers, break connections,
//! tell other nodes. `SEKISHO_TEST_POSTGRES` is the URL of a database in which the tests may make
//! schemas, one of their own each.
#![cfg(feature = "postgres-tests")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use sekisho_store::engine::{
    Clock, Engine, EngineError, Hint, Settled, SharedEngine, Statement, Timestamp, Unit, Value,
};
use sekisho_store_postgres::{Faults, Options, PostgresEngine};
use sekisho_testkit::engine_contract::{STEPS, Subject, guarded, id, sample, ticket, unguarded};
use sekisho_testkit::store_contract::Faulty;
use tokio_postgres::{Client, NoTls};

sekisho_testkit::engine_contract!(make_engine);
sekisho_testkit::store_contract!(make_engine, make_faulty);

async fn make_engine() -> Subject {
    let engine = PostgresEngine::connect(&schema().await, options()).await.unwrap();
    Subject { engine, kept: Box::new(()) }
}

async fn make_faulty() -> Faulty {
    let options = options();
    let [conflicts, lost_answers] = [Arc::clone(&options.faults), Arc::clone(&options.faults)];
    let engine = PostgresEngine::connect(&schema().await, options).await.unwrap();
    Faulty {
        subject: Subject { engine, kept: Box::new(()) },
        conflicts: Box::new(move |times| conflicts.conflicts.store(times, Ordering::Relaxed)),
        lost_answers: Box::new(move |times| lost_answers.lost_answers.store(times, Ordering::Relaxed)),
    }
}

#[tokio::test]
async fn serialization_failures_are_run_again() {
    let (engine, faults) = migrated().await;
    faults.conflicts.store(5, Ordering::Relaxed);
    assert_eq!(engine.commit(with_sample(ticket(id(1), 1), 1)).await.unwrap(), Settled::Won);
    assert_eq!(left(&faults.conflicts), 0);
    assert_eq!(samples(&engine).await, 1);
}

#[tokio::test]
async fn serialization_failures_without_end_are_given_up() {
    let (engine, faults) = migrated().await;
    faults.conflicts.store(1_000, Ordering::Relaxed);
    let outcome = engine.commit(with_sample(ticket(id(1), 1), 1)).await;
    assert!(matches!(&outcome, Err(EngineError::Unavailable(text)) if text.contains("40001")), "{outcome:?}");
    faults.conflicts.store(0, Ordering::Relaxed);
    assert_eq!(samples(&engine).await, 0);
}

#[tokio::test]
async fn commit_whose_answer_is_lost_is_recognised() {
    let (engine, faults) = migrated().await;
    faults.lost_answers.store(1, Ordering::Relaxed);
    assert_eq!(engine.commit(with_sample(ticket(id(1), 1), 1)).await.unwrap(), Settled::Won);
    assert_eq!(left(&faults.lost_answers), 0);
    assert_eq!(samples(&engine).await, 1);
}

#[tokio::test]
async fn commit_that_was_lost_is_run_again() {
    let (engine, faults) = migrated().await;
    faults.lost_commits.store(1, Ordering::Relaxed);
    assert_eq!(engine.commit(with_sample(ticket(id(1), 1), 1)).await.unwrap(), Settled::Won);
    assert_eq!(left(&faults.lost_commits), 0);
    assert_eq!(samples(&engine).await, 1);
}

#[tokio::test]
async fn unit_that_cannot_recognise_itself_ends_unknown() {
    let (engine, faults) = migrated().await;
    faults.lost_answers.store(1, Ordering::Relaxed);
    assert_eq!(engine.commit(with_sample(unguarded(1), 1)).await.unwrap(), Settled::Unknown);
    faults.lost_answers.store(1, Ordering::Relaxed);
    assert_eq!(engine.commit(deletes_sample()).await.unwrap(), Settled::Unknown);
    assert_eq!(samples(&engine).await, 0, "written once, deleted once");
}

#[tokio::test]
async fn any_guard_of_a_unit_may_recognise_it() {
    let (engine, faults) = migrated().await;
    assert_eq!(engine.commit(with_sample(unguarded(1), 1)).await.unwrap(), Settled::Won);
    let mut unit = deletes_sample();
    unit.guards.extend(ticket(unit.id, 1).guards);
    faults.lost_answers.store(1, Ordering::Relaxed);
    assert_eq!(engine.commit(unit).await.unwrap(), Settled::Won);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn race_has_one_winner_whatever_breaks() {
    let (engine, faults) = migrated().await;
    for round in 0..8_u128 {
        faults.conflicts.store(12, Ordering::Relaxed);
        faults.lost_answers.store(2, Ordering::Relaxed);
        faults.lost_commits.store(2, Ordering::Relaxed);
        let commits: Vec<_> =
            (0..16).map(|n| engine.commit(ticket(id(round * 100 + n), 1_000 + round))).collect();
        let mut won = 0;
        for commit in commits {
            won += usize::from(commit.await.unwrap() == Settled::Won);
        }
        assert_eq!(won, 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn broken_connections_are_replaced() {
    let (engine, _faults) = migrated().await;
    let administrator = administrator().await;
    for round in 0..4 {
        engine.read(Statement::new("SELECT 1", vec![])).await.unwrap();
        let commits: Vec<_> =
            (0..64).map(|n| engine.commit(ticket(id(round * 100 + n), round * 100 + n))).collect();
        let broken = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
        assert!(!administrator.query(broken, &[&name()]).await.unwrap().is_empty());
        for commit in commits {
            assert_eq!(commit.await.unwrap(), Settled::Won);
        }
    }
    let tickets = engine.read(Statement::new("SELECT id FROM ticket", vec![])).await.unwrap();
    assert_eq!(tickets.len(), 4 * 64);
}

#[tokio::test]
async fn hints_reach_other_nodes() {
    let url = schema().await;
    let writing = PostgresEngine::connect(&url, options()).await.unwrap();
    let hearing = PostgresEngine::connect(&url, options()).await.unwrap();
    let realm = uuid::Uuid::from_u64_pair(u64::from(std::process::id()), 7);
    let heard = async {
        // LISTEN has its own connection and no answer: say it until it is heard.
        loop {
            let unit = Unit { writes: vec![Hint::Realm(realm).statement()], ..unguarded(1) };
            assert_eq!(writing.commit(unit).await.unwrap(), Settled::Won);
            let hint = tokio::time::timeout(Duration::from_millis(100), hearing.changes()).await;
            if hint == Ok(Hint::Realm(realm)) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), heard).await.unwrap();
}

#[tokio::test]
async fn without_notify_hints_are_passed_over() {
    let url = schema().await;
    let engine = PostgresEngine::connect(&url, Options { notify: false, ..options() }).await.unwrap();
    engine.migrate(STEPS, id(0)).await.unwrap();
    let mut unit = with_sample(unguarded(1), 1);
    unit.writes.push(Statement::new(sekisho_store::engine::NOTIFY, vec![]));
    assert_eq!(engine.commit(unit).await.unwrap(), Settled::Won);
}

#[tokio::test]
async fn lease_of_a_dead_node_runs_out() {
    let url = schema().await;
    let clock = Arc::new(Ticking(AtomicI64::new(0)));
    let engine = PostgresEngine::connect(&url, Options::new(clock)).await.unwrap();
    engine.migrate(&STEPS[..1], id(1)).await.unwrap();
    let dead = "UPDATE lease SET holder = $1, until = 300000 WHERE name = $2";
    let unit = guarded(1, dead, vec![id(99).into(), "schema".into()]);
    assert_eq!(engine.commit(unit).await.unwrap(), Settled::Won);
    engine.migrate(STEPS, id(1)).await.unwrap();
    let steps = engine.read(Statement::new("SELECT number FROM schema_step", vec![])).await.unwrap();
    assert_eq!(steps.len(), 3);
}

#[tokio::test]
async fn types_that_are_not_portable_are_refused() {
    let (engine, _faults) = migrated().await;
    for sql in ["SELECT sum(number) FROM sample", "SELECT now()", "SELECT $1::uuid"] {
        let refused = engine.prepare(sql).await;
        assert!(matches!(refused, Err(EngineError::Refused(_))), "{sql}");
    }
}

#[tokio::test]
async fn errors_quote_no_values() {
    let (engine, _faults) = migrated().await;
    let secret = |n| Unit {
        writes: vec![sample(n, Value::Null, Value::Null, "not for the log".into(), Value::Null)],
        ..unguarded(1)
    };
    assert_eq!(engine.commit(secret(4242)).await.unwrap(), Settled::Won);
    let error = engine.commit(secret(4242)).await.unwrap_err().to_string();
    assert!(error.contains("23505") && !error.contains("4242") && !error.contains("not for"), "{error}");
}

#[tokio::test]
async fn tls_that_we_cannot_speak_is_refused_in_words() {
    let error =
        PostgresEngine::connect("postgres://a:secret@localhost/b?sslmode=require", options()).await.map(drop);
    let text = error.unwrap_err().to_string();
    assert!(text.contains("sslmode=require") && !text.contains("secret"), "{text}");
}

#[tokio::test]
async fn server_that_is_not_there_is_named() {
    let error = PostgresEngine::connect("postgres://a:secret@127.0.0.1:1/b", options()).await.map(drop);
    let text = error.unwrap_err().to_string();
    assert!(text.contains("127.0.0.1") && !text.contains("secret"), "{text}");
}

/// A clock that moves on by a minute whenever somebody looks.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(60_000, Ordering::Relaxed))
    }
}

/// A clock that stands still: a lease once taken never runs out.
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp(1_767_225_600_000)
    }
}

fn options() -> Options {
    Options::new(Arc::new(Noon))
}

async fn migrated() -> (SharedEngine, Arc<Faults>) {
    let options = options();
    let faults = Arc::clone(&options.faults);
    let engine = PostgresEngine::connect(&schema().await, options).await.unwrap();
    engine.migrate(STEPS, id(0)).await.unwrap();
    (engine, faults)
}

/// The URL of an empty schema for the test that runs on this thread.
async fn schema() -> String {
    let name = name();
    let make = format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}");
    administrator().await.batch_execute(&make).await.unwrap();
    let url = server();
    let more = if url.contains('?') { '&' } else { '?' };
    format!("{url}{more}application_name={name}&options=-c%20search_path%3D{name}")
}

async fn administrator() -> Client {
    let (client, connection) = tokio_postgres::connect(&server(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

fn server() -> String {
    std::env::var("SEKISHO_TEST_POSTGRES").expect("SEKISHO_TEST_POSTGRES is the URL of a test database")
}

/// The thread of a test has its name; PostgreSQL cuts names after 63 bytes.
fn name() -> String {
    let thread = std::thread::current();
    let test = thread.name().unwrap().rsplit("::").next().unwrap().to_owned();
    format!("t_{}", &test[..test.len().min(60)])
}

/// A unit that can win once, and cannot say whether it has.
fn deletes_sample() -> Unit {
    guarded(2, "DELETE FROM sample WHERE id = $1", vec![1.into()])
}

fn with_sample(mut unit: Unit, n: i64) -> Unit {
    unit.writes.push(sample(n, Value::Null, Value::Null, Value::Null, Value::Null));
    unit
}

async fn samples(engine: &SharedEngine) -> usize {
    engine.read(Statement::new("SELECT id FROM sample", vec![])).await.unwrap().len()
}

fn left(fault: &AtomicUsize) -> usize {
    fault.load(Ordering::Relaxed)
}
