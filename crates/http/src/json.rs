//! JSON answers and refusals; the one place that reads a status from the table.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use sekisho_protocol::{Cause, ErrorResponse, Surface, wire};
use serde::Serialize;

/// An answer that no cache may keep.
pub(crate) fn uncached<T: Serialize>(status: StatusCode, value: &T) -> Response {
    let Ok(text) = serde_json::to_string(value) else {
        tracing::error!("an answer could not be written as JSON");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// A refusal as the table has it for this surface.
pub(crate) fn refusal(surface: Surface, cause: &Cause, used_basic: bool) -> Response {
    let row = wire::row(surface, cause);
    let status = StatusCode::from_u16(row.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response =
        uncached(status, &ErrorResponse { error: &row.code, error_description: row.description.as_deref() });
    // OAuth 2.1 §3.2.4: who tried by the header is told by the header.
    if row.code == "invalid_client" && row.status == 401 && used_basic {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"sekisho\""));
    }
    retry_after(&mut response);
    response
}

/// A passing failure says when to try again.
pub(crate) fn retry_after(response: &mut Response) {
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
}

/// A route that is there, asked by another method.
pub(crate) async fn method_not_allowed(method: Method, uri: Uri) -> Response {
    tracing::debug!(http.method = %method, http.path = uri.path(), "method not allowed");
    let body = ErrorResponse { error: "HTTP 405 Method Not Allowed", error_description: None };
    uncached(StatusCode::METHOD_NOT_ALLOWED, &body)
}

/// A body that is longer than any form of ours.
pub(crate) fn too_large() -> Response {
    let body = ErrorResponse { error: "HTTP 413 Request Entity Too Large", error_description: None };
    uncached(StatusCode::PAYLOAD_TOO_LARGE, &body)
}

/// A path that is not there, asked by a program.
pub(crate) fn not_found() -> Response {
    uncached(StatusCode::NOT_FOUND, &ErrorResponse { error: "HTTP 404 Not Found", error_description: None })
}
