//! How a client is named where a line is all the room there is.

use serde::Serialize;

/// A client on a page that is about something else. `host` is one we verified, or none.
#[derive(Clone, Serialize)]
pub struct ClientLabel {
    pub name: String,
    pub host: Option<String>,
}

impl ClientLabel {
    /// The label of a client that chose its own name: in quotes, so that nobody takes it for ours.
    pub fn self_named(name: &str, host: Option<String>) -> Self {
        Self { name: quoted(name), host }
    }
}

/// A name as someone else gave it. The marks read as quotes in every language we have.
pub fn quoted(name: &str) -> String {
    format!("“{name}”")
}
