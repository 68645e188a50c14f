//! What the neighbouring file promises, rule by rule.

use aws_lc_rs::encoding::EcPrivateKeyRfc5915Der;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::*;
use crate::vectors::{self, jwk};
use crate::{UnverifiedToken, sign, verify_signature};

const ASYMMETRIC: [Algorithm; 4] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es512, Algorithm::EdDsa];

fn is_same_key(left: &SigningKey, right: &SigningKey) -> bool {
    let token = sign(left, "JWT", &json!({})).unwrap();
    let token = UnverifiedToken::parse(&token).unwrap();
    verify_signature(&token, &right.verifying()).is_ok() && left.public() == right.public()
}

fn framed(label: &str, der: &[u8]) -> String {
    let lines: Vec<_> = STANDARD.encode(der).as_bytes().chunks(64).map(<[u8]>::to_vec).collect();
    let body = String::from_utf8(lines.join(&b'\n')).unwrap();
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

fn reading(change: impl FnOnce(&mut Jwk), json: &str) -> Result<Algorithm, KeyError> {
    let mut jwk = jwk(json);
    change(&mut jwk);
    VerifyingKey::from_jwk(&jwk).map(|key| key.algorithm())
}

#[test]
fn a_key_pair_survives_pkcs8() {
    for algorithm in ASYMMETRIC {
        let made = SigningKey::generate(algorithm).unwrap();
        let read = SigningKey::from_pkcs8(algorithm, &made.to_pkcs8().unwrap()).unwrap();
        assert!(is_same_key(&made, &read), "{algorithm}");
        assert_eq!(made.kid(), read.kid());
    }
}

#[test]
fn a_public_key_carries_what_verifiers_need() {
    for algorithm in ASYMMETRIC {
        let key = SigningKey::generate(algorithm).unwrap();
        let jwk = key.public().unwrap();
        assert_eq!(jwk.kid.as_deref(), Some(key.kid()));
        assert_eq!(jwk.thumbprint().as_deref(), Some(key.kid()));
        assert_eq!((jwk.alg.as_deref(), jwk.use_.as_deref()), (Some(algorithm.name()), Some("sig")));
        assert!(VerifyingKey::from_jwk(&jwk).unwrap().allows(algorithm));
        let text = serde_json::to_string(&jwk).unwrap();
        assert!(!text.contains("\"d\""), "{text}");
    }
    let a3 = SigningKey::from_pkcs8(Algorithm::Es256, vectors::a3_pair().to_pkcs8v1().unwrap().as_ref());
    let a3 = a3.unwrap().public().unwrap();
    let printed = jwk(vectors::A3_JWK);
    assert_eq!((a3.crv, a3.x, a3.y), (printed.crv, printed.x, printed.y));
}

#[test]
fn another_id_changes_the_id_and_nothing_else() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let renamed = key.clone().with_kid("2026-a");
    assert_eq!(renamed.kid(), "2026-a");
    assert_eq!(renamed.verifying().kid(), "2026-a");
    assert_eq!(renamed.public().unwrap().kid.as_deref(), Some("2026-a"));
    assert!(is_same_key(&key, &renamed.with_kid(key.kid())));
}

#[test]
fn pem_is_read_with_every_content_and_without_a_frame() {
    let rsa = vectors::a2_pkcs8();
    // RFC 5208: version and algorithm of a 2048-bit RSA key take 26 octets; what follows is PKCS#1.
    let pkcs1 = &rsa[26..];
    let pair = vectors::a3_pair();
    let ec = pair.to_pkcs8v1().unwrap();
    let sec1 = AsDer::<EcPrivateKeyRfc5915Der<'_>>::as_der(&pair.private_key()).unwrap();
    let ed25519 = vectors::ed25519_key().to_pkcs8().unwrap();
    for (algorithm, text, pkcs8) in [
        (Algorithm::Rs256, framed("PRIVATE KEY", &rsa), &rsa[..]),
        (Algorithm::Rs256, framed("RSA PRIVATE KEY", pkcs1), &rsa),
        (Algorithm::Ps512, STANDARD.encode(pkcs1), &rsa),
        (Algorithm::Rs256, STANDARD.encode(&rsa), &rsa),
        (Algorithm::Es256, framed("PRIVATE KEY", ec.as_ref()), ec.as_ref()),
        (Algorithm::Es256, framed("EC PRIVATE KEY", sec1.as_ref()), ec.as_ref()),
        (Algorithm::Es256, STANDARD.encode(ec.as_ref()), ec.as_ref()),
        (Algorithm::EdDsa, framed("PRIVATE KEY", &ed25519).replace('\n', "\r\n"), &ed25519),
        (Algorithm::EdDsa, format!("\n{}\n\n", framed("PRIVATE KEY", &ed25519)), &ed25519),
    ] {
        let read = SigningKey::from_pem(algorithm, &text).unwrap();
        assert!(is_same_key(&read, &SigningKey::from_pkcs8(algorithm, pkcs8).unwrap()), "{text}");
        assert_eq!(read.algorithm(), algorithm);
    }
}

