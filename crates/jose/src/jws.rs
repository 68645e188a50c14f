//! JWS in compact serialisation (RFC 7515): signing, and reading what somebody else signed.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Algorithm, SigningKey, UnverifiedClaims, VerifyingKey, base64url, json};

/// Longest token that is looked at. Ours have about 1 KiB; identity providers with many groups reach 20.
const MAX_LENGTH: usize = 64 * 1024;

/// What of the JOSE header is used. `jku`, `jwk`, `x5u` and `x5c` are not even read: a key comes from a
/// place that we chose, never from the token it is to verify (RFC 8725 §3.10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The algorithm of the signature.
    pub alg: Algorithm,
    /// The media type of the whole (RFC 7515 §4.1.9), as written.
    pub typ: Option<String>,
    /// The id of the key. Only ever compared with ids.
    pub kid: Option<String>,
    /// The media type of the payload (RFC 7515 §4.1.10), as written.
    pub cty: Option<String>,
}

/// Why nothing could be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The claims do not serialise.
    #[error("claims cannot be written as JSON")]
    Claims(#[source] serde_json::Error),
    /// The library refused.
    #[error("signature could not be made")]
    Signature,
}

/// Why a token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts of base64url with two JSON objects of unique members.
    #[error("token is not well-formed")]
    Malformed,
    /// Longer than 64 KiB.
    #[error("token is too long")]
    TooLong,
    /// `alg` is missing or none that exists here.
    #[error("signature algorithm is not supported")]
    UnsupportedAlgorithm,
    /// `crit` is there; we understand no extension (RFC 7515 §4.1.11).
    #[error("token has critical header parameters")]
    CriticalHeader,
    /// An algorithm that this kind of token may not have here.
    #[error("signature algorithm is not allowed")]
    AlgorithmNotAllowed,
    /// No key has this id, or the token names none and it is not clear which one is meant.
    #[error("key of the token is unknown")]
    KeyUnknown,
    /// The key is of another kind than the algorithm.
    #[error("key does not fit the signature algorithm")]
    KeyMismatch,
    /// The signature is not one of this key over these bytes.
    #[error("signature is not valid")]
    SignatureInvalid,
    /// `typ` of the header, or Keycloak's claim of that name, is another.
    #[error("token is of another type")]
    TypeMismatch,
    /// `iss` is another.
    #[error("token is from another issuer")]
    IssuerMismatch,
    /// `aud` does not name us.
    #[error("token is for another audience")]
    AudienceMismatch,
    /// `exp` is past.
    #[error("token has expired")]
    Expired,
    /// `nbf` is to come.
    #[error("token is not valid yet")]
    NotYetValid,
    /// `iat` is to come.
    #[error("token was issued in the future")]
    IssuedInFuture,
    /// A claim that must be there is not.
    #[error("claim {0} is missing")]
    ClaimMissing(&'static str),
    /// A claim has a value of the wrong kind.
    #[error("claim {0} is not well-formed")]
    ClaimMalformed(&'static str),
}

/// Signs claims: header `{alg, typ, kid}`, compact serialisation.
pub fn sign<T: Serialize + ?Sized>(key: &SigningKey, typ: &str, claims: &T) -> Result<String, SignError> {
    #[derive(Serialize)]
    struct Written<'a> {
        alg: Algorithm,
        typ: &'a str,
        kid: &'a str,
    }
    let header = Written { alg: key.algorithm(), typ, kid: key.kid() };
    let header = serde_json::to_vec(&header).map_err(SignError::Claims)?;
    let claims = serde_json::to_vec(claims).map_err(SignError::Claims)?;
    sign_parts(key, &header, &claims)
}

/// Signs a header and a payload that are written already, whatever they say.
pub fn sign_parts(key: &SigningKey, header: &[u8], payload: &[u8]) -> Result<String, SignError> {
    let mut token = String::with_capacity((header.len() + payload.len()) * 4 / 3 + 400);
    base64url::encode_onto(&mut token, header);
    token.push('.');
    base64url::encode_onto(&mut token, payload);
    let signature = key.sign(token.as_bytes()).map_err(|_| SignError::Signature)?;
    token.push('.');
    base64url::encode_onto(&mut token, &signature);
    Ok(token)
}

/// A token that is well-formed, and that anybody may have written.
pub struct UnverifiedToken<'a> {
    header: Header,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> UnverifiedToken<'a> {
    /// Takes a token apart.
    pub fn parse(token: &'a str) -> Result<Self, TokenError> {
        if token.len() > MAX_LENGTH {
            return Err(TokenError::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let header = Header::parse(&decode(header)?)?;
        Ok(Self { header, signed, payload: decode(payload)?, signature: decode(signature)? })
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The claims, which nobody vouches for: good for finding the keys that can tell, and for nothing else.
    pub fn claims_unverified(&self) -> Result<UnverifiedClaims, TokenError> {
        json::parse_object(&self.payload).map(UnverifiedClaims::new).ok_or(TokenError::Malformed)
    }
}

/// The claims of a token whose header may be anything, for finding out who is to be told what is wrong with it.
pub fn claims_unverified(token: &str) -> Result<UnverifiedClaims, TokenError> {
    if token.len() > MAX_LENGTH {
        return Err(TokenError::TooLong);
    }
    let (signed, _signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (_header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
    json::parse_object(&decode(payload)?).map(UnverifiedClaims::new).ok_or(TokenError::Malformed)
}

impl fmt::Debug for UnverifiedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedToken").field("header", &self.header).finish_non_exhaustive()
    }
}

/// Verifies the signature, and nothing but the signature. Tokens go through [`crate::verify`].
pub fn verify_signature(token: &UnverifiedToken<'_>, key: &VerifyingKey) -> Result<Payload, TokenError> {
    match key.verifies(token.header.alg, token.signed.as_bytes(), &token.signature) {
        Some(true) => Ok(Payload(token.payload.clone())),
        Some(false) => Err(TokenError::SignatureInvalid),
        None => Err(TokenError::KeyMismatch),
    }
}

/// Bytes that the holder of a key signed. Made by [`verify_signature`] only.
pub struct Payload(Vec<u8>);

impl Payload {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as a JSON object without repeated members.
    pub fn object(&self) -> Result<Map<String, Value>, TokenError> {
        json::parse_object(&self.0).ok_or(TokenError::Malformed)
    }

    /// The bytes as JSON of a certain shape, without repeated members.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, TokenError> {
        serde_json::from_value(Value::Object(self.object()?)).map_err(|_| TokenError::Malformed)
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload").field("length", &self.0.len()).finish_non_exhaustive()
    }
}

impl Header {
    fn parse(bytes: &[u8]) -> Result<Self, TokenError> {
        #[derive(Deserialize)]
        struct Read {
            typ: Option<String>,
            kid: Option<String>,
            cty: Option<String>,
        }
        let members = json::parse_object(bytes).ok_or(TokenError::Malformed)?;
        if members.contains_key("crit") {
            return Err(TokenError::CriticalHeader);
        }
        let alg = members.get("alg").and_then(Value::as_str).and_then(Algorithm::parse);
        let alg = alg.ok_or(TokenError::UnsupportedAlgorithm)?;
        let Read { typ, kid, cty } =
            serde_json::from_value(Value::Object(members)).map_err(|_| TokenError::Malformed)?;
        Ok(Self { alg, typ, kid, cty })
    }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    base64url::decode(part).ok_or(TokenError::Malformed)
}

#[cfg(test)]
mod tests;
