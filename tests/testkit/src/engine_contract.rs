//! What every engine must do. `engine_contract!(make_engine)` makes one test of each rule; `make_engine`
//! is an async function that gives a [`Subject`] with an empty database of its own.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a rule that does not hold panics, and so fails its test"
)]

use std::any::Any;
use std::time::Duration;

use sekisho_store::engine::{
    EngineError, Guard, Migration, Row, Settled, SharedEngine, Statement, Unit, Value,
};
use tokio::task::JoinSet;
use uuid::Uuid;

const TASKS: u128 = 16;

/// An engine under test, and what must live as long as it does (a folder, a schema).
pub struct Subject {
    pub engine: SharedEngine,
    pub kept: Box<dyn Any + Send + Sync>,
}

/// Makes a test of each rule of the contract.
#[macro_export]
macro_rules! engine_contract {
    ($make:path) => {
        $crate::engine_contract!(@rules $make;
            insert_guard_has_one_winner
            update_guard_has_one_winner
            ended_parent_has_no_living_child
            lost_guard_writes_nothing
            rerun_of_a_unit_is_recognised
            losing_try_does_not_recognise_itself
            failing_write_takes_its_guards_back
            refused_unit_does_not_hurt_its_neighbours
            guard_on_two_rows_is_refused
            answered_commit_is_seen_by_every_read
            dropped_answer_does_not_drop_the_work
            each_step_runs_once
            schema_that_cannot_be_understood_is_refused
            values_come_back_as_they_went
            parameters_may_repeat_and_change_order
            statement_is_planned_without_running
        );
    };
    (@rules $make:path; $($rule:ident)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $rule() {
            $crate::engine_contract::$rule($make().await).await;
        })*
    };
}

pub const STEPS: &[Migration] = &[
    Migration {
        number: 1,
        min_compatible: 1,
        statements: &[
            "CREATE TABLE IF NOT EXISTS ticket (id {bytes} PRIMARY KEY, work {bytes} NOT NULL)",
            "CREATE TABLE IF NOT EXISTS family (id {bytes} PRIMARY KEY, gen {int} NOT NULL, ended {bool} NOT NULL)",
            "CREATE TABLE IF NOT EXISTS child (id {bytes} PRIMARY KEY, parent {bytes} NOT NULL, living {bool} NOT NULL)",
            "CREATE TABLE IF NOT EXISTS sample (id {int} PRIMARY KEY, number {int}, truth {bool}, words {text}, raw {bytes})",
            "CREATE TABLE IF NOT EXISTS ran (step {int} NOT NULL)",
        ],
    },
    Migration { number: 2, min_compatible: 1, statements: &["INSERT INTO ran (step) VALUES (2)"] },
    Migration { number: 3, min_compatible: 2, statements: &["INSERT INTO ran (step) VALUES (3)"] },
];

const TAKE_TICKET: &str = "INSERT INTO ticket (id, work) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const RECALL_TICKET: &str = "SELECT 1 FROM ticket WHERE id = $1 AND work = $2";
const TICKETS: &str = "SELECT id, work FROM ticket ORDER BY id";
const BEGIN_FAMILY: &str = "INSERT INTO family (id, gen, ended) VALUES ($1, 0, FALSE)";
const ROTATE: &str = "UPDATE family SET gen = gen + 1 WHERE id = $1 AND gen = $2 AND NOT ended";
const TOUCH: &str = "UPDATE family SET gen = gen + 1 WHERE id = $1 AND NOT ended";
const END: &str = "UPDATE family SET ended = TRUE WHERE id = $1 AND NOT ended";
const GENERATION: &str = "SELECT gen FROM family WHERE id = $1";
const BEAR: &str = "INSERT INTO child (id, parent, living) VALUES ($1, $2, TRUE)";
const END_CHILDREN: &str = "UPDATE child SET living = FALSE WHERE parent = $1";
const CHILDREN: &str = "SELECT living FROM child WHERE parent = $1";
const WRITE_SAMPLE: &str = "INSERT INTO sample (id, number, truth, words, raw) VALUES ($1, $2, $3, $4, $5)";
const SAMPLES: &str = "SELECT number, truth, words, raw FROM sample ORDER BY id";
const SAMPLE: &str = "SELECT number, truth, words, raw FROM sample WHERE id = $1";

