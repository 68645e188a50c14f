//! Whether a token may be believed: `sekisho_jose::verify` with the issuer's keys fetched and kept, and
//! what was verified once remembered until it ends.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;
use sekisho_jose::{Algorithm, Claims, Expectation, TokenError, UnverifiedToken, hash, verify};
use sekisho_outbound::{AddressError, Client};
use sekisho_protocol::{Clock, Timestamp};
use serde_json::Value;

use crate::caller::Caller;
use crate::issuer::{Issuer, IssuerError};
use crate::keys::{KeyCache, KeySet};

/// Algorithms that are good enough when nothing else is said: every one whose verifying key is public.
pub const ALGORITHMS: &[Algorithm] = &[
    Algorithm::Es256,
    Algorithm::Rs256,
    Algorithm::Ps256,
    Algorithm::EdDsa,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps384,
    Algorithm::Ps512,
];

/// What a token must be.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// The issuer, compared byte for byte with `iss`.
    pub issuer: String,
    /// The names of this resource: `aud` must hold one of them, byte for byte.
    pub audiences: Vec<String>,
    /// Algorithms of the signature; symmetric ones are never accepted, listed or not.
    pub algorithms: Vec<Algorithm>,
    /// Whether the header must name a type.
    pub header_type: HeaderType,
    /// How far the issuer's clock may be from ours.
    pub leeway_seconds: i64,
    /// How many verified tokens are remembered.
    pub remembered: usize,
}

impl Acceptance {
    /// Tokens of `issuer` for `audience`; everything else by default.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audiences: vec![audience.into()],
            algorithms: ALGORITHMS.to_vec(),
            header_type: HeaderType::Required,
            leeway_seconds: 30,
            remembered: 4096,
        }
    }
}

/// What the JOSE header says about the kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderType {
    /// `typ` is `JWT` or `at+jwt` (RFC 9068 §2.1).
    Required,
    /// `typ` may also be absent: some issuers write none.
    Optional,
}

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The token is at fault.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A token of this issuer, but an ID token, a refresh token or a logout token.
    #[error("token is no access token")]
    NotAnAccessToken,
    /// The token is bound to a key (`cnf`), and nothing here proves possession of it.
    #[error("token is bound to a key")]
    KeyBound,
    /// Nothing can be said about the token while the keys are not known.
    #[error("keys of the issuer are not known: {0}")]
    Issuer(#[from] IssuerError),
}

/// Verifies access tokens of one issuer. Cheap to clone; clones share keys and memory.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    acceptance: Acceptance,
    keys: Arc<KeyCache>,
    remembered: Cache<[u8; 32], Remembered>,
    clock: Arc<dyn Clock>,
}

#[derive(Clone)]
struct Remembered {
    caller: Caller,
    generation: u64,
}

impl Verifier {
    /// A verifier that fetches nothing before the first token comes.
    pub fn new(
        mut acceptance: Acceptance,
        client: Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AddressError> {
        // A symmetric key would have to be public here (RFC 8725 §2.1).
        acceptance.algorithms.retain(|algorithm| !algorithm.is_symmetric());
        let issuer = Issuer::new(&acceptance.issuer, client)?;
        Ok(Self(Arc::new(Inner {
            keys: Arc::new(KeyCache::new(issuer, Arc::clone(&clock))),
            remembered: Cache::new(acceptance.remembered),
            acceptance,
            clock,
        })))
    }

    /// Checks `token` as of now.
    pub async fn verify(&self, token: &str) -> Result<Caller, VerifyError> {
        let inner = &*self.0;
        let now = inner.clock.now();
        let key_set = match inner.keys.find(now) {
            Some(key_set) => key_set,
            None => inner.fetch_keys(token).await?,
        };
        let digest = hash::sha256(token.as_bytes());
        if let Some(caller) = inner.recall(&digest, &key_set, now) {
            return Ok(caller);
        }
        match inner.check(token, &key_set, now) {
            Ok(caller) => Ok(inner.remember(digest, caller, &key_set)),
            Err(VerifyError::Token(TokenError::KeyUnknown)) => {
                let key_set = inner.fetch_keys(token).await?;
                let caller = inner.check(token, &key_set, now)?;
                Ok(inner.remember(digest, caller, &key_set))
            }
            Err(error) => Err(error),
        }
    }

    /// How long the token of `caller` lasts from now on.
    pub(crate) fn remaining(&self, caller: &Caller) -> Duration {
        let left = self.0.end(caller).0.saturating_sub(self.0.clock.now().0);
        Duration::from_millis(left.try_into().unwrap_or(0))
    }
}

impl Inner {
    /// From when on the token of `caller` is refused.
    fn end(&self, caller: &Caller) -> Timestamp {
        caller.expires().plus_seconds(self.acceptance.leeway_seconds)
    }

