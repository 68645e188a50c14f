//! PEM of a private key (RFC 7468), with or without its frame.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::KeyError;

/// The frames around a private key that we read. What is inside says itself which of the three it is.
const LABELS: [&str; 3] = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"];

/// The DER inside.
pub(super) fn private_key(text: &str) -> Result<Vec<u8>, KeyError> {
    let text = text.trim();
    let body = match text.strip_prefix("-----BEGIN ") {
        Some(framed) => unframe(framed)?,
        None => text,
    };
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(body).map_err(|_| KeyError::Malformed)
}

fn unframe(framed: &str) -> Result<&str, KeyError> {
    let (label, rest) = framed.split_once("-----").ok_or(KeyError::Malformed)?;
    if label == "ENCRYPTED PRIVATE KEY" || rest.contains("ENCRYPTED") {
        return Err(KeyError::Encrypted);
    }
    if !LABELS.contains(&label) {
        return Err(KeyError::Malformed);
    }
    rest.strip_suffix(&format!("-----END {label}-----")).ok_or(KeyError::Malformed)
}
