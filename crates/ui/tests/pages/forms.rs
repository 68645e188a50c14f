//! Names and ids that themes, tests and scripts written for Keycloak rely on.

use crate::html::{Element, elements};
use crate::on_every_page;

/// A page, an element of it, and attributes it must have.
type Expected = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const EXPECTED: &[Expected] = &[
    ("login", "form", &[("id", "kc-form-login"), ("method", "post")]),
    ("login", "input", &[("name", "username"), ("id", "username"), ("autofocus", "")]),
    ("login", "input", &[("name", "password"), ("id", "password"), ("type", "password")]),
    ("login", "input", &[("name", "rememberMe"), ("type", "checkbox")]),
    ("login", "input", &[("name", "credentialId"), ("type", "hidden"), ("value", "")]),
    ("login", "input", &[("name", "step"), ("type", "hidden"), ("value", "password")]),
    ("login", "button", &[("name", "login"), ("id", "kc-login"), ("type", "submit")]),
    ("login-hint", "input", &[("name", "username"), ("value", "mika.tanaka")]),
    ("login-hint", "input", &[("name", "password"), ("autofocus", "")]),
    ("login-hint", "input", &[("name", "rememberMe"), ("checked", "")]),
    ("login-mismatch", "input", &[("name", "username"), ("value", "mika.tanaka")]),
    ("login-mismatch", "input", &[("name", "password"), ("autofocus", ""), ("aria-invalid", "true")]),
    ("login-mismatch", "div", &[("class", "banner no"), ("role", "alert")]),
    ("login-no-name", "input", &[("name", "username"), ("autofocus", ""), ("aria-invalid", "true")]),
    ("login-no-password", "input", &[("name", "password"), ("autofocus", ""), ("aria-invalid", "true")]),
    ("login-problem", "div", &[("class", "banner no"), ("role", "alert")]),
    ("login-again", "div", &[("class", "banner")]),
    ("login-again", "input", &[("name", "password"), ("autofocus", "")]),
    ("login-locked", "main", &[("class", "gate mid shut")]),
    ("login-locked", "form", &[("id", "kc-form-login")]),
    ("consent", "input", &[("name", "code"), ("type", "hidden"), ("value", "session-code")]),
    ("consent", "input", &[("name", "scope"), ("value", "invoices:read"), ("checked", "")]),
    ("consent", "input", &[("name", "scope"), ("value", "offline_access"), ("type", "checkbox")]),
    ("consent", "button", &[("name", "accept"), ("id", "kc-login")]),
    ("consent", "button", &[("name", "cancel"), ("id", "kc-cancel")]),
    ("logout", "form", &[("method", "post")]),
    ("logout", "input", &[("name", "session_code"), ("type", "hidden"), ("value", "session-code")]),
    ("logout", "button", &[("name", "confirmLogout"), ("id", "kc-logout")]),
    ("expired", "a", &[("id", "loginContinueLink"), ("href", "/a?b=c&amp;d")]),
    ("expired", "a", &[("id", "loginRestartLink"), ("href", "/e")]),
    ("form-post", "form", &[("method", "post"), ("action", "https://app.example/cb"), ("data-send", "")]),
    ("form-post", "input", &[("type", "hidden"), ("name", "code"), ("value", "the-code")]),
    ("form-post", "input", &[("type", "hidden"), ("name", "state"), ("value", "s")]),
];

/// What a page must not have.
const UNEXPECTED: &[Expected] = &[
    ("login-plain", "input", &[("name", "rememberMe")]),
    ("login-mismatch", "input", &[("name", "username"), ("aria-invalid", "true")]),
    ("login-mismatch", "input", &[("name", "password"), ("value", "mika.tanaka")]),
    ("login-again", "div", &[("role", "alert")]),
    ("login-locked", "input", &[("autofocus", "")]),
    ("expired-close", "a", &[("id", "loginContinueLink")]),
    ("consent", "input", &[("value", "invoices:void"), ("checked", "")]),
    ("consent-required", "input", &[("name", "scope")]),
    ("form-post", "button", &[("name", "submit")]),
];

#[test]
fn forms_have_the_names_they_are_known_by() {
    on_every_page(str::to_owned, |name, _, html| {
        let elements = elements(html);
        for (page, tag, attributes) in EXPECTED.iter().filter(|(page, ..)| *page == name) {
            let found = elements.iter().any(|element| fits(element, tag, attributes));
            assert!(found, "{page}: no {tag} with {attributes:?}");
        }
        for (page, tag, attributes) in UNEXPECTED.iter().filter(|(page, ..)| *page == name) {
            let found = elements.iter().any(|element| fits(element, tag, attributes));
            assert!(!found, "{page}: a {tag} with {attributes:?}");
        }
    });
}

#[test]
fn table_names_pages_that_exist() {
    let names: Vec<String> = crate::samples(str::to_owned).into_iter().map(|sample| sample.name).collect();
    for (page, ..) in EXPECTED.iter().chain(UNEXPECTED) {
        assert!(names.iter().any(|name| name == page), "{page}");
    }
}

#[test]
fn name_a_client_chose_is_in_quotes() {
    on_every_page(str::to_owned, |name, language, html| {
        let quoted = match (name, language.tag()) {
            ("consent-unverified" | "consent-unverified-loopback", "ja") => "「<bdi>Ledger Helper</bdi>」",
            ("consent-unverified" | "consent-unverified-loopback", _) => "“<bdi>Ledger Helper</bdi>”",
            ("login-hint" | "logout-self-named", _) => "<bdi>“Ledger Helper”</bdi>",
            _ => return,
        };
        assert!(html.contains(quoted), "{name} {language:?}");
    });
}

fn fits(element: &Element, tag: &str, attributes: &[(&str, &str)]) -> bool {
    element.name == tag
        && attributes.iter().all(|(key, value)| element.attribute(key).is_some_and(|found| found == *value))
}
