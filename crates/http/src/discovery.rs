//! The realm's document, discovery at all its addresses, and the JWK set.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use axum::response::{IntoResponse, Response};
use sekisho_core::Realm;
use sekisho_endpoints::discovery::{self as documents, Document};
use sekisho_endpoints::realm as realms;
use sekisho_protocol::Surface;
use serde_json::json;

use crate::request::single;
use crate::{App, cors, json};

/// Seconds. A key is shown at least so long, and ten more, before it signs (DESIGN §5.10).
const MAX_AGE: &str = "public, max-age=600";
const DOCUMENTS: [&str; 2] = ["openid-configuration", "oauth-authorization-server"];

/// `/realms/{realm}/.well-known/{document}`.
pub(crate) async fn document(
    State(app): State<App>,
    Path((realm, document)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if !DOCUMENTS.contains(&document.as_str()) {
        return json::not_found();
    }
    with_realm(&app, &realm, &headers, documents::metadata_document).await
}

/// `/.well-known/{document}/realms/{realm}` (RFC 8414 §3.1): the same bytes.
pub(crate) async fn document_first(
    State(app): State<App>,
    Path((document, realm)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    self::document(State(app), Path((realm, document)), headers).await
}

/// The JWK set.
pub(crate) async fn keys(State(app): State<App>, Path(realm): Path<String>, headers: HeaderMap) -> Response {
    with_realm(&app, &realm, &headers, documents::key_document).await
}

async fn with_realm(
    app: &App,
    realm: &str,
    headers: &HeaderMap,
    document: fn(&Realm) -> Document,
) -> Response {
    match realms::load(&app.server, realm).await {
        Ok(realm) => cached(document(&realm), headers),
        Err(cause) => json::refusal(Surface::Token, &cause, false),
    }
}

fn cached(document: Document, headers: &HeaderMap) -> Response {
    let known = single(headers, &IF_NONE_MATCH).is_some_and(|tags| knows(tags, &document.etag));
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { document.text.into_response() };
    let answer = response.headers_mut();
    answer.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer.insert(CACHE_CONTROL, HeaderValue::from_static(MAX_AGE));
    if let Ok(tag) = HeaderValue::from_str(&document.etag) {
        answer.insert(ETAG, tag);
    }
    cors::open(&mut response);
    response
}

/// Weak comparison (RFC 9110 §13.1.2): a proxy that compresses makes a tag weak.
fn knows(tags: &str, etag: &str) -> bool {
    tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// Keycloak's document about a realm.
pub(crate) async fn realm(State(app): State<App>, Path(realm): Path<String>) -> Response {
    match realms::load(&app.server, &realm).await {
        Ok(realm) => {
            let body = json!({
                "realm": realm.name,
                "public_key": documents::public_key(&realm),
                "token-service": realm.url("/protocol/openid-connect"),
                "account-service": realm.url("/account"),
                "tokens-not-before": realm.not_before,
            });
            let mut response = json::uncached(StatusCode::OK, &body);
            cors::open(&mut response);
            response
        }
        Err(cause) => json::refusal(Surface::Token, &cause, false),
    }
}

#[cfg(test)]
mod tests {
    use sekisho_core::rotation::KEY_SET_MAX_AGE;

    use super::*;

    #[test]
    fn key_sets_are_kept_no_longer_than_a_rotation_waits() {
        assert_eq!(MAX_AGE, format!("public, max-age={KEY_SET_MAX_AGE}"));
    }
}
