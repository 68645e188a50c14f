//! What the neighbouring file promises, rule by rule.

use serde_json::{Map, json};

use super::*;
use crate::jws::sign_parts;
use crate::vectors::{self, jwk};
use crate::{Jwk, SigningKey, base64url, hash, sign};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const ISSUER: &str = "https://as.example/realms/one";
const AUDIENCE: &str = "https://mcp.example/mcp";

const EXPECTATION: Expectation<'_> = Expectation {
    issuer: ISSUER,
    audience: Some(AUDIENCE),
    algorithms: &[Algorithm::Es256, Algorithm::EdDsa],
    types: &["at+jwt"],
    token_types: &["Bearer"],
    leeway_seconds: 30,
};

fn claims() -> Map<String, Value> {
    let now = NOW.seconds();
    let claims = json!({
        "iss": ISSUER, "sub": "alice", "aud": [AUDIENCE, "account"], "exp": now + 300, "nbf": now, "iat": now,
        "jti": "1", "typ": "Bearer", "scope": "hello"
    });
    claims.as_object().unwrap().clone()
}

fn signed_with(key: &SigningKey, header: &Value, claims: &Map<String, Value>) -> String {
    sign_parts(key, header.to_string().as_bytes(), &serde_json::to_vec(claims).unwrap()).unwrap()
}

/// One good token, and what it takes to check it.
struct Fixture {
    key: SigningKey,
    keys: Keys,
}

impl Fixture {
    fn new() -> Self {
        let key = vectors::ed25519_key().with_kid("k1");
        Self { keys: Keys::new(vec![key.verifying()]), key }
    }

    fn check(&self, token: &str) -> Result<Verified, TokenError> {
        verify(token, &self.keys, &EXPECTATION, NOW)
    }

    fn check_claims(&self, change: impl FnOnce(&mut Map<String, Value>)) -> Result<(), TokenError> {
        let mut claims = claims();
        change(&mut claims);
        self.check(&sign(&self.key, "at+jwt", &claims).unwrap()).map(|_| ())
    }

    fn check_header(&self, header: &Value) -> Result<(), TokenError> {
        self.check(&signed_with(&self.key, header, &claims())).map(|_| ())
    }
}

#[test]
fn a_good_token_is_verified() {
    let fixture = Fixture::new();
    let verified = fixture.check(&sign(&fixture.key, "at+jwt", &claims()).unwrap()).unwrap();
    assert_eq!(verified.header().kid.as_deref(), Some("k1"));
    assert_eq!(verified.claims().subject(), Some("alice"));
    assert_eq!(verified.claims().scopes().collect::<Vec<_>>(), ["hello"]);
    assert_eq!(*verified.claims().raw(), claims());
    assert!(!format!("{verified:?}").contains("alice"));
}

#[test]
fn every_claim_is_checked() {
    use TokenError::{
        AudienceMismatch, ClaimMalformed, ClaimMissing, Expired, IssuedInFuture, IssuerMismatch, NotYetValid,
        TypeMismatch,
    };
    let fixture = Fixture::new();
    let now = NOW.seconds();
    for (name, value, expected) in [
        ("iss", json!(null), Err(ClaimMalformed("iss"))),
        ("iss", json!("https://as.example/realms/one/"), Err(IssuerMismatch)),
        ("iss", json!("https://AS.example/realms/one"), Err(IssuerMismatch)),
        ("iss", json!("https://as.example/realms/two"), Err(IssuerMismatch)),
        ("aud", json!(AUDIENCE), Ok(())),
        ("aud", json!([]), Err(AudienceMismatch)),
        ("aud", json!("https://mcp.example"), Err(AudienceMismatch)),
        ("aud", json!({ "x": AUDIENCE }), Err(ClaimMalformed("aud"))),
        ("exp", json!(now - 29), Ok(())),
        ("exp", json!(now - 30), Err(Expired)),
        ("exp", json!(0), Err(Expired)),
        ("exp", json!(-1), Err(Expired)),
        ("exp", json!(i64::MIN), Err(Expired)),
        ("exp", json!(i64::MAX), Ok(())),
        ("exp", json!((now - 30).to_string()), Err(ClaimMalformed("exp"))),
        ("nbf", json!(now + 30), Ok(())),
        ("nbf", json!(now + 31), Err(NotYetValid)),
        ("nbf", json!(i64::MAX), Err(NotYetValid)),
        ("iat", json!(now + 30), Ok(())),
        ("iat", json!(now + 31), Err(IssuedInFuture)),
        ("typ", json!("Refresh"), Err(TypeMismatch)),
        ("typ", json!("bearer"), Err(TypeMismatch)),
        ("typ", json!(["Bearer"]), Err(TypeMismatch)),
        ("cnf", json!({"jkt": "x"}), Ok(())),
    ] {
        let checked = fixture.check_claims(|claims| drop(claims.insert(name.to_owned(), value.clone())));
        assert_eq!(checked, expected, "{name} {value}");
    }
    for (name, expected) in [
        ("iss", Err(ClaimMissing("iss"))),
        ("exp", Err(ClaimMissing("exp"))),
        ("aud", Err(ClaimMissing("aud"))),
        ("typ", Err(ClaimMissing("typ"))),
        ("sub", Ok(())),
        ("nbf", Ok(())),
        ("iat", Ok(())),
    ] {
        assert_eq!(fixture.check_claims(|claims| drop(claims.remove(name))), expected, "{name} left out");
    }
}

