//! An authorization server that answers as it is told to, and remembers what it was sent.

use std::sync::{Arc, Mutex};

use aws_lc_rs::digest;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::{Url, form_urlencoded};

pub(crate) const REALM: &str = "/realms/a";
pub(crate) const CODE: &str = "the-code";

pub(crate) type Parameters = Vec<(String, String)>;

/// How it behaves; the default is well.
#[derive(Clone)]
pub(crate) struct Manners {
    /// Changes the metadata document.
    pub(crate) metadata: fn(&mut Value),
    /// Where the document lies, with the issuer's path in it or not.
    pub(crate) place: &'static str,
    /// What the authorization response carries besides `state`; `{issuer}` stands for the issuer.
    pub(crate) response: &'static [(&'static str, &'static str)],
    /// Status and body of the token endpoint, if not a token.
    pub(crate) refusal: Option<(u16, &'static str)>,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            metadata: |_| (),
            place: "/.well-known/oauth-authorization-server/realms/a",
            response: &[("code", CODE), ("iss", "{issuer}")],
            refusal: None,
        }
    }
}

#[derive(Clone)]
pub(crate) struct AuthorizationServer {
    pub(crate) issuer: String,
    pub(crate) origin: String,
    manners: Manners,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default, Clone)]
pub(crate) struct Seen {
    pub(crate) authorization: Vec<Parameters>,
    pub(crate) token: Vec<(Option<String>, Parameters)>,
}

impl AuthorizationServer {
    pub(crate) async fn start(manners: Manners) -> Self {
        Self::start_at("127.0.0.1", manners).await
    }

    /// `host` is what the issuer is called; it listens on 127.0.0.1.
    pub(crate) async fn start_at(host: &str, manners: Manners) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{host}:{}", socket.local_addr().unwrap().port());
        let server = Self { issuer: format!("{origin}{REALM}"), origin, manners, seen: Arc::default() };
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(socket, router).await });
        server
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    fn metadata(&self) -> Response {
        let mut document = json!({
            "issuer": self.issuer,
            "authorization_endpoint": format!("{}{REALM}/auth", self.origin),
            "token_endpoint": format!("{}{REALM}/token", self.origin),
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        });
        (self.manners.metadata)(&mut document);
        json_response(StatusCode::OK, document.to_string())
    }

    /// Signs everybody in at once.
    fn authorize(&self, query: &str) -> Response {
        let parameters = parse(query);
        let mut back = Url::parse(find(&parameters, "redirect_uri")).unwrap();
        back.query_pairs_mut().append_pair("state", find(&parameters, "state"));
        for (name, value) in self.manners.response {
            back.query_pairs_mut().append_pair(name, &value.replace("{issuer}", &self.issuer));
        }
        self.seen.lock().unwrap().authorization.push(parameters);
        (StatusCode::FOUND, [(LOCATION, back.to_string())]).into_response()
    }

    fn exchange(&self, authorization: Option<String>, form: &Parameters) -> Response {
        let mut seen = self.seen.lock().unwrap();
        seen.token.push((authorization, form.clone()));
        if let Some((status, body)) = self.manners.refusal {
            return json_response(StatusCode::from_u16(status).unwrap(), body.to_owned());
        }
        let hash = digest::digest(&digest::SHA256, find(form, "code_verifier").as_bytes());
        let asked = seen.authorization.last().expect("a code was issued before");
        assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(hash), find(asked, "code_challenge"));
        assert_eq!(find(form, "redirect_uri"), find(asked, "redirect_uri"));
        assert_eq!(find(form, "code"), CODE);
        let scope = asked.iter().find(|(name, _)| name == "scope").map_or("", |(_, scope)| scope);
        json_response(StatusCode::OK, token_response(scope).to_string())
    }
}

/// The response to a request for `scope`, with a token that says so.
pub(crate) fn token_response(scope: &str) -> Value {
    json!({"access_token": token(scope), "token_type": "Bearer", "expires_in": 300, "scope": scope})
}

/// A JWT nobody signed, for audience `the-audience`.
pub(crate) fn token(scope: &str) -> String {
    let claims = json!({"aud": ["the-audience"], "scope": scope});
    format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()))
}

pub(crate) fn find<'a>(parameters: &'a Parameters, name: &str) -> &'a str {
    let mut values = parameters.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let value = values.next().unwrap_or_else(|| panic!("no {name} in {parameters:?}"));
    assert_eq!(values.next(), None, "{name} twice");
    value
}

pub(crate) fn has(parameters: &Parameters, name: &str) -> bool {
    parameters.iter().any(|(key, _)| key == name)
}

async fn answer(State(server): State<AuthorizationServer>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if path == server.manners.place {
        return server.metadata();
    }
    match path.strip_prefix(REALM) {
        Some("/auth") => server.authorize(request.uri().query().unwrap_or_default()),
        Some("/token") => {
            let authorization =
                request.headers().get(AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
            let body = to_bytes(request.into_body(), 64 * 1024).await.unwrap();
            server.exchange(authorization, &parse(std::str::from_utf8(&body).unwrap()))
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn parse(text: &str) -> Parameters {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn json_response(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}
