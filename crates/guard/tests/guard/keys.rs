//! The issuer's keys: when they are fetched, how often, and what happens when they cannot be.

use std::sync::Arc;

use serde_json::json;

use super::fixture::{Issuer, Mode, key, post, send, status};

#[tokio::test]
async fn a_new_key_is_fetched_once_however_many_ask() {
    let (old, new) = (key("old"), key("new"));
    let issuer = Issuer::start(&[&old]).await;
    let guard = issuer.guard();
    assert_eq!(status(&guard, &issuer.token(&old, &json!({}))).await, 200);
    assert_eq!(issuer.key_fetches(), 1);
    issuer.publish(&[&old, &new]);
    issuer.clock.advance(10);
    let token = Arc::new(issuer.token(&new, &json!({})));
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (guard, token) = (guard.clone(), Arc::clone(&token));
            tokio::spawn(async move { status(&guard, &token).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 200);
    }
    assert_eq!(issuer.key_fetches(), 2);
}

#[tokio::test]
async fn the_first_keys_are_fetched_once_however_many_ask() {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer.guard();
    assert_eq!(issuer.key_fetches(), 0);
    let token = Arc::new(issuer.token(&key, &json!({})));
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (guard, token) = (guard.clone(), Arc::clone(&token));
            tokio::spawn(async move { status(&guard, &token).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 200);
    }
    assert_eq!(issuer.key_fetches(), 1);
}

#[tokio::test]
async fn invented_key_ids_do_not_make_the_guard_fetch_more() {
    let known = key("a");
    let issuer = Issuer::start(&[&known]).await;
    let guard = issuer.guard();
    assert_eq!(status(&guard, &issuer.token(&known, &json!({}))).await, 200);
    for (seconds, fetches) in [(0, 1), (9, 1), (1, 2), (0, 2), (9, 2), (1, 3)] {
        issuer.clock.advance(seconds);
        for name in ["b", "c", "d"] {
            assert_eq!(status(&guard, &issuer.token(&key(name), &json!({}))).await, 401);
        }
        assert_eq!(issuer.key_fetches(), fetches);
    }
}

#[tokio::test]
async fn the_issuer_is_not_asked_for_what_it_cannot_have_made() {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer.guard();
    let of_another = issuer.token(&key, &json!({ "iss": "https://other.example" }));
    let unsigned = of_another.rsplit_once('.').unwrap().0;
    for token in ["x", "a.b.c", unsigned, &of_another] {
        assert_eq!(status(&guard, token).await, 401, "{token}");
    }
    assert_eq!(issuer.key_fetches(), 0);
    assert_eq!(status(&guard, &issuer.token(&key, &json!({}))).await, 200);
    issuer.clock.advance(10);
    let unknown = super::fixture::key("b");
    assert_eq!(
        status(&guard, &issuer.token(&unknown, &json!({ "iss": "https://other.example" }))).await,
        401
    );
    assert_eq!(issuer.key_fetches(), 1);
}

#[tokio::test]
async fn known_keys_serve_on_while_the_issuer_is_down_but_not_for_ever() {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer.guard();
    let lasting = json!({ "exp": super::fixture::NOW + 1_000_000 });
    assert_eq!(status(&guard, &issuer.token(&key, &lasting)).await, 200);
    issuer.turn(Mode::Down);
    for (seconds, expected) in [(700, 200), (80_000, 200), (10_000, 503)] {
        issuer.clock.advance(seconds);
        // A token not seen before, and one remembered.
        let fresh = json!({ "exp": super::fixture::NOW + 1_000_000, "jti": seconds.to_string() });
        assert_eq!(status(&guard, &issuer.token(&key, &fresh)).await, expected, "after {seconds}");
        assert_eq!(status(&guard, &issuer.token(&key, &lasting)).await, expected, "after {seconds}");
    }
}

#[tokio::test]
async fn nothing_passes_before_the_keys_are_known() {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer.guard();
    let token = issuer.token(&key, &json!({}));
    let other = json!({ "issuer": "http://other.example/realms/a" });
    for mode in [Mode::Down, Mode::Metadata(other), Mode::Metadata(json!({ "jwks_uri": null }))] {
        issuer.turn(mode);
        issuer.clock.advance(1);
        let answer = send(&guard, post(&token, "")).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
        assert_eq!(issuer.key_fetches(), 0);
    }
    issuer.turn(Mode::Up);
    issuer.clock.advance(1);
    assert_eq!(status(&guard, &token).await, 200);
}

#[tokio::test]
async fn an_issuer_without_a_usable_key_is_as_good_as_down() {
    let key = key("a");
    let issuer = Issuer::start(&[]).await;
    let guard = issuer.guard();
    assert_eq!(status(&guard, &issuer.token(&key, &json!({}))).await, 503);
}

#[tokio::test]
async fn a_token_of_a_withdrawn_key_is_forgotten() {
    let (old, new) = (key("old"), key("new"));
    let issuer = Issuer::start(&[&old, &new]).await;
    let guard = issuer.guard();
    let lasting = json!({ "exp": super::fixture::NOW + 10_000 });
    let (of_old, of_new) = (issuer.token(&old, &lasting), issuer.token(&new, &lasting));
    assert_eq!(status(&guard, &of_old).await, 200);
    assert_eq!(status(&guard, &of_new).await, 200);
    issuer.publish(&[&new]);
    issuer.clock.advance(700);
    // An unknown key makes the guard look at once, where age alone would let it look in the background.
    assert_eq!(status(&guard, &issuer.token(&key("x"), &lasting)).await, 401);
    assert_eq!(status(&guard, &of_old).await, 401);
    assert_eq!(status(&guard, &of_new).await, 200);
}

#[tokio::test]
async fn aged_keys_are_renewed_without_anybody_waiting() {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer.guard();
    let lasting = json!({ "exp": super::fixture::NOW + 10_000 });
    assert_eq!(status(&guard, &issuer.token(&key, &lasting)).await, 200);
    issuer.clock.advance(599);
    assert_eq!(status(&guard, &issuer.token(&key, &lasting)).await, 200);
    assert_eq!(issuer.key_fetches(), 1);
    issuer.fetch_seen().await;
    issuer.clock.advance(1);
    assert_eq!(status(&guard, &issuer.token(&key, &lasting)).await, 200);
    issuer.fetch_seen().await;
    assert_eq!(issuer.key_fetches(), 2);
}
