//! The id that Keycloak gives to a key: SHA-256 over its `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7), so that
//! a key has the same id on both sides of an import.

use sekisho_jose::base64url;
use sekisho_jose::hash::sha256_base64url;
use sekisho_jose::jwk::Jwk;
use sekisho_jose::key::SigningKey;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// 1.2.840.113549.1.1.1 with its NULL.
const RSA: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0];
/// 1.2.840.10045.2.1, then the curve.
const EC_P256: &[u8] =
    &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const EC_P384: &[u8] = &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 0x06, 5, 0x2b, 0x81, 0x04, 0, 0x22];
const EC_P521: &[u8] = &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 0x06, 5, 0x2b, 0x81, 0x04, 0, 0x23];
/// 1.3.101.112 (RFC 8410 §3).
const ED25519: &[u8] = &[0x06, 3, 0x2b, 0x65, 0x70];

/// The key with the id that Keycloak computes for it.
pub(crate) fn identified(key: SigningKey) -> SigningKey {
    let kid = key.public().and_then(|jwk| info(&jwk)).map(|info| sha256_base64url(&info));
    match kid {
        Some(kid) => key.with_kid(&kid),
        None => key,
    }
}

/// The public key in DER, as Keycloak writes it beside the private one.
pub(crate) fn info(jwk: &Jwk) -> Option<Vec<u8>> {
    let member = |text: &Option<String>| base64url::decode(text.as_deref()?);
    let (algorithm, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => {
            (RSA, element(SEQUENCE, &[integer(&member(&jwk.n)?), integer(&member(&jwk.e)?)].concat()))
        }
        ("EC", Some(curve)) => {
            let algorithm = match curve {
                "P-256" => EC_P256,
                "P-384" => EC_P384,
                "P-521" => EC_P521,
                _ => return None,
            };
            (algorithm, [vec![4], member(&jwk.x)?, member(&jwk.y)?].concat())
        }
        ("OKP", Some("Ed25519")) => (ED25519, member(&jwk.x)?),
        _ => return None,
    };
    let bits = element(BIT_STRING, &[vec![0], key].concat());
    Some(element(SEQUENCE, &[element(SEQUENCE, algorithm), bits].concat()))
}

/// The private key inside PKCS#8 (RFC 5208 §5): for RSA that of PKCS#1, which is what Keycloak writes.
pub(crate) fn inside_pkcs8(der: &[u8]) -> Option<&[u8]> {
    let (inside, _) = read(SEQUENCE, der)?;
    let (_, rest) = read(INTEGER, inside)?;
    let (_, rest) = read(SEQUENCE, rest)?;
    Some(read(OCTET_STRING, rest)?.0)
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut der = vec![tag];
    match (content.len(), u8::try_from(significant.len())) {
        (0..0x80, _) | (_, Err(_)) => der.extend(content.len().to_be_bytes().last()),
        (_, Ok(bytes)) => {
            der.push(0x80 | bytes);
            der.extend(significant);
        }
    }
    der.extend_from_slice(content);
    der
}

/// A positive number: a leading zero keeps the sign bit clear.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let mut number: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    if number.first().is_none_or(|byte| *byte >= 0x80) {
        number.insert(0, 0);
    }
    element(INTEGER, &number)
}

/// The content of the first element, and what follows it.
fn read(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match *first {
        short @ 0..0x80 => (usize::from(short), rest),
        long => {
            let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            (
                bytes
                    .iter()
                    .try_fold(0_usize, |sum, byte| sum.checked_mul(256)?.checked_add(usize::from(*byte)))?,
                rest,
            )
        }
    };
    (*found == tag).then(|| rest.split_at_checked(length))?
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use sekisho_jose::algorithm::Algorithm;

    use super::*;

    /// From the key set that Keycloak showed for `tests/observed/realm-rich.json` (case `realm-import.jwks`).
    #[test]
    fn ids_are_those_of_keycloak() {
        let cases = [
            (
                Algorithm::Es256,
                "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCDJt+VmBT113rQX8HKZnawj3L1ps7aQW6fF5caLG5ntYA==",
                "i5r9PIN2UagCIps1hl0EyGTssFCokIm67pfH1ZxM_7U",
            ),
            (
                Algorithm::EdDsa,
                "MC4CAQAwBQYDK2VwBCIEIJaY3B3gCirVkBDIuPGzlEUD+7z6Q0GsOhQhr0wjojI8",
                "iPuBP_vk1F5Ytd9n793c7cJcf5o5pJdRqQmVFKOK6lc",
            ),
        ];
        for (algorithm, private, kid) in cases {
            let key = SigningKey::from_pem(algorithm, private).expect("a key");
            assert_eq!(identified(key).kid(), kid);
        }
    }

    #[test]
    fn the_key_inside_pkcs8_is_found() {
        let der = BASE64_STANDARD.decode("MC4CAQAwBQYDK2VwBCIEIJaY3B3gCirVkBDIuPGzlEUD+7z6Q0GsOhQhr0wjojI8");
        let der = der.expect("base64");
        assert_eq!(inside_pkcs8(&der), der.get(14..));
        for cut in 0..der.len() - 1 {
            assert_eq!(inside_pkcs8(&der[..cut]), None, "{cut}");
        }
    }
}