    /// Fetches for a token that the issuer may have made, not for just anything in a header.
    async fn fetch_keys(&self, token: &str) -> Result<Arc<KeySet>, VerifyError> {
        let unverified = UnverifiedToken::parse(token)?;
        if unverified.claims_unverified()?.issuer() != Some(&self.acceptance.issuer) {
            return Err(TokenError::IssuerMismatch.into());
        }
        Ok(self.keys.refresh().await?)
    }

    /// Only the end of a token can come between two checks: all else of it and of us stays the same.
    fn recall(&self, digest: &[u8; 32], key_set: &KeySet, now: Timestamp) -> Option<Caller> {
        let found = self.remembered.get(digest)?;
        if found.generation == key_set.generation && now < self.end(&found.caller) {
            return Some(found.caller);
        }
        self.remembered.remove(digest);
        None
    }

    fn remember(&self, digest: [u8; 32], caller: Caller, key_set: &KeySet) -> Caller {
        self.remembered.insert(digest, Remembered { caller: caller.clone(), generation: key_set.generation });
        caller
    }

    fn check(&self, token: &str, key_set: &KeySet, now: Timestamp) -> Result<Caller, VerifyError> {
        let expectation = Expectation {
            issuer: &self.acceptance.issuer,
            audience: None,
            algorithms: &self.acceptance.algorithms,
            types: self.types(token)?,
            token_types: &[],
            leeway_seconds: self.acceptance.leeway_seconds,
        };
        let verified = verify(token, &key_set.keys, &expectation, now)?;
        self.check_audience(verified.claims())?;
        check_kind(verified.claims())?;
        check_unbound(verified.claims())?;
        Ok(Caller::new(verified))
    }

    /// With an empty list any type would be good, so it is given to a token without one only.
    fn types(&self, token: &str) -> Result<&'static [&'static str], TokenError> {
        let untyped = self.acceptance.header_type == HeaderType::Optional
            && UnverifiedToken::parse(token)?.header().typ.is_none();
        Ok(if untyped { &[] } else { &["JWT", "at+jwt"] })
    }

    /// RFC 9068 §4: the resource server must find itself in `aud`.
    fn check_audience(&self, claims: &Claims) -> Result<(), TokenError> {
        if claims.get("aud").is_none() {
            return Err(TokenError::ClaimMissing("aud"));
        }
        let named = self.acceptance.audiences.iter().any(|audience| claims.has_audience(audience));
        if named { Ok(()) } else { Err(TokenError::AudienceMismatch) }
    }
}

/// The header's `typ` is `JWT` for all tokens of many issuers: Keycloak tells them apart by a claim, others
/// by claims that only ID tokens and logout tokens have.
fn check_kind(claims: &Claims) -> Result<(), VerifyError> {
    let kind = match claims.get("typ") {
        None => true,
        Some(Value::String(kind)) => matches!(kind.as_str(), "Bearer" | "DPoP"),
        Some(_) => false,
    };
    let foreign = ["at_hash", "c_hash", "s_hash", "events"].iter().any(|name| claims.get(name).is_some());
    if kind && !foreign { Ok(()) } else { Err(VerifyError::NotAnAccessToken) }
}

/// RFC 9449 §7.2: a token that is bound to a key is worthless as a bearer token.
fn check_unbound(claims: &Claims) -> Result<(), VerifyError> {
    if claims.get("cnf").is_some() { Err(VerifyError::KeyBound) } else { Ok(()) }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("acceptance", &self.0.acceptance).finish_non_exhaustive()
    }
}
