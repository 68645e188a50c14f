//! The port to a database: what an engine must do, and nothing about which database it is.
//!
//! SQL is written once, in this room, in the dialect that SQLite and PostgreSQL share: parameters are
//! `$1 …`, upserts are `ON CONFLICT`, results come by `RETURNING`. An engine only runs it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use uuid::Uuid;

/// An engine dates its lease rows; it gets the time through the port, like everything else.
pub use sekisho_protocol::{Clock, Timestamp};

/// A future that owns what it needs, so that a commit goes on when the request that asked is gone.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send + 'static>>;

/// A value of a column or a parameter. The portable types, and no others (DESIGN §5.9).
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// SQL NULL of any type.
    Null,
    /// `BIGINT`: counts, and points in time as epoch milliseconds.
    Int(i64),
    /// `BOOLEAN`; SQLite answers it as [`Value::Int`] 0 or 1, [`Row::bool`] reads both.
    Bool(bool),
    /// `TEXT`.
    Text(String),
    /// `BYTEA` or `BLOB`: ids (16 bytes), hashes, sealed bytes.
    Bytes(Vec<u8>),
}

/// One SQL statement and its parameters, in the order of `$1 …`.
#[derive(Clone)]
pub struct Statement {
    /// Written in this room, so never made of what a client sent.
    pub sql: &'static str,
    pub parameters: Vec<Value>,
}

/// A statement whose row count decides whether the unit may go on: it must touch exactly one row.
#[derive(Clone)]
pub struct Guard {
    pub statement: Statement,
    /// Asked when the guard touched no row: a row in the answer says that this very unit has won
    /// before, in an earlier try whose COMMIT answer was lost.
    pub recall: Option<Statement>,
}

/// A unit of work as an engine sees it: all of it or nothing, guards before writes.
#[derive(Clone)]
pub struct Unit {
    /// Stable over re-runs; guard rows keep it.
    pub id: Uuid,
    pub guards: Vec<Guard>,
    pub writes: Vec<Statement>,
}

/// How a unit ended.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Committed, by this try or an earlier one.
    Won,
    /// The guard with this index touched no row; nothing was written.
    Lost(usize),
    /// The connection broke around COMMIT and re-running could not tell either.
    Unknown,
}

/// Why an engine could not do what was asked. The text is for the log; it holds no parameter values.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EngineError {
    /// The bounded queue is full: answer 503 with `Retry-After`.
    #[error("the database is busy: {0} works are waiting")]
    Busy(usize),
    /// The disk is full, cannot be written or cannot be read; every work of the batch ends so.
    #[error("the database cannot write: {0}")]
    Unavailable(String),
    /// The database broke a rule that the schema states, or a statement is wrong. A defect of ours.
    #[error("the database refused a statement: {0}")]
    Refused(String),
    /// At start: the file is not a database or is damaged.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// At start: another process holds the file.
    #[error("the database is locked by another process: {0}")]
    Locked(String),
    /// At start: the schema is newer than this program understands.
    #[error("the database has schema {found}, this program understands up to {known}")]
    NewerSchema { found: i64, known: i64 },
}

/// One row of an answer.
#[derive(Clone)]
pub struct Row(pub Vec<Value>);

/// One step of the schema: statements of idempotent DDL, numbered from 1, without gaps.
///
/// Types are placeholders, so that DDL is written once too: `{bytes}`, `{int}`, `{bool}`, `{text}`, and for a
/// cast only `{json}`. `{absent}` stands before a column that is added: PostgreSQL commits each statement by itself
/// and may run it again, SQLite runs a step whole and knows no `IF NOT EXISTS` there.
pub struct Migration {
    pub number: i64,
    /// The oldest program schema number that may still run beside a database with this step.
    pub min_compatible: i64,
    pub statements: &'static [&'static str],
}

/// What other nodes changed since the last look, as far as the engine can tell by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A realm's revision moved.
    Realm(Uuid),
    /// Something was revoked.
    Revoked,
}

/// The write that passes a hint on when its unit commits, see [`Hint::statement`]. An engine whose
/// database knows no NOTIFY passes over it.
pub const NOTIFY: &str = "SELECT pg_notify('sekisho', $1)";

