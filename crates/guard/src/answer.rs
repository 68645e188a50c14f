//! Writes what the guard answers itself: refusals with their challenge (RFC 6750 §3, RFC 9728 §5.1), and
//! what pages need to be allowed to read (CORS).

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, CACHE_CONTROL,
    CONTENT_TYPE, ORIGIN, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;
use sekisho_protocol::Scopes;
use serde_json::json;

use crate::refusal::{Refusal, Row, Shape};

/// Seconds after which a client may try again while the issuer is down.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// The response to a request that is refused.
pub(crate) fn refuse(refusal: &Refusal, metadata_url: &str, required: &Scopes) -> Response<Full<Bytes>> {
    let row = refusal.row();
    let scopes = match refusal {
        Refusal::ScopeMissing { needed } => needed,
        _ => required,
    };
    let mut response = Response::new(Full::new(body(&row)));
    *response.status_mut() = StatusCode::from_u16(row.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS);
    } else if let Ok(challenge) = HeaderValue::from_str(&challenge(&row, metadata_url, scopes)) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// URLs, scopes and our own words hold neither quotes nor backslashes, so nothing needs escaping.
fn challenge(row: &Row, metadata_url: &str, scopes: &Scopes) -> String {
    let mut parameters = vec![format!("resource_metadata=\"{metadata_url}\"")];
    if !scopes.is_empty() {
        parameters.push(format!("scope=\"{scopes}\""));
    }
    if let Some(code) = row.code {
        parameters.push(format!("error=\"{code}\""));
        parameters.push(format!("error_description=\"{}\"", row.description));
    }
    format!("Bearer {}", parameters.join(", "))
}

fn body(row: &Row) -> Bytes {
    let json = match row.body {
        Shape::OAuth => match row.code {
            Some(code) => json!({ "error": code, "error_description": row.description }),
            None => json!({ "error_description": row.description }),
        },
        Shape::JsonRpc(code) => {
            json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": row.description } })
        }
    };
    json.to_string().into()
}

/// The answer to a page that asks whether it may call, as it must before it can send a token; nothing when
/// the request asks something else.
pub(crate) fn preflight(request: &Parts, origin: Option<&HeaderValue>) -> Option<Response<Full<Bytes>>> {
    let asks =
        request.method == Method::OPTIONS && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !asks || origin.is_none() {
        return None;
    }
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, DELETE"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_HEADERS));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    Some(response)
}

/// What MCP clients send. `Mcp-Param-…` cannot be listed, and `*` does not cover `Authorization`.
const REQUEST_HEADERS: &str = "authorization, content-type, accept, last-event-id, mcp-protocol-version, \
     mcp-session-id, mcp-method, mcp-name, traceparent, tracestate";

/// Lets the page at an allowed origin read the response, unless the service has its own word on that.
pub(crate) fn share(headers: &mut HeaderMap, origin: Option<HeaderValue>) {
    let Some(origin) = origin else { return };
    if headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        return;
    }
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers
        .append(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("www-authenticate, mcp-session-id"));
    headers.append(VARY, HeaderValue::from(ORIGIN));
}
