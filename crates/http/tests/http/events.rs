//! What is recorded of each success and each refusal, and what never is (DESIGN §5.8, STYLE §13, §14).

use sekisho_store::engine::Statement;
use serde_json::json;

use super::support::browser::Browser;
use super::support::client::{VERIFIER, basic};
use super::support::town::{agent, app, realm, script, service, web};
use super::support::world::{World, fresh};
use sekisho_testkit::log;

/// A realm that stores every kind of event.
async fn watched() -> World {
    let mut realm = realm();
    realm.config.events_enabled = Some(true);
    let kinds = [
        "LOGIN",
        "LOGOUT",
        "CODE_TO_TOKEN",
        "CLIENT_LOGIN",
        "REFRESH_TOKEN",
        "INTROSPECT_TOKEN",
        "USER_INFO_REQUEST",
        "GRANT_CONSENT",
        "REVOKE_GRANT",
    ];
    let all = kinds.iter().flat_map(|kind| [(*kind).to_owned(), format!("{kind}_ERROR")]);
    realm.config.enabled_event_types = Some(all.collect());
    World::with(realm).await
}

/// The events stored since the last look: kind, error, client.
async fn stored(world: &World, seen: &mut usize) -> Vec<(String, String, String)> {
    world.store.flush_events(fresh()).await.expect("a store");
    let statement = Statement::new("SELECT kind, error, client_id FROM event ORDER BY at, id", Vec::new());
    let rows = world.store.engine().read(statement).await.expect("rows");
    let text = |row: &sekisho_store::engine::Row, at| row.text(at).unwrap_or_default().to_owned();
    let events: Vec<_> = rows.iter().map(|row| (text(row, 0), text(row, 1), text(row, 2))).collect();
    let new = events[*seen..].to_vec();
    *seen = events.len();
    new
}

/// Everything that a user, a browser and clients do, once.
async fn live(world: &World, browser: &Browser) -> Vec<String> {
    let page = agent(world).asks().scope("openid hello").by(browser).await.sign_in("alice", "alice").await;
    let callback = page.agree(&["hello"]).await.callback();
    let tokens = agent(world).redeem(&callback).await.tokens();
    let refreshed = agent(world).refresh(tokens.refresh()).await.tokens();
    agent(world).userinfo(refreshed.access()).await;
    web(world).introspect(refreshed.access(), "").await;
    agent(world).revoke(refreshed.refresh()).await;
    service(world).token(&[("grant_type", "client_credentials")]).await.tokens();
    let cookie = browser.cookie("KEYCLOAK_IDENTITY").expect("a session");
    let binding = browser.cookie("AUTH_SESSION_ID").expect("a browser");
    browser.open(&world.endpoint("/logout")).await.confirm().await;
    let mut secrets = vec![callback.code().to_owned(), cookie, binding, VERIFIER.to_owned()];
    for tokens in [&tokens, &refreshed] {
        secrets.extend([tokens.access(), tokens.refresh(), tokens.id()].map(str::to_owned));
    }
    secrets
}

/// Keycloak's kinds and words.
#[tokio::test]
async fn every_success_is_recorded() {
    let world = watched().await;
    let mut seen = 0;
    live(&world, &world.browser()).await;
    let events: Vec<String> = stored(&world, &mut seen).await.into_iter().map(|(kind, ..)| kind).collect();
    for kind in [
        "LOGIN",
        "GRANT_CONSENT",
        "CODE_TO_TOKEN",
        "REFRESH_TOKEN",
        "USER_INFO_REQUEST",
        "INTROSPECT_TOKEN",
        "REVOKE_GRANT",
        "CLIENT_LOGIN",
        "LOGOUT",
    ] {
        assert!(events.iter().any(|event| event == kind), "{kind}: {events:?}");
    }
    assert!(events.iter().all(|kind| !kind.ends_with("_ERROR")), "{events:?}");
}

