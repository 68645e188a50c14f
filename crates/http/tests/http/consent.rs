//! Consent: per user, client, resource and scope (DESIGN §5.15).

use super::support::browser::{Browser, Visit};
use super::support::client::Ask;
use super::support::town::{FILES, MCP, agent, app, town};
use super::support::world::World;

fn asks(world: &World) -> Ask {
    agent(world).asks().scope("openid hello files")
}

/// The consent page that alice gets.
async fn consent(world: &World, ask: &Ask, browser: &Browser) -> Visit {
    let visit = ask.by(browser).await;
    let visit = if visit.asks_to_sign_in() { visit.sign_in("alice", "alice").await } else { visit };
    assert!(visit.asks_for_consent(), "{}", world.issuer());
    visit
}

async fn granted(world: &World, visit: &Visit) -> String {
    let mut scopes: Vec<String> =
        agent(world).redeem(&visit.callback()).await.tokens().scope().split(' ').map(str::to_owned).collect();
    scopes.sort();
    scopes.join(" ")
}

#[tokio::test]
async fn the_page_says_who_asks_where_the_answer_goes_and_for_what() {
    let world = town().await;
    let visit = consent(&world, &asks(&world).with("resource", MCP), &world.browser()).await;
    let page = visit.page();
    for words in ["An agent", "localhost", MCP, "Say hello", "What hello is for.", "Read files", "alice"] {
        assert!(page.says(words), "{words}: {}", page.words());
    }
    let form = visit.form("accept");
    let mut boxes = form.boxes("scope");
    boxes.sort_unstable();
    assert_eq!(boxes, [("files", true), ("hello", true)]);
}

/// `form-action` governs the redirect after the POST too (DESIGN §5.18).
#[tokio::test]
async fn the_forms_may_lead_to_the_client_and_nowhere_else() {
    let world = town().await;
    for (client, origin) in [(app(&world), "https://app.example"), (agent(&world), "http://localhost:3456")] {
        let visit = client.asks().by(&world.browser()).await;
        let policy = visit.answer.header("content-security-policy").to_owned();
        assert!(policy.contains(&format!("form-action 'self' {origin};")), "{policy}");
        let next = visit.sign_in("alice", "alice").await;
        if next.is_page() {
            let policy = next.answer.header("content-security-policy");
            assert!(policy.contains(&format!("form-action 'self' {origin};")), "{policy}");
        }
    }
}

#[tokio::test]
async fn boxes_narrow_what_is_granted() {
    for (ticked, scopes) in [
        (vec!["hello", "files"], "files hello openid profile"),
        (vec!["hello"], "hello openid profile"),
        (vec![], "openid profile"),
    ] {
        let world = town().await;
        let visit = consent(&world, &asks(&world), &world.browser()).await.agree(&ticked).await;
        assert_eq!(granted(&world, &visit).await, scopes);
    }
}

/// Attack 20: a box that was not shown cannot be ticked.
#[tokio::test]
async fn what_was_not_asked_for_cannot_be_added() {
    let world = town().await;
    let visit = consent(&world, &agent(&world).asks().scope("openid hello"), &world.browser()).await;
    let visit = visit.agree(&["hello", "files", "offline_access", "email", "openid", "nothing"]).await;
    assert_eq!(granted(&world, &visit).await, "hello openid profile");
}

#[tokio::test]
async fn what_a_box_left_out_no_refresh_brings_back() {
    let world = town().await;
    let visit = consent(&world, &asks(&world), &world.browser()).await.agree(&["hello"]).await;
    let tokens = agent(&world).redeem(&visit.callback()).await.tokens();
    let form =
        [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh()), ("scope", "openid files")];
    let refreshed = agent(&world).token(&form).await;
    let scope = if refreshed.status() == 200 { refreshed.tokens().scope().to_owned() } else { String::new() };
    assert!(!scope.contains("files"), "{scope}");
}

#[tokio::test]
async fn what_was_agreed_to_is_remembered_and_not_more() {
    let world = town().await;
    let browser = world.browser();
    consent(&world, &asks(&world), &browser).await.agree(&["hello"]).await;
    for (what, scope, asks) in [
        ("the same", "openid hello", false),
        ("less", "openid", false),
        ("what was left out", "openid hello files", true),
        ("something new", "openid email", true),
    ] {
        let visit = agent(&world).asks().scope(scope).by(&browser).await;
        assert_eq!(visit.asks_for_consent(), asks, "{what}");
    }
}

