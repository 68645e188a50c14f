//! What a token must be.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sekisho_guard::{Algorithm, Guard, HeaderType};
use sekisho_jose::{SigningKey, sign};
use serde_json::{Value, json};

use super::fixture::{Issuer, NOW, RESOURCE, changed, key, post, send, status};

async fn set_up() -> (SigningKey, Arc<Issuer>, Guard) {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer.guard();
    (key, issuer, guard)
}

#[tokio::test]
async fn a_good_token_tells_who_calls() {
    let (key, issuer, guard) = set_up().await;
    let answer = send(&guard, post(&issuer.token(&key, &json!({})), "body")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "alice by mcp: body"));
    let caller = guard.verifier().verify(&issuer.token(&key, &json!({ "client_id": "m", "x": 1 }))).await;
    let caller = caller.unwrap();
    assert_eq!(caller.client_id(), Some("m"));
    assert_eq!(caller.claims()["x"], 1);
    assert_eq!(caller.scopes().to_string(), "hello");
    assert_eq!(caller.expires().seconds(), NOW + 300);
}

#[tokio::test]
async fn claims_that_do_not_fit_are_refused() {
    let (key, issuer, guard) = set_up().await;
    let slash = format!("{}/", issuer.identifier);
    let cases = [
        (json!({}), 200),
        (json!({ "aud": ["account", RESOURCE] }), 200),
        (json!({ "typ": null }), 200),
        (json!({ "exp": NOW - 29 }), 200),
        (json!({ "nbf": NOW + 30 }), 200),
        (json!({ "exp": NOW - 30 }), 401),
        (json!({ "exp": null }), 401),
        (json!({ "exp": "never" }), 401),
        (json!({ "nbf": NOW + 31 }), 401),
        (json!({ "iat": NOW + 31 }), 401),
        (json!({ "aud": null }), 401),
        (json!({ "aud": [] }), 401),
        (json!({ "aud": "http://127.0.0.1:3001" }), 401),
        (json!({ "aud": "http://127.0.0.1:3001/mcp/" }), 401),
        (json!({ "aud": "http://127.0.0.1:3001/mcp2" }), 401),
        (json!({ "aud": "account" }), 401),
        (json!({ "iss": null }), 401),
        (json!({ "iss": "http://127.0.0.1:1/realms/a" }), 401),
        (json!({ "iss": slash }), 401),
        (json!({ "typ": "ID" }), 401),
        (json!({ "typ": "Refresh" }), 401),
        (json!({ "typ": "Offline" }), 401),
        (json!({ "typ": 1 }), 401),
        (json!({ "at_hash": "x" }), 401),
        (json!({ "events": {} }), 401),
        (json!({ "cnf": { "jkt": "x" } }), 401),
        (json!({ "cnf": { "x5t#S256": "x" } }), 401),
    ];
    for (changes, expected) in cases {
        let answer = send(&guard, post(&issuer.token(&key, &changes), "")).await;
        assert_eq!(answer.status, expected, "{changes}");
        if expected == 401 {
            assert!(answer.challenge().contains("error=\"invalid_token\""), "{changes}");
        }
    }
}

#[tokio::test]
async fn tokens_of_other_types_are_refused_by_their_header() {
    let (key, issuer, guard) = set_up().await;
    let cases = [("JWT", 200), ("at+jwt", 200), ("application/at+jwt", 200), ("logout+jwt", 401), ("", 401)];
    for (typ, expected) in cases {
        let token = sign(&key, typ, &issuer.claims()).unwrap();
        assert_eq!(status(&guard, &token).await, expected, "{typ}");
    }
}

#[tokio::test]
async fn a_header_without_a_type_is_refused_unless_the_issuer_writes_none() {
    let (key, issuer, guard) = set_up().await;
    let lenient = issuer.builder().header_type(HeaderType::Optional).build().unwrap();
    let typed = |typ| sign(&key, typ, &issuer.claims()).unwrap();
    let untyped = sign_raw(&key, &json!({ "alg": "ES256", "kid": "a" }), &issuer.claims());
    for (token, strict, optional) in
        [(untyped, 401, 200), (typed("JWT"), 200, 200), (typed("logout+jwt"), 401, 401)]
    {
        assert_eq!(status(&guard, &token).await, strict);
        assert_eq!(status(&lenient, &token).await, optional);
    }
}

