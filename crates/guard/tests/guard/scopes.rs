//! Scopes of every request, and the challenge that asks for more.

use serde_json::json;

use super::fixture::{Issuer, METADATA, key, post, send, status};

#[tokio::test]
async fn a_missing_scope_is_challenged_with_all_that_the_operation_needs() {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer.builder().require_scopes(["files:read"]).build().unwrap();
    for scope in [json!(null), json!(""), json!("hello"), json!("files:read openid"), json!("hello2 hell")] {
        let answer = send(&guard, post(&issuer.token(&key, &json!({ "scope": scope })), "")).await;
        assert_eq!(answer.status, 403, "{scope}");
        assert_eq!(
            answer.challenge(),
            format!(
                "Bearer resource_metadata=\"{METADATA}\", scope=\"hello files:read\", error=\"insufficient_scope\", \
                 error_description=\"The token lacks a scope of this operation\""
            )
        );
        assert_eq!(answer.json()["error"], "insufficient_scope");
    }
    for changes in [
        json!({ "scope": "files:read hello more" }),
        json!({ "scope": null, "scp": ["hello", "files:read"] }),
        json!({ "scope": null, "scp": "hello files:read" }),
    ] {
        assert_eq!(status(&guard, &issuer.token(&key, &changes)).await, 200, "{changes}");
    }
}

#[tokio::test]
async fn a_scope_may_imply_others_through_any_number_of_steps() {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer
        .builder()
        .scope_implies("admin", ["writer"])
        .scope_implies("writer", ["hello", "admin"])
        .build()
        .unwrap();
    for (scope, expected) in [("admin", 200), ("writer", 200), ("hello", 200), ("reader", 403)] {
        let token = issuer.token(&key, &json!({ "scope": scope }));
        assert_eq!(status(&guard, &token).await, expected, "{scope}");
    }
}