#[tokio::test]
async fn consent_is_for_one_resource() {
    let world = town().await;
    let browser = world.browser();
    let ask = agent(&world).asks().scope("openid hello");
    consent(&world, &ask.clone().with("resource", MCP), &browser).await.agree(&["hello"]).await;
    for (what, ask, asks) in [
        ("the same", ask.clone().with("resource", MCP), false),
        ("another", ask.clone().with("resource", FILES), true),
        ("one more", ask.clone().and("resource", MCP).and("resource", FILES), true),
        ("none", ask, true),
    ] {
        assert_eq!(ask.by(&browser).await.asks_for_consent(), asks, "{what}");
    }
}

#[tokio::test]
async fn consent_is_of_one_user() {
    let world = town().await;
    consent(&world, &asks(&world), &world.browser()).await.agree_to_all().await;
    let visit = asks(&world).by(&world.browser()).await.sign_in("bob", "bob").await;
    assert!(visit.asks_for_consent());
}

/// OpenID Connect Core §3.1.2.1.
#[tokio::test]
async fn prompt_consent_asks_again() {
    let world = town().await;
    let browser = world.browser();
    consent(&world, &asks(&world), &browser).await.agree_to_all().await;
    let again = consent(&world, &asks(&world).with("prompt", "consent"), &browser).await;
    assert!(again.page().says("You have allowed"), "{}", again.page().words());
    assert_eq!(granted(&world, &again.agree(&["files"]).await).await, "files openid profile");
    let later = asks(&world).by(&browser).await;
    assert!(later.asks_for_consent(), "the newer answer took the place of the older");
}

/// Attack 73: an error never means yes.
#[tokio::test]
async fn anything_but_a_plain_yes_is_a_no() {
    let world = town().await;
    let browser = world.browser();
    let visit = consent(&world, &asks(&world), &browser).await;
    for buttons in [vec!["cancel"], vec![], vec!["accept", "cancel"], vec!["Accept"]] {
        let answer = visit.submit("accept", |fields| {
            fields.extend(buttons.iter().map(|button| ((*button).to_owned(), "yes".to_owned())));
        });
        let callback = answer.await.callback();
        assert_eq!(callback.error(), ("access_denied", ""), "{buttons:?}");
        assert_eq!(callback.field("state"), "the state", "{buttons:?}");
        assert_eq!(callback.field("iss"), world.issuer(), "{buttons:?}");
    }
    assert!(asks(&world).by(&browser).await.asks_for_consent(), "a no is not remembered as a yes");
}

/// CSRF, and a form left open while somebody else signs in.
#[tokio::test]
async fn a_consent_form_is_for_the_session_that_it_was_made_for() {
    let world = town().await;
    let browser = world.browser();
    let visit = consent(&world, &asks(&world), &browser).await;
    let form = visit.form("accept");
    let mut fields = form.untouched();
    fields.push(("accept".to_owned(), "yes".to_owned()));
    let stranger = world.browser();
    assert_eq!(stranger.post(&form.action, &fields).await.status(), 400, "a browser without a session");
    app(&world).asks().by(&stranger).await.sign_in("bob", "bob").await;
    assert_eq!(stranger.post(&form.action, &fields).await.status(), 400, "another session");
    world.wait(1).await;
    app(&world).asks().with("prompt", "login").by(&browser).await.sign_in("bob", "bob").await;
    let late = browser.post(&form.action, &fields).await;
    assert_eq!(late.status(), 400, "another user in the same browser");
    let on = browser.open(&late.page().link("loginContinueLink")).await;
    assert!(on.asks_for_consent(), "the way on asks bob");
}

#[tokio::test]
async fn a_consent_form_that_waited_too_long_is_over() {
    let world = town().await;
    let browser = world.browser();
    let visit = consent(&world, &asks(&world), &browser).await;
    for _ in 0..2 {
        world.wait(1000).await;
        app(&world).asks().by(&browser).await;
    }
    let late = visit.agree_to_all().await;
    assert_eq!(late.status(), 400);
    let on = browser.open(&late.page().link("loginContinueLink")).await;
    assert!(on.agree_to_all().await.callback().find("code").is_some());
}

#[tokio::test]
async fn a_user_who_was_switched_off_meanwhile_agrees_to_nothing() {
    let world = town().await;
    let browser = world.browser();
    let visit = consent(&world, &asks(&world), &browser).await;
    world.change_user("alice", |user| user.enabled = Some(false)).await;
    let answer = visit.agree_to_all().await;
    assert!(answer.is_page() || answer.callback().find("code").is_none());
}