#[test]
fn every_header_parameter_is_checked() {
    use TokenError::{AlgorithmNotAllowed, CriticalHeader, KeyMismatch, KeyUnknown, TypeMismatch};
    let fixture = Fixture::new();
    for (header, expected) in [
        (json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "k1"}), Ok(())),
        (json!({"alg": "Ed25519", "typ": "at+jwt", "kid": "k1"}), Ok(())),
        (json!({"alg": "EdDSA", "typ": "AT+JWT", "kid": "k1"}), Ok(())),
        (json!({"alg": "EdDSA", "typ": "application/at+jwt", "kid": "k1"}), Ok(())),
        (json!({"alg": "EdDSA", "typ": "Application/AT+jwt", "kid": "k1"}), Ok(())),
        (json!({"alg": "EdDSA", "typ": "at+jwt"}), Ok(())),
        (json!({"alg": "EdDSA", "kid": "k1"}), Err(TypeMismatch)),
        (json!({"alg": "EdDSA", "typ": "JWT", "kid": "k1"}), Err(TypeMismatch)),
        (json!({"alg": "EdDSA", "typ": "", "kid": "k1"}), Err(TypeMismatch)),
        (json!({"alg": "EdDSA", "typ": "application/application/at+jwt", "kid": "k1"}), Err(TypeMismatch)),
        (json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "k2"}), Err(KeyUnknown)),
        (json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "../k1"}), Err(KeyUnknown)),
        (json!({"alg": "EdDSA", "typ": "at+jwt", "kid": ""}), Err(KeyUnknown)),
        (json!({"alg": "ES256", "typ": "at+jwt", "kid": "k1"}), Err(KeyMismatch)),
        (json!({"alg": "RS256", "typ": "at+jwt", "kid": "k1"}), Err(AlgorithmNotAllowed)),
        (json!({"alg": "HS256", "typ": "at+jwt", "kid": "k1"}), Err(AlgorithmNotAllowed)),
        (json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "k1", "crit": ["x"], "x": 1}), Err(CriticalHeader)),
    ] {
        assert_eq!(fixture.check_header(&header), expected, "{header}");
    }
}

#[test]
fn an_empty_expectation_looks_at_less_but_allows_no_algorithm() {
    let fixture = Fixture::new();
    let mut claims = claims();
    claims.remove("aud");
    claims.remove("typ");
    let token = signed_with(&fixture.key, &json!({"alg": "EdDSA"}), &claims);
    let open = Expectation { audience: None, types: &[], token_types: &[], ..EXPECTATION };
    assert!(verify(&token, &fixture.keys, &open, NOW).is_ok());
    let none = Expectation { algorithms: &[], ..open };
    let refused = verify(&token, &fixture.keys, &none, NOW).unwrap_err();
    assert_eq!(refused, TokenError::AlgorithmNotAllowed);
}

#[test]
fn a_token_ends_on_the_millisecond_of_exp() {
    let fixture = Fixture::new();
    let token = sign(&fixture.key, "at+jwt", &claims()).unwrap();
    let exact = Expectation { leeway_seconds: 0, ..EXPECTATION };
    let end = NOW.plus_seconds(300);
    let at = |now| verify(&token, &fixture.keys, &exact, now).map(|_| ());
    assert_eq!(at(Timestamp(end.0 - 1)), Ok(()));
    assert_eq!(at(end), Err(TokenError::Expired));
    assert_eq!(at(Timestamp(NOW.0 - 1)), Err(TokenError::NotYetValid));
}

