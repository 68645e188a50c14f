//! Logout over HTTP: by browser, by its confirmation form, and by refresh token.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sekisho_endpoints::{logout, realm as realms};
use sekisho_protocol::{Cause, Params, Surface};

use crate::page::{self, Shown};
use crate::request::Whole;
use crate::{App, cookies, cors, json};

/// `GET /logout`.
pub(crate) async fn get(State(app): State<App>, Path(realm): Path<String>, whole: Whole) -> Response {
    let params = Params::parse_first(whole.query()).0;
    browser(&app, &realm, &whole, &params).await
}

/// `POST /logout`: the same for a browser; with a refresh token, Keycloak's logout for clients.
pub(crate) async fn post(State(app): State<App>, Path(realm): Path<String>, whole: Whole) -> Response {
    let params = Params::parse_first(whole.form()).0;
    if params.find("refresh_token").is_none() {
        return browser(&app, &realm, &whole, &params).await;
    }
    let transport = whole.transport();
    let outcome = match realms::open(&app.server, &realm, &transport).await {
        Ok(realm) => logout::by_refresh_token(&app.server, &realm, &params, &transport).await,
        Err(cause) => Err(cause),
    };
    let (mut response, readable) = match outcome {
        Ok(()) => (StatusCode::NO_CONTENT.into_response(), true),
        Err(cause) => {
            (json::refusal(Surface::Logout, &cause, transport.uses_basic()), cause != Cause::OriginNotAllowed)
        }
    };
    cors::for_origin(&mut response, whole.origin().filter(|_| readable));
    response
}

async fn browser(app: &App, realm: &str, whole: &Whole, params: &Params) -> Response {
    let transport = whole.transport();
    match realms::open(&app.server, realm, &transport).await {
        Ok(realm) => {
            let browser = cookies::browser(&whole.parts.headers, whole.address());
            let answer = logout::logout(&app.server, &realm, params, &browser, &transport).await;
            page::respond(app, &answer, &Shown { realm: &realm, whole, wanted: params.find("ui_locales") })
        }
        Err(cause) => page::without_realm(app, whole, cause),
    }
}

/// The confirmation form comes back.
pub(crate) async fn confirm(State(app): State<App>, Path(realm): Path<String>, whole: Whole) -> Response {
    let transport = whole.transport();
    match realms::open(&app.server, &realm, &transport).await {
        Ok(realm) => {
            let form = Params::parse_first(whole.form()).0;
            let browser = cookies::browser(&whole.parts.headers, whole.address());
            let answer = logout::confirm(&app.server, &realm, &form, &browser, &transport).await;
            page::respond(&app, &answer, &Shown { realm: &realm, whole: &whole, wanted: None })
        }
        Err(cause) => page::without_realm(&app, &whole, cause),
    }
}
