//! `private_key_jwt` and `client_secret_jwt`: a client proves itself by a JWT that it signed (RFC 7523 §2.2 and §3,
//! OpenID Connect Core §9).

use sekisho_jose::hash::sha256;
use sekisho_jose::jws::{self, Header};
use sekisho_jose::verify::{Expectation, Verified};
use sekisho_jose::{Algorithm, Keys, TokenError, UnverifiedToken, VerifyingKey, verify};
use sekisho_protocol::{AssertionFault, Cause, Timestamp};
use uuid::Uuid;

use super::{Authenticated, Authenticator, Client, ClientKeys, ClientKind, secret_life};
use crate::Realm;
use crate::policy::event::Assertion;
use crate::work::{Guard, Outcome, SingleUse, Work};

/// How far a client's clock may be apart from ours, in seconds.
const LEEWAY: i64 = 15;
/// How long an assertion may live where the client's own setting does not say, in seconds.
const LIFE: i64 = 60;
/// The client's own setting.
const LONGEST_LIFE: &str = "token.endpoint.auth.signing.max.exp";
/// The one algorithm that the client may use; any that fits its keys where this is not set.
const SIGNING_ALGORITHM: &str = "token.endpoint.auth.signing.alg";

/// Paths of the realm that are an audience besides its issuer: the endpoints where Keycloak's clients authenticate.
const AUDIENCES: [&str; 4] = ["/token", "/token/introspect", "/ext/par/request", "/ext/ciba/auth"];

const PRIVATE_KEY: [Algorithm; 10] = [
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::EdDsa,
];
const SHARED_SECRET: [Algorithm; 3] = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];

/// An assertion that anybody may have written.
pub struct UnverifiedAssertion {
    text: String,
    client_id: String,
}

/// Proof that an assertion is the client's and fit to authenticate it, but for the race of its `jti`. Made by [`check`]
/// only.
pub struct Spendable<'a> {
    client: &'a Client,
    assertion: Assertion,
    /// What stands for its `jti` among those of the realm.
    key: [u8; 32],
    /// From here on it is refused for its age.
    ends: Timestamp,
}

impl UnverifiedAssertion {
    /// Reads whom an assertion is about.
    ///
    /// # Errors
    /// [`Cause::ClientAuthenticationMissing`] when it names no client, or several: RFC 7523 §3 wants `iss` and `sub` to
    /// be the client both.
    pub fn parse(text: &str) -> Result<Self, Cause> {
        let claims = jws::claims_unverified(text).map_err(|_| Cause::ClientAuthenticationMissing)?;
        match (claims.issuer(), claims.subject()) {
            (Some(issuer), Some(subject)) if issuer == subject => {
                Ok(Self { text: text.to_owned(), client_id: subject.to_owned() })
            }
            _ => Err(Cause::ClientAuthenticationMissing),
        }
    }

    /// The client that it claims to be of.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }
}

/// A key set that must be fetched before [`check`] can tell.
pub struct Wanted<'a> {
    pub url: &'a str,
    header: Header,
}

impl Wanted<'_> {
    /// Whether these keys have the one that the assertion names.
    pub fn is_in(&self, keys: &Keys) -> bool {
        keys.find(self.header.kid.as_deref(), self.header.alg).is_ok()
    }
}

/// The key set that must be fetched. None before the client may send such an assertion at all: nobody makes this server
/// call an address by a request that is refused anyway.
pub fn wanted<'a>(client: &'a Client, assertion: &UnverifiedAssertion) -> Option<Wanted<'a>> {
    let ClientKeys::At(url) = &client.keys else { return None };
    let allowed = algorithms(client).ok().filter(|_| client.authenticator == Authenticator::PrivateKeyJwt)?;
    let header = UnverifiedToken::parse(&assertion.text).ok()?.header().clone();
    allowed.contains(&header.alg).then_some(Wanted { url, header })
}

