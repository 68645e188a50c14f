//! Logout (OpenID Connect RP-Initiated Logout 1.0), and Keycloak's logout by refresh token.

use super::support::answer::Tokens;
use super::support::browser::{Browser, Visit};
use super::support::town::{agent, app, realm, town, web};
use super::support::world::{World, encoded};

const OUT: &str = "https://app.example/out";

async fn ask(world: &World, browser: &Browser, query: &[(&str, &str)]) -> Visit {
    browser.open(&format!("{}?{}", world.endpoint("/logout"), encoded(query))).await
}

async fn signed_in() -> (World, Browser, Tokens) {
    let world = town().await;
    let browser = world.browser();
    let tokens = app(&world).sign_in(&browser).await;
    (world, browser, tokens)
}

async fn is_signed_in(world: &World, browser: &Browser) -> bool {
    app(world).asks().by(browser).await.status() == 302
}

/// [logout.browser.*]: what the client proves decides whether a question is asked, and where it ends.
#[tokio::test]
async fn what_is_proven_decides_how_a_logout_goes() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], bool, &'static str);
    const CASES: &[Case] = &[
        ("a hint", &[], true, ""),
        ("a hint and a way back", &[("post_logout_redirect_uri", OUT)], true, OUT),
        (
            "with state",
            &[("post_logout_redirect_uri", OUT), ("state", "a b&c")],
            true,
            "https://app.example/out?state=a+b%26c",
        ),
        ("the client as well", &[("post_logout_redirect_uri", OUT), ("client_id", "app")], true, OUT),
        ("state alone", &[("state", "x")], true, ""),
    ];
    for (what, more, hinted, location) in CASES {
        for posts in [false, true] {
            let (world, browser, tokens) = signed_in().await;
            let mut query = more.to_vec();
            if *hinted {
                query.push(("id_token_hint", tokens.id()));
            }
            let visit = if posts {
                browser.post(&world.endpoint("/logout"), &query).await
            } else {
                ask(&world, &browser, &query).await
            };
            if location.is_empty() {
                assert!(visit.page().says("You are signed out of"), "{what}: {}", visit.page().words());
            } else {
                assert_eq!(visit.location(), *location, "{what}");
            }
            assert_eq!(browser.cookie("KEYCLOAK_IDENTITY"), None, "{what}");
            assert!(!is_signed_in(&world, &browser).await, "{what}");
            assert_eq!(app(&world).userinfo(tokens.access()).await.status(), 401, "{what}");
            assert_eq!(app(&world).refresh(tokens.refresh()).await.status(), 400, "{what}");
        }
    }
}

/// CSRF: a link alone signs nobody out.
#[tokio::test]
async fn without_a_hint_the_user_is_asked() {
    for query in [
        vec![],
        vec![("client_id", "app")],
        vec![("client_id", "app"), ("post_logout_redirect_uri", OUT), ("state", "x")],
    ] {
        let (world, browser, _) = signed_in().await;
        let page = ask(&world, &browser, &query).await;
        assert!(page.page().says("alice"), "{query:?}");
        assert!(is_signed_in(&world, &browser).await, "{query:?}: not yet");
        let done = page.confirm().await;
        if query.len() == 3 {
            assert_eq!(done.location(), format!("{OUT}?state=x"));
        } else {
            assert!(done.page().says("You are signed out of"), "{query:?}");
        }
        assert!(!is_signed_in(&world, &browser).await, "{query:?}");
    }
}

/// RP-Initiated Logout §3, attack 35.
#[tokio::test]
async fn a_way_back_that_is_not_registered_is_refused() {
    let (world, browser, tokens) = signed_in().await;
    for uri in [
        "https://app.example/cb",
        "https://app.example/out/",
        "https://app.example/out?x",
        "https://app.example/out.evil",
        "https://app.example.evil/out",
        "https://app.example@evil.example/out",
        "javascript:alert(1)",
        "/out",
    ] {
        for proof in [("id_token_hint", tokens.id()), ("client_id", "app")] {
            let visit = ask(&world, &browser, &[proof, ("post_logout_redirect_uri", uri)]).await;
            assert_eq!(visit.status(), 400, "{uri}");
            assert!(visit.page().says("You have not been signed out."), "{uri}: {}", visit.page().words());
        }
    }
    // [logout.browser.uri-no-hint]
    let visit = ask(&world, &browser, &[("post_logout_redirect_uri", OUT)]).await;
    assert_eq!(visit.status(), 400, "nobody says whose address it is");
    assert!(is_signed_in(&world, &browser).await);
}

