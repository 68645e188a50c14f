//! UserInfo (OpenID Connect Core §5.3, RFC 6750).

use serde_json::{Value, json};

use super::support::answer::Answer;
use super::support::client::Client;
use super::support::town::{agent, app, realm, script, service, town};
use super::support::world::World;

const INVALID: &str =
    "Bearer realm=\"r\", error=\"invalid_token\", error_description=\"Token verification failed\"";

fn challenge(answer: &Answer) -> (u16, &str) {
    (answer.status(), answer.header("www-authenticate"))
}

/// [userinfo.right], [userinfo.post]
#[tokio::test]
async fn a_token_says_who_the_user_is_by_either_way() {
    let world = town().await;
    let tokens = app(&world).sign_in(&world.browser()).await;
    let url = world.endpoint("/userinfo");
    let bearer = format!("Bearer {}", tokens.access());
    let header = [("authorization", bearer.as_str())];
    let by_header = world.get_with(&url, &header).await;
    let expected = json!({
        "sub": world.user("alice"), "email": "alice@example.org", "email_verified": true, "family_name": "Example",
        "name": "ALICE Example", "given_name": "ALICE", "preferred_username": "alice",
    });
    assert_eq!(by_header.json(), expected);
    assert_eq!(by_header.header("cache-control"), "no-store");
    for answer in [
        world.post_with(&url, &header, &[]).await,
        world.post(&url, &[("access_token", tokens.access())]).await,
        world.get_with(&url, &[("authorization", &bearer.replace("Bearer", "bearer"))]).await,
    ] {
        assert_eq!(answer.json(), expected);
    }
}

/// RFC 6750 §2: one way, and never in the address (RFC 9700 §4.3.2).
#[tokio::test]
async fn a_token_comes_by_one_way_and_not_in_the_address() {
    let world = town().await;
    let tokens = app(&world).sign_in(&world.browser()).await;
    let url = world.endpoint("/userinfo");
    let bearer = format!("Bearer {}", tokens.access());
    let both =
        world.post_with(&url, &[("authorization", &bearer)], &[("access_token", tokens.access())]).await;
    let (status, words) = challenge(&both);
    assert_eq!(status, 400);
    assert!(words.starts_with("Bearer realm=\"r\", error=\"invalid_request\""), "{words}");
    let twice = world.post(&url, &[("access_token", tokens.access()), ("access_token", "x")]).await;
    assert_eq!(twice.status(), 400);
    for path in [url.clone(), format!("{url}?access_token={}", tokens.access())] {
        assert_eq!(challenge(&world.get(&path).await), (401, "Bearer realm=\"r\""), "{path}");
    }
}

/// Attack 39 [userinfo.basic].
#[tokio::test]
async fn the_authorization_header_is_read_exactly() {
    let world = town().await;
    let tokens = app(&world).sign_in(&world.browser()).await;
    let token = tokens.access();
    for value in [
        format!("Bearer  {token}"),
        format!("Bearer\t{token}"),
        format!("Bearer {token} x"),
        format!("Basic {token}"),
        format!("Bearer{token}"),
        "Bearer ".to_owned(),
    ] {
        let answer = world.get_with(&world.endpoint("/userinfo"), &[("authorization", &value)]).await;
        assert_eq!(challenge(&answer), (401, "Bearer realm=\"r\""), "{value}");
    }
}

/// [userinfo.refresh-token], [userinfo.id-token], [userinfo.tampered], [userinfo.garbage]
#[tokio::test]
async fn only_an_access_token_opens_it() {
    let world = town().await;
    let tokens = app(&world).sign_in(&world.browser()).await;
    let (head, signature) = tokens.access().rsplit_once('.').expect("a token");
    let flipped = format!("{head}.{}{}", if signature.starts_with('A') { "B" } else { "A" }, &signature[1..]);
    for (what, token) in [
        ("refresh token", tokens.refresh()),
        ("ID token", tokens.id()),
        ("flipped", &flipped),
        ("unsigned", &format!("{head}.")),
        ("cut", &tokens.access()[..tokens.access().len() - 1]),
        ("garbage", "garbage"),
        ("alg none", "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.e30."),
    ] {
        assert_eq!(challenge(&app(&world).userinfo(token).await), (401, INVALID), "{what}");
    }
}

