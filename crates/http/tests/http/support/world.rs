//! A server on a temporary file, and the realm that it serves.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use sekisho_core::Work;
use sekisho_core::credential::StoredCredential;
use sekisho_core::policy::SecurityProfile;
use sekisho_core::work::{Guard, Outcome, Record, Write};
use sekisho_credential::{HashingPool, Password, Rules};
use sekisho_endpoints::Server;
use sekisho_http::{App, Settings, router};
use sekisho_policy::Outside;
use sekisho_protocol::keycloak::{ClientRepresentation, RealmRepresentation, UserRepresentation};
use sekisho_store::{MasterKeys, Options, PublicUrls, Store};
use sekisho_store_sqlite::SqliteEngine;
use sekisho_testkit::builders::NewRealm;
use sekisho_testkit::{ManualClock, SeededEntropy};
use tower::ServiceExt;
use uuid::Uuid;

use super::answer::Answer;
use super::browser::Browser;
use sekisho_testkit::log;

/// The public address of every server under test.
pub(crate) const BASE: &str = "https://as.example";
/// Passwords are hashed once: none of them is a secret.
pub(crate) const CHEAP: &str = "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)";

/// A running server. Clones are the same one.
#[derive(Clone)]
pub(crate) struct World(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: ManualClock,
    pub(crate) server: Arc<Server>,
    router: Router,
    realm: Mutex<NewRealm>,
    name: String,
    master: MasterKeys,
    passwords: Arc<HashingPool>,
    _folder: tempfile::TempDir,
}

impl World {
    /// A server with this realm, behind HTTPS.
    pub(crate) async fn with(realm: NewRealm) -> Self {
        Self::set(realm, Settings { secure: true, ..Settings::default() }).await
    }

    pub(crate) async fn set(realm: NewRealm, settings: Settings) -> Self {
        Box::pin(Self::reaching(realm, settings, sekisho_outbound::Options::default())).await
    }

