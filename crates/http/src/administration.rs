//! What the rooms of administration need of a request: who is calling, a body within bounds, answers in JSON
//! with the headers that every answer of ours has.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, ORIGIN, PRAGMA, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use sekisho_core::access::Caller;
use sekisho_endpoints::bearer;
use sekisho_protocol::{Cause, ErrorResponse};
use serde::Serialize;

use crate::request::{forwarded, single};
use crate::{App, cors, json};

/// The largest document: a realm with its users.
const MAX_BODY: usize = 32 * 1024 * 1024;
/// A body that is not there by then is not waited for.
const BODY_TIME: Duration = Duration::from_secs(30);

/// Whoever sent the request, by its access token.
///
/// # Errors
/// The answer that says why not, in Keycloak's words.
pub async fn caller(app: &App, parts: &Parts) -> Result<Caller, Response> {
    // RFC 9110 §11.6.2: one set of credentials.
    let header = single(&parts.headers, &AUTHORIZATION).and_then(bearer::token);
    let token = header.ok_or_else(unauthorized)?;
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let (address, _) = forwarded(&parts.headers, peer, &app.settings);
    let caller = bearer::check_administrator(&app.server, token, &address).await;
    let caller = caller.map_err(|cause| match cause {
        Cause::Unavailable => problem(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        Cause::Internal => problem(StatusCode::INTERNAL_SERVER_ERROR, "unknown_error"),
        _ => unauthorized(),
    })?;
    match single(&parts.headers, &ORIGIN) {
        Some(origin) if !caller.client().allows_origin(origin) => {
            Err(problem(StatusCode::FORBIDDEN, "Invalid origin"))
        }
        _ => Ok(caller),
    }
}

fn unauthorized() -> Response {
    problem(StatusCode::UNAUTHORIZED, "HTTP 401 Unauthorized")
}

/// An answer that says no more than a word.
pub fn problem(status: StatusCode, error: &str) -> Response {
    refusal(status, &ErrorResponse { error, error_description: None })
}

/// Reads a body whole.
///
/// # Errors
/// The answer that says why not.
pub async fn body(body: Body) -> Result<Bytes, Response> {
    let collected = tokio::time::timeout(BODY_TIME, Limited::new(body, MAX_BODY).collect()).await;
    match collected {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(json::too_large()),
        Ok(Err(_)) | Err(_) => Err(problem(StatusCode::BAD_REQUEST, "invalid_request")),
    }
}

/// A document, which no cache keeps without asking.
pub fn document<T: Serialize>(status: StatusCode, value: &T) -> Response {
    let mut response = json::uncached(status, value);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    headers.remove(PRAGMA);
    no_cache(headers);
    response
}

/// Why not, which no cache keeps; of a caller who is not known it need not be told (RFC 9110 §15.1).
pub fn refusal<T: Serialize>(status: StatusCode, value: &T) -> Response {
    let mut response = json::uncached(status, value);
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().remove(CACHE_CONTROL);
        response.headers_mut().remove(PRAGMA);
    }
    json::retry_after(&mut response);
    response
}

/// A document that is written already, in the language that the reader prefers.
pub fn worded(text: &'static str) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    headers.append(VARY, HeaderValue::from_static("Accept-Language"));
    no_cache(headers);
    response
}

/// A text, which no cache keeps without asking.
pub fn text(text: String) -> Response {
    let mut response = text.into_response();
    no_cache(response.headers_mut());
    response
}

/// A document that anybody may read, from any page, and that a cache may keep for an hour.
pub fn public(text: &'static str) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    cors::open(&mut response);
    response
}

/// An answer without a body. No cache keeps an answer to a change (RFC 9111 §4.4).
pub fn empty(status: StatusCode) -> Response {
    status.into_response()
}

/// Says so all the same, where Keycloak does.
pub fn no_cache(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
}

/// Lets the page that asked read the answer: its origin was checked by [`caller`].
pub fn readable(response: &mut Response, headers: &HeaderMap) {
    cors::for_origin(response, single(headers, &ORIGIN));
    // No cache keeps an answer to a change (RFC 9111 §4.4), so what it varies by need not be said.
    if matches!(response.status(), StatusCode::CREATED | StatusCode::NO_CONTENT) {
        response.headers_mut().remove(VARY);
    }
}

/// Asks before anything but a GET.
pub fn preflight(headers: &HeaderMap) -> Response {
    cors::preflight(headers, "DELETE, GET, POST, PUT")
}