#[test]
fn a_curve_key_without_its_public_half_is_completed() {
    let head =
        b"\x30\x41\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\
        \x03\x01\x07\x04\x27\x30\x25\x02\x01\x01\x04\x20";
    let der = [&head[..], &vectors::bytes(vectors::A3_PRIVATE)].concat();
    let key = SigningKey::from_pkcs8(Algorithm::Es256, &der).unwrap();
    assert_eq!(key.public().unwrap().x, jwk(vectors::A3_JWK).x);
}

#[test]
fn what_is_no_private_key_of_ours_is_refused() {
    let rsa = vectors::a2_pkcs8();
    let encrypted =
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----";
    for (text, expected) in [
        (framed("ENCRYPTED PRIVATE KEY", &rsa), KeyError::Encrypted),
        (encrypted.to_owned(), KeyError::Encrypted),
        (framed("CERTIFICATE", &rsa), KeyError::Malformed),
        (framed("PUBLIC KEY", &rsa), KeyError::Malformed),
        (framed("PRIVATE KEY", &rsa).replace("END PRIVATE", "END RSA PRIVATE"), KeyError::Malformed),
        (framed("PRIVATE KEY", &rsa).replacen("-----END", "", 1), KeyError::Malformed),
        ("-----BEGIN PRIVATE KEY".to_owned(), KeyError::Malformed),
        ("not base64!".to_owned(), KeyError::Malformed),
        (String::new(), KeyError::Rejected),
        (framed("PRIVATE KEY", &rsa[..rsa.len() - 1]), KeyError::Rejected),
    ] {
        assert_eq!(SigningKey::from_pem(Algorithm::Rs256, &text).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn a_private_key_of_another_kind_is_refused() {
    let rsa = vectors::a2_pkcs8();
    let p256 = SigningKey::generate(Algorithm::Es256).unwrap().to_pkcs8().unwrap();
    let ed25519 = vectors::ed25519_key().to_pkcs8().unwrap();
    for (algorithm, der, expected) in [
        (Algorithm::Es256, &rsa, KeyError::Rejected),
        (Algorithm::EdDsa, &rsa, KeyError::Rejected),
        (Algorithm::Rs256, &p256, KeyError::Rejected),
        (Algorithm::Es384, &p256, KeyError::Rejected),
        (Algorithm::Es512, &p256, KeyError::Rejected),
        (Algorithm::Es256, &ed25519, KeyError::Rejected),
        (Algorithm::Hs256, &rsa, KeyError::WrongKind),
    ] {
        assert_eq!(SigningKey::from_pkcs8(algorithm, der).unwrap_err(), expected, "{algorithm}");
        assert_eq!(SigningKey::from_pem(algorithm, &STANDARD.encode(der)).unwrap_err(), expected);
    }
}

#[test]
fn a_secret_is_as_long_as_the_hash_and_stays_inside() {
    for (algorithm, length) in [(Algorithm::Hs256, 32), (Algorithm::Hs384, 48), (Algorithm::Hs512, 64)] {
        let secret = vec![b'x'; length];
        let short = SigningKey::symmetric(algorithm, "k", &secret[1..]).unwrap_err();
        assert_eq!(short, KeyError::TooShort);
        assert_eq!(VerifyingKey::symmetric(algorithm, "k", b"").unwrap_err(), KeyError::TooShort);
        let key = SigningKey::symmetric(algorithm, "k", &secret).unwrap();
        assert_eq!((key.kid(), key.algorithm(), key.public()), ("k", algorithm, None));
        assert_eq!(key.to_pkcs8(), Err(KeyError::WrongKind));
        let text = format!("{key:?} {:?}", key.verifying());
        assert!(!text.contains("xx") && !text.contains("120"), "{text}");
    }
    assert_eq!(SigningKey::generate(Algorithm::Hs256).unwrap_err(), KeyError::WrongKind);
    assert_eq!(SigningKey::symmetric(Algorithm::Rs256, "k", &[0; 64]).unwrap_err(), KeyError::WrongKind);
}

#[test]
fn type_curve_and_algorithm_must_fit() {
    let (rsa, ec, ed25519) = (vectors::BILBO_JWK, vectors::A3_JWK, vectors::ED25519_JWK);
    assert_eq!(reading(|_| {}, rsa), Ok(Algorithm::Rs256));
    assert_eq!(reading(|_| {}, ec), Ok(Algorithm::Es256));
    assert_eq!(reading(|_| {}, vectors::A4_JWK), Ok(Algorithm::Es512));
    assert_eq!(reading(|_| {}, ed25519), Ok(Algorithm::EdDsa));
    assert_eq!(reading(|key| key.alg = Some("Ed25519".into()), ed25519), Ok(Algorithm::EdDsa));
    assert_eq!(reading(|key| key.alg = Some("PS512".into()), rsa), Ok(Algorithm::Ps512));
    for (json, algorithm) in
        [(rsa, "HS256"), (rsa, "ES256"), (ec, "ES384"), (ec, "RS256"), (ed25519, "ES256")]
    {
        let read = reading(|key| key.alg = Some(algorithm.into()), json);
        assert_eq!(read, Err(KeyError::AlgorithmMismatch), "{algorithm}");
    }
    for algorithm in ["none", "RSA-OAEP", "ES256K", ""] {
        let read = reading(|key| key.alg = Some(algorithm.into()), rsa);
        assert_eq!(read, Err(KeyError::UnsupportedAlgorithm), "{algorithm}");
    }
}

#[test]
fn an_open_rsa_key_verifies_rsa_and_nothing_else() {
    let open = VerifyingKey::from_jwk(&jwk(vectors::BILBO_JWK)).unwrap();
    let pinned = Jwk { alg: Some("PS256".into()), ..jwk(vectors::BILBO_JWK) };
    let pinned = VerifyingKey::from_jwk(&pinned).unwrap();
    for algorithm in Algorithm::ALL {
        assert_eq!(open.allows(algorithm), algorithm.family() == Family::Rsa, "{algorithm}");
        assert_eq!(pinned.allows(algorithm), algorithm == Algorithm::Ps256, "{algorithm}");
    }
}

#[test]
fn public_keys_that_cannot_be_used_are_refused() {
    let (rsa, ec, ed25519) = (vectors::BILBO_JWK, vectors::A3_JWK, vectors::ED25519_JWK);
    let long = |octet: u8, length: usize| Some(base64url::encode(&vec![octet; length]));
    assert_eq!(reading(|key| key.use_ = Some("enc".into()), rsa), Err(KeyError::NotForSignatures));
    assert_eq!(
        reading(|key| key.key_ops = Some(vec!["encrypt".into()]), rsa),
        Err(KeyError::NotForSignatures)
    );
    assert_eq!(reading(|key| key.key_ops = Some(vec!["verify".into()]), rsa), Ok(Algorithm::Rs256));
    assert_eq!(reading(|key| key.private = true, ec), Err(KeyError::PrivatePart));
    assert_eq!(reading(|key| key.kty = "oct".into(), rsa), Err(KeyError::UnsupportedType));
    assert_eq!(reading(|key| key.kty = "EC".into(), rsa), Err(KeyError::Malformed));
    assert_eq!(reading(|key| key.n = long(0xff, 255), rsa), Err(KeyError::Rejected));
    assert_eq!(reading(|key| key.n = long(0x7f, 256), rsa), Err(KeyError::Rejected));
    assert_eq!(reading(|key| key.n = long(0xff, 1025), rsa), Err(KeyError::Rejected));
    assert_eq!(reading(|key| key.n = Some(String::new()), rsa), Err(KeyError::Rejected));
    assert_eq!(reading(|key| key.n = key.n.take().map(|n| n + "="), rsa), Err(KeyError::Malformed));
    assert_eq!(reading(|key| key.e = None, rsa), Err(KeyError::Malformed));
    assert_eq!(reading(|key| key.e = Some(String::new()), rsa), Err(KeyError::Rejected));
    assert_eq!(reading(|key| key.crv = Some("secp256k1".into()), ec), Err(KeyError::UnsupportedType));
    assert_eq!(reading(|key| key.crv = None, ec), Err(KeyError::Malformed));
    assert_eq!(reading(|key| key.crv = Some("P-384".into()), ec), Err(KeyError::Malformed));
    assert_eq!(reading(|key| key.x = long(1, 32), ec), Err(KeyError::Rejected));
    assert_eq!(reading(|key| key.y = long(1, 31), ec), Err(KeyError::Malformed));
    assert_eq!(reading(|key| key.crv = Some("X25519".into()), ed25519), Err(KeyError::UnsupportedType));
    assert_eq!(reading(|key| key.x = long(1, 33), ed25519), Err(KeyError::Malformed));
}

#[test]
fn a_key_without_id_is_known_by_its_thumbprint() {
    let key = VerifyingKey::from_jwk(&jwk(vectors::ED25519_JWK)).unwrap();
    assert_eq!(key.kid(), vectors::ED25519_THUMBPRINT);
}