pub async fn insert_guard_has_one_winner(subject: Subject) {
    let engine = ready(&subject).await;
    let outcomes = race(&engine, (0..TASKS).map(|n| ticket(id(n), 7))).await;
    assert_eq!(won(&outcomes), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Settled::Lost(0)).count(), 15);
    let tickets = read(&engine, TICKETS, vec![]).await;
    let winner = outcomes.iter().position(|outcome| *outcome == Settled::Won).unwrap();
    assert_eq!(tickets.len(), 1);
    assert_eq!(tickets.first().unwrap().id(1), Some(id(winner as u128)));
}

pub async fn update_guard_has_one_winner(subject: Subject) {
    let engine = ready(&subject).await;
    begin_family(&engine, id(7)).await;
    for generation in 0..3_i64 {
        let rotate = |n| guarded(n, ROTATE, vec![id(7).into(), generation.into()]);
        let outcomes = race(&engine, (0..TASKS).map(rotate)).await;
        assert_eq!(won(&outcomes), 1, "{outcomes:?}");
        let rows = read(&engine, GENERATION, vec![id(7).into()]).await;
        assert_eq!(rows.first().unwrap().int(0), Some(generation + 1));
    }
}

/// The write skew of DESIGN §5.4: a child that begins while its parent ends.
pub async fn ended_parent_has_no_living_child(subject: Subject) {
    let engine = ready(&subject).await;
    for round in 0..24 {
        let parent = id(1_000 + round);
        begin_family(&engine, parent).await;
        let child = |n| Unit {
            writes: vec![Statement::new(BEAR, vec![id(round * 100 + n).into(), parent.into()])],
            ..guarded(n, TOUCH, vec![parent.into()])
        };
        let end = Unit {
            writes: vec![Statement::new(END_CHILDREN, vec![parent.into()])],
            ..guarded(99, END, vec![parent.into()])
        };
        let units = (0..8).map(child).chain([end]).chain((8..TASKS).map(child));
        let outcomes = race(&engine, units).await;
        let children = read(&engine, CHILDREN, vec![parent.into()]).await;
        assert_eq!(children.len() + 1, won(&outcomes), "a child per winner, and the end");
        assert!(children.iter().all(|row| row.bool(0) == Some(false)), "a child outlived its parent");
    }
}

pub async fn lost_guard_writes_nothing(subject: Subject) {
    let engine = ready(&subject).await;
    let mut unit = ticket(id(1), 1);
    unit.guards.push(Guard::new(Statement::new(TOUCH, vec![id(404).into()])));
    unit.writes.push(sample(1, Value::Null, Value::Null, Value::Null, Value::Null));
    assert_eq!(engine.commit(unit).await.unwrap(), Settled::Lost(1));
    assert!(read(&engine, TICKETS, vec![]).await.is_empty());
    assert!(read(&engine, SAMPLES, vec![]).await.is_empty());
}

pub async fn rerun_of_a_unit_is_recognised(subject: Subject) {
    let engine = ready(&subject).await;
    let mut unit = ticket(id(1), 1);
    unit.writes.push(sample(1, Value::Null, Value::Null, Value::Null, Value::Null));
    assert_eq!(engine.commit(unit.clone()).await.unwrap(), Settled::Won);
    assert_eq!(engine.commit(unit).await.unwrap(), Settled::Won);
    assert_eq!(engine.commit(ticket(id(2), 1)).await.unwrap(), Settled::Lost(0));
    assert_eq!(read(&engine, SAMPLES, vec![]).await.len(), 1);
}

pub async fn losing_try_does_not_recognise_itself(subject: Subject) {
    let engine = ready(&subject).await;
    let mut unit = ticket(id(1), 1);
    unit.guards.push(Guard::new(Statement::new(TOUCH, vec![id(404).into()])));
    assert_eq!(engine.commit(unit.clone()).await.unwrap(), Settled::Lost(1));
    assert_eq!(engine.commit(unit).await.unwrap(), Settled::Lost(1));
}

pub async fn failing_write_takes_its_guards_back(subject: Subject) {
    let engine = ready(&subject).await;
    begin_family(&engine, id(7)).await;
    let mut unit = ticket(id(1), 1);
    unit.writes.push(Statement::new(BEGIN_FAMILY, vec![id(7).into()]));
    assert!(matches!(engine.commit(unit).await, Err(EngineError::Refused(_))));
    assert!(read(&engine, TICKETS, vec![]).await.is_empty());
    assert_eq!(engine.commit(ticket(id(2), 1)).await.unwrap(), Settled::Won);
}

