//! Opens the database that the server and the administration commands share, and the key that seals it.

mod master_key;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use sekisho_credential::HashingPool;
use sekisho_protocol::ports::draw;
use sekisho_protocol::{Clock, Entropy};
use sekisho_store::engine::SharedEngine;
use sekisho_store::{Options, PublicUrls, Store};
use sekisho_store_postgres::PostgresEngine;
use sekisho_store_sqlite::SqliteEngine;
use uuid::Uuid;

use crate::ports::{SystemClock, SystemEntropy};

/// Password hashes that may wait; beyond it sign-ins are told to try again.
const HASHES_WAITING: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

/// Where things are kept; the same flags on every command that opens the database.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OpenOptions {
    /// A SQLite file, made when it is not there, or a postgres:// URL
    #[arg(
        long,
        value_name = "FILE|URL",
        default_value = "sekisho.db",
        env = "SEKISHO_DATABASE",
        hide_env_values = true
    )]
    pub(crate) database: String,
    /// File with the master key, made with mode 0600 when it is not there; SEKISHO_MASTER_KEY takes its place
    #[arg(long, value_name = "FILE", env = "SEKISHO_MASTER_KEY_FILE")]
    pub(crate) master_key_file: Option<PathBuf>,
}

/// An open database with what works on it.
pub(crate) struct Opened {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) passwords: Arc<HashingPool>,
}

/// Opens the database, brings its schema up to date and reads the master key.
pub(crate) async fn store(options: &OpenOptions, hostname: &str) -> anyhow::Result<Opened> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::new());
    let master = master_key::load(&key_file(options), entropy.as_ref())?;
    let engine = engine(&options.database, clock.clone()).await?;
    let node = Uuid::from_bytes(draw(entropy.as_ref()));
    let settings = Options { master, urls: PublicUrls::new(hostname), clock: clock.clone(), node };
    let store = Store::open(engine, settings).await.context("the database cannot be used")?;
    let passwords = HashingPool::new(HashingPool::default_threads(), HASHES_WAITING)?;
    Ok(Opened { store: Arc::new(store), clock, entropy, passwords: Arc::new(passwords) })
}

async fn engine(database: &str, clock: Arc<dyn Clock>) -> anyhow::Result<SharedEngine> {
    if is_postgres(database) {
        let options = sekisho_store_postgres::Options::new(clock);
        return Ok(PostgresEngine::connect(database, options).await?);
    }
    let path = PathBuf::from(database);
    let options = sekisho_store_sqlite::Options::new(clock);
    let opened = tokio::task::spawn_blocking(move || SqliteEngine::open(path, options)).await?;
    Ok(opened.with_context(|| format!("cannot open {database}"))?)
}

fn is_postgres(database: &str) -> bool {
    database.starts_with("postgres://") || database.starts_with("postgresql://")
}

/// Beside a SQLite file; in the working directory for a database elsewhere.
fn key_file(options: &OpenOptions) -> PathBuf {
    match &options.master_key_file {
        Some(file) => file.clone(),
        None if is_postgres(&options.database) => PathBuf::from("sekisho.key"),
        None => Path::new(&options.database).with_extension("key"),
    }
}

impl Opened {
    /// What acts of administration work with.
    pub(crate) fn admin(&self) -> sekisho_admin::Context<'_> {
        sekisho_admin::Context {
            store: &self.store,
            clock: self.clock.as_ref(),
            entropy: self.entropy.as_ref(),
            passwords: &self.passwords,
        }
    }
}
