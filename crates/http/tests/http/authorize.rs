//! The authorization endpoint (OAuth 2.1 §3.1, §4.1; OpenID Connect Core §3.1.2).

use super::support::browser::Visit;
use super::support::client::{Ask, CHALLENGE};
use super::support::town::{FILES, MCP, agent, app, realm, town, web};
use super::support::world::World;
use serde_json::json;

/// What is wrong with a request whose client and redirect URI are right.
type Wrong = (&'static str, fn(Ask) -> Ask, &'static str, &'static str);

const WRONG: &[Wrong] = &[
    // [authorize.no-response-type], [authorize.unknown-response-type]
    (
        "no response type",
        |it| it.without("response_type"),
        "invalid_request",
        "Missing parameter: response_type",
    ),
    ("unknown response type", |it| it.with("response_type", "tokens"), "unsupported_response_type", ""),
    ("empty response type", |it| it.with("response_type", ""), "unsupported_response_type", ""),
    ("response type none", |it| it.with("response_type", "none"), "unsupported_response_type", ""),
    (
        "unknown mode",
        |it| it.with("response_mode", "jwt"),
        "invalid_request",
        "Invalid parameter: response_mode",
    ),
    ("unknown scope", |it| it.scope("openid nothing"), "invalid_scope", "Invalid scopes: openid nothing"),
    ("no scope in it", |it| it.scope(" "), "invalid_scope", "Invalid scopes:  "),
    (
        "unknown resource",
        |it| it.with("resource", "https://mcp.example"),
        "invalid_target",
        "The resource is not known to this realm",
    ),
    (
        "one unknown resource",
        |it| it.with("resource", MCP).and("resource", "x"),
        "invalid_target",
        "The resource is not known to this realm",
    ),
    ("max_age in words", |it| it.with("max_age", "soon"), "invalid_request", "Invalid parameter: max_age"),
    (
        "request object",
        |it| it.with("request", "eyJ"),
        "request_not_supported",
        "Request objects are not supported",
    ),
    (
        "request URI",
        |it| it.with("request_uri", "https://x"),
        "request_uri_not_supported",
        "Request URIs are not supported",
    ),
    ("repeated state", |it| it.and("state", "x"), "invalid_request", "duplicated parameter"),
    ("repeated unknown", |it| it.and("foo", "x").and("foo", "x"), "invalid_request", "duplicated parameter"),
    (
        "repeated redirect URI",
        |it| it.and("redirect_uri", "https://evil.example/"),
        "invalid_request",
        "duplicated parameter",
    ),
    // RFC 7636 §4.3, §4.4.1
    (
        "no PKCE",
        |it| it.without("code_challenge").without("code_challenge_method"),
        "invalid_request",
        "Missing parameter: code_challenge_method",
    ),
    (
        "no method",
        |it| it.without("code_challenge_method"),
        "invalid_request",
        "Missing parameter: code_challenge_method",
    ),
    (
        "no challenge",
        |it| it.without("code_challenge"),
        "invalid_request",
        "Missing parameter: code_challenge",
    ),
    (
        "plain",
        |it| it.with("code_challenge_method", "plain"),
        "invalid_request",
        "Invalid parameter: code_challenge_method",
    ),
    (
        "method in lower case",
        |it| it.with("code_challenge_method", "s256"),
        "invalid_request",
        "Invalid parameter: code_challenge_method",
    ),
    (
        "short challenge",
        |it| it.with("code_challenge", "abc"),
        "invalid_request",
        "Invalid parameter: code_challenge",
    ),
    (
        "empty challenge",
        |it| it.with("code_challenge", ""),
        "invalid_request",
        "Invalid parameter: code_challenge",
    ),
];

#[tokio::test]
async fn errors_go_to_a_proven_redirect_uri_with_state_and_iss() {
    let world = town().await;
    for (what, change, code, description) in WRONG {
        let ask = change(app(&world).asks());
        for visit in [ask.by(&world.browser()).await, ask.posted_by(&world.browser()).await] {
            let callback = visit.callback();
            assert_eq!(callback.to, "https://app.example/cb", "{what}");
            assert_eq!(callback.error(), (*code, *description), "{what}");
            assert_eq!(callback.field("state"), "the state", "{what}");
            assert_eq!(callback.field("iss"), world.issuer(), "{what}");
            assert_eq!(callback.find("code"), None, "{what}");
        }
    }
}

/// A request whose client or redirect URI is wrong, and what the page says.
type Unproven<'a> = (&'static str, &'a dyn Fn(Ask) -> Ask, &'static str);

