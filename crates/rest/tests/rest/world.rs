//! A server on a temporary file with the realms `one` and `two`, which are alike, and master over both.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use sekisho_admin::Context;
use sekisho_admin::realm::{self, Administrator, ExportOptions, ImportOptions};
use sekisho_core::access::AdminRoles;
use sekisho_core::policy::SecurityProfile;
use sekisho_credential::HashingPool;
use sekisho_endpoints::Server;
use sekisho_http::{App, Settings};
use sekisho_policy::Outside;
use sekisho_protocol::keycloak::{self, Sensitive};
use sekisho_store::{MasterKeys, Options, PublicUrls, Store};
use sekisho_store_sqlite::SqliteEngine;
use sekisho_testkit::{ManualClock, SeededEntropy};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

/// Has no role at all.
pub(super) const NOBODY: &str = "nobody";

pub(super) struct World {
    server: Arc<Server>,
    pub(super) router: Router,
    _folder: tempfile::TempDir,
}

/// An answer, read whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl World {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = ManualClock::default();
        let options = sekisho_store_sqlite::Options::new(Arc::new(clock.clone()));
        let engine = SqliteEngine::open(folder.path().join("sekisho.db"), options).expect("a database");
        let options = Options {
            master: MasterKeys::new(&[[9; 32]]).expect("a key"),
            urls: PublicUrls::new("https://as.example"),
            security: SecurityProfile::None,
            clock: Arc::new(clock.clone()),
            node: Uuid::from_u128(1),
        };
        let one = NonZeroUsize::MIN;
        let server = Arc::new(Server {
            store: Arc::new(Store::open(engine, options).await.expect("a store")),
            clock: Arc::new(clock),
            entropy: Arc::new(SeededEntropy::new(7)),
            passwords: Arc::new(
                HashingPool::new(one, NonZeroUsize::new(64).expect("not zero")).expect("threads"),
            ),
            outside: Outside::new(sekisho_outbound::Options::default()).expect("TLS"),
            registrations: Arc::default(),
        });
        let app = App::new(server.clone(), Settings::default()).expect("pages can be read");
        let world =
            Self { server, router: sekisho_http::router(app, sekisho_rest::router()), _folder: folder };
        let administrator = Administrator { username: "admin".to_owned(), password: Sensitive::new("admin") };
        realm::bootstrap_master(&world.context(), Some(administrator)).await.expect("a start");
        for name in ["one", "two"] {
            world.import(name).await;
        }
        world
    }

    fn context(&self) -> Context<'_> {
        Context {
            store: &self.server.store,
            clock: self.server.clock.as_ref(),
            entropy: self.server.entropy.as_ref(),
            passwords: &self.server.passwords,
            outside: &self.server.outside,
        }
    }

    /// Makes a realm in which each admin role has a user of its name.
    pub(super) async fn import(&self, name: &str) {
        let document = keycloak::parse(realm_named(name).to_string().as_bytes()).expect("a realm");
        let imported = realm::import(&self.context(), document, ImportOptions::default()).await;
        imported.expect("an import");
    }

    /// Everything of a realm.
    pub(super) async fn export(&self, name: &str) -> Value {
        let options = ExportOptions { users: true, secrets: true };
        let exported = realm::export(&self.context(), name, options).await.expect("an export");
        serde_json::to_value(exported).expect("JSON")
    }

    /// Sends a request from the machine itself.
    pub(super) async fn send(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 50000))));
        let response = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// An access token of a user whose password is the name.
    pub(super) async fn sign_in(&self, realm: &str, username: &str) -> String {
        let form = format!("grant_type=password&client_id=admin-cli&username={username}&password={username}");
        let request = Request::post(format!("/realms/{realm}/protocol/openid-connect/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form));
        let answer = self.send(request.expect("a request")).await;
        let token = answer.json()["access_token"].as_str().map(str::to_owned);
        token.unwrap_or_else(|| panic!("{username} of {realm}: {answer:?}"))
    }

    /// Calls Admin REST.
    pub(super) async fn call(&self, token: &str, method: &str, path: &str, body: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_owned()));
        self.send(request.expect("a request")).await
    }
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

/// Passwords are hashed once: none of them is a secret.
const CHEAP: &str = "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)";

fn realm_named(name: &str) -> Value {
    let user = |username: &str, roles: &[&str]| {
        json!({
            "username": username, "enabled": true, "emailVerified": true,
            "firstName": "F", "lastName": "L", "email": format!("{username}@{name}.example"),
            "credentials": [{"type": "password", "value": username}],
            "clientRoles": {"realm-management": roles},
        })
    };
    let mut users: Vec<Value> = AdminRoles::NAMED.iter().map(|(_, role)| user(role, &[role])).collect();
    users.push(user(NOBODY, &[]));
    json!({
        "realm": name, "enabled": true, "passwordPolicy": CHEAP, "users": users,
        "roles": {"realm": [{"name": format!("role-{name}")}]},
        "groups": [{"name": format!("group-{name}")}],
        "clients": [{"clientId": format!("client-{name}"), "secret": "s", "serviceAccountsEnabled": true}],
        "clientScopes": [{
            "name": format!("scope-{name}"), "protocol": "openid-connect",
            "protocolMappers": [{
                "name": "mapper", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
                "config": {"included.custom.audience": "x", "access.token.claim": "true"},
            }],
        }],
    })
}