#[tokio::test]
async fn a_hint_that_proves_nothing_is_refused() {
    let (world, browser, tokens) = signed_in().await;
    let (head, _) = tokens.id().rsplit_once('.').expect("a token");
    let unsigned = format!("{head}.");
    for (what, query) in [
        ("garbage", vec![("id_token_hint", "garbage")]),
        ("an access token", vec![("id_token_hint", tokens.access())]),
        ("a refresh token", vec![("id_token_hint", tokens.refresh())]),
        ("unsigned", vec![("id_token_hint", &*unsigned)]),
        ("of another client", vec![("id_token_hint", tokens.id()), ("client_id", "web")]),
    ] {
        let visit = ask(&world, &browser, &query).await;
        assert_eq!(visit.status(), 400, "{what}");
        assert!(is_signed_in(&world, &browser).await, "{what}");
    }
}

/// RP-Initiated Logout §2: a hint is good long past its life.
#[tokio::test]
async fn an_old_hint_still_says_who() {
    let (world, browser, tokens) = signed_in().await;
    for _ in 0..3 {
        world.wait(1000).await;
        app(&world).asks().by(&browser).await;
    }
    let visit =
        ask(&world, &browser, &[("id_token_hint", tokens.id()), ("post_logout_redirect_uri", OUT)]).await;
    assert_eq!(visit.location(), OUT);
    assert!(!is_signed_in(&world, &browser).await);
}

#[tokio::test]
async fn a_hint_of_another_session_asks_first() {
    let (world, _, of_another) = signed_in().await;
    let browser = world.browser();
    app(&world).asks().by(&browser).await.sign_in("bob", "bob").await;
    let visit = ask(&world, &browser, &[("id_token_hint", of_another.id())]).await;
    assert!(visit.page().find_form("confirmLogout").is_some());
    assert!(is_signed_in(&world, &browser).await);
}

/// [logout.no-session.*]
#[tokio::test]
async fn without_a_session_a_logout_leads_back_all_the_same() {
    let (world, _, tokens) = signed_in().await;
    let browser = world.browser();
    for query in [
        vec![("id_token_hint", tokens.id()), ("post_logout_redirect_uri", OUT)],
        vec![("client_id", "app"), ("post_logout_redirect_uri", OUT)],
    ] {
        assert_eq!(ask(&world, &browser, &query).await.location(), OUT);
    }
    let page = ask(&world, &browser, &[]).await.confirm().await;
    assert!(page.page().says("You are signed out of"));
}

/// The question belongs to the session that it was asked in.
#[tokio::test]
async fn a_confirmation_of_another_browser_ends_nothing() {
    let (world, browser, _) = signed_in().await;
    let theirs = world.browser();
    app(&world).asks().by(&theirs).await.sign_in("bob", "bob").await;
    let form = ask(&world, &theirs, &[]).await.form("confirmLogout");
    let stranger = ask(&world, &world.browser(), &[]).await.form("confirmLogout");
    for form in [form, stranger] {
        let visit = browser.post(&form.action, &form.untouched()).await;
        assert_eq!(visit.status(), 400);
        assert!(is_signed_in(&world, &browser).await);
        let on = browser.open(&visit.page().link("loginRestartLink")).await;
        assert!(on.page().find_form("confirmLogout").is_some(), "the way on asks anew");
    }
    for fields in [vec![], vec![("session_code", "garbage"), ("confirmLogout", "")]] {
        let visit = browser.post(&world.endpoint("/logout/logout-confirm"), &fields).await;
        assert_eq!(visit.status(), 400, "{fields:?}");
    }
    assert!(is_signed_in(&world, &browser).await);
}

