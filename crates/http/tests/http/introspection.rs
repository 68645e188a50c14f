//! Introspection (RFC 7662).

use serde_json::{Value, json};

use super::support::client::Client;
use super::support::town::{MCP, app, realm, service, town, web};
use super::support::world::World;
use sekisho_testkit::builders::NewRealm;

/// A client that stands for the resource [`MCP`], and one that audience mappers name.
fn guards(realm: &mut NewRealm) {
    realm.add_client(&json!({
        "clientId": "mcp-server", "secret": "s", "standardFlowEnabled": false, "attributes": {"resource_url": MCP},
    }));
    realm.add_client(&json!({"clientId": "api", "secret": "s", "standardFlowEnabled": false}));
    realm.add_client(&json!({
        "clientId": "light", "publicClient": true, "redirectUris": ["https://app.example/cb"],
        "attributes": {"client.use.lightweight.access.token.enabled": "true"},
        "protocolMappers": [{
            "name": "api", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
            "config": {"included.client.audience": "api", "introspection.token.claim": "true"},
        }],
    }));
}

fn guard(world: &World, client_id: &str) -> Client {
    Client { id: client_id.to_owned(), secret: Some("s".to_owned()), ..web(world) }
}

async fn guarded() -> World {
    let mut realm = realm();
    guards(&mut realm);
    World::with(realm).await
}

/// Attacks 12, 66 [introspect.access]: not even the client that got the token.
#[tokio::test]
async fn a_token_is_active_for_those_that_it_is_for() {
    let world = guarded().await;
    let ask = web(&world).asks().with("resource", MCP);
    let callback = ask.by(&world.browser()).await.sign_in("alice", "alice").await.callback();
    let tokens = web(&world).redeem(&callback).await.tokens();
    for (client, active) in [
        (guard(&world, "mcp-server"), true),
        (guard(&world, "api"), false),
        (web(&world), false),
        (service(&world), false),
    ] {
        let answer = client.introspect(tokens.access(), "").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.json()["active"], json!(active), "{}", client.id);
        if !active {
            assert_eq!(answer.json(), json!({"active": false}), "nothing is said of it (RFC 7662 §2.2)");
        }
    }
}

/// RFC 7662 §2.2.
#[tokio::test]
async fn an_active_token_is_described() {
    let world = guarded().await;
    let ask = web(&world).asks().with("resource", MCP);
    let callback = ask.by(&world.browser()).await.sign_in("alice", "alice").await.callback();
    let tokens = web(&world).redeem(&callback).await.tokens();
    let answer = guard(&world, "mcp-server").introspect(tokens.access(), "access_token").await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let said = answer.json();
    for (member, value) in [
        ("active", json!(true)),
        ("client_id", json!("web")),
        ("username", json!("alice")),
        ("token_type", json!("Bearer")),
        ("scope", json!("openid email profile")),
        ("aud", json!(MCP)),
        ("iss", json!(world.issuer())),
        ("sub", json!(world.user("alice"))),
        ("exp", tokens.claims()["exp"].clone()),
        ("iat", tokens.claims()["iat"].clone()),
        ("jti", tokens.claims()["jti"].clone()),
    ] {
        assert_eq!(said[member], value, "{member}");
    }
}

/// A lightweight token says little to whoever sees it, and all to whom it is for
/// [introspect.audience.lightweight].
#[tokio::test]
async fn a_lightweight_token_is_described_in_full() {
    let world = guarded().await;
    let light = Client { id: "light".to_owned(), ..app(&world) };
    let tokens = light.sign_in(&world.browser()).await;
    assert_eq!(tokens.claims()["email"], Value::Null);
    let said = guard(&world, "api").introspect(tokens.access(), "").await.json();
    assert_eq!(said["active"], json!(true));
    assert_eq!(said["email"], json!("alice@example.org"));
    assert_eq!(said["sub"], json!(world.user("alice")));
    assert_eq!(
        guard(&world, "mcp-server").introspect(tokens.access(), "").await.json(),
        json!({"active": false})
    );
}

