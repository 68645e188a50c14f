//! Answers to browsers: pages, redirects, and the headers that protect them.

mod labels;

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use sekisho_core::Realm;
use sekisho_endpoints::answer::{Answer, Body};
use sekisho_protocol::{Cause, Surface, wire};
use sekisho_ui::{
    ExpiredPage, FormPostPage, Frame, InfoKind, InfoPage, Language, LanguageLink, LogoutPage, Page,
};

use crate::request::{Whole, single};
use crate::{App, cookies, json};

/// What a page is shown for.
pub(crate) struct Shown<'a> {
    pub realm: &'a Arc<Realm>,
    pub whole: &'a Whole,
    /// `kc_locale` or `ui_locales` of the request.
    pub wanted: Option<&'a str>,
}

/// An answer as an HTTP response.
pub(crate) fn respond(app: &App, answer: &Answer, shown: &Shown<'_>) -> Response {
    let mut response = body(app, &answer.body, shown);
    cookies::apply(&mut response, &answer.cookies, shown.realm, &app.settings);
    if shown.wanted.is_some() {
        let language = language(&shown.whole.parts.headers, shown.wanted);
        cookies::set_locale(&mut response, language.tag(), shown.realm, &app.settings);
    }
    response
}

fn body(app: &App, body: &Body, shown: &Shown<'_>) -> Response {
    let render = Render { app, shown };
    match body {
        Body::Redirect { location } => redirect(location),
        Body::FormPost { action, fields } => {
            let page = FormPostPage { action: action.clone(), fields: fields.clone() };
            render.page(&page, StatusCode::OK, Some(action), None)
        }
        Body::SignIn(page) => {
            let target = Some(page.redirect_uri.as_str());
            render.page(&labels::sign_in(page, shown.realm), StatusCode::OK, target, Some(&page.request_url))
        }
        Body::Consent(page) => {
            let target = Some(page.redirect_uri.as_str());
            render.page(&labels::consent(page, shown.realm), StatusCode::OK, target, Some(&page.request_url))
        }
        Body::Error(page) => {
            let row = wire::row(Surface::Page, &page.cause);
            let status = StatusCode::from_u16(row.status).unwrap_or(StatusCode::BAD_REQUEST);
            render.page(&labels::error(page, &row, app.server.now()), status, None, None)
        }
        Body::Expired { continue_url, restart_url } => {
            let page = ExpiredPage { continue_url: continue_url.clone(), restart_url: restart_url.clone() };
            render.page(&page, StatusCode::BAD_REQUEST, None, None)
        }
        Body::ConfirmLogout { session_code, username, client, location } => {
            let page = LogoutPage {
                action: shown.realm.url("/protocol/openid-connect/logout/logout-confirm"),
                session_code: session_code.clone(),
                client: client.clone().map(|name| sekisho_ui::ClientLabel { name, host: None }),
                username: username.clone(),
            };
            render.page(&page, StatusCode::OK, location.as_deref(), None)
        }
        Body::SignedOut { continue_url } => {
            let page = InfoPage { kind: InfoKind::SignedOut { continue_url: continue_url.clone() } };
            render.page(&page, StatusCode::OK, None, None)
        }
    }
}

/// 302 to the client: what a form POST and a GET both follow by GET.
fn redirect(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        tracing::error!("a redirect target cannot be written as a header");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = StatusCode::FOUND.into_response();
    response.headers_mut().insert(LOCATION, location);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

struct Render<'a> {
    app: &'a App,
    shown: &'a Shown<'a>,
}

impl Render<'_> {
    /// `target` is where the form, or the redirect after it, may lead; `again` is the same request, for the
    /// language links.
    fn page<P: Page>(
        &self,
        page: &P,
        status: StatusCode,
        target: Option<&str>,
        again: Option<&str>,
    ) -> Response {
        let language = language(&self.shown.whole.parts.headers, self.shown.wanted);
        let frame = Frame {
            realm_title: self.shown.realm.title(),
            language,
            language_links: again.map(language_links).unwrap_or_default(),
            home: None,
        };
        html(self.app, page, &frame, status, target)
    }
}

fn html<P: Page>(
    app: &App,
    page: &P,
    frame: &Frame<'_>,
    status: StatusCode,
    target: Option<&str>,
) -> Response {
    let text = match app.renderer.render(page, frame) {
        Ok(text) => text,
        Err(error) => {
            tracing::error!(error.cause = %error, "a page could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html;charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(frame.language.tag()));
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(target)) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    json::retry_after(&mut response);
    response
}

/// `form-action` also governs the redirect after a POST, so the client's origin stands in it (DESIGN §5.18).
fn content_security_policy(target: Option<&str>) -> String {
    let allowed = match target {
        None => String::new(),
        Some(uri) => {
            url::Url::parse(uri).map_or_else(|_| String::new(), |url| format!(" {}", source_of(&url)))
        }
    };
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'{allowed}; \
         frame-ancestors 'none'; base-uri 'none'"
    )
}

fn source_of(url: &url::Url) -> String {
    let origin = url.origin();
    if origin.is_tuple() { origin.ascii_serialization() } else { format!("{}:", url.scheme()) }
}

fn language(headers: &HeaderMap, wanted: Option<&str>) -> Language {
    let cookie = cookies::locale(headers);
    Language::negotiate(wanted, cookie.as_deref(), single(headers, &ACCEPT_LANGUAGE))
}

fn language_links(request_url: &str) -> Vec<LanguageLink> {
    let Ok(mut url) = url::Url::parse(request_url) else { return Vec::new() };
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != "kc_locale")
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    let link = |language: &Language| {
        url.query_pairs_mut().clear().extend_pairs(&kept).append_pair("kc_locale", language.tag());
        LanguageLink { language: *language, url: url.to_string() }
    };
    Language::ALL.iter().map(link).collect()
}

/// A refusal before a realm is known.
pub(crate) fn without_realm(app: &App, whole: &Whole, cause: Cause) -> Response {
    let row = wire::row(Surface::Page, &cause);
    let status = StatusCode::from_u16(row.status).unwrap_or(StatusCode::BAD_REQUEST);
    bare(app, &whole.parts.headers, cause, status)
}

/// A path that is not there: a page for a browser, JSON for a program.
pub(crate) async fn not_found(State(app): State<App>, headers: HeaderMap) -> Response {
    let wants_page = single(&headers, &ACCEPT).is_some_and(|accept| accept.contains("text/html"));
    if !wants_page {
        return json::not_found();
    }
    let frame = bare_frame(&headers);
    html(&app, &labels::not_found(app.server.now()), &frame, StatusCode::NOT_FOUND, None)
}

fn bare(app: &App, headers: &HeaderMap, cause: Cause, status: StatusCode) -> Response {
    let row = wire::row(Surface::Page, &cause);
    let id = app.server.fresh_id();
    let reference = sekisho_endpoints::audit::reference(id);
    tracing::warn!(event.id = %id, error.cause = ?cause, "a request was refused before its realm was known");
    let page = sekisho_endpoints::answer::ErrorPage {
        cause,
        client_name: None,
        asked: None,
        registered: Vec::new(),
        reference,
    };
    html(app, &labels::error(&page, &row, app.server.now()), &bare_frame(headers), status, None)
}

fn bare_frame(headers: &HeaderMap) -> Frame<'static> {
    Frame {
        realm_title: "Sekisho",
        language: language(headers, None),
        language_links: Vec::new(),
        home: None,
    }
}
