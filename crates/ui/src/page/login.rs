//! The sign-in page.

use serde::Serialize;

use crate::page::client::ClientLabel;
use crate::render::Page;

/// Name and password, sent to `action` as Keycloak's `#kc-form-login` sends them.
#[derive(Serialize)]
pub struct LoginPage {
    /// Who sent the browser here; none at the account console and after a bookmark.
    pub client: Option<ClientLabel>,
    pub action: String,
    /// What was typed before, or `login_hint`.
    pub username: String,
    /// None where the realm does not offer to stay signed in.
    pub remember_me: Option<bool>,
    pub failure: Option<LoginFailure>,
    /// Further fields of the form, as name and value.
    pub hidden: Vec<(String, String)>,
}

impl Page for LoginPage {
    const TEMPLATE: &'static str = "login.html";
}

/// Why the page is shown again.
#[derive(Clone, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum LoginFailure {
    /// Unknown name or wrong password: one text, or the page would tell which names exist.
    Mismatch,
    /// Too many attempts with this name; `until` is a time of day in UTC ("14:32").
    Locked {
        until: String,
    },
    /// The account is disabled or not fully set up. Only for someone who knew its password.
    AccountProblem,
    MissingField,
    /// Nothing went wrong: someone is signed in, and must prove it once more.
    Reauthenticate,
}
