//! `grant_type=authorization_code` (OAuth 2.1 §4.1.3, RFC 7636 §4.6).

use serde_json::json;

use super::support::answer::{claims, header};
use super::support::client::{CHALLENGE, Client, VERIFIER};
use super::support::town::{FILES, MCP, app, realm, town, web};
use super::support::world::World;

/// A code of the client for alice, who is asked for nothing.
async fn code(client: &Client) -> String {
    let visit = client.asks().by(&client.world.browser()).await.sign_in("alice", "alice").await;
    visit.callback().code().to_owned()
}

/// What is changed in a right request, and what is said of it.
type Case<'a> = (&'static str, &'a [(&'static str, &'a str)], &'static str);

async fn error(client: &Client, code: &str, changed: &[(&str, &str)]) -> (u16, String, String) {
    client.redeem_with(code, changed).await.error()
}

/// OAuth 2.1 §3.2.3, and Keycloak's members [token.code.right].
#[tokio::test]
async fn a_code_gives_tokens() {
    let world = town().await;
    let ask = web(&world).asks().with("nonce", "n");
    let callback = ask.by(&world.browser()).await.sign_in("alice", "alice").await.callback();
    let answer = web(&world).redeem(&callback).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    assert_eq!(answer.header("content-type"), "application/json");
    let tokens = answer.tokens();
    for (member, value) in [
        ("token_type", json!("Bearer")),
        ("expires_in", json!(300)),
        ("refresh_expires_in", json!(1800)),
        ("not-before-policy", json!(0)),
        ("scope", json!("openid email profile")),
        ("session_state", tokens.claims()["sid"].clone()),
    ] {
        assert_eq!(tokens.body[member], value, "{member}");
    }
    let id = claims(tokens.id());
    let sub = json!(world.user("alice"));
    for (claim, value) in
        [("iss", json!(world.issuer())), ("aud", json!("web")), ("sub", sub), ("nonce", json!("n"))]
    {
        assert_eq!(id[claim], value, "{claim}");
    }
    assert_eq!(header(tokens.access())["typ"], json!("JWT"));
}

/// RFC 9068 §2.1, §2.2: where the client asks for it.
#[tokio::test]
async fn an_access_token_can_be_of_the_type_of_the_rfc() {
    let world = town().await;
    let set = |client: &mut sekisho_protocol::keycloak::ClientRepresentation| {
        let attributes = client.attributes.get_or_insert_default();
        attributes.insert("access.token.header.type.rfc9068".to_owned(), "true".to_owned());
    };
    world.change_client("app", set).await;
    let ask = app(&world).asks().with("resource", MCP);
    let callback = ask.by(&world.browser()).await.sign_in("alice", "alice").await.callback();
    let tokens = app(&world).redeem(&callback).await.tokens();
    assert_eq!(header(tokens.access())["typ"], json!("at+jwt"));
    for claim in ["iss", "exp", "aud", "sub", "iat", "jti"] {
        assert!(!tokens.claims()[claim].is_null(), "{claim}");
    }
    assert_eq!(app(&world).userinfo(tokens.access()).await.status(), 200);
}

/// Attacks 1-3, 13, 24, 25: every binding, each alone.
#[tokio::test]
async fn each_binding_of_a_code_is_checked() {
    let world = town().await;
    let invalid = |description: &str| (400, "invalid_grant".to_owned(), description.to_owned());
    let long = "a".repeat(129);
    let cases: [Case<'_>; 9] = [
        // [token.code.wrong-redirect]
        ("another redirect URI", &[("redirect_uri", "https://app.example/other")], "Incorrect redirect_uri"),
        ("a longer redirect URI", &[("redirect_uri", "https://app.example/cb/")], "Incorrect redirect_uri"),
        // [token.code.pkce.missing], [token.code.pkce.wrong]
        ("no verifier", &[("code_verifier", "")], "PKCE code verifier not specified"),
        ("a wrong verifier", &[("code_verifier", CHALLENGE)], "PKCE verification failed: Code mismatch"),
        (
            "a short verifier",
            &[("code_verifier", "short")],
            "PKCE verification failed: Invalid code verifier",
        ),
        ("a long verifier", &[("code_verifier", &long)], "PKCE verification failed: Invalid code verifier"),
        (
            "a verifier with a space",
            &[("code_verifier", "dBjftJeZ4CVP mB92K27uhbUJU1p1r_wW1gFWFOEjXk")],
            "PKCE verification failed: Invalid code verifier",
        ),
        ("garbage", &[("code", "garbage")], "Code not valid"),
        ("an access token", &[("code", "eyJhbGciOiJub25lIn0.e30.")], "Code not valid"),
    ];
    let code = code(&app(&world)).await;
    for (what, changed, description) in cases {
        assert_eq!(error(&app(&world), &code, changed).await, invalid(description), "{what}");
    }
    let flipped = format!("{}{}", if code.starts_with('A') { "B" } else { "A" }, &code[1..]);
    for (what, broken) in
        [("cut", &code[..code.len() - 2]), ("extended", &format!("{code}AA")), ("flipped", &flipped)]
    {
        assert_eq!(error(&app(&world), broken, &[]).await, invalid("Code not valid"), "{what}");
    }
    assert_eq!(app(&world).redeem_with(&code, &[]).await.status(), 200, "none of it used the code up");
}

