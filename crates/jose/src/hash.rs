//! Hashes, and the only comparison that secrets may go through.

use aws_lc_rs::{constant_time, digest, hmac};

use crate::{Algorithm, base64url};

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// SHA-256 as base64url: PKCE S256 (RFC 7636 §4.2), `ath` (RFC 9449 §4.2), thumbprints.
pub fn sha256_base64url(bytes: &[u8]) -> String {
    base64url::encode(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// HMAC with SHA-256.
pub fn hmac_sha256(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    let mut mac = [0; 32];
    mac.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes).as_ref());
    mac
}

/// Whether both are the same. The time taken tells nothing but the lengths.
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

/// `at_hash` and `c_hash`: the left half of the hash that the ID token's algorithm uses, as base64url
/// (OpenID Connect Core §3.1.3.6). Ed25519 hashes with SHA-512.
pub fn left_half_hash(algorithm: Algorithm, value: &[u8]) -> String {
    let hash = digest::digest(hash_of(algorithm), value);
    let (half, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    base64url::encode(half)
}

fn hash_of(algorithm: Algorithm) -> &'static digest::Algorithm {
    match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 | Algorithm::Hs256 => &digest::SHA256,
        Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 | Algorithm::Hs384 => &digest::SHA384,
        Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::Es512 | Algorithm::Hs512 | Algorithm::EdDsa => {
            &digest::SHA512
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_7636_appendix_b_challenge_comes_out() {
        assert_eq!(
            sha256_base64url(b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert_eq!(base64url::encode(&sha256(b"abc")), sha256_base64url(b"abc"));
    }

    #[test]
    fn rfc_4231_case_2_mac_comes_out() {
        let mac = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(mac[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        assert_eq!(mac[28..], [0x64, 0xec, 0x38, 0x43]);
    }

    #[test]
    fn openid_connect_core_a_3_hashes_come_out() {
        let at_hash = left_half_hash(Algorithm::Rs256, b"jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
        assert_eq!(at_hash, "77QmUPtjPfzWtF2AnpK9RQ");
        let c_hash =
            left_half_hash(Algorithm::Rs256, b"Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk");
        assert_eq!(c_hash, "LDktKdoQak3Pk0cnXxCltA");
    }

    #[test]
    fn the_half_follows_the_algorithm() {
        for (algorithm, characters) in [
            (Algorithm::Es256, 22),
            (Algorithm::Ps384, 32),
            (Algorithm::Es512, 43),
            (Algorithm::EdDsa, 43),
            (Algorithm::Hs512, 43),
        ] {
            assert_eq!(left_half_hash(algorithm, b"x").len(), characters, "{algorithm}");
        }
    }

    #[test]
    fn comparison_sees_every_byte_and_the_length() {
        assert!(constant_time_eq(b"", b""));
        assert!(constant_time_eq(b"secret", b"secret"));
        for other in [&b"secreT"[..], b"Secret", b"secre", b"secret!", b""] {
            assert!(!constant_time_eq(b"secret", other));
        }
    }
}
