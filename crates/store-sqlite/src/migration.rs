//! Brings the schema up to date: each step once, in one transaction with the row that records it.

use std::thread::sleep;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use sekisho_store::engine::{Clock, EngineError, Migration};
use uuid::Uuid;

use crate::statement::fault;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS lease (name TEXT PRIMARY KEY, holder BLOB NOT NULL, until INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS schema_step (
        number INTEGER PRIMARY KEY, done_at INTEGER NOT NULL, min_compatible INTEGER NOT NULL);";
const NEWEST: &str = "SELECT max(number), max(min_compatible) FROM schema_step";
const DONE: &str = "SELECT 1 FROM schema_step WHERE number = ?1";
const RECORD: &str = "INSERT INTO schema_step (number, done_at, min_compatible) VALUES (?1, ?2, ?3)";
const TAKE: &str = "INSERT INTO lease (name, holder, until) VALUES ('schema', ?1, ?2)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE lease.until <= ?3";
const RENEW: &str = "UPDATE lease SET until = ?2 WHERE name = 'schema' AND holder = ?1";

/// Long enough for any one step, short enough to wait for when a node died with it.
const LEASE_SECONDS: i64 = 60;
const PAUSE: Duration = Duration::from_millis(50);
const LOOKS: usize = 1_800;

struct Runner<'a> {
    connection: &'a mut Connection,
    clock: &'a dyn Clock,
    holder: Uuid,
}

pub(crate) fn run(
    connection: &mut Connection,
    steps: &[Migration],
    holder: Uuid,
    clock: &dyn Clock,
) -> Result<(), EngineError> {
    let mut runner = Runner { connection, clock, holder };
    let known = steps.last().map_or(0, |step| step.number);
    if !runner.is_due(known)? {
        return Ok(());
    }
    for _ in 0..LOOKS {
        if runner.take()? {
            let ran = steps.iter().try_for_each(|step| runner.step(step));
            let released = runner.renew(0);
            return ran.and(released);
        }
        sleep(PAUSE);
        if !runner.is_due(known)? {
            return Ok(());
        }
    }
    Err(EngineError::Unavailable("another process has been changing the schema for too long".to_owned()))
}

impl Runner<'_> {
    /// Whether there is a step to run; refuses a schema that this program would misunderstand.
    fn is_due(&mut self, known: i64) -> Result<bool, EngineError> {
        self.connection.execute_batch(TABLES).map_err(|error| fault(&error, TABLES))?;
        let newest =
            |row: &rusqlite::Row<'_>| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?));
        let (found, compatible) =
            self.connection.query_row(NEWEST, [], newest).map_err(|error| fault(&error, NEWEST))?;
        let found = found.unwrap_or(0);
        if found > known && compatible.is_some_and(|oldest| oldest > known) {
            return Err(EngineError::NewerSchema { found, known });
        }
        Ok(found < known)
    }

    fn take(&mut self) -> Result<bool, EngineError> {
        let now = self.clock.now();
        let lease = params![self.holder.as_bytes(), now.plus_seconds(LEASE_SECONDS).0, now.0];
        let taken = self.connection.execute(TAKE, lease).map_err(|error| fault(&error, TAKE))?;
        Ok(taken == 1)
    }

    fn renew(&mut self, until: i64) -> Result<(), EngineError> {
        let lease = params![self.holder.as_bytes(), until];
        self.connection.execute(RENEW, lease).map(drop).map_err(|error| fault(&error, RENEW))
    }

    /// The record is looked for inside the transaction: a lease that ran out cannot run a step twice.
    fn step(&mut self, step: &Migration) -> Result<(), EngineError> {
        let now = self.clock.now();
        self.renew(now.plus_seconds(LEASE_SECONDS).0)?;
        let mut run = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if transaction.query_row(DONE, [step.number], |_| Ok(())).optional()?.is_some() {
                return Ok(());
            }
            for statement in step.statements {
                transaction.execute_batch(&with_types(statement))?;
            }
            transaction.execute(RECORD, params![step.number, now.0, step.min_compatible])?;
            transaction.commit()?;
            tracing::info!(schema.step = step.number, "schema step done");
            Ok(())
        };
        run().map_err(|error| fault(&error, &format!("schema step {}", step.number)))
    }
}

fn with_types(statement: &str) -> String {
    let types = [
        ("{bytes}", "BLOB"),
        ("{int}", "INTEGER"),
        ("{bool}", "INTEGER"),
        ("{text}", "TEXT"),
        ("{json}", "TEXT"),
        ("{absent}", ""),
    ];
    types.iter().fold(statement.to_owned(), |sql, (name, sort)| sql.replace(name, sort))
}