/// OAuth 2.1 §4.1.2.1: the browser is not sent to an address that nobody vouches for.
#[tokio::test]
async fn before_the_redirect_uri_is_proven_errors_are_pages() {
    let world = town().await;
    let uri = |uri: &'static str| move |ask: Ask| ask.with("redirect_uri", uri);
    let cases: [Unproven<'_>; 12] = [
        // [authorize.no-client], [authorize.unknown-client], [authorize.no-redirect], [authorize.bad-redirect]
        ("no client", &|it| it.without("client_id"), "does not follow the standard"),
        ("unknown client", &|it| it.with("client_id", "nobody"), "does not know"),
        ("two clients", &|it| it.and("client_id", "web"), "more than once"),
        (
            "one client twice, after a doubled state",
            &|it| it.and("state", "x").and("client_id", "app"),
            "more than once",
        ),
        ("no redirect URI", &|it| it.without("redirect_uri"), "did not say where"),
        ("empty redirect URI", &uri(""), "has not registered"),
        ("foreign redirect URI", &uri("https://evil.example/cb"), "has not registered"),
        ("longer redirect URI", &uri("https://app.example/cb/x"), "has not registered"),
        ("redirect URI with a query", &uri("https://app.example/cb?x=1"), "has not registered"),
        ("redirect URI with a fragment", &uri("https://app.example/cb#f"), "has not registered"),
        ("host as a prefix", &uri("https://app.example.evil/cb"), "has not registered"),
        ("user information", &uri("https://app.example@evil.example/cb"), "has not registered"),
    ];
    for (what, change, words) in cases {
        let ask = change(app(&world).asks());
        for visit in [ask.by(&world.browser()).await, ask.posted_by(&world.browser()).await] {
            assert_eq!(visit.status(), 400, "{what}");
            assert!(visit.page().says(words), "{what}: {}", visit.page().words());
            assert_eq!(visit.answer.header("location"), "", "{what}");
        }
    }
}

#[tokio::test]
async fn a_client_that_may_not_ask_gets_a_page() {
    let mut realm = realm();
    let redirect = json!(["https://app.example/cb"]);
    for (id, more) in [
        ("off", json!({"enabled": false})),
        ("bearer", json!({"bearerOnly": true})),
        ("saml", json!({"protocol": "saml"})),
    ] {
        let mut client = json!({"clientId": id, "secret": "s", "redirectUris": redirect});
        client.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        realm.add_client(&client);
    }
    let world = World::with(realm).await;
    // [authorize.client.disabled], [authorize.client.bearer-only], [authorize.client.saml]
    for (id, status) in [("off", 400), ("bearer", 403), ("saml", 400)] {
        let visit = app(&world).asks().with("client_id", id).by(&world.browser()).await;
        assert_eq!(visit.status(), status, "{id}");
        assert!(visit.is_page(), "{id}");
    }
}

/// [authorize.client.par-required], [authorize.client.no-standard-flow]: and what cannot be done yet is not
/// left out.
#[tokio::test]
async fn a_client_that_asks_for_more_is_not_served_less() {
    for (attribute, value, code) in [
        ("require.pushed.authorization.requests", "true", "invalid_request"),
        ("request.object.required", "request or request_uri", "invalid_request"),
        ("request.object.required", "not required", ""),
    ] {
        let world = town().await;
        let set = |client: &mut sekisho_protocol::keycloak::ClientRepresentation| {
            client.attributes.get_or_insert_default().insert(attribute.to_owned(), value.to_owned());
        };
        world.change_client("app", set).await;
        let visit = app(&world).asks().by(&world.browser()).await;
        if code.is_empty() {
            assert!(visit.asks_to_sign_in(), "{attribute} {value}");
        } else {
            assert_eq!(visit.callback().error().0, code, "{attribute} {value}");
        }
    }
    let world = town().await;
    world.change_client("app", |client| client.standard_flow_enabled = Some(false)).await;
    let visit = app(&world).asks().by(&world.browser()).await;
    assert_eq!(visit.callback().error().0, "unauthorized_client");
}

/// PKCE is required of public clients, and of others whose setting says so (DESIGN §5.16).
#[tokio::test]
async fn pkce_is_required_where_it_must_be() {
    let mut realm = realm();
    realm.add_client(&json!({"clientId": "old", "secret": "s", "redirectUris": ["https://app.example/cb"]}));
    let world = World::with(realm).await;
    for (client_id, redirect_uri, required) in [
        ("app", "https://app.example/cb", true),
        ("web", "https://web.example/cb", true),
        ("old", "https://app.example/cb", false),
    ] {
        let ask = app(&world).asks().with("client_id", client_id).with("redirect_uri", redirect_uri);
        let visit = ask.without("code_challenge").without("code_challenge_method").by(&world.browser()).await;
        assert_eq!(visit.asks_to_sign_in(), !required, "{client_id}");
    }
}

/// OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode §2.
#[tokio::test]
async fn the_answer_comes_back_the_way_that_was_asked_for() {
    let world = town().await;
    let browser = world.browser();
    app(&world).sign_in(&browser).await;
    for (mode, mark) in [("", "?"), ("query", "?"), ("fragment", "#"), ("form_post", "")] {
        let ask = app(&world).asks();
        let ask = if mode.is_empty() { ask } else { ask.with("response_mode", mode) };
        let visit = ask.by(&browser).await;
        if mark.is_empty() {
            assert_eq!((visit.status(), visit.callback().to.as_str()), (200, "https://app.example/cb"));
            let policy = visit.answer.header("content-security-policy");
            assert!(policy.contains("form-action 'self' https://app.example;"), "{policy}");
        } else {
            let start = format!("https://app.example/cb{mark}code=");
            assert!(visit.location().starts_with(&start), "{mode}: {}", visit.location());
        }
        let callback = visit.callback();
        assert_eq!(callback.field("state"), "the state", "{mode}");
        assert_eq!(callback.field("iss"), world.issuer(), "{mode}");
        assert!(callback.find("session_state").is_some(), "{mode}");
        assert_eq!(app(&world).redeem(&callback).await.status(), 200, "{mode}");
    }
}

#[tokio::test]
async fn errors_come_back_the_way_that_was_asked_for() {
    let world = town().await;
    for (mode, response_type, mark) in [
        ("query", "tokens", "?error="),
        ("fragment", "tokens", "#error="),
        ("nonsense", "code", "?error="),
        ("", "token", "#error="),
    ] {
        let ask = app(&world).asks().with("response_type", response_type);
        let ask = if mode.is_empty() { ask } else { ask.with("response_mode", mode) };
        let location = ask.by(&world.browser()).await.location();
        assert!(location.starts_with(&format!("https://app.example/cb{mark}")), "{mode}: {location}");
    }
    let ask = app(&world).asks().with("response_mode", "form_post").scope("nothing");
    let callback = ask.by(&world.browser()).await.callback();
    assert_eq!((callback.to.as_str(), callback.error().0), ("https://app.example/cb", "invalid_scope"));
}

/// Attacks 31, 34: what is in the answer is ours, whatever stands in the request.
#[tokio::test]
async fn markup_in_a_request_stays_text() {
    let world = town().await;
    let browser = world.browser();
    let nasty = "\"><script>alert(1)</script>&code=x";
    let visit = app(&world).asks().with("state", nasty).with("login_hint", nasty).by(&browser).await;
    assert!(!visit.answer.text.contains("<script>alert"), "{}", visit.answer.text);
    assert_eq!(visit.form("username").value("username"), nasty);
    let visit = visit.sign_in("alice", "alice").await;
    assert_eq!(visit.callback().field("state"), nasty);
    let form = app(&world).asks().with("state", nasty).with("response_mode", "form_post").by(&browser).await;
    assert!(!form.answer.text.contains("<script>alert"), "{}", form.answer.text);
    assert_eq!(form.callback().field("state"), nasty);
    let page = app(&world).asks().with("redirect_uri", nasty).by(&browser).await;
    assert!(!page.answer.text.contains("<script>alert"), "{}", page.answer.text);
}

/// [authorize.state-none], [authorize.state-long]: one that is too long is dropped, as Keycloak does.
#[tokio::test]
async fn state_comes_back_as_it_was_sent() {
    let world = town().await;
    let browser = world.browser();
    app(&world).sign_in(&browser).await;
    for (state, back) in [("", Some("")), ("ü+ &=%", Some("ü+ &=%")), ("x", Some("x"))] {
        let callback = app(&world).asks().with("state", state).by(&browser).await.callback();
        assert_eq!(callback.find("state"), back, "{state:?}");
    }
    for ask in [app(&world).asks().without("state"), app(&world).asks().with("state", &"x".repeat(4001))] {
        assert_eq!(ask.by(&browser).await.callback().find("state"), None);
    }
}

