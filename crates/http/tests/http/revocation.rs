//! Revocation (RFC 7009).

use super::support::town::{MCP, agent, app, town, web};

#[tokio::test]
async fn a_refresh_token_takes_its_grant_along() {
    let world = town().await;
    let browser = world.browser();
    let tokens = app(&world).sign_in(&browser).await;
    let other = app(&world).sign_in(&browser).await;
    let answer = app(&world).revoke(tokens.refresh()).await;
    assert_eq!((answer.status(), answer.text.as_str()), (200, ""));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(app(&world).refresh(tokens.refresh()).await.status(), 400);
    assert_eq!(app(&world).userinfo(tokens.access()).await.status(), 401, "RFC 7009 §2.1");
    assert_eq!(app(&world).userinfo(other.access()).await.status(), 200, "another grant lives on");
    assert!(
        app(&world).asks().by(&browser).await.callback().find("code").is_some(),
        "and so does the session"
    );
}

#[tokio::test]
async fn an_access_token_goes_alone() {
    let world = town().await;
    let tokens = app(&world).sign_in(&world.browser()).await;
    assert_eq!(app(&world).revoke(tokens.access()).await.status(), 200);
    assert_eq!(app(&world).userinfo(tokens.access()).await.status(), 401);
    let refreshed = app(&world).refresh(tokens.refresh()).await.tokens();
    assert_eq!(app(&world).userinfo(refreshed.access()).await.status(), 200);
}

/// RFC 7009 §2.2 [revoke.garbage], [revoke.twice]: what is not known, or gone, is no error.
#[tokio::test]
async fn a_token_that_is_not_known_is_no_error() {
    let world = town().await;
    let tokens = app(&world).sign_in(&world.browser()).await;
    for token in
        ["garbage", "", "a.b.c", tokens.refresh(), tokens.refresh(), tokens.access(), tokens.access()]
    {
        let answer = app(&world).revoke(token).await;
        assert_eq!((answer.status(), answer.text.as_str()), (200, ""), "{token}");
    }
    world.wait(4000).await;
    assert_eq!(app(&world).revoke(tokens.access()).await.status(), 200, "past its life");
}

/// RFC 7009 §2.1: a hint that is wrong or unknown changes nothing [revoke.hint-unknown].
#[tokio::test]
async fn a_hint_changes_nothing() {
    for hint in ["access_token", "refresh_token", "nothing"] {
        let world = town().await;
        let tokens = app(&world).sign_in(&world.browser()).await;
        let form = [("token", tokens.refresh()), ("token_type_hint", hint)];
        assert_eq!(app(&world).post("/revoke", &form).await.status(), 200, "{hint}");
        assert_eq!(app(&world).refresh(tokens.refresh()).await.status(), 400, "{hint}");
    }
}

/// RFC 7009 §2.1 [revoke.other-client].
#[tokio::test]
async fn a_token_of_another_client_is_not_revoked() {
    let world = town().await;
    let tokens = app(&world).sign_in(&world.browser()).await;
    for token in [tokens.refresh(), tokens.access()] {
        let (status, code, description) = web(&world).revoke(token).await.error();
        assert_eq!((status, &*code, &*description), (400, "invalid_request", "Unmatching clients"));
    }
    assert_eq!(app(&world).userinfo(tokens.access()).await.status(), 200);
    assert_eq!(app(&world).refresh(tokens.refresh()).await.status(), 200);
}

/// [revoke.id], [revoke.none]
#[tokio::test]
async fn an_id_token_cannot_be_revoked() {
    let world = town().await;
    let tokens = app(&world).sign_in(&world.browser()).await;
    let (status, code, _) = app(&world).revoke(tokens.id()).await.error();
    assert_eq!((status, &*code), (400, "unsupported_token_type"));
    let (status, code, description) = app(&world).post("/revoke", &[]).await.error();
    assert_eq!((status, &*code, &*description), (400, "invalid_request", "Token not provided"));
}

/// [revoke.offline]
#[tokio::test]
async fn an_offline_token_can_be_revoked() {
    let world = town().await;
    let ask = agent(&world).asks().scope("openid offline_access").with("resource", MCP);
    let page = ask.by(&world.browser()).await.sign_in("alice", "alice").await;
    let tokens = agent(&world).redeem(&page.agree(&["offline_access"]).await.callback()).await.tokens();
    assert_eq!(agent(&world).revoke(tokens.refresh()).await.status(), 200);
    assert_eq!(agent(&world).refresh(tokens.refresh()).await.status(), 400);
    assert_eq!(agent(&world).userinfo(tokens.access()).await.status(), 401);
}
