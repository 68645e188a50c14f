//! Headers that every answer carries.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::Next;
use axum::response::Response;

use crate::App;

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// No sniffing, no framing, no referrer, no index, and no cache unless the answer says otherwise. As in Keycloak
/// nothing is said to caches of what was made or done, no answer to a change being kept (RFC 9110 §9.3.3), nor of a
/// caller who is not known, as 401 is kept only where that is said (§15.1). Where the
/// public address is HTTPS, browsers are told to stay with it (RFC 6797): this host, not its neighbours.
pub(crate) async fn secure(State(app): State<App>, request: Request, next: Next) -> Response {
    let changes = !request.method().is_safe();
    let mut response = next.run(request).await;
    let status = response.status();
    let done = changes && matches!(status, StatusCode::CREATED | StatusCode::NO_CONTENT);
    let is_never_kept = done || status == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(ROBOTS, HeaderValue::from_static("none"));
    if app.settings.secure {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if !is_never_kept {
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}
