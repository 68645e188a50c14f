//! What a browser is answered: a page, or the way back to the client.

use sekisho_core::redirect::ResponseMode;
use sekisho_protocol::Cause;

use crate::browser::CookieChanges;

/// An answer to a browser.
pub struct Answer {
    pub body: Body,
    pub cookies: CookieChanges,
}

/// A page or a redirect.
pub enum Body {
    /// Back to the client, or on to another address.
    Redirect {
        location: String,
    },
    /// Back to the client by a form that posts itself.
    FormPost {
        action: String,
        fields: Vec<(String, String)>,
    },
    SignIn(Box<SignIn>),
    Consent(Box<Consent>),
    Error(Box<ErrorPage>),
    /// The form is over, or belongs to another browser.
    Expired {
        continue_url: Option<String>,
        restart_url: Option<String>,
    },
    ConfirmLogout {
        session_code: String,
        username: Option<String>,
        client: Option<String>,
        /// Where the logout leads, once it is confirmed.
        location: Option<String>,
    },
    SignedOut {
        continue_url: Option<String>,
    },
}

/// The sign-in page.
pub struct SignIn {
    pub realm: String,
    pub client_name: String,
    pub client_id: String,
    /// The sealed interaction, for the form's hidden field.
    pub session_code: String,
    pub username: String,
    pub remember_me: Option<bool>,
    pub failure: Option<Failure>,
    /// The same request again, for the language links.
    pub request_url: String,
    pub redirect_uri: String,
}

/// Why the sign-in page came back.
pub enum Failure {
    /// Wrong name or wrong password: never told apart.
    Mismatch,
    /// Paused until this time (epoch milliseconds).
    Locked {
        until: i64,
    },
    AccountProblem,
    MissingField,
    /// The user is signed in, but must prove it anew.
    Reauthenticate,
}

/// The consent page.
pub struct Consent {
    pub realm: String,
    pub client_name: String,
    pub client_id: String,
    pub session_code: String,
    pub username: String,
    pub redirect_uri: String,
    pub redirect_host: String,
    pub redirect_is_loopback: bool,
    pub resources: Vec<(String, String)>,
    pub required: Vec<ScopeLabel>,
    pub optional: Vec<ScopeLabel>,
    pub request_url: String,
    /// Whether the user has agreed to something for this client before.
    pub seen_before: bool,
}

/// A scope as the consent page lists it.
pub struct ScopeLabel {
    pub name: String,
    /// The configured text; `${…}` names a message.
    pub text: Option<String>,
    pub description: Option<String>,
    pub checked: bool,
}

/// An error before the redirect URI is proven.
pub struct ErrorPage {
    pub cause: Cause,
    pub client_name: Option<String>,
    pub asked: Option<String>,
    pub registered: Vec<String>,
    pub reference: String,
}

impl Answer {
    /// An answer that changes no cookie.
    pub fn plain(body: Body) -> Self {
        Self { body, cookies: CookieChanges::default() }
    }

    /// An error page.
    pub fn error(cause: Cause, reference: String) -> Self {
        let page = ErrorPage { cause, client_name: None, asked: None, registered: Vec::new(), reference };
        Self::plain(Body::Error(Box::new(page)))
    }

    /// Hands an answer to a client in the way it asked for.
    pub fn to_client(
        target: &sekisho_core::redirect::RedirectTarget,
        mode: ResponseMode,
        fields: Vec<(String, String)>,
    ) -> Self {
        Self::plain(match mode {
            ResponseMode::FormPost => Body::FormPost { action: target.uri().to_owned(), fields },
            ResponseMode::Query | ResponseMode::Fragment => {
                Body::Redirect { location: target.with_answer(mode, &fields) }
            }
        })
    }
}