    /// The same with a way out of its own.
    pub(crate) async fn reaching(
        mut realm: NewRealm,
        settings: Settings,
        outbound: sekisho_outbound::Options,
    ) -> Self {
        log::start();
        realm.config.password_policy.get_or_insert_with(|| CHEAP.to_owned());
        let folder = tempfile::tempdir().expect("a folder");
        let clock = ManualClock::default();
        let options = sekisho_store_sqlite::Options::new(Arc::new(clock.clone()));
        let engine = SqliteEngine::open(folder.path().join("sekisho.db"), options).expect("a database");
        let master = MasterKeys::new(&[[9; 32]]).expect("a key");
        let options = Options {
            master: master.clone(),
            urls: PublicUrls::new(BASE),
            security: SecurityProfile::None,
            clock: Arc::new(clock.clone()),
            node: Uuid::from_u128(1),
        };
        let store = Arc::new(Store::open(engine, options).await.expect("a store"));
        let one = NonZeroUsize::MIN;
        let passwords = Arc::new(HashingPool::new(one, one).expect("a thread"));
        let server = Arc::new(Server {
            store: store.clone(),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SeededEntropy::new(7)),
            passwords: passwords.clone(),
            outside: Outside::new(outbound).expect("TLS"),
            registrations: Arc::default(),
        });
        let app = App::new(server.clone(), settings).expect("pages can be read");
        let name = realm.config.realm.clone().expect("a realm has a name");
        let world = Self(Arc::new(Parts {
            store,
            clock,
            server,
            router: router(app, axum::Router::new()),
            realm: Mutex::new(realm),
            name,
            master,
            passwords,
            _folder: folder,
        }));
        world.fill().await;
        world
    }

    async fn fill(&self) {
        let mut work = self.read(|realm| realm.work(&self.0.master, fresh()));
        for credential in self.credentials().await {
            work = work.insert(Record::Credential(credential));
        }
        assert_eq!(self.0.store.commit(work).await.expect("a store"), Outcome::Won);
    }

    /// What users prove themselves with, as the realm's document has it in plain text.
    async fn credentials(&self) -> Vec<StoredCredential> {
        let (users, policy) =
            self.read(|realm| (realm.config.users.clone(), realm.config.password_policy.clone()));
        let parameters = Rules::parse(&policy.unwrap_or_default()).expect("a policy").parameters();
        let mut rows = Vec::new();
        for user in users.into_iter().flatten() {
            for given in user.credentials.iter().flatten() {
                let Some(value) = given.value.as_ref().map(|value| value.reveal().to_owned()) else {
                    continue;
                };
                let password = Password::parse(value).expect("short enough");
                let hashed = self.0.passwords.hash(password, parameters, [5; 16]).await.expect("a hash");
                rows.push(StoredCredential {
                    id: fresh(),
                    user: user.id.as_deref().and_then(|id| id.parse().ok()).expect("a user has an id"),
                    kind: "password".to_owned(),
                    label: None,
                    created: 0,
                    priority: 10,
                    credential_data: hashed.credential_data(),
                    secret_data: hashed.secret_data(),
                });
            }
        }
        rows
    }

    fn read<T>(&self, look: impl FnOnce(&NewRealm) -> T) -> T {
        look(&self.0.realm.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the realm as an administrator would.
    pub(crate) async fn change_realm(&self, change: impl FnOnce(&mut RealmRepresentation)) {
        change(&mut self.0.realm.lock().unwrap_or_else(PoisonError::into_inner).config);
        self.replace(|record| matches!(record, Record::Realm(_))).await;
    }

    /// The same for a client.
    pub(crate) async fn change_client(
        &self,
        client_id: &str,
        change: impl FnOnce(&mut ClientRepresentation),
    ) {
        {
            let mut realm = self.0.realm.lock().unwrap_or_else(PoisonError::into_inner);
            let mut clients = realm.config.clients.iter_mut().flatten();
            change(clients.find(|it| it.client_id.as_deref() == Some(client_id)).expect("no such client"));
        }
        self.replace(|record| matches!(record, Record::Client(client) if client.client_id == client_id))
            .await;
    }

    /// The same for a user.
    pub(crate) async fn change_user(&self, username: &str, change: impl FnOnce(&mut UserRepresentation)) {
        {
            let mut realm = self.0.realm.lock().unwrap_or_else(PoisonError::into_inner);
            let mut users = realm.config.users.iter_mut().flatten();
            change(users.find(|it| it.username.as_deref() == Some(username)).expect("no such user"));
        }
        self.replace(|record| matches!(record, Record::User(user) if user.username == username)).await;
    }

    async fn replace(&self, is_meant: impl Fn(&Record) -> bool) {
        let (id, records) = self.read(|realm| (realm.id(), realm.records(&self.0.master)));
        let mut work = Work::new(fresh()).guard(Guard::MoveRealm { realm: id });
        for record in records.into_iter().filter(is_meant) {
            work = work.write(Write::Replace(Box::new(record)));
        }
        assert_eq!(self.0.store.commit(work).await.expect("a store"), Outcome::Won);
    }

    /// Lets time pass. The node looks at what others did, as it does each second.
    pub(crate) async fn wait(&self, seconds: i64) {
        self.0.clock.advance(seconds);
        self.0.store.look().await.expect("a store");
    }

    /// An address of the realm.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("/realms/{}{path}", self.0.name)
    }

    /// The address of an OpenID Connect endpoint.
    pub(crate) fn endpoint(&self, path: &str) -> String {
        self.url(&format!("/protocol/openid-connect{path}"))
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{BASE}{}", self.url(""))
    }

    /// The id of a user.
    pub(crate) fn user(&self, username: &str) -> Uuid {
        self.read(|realm| realm.user(username).id)
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.clone())
    }

    /// Sends a request from this address.
    pub(crate) async fn send_from(&self, peer: &str, mut request: Request<Body>) -> Answer {
        let peer: SocketAddr = format!("{peer}:50000").parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.0.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        Answer::read(response).await
    }

    /// Sends a request from the machine itself.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.send_from("127.0.0.1", request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(with_headers(Request::get(path), headers, Body::empty())).await
    }

    /// Posts a form.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.post_with(path, &[], form).await
    }

    pub(crate) async fn post_with(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        form: &[(&str, &str)],
    ) -> Answer {
        let builder = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        self.send(with_headers(builder, headers, Body::from(encoded(form)))).await
    }
}

impl std::ops::Deref for World {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// An id that nothing else has.
pub(crate) fn fresh() -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(0);
    Uuid::from_u64_pair(0xfeed, LAST.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn with_headers(
    builder: axum::http::request::Builder,
    headers: &[(&str, &str)],
    body: Body,
) -> Request<Body> {
    headers.iter().fold(builder, |it, (name, value)| it.header(*name, *value)).body(body).expect("a request")
}

pub(crate) fn encoded<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