/// OpenID Connect Core §3.1.2.1.
#[tokio::test]
async fn prompt_none_never_shows_a_page() {
    let world = town().await;
    let browser = world.browser();
    let silent = |ask: Ask| ask.with("prompt", "none");
    let error = |visit: Visit| visit.callback().error().0.to_owned();
    assert_eq!(error(silent(app(&world).asks()).by(&browser).await), "login_required");
    app(&world).sign_in(&browser).await;
    assert!(silent(app(&world).asks()).by(&browser).await.callback().find("code").is_some());
    assert_eq!(error(silent(agent(&world).asks()).by(&browser).await), "interaction_required");
    for (name, value) in [("prompt", "none login"), ("max_age", "0")] {
        world.wait(2).await;
        let visit = silent(app(&world).asks()).with(name, value).by(&browser).await;
        assert_eq!(error(visit), "login_required", "{name}={value}");
    }
    let visit = silent(app(&world).asks()).with("prompt", "none consent").by(&browser).await;
    assert_eq!(error(visit), "interaction_required");
}

#[tokio::test]
async fn a_session_signs_in_to_every_client_until_the_request_wants_more() {
    let world = town().await;
    let browser = world.browser();
    let first = app(&world).sign_in(&browser).await;
    world.wait(60).await;
    for (what, ask, asks) in [
        ("another client", web(&world).asks(), false),
        ("prompt=login", app(&world).asks().with("prompt", "login"), true),
        ("a small max_age", app(&world).asks().with("max_age", "30"), true),
        ("a large max_age", app(&world).asks().with("max_age", "90"), false),
        ("max_age=0", app(&world).asks().with("max_age", "0"), true),
        ("a negative max_age", app(&world).asks().with("max_age", "-1"), false),
        ("an unknown prompt", app(&world).asks().with("prompt", "select_account"), false),
    ] {
        assert_eq!(ask.by(&browser).await.asks_to_sign_in(), asks, "{what}");
    }
    let again = app(&world).asks().with("prompt", "login").by(&browser).await;
    let callback = again.sign_in("alice", "alice").await.callback();
    let second = app(&world).redeem(&callback).await.tokens();
    assert_eq!(second.claims()["sid"], first.claims()["sid"], "the same user keeps the session");
    let (before, after) = (&first.claims()["auth_time"], &second.claims()["auth_time"]);
    assert_eq!(after.as_i64(), before.as_i64().map(|at| at + 60), "and has proven it anew");
}

/// Whoever has signed in before the request came has not signed in because of it (attack 67).
#[tokio::test]
async fn prompt_login_is_not_satisfied_by_a_form_that_is_opened_again() {
    let world = town().await;
    let browser = world.browser();
    let ask = app(&world).asks().with("prompt", "login");
    assert!(ask.by(&browser).await.sign_in("alice", "alice").await.callback().find("code").is_some());
    world.wait(1).await;
    assert!(ask.by(&browser).await.asks_to_sign_in());
}

#[tokio::test]
async fn whoever_must_prove_it_anew_is_told_so() {
    let world = town().await;
    for (language, words) in [("en", "Sign in once more"), ("ja", "もう一度")] {
        let browser = world.browser().speaking(language);
        app(&world).sign_in(&browser).await;
        world.wait(1).await;
        let visit = app(&world).asks().with("prompt", "login").by(&browser).await;
        assert!(visit.page().says(words), "{}", visit.page().words());
        assert_eq!(visit.form("username").value("username"), "alice");
    }
}

#[tokio::test]
async fn login_hint_fills_in_the_name() {
    let world = town().await;
    let visit = app(&world).asks().with("login_hint", "bob").by(&world.browser()).await;
    assert_eq!(visit.form("username").value("username"), "bob");
}

/// OpenID Connect Core §3.1.2.1: the answer is never about another user than the hint.
#[tokio::test]
async fn a_hint_of_another_user_does_not_use_this_session() {
    let world = town().await;
    let of_alice = app(&world).sign_in(&world.browser()).await;
    let browser = world.browser();
    let bob = app(&world).asks().by(&browser).await.sign_in("bob", "bob").await;
    assert!(bob.callback().find("code").is_some());
    world.wait(4000).await;
    let bob = app(&world).asks().by(&browser).await.sign_in("bob", "bob").await;
    assert!(bob.callback().find("code").is_some());
    world.wait(1).await;
    let ask = app(&world).asks().with("id_token_hint", of_alice.id());
    let silent = ask.clone().with("prompt", "none").by(&browser).await;
    assert_eq!(silent.callback().error().0, "login_required");
    let page = ask.by(&browser).await;
    assert!(page.asks_to_sign_in());
    let other = page.sign_in("bob", "bob").await;
    assert_eq!(other.callback().error().0, "login_required", "bob again is not who is meant");
    world.wait(1).await;
    let right = ask.by(&browser).await.sign_in("alice", "alice").await;
    assert!(right.callback().find("code").is_some());
    // [authorize.id-token-hint-garbage]
    let garbage = app(&world).asks().with("id_token_hint", "garbage").by(&browser).await;
    assert!(garbage.callback().find("code").is_some());
}

