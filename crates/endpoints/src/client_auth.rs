//! Client authentication (OAuth 2.1 §2.4): `none`, `client_secret_basic`, `client_secret_post`, and by assertion
//! `private_key_jwt` and `client_secret_jwt`.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sekisho_core::client::assertion::{self, UnverifiedAssertion};
use sekisho_core::client::{self, Authenticated, ClientKind, Presented};
use sekisho_core::policy::event::{Assertion, Proofs, TokenRequest};
use sekisho_core::{Client, Realm};
use sekisho_protocol::client_assertion::JWT_BEARER;
use sekisho_protocol::{Cause, Params, Timestamp};

use crate::audit::Audit;
use crate::server::OrCause;
use crate::{Server, Transport};

/// Credentials as sent; nothing is known of them yet.
pub struct UnverifiedCredentials {
    pub client_id: String,
    sent: Sent,
}

/// The one way in which they were sent.
enum Sent {
    /// The client's name alone.
    Nothing,
    Basic {
        secret: String,
        /// The same as it would read from a client that does not form-encode its credentials.
        literal: String,
    },
    Post(String),
    Assertion(UnverifiedAssertion),
}

/// Reads credentials from the `Authorization` header or the body, never by two ways at once (attack 40).
///
/// # Errors
/// [`Cause::ClientAuthenticationMissing`] or [`Cause::ClientAuthenticationRepeated`].
pub fn read(params: &Params, transport: &Transport<'_>) -> Result<UnverifiedCredentials, Cause> {
    let basic = transport.authorization.and_then(parse_basic).transpose()?;
    let secret = params.find("client_secret");
    let assertion = find_assertion(params);
    let in_body = params.find("client_id");
    let (named, sent) = match (basic, secret, assertion) {
        (None, None, None) => (None, Sent::Nothing),
        (Some(Basic { client_id, secret, literal }), None, None) => {
            (Some(client_id), Sent::Basic { secret, literal })
        }
        (None, Some(secret), None) => (None, Sent::Post(secret.to_owned())),
        (None, None, Some(assertion)) => {
            let assertion = UnverifiedAssertion::parse(assertion)?;
            (Some(assertion.client_id().to_owned()), Sent::Assertion(assertion))
        }
        _ => return Err(Cause::ClientAuthenticationRepeated),
    };
    let client_id = match (named, in_body) {
        // `client_id` beside them is allowed when it says the same (RFC 6749 §3.2.1, RFC 7521 §4.2).
        (Some(named), Some(other)) if other != named => Err(Cause::ClientAuthenticationMissing),
        (Some(named), _) => Ok(named),
        (None, other) => other.map(str::to_owned).ok_or(Cause::ClientAuthenticationMissing),
    }?;
    Ok(UnverifiedCredentials { client_id, sent })
}

/// An assertion of another type, or of none, is nothing that is known here.
fn find_assertion(params: &Params) -> Option<&str> {
    params.find("client_assertion").filter(|_| params.find("client_assertion_type") == Some(JWT_BEARER))
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
/// As [`client::authenticate`], [`assertion::check`] and [`assertion::settle`].
pub async fn authenticate<'a>(
    server: &Server,
    realm: &Realm,
    client: &'a Client,
    credentials: &UnverifiedCredentials,
) -> Result<Authenticated<'a>, Cause> {
    match &credentials.sent {
        Sent::Assertion(assertion) if client.kind == ClientKind::Confidential => {
            Box::pin(by_assertion(server, realm, client, assertion)).await
        }
        sent => by_secret(client, sent, server.now()),
    }
}

fn by_secret<'a>(client: &'a Client, sent: &Sent, now: Timestamp) -> Result<Authenticated<'a>, Cause> {
    let secret = |secret: &str| client::authenticate(client, &Presented::Secret(secret), now);
    match sent {
        Sent::Nothing | Sent::Assertion(_) => client::authenticate(client, &Presented::Identifier, now),
        Sent::Post(sent) => secret(sent),
        Sent::Basic { secret: sent, literal } => match secret(sent) {
            // Many clients send their secret as it is, whatever RFC 6749 says of it.
            Err(Cause::ClientSecretWrong) => secret(literal),
            outcome => outcome,
        },
    }
}

