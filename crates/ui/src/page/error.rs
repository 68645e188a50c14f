//! The page for a request that stops here, because no redirect URI is proven yet (OAuth 2.1 §4.1.2.1).

use serde::Serialize;

use crate::render::Page;

/// What happened, which rule, what to do, and a reference that finds the event.
#[derive(Serialize)]
pub struct ErrorPage {
    pub kind: ErrorKind,
    /// The name of the rule that refused, as events and logs have it.
    pub rule: Option<&'static str>,
    /// Where the rule comes from ("OAuth 2.1 §4.1.1").
    pub source: Option<&'static str>,
    pub reference: String,
    pub at: String,
    /// A name the client chose itself goes through [`quoted`](crate::quoted) first.
    pub client_name: Option<String>,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error.html";
}

/// One variant per cause that has words of its own (`error-<kind>` in the catalogue).
#[derive(Clone, Serialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum ErrorKind {
    ClientUnknown,
    ClientDisabled,
    /// `detail` is the description the protocol has for the cause, in English.
    RedirectUriMissing {
        detail: String,
    },
    RedirectUriUnregistered {
        asked: String,
        registered: Vec<String>,
    },
    ParameterRepeated {
        #[serde(rename = "parameter")]
        name: String,
    },
    /// `detail` as above.
    RequestInvalid {
        detail: String,
    },
    RealmUnknown,
    RealmDisabled,
    /// `detail` as above. Names no policy: the reader is not an administrator.
    PolicyRefused {
        detail: String,
    },
    LogoutRedirectUnregistered,
    NotFound,
    TooManyRequests,
    Unavailable,
}
