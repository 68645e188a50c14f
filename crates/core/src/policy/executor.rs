//! Executors: each one file, and one line here.

use serde_json::Value;

use super::event::Event;

/// Every executor there is.
pub const EXECUTORS: &[Provider] = &[];

/// An executor by its Keycloak id.
pub struct Provider {
    pub id: &'static str,
    pub react: fn(&Value, &Event<'_>) -> Reaction,
}

/// What an executor says to an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reaction {
    Pass,
    Refuse(Refusal),
}

/// The OAuth error code and the executor's own text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    pub text: String,
}
