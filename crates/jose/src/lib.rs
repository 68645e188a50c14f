//! Keys, JSON Web Signatures, key sets, sealing, and `verify`: the one token check.
//! Pure: bytes in, proof or error out. No clock, no I/O.
#![deny(missing_docs)]

pub mod algorithm;
pub mod base64url;
pub mod certificate;
pub mod claims;
mod der;
pub mod hash;
mod json;
pub mod jwk;
pub mod jws;
pub mod key;
pub mod seal;
pub mod spki;
#[cfg(test)]
mod vectors;
pub mod verify;

pub use algorithm::Algorithm;
pub use claims::{Claims, Confirmation, UnverifiedClaims};
pub use jwk::{Jwk, JwkSet};
pub use jws::{Header, Payload, SignError, TokenError, UnverifiedToken, sign, verify_signature};
pub use key::{KeyError, SigningKey, VerifyingKey};
pub use seal::{Purpose, SealError, SealingKey};
pub use verify::{Expectation, Keys, Verified, verify};
