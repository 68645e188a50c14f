//! Signing in: what is told and what is not, lock-out, cookies, forms that come back late or from elsewhere.

use serde_json::json;

use super::support::browser::Visit;
use super::support::client::Client;
use super::support::town::{agent, app, realm, script, town};
use super::support::world::World;

/// The page without what is new each time: the sealed field and the name that was typed.
fn scrubbed(visit: &Visit, name: &str) -> String {
    let code = visit.form("session_code").value("session_code").to_owned();
    visit.answer.text.replace(&code, "<sealed>").replace(name, "<name>")
}

/// A realm that pauses a name after three failures.
async fn guarded() -> World {
    let mut realm = realm();
    realm.config.brute_force_protected = Some(true);
    realm.config.failure_factor = Some(3);
    realm.config.wait_increment_seconds = Some(60);
    World::with(realm).await
}

async fn fail(client: &Client, name: &str, times: usize, peer: &str) {
    let browser = client.world.browser().at(peer);
    for _ in 0..times {
        client.world.wait(2).await;
        client.asks().by(&browser).await.sign_in(name, "wrong").await;
    }
}

/// DESIGN §5.14, attack 77: nothing tells which names there are.
#[tokio::test]
async fn unknown_name_and_wrong_password_answer_the_same_bytes() {
    let world = town().await;
    let mut pages = Vec::new();
    for name in ["alice", "nobody"] {
        let browser = world.browser();
        let visit = app(&world).asks().by(&browser).await.sign_in(name, "wrong").await;
        assert_eq!(visit.status(), 200);
        assert!(visit.page().says("That name and password do not match."));
        assert_eq!(visit.answer.all("set-cookie").len(), 0);
        let mut headers = visit.answer.headers.clone();
        headers.remove("content-length");
        pages.push((scrubbed(&visit, name), headers));
    }
    assert_eq!(pages[0], pages[1]);
    let answers = [
        script(&world).token(&[("grant_type", "password"), ("username", "alice"), ("password", "x")]).await,
        script(&world).token(&[("grant_type", "password"), ("username", "nobody"), ("password", "x")]).await,
    ];
    assert_eq!(answers[0].text, answers[1].text);
    assert_eq!(answers[0].status(), answers[1].status());
}

#[tokio::test]
async fn only_whoever_knows_the_password_learns_of_the_account() {
    let world = town().await;
    world.change_user("alice", |user| user.enabled = Some(false)).await;
    world.change_user("bob", |user| user.required_actions = Some(vec!["UPDATE_PASSWORD".to_owned()])).await;
    for name in ["alice", "bob"] {
        let browser = world.browser();
        let wrong = app(&world).asks().by(&browser).await.sign_in(name, "wrong").await;
        assert!(wrong.page().says("That name and password do not match."), "{name}");
        let right = wrong.sign_in(name, name).await;
        assert!(right.page().says("this account cannot sign in"), "{name}");
        assert_eq!(browser.cookie("KEYCLOAK_IDENTITY"), None, "{name}");
    }
}

#[tokio::test]
async fn names_and_addresses_sign_in_in_any_case() {
    let world = town().await;
    for (name, signs_in) in [
        ("alice", true),
        ("ALICE", true),
        (" alice ", true),
        ("alice@example.org", true),
        ("Alice@Example.ORG", true),
        ("service-account-service", false),
        ("", false),
    ] {
        let visit = app(&world).asks().by(&world.browser()).await.sign_in(name, "alice").await;
        assert_eq!(visit.status() == 302, signs_in, "{name:?}");
    }
    world.change_realm(|realm| realm.login_with_email_allowed = Some(false)).await;
    let visit = app(&world).asks().by(&world.browser()).await.sign_in("alice@example.org", "alice").await;
    assert!(visit.asks_to_sign_in());
}

#[tokio::test]
async fn a_field_that_is_missing_is_named_and_counts_for_nothing() {
    let world = guarded().await;
    let browser = world.browser();
    for (name, password) in [("alice", ""), ("", "alice"), ("", ""), (" ", "alice")].repeat(3) {
        let visit = app(&world).asks().by(&browser).await.sign_in(name, password).await;
        assert!(visit.page().says("Both fields are needed."), "{name:?} {password:?}");
        assert_eq!(visit.form("username").value("username"), name);
    }
    let visit = app(&world).asks().by(&browser).await.sign_in("alice", "alice").await;
    assert!(visit.callback().find("code").is_some());
}

