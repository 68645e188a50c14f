//! Tokens are in no log and no debug output.

use sekisho_testkit::log;
use serde_json::json;

use super::fixture::{Issuer, key, post, send};

#[tokio::test]
async fn a_token_is_never_logged() {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer.guard();
    let tokens = [
        issuer.token(&key, &json!({})),
        issuer.token(&key, &json!({ "scope": "none" })),
        issuer.token(&key, &json!({ "exp": 1 })),
        issuer.token(&super::fixture::key("b"), &json!({})),
        "neither-a-token".to_owned(),
    ];
    log::start();
    log::listen();
    for token in &tokens {
        send(&guard, post(token, "")).await;
        let query = format!("/mcp?access_token={token}").parse().unwrap();
        let mut request = post(token, "");
        *request.uri_mut() = query;
        send(&guard, request).await;
    }
    let logged = log::heard();
    assert!(logged.contains("token has expired"), "refusals are logged: {logged}");
    for part in tokens.iter().flat_map(|token| token.split('.')) {
        assert!(!logged.contains(part), "{part} in {logged}");
    }
}

#[tokio::test]
async fn nothing_that_prints_prints_a_token_or_a_claim() {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer.guard();
    let token = issuer.token(&key, &json!({ "email": "alice@example.com" }));
    let caller = guard.verifier().verify(&token).await.unwrap();
    let printed = format!("{guard:?} {:?} {:?} {caller:?}", guard.layer(), guard.verifier());
    assert!(printed.contains("alice") && printed.contains("hello"));
    assert!(!printed.contains("alice@example.com"));
    for part in token.split('.') {
        assert!(!printed.contains(part));
    }
}
