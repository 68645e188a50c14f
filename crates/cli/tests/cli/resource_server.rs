//! The demo's MCP server behind a guard of this test's own, which believes what a token says of itself.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::net::TcpListener;

use super::authorization_server::token;
use super::mcp_server;

/// How it guards.
#[derive(Clone)]
pub(crate) struct Guard {
    /// The token that gets through.
    pub(crate) token: String,
    /// The token that is too narrow.
    pub(crate) narrow: String,
    /// Whether refusals carry `WWW-Authenticate`.
    pub(crate) challenges: bool,
    pub(crate) issuer: String,
}

#[derive(Clone)]
pub(crate) struct ResourceServer {
    pub(crate) url: String,
    origin: String,
    guard: Guard,
    /// The tokens of all requests to the MCP endpoint, in order.
    seen: Arc<Mutex<Vec<Option<String>>>>,
}

impl Guard {
    /// Takes tokens of the issuer with scope `hello`.
    pub(crate) fn of(issuer: &str) -> Self {
        Self { token: token("hello"), narrow: token("openid"), challenges: true, issuer: issuer.to_owned() }
    }
}

impl ResourceServer {
    pub(crate) async fn start(guard: Guard) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", socket.local_addr().unwrap());
        let server = Self { url: format!("{origin}/mcp"), origin, guard, seen: Arc::default() };
        let router = mcp_server::router()
            .route_layer(from_fn_with_state(server.clone(), check))
            .merge(Router::new().fallback(describe).with_state(server.clone()));
        tokio::spawn(async move { axum::serve(socket, router).await });
        server
    }

    pub(crate) fn tokens_seen(&self) -> Vec<Option<String>> {
        self.seen.lock().unwrap().clone()
    }

    fn metadata_url(&self) -> String {
        format!("{}/.well-known/oauth-protected-resource/mcp", self.origin)
    }

    fn refuse(&self, status: StatusCode, error: &str) -> Response {
        if !self.guard.challenges {
            return status.into_response();
        }
        let challenge =
            format!(r#"Bearer {error}scope="hello", resource_metadata="{}""#, self.metadata_url());
        (status, [(WWW_AUTHENTICATE, challenge)]).into_response()
    }
}

async fn check(State(server): State<ResourceServer>, request: Request, next: Next) -> Response {
    let header = request.headers().get(AUTHORIZATION).map(|value| value.to_str().unwrap());
    let token = header.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
    server.seen.lock().unwrap().push(token.clone());
    match token {
        Some(token) if token == server.guard.token => next.run(request).await,
        Some(token) if token == server.guard.narrow => {
            server.refuse(StatusCode::FORBIDDEN, r#"error="insufficient_scope", "#)
        }
        Some(_) => {
            server.refuse(StatusCode::UNAUTHORIZED, r#"error="invalid_token", error_description="Expired", "#)
        }
        None => server.refuse(StatusCode::UNAUTHORIZED, ""),
    }
}

async fn describe(State(server): State<ResourceServer>, request: Request) -> Response {
    if !server.metadata_url().ends_with(request.uri().path()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let document = json!({
        "resource": server.url,
        "authorization_servers": [server.guard.issuer],
        "scopes_supported": ["hello"],
    });
    ([(CONTENT_TYPE, "application/json")], document.to_string()).into_response()
}
