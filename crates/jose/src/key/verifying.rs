//! The side of a key that verifies, bound to the algorithms its kind allows.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    EcdsaVerificationAlgorithm, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents,
};

use super::{KeyError, SigningKey};
use crate::{Algorithm, Jwk, base64url};

/// A key that verifies. Cloning shares the parsed key.
#[derive(Clone)]
pub struct VerifyingKey {
    kid: Arc<str>,
    preferred: Algorithm,
    /// One entry for each algorithm that the key may verify. Only an RSA key without `alg` has several, and
    /// none has algorithms of two families.
    verifiers: Arc<[(Algorithm, Verifier)]>,
}

enum Verifier {
    Public(ParsedPublicKey),
    Hmac(Arc<hmac::Key>),
}

impl VerifyingKey {
    /// Reads a public key. Type, curve and `alg` must fit each other, `use` and `key_ops` must allow
    /// signatures, secrets and private parts are refused: a set of public keys has no business with them.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, KeyError> {
        if jwk.use_.as_deref().is_some_and(|usage| usage != "sig")
            || jwk.key_ops.as_ref().is_some_and(|operations| !operations.iter().any(|o| o == "verify"))
        {
            return Err(KeyError::NotForSignatures);
        }
        if jwk.private {
            return Err(KeyError::PrivatePart);
        }
        let verifiers = match jwk.kty.as_str() {
            "RSA" => rsa(jwk)?,
            "EC" => vec![ec(jwk)?],
            "OKP" => vec![okp(jwk)?],
            _ => return Err(KeyError::UnsupportedType),
        };
        let kid = match &jwk.kid {
            Some(kid) => kid.clone(),
            None => jwk.thumbprint().ok_or(KeyError::Malformed)?,
        };
        let preferred = verifiers.first().ok_or(KeyError::UnsupportedAlgorithm)?.0;
        Ok(Self { kid: kid.into(), preferred, verifiers: verifiers.into() })
    }

    /// A secret that only verifies, as `client_secret_jwt` needs it. It must be at least as long as the hash
    /// (RFC 7518 §3.2).
    pub fn symmetric(algorithm: Algorithm, kid: &str, secret: &[u8]) -> Result<Self, KeyError> {
        Ok(Self::from_hmac(algorithm, kid, Arc::new(hmac_key(algorithm, secret)?)))
    }

    /// The key id: of the JWK, else its RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The algorithm this key is for; RS256 where an RSA key leaves it open.
    pub fn algorithm(&self) -> Algorithm {
        self.preferred
    }

    /// Whether this key may verify `algorithm`.
    pub fn allows(&self, algorithm: Algorithm) -> bool {
        self.verifier(algorithm).is_some()
    }

    /// The same key under another id.
    #[must_use]
    pub fn with_kid(self, kid: &str) -> Self {
        Self { kid: kid.into(), ..self }
    }

    pub(super) fn from_hmac(algorithm: Algorithm, kid: &str, key: Arc<hmac::Key>) -> Self {
        Self {
            kid: kid.into(),
            preferred: algorithm,
            verifiers: Arc::new([(algorithm, Verifier::Hmac(key))]),
        }
    }

    /// Whether `signature` over `message` is one of this key; nothing when the key is not for `algorithm`.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<bool> {
        Some(match self.verifier(algorithm)? {
            Verifier::Public(key) => key.verify_sig(message, signature).is_ok(),
            Verifier::Hmac(key) => hmac::verify(key, message, signature).is_ok(),
        })
    }

    fn verifier(&self, algorithm: Algorithm) -> Option<&Verifier> {
        self.verifiers.iter().find(|(allowed, _)| *allowed == algorithm).map(|(_, verifier)| verifier)
    }
}

impl From<&SigningKey> for VerifyingKey {
    fn from(key: &SigningKey) -> Self {
        key.verifying()
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.preferred)
            .finish_non_exhaustive()
    }
}

/// The HMAC key for a secret.
pub(super) fn hmac_key(algorithm: Algorithm, secret: &[u8]) -> Result<hmac::Key, KeyError> {
    let hmac_algorithm = match algorithm {
        Algorithm::Hs256 => hmac::HMAC_SHA256,
        Algorithm::Hs384 => hmac::HMAC_SHA384,
        Algorithm::Hs512 => hmac::HMAC_SHA512,
        _ => return Err(KeyError::WrongKind),
    };
    if secret.len() < hmac_algorithm.tag_len() {
        return Err(KeyError::TooShort);
    }
    Ok(hmac::Key::new(hmac_algorithm, secret))
}

