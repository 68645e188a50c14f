//! A fact with nothing to decide.

use serde::Serialize;

use crate::render::Page;

#[derive(Serialize)]
pub struct InfoPage {
    pub kind: InfoKind,
}

impl Page for InfoPage {
    const TEMPLATE: &'static str = "info.html";
}

/// Which fact, and the way on where there is one.
#[derive(Clone, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum InfoKind {
    /// The browser signed in by another tab meanwhile.
    AlreadySignedIn {
        continue_url: Option<String>,
    },
    SignedOut {
        continue_url: Option<String>,
    },
}