#[tokio::test]
async fn a_confirmation_waits_five_minutes() {
    for (seconds, over) in [(299, false), (300, true)] {
        let (world, browser, _) = signed_in().await;
        let page = ask(&world, &browser, &[]).await;
        world.wait(seconds).await;
        assert_eq!(page.confirm().await.status() == 400, over, "after {seconds} seconds");
        assert_eq!(is_signed_in(&world, &browser).await, over, "after {seconds} seconds");
    }
}

/// The form may lead to where the logout ends, and nowhere else (DESIGN §5.18).
#[tokio::test]
async fn the_confirmation_may_lead_to_where_the_logout_ends() {
    let (world, browser, _) = signed_in().await;
    for (query, sources) in [
        (
            vec![("client_id", "app"), ("post_logout_redirect_uri", OUT)],
            "form-action 'self' https://app.example;",
        ),
        (vec![], "form-action 'self';"),
    ] {
        let page = ask(&world, &browser, &query).await;
        let policy = page.answer.header("content-security-policy");
        assert!(policy.contains(sources), "{policy}");
    }
}

#[tokio::test]
async fn a_logout_page_speaks_the_language_that_is_asked_for() {
    let (world, browser, _) = signed_in().await;
    let page = ask(&world, &browser, &[("ui_locales", "ja")]).await;
    assert_eq!(page.page().language(), "ja");
    assert_eq!(page.confirm().await.page().language(), "ja");
}

/// [logout.post.right] and its neighbours.
#[tokio::test]
async fn a_refresh_token_ends_the_session_behind_it() {
    let world = town().await;
    let browser = world.browser();
    let tokens = web(&world).sign_in(&browser).await;
    let form = |token| [("refresh_token", token)];
    for (client, token, status, code) in [
        (app(&world), tokens.refresh(), 400, "invalid_grant"),
        (web(&world), "garbage", 400, "invalid_grant"),
        (web(&world), tokens.access(), 400, "invalid_grant"),
    ] {
        let answer = client.post("/logout", &form(token)).await.error();
        assert_eq!((answer.0, &*answer.1), (status, code), "{} {token}", client.id);
    }
    assert!(is_signed_in(&world, &browser).await);
    let wrong = world
        .post(&world.endpoint("/logout"), &[("refresh_token", tokens.refresh()), ("client_id", "web")])
        .await;
    assert_eq!(wrong.status(), 401);
    let answer = web(&world).post("/logout", &form(tokens.refresh())).await;
    assert_eq!((answer.status(), answer.text.as_str()), (204, ""));
    assert!(!is_signed_in(&world, &browser).await);
    assert_eq!(web(&world).refresh(tokens.refresh()).await.status(), 400);
}

#[tokio::test]
async fn an_offline_token_ends_itself() {
    let world = town().await;
    let browser = world.browser();
    let page = agent(&world)
        .asks()
        .scope("openid offline_access")
        .by(&browser)
        .await
        .sign_in("alice", "alice")
        .await;
    let tokens = agent(&world).redeem(&page.agree(&["offline_access"]).await.callback()).await.tokens();
    assert_eq!(agent(&world).post("/logout", &[("refresh_token", tokens.refresh())]).await.status(), 204);
    assert_eq!(agent(&world).refresh(tokens.refresh()).await.status(), 400);
    assert!(is_signed_in(&world, &browser).await, "the session is not its own");
}

/// Keycloak's setting, also where it names private schemes.
#[tokio::test]
async fn an_app_may_be_opened_after_the_logout() {
    let mut realm = realm();
    realm.add_client(&serde_json::json!({
        "clientId": "native", "publicClient": true, "redirectUris": ["com.example.app:/cb"],
        "attributes": {"post.logout.redirect.uris": "+"},
    }));
    let world = World::with(realm).await;
    let browser = world.browser();
    app(&world).sign_in(&browser).await;
    let query = [("client_id", "native"), ("post_logout_redirect_uri", "com.example.app:/cb")];
    let page = ask(&world, &browser, &query).await;
    let policy = page.answer.header("content-security-policy").to_owned();
    assert!(policy.contains("form-action 'self' com.example.app:;"), "{policy}");
    assert_eq!(page.confirm().await.location(), "com.example.app:/cb");
}
