//! The endpoints that clients call: token, introspection, revocation.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sekisho_endpoints::{introspect as introspection, realm as realms, revoke as revocation, token};
use sekisho_protocol::{Cause, Surface};
use serde::Serialize;

use crate::request::Whole;
use crate::{App, cors, json};

/// `POST /token` (OAuth 2.1 §3.2).
pub(crate) async fn exchange(State(app): State<App>, Path(realm): Path<String>, whole: Whole) -> Response {
    let transport = whole.transport();
    let outcome = match realms::open(&app.server, &realm, &transport).await {
        Ok(realm) => token::exchange(&app.server, &realm, whole.form(), &transport).await,
        Err(cause) => Err(cause),
    };
    respond(Surface::Token, outcome, &whole)
}

/// `POST /token/introspect` (RFC 7662).
pub(crate) async fn introspect(State(app): State<App>, Path(realm): Path<String>, whole: Whole) -> Response {
    let transport = whole.transport();
    let outcome = match realms::open(&app.server, &realm, &transport).await {
        Ok(realm) => introspection::introspect(&app.server, &realm, whole.form(), &transport).await,
        Err(cause) => Err(cause),
    };
    respond(Surface::Introspection, outcome, &whole)
}

/// `POST /revoke` (RFC 7009): the answer has no body.
pub(crate) async fn revoke(State(app): State<App>, Path(realm): Path<String>, whole: Whole) -> Response {
    let transport = whole.transport();
    let outcome = match realms::open(&app.server, &realm, &transport).await {
        Ok(realm) => revocation::revoke(&app.server, &realm, whole.form(), &transport).await,
        Err(cause) => Err(cause),
    };
    match outcome {
        Ok(()) => {
            let mut response = StatusCode::OK.into_response();
            cors::for_origin(&mut response, whole.origin());
            response
        }
        Err(cause) => respond::<()>(Surface::Revocation, Err(cause), &whole),
    }
}

fn respond<T: Serialize>(surface: Surface, outcome: Result<T, Cause>, whole: &Whole) -> Response {
    let (mut response, readable) = match outcome {
        Ok(value) => (json::uncached(StatusCode::OK, &value), true),
        Err(cause) => {
            let used_basic = whole.transport().uses_basic();
            (json::refusal(surface, &cause, used_basic), cause != Cause::OriginNotAllowed)
        }
    };
    // Introspection is for servers: no page ever reads an answer of it.
    let readable = readable && surface != Surface::Introspection;
    cors::for_origin(&mut response, whole.origin().filter(|_| readable));
    response
}
