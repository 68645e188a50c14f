//! A server's parts on a temporary file, with time that stands still and randomness that repeats.

use std::num::NonZeroUsize;
use std::sync::Arc;

use sekisho_admin::realm::{self, ExportOptions, IfExists, ImportOptions, Imported};
use sekisho_admin::{Admin, AdminError, Context, Permit};
use sekisho_core::Realm;
use sekisho_core::access;
use sekisho_core::credential::StoredCredential;
use sekisho_core::policy::SecurityProfile;
use sekisho_core::scope;
use sekisho_credential::{HashingPool, Parameters, Password, StoredPassword, Verdict};
use sekisho_policy::Outside;
use sekisho_protocol::keycloak::RealmRepresentation;
use sekisho_store::{MasterKeys, Options, PublicUrls, Store};
use sekisho_store_sqlite::SqliteEngine;
use sekisho_testkit::{ManualClock, SeededEntropy};
use uuid::Uuid;

use super::engine::FailingEngine;
use sekisho_testkit::log;

pub(crate) struct Place {
    pub(crate) store: Store,
    pub(crate) engine: Arc<FailingEngine>,
    pub(crate) clock: ManualClock,
    pub(crate) entropy: SeededEntropy,
    pub(crate) passwords: HashingPool,
    pub(crate) outside: Outside,
    _folder: tempfile::TempDir,
}

impl Place {
    pub(crate) async fn new() -> Self {
        log::start();
        let clock = ManualClock::default();
        let folder = tempfile::tempdir().expect("a folder");
        let options = sekisho_store_sqlite::Options::new(Arc::new(clock.clone()));
        let engine = SqliteEngine::open(folder.path().join("sekisho.db"), options).expect("a database");
        let engine = FailingEngine::new(engine);
        let one = NonZeroUsize::MIN;
        Self {
            store: Store::open(engine.clone(), store_options(&clock)).await.expect("a store"),
            engine,
            clock,
            entropy: SeededEntropy::new(7),
            passwords: HashingPool::new(one, NonZeroUsize::new(64).expect("not zero")).expect("threads"),
            outside: Outside::new(sekisho_outbound::Options::default()).expect("TLS"),
            _folder: folder,
        }
    }

    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            store: &self.store,
            clock: &self.clock,
            entropy: &self.entropy,
            passwords: &self.passwords,
            outside: &self.outside,
        }
    }

    pub(crate) async fn import(&self, realm: RealmRepresentation) -> Result<Imported, AdminError> {
        realm::import(&self.context(), realm, ImportOptions::default()).await
    }

    pub(crate) async fn overwrite(&self, realm: RealmRepresentation) -> Result<Imported, AdminError> {
        let options = ImportOptions { if_exists: IfExists::Overwrite, ..ImportOptions::default() };
        realm::import(&self.context(), realm, options).await
    }

    /// The realm as decisions see it.
    pub(crate) async fn realm(&self, name: &str) -> Arc<Realm> {
        self.store.realm(name).await.expect("a read").expect("the realm")
    }

    /// Whoever may do all, at work in the realm.
    pub(crate) async fn operator(&self, realm: &str) -> Admin<'_> {
        Admin::open(self.context(), realm, Permit::operator()).await.expect("the realm")
    }

    /// A user of the realm at work in it, with a token of `admin-cli`.
    pub(crate) async fn administrator(&self, realm: &str, name: &str) -> Admin<'_> {
        let snapshot = self.realm(realm).await;
        let client = self.store.client(&snapshot, "admin-cli").await.expect("a read").expect("the client");
        let user = self.store.user_by_login(&snapshot, name).await.expect("a read").expect("the user");
        let scopes = scope::check(&snapshot, &client, None).expect("scopes");
        let caller = access::check(snapshot, client, Arc::new(user), &scopes, "127.0.0.1".to_owned());
        Admin::open(self.context(), realm, Permit::of(&caller, realm)).await.expect("the realm")
    }

    /// Whether the user signs in with this password.
    pub(crate) async fn signs_in(&self, realm: &str, name: &str, password: &str) -> bool {
        let realm = self.realm(realm).await;
        let user = self.store.user_by_login(&realm, name).await.expect("a read").expect("a user");
        let stored = self.store.credentials(user.id).await.expect("a read");
        let parse = |stored: &StoredCredential| {
            StoredPassword::parse(&stored.credential_data, &stored.secret_data).expect("a hash")
        };
        let stored = stored.iter().find(|credential| credential.kind == "password").map(parse);
        let password = Password::parse(password.to_owned()).expect("short enough");
        let verdict = self.passwords.verify(password, stored, Parameters::KEYCLOAK).await;
        matches!(verdict.expect("an answer"), Verdict::Match { .. })
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
        security: SecurityProfile::None,
        clock: Arc::new(clock.clone()),
        node: Uuid::from_u128(1),
    }
}
