//! Opens connections to the file, and says in words what is wrong with it.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags};
use sekisho_store::engine::EngineError;

use crate::Options;

/// More than the statements of `store`, so that each is parsed once per connection.
const STATEMENTS: usize = 512;

/// Makes an empty file that only its owner may read, unless there is a file. SQLite gives its log
/// the same mode.
pub(crate) fn create(path: &Path) -> Result<(), EngineError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(EngineError::Unavailable(format!("{}: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

/// A connection that may write.
pub(crate) fn open(path: &Path, options: &Options) -> Result<Connection, EngineError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| at_open(path, &error))?;
    // SQLite opens a file that it may only read without a word, and makes a log beside it that may only be
    // read either: that one would still be in the way when the mode of the file has been mended.
    if connection.is_readonly("main").map_err(|error| at_open(path, &error))? {
        return Err(EngineError::Unavailable(format!("{}: may only be read", path.display())));
    }
    let journal = configure(&connection, options).map_err(|error| at_open(path, &error))?;
    if journal != "wal" {
        let text = format!("{}: no write-ahead log here, only {journal}", path.display());
        return Err(EngineError::Unavailable(text));
    }
    Ok(connection)
}

/// A connection that cannot write.
pub(crate) fn open_to_read(path: &Path, options: &Options) -> Result<Connection, EngineError> {
    let connection = open(path, options)?;
    connection.pragma_update(None, "query_only", true).map_err(|error| at_open(path, &error))?;
    Ok(connection)
}

/// Looks through the whole file for damage.
pub(crate) fn check(path: &Path, connection: &Connection) -> Result<(), EngineError> {
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| at_open(path, &error))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(EngineError::Damaged(format!("{}: {verdict}", path.display())))
}

/// Gives the journal mode that the file is in.
fn configure(connection: &Connection, options: &Options) -> rusqlite::Result<String> {
    connection.busy_timeout(options.busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Otherwise a statement with ORDER BY is planned anew at each use, since its plan might depend on values.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let journal = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    if let Some(pages) = options.max_pages {
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(journal)
}

/// What went wrong before anything ran. The operator reads it, so it names the file.
fn at_open(path: &Path, error: &Error) -> EngineError {
    let text = format!("{}: {error}", path.display());
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => EngineError::Damaged(text),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => EngineError::Locked(text),
        _ => EngineError::Unavailable(text),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rusqlite::StatementStatus;
    use sekisho_store::engine::Statement;
    use sekisho_testkit::ManualClock;

    use super::*;
    use crate::statement::rows;

    #[test]
    fn a_statement_is_planned_once_however_often_it_runs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plans.db");
        create(&path).unwrap();
        let connection = open(&path, &Options::new(Arc::new(ManualClock::default()))).unwrap();
        connection.execute_batch("CREATE TABLE pair (a BLOB, b BLOB, PRIMARY KEY (a, b))").unwrap();
        let sql = "SELECT b FROM pair WHERE a = $1 ORDER BY b";
        for _ in 0..3 {
            rows(&connection, &Statement { sql, parameters: vec![vec![7].into()] }).unwrap();
        }
        assert_eq!(connection.prepare_cached(sql).unwrap().get_status(StatementStatus::RePrepare), 0);
    }
}