/// The `jti` is spent once everything else has been checked, in a commit of its own: a grant may decide several times,
/// and an assertion that came with a wrong code has still been seen.
async fn by_assertion<'a>(
    server: &Server,
    realm: &Realm,
    client: &'a Client,
    assertion: &UnverifiedAssertion,
) -> Result<Authenticated<'a>, Cause> {
    let fetched = match assertion::wanted(client, assertion) {
        Some(wanted) => server.outside.key_set(wanted.url, |keys| wanted.is_in(keys), server.now()).await,
        None => None,
    };
    let spendable = assertion::check(realm, client, assertion, fetched.as_deref(), server.now())?;
    let outcome = server.store.commit(spendable.spend(server.fresh_id())).await.or_cause()?;
    assertion::settle(spendable, outcome)
}

/// A client that proved itself, and by what.
pub struct Caller {
    pub client: Arc<Client>,
    assertion: Option<Arc<Assertion>>,
}

impl Caller {
    /// What the policies may know of its request.
    pub fn asked<'a>(&'a self, params: &'a Params) -> TokenRequest<'a> {
        let proofs = Proofs { assertion: self.assertion.as_deref(), ..Proofs::default() };
        TokenRequest { proofs, ..TokenRequest::new(&self.client, params) }
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
) -> Result<Caller, Cause> {
    let credentials = read(params, transport)?;
    audit.client(&credentials.client_id);
    let client = load(server, realm, &credentials).await?;
    let assertion = authenticate(server, realm, &client, &credentials).await?.assertion();
    check_origin(&client, transport)?;
    Ok(Caller { client, assertion })
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
        let secret = |sent| match sent {
            Sent::Basic { secret, .. } | Sent::Post(secret) => Some(secret),
            Sent::Assertion(_) => Some("signed".to_owned()),
            Sent::Nothing => None,
        };
        read(&params, &transport).map(|credentials| (credentials.client_id, secret(credentials.sent)))
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

    /// Attack 40: nobody is left to choose which of two is judged.
    #[test]
    fn an_assertion_comes_alone() {
        let by = |claims: &str| {
            let part = |text: &str| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text);
            format!("client_assertion_type={JWT_BEARER}&client_assertion={}.{}.", part("{}"), part(claims))
        };
        let (good, basic) =
            (by(r#"{"iss":"c","sub":"c"}"#), format!("Basic {}", BASE64_STANDARD.encode("c:s")));
        let (missing, repeated) = (Cause::ClientAuthenticationMissing, Cause::ClientAuthenticationRepeated);
        for (authorization, body, outcome) in [
            (None, good.clone(), Ok(("c", Some("signed")))),
            (None, format!("{good}&client_id=c"), Ok(("c", Some("signed")))),
            (None, format!("{good}&client_id=d"), Err(missing.clone())),
            (None, format!("{good}&client_secret=s"), Err(repeated.clone())),
            (Some(&*basic), good.clone(), Err(repeated)),
            (None, by(r#"{"iss":"c","sub":"d"}"#), Err(missing.clone())),
            (None, by(r#"{"iss":"c"}"#), Err(missing.clone())),
            (None, by("[]"), Err(missing.clone())),
            (None, good.replace("jwt-bearer", "saml2-bearer"), Err(missing.clone())),
            (None, good.replace("client_assertion_type", "x"), Err(missing)),
            (None, good.replace("jwt-bearer", "x") + "&client_id=d", Ok(("d", None))),
        ] {
            let read = read_from(authorization, &body);
            let read = read.as_ref().map(|(client_id, sent)| (client_id.as_str(), sent.as_deref()));
            assert_eq!(read, outcome.as_ref().copied(), "{body}");
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
                by_secret(&client, &credentials(sent).sent, Timestamp(0)).is_ok(),
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
