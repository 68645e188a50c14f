//! What a browser brings, and what it is told to keep.

use sekisho_core::Realm;
use sekisho_core::session::{self, ActiveSession};
use sekisho_jose::base64url;
use sekisho_jose::hash::sha256;
use sekisho_protocol::Cause;

use crate::Server;
use crate::server::OrCause;

/// Cookies of the request, as far as they are ours.
#[derive(Clone, Default)]
pub struct Browser {
    /// Binds forms to this browser; set at the first page.
    pub binding: Option<String>,
    /// Opens the session.
    pub session: Option<String>,
    pub address: String,
}

/// A change of cookies that goes out with an answer.
#[derive(Clone, Default)]
pub struct CookieChanges {
    pub binding: Option<String>,
    pub session: Option<SessionCookie>,
}

/// What happens to the session's cookie.
#[derive(Clone)]
pub enum SessionCookie {
    /// For as long as the browser is open, or for this many seconds.
    Set {
        value: String,
        max_age: Option<i64>,
    },
    Clear,
}

impl Browser {
    /// The cookie that binds forms to this browser: the one it has, or a new one.
    pub fn binding(&self, server: &Server) -> (String, Option<String>) {
        match &self.binding {
            Some(binding) if base64url::decode(binding).is_some_and(|bytes| bytes.len() == 32) => {
                (binding.clone(), None)
            }
            _ => {
                let binding = base64url::encode(&server.draw::<32>());
                (binding.clone(), Some(binding))
            }
        }
    }

    /// The session that the cookie opens, if it is good.
    ///
    /// # Errors
    /// That the store failed.
    pub async fn session(&self, server: &Server, realm: &Realm) -> Result<Option<ActiveSession>, Cause> {
        let Some(cookie) = &self.session else { return Ok(None) };
        let stored = server.store.session_by_cookie(&sha256(cookie.as_bytes())).await.or_cause()?;
        Ok(stored.and_then(|stored| session::check(realm, stored, server.now())))
    }
}

/// The hash that binds a form to a cookie.
pub fn binding_of(cookie: &str) -> [u8; 32] {
    sha256(format!("binding\n{cookie}").as_bytes())
}
