//! Opens connections to the file, and says in words what is wrong with it.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;

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
