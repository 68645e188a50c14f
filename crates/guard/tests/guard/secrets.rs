//! Tokens are in no log and no debug output.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::instrument::WithSubscriber as _;

use super::fixture::{Issuer, key, post, send};

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

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
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let sending = async {
        for token in &tokens {
            send(&guard, post(token, "")).await;
            let query = format!("/mcp?access_token={token}").parse().unwrap();
            let mut request = post(token, "");
            *request.uri_mut() = query;
            send(&guard, request).await;
        }
    };
    sending.with_subscriber(subscriber).await;
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
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
