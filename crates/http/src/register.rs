//! Dynamic client registration (RFC 7591, RFC 7592) over HTTP. No answer is kept by a cache: it has secrets.

use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use sekisho_endpoints::realm as realms;
use sekisho_endpoints::register::{self, Answer, Request};
use sekisho_protocol::{Cause, Surface};

use crate::request::{Whole, single};
use crate::{App, cors, json};

/// Seconds, as long as registrations of an address are counted together.
const RETRY: &str = "600";

/// `POST /clients-registrations/{provider}`.
pub(crate) async fn create(
    State(app): State<App>,
    Path((realm, provider)): Path<(String, String)>,
    whole: Whole,
) -> Response {
    let transport = whole.transport();
    let outcome = match realms::open(&app.server, &realm, &transport).await {
        Ok(realm) => match Request::new(&app.server, &realm, &provider, &transport) {
            Ok(request) => match document(&whole) {
                Ok(body) => register::create(&request, body).await,
                Err(cause) => Err(cause),
            },
            Err(cause) => Err(cause),
        },
        Err(cause) => Err(cause),
    };
    match outcome {
        Ok(answer) => {
            let location = HeaderValue::from_str(&answer.address).ok();
            let mut response = respond(StatusCode::CREATED, &answer, &whole);
            if let Some(location) = location {
                response.headers_mut().insert(LOCATION, location);
            }
            response
        }
        Err(cause) => refuse(&cause, &whole),
    }
}

/// `GET`, `PUT` and `DELETE` of `/clients-registrations/{provider}/{client}`.
pub(crate) async fn client(
    State(app): State<App>,
    Path((realm, provider, client)): Path<(String, String, String)>,
    whole: Whole,
) -> Response {
    let transport = whole.transport();
    let realm = match realms::open(&app.server, &realm, &transport).await {
        Ok(realm) => realm,
        Err(cause) => return refuse(&cause, &whole),
    };
    let request = match Request::new(&app.server, &realm, &provider, &transport) {
        Ok(request) => request,
        Err(cause) => return refuse(&cause, &whole),
    };
    let outcome = match whole.parts.method {
        Method::PUT => match document(&whole) {
            Ok(body) => register::update(&request, &client, body).await.map(Some),
            Err(cause) => Err(cause),
        },
        Method::DELETE => register::remove(&request, &client).await.map(|()| None),
        _ => register::find(&request, &client).await.map(Some),
    };
    match outcome {
        Ok(Some(answer)) => respond(StatusCode::OK, &answer, &whole),
        Ok(None) => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            cors::for_origin(&mut response, whole.origin());
            response
        }
        Err(cause) => refuse(&cause, &whole),
    }
}

/// `GET /clients-registrations/install/{client}`.
pub(crate) async fn install(
    State(app): State<App>,
    Path((realm, client)): Path<(String, String)>,
    whole: Whole,
) -> Response {
    let transport = whole.transport();
    let outcome = match realms::open(&app.server, &realm, &transport).await {
        Ok(realm) => register::install::find(&app.server, &realm, &client, &transport).await,
        Err(cause) => Err(cause),
    };
    match outcome {
        Ok(document) => {
            let mut response = json::uncached(StatusCode::OK, &document);
            cors::for_origin(&mut response, whole.origin());
            response
        }
        Err(cause) => refuse(&cause, &whole),
    }
}

/// Nobody lists the clients of a realm here.
pub(crate) async fn list() -> Response {
    json::not_found()
}

/// Asks before a registration.
pub(crate) async fn preflight(headers: HeaderMap) -> Response {
    cors::preflight(&headers, "DELETE, GET, OPTIONS, POST, PUT")
}

/// The body, where it says that it is JSON: a page cannot send such without being asked first (Fetch §2.2.2).
fn document(whole: &Whole) -> Result<&[u8], Cause> {
    let kind = single(&whole.parts.headers, &CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        Ok(&whole.body)
    } else {
        Err(Cause::DocumentMediaType)
    }
}

fn respond(status: StatusCode, answer: &Answer, whole: &Whole) -> Response {
    let mut response = json::uncached(status, &answer.document);
    let kind = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    cors::for_origin(&mut response, whole.origin());
    response
}

fn refuse(cause: &Cause, whole: &Whole) -> Response {
    let mut response = json::refusal(Surface::Registration, cause, false);
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY));
    }
    cors::for_origin(&mut response, whole.origin().filter(|_| *cause != Cause::OriginNotAllowed));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_told_to_wait_waits_as_long_as_it_is_counted() {
        assert_eq!(RETRY, register::limit::WINDOW.to_string());
    }
}
