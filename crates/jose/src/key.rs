//! Keys that are parsed once and kept ready: [`SigningKey`], and [`VerifyingKey`], its public side.

mod pem;
mod verifying;

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaKeyPair, RsaSignatureEncoding,
};
use aws_lc_rs::{error, hmac};

pub use verifying::VerifyingKey;

use crate::algorithm::Family;
use crate::{Algorithm, Jwk, base64url, der};

/// A key that signs. Cloning shares the parsed key.
#[derive(Clone)]
pub struct SigningKey {
    private: Arc<Private>,
    public: Option<Arc<Jwk>>,
    verifying: VerifyingKey,
}

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not the encoding that was asked for.
    #[error("key is not well-formed")]
    Malformed,
    /// A private key under a password.
    #[error("private key is encrypted")]
    Encrypted,
    /// The library refuses the key: too small, inconsistent, another type.
    #[error("key is not acceptable for this algorithm")]
    Rejected,
    /// A type or curve that we do not have.
    #[error("key type is not supported")]
    UnsupportedType,
    /// `alg` names something that is no signature algorithm of ours.
    #[error("algorithm of the key is not supported")]
    UnsupportedAlgorithm,
    /// `alg` and type or curve do not fit each other.
    #[error("algorithm does not fit the key")]
    AlgorithmMismatch,
    /// `use` or `key_ops` reserve the key for something else.
    #[error("key is not for signatures")]
    NotForSignatures,
    /// A public key was expected and a private part came with it.
    #[error("key carries a private part")]
    PrivatePart,
    /// An HMAC secret shorter than the hash (RFC 7518 §3.2).
    #[error("secret is too short for this algorithm")]
    TooShort,
    /// Asked of a secret, or of a key pair, what only the other one has.
    #[error("operation does not fit the kind of key")]
    WrongKind,
}

pub(crate) enum Private {
    Rsa(Box<RsaKeyPair>, &'static RsaSignatureEncoding),
    Ec(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
    Hmac(Arc<hmac::Key>),
}

impl SigningKey {
    /// Makes a key pair: RSA with 2048 bits, the curve that the algorithm names, Ed25519.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        Self::from_private(
            algorithm,
            match algorithm.family() {
                Family::Rsa => rsa(algorithm, RsaKeyPair::generate(KeySize::Rsa2048))?,
                Family::Ec => ec(EcdsaKeyPair::generate(curve(algorithm)?))?,
                Family::Ed25519 => ed25519(Ed25519KeyPair::generate())?,
                Family::Hmac => return Err(KeyError::WrongKind),
            },
        )
    }

