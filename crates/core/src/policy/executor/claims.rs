//! Claims of signed requests, assertions and tokens that clients hand in, as executors read them.

use serde_json::{Map, Value};

use super::Reaction;
use crate::policy::event::{Event, Occasion};

/// The claims of the token that is exchanged or brought as an assertion. `unreadable` is what an executor says
/// where there are none.
pub(super) fn of_subject<'a>(
    event: &Event<'a>,
    unreadable: &'static str,
) -> Result<&'a Map<String, Value>, Reaction> {
    let subject = event.token_request().and_then(|request| request.subject);
    let exchange = matches!(event.occasion, Occasion::TokenExchangeRequest(_));
    if exchange && !subject.is_some_and(|subject| subject.access_token) {
        let text = "Parameter 'subject_token' should be access_token for the executor";
        return Err(Reaction::refuse("invalid_request", text));
    }
    subject
        .and_then(|subject| subject.claims.as_ref())
        .ok_or_else(|| Reaction::refuse("invalid_request", unreadable))
}

/// A `NumericDate` in whole seconds.
pub(super) fn seconds(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    claims.get(name).and_then(Value::as_i64)
}

/// The values of `aud` (RFC 7519 §4.1.3); `None` where it is missing or neither a text nor texts.
pub(super) fn audiences(claims: &Map<String, Value>) -> Option<Vec<&str>> {
    match claims.get("aud")? {
        Value::String(audience) => Some(vec![audience]),
        Value::Array(audiences) => audiences.iter().map(Value::as_str).collect(),
        _ => None,
    }
}