#[tokio::test]
async fn pages_speak_the_language_that_is_asked_for() {
    let world = town().await;
    for (header, parameter, language) in [
        ("en", "", "en"),
        ("ja,en;q=0.5", "", "ja"),
        ("fr", "", "en"),
        ("en", "ui_locales=ja", "ja"),
        ("en", "ui_locales=fr ja", "ja"),
        ("ja", "kc_locale=en", "en"),
        ("ja", "ui_locales=xx", "ja"),
    ] {
        let ask = app(&world).asks();
        let ask = parameter.split_once('=').map_or(ask.clone(), |(name, value)| ask.with(name, value));
        let visit = ask.by(&world.browser().speaking(header)).await;
        assert_eq!(visit.page().language(), language, "{header} {parameter}");
        assert_eq!(visit.answer.header("content-language"), language, "{header} {parameter}");
    }
}

#[tokio::test]
async fn the_language_that_was_chosen_stays_and_can_be_changed() {
    let world = town().await;
    let browser = world.browser();
    let visit = app(&world).asks().by(&browser).await;
    let links = visit.page().language_links();
    let (_, japanese) =
        links.iter().find(|(language, _)| language == "ja").expect("a link to Japanese").clone();
    let visit = browser.open(&japanese).await;
    assert_eq!(visit.page().language(), "ja");
    assert_eq!(visit.sign_in("alice", "wrong").await.page().language(), "ja", "after the form too");
    assert_eq!(app(&world).asks().by(&browser).await.page().language(), "ja", "and at the next request");
}

/// RFC 8707 §2: several resources are the audience of the token, each named once.
#[tokio::test]
async fn resources_that_are_asked_for_are_the_audience() {
    let world = town().await;
    let browser = world.browser();
    app(&world).sign_in(&browser).await;
    for (asked, audience) in
        [(vec![MCP], json!(MCP)), (vec![MCP, FILES], json!([MCP, FILES])), (vec![MCP, MCP], json!(MCP))]
    {
        let ask = asked.iter().fold(app(&world).asks(), |ask, resource| ask.and("resource", resource));
        let callback = ask.by(&browser).await.callback();
        let tokens = app(&world).redeem(&callback).await.tokens();
        assert_eq!(tokens.claims()["aud"], audience, "{asked:?}");
    }
}

#[tokio::test]
async fn a_loopback_redirect_has_any_port() {
    let world = town().await;
    let browser = world.browser();
    for (uri, accepted) in [
        ("http://localhost:1/callback", true),
        ("http://localhost/callback", true),
        ("http://127.0.0.1:1/callback", false),
        ("https://localhost:1/callback", false),
        ("http://localhost:1/callback/x", false),
        ("http://localhost.evil.example:1/callback", false),
    ] {
        let visit = agent(&world).asks().with("redirect_uri", uri).by(&browser).await;
        assert_eq!(visit.asks_to_sign_in(), accepted, "{uri}");
    }
}

/// What a client sent is carried through the pages, sealed: nothing in the form can change it (attack 36).
#[tokio::test]
async fn a_request_cannot_be_changed_between_its_pages() {
    let world = town().await;
    let browser = world.browser();
    let visit = app(&world).asks().by(&browser).await;
    let back = visit.submit("password", |fields| {
        for (name, value) in [
            ("username", "alice"),
            ("password", "alice"),
            ("redirect_uri", "https://evil.example/"),
            ("response_type", "token"),
            ("client_id", "web"),
            ("state", "evil"),
            ("scope", "openid offline_access"),
        ] {
            fields.retain(|(known, _)| known != name);
            fields.push((name.to_owned(), value.to_owned()));
        }
    });
    let callback = back.await.callback();
    assert_eq!(callback.to, "https://app.example/cb");
    assert_eq!(callback.field("state"), "the state");
    assert_eq!(app(&world).redeem(&callback).await.tokens().scope(), "openid email profile");
}

#[tokio::test]
async fn nonce_and_challenge_travel_with_the_code() {
    let world = town().await;
    let browser = world.browser();
    let ask = app(&world).asks().with("nonce", "n-0S6_WzA2Mj").with("code_challenge", CHALLENGE);
    let callback = ask.by(&browser).await.sign_in("alice", "alice").await.callback();
    let tokens = app(&world).redeem(&callback).await.tokens();
    assert_eq!(super::support::answer::claims(tokens.id())["nonce"], json!("n-0S6_WzA2Mj"));
}
