//! Discovery (RFC 8414, OpenID Connect Discovery 1.0) and the JWK set.

use serde_json::json;

use super::support::town::{app, town};

#[tokio::test]
async fn every_form_of_the_address_serves_the_same_bytes() {
    let world = town().await;
    let first = world.get("/realms/r/.well-known/openid-configuration").await;
    assert_eq!(first.status(), 200);
    for path in [
        "/realms/r/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration/realms/r",
        "/.well-known/oauth-authorization-server/realms/r",
    ] {
        assert_eq!(world.get(path).await.text, first.text, "{path}");
    }
    assert_eq!(first.json()["issuer"], json!(world.issuer()));
}

#[tokio::test]
async fn whole_story() {
    let world = town().await;
    let browser = world.browser();
    let tokens = app(&world).sign_in(&browser).await;
    assert_eq!(app(&world).userinfo(tokens.access()).await.json()["preferred_username"], json!("alice"));
}
