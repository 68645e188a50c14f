//! Sets of scopes, and those a token says it has.

use std::collections::BTreeSet;

use crate::client::Secret;
use crate::client::exchange::Claims;

pub(crate) fn split(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split_whitespace().map(str::to_owned)
}

/// Scopes a JWT says it has; nothing of an opaque token.
pub(crate) fn held(token: &Secret) -> BTreeSet<String> {
    Claims::peek(token)
        .and_then(|claims| claims.scope().map(|text| split(text).collect()))
        .unwrap_or_default()
}

pub(crate) fn join(scopes: &BTreeSet<String>) -> String {
    scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}