/// Attacks 1, 2 [token.code.other-client].
#[tokio::test]
async fn a_code_is_for_the_client_that_asked() {
    let world = town().await;
    for (owner, thief) in [(app(&world), web(&world)), (web(&world), app(&world))] {
        let code = code(&owner).await;
        let uri = owner.redirect_uri.clone();
        let (status, error, _) = error(&thief, &code, &[("redirect_uri", &uri)]).await;
        assert_eq!((status, error.as_str()), (400, "invalid_grant"));
        assert_eq!(owner.redeem_with(&code, &[]).await.status(), 200, "the owner can still use it");
    }
}

/// Attack 24: a verifier for a request without a challenge is a downgrade.
#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let mut realm = realm();
    realm.add_client(&json!({"clientId": "old", "secret": "s", "redirectUris": ["https://old.example/cb"]}));
    let world = World::with(realm).await;
    let old = Client {
        id: "old".to_owned(),
        secret: Some("s".to_owned()),
        redirect_uri: "https://old.example/cb".to_owned(),
        world: world.clone(),
    };
    let ask = old.asks().without("code_challenge").without("code_challenge_method");
    let code = ask.by(&world.browser()).await.sign_in("alice", "alice").await.callback().code().to_owned();
    let (_, _, description) = error(&old, &code, &[]).await;
    assert_eq!(description, "PKCE code verifier specified but challenge not present in authorization");
    assert_eq!(
        error(&old, &code, &[("code_verifier", ""), ("redirect_uri", "")]).await.2,
        "Incorrect redirect_uri"
    );
    assert_eq!(old.redeem_with(&code, &[("code_verifier", "")]).await.status(), 200);
}

/// A client that knows OAuth 2.1 alone does not repeat its redirect URI (§10.2).
#[tokio::test]
async fn with_pkce_the_redirect_uri_need_not_be_repeated() {
    let world = town().await;
    let code = code(&app(&world)).await;
    assert_eq!(app(&world).redeem_with(&code, &[("redirect_uri", "")]).await.status(), 200);
}

#[tokio::test]
async fn a_code_lives_a_minute() {
    let world = town().await;
    for (seconds, status) in [(59, 200), (60, 400)] {
        let code = code(&app(&world)).await;
        world.wait(seconds).await;
        assert_eq!(app(&world).redeem_with(&code, &[]).await.status(), status, "after {seconds} seconds");
    }
}

/// OAuth 2.1 §4.1.3 [token.code.twice]: whoever comes second may be the thief, or the first was.
#[tokio::test]
async fn a_code_used_twice_ends_what_came_of_it() {
    let world = town().await;
    let browser = world.browser();
    let callback = app(&world).asks().by(&browser).await.sign_in("alice", "alice").await.callback();
    let tokens = app(&world).redeem(&callback).await.tokens();
    assert_eq!(app(&world).userinfo(tokens.access()).await.status(), 200);
    let again = app(&world).redeem(&callback).await.error();
    assert_eq!(again, (400, "invalid_grant".to_owned(), "Code not valid".to_owned()));
    assert_eq!(app(&world).userinfo(tokens.access()).await.status(), 401);
    let refreshed = app(&world).refresh(tokens.refresh()).await.error();
    assert_eq!((refreshed.0, &*refreshed.2), (400, "Session doesn't have required client"));
    assert!(app(&world).asks().by(&browser).await.callback().find("code").is_some(), "the session lives on");
}