    /// Reads a private key from PKCS#8 DER.
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        Self::from_private(
            algorithm,
            match algorithm.family() {
                Family::Rsa => rsa(algorithm, RsaKeyPair::from_pkcs8(der))?,
                Family::Ec => ec(EcdsaKeyPair::from_pkcs8(curve(algorithm)?, der))?,
                Family::Ed25519 => ed25519(Ed25519KeyPair::from_pkcs8(der))?,
                Family::Hmac => return Err(KeyError::WrongKind),
            },
        )
    }

    /// Reads a private key from PEM, or from the base64 that is left of PEM without its frame, which is how
    /// Keycloak's realm export carries keys. Inside: PKCS#8, PKCS#1 for RSA, SEC 1 for curves.
    pub fn from_pem(algorithm: Algorithm, text: &str) -> Result<Self, KeyError> {
        let der = pem::private_key(text)?;
        Self::from_private(
            algorithm,
            match algorithm.family() {
                Family::Rsa => {
                    rsa(algorithm, RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der)))?
                }
                Family::Ec => ec(EcdsaKeyPair::from_private_key_der(curve(algorithm)?, &der))?,
                Family::Ed25519 => ed25519(Ed25519KeyPair::from_pkcs8(&der))?,
                Family::Hmac => return Err(KeyError::WrongKind),
            },
        )
    }

    /// A secret that signs and verifies. It must be at least as long as the hash (RFC 7518 §3.2).
    pub fn symmetric(algorithm: Algorithm, kid: &str, secret: &[u8]) -> Result<Self, KeyError> {
        let key = Arc::new(verifying::hmac_key(algorithm, secret)?);
        let verifying = VerifyingKey::from_hmac(algorithm, kid, Arc::clone(&key));
        Ok(Self { private: Arc::new(Private::Hmac(key)), public: None, verifying })
    }

    /// The private key as PKCS#8 DER (RFC 5208), to be sealed and stored.
    pub fn to_pkcs8(&self) -> Result<Vec<u8>, KeyError> {
        let der = match self.private.as_ref() {
            Private::Rsa(pair, _) => {
                AsDer::<Pkcs8V1Der<'_>>::as_der(pair.as_ref()).map(|der| der.as_ref().to_vec())
            }
            Private::Ec(pair) => pair.to_pkcs8v1().map(|der| der.as_ref().to_vec()),
            Private::Ed25519(pair) => pair.to_pkcs8v1().map(|der| der.as_ref().to_vec()),
            Private::Hmac(_) => return Err(KeyError::WrongKind),
        };
        der.map_err(|_| KeyError::Rejected)
    }

    /// The same key under another id.
    #[must_use]
    pub fn with_kid(self, kid: &str) -> Self {
        let public = self.public.map(|jwk| Arc::new(Jwk { kid: Some(kid.to_owned()), ..(*jwk).clone() }));
        Self { private: self.private, public, verifying: self.verifying.with_kid(kid) }
    }

    /// The key id: the RFC 7638 thumbprint unless another was given.
    pub fn kid(&self) -> &str {
        self.verifying.kid()
    }

    /// The algorithm this key signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.verifying.algorithm()
    }

    /// The public key for a key set; nothing for a secret.
    pub fn public(&self) -> Option<Jwk> {
        self.public.as_deref().cloned()
    }

    /// The public key as `SubjectPublicKeyInfo` (RFC 5280 §4.1) in DER; for RSA keys only.
    pub fn rsa_public_der(&self) -> Option<Vec<u8>> {
        let Private::Rsa(pair, _) = self.private.as_ref() else { return None };
        let der: Result<PublicKeyX509Der<'_>, _> = pair.public_key().as_der();
        der.ok().map(|der| der.as_ref().to_vec())
    }

    /// The side that verifies.
    pub fn verifying(&self) -> VerifyingKey {
        self.verifying.clone()
    }

    /// The signature over `message`, as a JWS carries it (ECDSA: both numbers at full length).
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, error::Unspecified> {
        match self.private.as_ref() {
            Private::Rsa(pair, padding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*padding, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
            Private::Ec(pair) => Ok(pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec()),
            Private::Ed25519(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
            Private::Hmac(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
        }
    }

    fn from_private(algorithm: Algorithm, private: Private) -> Result<Self, KeyError> {
        let mut jwk = public_jwk(algorithm, &private)?;
        let kid = jwk.thumbprint().ok_or(KeyError::Malformed)?;
        jwk.kid = Some(kid);
        let verifying = VerifyingKey::from_jwk(&jwk)?;
        Ok(Self { private: Arc::new(private), public: Some(Arc::new(jwk)), verifying })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid())
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

fn rsa<E>(algorithm: Algorithm, pair: Result<RsaKeyPair, E>) -> Result<Private, KeyError> {
    let padding = match algorithm {
        Algorithm::Rs256 => &RSA_PKCS1_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &RSA_PSS_SHA256,
        Algorithm::Ps384 => &RSA_PSS_SHA384,
        Algorithm::Ps512 => &RSA_PSS_SHA512,
        _ => return Err(KeyError::AlgorithmMismatch),
    };
    Ok(Private::Rsa(Box::new(pair.map_err(|_| KeyError::Rejected)?), padding))
}

fn ec<E>(pair: Result<EcdsaKeyPair, E>) -> Result<Private, KeyError> {
    Ok(Private::Ec(Box::new(pair.map_err(|_| KeyError::Rejected)?)))
}

fn ed25519<E>(pair: Result<Ed25519KeyPair, E>) -> Result<Private, KeyError> {
    Ok(Private::Ed25519(Box::new(pair.map_err(|_| KeyError::Rejected)?)))
}

fn curve(algorithm: Algorithm) -> Result<&'static EcdsaSigningAlgorithm, KeyError> {
    match algorithm {
        Algorithm::Es256 => Ok(&ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::Es384 => Ok(&ECDSA_P384_SHA384_FIXED_SIGNING),
        Algorithm::Es512 => Ok(&ECDSA_P521_SHA512_FIXED_SIGNING),
        _ => Err(KeyError::AlgorithmMismatch),
    }
}

fn public_jwk(algorithm: Algorithm, private: &Private) -> Result<Jwk, KeyError> {
    let members = match private {
        Private::Rsa(pair, _) => {
            let (n, e) = der::rsa_public_key(pair.public_key().as_ref()).ok_or(KeyError::Malformed)?;
            Jwk {
                kty: "RSA".into(),
                n: Some(base64url::encode(n)),
                e: Some(base64url::encode(e)),
                ..Jwk::default()
            }
        }
        Private::Ec(pair) => {
            let (_, point) = pair.public_key().as_ref().split_first().ok_or(KeyError::Malformed)?;
            let (x, y) = point.split_at(point.len() / 2);
            let crv = verifying::curve_name(algorithm).map(Into::into);
            Jwk {
                kty: "EC".into(),
                crv,
                x: Some(base64url::encode(x)),
                y: Some(base64url::encode(y)),
                ..Jwk::default()
            }
        }
        Private::Ed25519(pair) => {
            let x = Some(base64url::encode(pair.public_key().as_ref()));
            Jwk { kty: "OKP".into(), crv: Some("Ed25519".into()), x, ..Jwk::default() }
        }
        Private::Hmac(_) => return Err(KeyError::WrongKind),
    };
    Ok(Jwk { alg: Some(algorithm.name().into()), use_: Some("sig".into()), ..members })
}

#[cfg(test)]
mod tests;
