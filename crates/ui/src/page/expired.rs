//! The page for a form that was open for too long, or is not the newest.

use serde::Serialize;

use crate::render::Page;

/// Two ways on: `#loginContinueLink` and `#loginRestartLink`. None where it is not known where the browser
/// came from.
#[derive(Serialize)]
pub struct ExpiredPage {
    pub continue_url: Option<String>,
    pub restart_url: Option<String>,
}

impl Page for ExpiredPage {
    const TEMPLATE: &'static str = "expired.html";
}
