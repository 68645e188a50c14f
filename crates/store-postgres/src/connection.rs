//! Connections to the database, and what their errors mean.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use sekisho_store::engine::EngineError;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, Error, NoTls};

use crate::{Options, Shared};

const PATIENCE: Duration = Duration::from_secs(10);
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Shorter than the window of 30 s in which nodes look for revocations that became visible late.
const SESSION: &str = "SET statement_timeout = 20000; SET idle_in_transaction_session_timeout = 20000";

/// What to do about a statement that failed.
pub(crate) enum Trouble {
    /// Nothing was committed: run it again.
    Again(String),
    /// The connection broke when COMMIT was on its way.
    Doubt(String),
    /// Running it again would not help.
    Ends(EngineError),
}

/// Reads the URL; no error text holds it, for it may hold a password.
pub(crate) fn parse(url: &str) -> Result<Config, EngineError> {
    let mut config: Config = url
        .parse()
        .map_err(|error| EngineError::Unavailable(format!("the database URL: {}", describe(&error))))?;
    if config.get_ssl_mode() == SslMode::Require {
        let why = "the database URL asks for sslmode=require, and this program cannot speak TLS to PostgreSQL \
                   yet: use sslmode=prefer on a network you trust, or a tunnel";
        return Err(EngineError::Unavailable(why.to_owned()));
    }
    if config.get_application_name().is_none() {
        config.application_name("sekisho");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(PATIENCE);
    }
    config.keepalives_idle(KEEPALIVE);
    Ok(config)
}

pub(crate) fn pool(config: &Config, options: &Options) -> Result<Pool, EngineError> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let session = Hook::async_fn(|client, _| {
        Box::pin(async move { client.batch_execute(SESSION).await.map_err(HookError::Backend) })
    });
    let timeouts = Timeouts { wait: Some(PATIENCE), create: Some(PATIENCE), recycle: None };
    Pool::builder(Manager::from_config(config.clone(), NoTls, recycling))
        .max_size(options.connections.max(1))
        .timeouts(timeouts)
        .runtime(Runtime::Tokio1)
        .post_create(session)
        .build()
        .map_err(|error| EngineError::Unavailable(error.to_string()))
}

impl Shared {
    /// A connection of the pool.
    pub(crate) async fn client(&self) -> Result<Object, Trouble> {
        let waiting = self.pool.status().waiting;
        if waiting >= self.options.queue {
            return Err(Trouble::Ends(EngineError::Busy(waiting)));
        }
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                Trouble::Again(describe(&error))
            }
            PoolError::Timeout(_) => Trouble::Ends(EngineError::Busy(self.pool.status().waiting)),
            error => Trouble::Ends(EngineError::Unavailable(error.to_string())),
        })
    }

    /// A connection outside the pool, for a statement that may take its time.
    pub(crate) async fn own_client(&self) -> Result<Client, EngineError> {
        let (client, connection) =
            self.config.connect(NoTls).await.map_err(|error| EngineError::Unavailable(describe(&error)))?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Fails, in words for the operator, when there is no way to the database.
    pub(crate) async fn reach(&self) -> Result<(), EngineError> {
        let why = match self.client().await {
            Ok(_) => return Ok(()),
            Err(Trouble::Again(why) | Trouble::Doubt(why)) => why,
            Err(Trouble::Ends(error)) => error.to_string(),
        };
        let hosts: Vec<_> = self.config.get_hosts().iter().map(host).collect();
        Err(EngineError::Unavailable(format!("{}: {why}", hosts.join(", "))))
    }
}

fn host(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    }
}

/// What an error before COMMIT was sent means.
pub(crate) fn trouble(error: &Error, sql: &str) -> Trouble {
    let text = describe(error);
    let Some(code) = error.code().map(tokio_postgres::error::SqlState::code) else {
        return if is_broken(error) {
            Trouble::Again(text)
        } else {
            Trouble::Ends(EngineError::Refused(format!("{text} ({sql})")))
        };
    };
    match (code, code.get(..2)) {
        ("40001" | "40P01" | "57P01" | "57P02" | "57P03", _) | (_, Some("08")) => Trouble::Again(text),
        // Out of resources, stopped by an operator, a failing disk; a standby that only reads.
        ("25006", _) | (_, Some("53" | "55" | "57" | "58" | "XX")) => {
            Trouble::Ends(EngineError::Unavailable(text))
        }
        _ => Trouble::Ends(EngineError::Refused(format!("{text} ({sql})"))),
    }
}

/// What an error means when COMMIT had been sent with the statement.
pub(crate) fn trouble_at_commit(error: &Error, sql: &str) -> Trouble {
    match (trouble(error, sql), error.code().map(tokio_postgres::error::SqlState::code)) {
        (Trouble::Again(text), Some("40001" | "40P01")) => Trouble::Again(text),
        (Trouble::Again(text), _) => Trouble::Doubt(text),
        // `statement_completion_unknown`, as CockroachDB says it.
        (_, Some("40003")) => Trouble::Doubt(describe(error)),
        (trouble, _) => trouble,
    }
}

fn is_broken(error: &Error) -> bool {
    error.is_closed() || error.source().is_some_and(<dyn std::error::Error>::is::<io::Error>)
}

/// Code and message; never the detail, which quotes the values of a row.
pub(crate) fn describe(error: &Error) -> String {
    if let Some(said) = error.as_db_error() {
        return format!("{} {}", said.code().code(), said.message());
    }
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
