//! A client that many call at a time, and which tells an answer from silence.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sekisho_e2e::code_flow::parameter;
use sekisho_e2e::http::Answer;
use sekisho_e2e::visitor::{Arrival, Visitor};
use serde_json::Value;
use tokio::sync::Semaphore;
use url::Url;

use super::realm::{APP, PASSWORD, REALM, REDIRECT_URI, TOOL, TOOL_SECRET, USERNAME};
use super::server::Server;

/// Requests that are on their way at a time; more wait for their turn, and for a file descriptor.
const CONNECTIONS: usize = 256;
/// RFC 7636 §4.1; one for all, since nobody listens here.
const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";

/// The way to one server, shared by all who call it.
#[derive(Clone)]
pub(crate) struct Wire {
    base: Url,
    client: Client<HttpConnector, Full<Bytes>>,
    turns: Arc<Semaphore>,
}

/// What became of a request.
pub(crate) enum Heard {
    Answer(Answer),
    /// It was sent, perhaps in part, and nothing came back: whether it was done is unknown.
    Silence,
    /// It never left.
    Unsent,
}

impl Heard {
    pub(crate) fn answer(self) -> Result<Answer> {
        match self {
            Self::Answer(answer) => Ok(answer),
            Self::Silence | Self::Unsent => anyhow::bail!("no answer"),
        }
    }
}

impl Wire {
    pub(crate) fn to(server: &Server) -> Result<Self> {
        let client = Client::builder(TokioExecutor::new())
            // A second try would be a second attempt that the history does not know of.
            .retry_canceled_requests(false)
            // The server closes what is idle for long.
            .pool_idle_timeout(Duration::from_secs(5))
            .build_http();
        let base = Url::parse(&format!("http://{}", server.address))?;
        Ok(Self { base, client, turns: Arc::new(Semaphore::new(CONNECTIONS)) })
    }

    /// POSTs a form to an endpoint of the realm.
    pub(crate) async fn post(&self, endpoint: &str, fields: &[(&str, &str)]) -> Heard {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(self.endpoint(endpoint).as_str())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(body));
        let (Ok(_turn), Ok(request)) = (self.turns.acquire().await, request) else { return Heard::Unsent };
        let response = match self.client.request(request).await {
            Ok(response) => response,
            Err(error) if error.is_connect() => return Heard::Unsent,
            Err(_) => return Heard::Silence,
        };
        let (head, body) = response.into_parts();
        match body.collect().await {
            Ok(body) => Heard::Answer(Answer {
                status: head.status,
                headers: head.headers,
                body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
            }),
            Err(_) => Heard::Silence,
        }
    }

    pub(crate) async fn redeem(&self, code: &str) -> Heard {
        self.post("token", &Self::redemption(code)).await
    }

    pub(crate) fn redemption(code: &str) -> [(&str, &str); 5] {
        [
            ("grant_type", "authorization_code"),
            ("client_id", APP),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ]
    }

    pub(crate) async fn rotate(&self, token: &str) -> Heard {
        self.post("token", &Self::rotation(token)).await
    }

    pub(crate) fn rotation(token: &str) -> [(&str, &str); 3] {
        [("grant_type", "refresh_token"), ("client_id", APP), ("refresh_token", token)]
    }

    pub(crate) async fn revoke(&self, token: &str) -> Heard {
        self.post("revoke", &[("client_id", APP), ("token", token)]).await
    }

    /// Ends the session behind a refresh token, as Keycloak's adapters do.
    pub(crate) async fn log_out(&self, token: &str) -> Heard {
        self.post("logout", &[("client_id", APP), ("refresh_token", token)]).await
    }

    /// Signs in with a password, without a browser: a session and a grant are written.
    pub(crate) async fn sign_in(&self) -> Heard {
        self.post("token", &Self::password(USERNAME)).await
    }

    pub(crate) fn password(username: &str) -> [(&str, &str); 5] {
        [
            ("grant_type", "password"),
            ("client_id", TOOL),
            ("client_secret", TOOL_SECRET),
            ("username", username),
            ("password", PASSWORD),
        ]
    }

    pub(crate) fn endpoint(&self, name: &str) -> Url {
        self.at(&format!("/realms/{REALM}/protocol/openid-connect/{name}"))
    }

    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }

    /// Signs in with a browser and takes so many codes of that one session.
    pub(crate) async fn codes(&self, count: usize) -> Result<Vec<String>> {
        let mut visitor = Visitor::default();
        let authorization = self.authorization();
        let login = visitor.open(&authorization).await?.page()?;
        let mut form = login.form("kc-form-login")?;
        form.fill("username", USERNAME);
        form.fill("password", PASSWORD);
        let mut codes = vec![code(visitor.press(&login, &form, "kc-login").await?)?];
        while codes.len() < count {
            codes.push(code(visitor.open(&authorization).await?)?);
        }
        Ok(codes)
    }

    fn authorization(&self) -> Url {
        static CHALLENGE: OnceLock<String> = OnceLock::new();
        let challenge = CHALLENGE.get_or_init(|| {
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, VERIFIER.as_bytes());
            URL_SAFE_NO_PAD.encode(digest)
        });
        let mut url = self.endpoint("auth");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", APP)
            .append_pair("redirect_uri", REDIRECT_URI)
            .append_pair("state", "s")
            .append_pair("code_challenge", challenge)
            .append_pair("code_challenge_method", "S256");
        url
    }
}

fn code(arrival: Arrival) -> Result<String> {
    let callback = arrival.away()?;
    parameter(&callback, "code").with_context(|| format!("no code in {callback}"))
}

/// The refresh token of a token endpoint's answer.
pub(crate) fn refresh_token(answer: &Answer) -> Result<String> {
    ensure!(answer.status == 200, "{} {}", answer.status, answer.body);
    let answer = answer.json()?;
    Ok(answer.get("refresh_token").and_then(Value::as_str).context("no refresh token")?.to_owned())
}
