//! Client authentication (OAuth 2.1 §2.4): `none`, `client_secret_basic`, `client_secret_post`.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sekisho_core::client::{self, Authenticated, Presented};
use sekisho_core::{Client, Realm};
use sekisho_protocol::{Cause, Params, Timestamp};

use crate::audit::Audit;
use crate::server::OrCause;
use crate::{Server, Transport};

/// Credentials as sent; nothing is known of them yet.
pub struct UnverifiedCredentials {
    pub client_id: String,
    secret: Option<String>,
    /// The same as it would read from a client that does not form-encode its Basic credentials.
    literal: Option<String>,
}

/// Reads credentials from the `Authorization` header or the body, never from both.
///
/// # Errors
/// [`Cause::ClientAuthenticationMissing`] or [`Cause::ClientAuthenticationRepeated`].
pub fn read(params: &Params, transport: &Transport<'_>) -> Result<UnverifiedCredentials, Cause> {
    let in_body = params.find("client_id");
    if let Some(basic) = transport.authorization.and_then(parse_basic) {
        let Basic { client_id, secret, literal } = basic?;
        if params.find("client_secret").is_some() {
            return Err(Cause::ClientAuthenticationRepeated);
        }
        // `client_id` beside Basic is allowed when it says the same (RFC 6749 §3.2.1).
        if in_body.is_some_and(|other| other != client_id) {
            return Err(Cause::ClientAuthenticationMissing);
        }
        return Ok(UnverifiedCredentials { client_id, secret: Some(secret), literal: Some(literal) });
    }
    let client_id = in_body.ok_or(Cause::ClientAuthenticationMissing)?.to_owned();
    let secret = params.find("client_secret").map(str::to_owned);
    Ok(UnverifiedCredentials { client_id, secret, literal: None })
}

/// What a Basic header holds.
struct Basic {
    client_id: String,
    secret: String,
    literal: String,
}

/// `None` when it is not Basic at all; an error when it is and cannot be read (RFC 7617).
fn parse_basic(header: &str) -> Option<Result<Basic, Cause>> {
    let (scheme, value) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then(|| {
        let decoded = BASE64_STANDARD.decode(value).map_err(|_| Cause::ClientAuthenticationMissing)?;
        let text = String::from_utf8(decoded).map_err(|_| Cause::ClientAuthenticationMissing)?;
        let (name, secret) = text.split_once(':').ok_or(Cause::ClientAuthenticationMissing)?;
        // An identifier with a plus is likelier than one with a space.
        let client_id = form_decode(&name.replace('+', "%2B"));
        Ok(Basic { client_id, secret: form_decode(secret), literal: secret.to_owned() })
    })
}

/// RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
fn form_decode(part: &str) -> String {
    url::form_urlencoded::parse(format!("v={}", part.replace('&', "%26")).as_bytes())
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
    now: Timestamp,
) -> Result<Authenticated<'a>, Cause> {
    let presented = |secret: Option<&'_ str>| match secret {
        Some(secret) => client::authenticate(client, &Presented::Secret(secret), now),
        None => client::authenticate(client, &Presented::Identifier, now),
    };
    match (presented(credentials.secret.as_deref()), &credentials.literal) {
        // Many clients send their secret as it is, whatever RFC 6749 says of it.
        (Err(Cause::ClientSecretWrong), Some(literal)) => presented(Some(literal)),
        (outcome, _) => outcome,
    }
}

/// The client that asks, authenticated and asking from a page that it names: the steps that every endpoint
/// for clients shares. The token endpoint takes them one by one, since what it permits depends on the grant.
///
/// # Errors
/// As [`read`], [`load`], [`authenticate`] and [`check_origin`].
pub async fn check(
    server: &Server,
    realm: &Realm,
    params: &Params,
    transport: &Transport<'_>,
    audit: &mut Audit,
) -> Result<Arc<Client>, Cause> {
    let credentials = read(params, transport)?;
    audit.client(&credentials.client_id);
    let client = load(server, realm, &credentials).await?;
    authenticate(&client, &credentials, server.now())?;
    check_origin(&client, transport)?;
    Ok(client)
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
            (Some(basic("https%3A%2F%2Fa:p%25+q")), "", Ok(("https://a", Some("p% q")))),
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

    #[test]
    fn basic_secrets_are_taken_encoded_and_as_they_are() {
        let credentials = |secret: &str| {
            let header = format!("Basic {}", BASE64_STANDARD.encode(format!("c:{secret}")));
            let transport = Transport { authorization: Some(&header), ..Transport::default() };
            read(&Params::empty(), &transport).expect("can be read")
        };
        for (secret, sent, taken) in [
            ("a b", "a+b", true),
            ("a b", "a%20b", true),
            ("a+b", "a+b", true),
            ("a+b", "a%2Bb", true),
            ("a%b", "a%b", true),
            ("a b", "a_b", false),
        ] {
            let client = confidential(secret);
            assert_eq!(
                authenticate(&client, &credentials(sent), Timestamp(0)).is_ok(),
                taken,
                "{secret} as {sent}"
            );
        }
    }

    fn confidential(secret: &str) -> Client {
        let config = serde_json::from_value(serde_json::json!({"clientId": "c"})).expect("a client");
        let place =
            sekisho_core::client::read::Place { id: uuid::Uuid::nil(), realm: uuid::Uuid::nil(), version: 1 };
        sekisho_core::client::read::client(place, config, Some(sekisho_core::Secret::new(secret)))
    }
}
