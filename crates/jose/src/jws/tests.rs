//! What the neighbouring file promises, rule by rule.

use serde_json::json;

use super::*;
use crate::vectors::{self, jwk};

fn key(json: &str) -> VerifyingKey {
    VerifyingKey::from_jwk(&jwk(json)).unwrap()
}

fn payload(token: &str, key: &VerifyingKey) -> Result<Vec<u8>, TokenError> {
    Ok(verify_signature(&UnverifiedToken::parse(token)?, key)?.as_bytes().to_vec())
}

/// A token with this header, signed by a secret.
fn with_header(header: &str) -> String {
    let key = SigningKey::symmetric(Algorithm::Hs256, "k", &[1; 32]).unwrap();
    sign_parts(&key, header.as_bytes(), b"{}").unwrap()
}

#[test]
fn signatures_of_the_rfcs_verify() {
    let a1 = VerifyingKey::symmetric(Algorithm::Hs256, "a1", &vectors::bytes(vectors::A1_SECRET)).unwrap();
    let a2 = SigningKey::from_pkcs8(Algorithm::Rs256, &vectors::a2_pkcs8()).unwrap().verifying();
    let claims = b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
    for (token, key, expected) in [
        (vectors::A1_TOKEN, a1, &claims[..]),
        (vectors::A2_TOKEN, a2, claims),
        (vectors::A3_TOKEN, key(vectors::A3_JWK), claims),
        (vectors::A4_TOKEN, key(vectors::A4_JWK), b"Payload"),
        (vectors::ED25519_TOKEN, key(vectors::ED25519_JWK), b"Example of Ed25519 signing"),
    ] {
        assert_eq!(payload(token, &key).as_deref(), Ok(expected), "{token}");
    }
    let frodo = payload(vectors::BILBO_PS384_TOKEN, &key(vectors::BILBO_JWK)).unwrap();
    assert!(String::from_utf8(frodo).unwrap().starts_with("It’s a dangerous business, Frodo"));
}

#[test]
fn deterministic_algorithms_sign_what_the_rfcs_print() {
    let a1 = SigningKey::symmetric(Algorithm::Hs256, "a1", &vectors::bytes(vectors::A1_SECRET)).unwrap();
    let a2 = SigningKey::from_pkcs8(Algorithm::Rs256, &vectors::a2_pkcs8()).unwrap();
    for (token, key) in
        [(vectors::A1_TOKEN, a1), (vectors::A2_TOKEN, a2), (vectors::ED25519_TOKEN, vectors::ed25519_key())]
    {
        let parts: Vec<_> = token.split('.').map(vectors::bytes).collect();
        assert_eq!(sign_parts(&key, &parts[0], &parts[1]).unwrap(), token);
    }
}

#[test]
fn every_algorithm_signs_and_verifies() {
    for key in vectors::a_key_for_each_algorithm() {
        let token = sign(&key, "at+jwt", &json!({"sub": "me"})).unwrap();
        let parsed = UnverifiedToken::parse(&token).unwrap();
        assert_eq!(parsed.header().alg, key.algorithm());
        assert_eq!(parsed.header().typ.as_deref(), Some("at+jwt"));
        assert_eq!(parsed.header().kid.as_deref(), Some(key.kid()));
        let payload = verify_signature(&parsed, &key.verifying()).unwrap();
        assert_eq!(payload.as_bytes(), br#"{"sub":"me"}"#);
    }
}

#[test]
fn a_key_verifies_no_algorithm_but_its_own() {
    let keys = vectors::a_key_for_each_algorithm();
    for signer in &keys {
        let token = sign(signer, "JWT", &json!({})).unwrap();
        let token = UnverifiedToken::parse(&token).unwrap();
        for other in keys.iter().filter(|other| other.algorithm() != signer.algorithm()) {
            let refused = verify_signature(&token, &other.verifying()).unwrap_err();
            assert_eq!(refused, TokenError::KeyMismatch, "{} with {}", signer.algorithm(), other.algorithm());
        }
    }
}

#[test]
fn another_key_of_the_same_kind_does_not_verify() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
        let token = sign(&SigningKey::generate(algorithm).unwrap(), "JWT", &json!({})).unwrap();
        let other = SigningKey::generate(algorithm).unwrap().verifying();
        assert_eq!(payload(&token, &other), Err(TokenError::SignatureInvalid));
    }
}

