//! Public keys as they stand in certificates (RFC 5280 §4.1, RFC 8410 §4) and in PEM (RFC 7468), read as JWKs. Nothing
//! else of a certificate is looked at: who registered it says whose key it is, no issuer and no date.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{Jwk, KeyError, base64url, der, hash};

const VERSION: u8 = 0xa0;
/// 1.2.840.113549.1.1.1 with its NULL.
const RSA: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0];
/// 1.2.840.10045.2.1, which a named curve follows.
const EC: &[u8] = &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
/// 1.3.101.112.
const ED25519: &[u8] = &[0x06, 3, 0x2b, 0x65, 0x70];

/// The curves by name, by OID, and with the octets of a coordinate.
const CURVES: [(&str, &[u8], usize); 3] = [
    ("P-256", &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7], 32),
    ("P-384", &[0x06, 5, 0x2b, 0x81, 0x04, 0, 0x22], 48),
    ("P-521", &[0x06, 5, 0x2b, 0x81, 0x04, 0, 0x23], 66),
];

/// Reads the key of a certificate: PEM, or the base64 that is left of it without its frame, as Keycloak keeps it.
pub fn from_certificate(text: &str) -> Result<Jwk, KeyError> {
    let certificate = decode(text, "CERTIFICATE")?;
    read(key_of(&certificate).ok_or(KeyError::Malformed)?)
}

/// Reads a public key, written alike.
pub fn from_public_key(text: &str) -> Result<Jwk, KeyError> {
    read(&decode(text, "PUBLIC KEY")?)
}

fn decode(text: &str, label: &str) -> Result<Vec<u8>, KeyError> {
    let text = text.trim();
    let framed = text.strip_prefix(&format!("-----BEGIN {label}-----"));
    let body = match framed {
        Some(rest) => rest.strip_suffix(&format!("-----END {label}-----")).ok_or(KeyError::Malformed)?,
        None => text,
    };
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(body).map_err(|_| KeyError::Malformed)
}

/// The `subjectPublicKeyInfo` of a certificate, with its own tag and length.
fn key_of(certificate: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = der::take(der::SEQUENCE, certificate)?;
    let (signed, _) = der::take(der::SEQUENCE, certificate)?;
    // Certificates of version 1 do not say so.
    let rest = der::take(VERSION, signed).map_or(signed, |(_, rest)| rest);
    let (_serial, rest) = der::take(der::INTEGER, rest)?;
    let (_algorithm, rest) = der::take(der::SEQUENCE, rest)?;
    let (_issuer, rest) = der::take(der::SEQUENCE, rest)?;
    let (_validity, rest) = der::take(der::SEQUENCE, rest)?;
    let (_subject, rest) = der::take(der::SEQUENCE, rest)?;
    let (_, after) = der::take(der::SEQUENCE, rest)?;
    rest.get(..rest.len() - after.len())
}

/// The key, named as Keycloak names one that came without a name: by the hash of these bytes.
fn read(info: &[u8]) -> Result<Jwk, KeyError> {
    let (key, rest) = der::take(der::SEQUENCE, info).ok_or(KeyError::Malformed)?;
    let (algorithm, key) = der::take(der::SEQUENCE, key).ok_or(KeyError::Malformed)?;
    let (bits, after) = der::take(der::BIT_STRING, key).ok_or(KeyError::Malformed)?;
    // The first octet counts bits that are left over, of which a key has none.
    let (0, key) = bits.split_first().ok_or(KeyError::Malformed)? else { return Err(KeyError::Malformed) };
    if !rest.is_empty() || !after.is_empty() {
        return Err(KeyError::Malformed);
    }
    let kid = Some(hash::sha256_base64url(info));
    Ok(Jwk { kid, use_: Some("sig".to_owned()), ..members(algorithm, key)? })
}