#[tokio::test]
async fn every_refusal_is_recorded_with_its_cause() {
    let world = watched().await;
    let (mut seen, browser) = (0, world.browser());
    let mut expect = async |what: &str, kind: &str, error: &str, client: &str| {
        let events = stored(&world, &mut seen).await;
        let wanted = (kind.to_owned(), error.to_owned(), client.to_owned());
        assert!(events.contains(&wanted), "{what}: {events:?}");
        world.wait(1).await;
    };
    let page = app(&world).asks().by(&browser).await;
    page.sign_in("alice", "wrong").await;
    expect("a wrong password", "LOGIN_ERROR", "invalid_user_credentials", "app").await;
    page.sign_in("nobody", "wrong").await;
    expect("an unknown name", "LOGIN_ERROR", "invalid_user_credentials", "app").await;
    app(&world).asks().with("redirect_uri", "https://evil.example/").by(&browser).await;
    expect("a foreign redirect URI", "LOGIN_ERROR", "invalid_redirect_uri", "app").await;
    app(&world).asks().with("client_id", "nobody").by(&browser).await;
    expect("an unknown client", "LOGIN_ERROR", "client_not_found", "").await;
    app(&world).asks().with("prompt", "none").by(&browser).await;
    expect("nobody signed in", "LOGIN_ERROR", "login_required", "app").await;
    app(&world).redeem_with("garbage", &[]).await;
    expect("a code of nobody", "CODE_TO_TOKEN_ERROR", "invalid_code", "app").await;
    app(&world).refresh("garbage").await;
    expect("a forged refresh token", "REFRESH_TOKEN_ERROR", "invalid_token", "app").await;
    web(&world).token(&[("grant_type", "client_credentials")]).await;
    expect("no service account", "CLIENT_LOGIN_ERROR", "not_allowed", "web").await;
    let wrong = basic("service", "x");
    let form = [("grant_type", "client_credentials")];
    world.post_with(&world.endpoint("/token"), &[("authorization", &wrong)], &form).await;
    expect("a wrong secret", "CLIENT_LOGIN_ERROR", "invalid_client_credentials", "service").await;
    script(&world).token(&[("grant_type", "password"), ("username", "alice"), ("password", "x")]).await;
    expect("a wrong password", "LOGIN_ERROR", "invalid_user_credentials", "script").await;
    app(&world).userinfo("garbage").await;
    expect("no token", "USER_INFO_REQUEST_ERROR", "invalid_token", "").await;
    browser.open(&format!("{}?id_token_hint=garbage", world.endpoint("/logout"))).await;
    expect("a garbled hint", "LOGOUT_ERROR", "invalid_token", "").await;
}

/// Replays are what an operator must see.
#[tokio::test]
async fn a_replay_is_recorded_as_one() {
    let world = watched().await;
    let mut seen = 0;
    let callback = app(&world).asks().by(&world.browser()).await.sign_in("alice", "alice").await.callback();
    let tokens = app(&world).redeem(&callback).await.tokens();
    app(&world).redeem(&callback).await;
    let refreshed = app(&world).sign_in(&world.browser()).await;
    app(&world).refresh(refreshed.refresh()).await;
    world.wait(10).await;
    app(&world).refresh(refreshed.refresh()).await;
    app(&world).refresh(tokens.refresh()).await;
    let events = stored(&world, &mut seen).await;
    let mut errors: Vec<&str> =
        events.iter().map(|(_, error, _)| error.as_str()).filter(|it| !it.is_empty()).collect();
    errors.sort_unstable();
    assert_eq!(errors, ["invalid_code", "invalid_token", "user_session_not_found"]);
}

#[tokio::test]
async fn nothing_is_stored_where_the_realm_does_not_want_it() {
    let world = World::with(realm()).await;
    live(&world, &world.browser()).await;
    assert_eq!(stored(&world, &mut 0).await, []);
}

/// The log holds no token, no code, no cookie, no password and no secret, however much of it is written.
#[tokio::test]
async fn secrets_are_neither_logged_nor_stored() {
    let world = watched().await;
    log::listen();
    let browser = world.browser();
    let mut secrets = live(&world, &browser).await;
    let page = app(&world).asks().by(&browser).await;
    page.sign_in("alice", "a password that is wrong").await;
    page.sign_in("a password typed as a name", "x").await;
    app(&world).redeem_with("a-code-that-is-wrong", &[]).await;
    world.get(&format!("{}?access_token=a-token-in-the-address", world.endpoint("/userinfo"))).await;
    let log = log::heard();
    assert!(log.contains("CODE_TO_TOKEN") && log.contains("error.cause"), "the log is written: {log}");
    let text = [
        "a password that is wrong",
        "a password typed as a name",
        "a-code-that-is-wrong",
        "a-token-in-the-address",
        "service secret",
        "web secret",
    ];
    secrets.extend(text.map(str::to_owned));
    let rows = Statement::new("SELECT details FROM event", Vec::new());
    let rows = world.store.engine().read(rows).await.expect("rows");
    let details: String = rows.iter().filter_map(|row| row.text(0)).collect();
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} is in the log");
        assert!(!details.contains(&secret), "{secret} is stored");
    }
}

/// A page shows a reference that finds the event.
#[tokio::test]
async fn an_error_page_names_its_event() {
    let world = watched().await;
    let visit = app(&world).asks().with("redirect_uri", "https://evil.example/").by(&world.browser()).await;
    world.store.flush_events(fresh()).await.expect("a store");
    let rows =
        world.store.engine().read(Statement::new("SELECT id FROM event", Vec::new())).await.expect("rows");
    let id = rows[0].id(0).expect("an id").simple().to_string().to_uppercase();
    assert!(visit.page().says(&id[20..]), "{id}: {}", visit.page().words());
    assert_eq!(json!(rows.len()), json!(1));
}
