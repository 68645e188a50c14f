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
    match Params::parse(whole.form()) {
        Ok(params) => answer(&app, &realm, &whole, params.find("access_token")).await,
        Err(cause) => challenge(&realm, &cause, &whole),
    }
}

async fn answer(app: &App, realm: &str, whole: &Whole, in_body: Option<&str>) -> Response {
    let transport = whole.transport();
    let outcome = match realms::open(&app.server, realm, &transport).await {
        Ok(realm) => userinfo::load(&app.server, &realm, &transport, in_body).await,
        Err(cause) => Err(cause),
    };
    match outcome {
        Ok(info) => {
            let mut response = json::uncached(StatusCode::OK, &info);
            cors::for_origin(&mut response, whole.origin());
            response
        }
        Err(cause @ (Cause::RealmUnknown | Cause::RealmDisabled | Cause::OriginNotAllowed)) => {
            json::refusal(Surface::UserInfo, &cause, false)
        }
        Err(cause) => challenge(realm, &cause, whole),
    }
}

fn challenge(realm: &str, cause: &Cause, whole: &Whole) -> Response {
    let row = wire::row(Surface::UserInfo, cause);
    let error = Some(row.code).filter(|code| !code.is_empty()).map(|code| format!(", error=\"{code}\""));
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
