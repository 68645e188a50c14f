//! Client authentication (OAuth 2.1 §2.4): `none`, `client_secret_basic`, `client_secret_post`.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sekisho_core::client::{self, Authenticated, Presented};
use sekisho_core::{Client, Realm};
use sekisho_protocol::{Cause, Params};

use crate::server::OrCause;
use crate::{Server, Transport};

/// Credentials as sent; nothing is known of them yet.
pub struct UnverifiedCredentials {
    pub client_id: String,
    secret: Option<String>,
}

/// Reads credentials from the `Authorization` header or the body, never from both.
///
/// # Errors
/// [`Cause::ClientAuthenticationMissing`] or [`Cause::ClientAuthenticationRepeated`].
pub fn read(params: &Params, transport: &Transport<'_>) -> Result<UnverifiedCredentials, Cause> {
    let in_body = params.find("client_id");
    if let Some(basic) = transport.authorization.and_then(parse_basic) {
        let (client_id, secret) = basic?;
        if params.find("client_secret").is_some() {
            return Err(Cause::ClientAuthenticationRepeated);
        }
        // `client_id` beside Basic is allowed when it says the same (RFC 6749 §3.2.1).
        if in_body.is_some_and(|other| other != client_id) {
            return Err(Cause::ClientAuthenticationMissing);
        }
        return Ok(UnverifiedCredentials { client_id, secret: Some(secret) });
    }
    let client_id = in_body.ok_or(Cause::ClientAuthenticationMissing)?.to_owned();
    Ok(UnverifiedCredentials { client_id, secret: params.find("client_secret").map(str::to_owned) })
}

/// `None` when it is not Basic at all; an error when it is and cannot be read (RFC 7617, and RFC 6749
/// §2.3.1: both parts are form-encoded first).
fn parse_basic(header: &str) -> Option<Result<(String, String), Cause>> {
    let (scheme, value) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then(|| {
        let decoded = BASE64_STANDARD.decode(value).map_err(|_| Cause::ClientAuthenticationMissing)?;
        let text = String::from_utf8(decoded).map_err(|_| Cause::ClientAuthenticationMissing)?;
        let (name, secret) = text.split_once(':').ok_or(Cause::ClientAuthenticationMissing)?;
        Ok((decode(name), decode(secret)))
    })
}

/// Form decoding, but a `+` stays: clients that do not encode at all are many, and a secret may hold one.
fn decode(part: &str) -> String {
    let kept = part.replace('+', "%2B");
    url::form_urlencoded::parse(format!("v={}", kept.replace('&', "%26")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Finds the client that was named.
///
/// # Errors
/// [`Cause::ClientUnknown`], or that the store failed.
pub async fn load(
    server: &Server,
    realm: &Realm,
    credentials: &UnverifiedCredentials,
) -> Result<Arc<Client>, Cause> {
    server.store.client(realm, &credentials.client_id).await.or_cause()?.ok_or(Cause::ClientUnknown)
}

/// Checks the credentials against the client.
///
/// # Errors
/// As [`client::authenticate`].
pub fn authenticate<'a>(
    client: &'a Client,
    credentials: &UnverifiedCredentials,
) -> Result<Authenticated<'a>, Cause> {
    let presented = credentials.secret.as_deref().map_or(Presented::Identifier, Presented::Secret);
    client::authenticate(client, &presented)
}

/// A browser page may only use clients that name its origin.
///
/// # Errors
/// [`Cause::OriginNotAllowed`].
pub fn check_origin(client: &Client, transport: &Transport<'_>) -> Result<(), Cause> {
    let allowed = transport.origin.is_none_or(|origin| client.allows_origin(origin));
    if allowed { Ok(()) } else { Err(Cause::OriginNotAllowed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_from(authorization: Option<&str>, body: &str) -> Result<(String, Option<String>), Cause> {
        let params = Params::parse(body.as_bytes()).expect("well formed");
        let transport = Transport { authorization, ..Transport::default() };
        read(&params, &transport).map(|credentials| (credentials.client_id, credentials.secret))
    }

    #[test]
    fn credentials_come_by_one_way() {
        let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        for (authorization, body, outcome) in [
            (Some(basic("c:s")), "", Ok(("c", Some("s")))),
            (Some(basic("c:s")), "client_id=c", Ok(("c", Some("s")))),
            (Some(basic("c:s")), "client_id=d", Err(Cause::ClientAuthenticationMissing)),
            (Some(basic("c:s")), "client_id=c&client_secret=s", Err(Cause::ClientAuthenticationRepeated)),
            (Some(basic("https%3A%2F%2Fa:p%25+q")), "", Ok(("https://a", Some("p%+q")))),
            (Some(basic("no-colon")), "", Err(Cause::ClientAuthenticationMissing)),
            (Some("Basic !!".to_owned()), "client_id=c", Err(Cause::ClientAuthenticationMissing)),
            (Some("Bearer x".to_owned()), "client_id=c", Ok(("c", None))),
            (None, "client_id=c&client_secret=s", Ok(("c", Some("s")))),
            (None, "", Err(Cause::ClientAuthenticationMissing)),
        ] {
            let read = read_from(authorization.as_deref(), body);
            let read = read.as_ref().map(|(client_id, secret)| (client_id.as_str(), secret.as_deref()));
            assert_eq!(read, outcome.as_ref().copied(), "{authorization:?} {body}");
        }
    }
}