/// Known or not, a name is paused, and the right password does not help [brute-force].
#[tokio::test]
async fn too_many_failures_pause_a_name_known_or_not() {
    let world = guarded().await;
    let client = app(&world);
    let mut pages = Vec::new();
    for name in ["alice", "nobody"] {
        fail(&client, name, 3, "127.0.0.1").await;
        world.wait(2).await;
        let visit = client.asks().by(&world.browser()).await.sign_in(name, name).await;
        assert_eq!(visit.status(), 200, "{name}");
        assert!(visit.page().says("Sign-in with this name is paused"), "{name}");
        pages.push(scrubbed(&visit, name));
        world.wait(3600).await;
    }
    let times = |page: &str| page.replace(|it: char| it.is_ascii_digit(), "0");
    assert_eq!(times(&pages[0]), times(&pages[1]));
}

#[tokio::test]
async fn a_pause_ends_by_itself() {
    let world = guarded().await;
    let client = app(&world);
    fail(&client, "alice", 3, "127.0.0.1").await;
    for (seconds, paused) in [(1, true), (58, true), (3, false)] {
        world.wait(seconds).await;
        let visit = client.asks().by(&world.browser()).await.sign_in("alice", "alice").await;
        assert_eq!(visit.status() == 200, paused, "after {seconds} more seconds");
    }
}

#[tokio::test]
async fn a_pause_is_of_one_name_and_of_every_way_in() {
    let world = guarded().await;
    fail(&app(&world), "alice", 3, "127.0.0.1").await;
    world.wait(2).await;
    let form = [("grant_type", "password"), ("username", "alice"), ("password", "alice")];
    let (status, code, description) = script(&world).token(&form).await.error();
    assert_eq!((status, &*code, &*description), (400, "invalid_grant", "Invalid user credentials"));
    // The name behind an address is the same account.
    let visit = app(&world).asks().by(&world.browser()).await.sign_in("alice@example.org", "alice").await;
    assert!(visit.asks_to_sign_in());
    let bob = app(&world).asks().by(&world.browser()).await.sign_in("bob", "bob").await;
    assert!(bob.callback().find("code").is_some());
}

#[tokio::test]
async fn a_success_starts_the_count_anew() {
    let world = guarded().await;
    for _ in 0..3 {
        fail(&app(&world), "alice", 2, "127.0.0.1").await;
        world.wait(2).await;
        let visit = app(&world).asks().by(&world.browser()).await.sign_in("alice", "alice").await;
        assert!(visit.callback().find("code").is_some());
    }
}

/// One address that tries many names is paused too, at ten times the failures of one name.
#[tokio::test]
async fn too_many_failures_pause_an_address() {
    let mut realm = realm();
    realm.config.brute_force_protected = Some(true);
    realm.config.failure_factor = Some(1);
    realm.config.ssl_required = Some("none".to_owned());
    let world = World::with(realm).await;
    let client = app(&world);
    for n in 0..10 {
        fail(&client, &format!("somebody{n}"), 1, "203.0.113.9").await;
    }
    world.wait(2).await;
    for (peer, paused) in [("203.0.113.9", true), ("203.0.113.10", false)] {
        let browser = world.browser().at(peer);
        let visit = client.asks().by(&browser).await.sign_in("alice", "alice").await;
        assert_eq!(visit.status() == 200, paused, "{peer}");
    }
}

#[tokio::test]
async fn without_brute_force_detection_nothing_is_counted() {
    let world = town().await;
    fail(&app(&world), "alice", 40, "127.0.0.1").await;
    let visit = app(&world).asks().by(&world.browser()).await.sign_in("alice", "alice").await;
    assert!(visit.callback().find("code").is_some());
}

