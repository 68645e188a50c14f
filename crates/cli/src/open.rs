//! Opens the database that the server and the administration commands share, and the key that seals it.

mod fault;
mod master_key;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use sekisho_core::policy::SecurityProfile;
use sekisho_credential::HashingPool;
use sekisho_outbound as outbound;
use sekisho_policy::Outside;
use sekisho_protocol::ports::draw;
use sekisho_protocol::{Clock, Entropy};
use sekisho_store::engine::SharedEngine;
use sekisho_store::{MasterKeys, Options, PublicUrls, Store, StoreError};
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
    /// Policies for every realm: `lax` holds confidential clients to OAuth 2.1, `strict` public ones too
    #[arg(
        long,
        value_name = "none|lax|strict",
        default_value = "none",
        env = "SEKISHO_SECURITY_PROFILE",
        value_parser = security_profile
    )]
    pub(crate) security_profile: SecurityProfile,
}

fn security_profile(name: &str) -> Result<SecurityProfile, String> {
    SecurityProfile::parse(name)
        .ok_or_else(|| format!("there is no security profile {name:?}; none, lax or strict"))
}

/// An open database with what works on it.
pub(crate) struct Opened {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) passwords: Arc<HashingPool>,
    /// What policies look up; nowhere that is not public.
    pub(crate) outside: Outside,
}

/// What a store is opened with, but for the key.
struct Parts<'a> {
    engine: SharedEngine,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    hostname: &'a str,
    security: SecurityProfile,
}

/// Opens the database, brings its schema up to date and reads the master key.
pub(crate) async fn store(options: &OpenOptions, hostname: &str) -> anyhow::Result<Opened> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::new());
    check_name(&options.database)?;
    let engine = engine(&options.database, clock.clone()).await?;
    let security = options.security_profile;
    let parts = Parts { engine, clock, entropy, hostname, security };
    let master = master(options, &parts).await?;
    let store = parts.open(master).await.map_err(|error| options.explain(&error))?;
    check_keys(&store).await.map_err(|error| options.explain(&error))?;
    let passwords = HashingPool::new(HashingPool::default_threads(), HASHES_WAITING)?;
    let Parts { clock, entropy, .. } = parts;
    Ok(Opened {
        store: Arc::new(store),
        clock,
        entropy,
        passwords: Arc::new(passwords),
        outside: Outside::new(outbound::Options::default())?,
    })
}

async fn engine(database: &str, clock: Arc<dyn Clock>) -> anyhow::Result<SharedEngine> {
    if is_postgres(database) {
        let options = sekisho_store_postgres::Options::new(clock);
        let connected = PostgresEngine::connect(database, options).await;
        return Ok(connected.map_err(|error| fault::unreachable(&error))?);
    }
    let path = PathBuf::from(database);
    let options = sekisho_store_sqlite::Options::new(clock);
    let opened = tokio::task::spawn_blocking(move || SqliteEngine::open(path, options)).await?;
    Ok(opened.map_err(|error| fault::explain(&error.into()))?)
}

/// The master key, made where it is missing. A database that has realms had a key: a new one would open
/// nothing, and would hide that the right one was lost.
async fn master(options: &OpenOptions, parts: &Parts<'_>) -> anyhow::Result<MasterKeys> {
    let file = key_file(options);
    if let Some(master) = master_key::find(&file)? {
        return Ok(master);
    }
    let any = MasterKeys::new(&[draw(parts.entropy.as_ref())]).context("no master key")?;
    let store = parts.open(any).await.map_err(|error| options.explain(&error))?;
    if store.realm_names().await.map_err(|error| options.explain(&error))?.is_empty() {
        return master_key::make(&file, parts.entropy.as_ref());
    }
    // Another process that started with this one may have made both meanwhile.
    master_key::find(&file)?.with_context(|| {
        format!(
            "{} is sealed, and its master key is not in {}\n{}",
            options.name(),
            file.display(),
            fault::WAY_TO_KEY
        )
    })
}

/// Opens the keys of every realm: with another master key the server would start and serve nobody.
async fn check_keys(store: &Store) -> Result<(), StoreError> {
    for name in store.realm_names().await? {
        if let Some(realm) = store.stored_realm(&name).await? {
            store.stored_keys(realm.record.id, &name).await?;
        }
    }
    Ok(())
}

impl Parts<'_> {
    async fn open(&self, master: MasterKeys) -> Result<Store, StoreError> {
        let (urls, clock) = (PublicUrls::new(self.hostname), self.clock.clone());
        let node = Uuid::from_bytes(draw(self.entropy.as_ref()));
        Store::open(self.engine.clone(), Options { master, urls, clock, security: self.security, node }).await
    }
}

/// A file, or the address of a database that this program speaks to. Not checked by the parser of the
/// command line, which would repeat the address with the password in it.
fn check_name(database: &str) -> anyhow::Result<()> {
    match database.split_once("://") {
        Some((scheme, _)) if !is_postgres(database) => {
            bail!(
                "{scheme}:// is not taken as --database: name a SQLite file, or a postgres:// or postgresql:// address"
            )
        }
        _ if database.is_empty() => bail!("--database is empty: name a SQLite file or a postgres:// address"),
        _ => Ok(()),
    }
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

impl OpenOptions {
    /// The database for a person; the address of a database elsewhere may hold a password.
    fn name(&self) -> &str {
        if is_postgres(&self.database) { "the database" } else { &self.database }
    }

    fn explain(&self, error: &StoreError) -> anyhow::Error {
        fault::explain(error).context(self.name().to_owned())
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
            outside: &self.outside,
        }
    }
}
