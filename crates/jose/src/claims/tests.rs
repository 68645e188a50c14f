//! What the neighbouring file promises, rule by rule.

use serde_json::json;

use super::*;

fn claims(value: Value) -> Result<Claims, TokenError> {
    let Value::Object(mut members) = value else { panic!("not an object") };
    for (name, value) in [("iss", json!("me")), ("exp", json!(2000))] {
        members.entry(name).or_insert(value);
    }
    Claims::check(members)
}

#[test]
fn registered_claims_are_read() {
    let claims = claims(json!({
        "sub": "s", "aud": ["a", "b"], "iat": 1000, "nbf": 1001.5, "jti": "j", "sid": "d", "typ": "Bearer",
        "scope": " hello  tools:read ", "azp": "app", "extra": {"x": 1}
    }))
    .unwrap();
    assert_eq!((claims.issuer(), claims.subject(), claims.jti()), ("me", Some("s"), Some("j")));
    assert_eq!((claims.session(), claims.token_type()), (Some("d"), Some("Bearer")));
    assert_eq!(claims.expires(), Timestamp(2_000_000));
    assert_eq!(claims.issued(), Some(Timestamp(1_000_000)));
    assert_eq!(claims.not_before(), Some(Timestamp(1_001_500)));
    assert_eq!(claims.scopes().collect::<Vec<_>>(), ["hello", "tools:read"]);
    assert_eq!(claims.get("extra"), Some(&json!({"x": 1})));
    assert_eq!(claims.raw().len(), 12);
}

#[test]
fn what_is_absent_reads_as_nothing() {
    let claims = claims(json!({})).unwrap();
    assert_eq!((claims.subject(), claims.jti(), claims.session()), (None, None, None));
    assert_eq!((claims.issued(), claims.not_before()), (None, None));
    assert_eq!((claims.client_id(), claims.token_type()), (None, None));
    assert_eq!((claims.audiences().len(), claims.scopes().count()), (0, 0));
    assert_eq!(claims.require("sub"), Err(TokenError::ClaimMissing("sub")));
}

#[test]
fn an_audience_is_compared_letter_by_letter() {
    for (aud, expected) in [
        (json!("https://a"), true),
        (json!(["https://b", "https://a"]), true),
        (json!("https://a/"), false),
        (json!("HTTPS://A"), false),
        (json!("https://a https://b"), false),
        (json!(["https://ab", ""]), false),
        (json!([]), false),
    ] {
        assert_eq!(claims(json!({"aud": aud})).unwrap().has_audience("https://a"), expected, "{aud}");
    }
}

#[test]
fn client_id_comes_before_azp() {
    let both = claims(json!({"client_id": "one", "azp": "two"})).unwrap();
    assert_eq!(both.client_id(), Some("one"));
    assert_eq!(claims(json!({"azp": "two"})).unwrap().client_id(), Some("two"));
}

#[test]
fn a_claim_of_another_kind_is_refused() {
    for (member, name) in [
        (json!({"iss": 1}), "iss"),
        (json!({"iss": null}), "iss"),
        (json!({"exp": "2000"}), "exp"),
        (json!({"exp": null}), "exp"),
        (json!({"exp": 1e300}), "exp"),
        (json!({"exp": u64::MAX}), "exp"),
        (json!({"sub": 1}), "sub"),
        (json!({"sub": ["a"]}), "sub"),
        (json!({"jti": {}}), "jti"),
        (json!({"nbf": "1"}), "nbf"),
        (json!({"iat": false}), "iat"),
        (json!({"aud": 1}), "aud"),
        (json!({"aud": ["a", 1]}), "aud"),
        (json!({"aud": null}), "aud"),
    ] {
        let refused = claims(member.clone()).err();
        assert_eq!(refused, Some(TokenError::ClaimMalformed(name)), "{member}");
    }
}

#[test]
fn a_binding_is_told_by_its_method() {
    for (cnf, expected) in [
        (json!({"jkt": "k"}), Confirmation::Key("k")),
        (json!({"x5t#S256": "c"}), Confirmation::Certificate("c")),
        (json!({"jkt": "k", "x5t#S256": "c"}), Confirmation::Unknown),
        (json!({"jkt": "k", "other": "c"}), Confirmation::Unknown),
        (json!({"jwk": {}}), Confirmation::Unknown),
        (json!({"jkt": 1}), Confirmation::Unknown),
        (json!({}), Confirmation::Unknown),
        (json!("k"), Confirmation::Unknown),
        (json!(null), Confirmation::Unknown),
    ] {
        let claims = claims(json!({"cnf": cnf})).unwrap();
        assert_eq!(claims.confirmation_thumbprint(), Some(expected), "{cnf}");
    }
    assert_eq!(claims(json!({})).unwrap().confirmation_thumbprint(), None);
}
