//! UserInfo over HTTP: refusals go into `WWW-Authenticate` (RFC 6750 §3).

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use sekisho_endpoints::{realm as realms, userinfo};
use sekisho_protocol::{Cause, Params, Surface, wire};

use crate::request::Whole;
use crate::{App, cors, json};

/// `GET /userinfo`.
pub(crate) async fn get(State(app): State<App>, Path(realm): Path<String>, whole: Whole) -> Response {
    answer(&app, &realm, &whole, None).await
}

/// `POST /userinfo`: the token may come in the body (RFC 6750 §2.2).
pub(crate) async fn post(State(app): State<App>, Path(realm): Path<String>, whole: Whole) -> Response {
    answer(&app, &realm, &whole, Some(whole.form())).await
}

async fn answer(app: &App, realm: &str, whole: &Whole, form: Option<&[u8]>) -> Response {
    let transport = whole.transport();
    let realm = match realms::open(&app.server, realm, &transport).await {
        Ok(realm) => realm,
        Err(cause) => return json::refusal(Surface::UserInfo, &cause, false),
    };
    let outcome = match form.map_or_else(|| Ok(Params::empty()), Params::parse) {
        Ok(params) => userinfo::load(&app.server, &realm, &transport, params.find("access_token")).await,
        Err(cause) => Err(cause),
    };
    match outcome {
        Ok(info) => {
            let mut response = json::uncached(StatusCode::OK, &info);
            cors::for_origin(&mut response, whole.origin());
            response
        }
        Err(Cause::OriginNotAllowed) => json::refusal(Surface::UserInfo, &Cause::OriginNotAllowed, false),
        Err(cause) => challenge(&realm.name, &cause, whole),
    }
}

fn challenge(realm: &str, cause: &Cause, whole: &Whole) -> Response {
    let row = wire::row(Surface::UserInfo, cause);
    let error = Some(&row.code).filter(|code| !code.is_empty()).map(|code| format!(", error=\"{code}\""));
    let quoted = row.description.as_ref().map(|text| text.replace(['"', '\\'], "'"));
    let description = quoted.map(|text| format!(", error_description=\"{text}\""));
    let value =
        format!("Bearer realm=\"{realm}\"{}{}", error.unwrap_or_default(), description.unwrap_or_default());
    let status = StatusCode::from_u16(row.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = status.into_response();
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    json::retry_after(&mut response);
    cors::for_origin(&mut response, whole.origin());
    response
}
