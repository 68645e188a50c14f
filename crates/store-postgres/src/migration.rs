//! Brings the schema up to date under a lease row. Each statement commits by itself: CockroachDB has no
//! transactional DDL, and `CREATE INDEX CONCURRENTLY` wants none.

use std::pin::pin;
use std::time::Duration;

use sekisho_store::engine::{EngineError, Migration};
use tokio::time::sleep;
use tokio_postgres::Client;
use tokio_postgres::error::{Error, SqlState};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::Shared;
use crate::connection::{Trouble, describe, trouble};

const TABLES: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS lease (name TEXT PRIMARY KEY, holder BYTEA NOT NULL, until BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS schema_step (
        number BIGINT PRIMARY KEY, done_at BIGINT NOT NULL, min_compatible BIGINT NOT NULL)",
];
const NEWEST: &str = "SELECT max(number), max(min_compatible) FROM schema_step";
const RECORD: &str = "INSERT INTO schema_step (number, done_at, min_compatible) VALUES ($1, $2, $3)";
const TAKE: &str = "INSERT INTO lease (name, holder, until) VALUES ('schema', $1, $2)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE lease.until <= $3";
const RENEW: &str = "UPDATE lease SET until = $2 WHERE name = 'schema' AND holder = $1";

/// Renewed while a step runs; as long as the others wait when a node died with it.
const LEASE_SECONDS: i64 = 60;
const RENEWAL: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(50);
const LOOKS: usize = 1_800;

struct Runner<'a> {
    shared: &'a Shared,
    client: Client,
    holder: Uuid,
}

pub(crate) async fn run(shared: &Shared, steps: &[Migration], holder: Uuid) -> Result<(), EngineError> {
    let runner = Runner { shared, client: shared.own_client().await?, holder };
    let known = steps.last().map_or(0, |step| step.number);
    runner.make_tables().await?;
    for _ in 0..LOOKS {
        if runner.newest(known).await? >= known {
            return Ok(());
        }
        if runner.take().await? {
            let ran = runner.steps(steps, known).await;
            let released = runner.extend(&runner.client, 0).await;
            return ran.and(released);
        }
        sleep(PAUSE).await;
    }
    Err(EngineError::Unavailable("another node has been changing the schema for too long".to_owned()))
}

impl Runner<'_> {
    /// Two that make the same table at once: one of them is told that it is there already, or in
    /// the catalogue's own words that a key is taken.
    async fn make_tables(&self) -> Result<(), EngineError> {
        let there = [SqlState::UNIQUE_VIOLATION, SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT];
        for table in TABLES {
            match self.client.batch_execute(table).await {
                Err(error) if !error.code().is_some_and(|code| there.contains(code)) => {
                    return Err(failed(&error, table));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The newest step; refuses a schema that this program would misunderstand.
    async fn newest(&self, known: i64) -> Result<i64, EngineError> {
        let row = self.client.query_one(NEWEST, &[]).await.map_err(|error| failed(&error, NEWEST))?;
        let found = row.get::<_, Option<i64>>(0).unwrap_or(0);
        let oldest = row.get::<_, Option<i64>>(1).unwrap_or(0);
        if found > known && oldest > known {
            return Err(EngineError::NewerSchema { found, known });
        }
        Ok(found)
    }

    async fn take(&self) -> Result<bool, EngineError> {
        let now = self.shared.options.clock.now();
        let until = now.plus_seconds(LEASE_SECONDS).0;
        let lease: [&(dyn ToSql + Sync); 3] = [&self.holder.as_bytes().as_slice(), &until, &now.0];
        self.client.execute(TAKE, &lease).await.map(|taken| taken == 1).map_err(|error| failed(&error, TAKE))
    }

    async fn steps(&self, steps: &[Migration], known: i64) -> Result<(), EngineError> {
        let done = self.newest(known).await?;
        let renewing = self.shared.own_client().await?;
        for step in steps.iter().filter(|step| step.number > done) {
            let mut running = pin!(self.step(step));
            loop {
                tokio::select! {
                    ran = &mut running => break ran?,
                    () = sleep(RENEWAL) => self.renew(&renewing).await?,
                }
            }
        }
        Ok(())
    }

    async fn step(&self, step: &Migration) -> Result<(), EngineError> {
        self.renew(&self.client).await?;
        for statement in step.statements {
            let sql = with_types(statement);
            self.client.batch_execute(&sql).await.map_err(|error| failed(&error, &sql))?;
        }
        let now = self.shared.options.clock.now().0;
        let record: [&(dyn ToSql + Sync); 3] = [&step.number, &now, &step.min_compatible];
        self.client.execute(RECORD, &record).await.map_err(|error| failed(&error, RECORD))?;
        tracing::info!(schema.step = step.number, "schema step done");
        Ok(())
    }

    async fn renew(&self, client: &Client) -> Result<(), EngineError> {
        let until = self.shared.options.clock.now().plus_seconds(LEASE_SECONDS).0;
        self.extend(client, until).await
    }

    async fn extend(&self, client: &Client, until: i64) -> Result<(), EngineError> {
        let lease: [&(dyn ToSql + Sync); 2] = [&self.holder.as_bytes().as_slice(), &until];
        match client.execute(RENEW, &lease).await {
            Ok(1) => Ok(()),
            Ok(_) => Err(EngineError::Unavailable("another node took the schema lease over".to_owned())),
            Err(error) => Err(failed(&error, RENEW)),
        }
    }
}

fn failed(error: &Error, sql: &str) -> EngineError {
    match trouble(error, sql) {
        Trouble::Again(_) | Trouble::Doubt(_) => EngineError::Unavailable(describe(error)),
        Trouble::Ends(error) => error,
    }
}

fn with_types(statement: &str) -> String {
    let types = [
        ("{bytes}", "BYTEA"),
        ("{int}", "BIGINT"),
        ("{bool}", "BOOLEAN"),
        ("{text}", "TEXT"),
        ("{json}", "JSON"),
        ("{absent}", "IF NOT EXISTS"),
    ];
    types.iter().fold(statement.to_owned(), |sql, (name, sort)| sql.replace(name, sort))
}