/// Checks an assertion (RFC 7523 §3). `fetched` is what [`wanted`] asked for.
///
/// # Errors
/// [`Cause::ClientAssertion`], or why the client cannot authenticate in this way.
pub fn check<'a>(
    realm: &Realm,
    client: &'a Client,
    assertion: &UnverifiedAssertion,
    fetched: Option<&Keys>,
    now: Timestamp,
) -> Result<Spendable<'a>, Cause> {
    super::check_served(client)?;
    let allowed = algorithms(client)?;
    let verified = match (&client.authenticator, &client.keys) {
        (Authenticator::SecretJwt, _) => by_secret(client, assertion, &allowed, now),
        (_, ClientKeys::Held(keys)) => by_keys(client, assertion, keys, &allowed, now),
        (_, ClientKeys::At(_)) => {
            let none = Keys::default();
            by_keys(client, assertion, fetched.unwrap_or(&none), &allowed, now)
        }
        (_, ClientKeys::None) => by_keys(client, assertion, &Keys::default(), &allowed, now),
    };
    let verified = verified.map_err(Cause::ClientAssertion)?;
    let judged = check_audience(realm, &verified).and_then(|()| check_life(client, &verified, now));
    let ends = judged.map_err(Cause::ClientAssertion)?;
    let jti = verified.claims().jti().filter(|jti| !jti.is_empty());
    let jti = jti.ok_or(Cause::ClientAssertion(AssertionFault::JtiMissing))?;
    // A name of its own for each client: nobody burns the `jti` of another (attack 10).
    let key = sha256(&[client.id.as_bytes(), jti.as_bytes()].concat());
    let algorithm = verified.header().alg.name().to_owned();
    let claims = verified.into_claims().into_raw();
    Ok(Spendable { client, assertion: Assertion { algorithm, claims }, key, ends })
}

/// What the client may sign with.
fn algorithms(client: &Client) -> Result<Vec<Algorithm>, Cause> {
    let fitting: &[Algorithm] = match (client.kind, &client.authenticator) {
        (ClientKind::Confidential, Authenticator::PrivateKeyJwt) => &PRIVATE_KEY,
        (ClientKind::Confidential, Authenticator::SecretJwt) => &SHARED_SECRET,
        _ => return Err(Cause::ClientAuthenticationMethod),
    };
    let chosen = client.attribute(SIGNING_ALGORITHM).filter(|name| *name != "any");
    let allows = |algorithm: &Algorithm| chosen.is_none_or(|name| Algorithm::parse(name) == Some(*algorithm));
    Ok(fitting.iter().copied().filter(allows).collect())
}

fn by_keys(
    client: &Client,
    assertion: &UnverifiedAssertion,
    keys: &Keys,
    allowed: &[Algorithm],
    now: Timestamp,
) -> Result<Verified, AssertionFault> {
    let expectation = Expectation {
        issuer: &client.client_id,
        audience: None,
        algorithms: allowed,
        types: &[],
        token_types: &[],
        leeway_seconds: LEEWAY,
    };
    verify(&assertion.text, keys, &expectation, now).map_err(fault)
}

/// The secrets that are good now, each of them the one key.
fn by_secret(
    client: &Client,
    assertion: &UnverifiedAssertion,
    allowed: &[Algorithm],
    now: Timestamp,
) -> Result<Verified, AssertionFault> {
    let token = UnverifiedToken::parse(&assertion.text).map_err(fault)?;
    let Header { alg, kid, .. } = token.header();
    if !allowed.contains(alg) {
        return Err(AssertionFault::Algorithm);
    }
    let mut outcome = Err(AssertionFault::Signature);
    for secret in secret_life::good(client, now) {
        // A secret has no name; whatever the token calls it, it is the one that is meant.
        let key =
            VerifyingKey::symmetric(*alg, kid.as_deref().unwrap_or_default(), secret.reveal().as_bytes());
        outcome = match key {
            Ok(key) => by_keys(client, assertion, &Keys::new(vec![key]), allowed, now),
            Err(_) => Err(AssertionFault::SecretShort),
        };
        if !matches!(outcome, Err(AssertionFault::Signature | AssertionFault::SecretShort)) {
            break;
        }
    }
    outcome
}

