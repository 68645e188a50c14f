//! The authorization endpoint and the forms of its pages.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use sekisho_core::Realm;
use sekisho_endpoints::answer::Answer;
use sekisho_endpoints::login::{consent as consent_form, sign_in as sign_in_form};
use sekisho_endpoints::{authorize, realm as realms};
use sekisho_protocol::Params;

use crate::page::{self, Shown};
use crate::request::Whole;
use crate::{App, cookies};

/// `GET /auth`.
pub(crate) async fn get(State(app): State<App>, Path(realm): Path<String>, whole: Whole) -> Response {
    let query = whole.query().to_vec();
    begin(&app, &realm, &whole, &query).await
}

/// `POST /auth` (OpenID Connect Core §3.1.2.1).
pub(crate) async fn post(State(app): State<App>, Path(realm): Path<String>, whole: Whole) -> Response {
    let form = whole.form().to_vec();
    begin(&app, &realm, &whole, &form).await
}

async fn begin(app: &App, realm: &str, whole: &Whole, text: &[u8]) -> Response {
    let transport = whole.transport();
    let realm = match realms::open(&app.server, realm, &transport).await {
        Ok(realm) => realm,
        Err(cause) => return page::without_realm(app, whole, cause),
    };
    let browser = cookies::browser(&whole.parts.headers, whole.address());
    let answer = authorize::authorize(&app.server, &realm, text, &browser, &transport).await;
    let params = Params::parse_first(text).0;
    show(app, &realm, whole, &params, &answer)
}

fn show(app: &App, realm: &Arc<Realm>, whole: &Whole, params: &Params, answer: &Answer) -> Response {
    let wanted = params.find("kc_locale").or_else(|| params.find("ui_locales"));
    page::respond(app, answer, &Shown { realm, whole, wanted })
}

/// The sign-in form comes back.
pub(crate) async fn sign_in(State(app): State<App>, Path(realm): Path<String>, whole: Whole) -> Response {
    let transport = whole.transport();
    let realm = match realms::open(&app.server, &realm, &transport).await {
        Ok(realm) => realm,
        Err(cause) => return page::without_realm(&app, &whole, cause),
    };
    let client_id = client_of(&whole);
    let client_id = client_id.as_deref();
    // A form that cannot be read says as little as an empty one.
    let form = Params::parse(whole.form()).unwrap_or_else(|_| Params::empty());
    let browser = cookies::browser(&whole.parts.headers, whole.address());
    let answer = sign_in_form::submit(&app.server, &realm, &form, client_id, &browser, &transport).await;
    show(&app, &realm, &whole, &Params::empty(), &answer)
}

/// The consent form comes back; `scope` stands in it once for each ticked box.
pub(crate) async fn consent(State(app): State<App>, Path(realm): Path<String>, whole: Whole) -> Response {
    let transport = whole.transport();
    let realm = match realms::open(&app.server, &realm, &transport).await {
        Ok(realm) => realm,
        Err(cause) => return page::without_realm(&app, &whole, cause),
    };
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(whole.form()).into_owned().collect();
    let form = Params::from_pairs(pairs);
    let browser = cookies::browser(&whole.parts.headers, whole.address());
    let client_id = client_of(&whole);
    let client_id = client_id.as_deref();
    let answer = consent_form::submit(&app.server, &realm, &form, client_id, &browser, &transport).await;
    show(&app, &realm, &whole, &Params::empty(), &answer)
}

/// A form's address opened by GET: a reload after the browser was closed, or a bookmark.
pub(crate) async fn restart(State(app): State<App>, Path(realm): Path<String>, whole: Whole) -> Response {
    match realms::open(&app.server, &realm, &whole.transport()).await {
        Ok(realm) => {
            let client_id = client_of(&whole);
            let answer = sign_in_form::lost(&app.server, &realm, client_id.as_deref()).await;
            show(&app, &realm, &whole, &Params::empty(), &answer)
        }
        Err(cause) => page::without_realm(&app, &whole, cause),
    }
}

/// The client that a form's address names.
fn client_of(whole: &Whole) -> Option<String> {
    Params::parse_first(whole.query()).0.find("client_id").map(str::to_owned)
}
