//! Which pages may read an answer (Fetch standard §3.2).

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderMap,
    HeaderValue, ORIGIN, VARY,
};
use axum::response::{IntoResponse, Response};

use crate::request::single;

const HEADERS: &str =
    "Accept, Authorization, Content-Type, DPoP, MCP-Protocol-Version, Origin, X-Requested-With";

/// Public documents: any page may read them, without credentials.
pub(crate) fn open(response: &mut Response) {
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
}

/// An answer for one page, whose origin the endpoint has let pass.
pub(crate) fn for_origin(response: &mut Response, origin: Option<&str>) {
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = origin.and_then(|origin| HeaderValue::from_str(origin).ok()) else { return };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("WWW-Authenticate"));
}

/// Asks before a GET.
pub(crate) async fn preflight_get(headers: HeaderMap) -> Response {
    preflight(&headers, "GET, HEAD, OPTIONS, POST")
}

/// Asks before a POST.
pub(crate) async fn preflight_post(headers: HeaderMap) -> Response {
    preflight(&headers, "OPTIONS, POST")
}

/// Which client will ask is not known yet, so any origin may try; the request itself is judged.
pub(crate) fn preflight(headers: &HeaderMap, methods: &'static str) -> Response {
    let mut response = ().into_response();
    for_origin(&mut response, single(headers, &ORIGIN));
    let answer = response.headers_mut();
    answer.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
    answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
    answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
    response
}