/// The curve of an ECDSA algorithm (RFC 7518 §3.4: each has its own).
pub(super) const fn curve_name(algorithm: Algorithm) -> Option<&'static str> {
    match algorithm {
        Algorithm::Es256 => Some("P-256"),
        Algorithm::Es384 => Some("P-384"),
        Algorithm::Es512 => Some("P-521"),
        _ => None,
    }
}

fn rsa(jwk: &Jwk) -> Result<Vec<(Algorithm, Verifier)>, KeyError> {
    let (n, e) = (octets(jwk.n.as_ref())?, octets(jwk.e.as_ref())?);
    if !(2048..=8192).contains(&bits(&n)) {
        return Err(KeyError::Rejected);
    }
    let components = RsaPublicKeyComponents { n, e };
    let pinned = pinned(jwk)?;
    let parsed: Vec<_> = RSA
        .iter()
        .filter(|(algorithm, _)| pinned.is_none_or(|pinned| pinned == *algorithm))
        .map(|(algorithm, parameters)| {
            let key = components.to_parsed_public_key(parameters).map_err(|_| KeyError::Rejected)?;
            Ok((*algorithm, Verifier::Public(key)))
        })
        .collect::<Result<_, _>>()?;
    if parsed.is_empty() { Err(KeyError::AlgorithmMismatch) } else { Ok(parsed) }
}

static RSA: [(Algorithm, &RsaParameters); 6] = [
    (Algorithm::Rs256, &RSA_PKCS1_2048_8192_SHA256),
    (Algorithm::Rs384, &RSA_PKCS1_2048_8192_SHA384),
    (Algorithm::Rs512, &RSA_PKCS1_2048_8192_SHA512),
    (Algorithm::Ps256, &RSA_PSS_2048_8192_SHA256),
    (Algorithm::Ps384, &RSA_PSS_2048_8192_SHA384),
    (Algorithm::Ps512, &RSA_PSS_2048_8192_SHA512),
];

fn ec(jwk: &Jwk) -> Result<(Algorithm, Verifier), KeyError> {
    let (algorithm, parameters, length): (_, &'static EcdsaVerificationAlgorithm, _) =
        match jwk.crv.as_deref() {
            Some("P-256") => (Algorithm::Es256, &ECDSA_P256_SHA256_FIXED, 32),
            Some("P-384") => (Algorithm::Es384, &ECDSA_P384_SHA384_FIXED, 48),
            Some("P-521") => (Algorithm::Es512, &ECDSA_P521_SHA512_FIXED, 66),
            Some(_) => return Err(KeyError::UnsupportedType),
            None => return Err(KeyError::Malformed),
        };
    if pinned(jwk)?.is_some_and(|pinned| pinned != algorithm) {
        return Err(KeyError::AlgorithmMismatch);
    }
    let (x, y) = (octets(jwk.x.as_ref())?, octets(jwk.y.as_ref())?);
    // RFC 7518 §6.2.1.2: full length, so that nothing but a point can be put together from the two.
    if x.len() != length || y.len() != length {
        return Err(KeyError::Malformed);
    }
    let point = [&[UNCOMPRESSED], x.as_slice(), y.as_slice()].concat();
    let key = ParsedPublicKey::new(parameters, point).map_err(|_| KeyError::Rejected)?;
    Ok((algorithm, Verifier::Public(key)))
}

/// First octet of a point written with both coordinates (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 4;

fn okp(jwk: &Jwk) -> Result<(Algorithm, Verifier), KeyError> {
    match jwk.crv.as_deref() {
        Some("Ed25519") => {}
        Some(_) => return Err(KeyError::UnsupportedType),
        None => return Err(KeyError::Malformed),
    }
    if pinned(jwk)?.is_some_and(|pinned| pinned != Algorithm::EdDsa) {
        return Err(KeyError::AlgorithmMismatch);
    }
    let x = octets(jwk.x.as_ref())?;
    if x.len() != 32 {
        return Err(KeyError::Malformed);
    }
    let key = ParsedPublicKey::new(&ED25519, x).map_err(|_| KeyError::Rejected)?;
    Ok((Algorithm::EdDsa, Verifier::Public(key)))
}

fn pinned(jwk: &Jwk) -> Result<Option<Algorithm>, KeyError> {
    jwk.alg.as_deref().map(|name| Algorithm::parse(name).ok_or(KeyError::UnsupportedAlgorithm)).transpose()
}

fn octets(member: Option<&String>) -> Result<Vec<u8>, KeyError> {
    member.and_then(|text| base64url::decode(text)).ok_or(KeyError::Malformed)
}

fn bits(number: &[u8]) -> usize {
    let zeros = number.first().map_or(0, |first| first.leading_zeros() as usize);
    (number.len() * 8).saturating_sub(zeros)
}