/// RFC 8707 §2.2: a mapper does not widen a token that is for one resource.
#[tokio::test]
async fn a_token_for_a_resource_gets_no_other_audience() {
    let world = guarded().await;
    let light = Client { id: "light".to_owned(), ..app(&world) };
    let ask = light.asks().with("resource", MCP);
    let callback = ask.by(&world.browser()).await.sign_in("alice", "alice").await.callback();
    let tokens = light.redeem(&callback).await.tokens();
    assert!(guard(&world, "mcp-server").finds_active(tokens.access()).await);
    assert!(!guard(&world, "api").finds_active(tokens.access()).await);
}

/// RFC 7662 §2.1: the hint says where to look first, not where to look.
#[tokio::test]
async fn a_refresh_token_is_found_with_and_without_a_hint() {
    let world = town().await;
    let tokens = web(&world).sign_in(&world.browser()).await;
    for hint in ["", "refresh_token", "access_token", "unknown"] {
        let said = web(&world).introspect(tokens.refresh(), hint).await.json();
        assert_eq!(said["active"], json!(true), "{hint}");
        assert_eq!(said["typ"], json!("Refresh"), "{hint}");
        assert_eq!(said["client_id"], json!("web"), "{hint}");
        assert!(said.get("token_type").is_none(), "{hint}: no access token");
        assert_eq!(
            service(&world).introspect(tokens.refresh(), hint).await.json(),
            json!({"active": false}),
            "{hint}"
        );
    }
}

#[tokio::test]
async fn what_is_over_is_inactive() {
    for what in ["time", "logout", "revoked", "user off", "rotated"] {
        let mut realm = realm();
        guards(&mut realm);
        realm.config.revoke_refresh_token = Some(true);
        let world = World::with(realm).await;
        let browser = world.browser();
        let ask = web(&world).asks().with("resource", MCP);
        let callback = ask.by(&browser).await.sign_in("alice", "alice").await.callback();
        let tokens = web(&world).redeem(&callback).await.tokens();
        match what {
            "time" => world.wait(1800).await,
            "logout" => drop(browser.open(&world.endpoint("/logout")).await.confirm().await),
            "revoked" => drop(web(&world).revoke(tokens.refresh()).await),
            "rotated" => drop(web(&world).refresh(tokens.refresh()).await),
            _ => world.change_user("alice", |user| user.enabled = Some(false)).await,
        }
        world.wait(1).await;
        assert!(!web(&world).finds_active(tokens.refresh()).await, "{what}: refresh token");
        if what != "rotated" {
            assert!(!guard(&world, "mcp-server").finds_active(tokens.access()).await, "{what}: access token");
        }
    }
    let world = town().await;
    for garbage in ["garbage", "", "a.b.c"] {
        assert!(!web(&world).finds_active(garbage).await, "{garbage:?}");
    }
}

/// RFC 7662 §2.1: only whoever can prove who it is [introspect.public], [introspect.none].
#[tokio::test]
async fn a_public_client_learns_nothing() {
    let world = town().await;
    let tokens = app(&world).sign_in(&world.browser()).await;
    let (status, code, description) = app(&world).introspect(tokens.access(), "").await.error();
    assert_eq!((status, &*code, &*description), (403, "invalid_request", "Client not allowed."));
    let missing = web(&world).post("/token/introspect", &[]).await.error();
    assert_eq!(missing, (400, "invalid_request".to_owned(), "Token not provided.".to_owned()));
}

/// RFC 9068 §4: an ID token is not an access token, and says so [introspect.id].
#[tokio::test]
async fn an_id_token_is_told_from_an_access_token() {
    let world = town().await;
    let tokens = web(&world).sign_in(&world.browser()).await;
    let said = web(&world).introspect(tokens.id(), "").await.json();
    assert_eq!((&said["active"], &said["token_type"]), (&json!(true), &json!("ID")));
}
