//! The one token check (RFC 7519 §4.1 and §7.2, RFC 8725 §3, RFC 9068 §4).

use std::fmt;

use serde_json::Value;

use sekisho_protocol::Timestamp;

use crate::{Algorithm, Claims, Header, JwkSet, TokenError, UnverifiedToken, VerifyingKey, verify_signature};

/// The keys that a token may be signed with.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<VerifyingKey>);

/// What a token must be. Nothing of it is taken from the token.
#[derive(Clone, Copy, Debug)]
pub struct Expectation<'a> {
    /// `iss`, letter by letter.
    pub issuer: &'a str,
    /// One of `aud`, letter by letter; nothing where the caller decides about the audience itself.
    pub audience: Option<&'a str>,
    /// The algorithms that are good enough here. None when empty.
    pub algorithms: &'a [Algorithm],
    /// The media types that the header's `typ` may have, without `application/`, in any case. With an empty
    /// list any type is good, and none.
    pub types: &'a [&'a str],
    /// What Keycloak's claim `typ` may be. Not looked at when empty.
    pub token_types: &'a [&'a str],
    /// How far the clocks may be apart.
    pub leeway_seconds: i64,
}

/// Proof that a token was checked. Made by [`verify`] only.
#[derive(Clone)]
pub struct Verified {
    header: Header,
    claims: Claims,
}

/// Checks a token: form, algorithm, key, type, signature, issuer, audience, times.
pub fn verify(
    token: &str,
    keys: &Keys,
    expectation: &Expectation<'_>,
    now: Timestamp,
) -> Result<Verified, TokenError> {
    let token = UnverifiedToken::parse(token)?;
    let header = token.header();
    if !expectation.algorithms.contains(&header.alg) {
        return Err(TokenError::AlgorithmNotAllowed);
    }
    check_type(header, expectation.types)?;
    let key = keys.find(header.kid.as_deref(), header.alg)?;
    let claims = Claims::check(verify_signature(&token, key)?.object()?)?;
    check_parties(&claims, expectation)?;
    check_times(&claims, expectation.leeway_seconds, now)?;
    check_token_type(&claims, expectation.token_types)?;
    Ok(Verified { header: header.clone(), claims })
}

impl Keys {
    /// These keys.
    pub fn new(keys: Vec<VerifyingKey>) -> Self {
        Self(keys)
    }

    /// The keys of a set that can verify a signature; the others are left out.
    pub fn from_set(set: &JwkSet) -> Self {
        Self(set.keys.iter().filter_map(|jwk| VerifyingKey::from_jwk(jwk).ok()).collect())
    }

    /// The key of this id for this algorithm. Without an id, the one key that could be meant; when it could
    /// be several, none (OpenID Connect Core §10.1: then the token has to say).
    pub fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&VerifyingKey, TokenError> {
        let Some(kid) = kid else {
            let mut fitting = self.0.iter().filter(|key| key.allows(algorithm));
            return match (fitting.next(), fitting.next()) {
                (Some(key), None) => Ok(key),
                _ => Err(TokenError::KeyUnknown),
            };
        };
        let named = |key: &&VerifyingKey| key.kid() == kid;
        let fitting = self.0.iter().filter(named).find(|key| key.allows(algorithm));
        fitting.ok_or(if self.knows(kid) { TokenError::KeyMismatch } else { TokenError::KeyUnknown })
    }

    /// Whether a key has this id.
    pub fn knows(&self, kid: &str) -> bool {
        self.0.iter().any(|key| key.kid() == kid)
    }

    /// Whether there is no key at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys.
    pub fn iter(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.0.iter()
    }
}

impl Verified {
    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The claims.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The claims, to keep.
    pub fn into_claims(self) -> Claims {
        self.claims
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("header", &self.header)
            .field("issuer", &self.claims.issuer())
            .finish_non_exhaustive()
    }
}

/// RFC 8725 §3.11: a token of another kind is refused even where every claim would fit.
fn check_type(header: &Header, types: &[&str]) -> Result<(), TokenError> {
    if types.is_empty() {
        return Ok(());
    }
    let found = short_type(header.typ.as_deref().ok_or(TokenError::TypeMismatch)?);
    let allowed = types.iter().any(|allowed| short_type(allowed).eq_ignore_ascii_case(found));
    if allowed { Ok(()) } else { Err(TokenError::TypeMismatch) }
}

/// RFC 7515 §4.1.9: `application/` may be left out.
fn short_type(media_type: &str) -> &str {
    const PREFIX: &str = "application/";
    match media_type.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => media_type,
    }
}

fn check_parties(claims: &Claims, expectation: &Expectation<'_>) -> Result<(), TokenError> {
    if claims.issuer() != expectation.issuer {
        return Err(TokenError::IssuerMismatch);
    }
    match expectation.audience {
        Some(_) if claims.get("aud").is_none() => Err(TokenError::ClaimMissing("aud")),
        Some(audience) if !claims.has_audience(audience) => Err(TokenError::AudienceMismatch),
        _ => Ok(()),
    }
}

fn check_times(claims: &Claims, leeway_seconds: i64, now: Timestamp) -> Result<(), TokenError> {
    // RFC 7519 §4.1.4: on the second of `exp` it is over.
    if now >= claims.expires().plus_seconds(leeway_seconds) {
        return Err(TokenError::Expired);
    }
    let latest = now.plus_seconds(leeway_seconds);
    if claims.not_before().is_some_and(|not_before| not_before > latest) {
        return Err(TokenError::NotYetValid);
    }
    // Whoever ends all tokens of a client or user compares `iat` with a moment; one from the future would
    // always come out as younger.
    if claims.issued().is_some_and(|issued| issued > latest) {
        return Err(TokenError::IssuedInFuture);
    }
    Ok(())
}

fn check_token_type(claims: &Claims, token_types: &[&str]) -> Result<(), TokenError> {
    if token_types.is_empty() {
        return Ok(());
    }
    match claims.get("typ") {
        None => Err(TokenError::ClaimMissing("typ")),
        Some(Value::String(found)) if token_types.contains(&found.as_str()) => Ok(()),
        Some(_) => Err(TokenError::TypeMismatch),
    }
}

#[cfg(test)]
mod tests;