/// [userinfo.no-openid]
#[tokio::test]
async fn a_token_without_openid_is_not_enough() {
    let world = town().await;
    let callback = app(&world)
        .asks()
        .scope("profile")
        .by(&world.browser())
        .await
        .sign_in("alice", "alice")
        .await
        .callback();
    let tokens = app(&world).redeem(&callback).await.tokens();
    let words =
        "Bearer realm=\"r\", error=\"insufficient_scope\", error_description=\"Missing openid scope\"";
    assert_eq!(challenge(&app(&world).userinfo(tokens.access()).await), (403, words));
}

/// [userinfo.client-credentials]
#[tokio::test]
async fn a_service_account_is_somebody_too() {
    let world = town().await;
    let form = [("grant_type", "client_credentials"), ("scope", "openid")];
    let tokens = service(&world).token(&form).await.tokens();
    assert_eq!(
        app(&world).userinfo(tokens.access()).await.json()["preferred_username"],
        json!("service-account-service")
    );
}

/// Attacks 60-62: what stands behind a token must still be good [userinfo.logged-out], [userinfo.revoked].
#[tokio::test]
async fn a_token_dies_with_what_stands_behind_it() {
    let late = 1_767_225_700;
    for what in [
        "time",
        "logout",
        "revocation",
        "user off",
        "client off",
        "realm's not-before",
        "client's not-before",
        "user's not-before",
    ] {
        let world = town().await;
        let browser = world.browser();
        let tokens = app(&world).sign_in(&browser).await;
        assert_eq!(app(&world).userinfo(tokens.access()).await.status(), 200, "{what}");
        match what {
            "time" => world.wait(300).await,
            "logout" => drop(browser.open(&world.endpoint("/logout")).await.confirm().await),
            "revocation" => drop(app(&world).revoke(tokens.access()).await),
            "user off" => world.change_user("alice", |user| user.enabled = Some(false)).await,
            "client off" => world.change_client("app", |client| client.enabled = Some(false)).await,
            "realm's not-before" => world.change_realm(|realm| realm.not_before = Some(late)).await,
            "client's not-before" => {
                world.change_client("app", |client| client.not_before = Some(late)).await;
            }
            _ => world.change_user("alice", |user| user.not_before = Some(late)).await,
        }
        world.wait(1).await;
        let answer = app(&world).userinfo(tokens.access()).await;
        assert_eq!(answer.status(), 401, "{what}: {}", answer.text);
        assert!(answer.header("www-authenticate").contains("invalid_token"), "{what}");
    }
}

#[tokio::test]
async fn scopes_decide_what_is_said() {
    let world = town().await;
    for (scope, has_email, has_name) in [("openid email", true, true), ("openid", false, true)] {
        let page =
            agent(&world).asks().scope(scope).by(&world.browser()).await.sign_in("alice", "alice").await;
        let page = if page.asks_for_consent() { page.agree_to_all().await } else { page };
        let callback = page.callback();
        let tokens = agent(&world).redeem(&callback).await.tokens();
        let said = agent(&world).userinfo(tokens.access()).await.json();
        assert_eq!(said.get("email").is_some(), has_email, "{scope}");
        assert_eq!(said.get("name").is_some(), has_name, "{scope}");
    }
}

/// What is stored with a user is said where a mapper says so [userinfo.all-scopes].
#[tokio::test]
async fn attributes_of_a_user_are_said_where_a_mapper_says_so() {
    let mut realm = realm();
    realm.add_user(&json!({
        "username": "carol", "credentials": [{"type": "password", "value": "carol"}],
        "attributes": {"team": ["red", "blue"], "phoneNumber": ["+81-3-0000-0000"]},
        "realmRoles": ["default-roles-r"],
    }));
    realm.add_client(&json!({
        "clientId": "mapped", "publicClient": true, "directAccessGrantsEnabled": true,
        "protocolMappers": [{
            "name": "team", "protocol": "openid-connect", "protocolMapper": "oidc-usermodel-attribute-mapper",
            "config": {
                "user.attribute": "team", "claim.name": "teams", "multivalued": "true",
                "access.token.claim": "true", "userinfo.token.claim": "true", "jsonType.label": "String",
            },
        }],
    }));
    let world = World::with(realm).await;
    let mapped = Client { id: "mapped".to_owned(), ..script(&world) };
    let form =
        [("grant_type", "password"), ("username", "carol"), ("password", "carol"), ("scope", "openid phone")];
    let tokens = mapped.token(&form).await.tokens();
    let said = mapped.userinfo(tokens.access()).await.json();
    assert_eq!(said["teams"], json!(["red", "blue"]));
    assert_eq!(said["phone_number"], json!("+81-3-0000-0000"));
    assert_eq!(tokens.claims()["teams"], json!(["red", "blue"]));
}