#[test]
fn a_repeated_claim_is_refused() {
    let fixture = Fixture::new();
    let text = serde_json::to_string(&claims()).unwrap();
    let doubled = text.replacen('{', "{\"sub\":\"admin\",", 1);
    let header = br#"{"alg":"EdDSA","typ":"at+jwt","kid":"k1"}"#;
    assert!(fixture.check(&sign_parts(&fixture.key, header, text.as_bytes()).unwrap()).is_ok());
    let token = sign_parts(&fixture.key, header, doubled.as_bytes()).unwrap();
    assert_eq!(fixture.check(&token).unwrap_err(), TokenError::Malformed);
}

#[test]
fn a_token_of_another_key_is_refused() {
    let fixture = Fixture::new();
    let impostor = SigningKey::generate(Algorithm::EdDsa).unwrap().with_kid("k1");
    let token = sign(&impostor, "at+jwt", &claims()).unwrap();
    assert_eq!(fixture.check(&token).unwrap_err(), TokenError::SignatureInvalid);
}

#[test]
fn a_key_that_the_token_brings_along_is_not_used() {
    let fixture = Fixture::new();
    let impostor = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let jwk = impostor.public().unwrap();
    for (kid, expected) in [("k1", TokenError::SignatureInvalid), (impostor.kid(), TokenError::KeyUnknown)] {
        let header = json!({
            "alg": "EdDSA", "typ": "at+jwt", "kid": kid, "jwk": jwk, "jku": "https://evil.example/jwks",
            "x5u": "https://evil.example/cert", "x5c": ["QQ=="]
        });
        let token = signed_with(&impostor, &header, &claims());
        assert_eq!(fixture.check(&token).unwrap_err(), expected, "{kid}");
    }
}

#[test]
fn a_public_key_is_never_an_hmac_secret() {
    let bilbo = jwk(vectors::BILBO_JWK);
    let kid = bilbo.kid.clone().unwrap();
    let modulus = vectors::bytes(bilbo.n.as_ref().unwrap());
    let json = serde_json::to_vec(&bilbo).unwrap();
    let everything = Expectation { algorithms: &Algorithm::ALL, ..EXPECTATION };
    for jwk in [bilbo.clone(), Jwk { alg: Some("RS256".into()), ..bilbo.clone() }] {
        let keys = Keys::from_set(&JwkSet { keys: vec![jwk] });
        for secret in
            [&modulus[..], &json, vectors::BILBO_JWK.as_bytes(), bilbo.n.as_ref().unwrap().as_bytes()]
        {
            let forger = SigningKey::symmetric(Algorithm::Hs256, &kid, secret).unwrap();
            let token = sign(&forger, "at+jwt", &claims()).unwrap();
            let refused = verify(&token, &keys, &everything, NOW).unwrap_err();
            assert_eq!(refused, TokenError::KeyMismatch);
        }
        let header = json!({"alg": "HS256", "typ": "at+jwt", "kid": kid}).to_string();
        let body = serde_json::to_vec(&claims()).unwrap();
        let signed = format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(&body));
        let empty_key = base64url::encode(&hash::hmac_sha256(b"", signed.as_bytes()));
        for signature in ["", &empty_key] {
            let refused = verify(&format!("{signed}.{signature}"), &keys, &everything, NOW).unwrap_err();
            assert_eq!(refused, TokenError::KeyMismatch);
        }
    }
}

#[test]
fn a_secret_in_a_public_set_is_no_key() {
    let secret = [7; 32];
    let set = format!(
        r#"{{"keys":[{{"kty":"oct","kid":"s","alg":"HS256","k":"{}"}}]}}"#,
        base64url::encode(&secret)
    );
    let keys = Keys::from_set(&JwkSet::parse(set.as_bytes()).unwrap());
    assert!(keys.is_empty());
    let token =
        sign(&SigningKey::symmetric(Algorithm::Hs256, "s", &secret).unwrap(), "at+jwt", &claims()).unwrap();
    let everything = Expectation { algorithms: &Algorithm::ALL, ..EXPECTATION };
    assert_eq!(verify(&token, &keys, &everything, NOW).unwrap_err(), TokenError::KeyUnknown);
}

