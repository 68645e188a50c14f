//! Takes the token from the request (RFC 6750 §2.1). Only the header is read; a token in the query ends up
//! in logs and histories, so one there is refused even beside a good header (OAuth 2.1 §5.1.1).

use http::Uri;
use http::header::AUTHORIZATION;
use http::request::Parts;
use url::form_urlencoded;

use crate::refusal::Refusal;

/// The one bearer token of the request.
pub(crate) fn token(request: &Parts) -> Result<&str, Refusal> {
    if has_token_in_query(&request.uri) {
        return Err(Refusal::TokenInQuery);
    }
    let mut values = request.headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Refusal::TokenMissing)?;
    if values.next().is_some() {
        return Err(Refusal::AuthorizationRepeated);
    }
    let value = value.to_str().map_err(|_| Refusal::AuthorizationMalformed)?;
    let (scheme, token) = split(value);
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::TokenMissing);
    }
    match token {
        None | Some("") => Err(Refusal::TokenMissing),
        Some(token) if is_token68(token) => Ok(token),
        Some(_) => Err(Refusal::AuthorizationMalformed),
    }
}

/// Scheme and the rest. A tab after the scheme belongs to the rest, which it makes malformed: readers that
/// take it for a space and readers that do not would see different requests.
fn split(value: &str) -> (&str, Option<&str>) {
    match value.find([' ', '\t']) {
        Some(end) => {
            let (scheme, rest) = value.split_at(end);
            (scheme, Some(rest.strip_prefix(' ').unwrap_or(rest)))
        }
        None => (value, None),
    }
}

/// RFC 9110 §11.2: letters, digits, `-._~+/`, then any number of `=`.
fn is_token68(text: &str) -> bool {
    let bare = text.trim_end_matches('=');
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !bare.is_empty() && bare.bytes().all(plain)
}

fn has_token_in_query(uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token")
}