/// Session fixation: no cookie from before the sign-in opens what comes after it (attacks 17, 18).
#[tokio::test]
async fn a_sign_in_makes_a_new_cookie() {
    let world = town().await;
    let browser = world.browser();
    browser.set_cookie("KEYCLOAK_IDENTITY", "planted");
    app(&world).sign_in(&browser).await;
    let first = browser.cookie("KEYCLOAK_IDENTITY").expect("a session");
    assert_ne!(first, "planted");
    world.wait(1).await;
    let again = app(&world).asks().with("prompt", "login").by(&browser).await;
    again.sign_in("alice", "alice").await;
    let second = browser.cookie("KEYCLOAK_IDENTITY").expect("a session");
    assert_ne!(first, second);
    let thief = world.browser();
    thief.set_cookie("KEYCLOAK_IDENTITY", &first);
    assert!(app(&world).asks().by(&thief).await.asks_to_sign_in(), "the old cookie opens nothing");
    let sid = app(&world).sign_in(&browser).await.claims()["sid"].as_str().expect("a session").to_owned();
    thief.set_cookie("KEYCLOAK_IDENTITY", &sid);
    assert!(app(&world).asks().by(&thief).await.asks_to_sign_in(), "nor does the public id");
}

#[tokio::test]
async fn another_user_ends_the_session_before() {
    let world = town().await;
    let browser = world.browser();
    let of_alice = app(&world).sign_in(&browser).await;
    world.wait(1).await;
    let visit = app(&world).asks().with("prompt", "login").by(&browser).await.sign_in("bob", "bob").await;
    let of_bob = app(&world).redeem(&visit.callback()).await.tokens();
    assert_ne!(of_alice.claims()["sid"], of_bob.claims()["sid"]);
    assert_eq!(app(&world).userinfo(of_alice.access()).await.status(), 401);
    assert_eq!(app(&world).refresh(of_alice.refresh()).await.status(), 400);
    assert_eq!(app(&world).userinfo(of_bob.access()).await.json()["preferred_username"], json!("bob"));
}

/// A form belongs to the browser that it was shown to; the way on is the same request from its start.
#[tokio::test]
async fn a_form_of_another_browser_is_over() {
    let world = town().await;
    let theirs = app(&world).asks().by(&world.browser()).await;
    let form = theirs.form("password");
    for ours in [world.browser(), {
        let other = world.browser();
        app(&world).asks().by(&other).await;
        other
    }] {
        let mut fields = form.untouched();
        fields.retain(|(name, _)| name != "username" && name != "password");
        fields.extend(
            [("username", "alice"), ("password", "alice")].map(|(n, v)| (n.to_owned(), v.to_owned())),
        );
        let visit = ours.post(&form.action, &fields).await;
        assert_eq!(visit.status(), 400);
        assert_eq!(ours.cookie("KEYCLOAK_IDENTITY"), None);
        for link in ["loginContinueLink", "loginRestartLink"] {
            let on = ours.open(&visit.page().link(link)).await;
            let callback = on.sign_in("alice", "alice").await.callback();
            assert_eq!(callback.field("state"), "the state", "{link}");
            ours.post(&world.endpoint("/logout"), &[("x", "y")]).await.confirm().await;
        }
    }
}

#[tokio::test]
async fn a_form_that_waited_too_long_is_over() {
    let world = town().await;
    for (seconds, over) in [(1799, false), (1800, true)] {
        let browser = world.browser();
        let visit = app(&world).asks().by(&browser).await;
        world.wait(seconds).await;
        let visit = visit.sign_in("alice", "alice").await;
        assert_eq!(visit.status() == 400, over, "after {seconds} seconds");
        if over {
            assert!(visit.page().says("This page waited too long"));
            let on = browser.open(&visit.page().link("loginContinueLink")).await;
            assert!(on.sign_in("alice", "alice").await.callback().find("code").is_some());
        }
    }
}

