//! The client side of OAuth 2.1: discovery, a login in the browser, the token. `token` and `mcp` share it.

pub(crate) mod address;
mod authorization;
mod browser;
mod callback;
pub(crate) mod challenge;
pub(crate) mod code_flow;
mod discovery;
pub(crate) mod exchange;
pub(crate) mod http;
mod page;
mod redirect_uri;
pub(crate) mod resource;

use crate::output;

/// Where a client secret comes from. Never a flag: the arguments of a process are there for all to read.
pub(crate) const SECRET_VARIABLE: &str = "SEKISHO_CLIENT_SECRET";

/// A value that is sent and never shown: no `Debug`, no `Display`.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value of an environment variable; set but empty is not set.
    pub(crate) fn from_environment(variable: &str) -> Option<Self> {
        std::env::var(variable).ok().filter(|value| !value.is_empty()).map(Self)
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// The authorization server, the resource server or the person at the browser said no
/// (`error` and `error_description` of OAuth 2.1 §3.2.4, §4.1.2.1 and RFC 6750 §3).
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("refused: {error}{}", description.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
pub(crate) struct Refused {
    pub(crate) error: String,
    pub(crate) description: Option<String>,
}

impl Refused {
    /// Both texts are the other side's; they are made safe to print here, once.
    pub(crate) fn new(error: &str, description: Option<&str>) -> Self {
        let line = |text: &str| output::printable(text).replace(['\n', '\t'], " ");
        Self { error: line(error), description: description.map(line) }
    }
}