pub async fn refused_unit_does_not_hurt_its_neighbours(subject: Subject) {
    let engine = ready(&subject).await;
    begin_family(&engine, id(7)).await;
    let commits: Vec<_> = (0..TASKS)
        .map(|n| {
            let mut unit = ticket(id(n), n);
            if n % 4 == 0 {
                unit.writes.push(Statement::new(BEGIN_FAMILY, vec![id(7).into()]));
            }
            engine.commit(unit)
        })
        .collect();
    for (n, commit) in commits.into_iter().enumerate() {
        let outcome = commit.await;
        assert_eq!(outcome.is_err(), n % 4 == 0, "unit {n}: {outcome:?}");
    }
    assert_eq!(read(&engine, TICKETS, vec![]).await.len(), 12);
}

pub async fn guard_on_two_rows_is_refused(subject: Subject) {
    let engine = ready(&subject).await;
    begin_family(&engine, id(1)).await;
    begin_family(&engine, id(2)).await;
    let both = guarded(3, "UPDATE family SET gen = gen + 1", vec![]);
    assert!(matches!(engine.commit(both).await, Err(EngineError::Refused(_))));
    let rows = read(&engine, GENERATION, vec![id(1).into()]).await;
    assert_eq!(rows.first().unwrap().int(0), Some(0));
}

pub async fn answered_commit_is_seen_by_every_read(subject: Subject) {
    let engine = ready(&subject).await;
    for n in 1..=64 {
        assert_eq!(engine.commit(ticket(id(n), n)).await.unwrap(), Settled::Won);
        let mut readers = JoinSet::new();
        for _ in 0..4 {
            readers.spawn(engine.read(Statement::new(TICKETS, vec![])));
        }
        for seen in readers.join_all().await {
            assert_eq!(seen.unwrap().len() as u128, n);
        }
    }
}

pub async fn dropped_answer_does_not_drop_the_work(subject: Subject) {
    let engine = ready(&subject).await;
    drop(engine.commit(ticket(id(1), 1)));
    let committed = async { while read(&engine, TICKETS, vec![]).await.is_empty() {} };
    tokio::time::timeout(Duration::from_secs(30), committed).await.unwrap();
}

pub async fn each_step_runs_once(subject: Subject) {
    let mut nodes = JoinSet::new();
    for n in 0..8 {
        nodes.spawn(subject.engine.migrate(STEPS, id(n)));
    }
    for migrated in nodes.join_all().await {
        migrated.unwrap();
    }
    subject.engine.migrate(STEPS, id(9)).await.unwrap();
    let ran = read(&subject.engine, "SELECT step FROM ran ORDER BY step", vec![]).await;
    assert_eq!(ran.iter().map(|row| row.int(0)).collect::<Vec<_>>(), [Some(2), Some(3)]);
    let recorded = "SELECT number, min_compatible FROM schema_step ORDER BY number";
    let steps = read(&subject.engine, recorded, vec![]).await;
    let steps: Vec<_> = steps.iter().map(|row| (row.int(0), row.int(1))).collect();
    assert_eq!(steps, [(Some(1), Some(1)), (Some(2), Some(1)), (Some(3), Some(2))]);
}

pub async fn schema_that_cannot_be_understood_is_refused(subject: Subject) {
    let engine = ready(&subject).await;
    let step = |number: i64, compatible: i64| Unit {
        writes: vec![Statement::new(
            "INSERT INTO schema_step (number, done_at, min_compatible) VALUES ($1, 0, $2)",
            vec![number.into(), compatible.into()],
        )],
        ..unguarded(1)
    };
    assert_eq!(engine.commit(step(4, 3)).await.unwrap(), Settled::Won);
    engine.migrate(STEPS, id(1)).await.unwrap();
    assert_eq!(engine.commit(step(5, 4)).await.unwrap(), Settled::Won);
    let refused = engine.migrate(STEPS, id(1)).await;
    assert!(matches!(refused, Err(EngineError::NewerSchema { found: 5, known: 3 })), "{refused:?}");
}