#[test]
fn no_signature_is_no_signature_in_any_case() {
    let fixture = Fixture::new();
    let body = base64url::encode(&serde_json::to_vec(&claims()).unwrap());
    let everything = Expectation { algorithms: &Algorithm::ALL, ..EXPECTATION };
    for name in ["none", "None", "NONE", "nOnE", "noNe"] {
        let header = json!({"alg": name, "typ": "at+jwt", "kid": "k1"}).to_string();
        let header = base64url::encode(header.as_bytes());
        for token in [format!("{header}.{body}."), format!("{header}.{body}.AAAA")] {
            let refused = verify(&token, &fixture.keys, &everything, NOW).unwrap_err();
            assert_eq!(refused, TokenError::UnsupportedAlgorithm, "{name}");
        }
    }
}

#[test]
fn every_byte_of_a_token_counts() {
    let everything = Expectation { algorithms: &Algorithm::ALL, ..EXPECTATION };
    for key in vectors::a_key_for_each_algorithm() {
        let keys = Keys::new(vec![key.verifying()]);
        let token = sign(&key, "at+jwt", &claims()).unwrap();
        let accepted = |token: &str| verify(token, &keys, &everything, NOW).is_ok();
        assert!(accepted(&token));
        for position in 0..token.len() {
            let (before, rest) = token.split_at(position);
            let (byte, after) = (rest.as_bytes()[0], &rest[1..]);
            assert!(!accepted(before), "{} cut at {position}", key.algorithm());
            assert!(!accepted(after), "{} cut before {position}", key.algorithm());
            assert!(!accepted(&format!("{before}{after}")), "{} without {position}", key.algorithm());
            assert!(!accepted(&format!("{before}A{rest}")), "{} with A at {position}", key.algorithm());
            for bit in 0..7 {
                let flipped = char::from(byte ^ 1 << bit);
                let changed = format!("{before}{flipped}{after}");
                assert!(!accepted(&changed), "{} bit {bit} of {position}", key.algorithm());
            }
        }
        for tail in ["A", "AAAA", "=", "==", ".", ".A", " ", "\n", "\0", "é"] {
            assert!(!accepted(&format!("{token}{tail}")), "{} with {tail:?}", key.algorithm());
            assert!(!accepted(&format!("{tail}{token}")), "{} after {tail:?}", key.algorithm());
        }
    }
}

#[test]
fn keys_are_found_by_id_and_algorithm() {
    let ed25519 = vectors::ed25519_key().verifying();
    let p256 = SigningKey::generate(Algorithm::Es256).unwrap().verifying();
    let other = SigningKey::generate(Algorithm::Es256).unwrap().verifying();
    let keys = Keys::new(vec![ed25519.with_kid("a"), p256.with_kid("a"), other.with_kid("b")]);
    let found = |kid, algorithm| keys.find(kid, algorithm).map(|key| (key.kid(), key.algorithm()));
    assert_eq!(found(Some("a"), Algorithm::EdDsa), Ok(("a", Algorithm::EdDsa)));
    assert_eq!(found(Some("a"), Algorithm::Es256), Ok(("a", Algorithm::Es256)));
    assert_eq!(found(Some("b"), Algorithm::EdDsa), Err(TokenError::KeyMismatch));
    assert_eq!(found(Some("c"), Algorithm::EdDsa), Err(TokenError::KeyUnknown));
    assert_eq!(found(None, Algorithm::EdDsa), Ok(("a", Algorithm::EdDsa)));
    assert_eq!(found(None, Algorithm::Es256), Err(TokenError::KeyUnknown));
    assert_eq!(found(None, Algorithm::Rs256), Err(TokenError::KeyUnknown));
    assert_eq!((keys.knows("a"), keys.knows("c"), keys.iter().count()), (true, false, 3));
}

#[test]
fn a_set_gives_the_keys_that_can_verify() {
    let set = format!(
        r#"{{"keys":[{}, {}, {{"kty":"RSA","n":"AQ","e":"AQAB"}}, {{"kty":"oct","k":"AQ"}}, {{"kty":"future"}}]}}"#,
        vectors::BILBO_JWK,
        vectors::A3_JWK.replacen('{', r#"{"use":"enc","#, 1),
    );
    let keys = Keys::from_set(&JwkSet::parse(set.as_bytes()).unwrap());
    let ids: Vec<_> = keys.iter().map(VerifyingKey::kid).collect();
    assert_eq!(ids, ["bilbo.baggins@hobbiton.example"]);
}
