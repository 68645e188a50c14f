//! Runs one statement of the shared dialect on a connection.
//!
//! `$1` is a *named* parameter to SQLite, numbered in order of appearance. Its name says which value
//! it takes, so the SQL stays as it is and nothing in a quoted string is mistaken for a parameter.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, Error, ErrorCode};
use sekisho_store::engine::{EngineError, Row, Statement, Value};

/// How many rows the statement touched, or answered when it only reads.
pub(crate) fn touch(connection: &Connection, statement: &Statement) -> Result<u64, EngineError> {
    let run = || {
        let mut prepared = bound(connection, statement)?;
        let mut answered = 0;
        let mut rows = prepared.raw_query();
        while rows.next()?.is_some() {
            answered += 1;
        }
        drop(rows);
        Ok(if prepared.readonly() { answered } else { connection.changes() })
    };
    run().map_err(|error| fault(&error, statement.sql))
}

/// The rows the statement answers.
pub(crate) fn rows(connection: &Connection, statement: &Statement) -> Result<Vec<Row>, EngineError> {
    let run = || {
        let mut prepared = bound(connection, statement)?;
        let columns = prepared.column_count();
        let mut rows = prepared.raw_query();
        let mut answer = Vec::new();
        while let Some(row) = rows.next()? {
            answer.push(Row((0..columns)
                .map(|column| value(row.get_ref(column)?))
                .collect::<Result<_, _>>()?));
        }
        Ok(answer)
    };
    run().map_err(|error| fault(&error, statement.sql))
}

/// Parses and plans the statement.
pub(crate) fn plan(connection: &Connection, sql: &'static str) -> Result<(), EngineError> {
    let plan = || {
        let prepared = connection.prepare_cached(sql)?;
        (1..=prepared.parameter_count()).try_for_each(|index| number(&prepared, index).map(drop))
    };
    plan().map_err(|error| fault(&error, sql))
}

/// Which cases end a whole batch (the disk, the file) and which only the unit that met them.
pub(crate) fn fault(error: &Error, sql: &str) -> EngineError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => EngineError::Damaged(error.to_string()),
        Some(
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::ReadOnly
            | ErrorCode::CannotOpen
            | ErrorCode::OutOfMemory
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed,
        ) => EngineError::Unavailable(error.to_string()),
        _ => EngineError::Refused(format!("{error} ({sql})")),
    }
}

fn bound<'c>(connection: &'c Connection, statement: &Statement) -> rusqlite::Result<CachedStatement<'c>> {
    let mut prepared = connection.prepare_cached(statement.sql)?;
    let given = statement.parameters.len();
    let mut highest = 0;
    for index in 1..=prepared.parameter_count() {
        let number = number(&prepared, index)?;
        highest = highest.max(number);
        let value =
            statement.parameters.get(number - 1).ok_or(Error::InvalidParameterCount(given, number))?;
        prepared.raw_bind_parameter(index, parameter(value))?;
    }
    if highest == given { Ok(prepared) } else { Err(Error::InvalidParameterCount(given, highest)) }
}

/// The `n` of the parameter `$n` at this index, from 1.
fn number(prepared: &CachedStatement<'_>, index: usize) -> rusqlite::Result<usize> {
    let name = prepared.parameter_name(index).unwrap_or("?");
    let number = name.strip_prefix('$').and_then(|digits| digits.parse().ok()).filter(|number| *number > 0);
    number.ok_or_else(|| Error::InvalidParameterName(name.to_owned()))
}

fn parameter(value: &Value) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(match value {
        Value::Null => ValueRef::Null,
        Value::Int(number) => ValueRef::Integer(*number),
        Value::Bool(truth) => ValueRef::Integer(i64::from(*truth)),
        Value::Text(text) => ValueRef::Text(text.as_bytes()),
        Value::Bytes(bytes) => ValueRef::Blob(bytes),
    })
}

fn value(column: ValueRef<'_>) -> rusqlite::Result<Value> {
    Ok(match column {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(_) => Value::Text(column.as_str()?.to_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::Real(_) => return Err(Error::InvalidColumnType(0, "REAL".to_owned(), column.data_type())),
    })
}
