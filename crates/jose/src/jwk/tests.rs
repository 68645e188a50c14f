//! What the neighbouring file promises, rule by rule.

use super::*;
use crate::vectors::{self, jwk};

#[test]
fn thumbprints_of_the_rfcs_come_out() {
    assert_eq!(jwk(vectors::THUMBPRINT_JWK).thumbprint().as_deref(), Some(vectors::THUMBPRINT));
    assert_eq!(jwk(vectors::ED25519_JWK).thumbprint().as_deref(), Some(vectors::ED25519_THUMBPRINT));
    // RFC 9449 §4.1 and §6.1: key of the proof, `jkt` of the token.
    let proof_key = r#"{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}"#;
    let expected = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    assert_eq!(jwk(proof_key).thumbprint().as_deref(), Some(expected));
}

#[test]
fn a_thumbprint_covers_the_required_members_only() {
    let plain = jwk(vectors::THUMBPRINT_JWK);
    let decorated = Jwk { kid: Some("other".into()), use_: Some("sig".into()), alg: None, ..plain.clone() };
    assert_eq!(plain.thumbprint(), decorated.thumbprint());
    let other = Jwk { e: Some("Aw".into()), ..plain.clone() };
    assert_ne!(plain.thumbprint(), other.thumbprint());
}

#[test]
fn a_member_cannot_write_itself_into_the_thumbprint() {
    let honest = jwk(vectors::ED25519_JWK);
    let x = honest.x.clone().unwrap();
    let crafted = Jwk {
        crv: Some(format!("Ed25519\",\"kty\":\"OKP\",\"x\":\"{x}")),
        x: Some(String::new()),
        ..honest.clone()
    };
    assert_ne!(honest.thumbprint(), crafted.thumbprint());
}

#[test]
fn without_a_required_member_there_is_no_thumbprint() {
    for json in [
        r#"{"kty":"RSA","n":"AQ"}"#,
        r#"{"kty":"EC","crv":"P-256","x":"AQ"}"#,
        r#"{"kty":"OKP","crv":"Ed25519"}"#,
        r#"{"kty":"oct","k":"AQ"}"#,
        r#"{"kty":"new"}"#,
    ] {
        assert_eq!(jwk(json).thumbprint(), None, "{json}");
    }
}

#[test]
fn a_set_leaves_out_what_it_cannot_read() {
    let set = format!(
        r#"{{"keys":[{{"kty":"EC","crv":7}}, {{"no":"type"}}, "text", 7, null, [],
            {{"kty":"EC","kid":"a","kid":"b"}}, {{"kty":"future","kid":"f"}}, {},
            {{"kty":"RSA","x5c":"not a list"}}],"other":1}}"#,
        vectors::ED25519_JWK
    );
    let set = JwkSet::parse(set.as_bytes()).unwrap();
    let types: Vec<_> = set.keys.iter().map(|key| key.kty.as_str()).collect();
    assert_eq!(types, ["future", "OKP"]);
}

#[test]
fn what_is_no_set_is_refused() {
    for json in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":null}"#,
        r#"{"keys":[],"keys":[]}"#,
        r#"{"keys":[]} x"#,
        "<html>",
    ] {
        assert_eq!(JwkSet::parse(json.as_bytes()), Err(KeyError::Malformed), "{json}");
    }
}

#[test]
fn a_private_part_is_noticed_and_dropped() {
    for part in [r#""d":"c2VjcmV0""#, r#""k":"c2VjcmV0""#, r#""d":{"c2VjcmV0":1}"#] {
        let read = jwk(&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"AQ",{part}}}"#));
        assert!(read.private);
        let written = format!("{} {read:?}", serde_json::to_string(&read).unwrap());
        assert!(!written.contains("c2VjcmV0") && !written.contains("\"d\""), "{written}");
    }
}

#[test]
fn a_key_is_written_with_the_names_of_the_rfc() {
    let json = r#"{"kid":"1","kty":"RSA","alg":"RS256","use":"sig","n":"AQ","e":"AQAB","x5c":["QQ=="],"x5t":"t","x5t#S256":"s"}"#;
    assert_eq!(serde_json::to_string(&jwk(json)).unwrap(), json);
}