pub async fn values_come_back_as_they_went(subject: Subject) {
    let engine = ready(&subject).await;
    let text = |text: &str| Value::from(text);
    let cases = [
        (Value::Null, Value::Null, Value::Null, Value::Null),
        (Value::Int(0), false.into(), text(""), vec![].into()),
        (Value::Int(i64::MAX), true.into(), text("$1 '' ? ?2 関所\n"), vec![0, 255, 0].into()),
        (Value::Int(i64::MIN), true.into(), text("NULL"), id(u128::MAX).into()),
    ];
    for (n, (number, truth, words, raw)) in (0_i64..).zip(cases) {
        let (n, columns) = (n + 1, [number.clone(), truth.clone(), words.clone(), raw.clone()]);
        let unit = Unit { writes: vec![sample(n, number, truth, words, raw)], ..unguarded(1) };
        assert_eq!(engine.commit(unit).await.unwrap(), Settled::Won);
        let rows = read(&engine, SAMPLE, vec![n.into()]).await;
        let row = rows.first().unwrap();
        let [number, truth, words, raw] = columns;
        assert_eq!((row.0.first(), row.0.get(2), row.0.get(3)), (Some(&number), Some(&words), Some(&raw)));
        assert_eq!(row.bool(1), Row(vec![truth]).bool(0), "case {n}");
    }
}

pub async fn parameters_may_repeat_and_change_order(subject: Subject) {
    let engine = ready(&subject).await;
    let unit = Unit {
        writes: vec![sample(5, Value::Int(6), Value::Null, "$1".into(), Value::Null)],
        ..unguarded(1)
    };
    assert_eq!(engine.commit(unit).await.unwrap(), Settled::Won);
    let sql = "SELECT id FROM sample WHERE words = '$1' AND number = $2 AND id = $1 AND id <> $2";
    let rows = read(&engine, sql, vec![5.into(), 6.into()]).await;
    assert_eq!(rows.first().unwrap().int(0), Some(5));
    let short = engine.read(Statement::new(SAMPLE, vec![])).await;
    assert!(matches!(short, Err(EngineError::Refused(_))));
    let long = engine.read(Statement::new(SAMPLE, vec![5.into(), 6.into()])).await;
    assert!(matches!(long, Err(EngineError::Refused(_))));
}

pub async fn statement_is_planned_without_running(subject: Subject) {
    let engine = ready(&subject).await;
    engine.prepare("INSERT INTO ran (step) VALUES ($1)").await.unwrap();
    let unknown = engine.prepare("SELECT nothing FROM nowhere").await;
    assert!(matches!(unknown, Err(EngineError::Refused(_))));
    assert_eq!(read(&engine, "SELECT step FROM ran", vec![]).await.len(), 2);
}

async fn ready(subject: &Subject) -> SharedEngine {
    subject.engine.migrate(STEPS, id(0)).await.unwrap();
    subject.engine.clone()
}

/// Lets the units race, and gives their outcomes in the order of the units.
async fn race(engine: &SharedEngine, units: impl Iterator<Item = Unit>) -> Vec<Settled> {
    let tasks: Vec<_> = units
        .map(|unit| {
            let engine = engine.clone();
            tokio::spawn(async move { engine.commit(unit).await.unwrap() })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

async fn read(engine: &SharedEngine, sql: &'static str, parameters: Vec<Value>) -> Vec<Row> {
    engine.read(Statement::new(sql, parameters)).await.unwrap()
}

async fn begin_family(engine: &SharedEngine, family: Uuid) {
    let unit = Unit { writes: vec![Statement::new(BEGIN_FAMILY, vec![family.into()])], ..unguarded(0) };
    assert_eq!(engine.commit(unit).await.unwrap(), Settled::Won);
}

fn won(outcomes: &[Settled]) -> usize {
    outcomes.iter().filter(|outcome| **outcome == Settled::Won).count()
}

/// A unit that takes the ticket `n`, once, and recognises that it has.
pub fn ticket(work: Uuid, n: u128) -> Unit {
    let parameters: Vec<Value> = vec![id(n).into(), work.into()];
    let recall = Statement::new(RECALL_TICKET, parameters.clone());
    let guard = Guard::new(Statement::new(TAKE_TICKET, parameters)).recalled_by(recall);
    Unit { id: work, guards: vec![guard], writes: Vec::new() }
}

/// A statement that writes a row of `sample`.
pub fn sample(n: i64, number: Value, truth: Value, words: Value, raw: Value) -> Statement {
    Statement::new(WRITE_SAMPLE, vec![n.into(), number, truth, words, raw])
}

/// A unit with this guard, which cannot recognise itself, and no writes.
pub fn guarded(n: u128, sql: &'static str, parameters: Vec<Value>) -> Unit {
    Unit { guards: vec![Guard::new(Statement::new(sql, parameters))], ..unguarded(n) }
}

/// A unit of nothing.
pub fn unguarded(n: u128) -> Unit {
    Unit { id: id(n), guards: Vec::new(), writes: Vec::new() }
}

/// The id with this number.
pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}