fn members(algorithm: &[u8], key: &[u8]) -> Result<Jwk, KeyError> {
    let text = |octets: &[u8]| Some(base64url::encode(octets));
    if algorithm == RSA {
        let (n, e) = der::rsa_public_key(key).ok_or(KeyError::Malformed)?;
        return Ok(Jwk { kty: "RSA".to_owned(), n: text(n), e: text(e), ..Jwk::default() });
    }
    if algorithm == ED25519 {
        let crv = Some("Ed25519".to_owned());
        return Ok(Jwk { kty: "OKP".to_owned(), crv, x: text(key), ..Jwk::default() });
    }
    let curve = algorithm.strip_prefix(EC).ok_or(KeyError::UnsupportedType)?;
    let found = CURVES.iter().find(|(_, oid, _)| *oid == curve);
    let (name, _, length) = found.ok_or(KeyError::UnsupportedType)?;
    let Some((4, point)) = key.split_first().map(|(first, point)| (*first, point)) else {
        return Err(KeyError::Malformed);
    };
    let (x, y) = point.split_at_checked(*length).ok_or(KeyError::Malformed)?;
    Ok(Jwk { kty: "EC".to_owned(), crv: Some((*name).to_owned()), x: text(x), y: text(y), ..Jwk::default() })
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::Timestamp;

    use super::*;
    use crate::{Algorithm, SigningKey, certificate};

    /// Made by OpenSSL: the keys of P-256 and Ed25519, and a certificate of version 3 with the first of them.
    const P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqkyMWXhg9/bk1JAbCpMP5VTX+t4k8Zb1Sbyifmrkx8QGwT0XQuSC843FycvxSHkN\
        x99EgD5ju5ix7/WlISHfuA==";
    const ED: &str = "MCowBQYDK2VwAyEAaTzbh8dvYQYvEWUQayjZC2bXLAc+vnnK8OPW3if7pvE=";
    const V3: &str = "MIIBbjCCAROgAwIBAgIUBOTbIciKABtzXnq+ZGcakfI3QnQwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBYzAeFw0yNjExMjUwNDQw\
        MjRaFw0zNjExMjIwNDQwMjRaMAwxCjAIBgNVBAMMAWMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASqTIxZeGD39uTUkBsKkw/l\
        VNf63iTxlvVJvKJ+auTHxAbBPRdC5ILzjcXJy/FIeQ3H30SAPmO7mLHv9aUhId+4o1MwUTAdBgNVHQ4EFgQURmT9I7LgppycO6Ra\
        e8tznbSHDK0wHwYDVR0jBBgwFoAURmT9I7LgppycO6Rae8tznbSHDK0wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBG\
        AiEAtUu377sP/Q3eoF8jgAbAtlGjjqO39hacI8glDgvZaw4CIQDPabZPwYBLF+MARV4frIdKjKcKlgiL8WGno7bHn9l1tg==";

    #[test]
    fn the_key_of_a_certificate_is_the_one_it_was_made_of() {
        let key = SigningKey::generate(Algorithm::Rs256).expect("a key");
        let (from, until) = (Timestamp(0), Timestamp(1));
        let der = certificate::self_signed(&key, "web", 1, from, until).expect("a certificate");
        let bare = STANDARD.encode(der);
        let framed = format!("-----BEGIN CERTIFICATE-----\n{bare}\n-----END CERTIFICATE-----\n");
        let public = key.public().expect("a key");
        for text in [bare, framed] {
            let read = from_certificate(&text).expect("a key");
            assert_eq!((read.n, read.e), (public.n.clone(), public.e.clone()));
        }
        let alone = STANDARD.encode(key.rsa_public_der().expect("a key"));
        assert_eq!(from_public_key(&alone).expect("a key").n, public.n);
    }

    #[test]
    fn keys_of_other_kinds_are_read_too() {
        let p256 = from_public_key(P256).expect("a key");
        assert_eq!((p256.kty.as_str(), p256.crv.as_deref()), ("EC", Some("P-256")));
        assert_eq!(from_certificate(V3).expect("a key"), p256);
        let ed = from_public_key(ED).expect("a key");
        assert_eq!((ed.kty.as_str(), ed.crv.as_deref()), ("OKP", Some("Ed25519")));
        for jwk in [p256, ed] {
            assert!(crate::VerifyingKey::from_jwk(&jwk).is_ok(), "{}", jwk.kty);
        }
    }

    #[test]
    fn what_is_cut_or_is_something_else_is_no_key() {
        let whole = STANDARD.decode(V3).expect("base64");
        let key = STANDARD.decode(P256).expect("base64");
        for length in 0..key.len() {
            assert!(from_public_key(&STANDARD.encode(&key[..length])).is_err(), "{length}");
        }
        assert!(from_public_key(&STANDARD.encode([&key[..], &[0]].concat())).is_err());
        assert!(from_certificate(&STANDARD.encode(&whole[..whole.len() / 2])).is_err());
        for text in ["", "!", "-----BEGIN CERTIFICATE-----", P256] {
            assert!(from_certificate(text).is_err(), "{text}");
        }
        assert!(from_public_key(V3).is_err());
    }
}
