//! JSON Web Keys, public ones only (RFC 7517, RFC 7518 §6, RFC 8037 §2), and their thumbprint (RFC 7638).

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{KeyError, hash};

/// A public key as it is written. Whether it is one that can be used, [`crate::VerifyingKey::from_jwk`]
/// says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// Key id (RFC 7517 §4.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// Key type: `RSA`, `EC`, `OKP`.
    pub kty: String,
    /// The one algorithm this key is for. A text, because keys for encryption stand beside ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// `sig` or `enc`.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    pub use_: Option<String>,
    /// What the key may be used for (RFC 7517 §4.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_ops: Option<Vec<String>>,
    /// Modulus of an RSA key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// Public exponent of an RSA key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// Curve of an EC or OKP key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// First coordinate of an EC key, the whole of an OKP key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Second coordinate of an EC key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// Certificate chain. Shown, never believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x5c: Option<Vec<String>>,
    /// SHA-1 thumbprint of the certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x5t: Option<String>,
    /// SHA-256 thumbprint of the certificate.
    #[serde(rename = "x5t#S256", default, skip_serializing_if = "Option::is_none")]
    pub x5t_s256: Option<String>,
    /// Whether a private or secret part (`d`, `k`) came along. The part itself is dropped at once.
    #[serde(rename = "d", alias = "k", default, deserialize_with = "present", skip_serializing)]
    pub private: bool,
}

impl Jwk {
    /// The thumbprint: SHA-256 over the required members in a fixed spelling, as base64url. Nothing when one
    /// of them is missing or the type is unknown.
    pub fn thumbprint(&self) -> Option<String> {
        let members = match self.kty.as_str() {
            "RSA" => vec![("e", self.e.as_ref()?), ("kty", &self.kty), ("n", self.n.as_ref()?)],
            "EC" => vec![
                ("crv", self.crv.as_ref()?),
                ("kty", &self.kty),
                ("x", self.x.as_ref()?),
                ("y", self.y.as_ref()?),
            ],
            "OKP" => vec![("crv", self.crv.as_ref()?), ("kty", &self.kty), ("x", self.x.as_ref()?)],
            _ => return None,
        };
        let members: Option<Vec<String>> = members
            .into_iter()
            .map(|(name, value)| Some(format!("\"{name}\":{}", serde_json::to_string(value).ok()?)))
            .collect();
        Some(hash::sha256_base64url(format!("{{{}}}", members?.join(",")).as_bytes()))
    }
}

/// A set of keys. Members that cannot be read are left out, as RFC 7517 §5 says: a key type of tomorrow must
/// not take the others with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwkSet {
    /// The keys.
    #[serde(deserialize_with = "readable")]
    pub keys: Vec<Jwk>,
}

impl JwkSet {
    /// Reads a set.
    pub fn parse(json: &[u8]) -> Result<Self, KeyError> {
        serde_json::from_slice(json).map_err(|_| KeyError::Malformed)
    }
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

fn readable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Jwk>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Member {
        Readable(Box<Jwk>),
        Other(IgnoredAny),
    }
    let members = Vec::<Member>::deserialize(deserializer)?;
    Ok(members
        .into_iter()
        .filter_map(|member| match member {
            Member::Readable(jwk) => Some(*jwk),
            Member::Other(_) => None,
        })
        .collect())
}

#[cfg(test)]
mod tests;