/// Attacks 72, 73: nothing is passed by an empty or a foreign form.
#[tokio::test]
async fn a_form_that_says_nothing_signs_nobody_in() {
    let mut realm = realm();
    realm
        .add_client(&json!({"clientId": "homed", "publicClient": true, "baseUrl": "https://homed.example/"}));
    let world = World::with(realm).await;
    let browser = world.browser();
    app(&world).asks().by(&browser).await;
    let action = world.url("/login-actions/authenticate?client_id=homed");
    for fields in [
        vec![],
        vec![("session_code", "garbage")],
        vec![("session_code", "")],
        vec![("username", "alice"), ("password", "alice")],
        vec![("username", "alice"), ("username", "alice"), ("password", "alice")],
    ] {
        let visit = browser.post(&action, &fields).await;
        assert_eq!(visit.status(), 400, "{fields:?}");
        assert_eq!(visit.page().link("loginRestartLink"), "https://homed.example/", "{fields:?}");
        assert_eq!(browser.cookie("KEYCLOAK_IDENTITY"), None, "{fields:?}");
    }
    for path in ["authenticate", "consent"] {
        let opened = browser.open(&world.url(&format!("/login-actions/{path}?client_id=nobody"))).await;
        assert_eq!(opened.status(), 400, "{path}");
        assert!(opened.page().says("Go back to the app"), "{path}");
    }
}

/// What is sealed for one purpose opens nothing else (attack 4).
#[tokio::test]
async fn a_sealed_field_serves_its_own_form_only() {
    let world = town().await;
    let browser = world.browser();
    let sign_in = app(&world).asks().by(&browser).await.form("session_code").value("session_code").to_owned();
    let logout =
        browser.open(&world.endpoint("/logout")).await.form("session_code").value("session_code").to_owned();
    let callback = app(&world).asks().by(&browser).await.sign_in("alice", "alice").await.callback();
    let credentials = [("username", "alice"), ("password", "alice")];
    for code in [&logout, callback.code()] {
        let mut fields = credentials.to_vec();
        fields.push(("session_code", code));
        let visit = browser.post(&world.url("/login-actions/authenticate"), &fields).await;
        assert_eq!(visit.status(), 400);
    }
    let consent = [("code", &*sign_in), ("accept", "yes")];
    assert_eq!(browser.post(&world.url("/login-actions/consent"), &consent).await.status(), 400);
    assert_eq!(app(&world).redeem_with(&sign_in, &[]).await.error().2, "Code not valid");
}

/// The same where a form of one kind holds all that another needs: a link to the logout that carries a whole
/// authorization request, and a consent form sent to the end of the logout.
#[tokio::test]
async fn no_form_stands_in_for_another() {
    let world = town().await;
    let browser = world.browser();
    let ask = agent(&world).asks();
    let page = ask.by(&browser).await;
    let sign_in = page.form("session_code").value("session_code").to_owned();
    let confirm = world.endpoint("/logout/logout-confirm");
    assert_eq!(browser.post(&confirm, &[("session_code", &*sign_in)]).await.status(), 400);
    let consent = page.sign_in("alice", "alice").await.form("code").value("code").to_owned();
    assert_eq!(browser.post(&confirm, &[("session_code", &*consent)]).await.status(), 400);
    let logout = browser.open(&ask.url().replace("/auth?", "/logout?")).await;
    let logout = logout.form("session_code").value("session_code").to_owned();
    let agree = [("code", &*logout), ("accept", "yes")];
    assert_eq!(browser.post(&world.url("/login-actions/consent"), &agree).await.status(), 400);
    assert!(ask.by(&browser).await.asks_for_consent(), "alice is signed in and has agreed to nothing");
}

#[tokio::test]
async fn a_form_that_is_sent_twice_proves_the_password_twice() {
    let world = town().await;
    let browser = world.browser();
    let form = app(&world).asks().by(&browser).await;
    let first = form.sign_in("alice", "alice").await.callback();
    let second = form.sign_in("alice", "alice").await.callback();
    assert_ne!(first.code(), second.code());
    assert!(form.sign_in("alice", "wrong").await.asks_to_sign_in(), "the session does not vouch for it");
    for callback in [first, second] {
        assert_eq!(app(&world).redeem(&callback).await.status(), 200);
    }
}