/// Signs with a header of one's own.
fn sign_raw(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.to_pkcs8().unwrap()).unwrap();
    let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn signatures_that_prove_nothing_are_refused() {
    let (key, issuer, guard) = set_up().await;
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = encode(&issuer.claims());
    let mallory = changed(issuer.claims(), &json!({ "sub": "mallory" }));
    let good = issuer.token(&key, &json!({}));
    let signature = good.rsplit('.').next().unwrap();
    // The published key, taken for a secret (attack: algorithm confusion).
    let public = serde_json::to_vec(&key.public().unwrap()).unwrap();
    let confused = SigningKey::symmetric(Algorithm::Hs256, "a", &public).unwrap();
    let own = super::fixture::key("a");
    let unsigned = |header: Value, signature: &str| format!("{}.{claims}.{signature}", encode(&header));
    let cases = [
        ("another key of the same id", own_token(&issuer, &own)),
        ("none", unsigned(json!({ "alg": "none", "typ": "JWT" }), "")),
        ("None", unsigned(json!({ "alg": "None", "typ": "JWT", "kid": "a" }), signature)),
        ("no algorithm", unsigned(json!({ "typ": "JWT", "kid": "a" }), signature)),
        ("the public key as a secret", own_token(&issuer, &confused)),
        ("no signature", format!("{}.", good.rsplit_once('.').unwrap().0)),
        ("crit", unsigned(json!({ "alg": "ES256", "typ": "JWT", "kid": "a", "crit": ["x"] }), signature)),
        (
            "a key that the token brings along",
            unsigned(json!({ "alg": "ES256", "typ": "JWT", "jwk": own.public().unwrap() }), signature),
        ),
        ("a path for an id", unsigned(json!({ "alg": "ES256", "typ": "JWT", "kid": "../a" }), signature)),
        ("claims of another token", good.replacen(&claims, &encode(&mallory), 1)),
        ("two parts", good.rsplit_once('.').unwrap().0.to_owned()),
    ];
    for (what, token) in cases {
        assert_eq!(status(&guard, &token).await, 401, "{what}");
    }
    assert_eq!(status(&guard, &good).await, 200);
}

fn own_token(issuer: &Issuer, key: &SigningKey) -> String {
    issuer.token(key, &json!({}))
}

#[tokio::test]
async fn a_token_that_was_good_is_refused_once_it_ended() {
    let (key, issuer, guard) = set_up().await;
    let token = issuer.token(&key, &json!({}));
    assert_eq!(status(&guard, &token).await, 200);
    issuer.clock.advance(329);
    assert_eq!(status(&guard, &token).await, 200);
    issuer.clock.advance(1);
    let answer = send(&guard, post(&token, "")).await;
    assert_eq!(answer.status, 401);
    assert!(answer.challenge().contains("error_description=\"The access token expired\""));
}

#[tokio::test]
async fn algorithms_can_be_narrowed() {
    let (key, issuer, _) = set_up().await;
    let guard = issuer.builder().algorithms([Algorithm::EdDsa]).build().unwrap();
    assert_eq!(status(&guard, &issuer.token(&key, &json!({}))).await, 401);
}

#[tokio::test]
async fn a_host_alone_is_one_resource_with_and_without_its_slash() {
    let (key, issuer, _) = set_up().await;
    for resource in ["https://mcp.example", "https://mcp.example/"] {
        let guard = Guard::builder(resource)
            .issuer(&issuer.identifier)
            .clock(Arc::clone(&issuer.clock) as Arc<dyn sekisho_guard::Clock>)
            .audience("api://mcp")
            .build()
            .unwrap();
        for (audience, expected) in [
            ("https://mcp.example", 200),
            ("https://mcp.example/", 200),
            ("api://mcp", 200),
            ("https://mcp.example/x", 401),
        ] {
            let token = issuer.token(&key, &json!({ "aud": audience }));
            assert_eq!(status(&guard, &token).await, expected, "{resource} {audience}");
        }
    }
}
