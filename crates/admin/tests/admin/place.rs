//! A server's parts on a temporary file, with time that stands still and randomness that repeats.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use sekisho_admin::realm::{self, ExportOptions, IfExists, ImportOptions, Imported};
use sekisho_admin::{AdminError, Context};
use sekisho_credential::HashingPool;
use sekisho_protocol::keycloak::{self, RealmRepresentation};
use sekisho_store::{MasterKeys, Options, PublicUrls, Store};
use sekisho_store_sqlite::SqliteEngine;
use sekisho_testkit::{ManualClock, SeededEntropy};
use uuid::Uuid;

pub(crate) struct Place {
    pub(crate) store: Store,
    pub(crate) clock: ManualClock,
    pub(crate) entropy: SeededEntropy,
    pub(crate) passwords: HashingPool,
    _folder: tempfile::TempDir,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = ManualClock::default();
        let options = sekisho_store_sqlite::Options::new(Arc::new(clock.clone()));
        let engine = SqliteEngine::open(folder.path().join("sekisho.db"), options).expect("a database");
        let one = NonZeroUsize::MIN;
        Self {
            store: Store::open(engine, store_options(&clock)).await.expect("a store"),
            clock,
            entropy: SeededEntropy::new(7),
            passwords: HashingPool::new(one, NonZeroUsize::new(64).expect("not zero")).expect("threads"),
            _folder: folder,
        }
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context { store: &self.store, clock: &self.clock, entropy: &self.entropy, passwords: &self.passwords }
    }

    pub(crate) async fn import(&self, realm: RealmRepresentation) -> Result<Imported, AdminError> {
        realm::import(&self.context(), realm, ImportOptions::default()).await
    }

    pub(crate) async fn overwrite(&self, realm: RealmRepresentation) -> Result<Imported, AdminError> {
        let options = ImportOptions { if_exists: IfExists::Overwrite, ..ImportOptions::default() };
        realm::import(&self.context(), realm, options).await
    }

    /// Everything of a realm.
    pub(crate) async fn export(&self, name: &str) -> RealmRepresentation {
        let options = ExportOptions { users: true, secrets: true };
        realm::export(&self.context(), name, options).await.expect("an export")
    }
}

fn store_options(clock: &ManualClock) -> Options {
    Options {
        master: MasterKeys::new(&[[9; 32]]).expect("a key"),
        urls: PublicUrls::new("http://localhost:8080"),
        clock: Arc::new(clock.clone()),
        node: Uuid::from_u128(1),
    }
}

/// A file of recorded answers.
pub(crate) fn observed(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/observed").join(name);
    std::fs::read(path).expect("a file of tests/observed")
}

pub(crate) fn realm_of(json: &[u8]) -> RealmRepresentation {
    keycloak::parse(json).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn rich() -> RealmRepresentation {
    realm_of(&observed("realm-rich.json"))
}
