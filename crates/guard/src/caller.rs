//! Who calls, as the verified token says.

use std::fmt;
use std::sync::Arc;

use sekisho_jose::{Claims, Verified};
use sekisho_protocol::{Scopes, Timestamp};
use serde_json::{Map, Value};

/// Proof that a request carried a token that was checked. [`crate::GuardLayer`] puts it into the request's
/// extensions; cloning it is cheap.
#[derive(Clone)]
pub struct Caller(Arc<Inner>);

struct Inner {
    claims: Claims,
    scopes: Scopes,
}

impl Caller {
    pub(crate) fn new(verified: Verified) -> Self {
        let claims = verified.into_claims();
        let scopes = scopes(&claims);
        Self(Arc::new(Inner { claims, scopes }))
    }

    /// `sub`: the user, or the service account of a client that acts for itself.
    pub fn subject(&self) -> Option<&str> {
        self.0.claims.subject()
    }

    /// `client_id`, else `azp`: the application that was given the token.
    pub fn client_id(&self) -> Option<&str> {
        self.0.claims.client_id()
    }

    /// The scopes of the token as written, without those that they imply.
    pub fn scopes(&self) -> &Scopes {
        &self.0.scopes
    }

    /// Every claim of the token.
    pub fn claims(&self) -> &Map<String, Value> {
        self.0.claims.raw()
    }

    /// When the token ends.
    pub fn expires(&self) -> Timestamp {
        self.0.claims.expires()
    }
}

/// Claims say more about a person than a log should know.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("subject", &self.subject())
            .field("client_id", &self.client_id())
            .field("scopes", &self.scopes().to_string())
            .finish_non_exhaustive()
    }
}

/// `scope` (RFC 8693 §4.2); `scp`, as text or list, where an issuer has that instead.
fn scopes(claims: &Claims) -> Scopes {
    let mut scopes: Scopes = claims.scopes().collect();
    match claims.get("scp") {
        Some(Value::String(value)) => Scopes::parse(value).iter().for_each(|scope| scopes.insert(scope)),
        Some(Value::Array(values)) => {
            values.iter().filter_map(Value::as_str).for_each(|scope| scopes.insert(scope));
        }
        _ => {}
    }
    scopes
}
