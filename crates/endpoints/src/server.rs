//! What every endpoint works with.

use std::sync::Arc;

use sekisho_core::ids;
use sekisho_credential::HashingPool;
use sekisho_policy::Outside;
use sekisho_protocol::ports::draw;
use sekisho_protocol::{Cause, Clock, Entropy, Timestamp};
use sekisho_store::{Store, StoreError};
use uuid::Uuid;

use crate::register::limit::Limiter;

/// The parts of a running server; cheap to clone.
#[derive(Clone)]
pub struct Server {
    pub store: Arc<Store>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub passwords: Arc<HashingPool>,
    /// What policies look up.
    pub outside: Outside,
    pub registrations: Arc<Limiter>,
}

/// What an endpoint may know of the connection and the headers.
#[derive(Clone, Copy, Default)]
pub struct Transport<'a> {
    /// The value of `Authorization`, where there is exactly one.
    pub authorization: Option<&'a str>,
    /// The page that sent the request, where a browser says so.
    pub origin: Option<&'a str>,
    /// The peer's address, or what a listed proxy says of it.
    pub address: &'a str,
    /// Whether the request came by HTTPS, as the peer or a listed proxy says.
    pub secure: bool,
}

impl Transport<'_> {
    /// Whether the client tried to authenticate by the header (RFC 7617).
    pub fn uses_basic(&self) -> bool {
        let scheme = self.authorization.and_then(|value| value.split(' ').next());
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic"))
    }
}

impl Server {
    /// The time of this request.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh id for a work or a row.
    pub fn fresh_id(&self) -> Uuid {
        ids::time_ordered(self.now(), draw(self.entropy.as_ref()))
    }

    /// Fresh bytes.
    pub fn draw<const N: usize>(&self) -> [u8; N] {
        draw(self.entropy.as_ref())
    }
}

/// A failure of the store as a cause, logged here once: the client learns whether trying again may help.
pub fn store_cause(error: &StoreError) -> Cause {
    tracing::error!(error.cause = %error, "the store failed");
    if error.is_passing() { Cause::Unavailable } else { Cause::Internal }
}

/// Lets `?` turn a failure of the store into a cause.
pub(crate) trait OrCause<T> {
    fn or_cause(self) -> Result<T, Cause>;
}

impl<T> OrCause<T> for Result<T, StoreError> {
    fn or_cause(self) -> Result<T, Cause> {
        self.map_err(|error| store_cause(&error))
    }
}
