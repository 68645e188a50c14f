//! An issuer on loopback, a clock that is moved by hand, a service that says who called.

use std::convert::Infallible;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use sekisho_guard::{Algorithm, Caller, Clock, Guard, GuardBuilder, Timestamp};
use sekisho_jose::{JwkSet, SigningKey, sign};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tower::{Layer, ServiceExt, service_fn};

pub(crate) const RESOURCE: &str = "http://127.0.0.1:3001/mcp";
pub(crate) const METADATA: &str = "http://127.0.0.1:3001/.well-known/oauth-protected-resource/mcp";
pub(crate) const NOW: i64 = 1_800_000_000;

/// Moved by hand.
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

/// How the issuer answers.
#[derive(Clone)]
pub(crate) enum Mode {
    Up,
    /// Hangs up.
    Down,
    /// Metadata with these members changed.
    Metadata(Value),
}

/// An issuer with metadata where Keycloak has it: appended, not inserted.
pub(crate) struct Issuer {
    pub(crate) identifier: String,
    key_fetches: AtomicUsize,
    /// Told at each fetch of keys.
    fetched: Notify,
    pub(crate) clock: Arc<ManualClock>,
    mode: Mutex<Mode>,
    set: Mutex<JwkSet>,
}

impl Issuer {
    pub(crate) async fn start(keys: &[&SigningKey]) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = Arc::new(Self {
            identifier: format!("http://{}/realms/a", listener.local_addr().unwrap()),
            key_fetches: AtomicUsize::new(0),
            fetched: Notify::new(),
            clock: Arc::new(ManualClock(AtomicI64::new(NOW))),
            mode: Mutex::new(Mode::Up),
            set: Mutex::default(),
        });
        issuer.publish(keys);
        tokio::spawn(serve(listener, Arc::clone(&issuer)));
        issuer
    }

    pub(crate) fn publish(&self, keys: &[&SigningKey]) {
        let keys = keys.iter().map(|key| key.public().unwrap()).collect();
        *self.set.lock().unwrap() = JwkSet { keys };
    }

    pub(crate) fn turn(&self, mode: Mode) {
        *self.mode.lock().unwrap() = mode;
    }

    pub(crate) fn key_fetches(&self) -> usize {
        self.key_fetches.load(Ordering::SeqCst)
    }

    /// Waits for a fetch of keys; gives up rather than wait for ever.
    pub(crate) async fn fetch_seen(&self) {
        let limit = std::time::Duration::from_secs(10);
        tokio::time::timeout(limit, self.fetched.notified()).await.expect("a fetch of keys");
    }

    /// A guard for [`RESOURCE`] that asks for the scope `hello`.
    pub(crate) fn builder(&self) -> GuardBuilder {
        Guard::builder(RESOURCE)
            .issuer(&self.identifier)
            .require_scopes(["hello"])
            .clock(Arc::clone(&self.clock) as Arc<dyn Clock>)
    }

    pub(crate) fn guard(&self) -> Guard {
        self.builder().build().unwrap()
    }

    /// Claims of a good token.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.identifier, "aud": RESOURCE, "sub": "alice", "azp": "mcp", "scope": "hello",
            "typ": "Bearer", "iat": NOW, "exp": NOW + 300,
        })
    }

    /// A good token but for these members; those that are null are left out.
    pub(crate) fn token(&self, key: &SigningKey, changes: &Value) -> String {
        sign(key, "JWT", &changed(self.claims(), changes)).unwrap()
    }

    fn respond(&self, path: &str) -> Option<Response<Full<Bytes>>> {
        let mode = self.mode.lock().unwrap().clone();
        let json = |value: &Value| Response::new(Full::new(value.to_string().into()));
        let metadata = json!({ "issuer": self.identifier, "jwks_uri": format!("{}/certs", self.identifier) });
        Some(match (mode, path) {
            (Mode::Down, _) => return None,
            (Mode::Up, "/realms/a/.well-known/openid-configuration") => json(&metadata),
            (Mode::Metadata(changes), "/realms/a/.well-known/openid-configuration") => {
                json(&changed(metadata, &changes))
            }
            (_, "/realms/a/certs") => {
                self.key_fetches.fetch_add(1, Ordering::SeqCst);
                self.fetched.notify_one();
                json(&serde_json::to_value(&*self.set.lock().unwrap()).unwrap())
            }
            _ => {
                let mut response = Response::new(Full::default());
                *response.status_mut() = StatusCode::NOT_FOUND;
                response
            }
        })
    }
}

async fn serve(listener: TcpListener, issuer: Arc<Issuer>) {
    while let Ok((stream, _)) = listener.accept().await {
        let issuer = Arc::clone(&issuer);
        let respond = hyper::service::service_fn(move |request: Request<Incoming>| {
            let response = issuer.respond(request.uri().path());
            async move { response.ok_or("down") }
        });
        tokio::spawn(async move {
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            drop(builder.serve_connection(TokioIo::new(stream), respond).await);
        });
    }
}

pub(crate) fn changed(mut object: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            object.as_object_mut().unwrap().remove(name);
        } else {
            object[name] = value.clone();
        }
    }
    object
}

pub(crate) fn key(kid: &str) -> SigningKey {
    SigningKey::generate(Algorithm::Es256).unwrap().with_kid(kid)
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn challenge(&self) -> &str {
        self.header(WWW_AUTHENTICATE).expect("a challenge")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Sends a request through the guard to a service that answers with caller and body.
pub(crate) async fn send(guard: &Guard, request: Request<Full<Bytes>>) -> Answer {
    let service = guard.layer().layer(service_fn(echo));
    let response = service.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

async fn echo<B: Body<Data = Bytes, Error = Infallible>>(
    request: Request<B>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let caller = parts.extensions.get::<Caller>().expect("only admitted requests come here");
    let who = format!("{} by {}: ", caller.subject().unwrap_or("-"), caller.client_id().unwrap_or("-"));
    let body = body.collect().await?.to_bytes();
    Ok(Response::new(Full::new([who.as_bytes(), &body].concat().into())))
}

/// `POST /mcp` with a token and a body.
pub(crate) fn post(token: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    Request::post("/mcp")
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .body(Full::new(body.into()))
        .unwrap()
}

/// The status that a token gets.
pub(crate) async fn status(guard: &Guard, token: &str) -> u16 {
    send(guard, post(token, "")).await.status
}
