//! Follows redirects and fills in forms until the browser is sent away or cannot go on.

use serde_json::{Value, json};

use crate::http::support::answer::Answer;
use crate::http::support::browser::{Browser, Visit};
use crate::http::support::page::Page;
use crate::http::support::world::BASE;

/// The last answer, and the pages on the way to it.
pub(super) async fn walk(browser: &Browser, step: &Value, start: &str) -> (Answer, Vec<String>) {
    let text = |name: &str, usual: &str| step[name].as_str().unwrap_or(usual).to_owned();
    let (user, password) = (text("user", "alice"), text("password", "alice"));
    let mut trail: Vec<String> = Vec::new();
    let mut visit = browser.open(start).await;
    for _ in 0..14 {
        let answer = visit.answer.clone();
        if answer.status.is_redirection() {
            let location = answer.header("location");
            if !location.starts_with(&format!("{BASE}/realms/")) {
                return (answer, trail);
            }
            visit = browser.open(location).await;
            continue;
        }
        if !visit.is_page() {
            return (answer, trail);
        }
        let kind = kind(&visit.page(), answer.status());
        if step["stop-at"] == json!(kind) {
            return (answer, trail);
        }
        let next = match kind {
            "login" if !trail.iter().any(|page| page == "login") => visit.sign_in(&user, &password).await,
            "consent" => answer_consent(&visit, step).await,
            "logout-confirm" if step.get("no-confirm").is_none() => visit.confirm().await,
            _ => return (answer, trail),
        };
        trail.push(kind.to_owned());
        visit = next;
    }
    panic!("a walk without an end: {trail:?}");
}

async fn answer_consent(visit: &Visit, step: &Value) -> Visit {
    if step.get("deny").is_some() { visit.deny().await } else { visit.agree_to_all().await }
}

/// What a page is, told by the names of its inputs.
pub(super) fn kind(page: &Page, status: u16) -> &'static str {
    let has = |name: &str| page.find_form(name).is_some();
    if has("password") {
        "login"
    } else if has("accept") {
        "consent"
    } else if has("confirmLogout") {
        "logout-confirm"
    } else if page.forms.iter().any(|form| form.has("code") || form.has("error")) {
        "form_post"
    } else if status >= 400 {
        "error"
    } else {
        "info"
    }
}
