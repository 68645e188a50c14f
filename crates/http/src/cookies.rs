//! Cookies: under Keycloak's names, path of the realm, never readable by script.

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HeaderValue, SET_COOKIE};
use axum::response::Response;
use sekisho_core::Realm;
use sekisho_endpoints::browser::{Browser, CookieChanges, SessionCookie};

use crate::app::Settings;

const BINDING: &str = "AUTH_SESSION_ID";
const SESSION: &str = "KEYCLOAK_IDENTITY";
const LOCALE: &str = "KEYCLOAK_LOCALE";

/// Our cookies in a request. One that stands twice is not believed: the second may have been planted
/// from a sibling host (attack 18).
pub(crate) fn browser(headers: &HeaderMap, address: &str) -> Browser {
    Browser { binding: find(headers, BINDING), session: find(headers, SESSION), address: address.to_owned() }
}

/// The language chosen before.
pub(crate) fn locale(headers: &HeaderMap) -> Option<String> {
    find(headers, LOCALE)
}

fn find(headers: &HeaderMap, name: &str) -> Option<String> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(known, _)| *known == name).map(|(_, value)| value);
    let only = values.next()?;
    values.next().is_none().then(|| only.trim_matches('"').to_owned())
}

/// Writes the changes of an answer.
pub(crate) fn apply(response: &mut Response, changes: &CookieChanges, realm: &Realm, settings: &Settings) {
    if let Some(binding) = &changes.binding {
        set(response, BINDING, binding, None, realm, settings);
    }
    match &changes.session {
        Some(SessionCookie::Set { value, max_age }) => {
            set(response, SESSION, value, *max_age, realm, settings);
        }
        Some(SessionCookie::Clear) => set(response, SESSION, "", Some(0), realm, settings),
        None => {}
    }
}

/// Remembers the language.
pub(crate) fn set_locale(response: &mut Response, language: &str, realm: &Realm, settings: &Settings) {
    set(response, LOCALE, language, None, realm, settings);
}

/// `SameSite=None` so that a request which a client posts from its own page still finds the session; forms
/// are protected by the interaction they carry. Without HTTPS browsers refuse that, so `Lax`.
fn set(
    response: &mut Response,
    name: &str,
    value: &str,
    max_age: Option<i64>,
    realm: &Realm,
    settings: &Settings,
) {
    let site = if settings.secure { "SameSite=None; Secure" } else { "SameSite=Lax" };
    // As the browser sees it: a proxy may serve us below a path of its own.
    let path = url::Url::parse(&realm.url("/")).map_or_else(|_| "/".to_owned(), |url| url.path().to_owned());
    let life = max_age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let cookie = format!("{name}={value}; Path={path}; HttpOnly; {site}{life}");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_stands_twice_is_not_believed() {
        for (text, session) in [
            ("KEYCLOAK_IDENTITY=a", Some("a")),
            ("x=1; KEYCLOAK_IDENTITY=a; y=2", Some("a")),
            ("KEYCLOAK_IDENTITY=a; KEYCLOAK_IDENTITY=b", None),
            ("XKEYCLOAK_IDENTITY=a", None),
            ("garbage", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_str(text).expect("plain text"));
            assert_eq!(browser(&headers, "").session.as_deref(), session, "{text}");
        }
    }
}