#[test]
fn the_header_is_read_strictly() {
    for (header, expected) in [
        (r#"{"alg":"none"}"#, TokenError::UnsupportedAlgorithm),
        (r#"{"alg":"None"}"#, TokenError::UnsupportedAlgorithm),
        (r#"{"alg":"NONE"}"#, TokenError::UnsupportedAlgorithm),
        (r#"{"alg":"nOnE"}"#, TokenError::UnsupportedAlgorithm),
        (r#"{"alg":""}"#, TokenError::UnsupportedAlgorithm),
        (r#"{"alg":"hs256"}"#, TokenError::UnsupportedAlgorithm),
        (r#"{"alg":null}"#, TokenError::UnsupportedAlgorithm),
        (r#"{"alg":["HS256"]}"#, TokenError::UnsupportedAlgorithm),
        ("{}", TokenError::UnsupportedAlgorithm),
        (r#"{"alg":"HS256","crit":["exp"],"exp":1}"#, TokenError::CriticalHeader),
        (r#"{"alg":"HS256","crit":[]}"#, TokenError::CriticalHeader),
        (r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#, TokenError::CriticalHeader),
        (r#"{"alg":"HS256","alg":"none"}"#, TokenError::Malformed),
        (r#"{"alg":"HS256","kid":"a","kid":"b"}"#, TokenError::Malformed),
        (r#"{"alg":"HS256","x":{"y":1,"y":2}}"#, TokenError::Malformed),
        (r#"{"alg":"HS256","kid":7}"#, TokenError::Malformed),
        (r#"{"alg":"HS256","typ":["JWT"]}"#, TokenError::Malformed),
        (r#"["alg"]"#, TokenError::Malformed),
        ("", TokenError::Malformed),
    ] {
        assert_eq!(UnverifiedToken::parse(&with_header(header)).unwrap_err(), expected, "{header}");
    }
}

#[test]
fn the_form_is_read_strictly() {
    let good = with_header(r#"{"alg":"HS256"}"#);
    assert!(UnverifiedToken::parse(&good).is_ok());
    let (head, signature) = good.rsplit_once('.').unwrap();
    for token in [
        "",
        "..",
        "e30",
        head,
        &format!("{good}."),
        &format!(".{good}"),
        &format!("{good}.e30"),
        &format!("{good}="),
        &format!("{good} "),
        &format!(" {good}"),
        &format!("{good}\n"),
        &format!("{head}.{signature}é"),
        "{\"payload\":\"e30\",\"protected\":\"e30\",\"signature\":\"e30\"}",
    ] {
        assert_eq!(UnverifiedToken::parse(token).unwrap_err(), TokenError::Malformed, "{token}");
    }
    assert_eq!(UnverifiedToken::parse(vectors::A5_TOKEN).unwrap_err(), TokenError::UnsupportedAlgorithm);
}

#[test]
fn a_token_over_the_limit_is_not_looked_at() {
    let key = SigningKey::symmetric(Algorithm::Hs256, "k", &[1; 32]).unwrap();
    let token = |length| sign(&key, "JWT", &json!({"x": "a".repeat(length)})).unwrap();
    assert!(UnverifiedToken::parse(&token(48_000)).is_ok());
    assert_eq!(UnverifiedToken::parse(&token(50_000)).unwrap_err(), TokenError::TooLong);
}

#[test]
fn claims_can_be_read_before_verifying() {
    let token = UnverifiedToken::parse(vectors::A2_TOKEN).unwrap();
    let claims = token.claims_unverified().unwrap();
    assert_eq!((claims.issuer(), claims.subject()), (Some("joe"), None));
    let text = UnverifiedToken::parse(vectors::A4_TOKEN).unwrap();
    assert_eq!(text.claims_unverified().err(), Some(TokenError::Malformed));
}

#[test]
fn a_payload_parses_into_a_shape() {
    #[derive(Deserialize, Debug, PartialEq)]
    struct Shape {
        iss: String,
    }
    let key = key(vectors::A3_JWK);
    let payload = verify_signature(&UnverifiedToken::parse(vectors::A3_TOKEN).unwrap(), &key).unwrap();
    assert_eq!(payload.parse::<Shape>().unwrap(), Shape { iss: "joe".to_owned() });
    assert_eq!(payload.parse::<Vec<u8>>(), Err(TokenError::Malformed));
}

#[test]
fn what_cannot_be_json_is_not_signed() {
    let key = SigningKey::symmetric(Algorithm::Hs256, "k", &[1; 32]).unwrap();
    let unwritable = std::collections::BTreeMap::from([([1_u8, 2], 3)]);
    assert!(matches!(sign(&key, "JWT", &unwritable), Err(SignError::Claims(_))));
}

#[test]
fn debug_shows_no_content() {
    let token = UnverifiedToken::parse(vectors::A3_TOKEN).unwrap();
    let payload = verify_signature(&token, &key(vectors::A3_JWK)).unwrap();
    let text = format!("{token:?} {payload:?}");
    assert!(text.contains("Es256") && !text.contains("joe") && !text.contains("DtEhU3"), "{text}");
}
