//! The question before a sign-out that no ID token vouches for (OpenID Connect RP-Initiated Logout §2).

use serde::Serialize;

use crate::page::client::ClientLabel;
use crate::render::Page;

/// Sent with `session_code` and `confirmLogout`, as Keycloak's page sends it.
#[derive(Serialize)]
pub struct LogoutPage {
    pub action: String,
    pub session_code: String,
    /// The client that asked for it.
    pub client: Option<ClientLabel>,
    pub username: Option<String>,
}

impl Page for LogoutPage {
    const TEMPLATE: &'static str = "logout.html";
}
