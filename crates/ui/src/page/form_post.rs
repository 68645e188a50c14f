//! An authorization response carried by a form (OAuth 2.0 Form Post Response Mode).

use serde::Serialize;

use crate::render::Page;

/// Sends itself where script runs; has a button where it does not.
#[derive(Serialize)]
pub struct FormPostPage {
    /// The redirect URI.
    pub action: String,
    /// The response parameters, in order, as name and value.
    pub fields: Vec<(String, String)>,
}

impl Page for FormPostPage {
    const TEMPLATE: &'static str = "form-post.html";
}
