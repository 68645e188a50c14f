//! Commits units, and reads, again and again until the database has settled them.

use std::time::Duration;

use deadpool_postgres::Object;
use sekisho_store::engine::{EngineError, NOTIFY, Row, Settled, Statement, Unit};
use tokio::time::sleep;

use crate::connection::{Trouble, trouble, trouble_at_commit};
use crate::statement::{Sent, pipeline, prepare, rows};
use crate::{Faults, Shared, statement};

/// How often a unit or a read is run before it is given up: for about a second in all.
const TRIES: u32 = 10;

/// The server's own serialization failure, raised where COMMIT would have been.
const CONFLICT: &str = "DO $$ BEGIN RAISE EXCEPTION 'ordered by a test' USING ERRCODE = '40001'; END $$";

/// Runs the unit until it is settled. A COMMIT whose answer was lost is run again where a guard can
/// recognise the unit; its guards wait for whatever the lost try is still doing.
pub(crate) async fn commit(shared: &Shared, unit: &Unit) -> Result<Settled, EngineError> {
    let mut doubt = false;
    let mut last = String::new();
    for tries in 0..TRIES {
        pause(tries).await;
        match attempt(shared, unit).await {
            Ok(settled) if doubt => return Ok(after_doubt(unit, settled)),
            Ok(settled) => return Ok(settled),
            Err(Trouble::Again(text)) => last = text,
            Err(Trouble::Doubt(_)) if unit.guards.iter().all(|guard| guard.recall.is_none()) => {
                return Ok(Settled::Unknown);
            }
            Err(Trouble::Doubt(text)) => (doubt, last) = (true, text),
            Err(Trouble::Ends(_)) if doubt => return Ok(Settled::Unknown),
            Err(Trouble::Ends(error)) => return Err(error),
        }
    }
    if doubt { Ok(Settled::Unknown) } else { Err(EngineError::Unavailable(last)) }
}

/// Reads until there is an answer.
pub(crate) async fn read(shared: &Shared, statement: &Statement) -> Result<Vec<Row>, EngineError> {
    let mut last = String::new();
    for tries in 0..TRIES {
        pause(tries).await;
        let answer = match shared.client().await {
            Ok(client) => rows(&client, statement).await,
            Err(trouble) => Err(trouble),
        };
        match answer {
            Ok(rows) => return Ok(rows),
            Err(Trouble::Again(text) | Trouble::Doubt(text)) => last = text,
            Err(Trouble::Ends(error)) => return Err(error),
        }
    }
    Err(EngineError::Unavailable(last))
}

/// Plans a statement, without running it.
pub(crate) async fn plan(shared: &Shared, sql: &str) -> Result<(), EngineError> {
    let planned = match shared.client().await {
        Ok(client) => statement::plan(&client, sql).await,
        Err(trouble) => Err(trouble),
    };
    planned.map_err(|trouble| match trouble {
        Trouble::Again(text) | Trouble::Doubt(text) => EngineError::Unavailable(text),
        Trouble::Ends(error) => error,
    })
}

/// Units that met are let apart: 0, 2, 4, 8, … 250 ms.
async fn pause(tries: u32) {
    if tries > 0 {
        sleep(Duration::from_millis((1 << tries).min(250))).await;
    }
}

/// A guard that cannot recognise its unit may have been lost to that very unit.
fn after_doubt(unit: &Unit, settled: Settled) -> Settled {
    match settled {
        Settled::Lost(index) if unit.guards.get(index).is_none_or(|guard| guard.recall.is_none()) => {
            Settled::Unknown
        }
        settled => settled,
    }
}

async fn attempt(shared: &Shared, unit: &Unit) -> Result<Settled, Trouble> {
    let client = shared.client().await?;
    let settled = run(shared, &client, unit).await;
    if settled.is_err() && client.batch_execute("ROLLBACK").await.is_err() {
        // Nobody else gets a connection in a state that we do not know.
        drop(Object::take(client));
    }
    settled
}

async fn run(shared: &Shared, client: &Object, unit: &Unit) -> Result<Settled, Trouble> {
    let told = |write: &&Statement| shared.options.notify || write.sql != NOTIFY;
    let mut guards = prepare(client, unit.guards.iter().map(|guard| &guard.statement).collect()).await?;
    let mut writes = prepare(client, unit.writes.iter().filter(told).collect()).await?;

    guards.insert(0, Sent::Say("BEGIN"));
    if let Some(index) = lost_guard(client, &guards).await? {
        return lost(client, unit, index).await;
    }
    if Faults::take(&shared.options.faults.conflicts) {
        writes.push(Sent::Say(CONFLICT));
    }
    if Faults::take(&shared.options.faults.lost_commits) {
        return Err(Trouble::Doubt("ordered by a test".to_owned()));
    }
    writes.push(Sent::Say("COMMIT"));
    for (answer, sent) in pipeline(client, &writes).await.into_iter().zip(&writes) {
        answer.map_err(|error| trouble_at_commit(&error, sent.sql()))?;
    }
    if Faults::take(&shared.options.faults.lost_answers) {
        return Err(Trouble::Doubt("ordered by a test".to_owned()));
    }
    Ok(Settled::Won)
}

/// The first guard that touched no row. The first place is BEGIN.
async fn lost_guard(client: &Object, guards: &[Sent<'_>]) -> Result<Option<usize>, Trouble> {
    let mut lost = None;
    for (place, (answer, sent)) in pipeline(client, guards).await.into_iter().zip(guards).enumerate() {
        let touched = answer.map_err(|error| trouble(&error, sent.sql()))?;
        let Some(index) = place.checked_sub(1) else { continue };
        match touched {
            1 => {}
            0 => lost = lost.or(Some(index)),
            rows => {
                let text = format!("a guard touched {rows} rows ({})", sent.sql());
                return Err(Trouble::Ends(EngineError::Refused(text)));
            }
        }
    }
    Ok(lost)
}

/// The unit's own rows are gone before anything is recalled, or it would recognise this very try.
async fn lost(client: &Object, unit: &Unit, index: usize) -> Result<Settled, Trouble> {
    client.batch_execute("ROLLBACK").await.map_err(|error| trouble(&error, "ROLLBACK"))?;
    for recall in unit.guards.iter().filter_map(|guard| guard.recall.as_ref()) {
        if !rows(client, recall).await?.is_empty() {
            return Ok(Settled::Won);
        }
    }
    Ok(Settled::Lost(index))
}

#[cfg(test)]
mod tests {
    use sekisho_store::engine::Guard;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn after_a_lost_answer_only_a_guard_that_recalls_can_say_lost() {
        let statement = || Statement::new("SELECT 1", vec![]);
        let guards = vec![Guard::new(statement()), Guard::new(statement()).recalled_by(statement())];
        let unit = Unit { id: Uuid::nil(), guards, writes: vec![] };
        let cases = [
            (Settled::Won, Settled::Won),
            (Settled::Lost(0), Settled::Unknown),
            (Settled::Lost(1), Settled::Lost(1)),
            (Settled::Lost(2), Settled::Unknown),
        ];
        for (settled, expected) in cases {
            assert_eq!(after_doubt(&unit, settled), expected, "{settled:?}");
        }
    }
}