/// Attack 7: of many at once one wins, and then nobody keeps anything.
#[tokio::test]
async fn of_parallel_redemptions_one_wins_at_most() {
    let world = town().await;
    let code = code(&app(&world)).await;
    let tries = (0..8).map(|_| {
        let (client, code) = (app(&world), code.clone());
        tokio::spawn(async move { client.redeem_with(&code, &[]).await })
    });
    let mut won = Vec::new();
    for answer in tries.collect::<Vec<_>>() {
        let answer = answer.await.expect("an answer");
        if answer.status() == 200 {
            won.push(answer.tokens());
        }
    }
    assert_eq!(won.len(), 1);
    assert_eq!(app(&world).userinfo(won[0].access()).await.status(), 401);
}

/// [token.code.logged-out]
#[tokio::test]
async fn a_code_of_a_session_that_ended_is_worth_nothing() {
    let world = town().await;
    let browser = world.browser();
    app(&world).sign_in(&browser).await;
    let callback = app(&world).asks().by(&browser).await.callback();
    browser.open(&world.endpoint("/logout")).await.confirm().await;
    assert_eq!(app(&world).redeem(&callback).await.error().2, "Code not valid");
}

/// RFC 8707 §2.2: some of what was authorized, and nothing else.
#[tokio::test]
async fn a_token_request_may_narrow_the_resources() {
    let world = town().await;
    let browser = world.browser();
    app(&world).sign_in(&browser).await;
    for (asked, wanted, audience) in [
        (vec![MCP, FILES], vec![FILES], Some(json!(FILES))),
        (vec![MCP, FILES], vec![], Some(json!([MCP, FILES]))),
        (vec![MCP], vec![FILES], None),
        (vec![MCP], vec!["https://nowhere.example"], None),
        (vec![], vec![MCP], None),
    ] {
        let ask = asked.iter().fold(app(&world).asks(), |ask, resource| ask.and("resource", resource));
        let callback = ask.by(&browser).await.callback();
        let wanted: Vec<(&str, &str)> = wanted.iter().map(|resource| ("resource", *resource)).collect();
        let answer = app(&world).redeem_with(callback.code(), &wanted).await;
        match audience {
            Some(audience) => assert_eq!(answer.tokens().claims()["aud"], audience, "{asked:?} {wanted:?}"),
            None => assert_eq!(answer.error().1, "invalid_target", "{asked:?} {wanted:?}"),
        }
    }
}

/// OAuth 2.1 §3.2.4, RFC 6749 §5.2: each way to be wrong before the grant is looked at.
#[tokio::test]
async fn a_token_request_must_be_well_formed() {
    let world = town().await;
    let token = world.endpoint("/token");
    let json_type = ("content-type", "application/json");
    for (what, headers, form, status, code, description) in [
        // [token.no-grant], [token.unknown-grant], [token.grant-twice]
        (
            "no grant type",
            vec![],
            vec![("client_id", "app")],
            400,
            "invalid_request",
            "Missing form parameter: grant_type",
        ),
        (
            "unknown grant type",
            vec![],
            vec![("grant_type", "implicit"), ("client_id", "app")],
            400,
            "unsupported_grant_type",
            "Unsupported grant_type",
        ),
        (
            "doubled",
            vec![],
            vec![("grant_type", "password"), ("grant_type", "password")],
            400,
            "invalid_request",
            "duplicated parameter",
        ),
        (
            "no code",
            vec![],
            vec![("grant_type", "authorization_code"), ("client_id", "app")],
            400,
            "invalid_request",
            "Missing parameter: code",
        ),
        (
            "not a form",
            vec![json_type],
            vec![("grant_type", "client_credentials"), ("client_id", "app")],
            400,
            "invalid_request",
            "Missing form parameter: grant_type",
        ),
    ] {
        let answer = if headers.is_empty() {
            world.post(&token, &form).await
        } else {
            let request = axum::http::Request::post(token.as_str());
            let body = axum::body::Body::from("{\"grant_type\":\"client_credentials\"}");
            world.send(super::support::world::with_headers(request, &headers, body)).await
        };
        assert_eq!(answer.error(), (status, code.to_owned(), description.to_owned()), "{what}");
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    }
}

#[tokio::test]
async fn the_verifier_of_the_rfc_fits_its_challenge() {
    let world = town().await;
    let code = code(&app(&world)).await;
    assert_eq!(app(&world).redeem_with(&code, &[("code_verifier", VERIFIER)]).await.status(), 200);
}