#[tokio::test]
async fn two_tabs_do_not_disturb_each_other() {
    let world = town().await;
    let browser = world.browser();
    let one = app(&world).asks().with("state", "one").by(&browser).await;
    let two = app(&world).asks().with("state", "two").by(&browser).await;
    assert_eq!(two.sign_in("alice", "alice").await.callback().field("state"), "two");
    assert_eq!(one.sign_in("alice", "alice").await.callback().field("state"), "one");
    let reloaded = app(&world).asks().with("state", "one").by(&browser).await;
    assert_eq!(reloaded.callback().field("state"), "one", "a tab that is reloaded goes on");
}

#[tokio::test]
async fn cookies_are_for_the_realm_and_not_for_scripts() {
    for (secure, site) in [(true, "SameSite=None; Secure"), (false, "SameSite=Lax")] {
        let settings = sekisho_http::Settings { secure, ..sekisho_http::Settings::default() };
        let world = World::set(realm(), settings).await;
        let page = app(&world).asks().by(&world.browser()).await;
        let done = page.sign_in("alice", "alice").await;
        let cookies = [page.answer.all("set-cookie"), done.answer.all("set-cookie")].concat();
        assert_eq!(cookies.len(), 2, "{cookies:?}");
        for cookie in cookies {
            assert!(cookie.ends_with(&format!("; Path=/realms/r/; HttpOnly; {site}")), "{cookie}");
        }
    }
}

#[tokio::test]
async fn whoever_wants_to_be_remembered_is() {
    let mut realm = realm();
    realm.config.remember_me = Some(true);
    realm.config.sso_session_max_lifespan_remember_me = Some(1_000_000);
    realm.config.sso_session_idle_timeout_remember_me = Some(500_000);
    let world = World::with(realm).await;
    for (remember, max_age, lasts) in [(true, "; Max-Age=1000000", true), (false, "", false)] {
        let browser = world.browser();
        let page = app(&world).asks().by(&browser).await;
        let tick = |fields: &mut Vec<(String, String)>| {
            fields.retain(|(name, _)| !["username", "password", "rememberMe"].contains(&name.as_str()));
            fields.extend([("username", "alice"), ("password", "alice")].map(|(n, v)| (n.into(), v.into())));
            if remember {
                fields.push(("rememberMe".to_owned(), "on".to_owned()));
            }
        };
        let done = page.submit("password", tick).await;
        let cookie = done.answer.all("set-cookie")[0].to_owned();
        assert_eq!(cookie.contains("Max-Age"), remember, "{cookie}");
        assert!(cookie.contains(max_age), "{cookie}");
        world.wait(400_000).await;
        assert_eq!(app(&world).asks().by(&browser).await.status() == 302, lasts, "{remember}");
    }
    assert_eq!(
        app(&town().await).asks().by(&town().await.browser()).await.form("password").boxes("rememberMe"),
        []
    );
}

/// The box stays ticked when the password was wrong.
#[tokio::test]
async fn the_wish_to_be_remembered_survives_a_mistake() {
    let mut realm = realm();
    realm.config.remember_me = Some(true);
    let world = World::with(realm).await;
    let page = app(&world).asks().by(&world.browser()).await;
    for (ticked, change) in [(true, Some("on")), (false, None)] {
        let again = page.submit("password", |fields| {
            fields.retain(|(name, _)| !["username", "password", "rememberMe"].contains(&name.as_str()));
            fields.extend([("username", "alice"), ("password", "x")].map(|(n, v)| (n.into(), v.into())));
            fields.extend(change.map(|value| ("rememberMe".to_owned(), value.to_owned())));
        });
        assert_eq!(again.await.form("password").boxes("rememberMe"), [("on", ticked)]);
    }
}

#[tokio::test]
async fn a_session_ends_by_idleness_and_by_age() {
    let world = town().await;
    for (what, steps, lasts) in [
        ("used in time", vec![1000, 1000, 1000], true),
        ("idle", vec![1801], false),
        ("as old as it may be", [vec![1700; 21], vec![500]].concat(), false),
    ] {
        let browser = world.browser();
        app(&world).sign_in(&browser).await;
        let mut last = 0;
        for seconds in steps {
            world.wait(seconds).await;
            last = app(&world).asks().by(&browser).await.status();
        }
        assert_eq!(last == 302, lasts, "{what}");
    }
}