fn fault(error: TokenError) -> AssertionFault {
    match error {
        TokenError::UnsupportedAlgorithm | TokenError::AlgorithmNotAllowed => AssertionFault::Algorithm,
        TokenError::KeyUnknown | TokenError::KeyMismatch => AssertionFault::Key,
        TokenError::SignatureInvalid => AssertionFault::Signature,
        TokenError::ClaimMissing("exp") => AssertionFault::ExpiryMissing,
        TokenError::Expired | TokenError::NotYetValid => AssertionFault::Inactive,
        TokenError::IssuedInFuture => AssertionFault::IssuedInFuture,
        TokenError::Malformed
        | TokenError::TooLong
        | TokenError::CriticalHeader
        | TokenError::TypeMismatch
        | TokenError::IssuerMismatch
        | TokenError::AudienceMismatch
        | TokenError::ClaimMissing(_)
        | TokenError::ClaimMalformed(_) => AssertionFault::Malformed,
    }
}

/// An assertion for two servers could be passed on by one to the other, so there is one audience, which is us.
fn check_audience(realm: &Realm, verified: &Verified) -> Result<(), AssertionFault> {
    let [audience] = verified.claims().audiences()[..] else {
        let none = verified.claims().audiences().is_empty();
        return Err(if none { AssertionFault::Audience } else { AssertionFault::Audiences });
    };
    let is_endpoint = |path: &&str| realm.url(&format!("/protocol/openid-connect{path}")) == audience;
    let is_us = audience == realm.issuer || AUDIENCES.iter().any(is_endpoint);
    if is_us { Ok(()) } else { Err(AssertionFault::Audience) }
}

/// When the assertion ends: at `exp`, and once it is as old as the client's may get. That is how long its `jti` must be
/// remembered, so it has a bound whatever `exp` says.
fn check_life(client: &Client, verified: &Verified, now: Timestamp) -> Result<Timestamp, AssertionFault> {
    let life = client.seconds(LONGEST_LIFE).unwrap_or(LIFE);
    let expires = verified.claims().expires().plus_seconds(LEEWAY);
    match verified.claims().issued().map(|issued| issued.plus_seconds(life).plus_seconds(LEEWAY)) {
        Some(aged) if now >= aged => Err(AssertionFault::IssuedLongAgo),
        Some(aged) => Ok(expires.min(aged)),
        None if expires > now.plus_seconds(life).plus_seconds(2 * LEEWAY) => Err(AssertionFault::ExpiryFar),
        None => Ok(expires),
    }
}

impl Spendable<'_> {
    /// The work that spends it: the guard that settles the race. Kept an hour longer, so that a clock set back cannot
    /// revive it.
    pub fn spend(&self, work: Uuid) -> Work {
        Work::new(work).guard(Guard::UseOnce {
            kind: SingleUse::ClientAssertion,
            realm: self.client.realm,
            key: self.key.to_vec(),
            keep_until: self.ends.plus_seconds(3600),
        })
    }
}

/// The client is authenticated by the assertion that won the race, and policies judge that one and no other
/// (attack 40).
///
/// # Errors
/// [`AssertionFault::Replayed`] where it was used before; [`Cause::Unavailable`] where nobody can tell.
pub fn settle(spendable: Spendable<'_>, outcome: Outcome) -> Result<Authenticated<'_>, Cause> {
    match outcome {
        Outcome::Won => {
            Ok(Authenticated { client: spendable.client, assertion: Some(spendable.assertion.into()) })
        }
        Outcome::Lost(_) => Err(Cause::ClientAssertion(AssertionFault::Replayed)),
        Outcome::Unknown => Err(Cause::Unavailable),
    }
}

#[cfg(test)]
mod tests;