/// A database. Every method returns a future of its own: dropping it abandons the answer, not the work.
pub trait Engine: Send + Sync + 'static {
    /// A word for logs and `check-config`: `sqlite`, `postgres`.
    fn name(&self) -> &'static str;

    /// Runs the unit: guards in order, then writes, then COMMIT, durably (`fdatasync` or its like)
    /// before the future answers. Serialization failures (40001, `SQLITE_BUSY`) are re-run inside.
    fn commit(&self, unit: Unit) -> BoxFuture<Result<Settled, EngineError>>;

    /// Runs one SELECT outside any unit, seeing everything committed before the call.
    fn read(&self, statement: Statement) -> BoxFuture<Result<Vec<Row>, EngineError>>;

    /// Brings the schema up to the last of `steps`, each once, under a lease row so that nodes that
    /// start together do not run a step twice. `holder` names this node.
    fn migrate(&self, steps: &'static [Migration], holder: Uuid) -> BoxFuture<Result<(), EngineError>>;

    /// Parses and plans a statement without running it; a test calls it for every statement we have.
    fn prepare(&self, sql: &'static str) -> BoxFuture<Result<(), EngineError>>;

    /// Waits for the next hint from another node. An engine without LISTEN/NOTIFY never answers;
    /// polling covers it.
    fn changes(&self) -> BoxFuture<Hint>;
}

/// An engine that many parts share.
pub type SharedEngine = Arc<dyn Engine>;

impl Statement {
    /// A statement with its parameters.
    pub fn new(sql: &'static str, parameters: Vec<Value>) -> Self {
        Self { sql, parameters }
    }
}

impl Hint {
    /// The write that tells the other nodes. Only for works that name a realm or a revocation:
    /// PostgreSQL lets units that notify commit one by one.
    pub fn statement(&self) -> Statement {
        let payload = match self {
            Self::Realm(realm) => format!("realm:{realm}"),
            Self::Revoked => "revoked".to_owned(),
        };
        Statement::new(NOTIFY, vec![payload.into()])
    }

    /// Reads what [`Hint::statement`] sends.
    pub fn parse(payload: &str) -> Option<Self> {
        match payload.strip_prefix("realm:") {
            Some(realm) => realm.parse().ok().map(Self::Realm),
            None => (payload == "revoked").then_some(Self::Revoked),
        }
    }
}

impl Guard {
    /// A guard that cannot recognise an earlier try of its own.
    pub fn new(statement: Statement) -> Self {
        Self { statement, recall: None }
    }

    /// The same guard, with the question that recognises an earlier try.
    #[must_use]
    pub fn recalled_by(mut self, recall: Statement) -> Self {
        self.recall = Some(recall);
        self
    }
}

impl Row {
    fn at(&self, index: usize) -> Option<&Value> {
        self.0.get(index)
    }

    /// The integer in this column; `None` when NULL or of another type.
    pub fn int(&self, index: usize) -> Option<i64> {
        match self.at(index) {
            Some(Value::Int(value)) => Some(*value),
            Some(Value::Bool(value)) => Some(i64::from(*value)),
            _ => None,
        }
    }

    /// The truth in this column; `None` when NULL or of another type.
    pub fn bool(&self, index: usize) -> Option<bool> {
        self.int(index).map(|value| value != 0)
    }

    /// The text in this column; `None` when NULL or of another type.
    pub fn text(&self, index: usize) -> Option<&str> {
        match self.at(index) {
            Some(Value::Text(value)) => Some(value),
            _ => None,
        }
    }

    /// The bytes in this column; `None` when NULL or of another type.
    pub fn bytes(&self, index: usize) -> Option<&[u8]> {
        match self.at(index) {
            Some(Value::Bytes(value)) => Some(value),
            _ => None,
        }
    }

    /// The id in this column; `None` when NULL, of another type or not of 16 bytes.
    pub fn id(&self, index: usize) -> Option<Uuid> {
        Uuid::from_slice(self.bytes(index)?).ok()
    }
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Bytes(id.as_bytes().to_vec())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// PostgreSQL has no U+0000 in a text and refuses the statement; whoever sends one in a name or to be
/// logged must not be able to make statements fail.
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text })
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<sekisho_protocol::Timestamp> for Value {
    fn from(at: sekisho_protocol::Timestamp) -> Self {
        Self::Int(at.0)
    }
}

/// Parameters may hold sealed or hashed secrets: only their kinds are shown.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Int(_) => "int",
            Self::Bool(_) => "bool",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        })
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statement").field("sql", &self.sql).finish_non_exhaustive()
    }
}
