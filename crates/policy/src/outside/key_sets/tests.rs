//! Fetching key sets, against a server on loopback.

use sekisho_jose::{Algorithm, SigningKey};
use serde_json::json;

use super::*;
use crate::outside::tests::{NOW, Stub, outside};

const OK: &str = "200 OK\r\ncontent-type: application/jwk-set+json";

fn set(kid: &str) -> String {
    let key = SigningKey::generate(Algorithm::Es256).expect("a key").with_kid(kid);
    json!({"keys": [key.public()]}).to_string()
}

/// Whether the key of this name can be had.
async fn has(outside: &Outside, stub: &Stub, kid: &str, later: i64) -> bool {
    let keys = outside.key_set(&stub.url(), |keys| keys.knows(kid), NOW.plus_seconds(later)).await;
    keys.is_some_and(|keys| keys.knows(kid))
}

#[tokio::test]
async fn a_set_is_fetched_once_within_its_life() {
    for (cache_control, fresh, stale) in
        [("max-age=3600", 3599, 3600), ("no-store", 299, 300), ("max-age=99999999", 86_399, 86_400)]
    {
        let stub = Stub::start(&format!("{OK}\r\ncache-control: {cache_control}"), &set("k")).await;
        let outside = outside(&["127.0.0.1"]);
        for (later, requests) in [(0, 1), (fresh, 1), (stale, 2)] {
            assert!(has(&outside.clone(), &stub, "k", later).await, "{cache_control} {later}");
            assert_eq!(stub.requests().len(), requests, "{cache_control} {later}");
        }
    }
}

#[tokio::test]
async fn invented_key_ids_do_not_make_it_fetch_more() {
    let stub = Stub::start(OK, &set("k")).await;
    let outside = outside(&["127.0.0.1"]);
    for (kid, later, found, requests) in [
        ("k", 0, true, 1),
        ("invented", 1, false, 1),
        ("another", 9, false, 1),
        ("k", 9, true, 1),
        ("a new one, perhaps", 10, false, 2),
        ("invented", 19, false, 2),
        ("k", 19, true, 2),
    ] {
        assert_eq!(has(&outside, &stub, kid, later).await, found, "{kid} {later}");
        assert_eq!(stub.requests().len(), requests, "{kid} {later}");
    }
}

#[tokio::test]
async fn many_at_once_fetch_once() {
    let stub = Arc::new(Stub::start(OK, &set("k")).await);
    let outside = outside(&["127.0.0.1"]);
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (outside, stub) = (outside.clone(), stub.clone());
        all.spawn(async move { has(&outside, &stub, "k", 0).await });
    }
    assert!(all.join_all().await.into_iter().all(|found| found));
    assert_eq!(stub.requests().len(), 1);
}

/// Attacks 45 and 46.
#[tokio::test]
async fn what_is_inside_redirects_or_is_no_set_gives_no_keys() {
    let (good, large) = (set("k"), format!("{{\"keys\": [], \"x\": \"{}\"}}", "x".repeat(LARGEST)));
    for (head, body, allow, requests) in [
        (OK, &*good, &[][..], 0),
        (OK, &good, &["10.0.0.0/8"], 0),
        ("302 Found\r\nlocation: /asked", &good, &["127.0.0.1"], 1),
        ("404 Not Found", &good, &["127.0.0.1"], 1),
        (OK, "[]", &["127.0.0.1"], 1),
        (OK, "{}", &["127.0.0.1"], 1),
        (OK, &large, &["127.0.0.1"], 1),
    ] {
        let stub = Stub::start(head, body).await;
        assert!(!has(&outside(allow), &stub, "k", 0).await, "{head} {allow:?}");
        assert_eq!(stub.requests().len(), requests, "{head} {allow:?}");
    }
    let secret = outside(&[]);
    for url in ["http://keys.example/", "file:///etc/passwd", "not a url", "https://u:p@keys.example/"] {
        assert!(secret.key_set(url, |_| true, NOW).await.is_none(), "{url}");
    }
}

#[tokio::test]
async fn a_failure_leaves_what_is_known_and_is_not_repeated_at_once() {
    let stub = Stub::start("500 Internal Server Error", "{}").await;
    let outside = outside(&["127.0.0.1"]);
    for (later, requests) in [(0, 1), (9, 1), (10, 2)] {
        assert!(!has(&outside, &stub, "k", later).await, "{later}");
        assert_eq!(stub.requests().len(), requests, "{later}");
    }
    let keys = Arc::new(Keys::from_set(&JwkSet::parse(set("k").as_bytes()).expect("a set")));
    let fresh_until = NOW.plus_seconds(100);
    outside.0.key_sets.known.insert(stub.url(), KeySet { keys, fresh_until });
    assert!(!has(&outside, &stub, "other", 30).await);
    assert_eq!(stub.requests().len(), 3);
    assert!(has(&outside, &stub, "k", 99).await);
    assert!(!has(&outside, &stub, "k", 100).await, "too old, and not to be had anew");
}