/// Tokens that do not name their user plainly are still somebody's.
#[tokio::test]
async fn pairwise_and_lightweight_tokens_are_of_their_user() {
    let mut realm = realm();
    realm.add_client(&json!({
        "clientId": "pairwise", "publicClient": true, "redirectUris": ["https://app.example/cb"],
        "optionalClientScopes": ["offline_access"],
        "protocolMappers": [{
            "name": "pairwise", "protocol": "openid-connect", "protocolMapper": "oidc-sha256-pairwise-sub-mapper",
            "config": {"pairwiseSubAlgorithmSalt": "salt"},
        }],
    }));
    realm.add_client(&json!({
        "clientId": "light", "publicClient": true, "redirectUris": ["https://app.example/cb"],
        "optionalClientScopes": ["offline_access"],
        "attributes": {"client.use.lightweight.access.token.enabled": "true"},
    }));
    let world = World::with(realm).await;
    for (client_id, scope) in [
        ("pairwise", "openid"),
        ("pairwise", "openid offline_access"),
        ("light", "openid"),
        ("light", "openid offline_access"),
    ] {
        let client = Client { id: client_id.to_owned(), ..app(&world) };
        let ask = client.asks().scope(scope);
        let callback = ask.by(&world.browser()).await.sign_in("alice", "alice").await.callback();
        let tokens = client.redeem(&callback).await.tokens();
        let said = client.userinfo(tokens.access()).await;
        assert_eq!(said.status(), 200, "{client_id} {scope}");
        assert_eq!(said.json()["preferred_username"], json!("alice"), "{client_id} {scope}");
        let plain = json!(world.user("alice"));
        assert_eq!(said.json()["sub"] == plain, client_id == "light", "{client_id} {scope}");
        assert_ne!(tokens.claims()["sub"], plain, "{client_id} {scope}");
    }
}

/// [tokens.code.lower-case-bearer]
#[tokio::test]
async fn a_client_that_wants_bearer_in_lower_case_is_served_as_others_are() {
    let world = town().await;
    let set = |client: &mut sekisho_protocol::keycloak::ClientRepresentation| {
        let attributes = client.attributes.get_or_insert_default();
        attributes.insert("token.response.type.bearer.lower-case".to_owned(), "true".to_owned());
    };
    world.change_client("app", set).await;
    let tokens = app(&world).sign_in(&world.browser()).await;
    assert_eq!(tokens.body["token_type"], json!("bearer"));
    assert_eq!(app(&world).userinfo(tokens.access()).await.status(), 200);
    assert_eq!(app(&world).revoke(tokens.access()).await.status(), 200);
    assert_eq!(app(&world).userinfo(tokens.access()).await.status(), 401);
}

/// The path names the realm: what it holds does not get into the header.
#[tokio::test]
async fn a_realm_that_is_not_there_is_no_challenge() {
    let world = town().await;
    for realm in ["nothing", "a%22,%20error=%22x", "r%0d%0ax"] {
        for answer in [
            world.get(&format!("/realms/{realm}/protocol/openid-connect/userinfo")).await,
            world
                .post(&format!("/realms/{realm}/protocol/openid-connect/userinfo"), &[("a", "b"), ("a", "b")])
                .await,
        ] {
            assert_eq!((answer.status(), answer.header("www-authenticate")), (404, ""), "{realm}");
            assert_eq!(answer.json()["error"], Value::from("Realm does not exist"));
        }
    }
}
