//! The page for a form that was open for too long, or is not the newest.

use serde::Serialize;

use crate::render::Page;

/// Two ways on: `#loginContinueLink` and `#loginRestartLink`.
#[derive(Serialize)]
pub struct ExpiredPage {
    pub continue_url: String,
    pub restart_url: String,
}

impl Page for ExpiredPage {
    const TEMPLATE: &'static str = "expired.html";
}
