//! `grant_type=refresh_token` (OAuth 2.1 §4.3, RFC 9700 §4.14.2, DESIGN §5.13).

use serde_json::json;

use super::support::answer::{Tokens, claims, header};
use super::support::town::{FILES, MCP, agent, app, realm, town, web};
use super::support::world::World;

async fn signed_in(world: &World) -> Tokens {
    app(world).sign_in(&world.browser()).await
}

/// The description of a refusal.
async fn refusal(world: &World, token: &str) -> String {
    let (status, code, description) = app(world).refresh(token).await.error();
    assert_eq!((status, code.as_str()), (400, "invalid_grant"));
    description
}

/// Clients such as keycloak-js read it: compact JWS, HS512, `typ` Refresh [tokens.code.plain].
#[tokio::test]
async fn a_refresh_token_is_written_as_keycloak_writes_it() {
    let world = town().await;
    let token = signed_in(&world).await;
    let said = claims(token.refresh());
    assert_eq!(header(token.refresh())["alg"], json!("HS512"));
    for (claim, value) in [
        ("typ", json!("Refresh")),
        ("iss", json!(world.issuer())),
        ("aud", json!(world.issuer())),
        ("azp", json!("app")),
        ("sub", json!(world.user("alice"))),
    ] {
        assert_eq!(said[claim], value, "{claim}");
    }
}

#[tokio::test]
async fn public_clients_rotate_and_others_where_the_realm_says_so() {
    for (revoke, client, rotates) in [(false, "app", true), (false, "web", false), (true, "web", true)] {
        let mut realm = realm();
        realm.config.revoke_refresh_token = Some(revoke);
        let world = World::with(realm).await;
        let client = if client == "app" { app(&world) } else { web(&world) };
        let first = client.sign_in(&world.browser()).await;
        world.wait(20).await;
        client.refresh(first.refresh()).await.tokens();
        world.wait(20).await;
        assert_eq!(client.refresh(first.refresh()).await.status() == 400, rotates, "{} {revoke}", client.id);
    }
}

/// A lost answer must not end a session: the same bytes, at most three times, for ten seconds.
#[tokio::test]
async fn within_the_grace_the_same_successor_comes_again() {
    let world = town().await;
    let first = signed_in(&world).await;
    let second = app(&world).refresh(first.refresh()).await.tokens();
    for n in 0..3 {
        world.wait(3).await;
        let again = app(&world).refresh(first.refresh()).await.tokens();
        assert_eq!(again.refresh(), second.refresh(), "{n}");
        assert_eq!(app(&world).userinfo(again.access()).await.status(), 200, "{n}");
    }
    assert_eq!(refusal(&world, first.refresh()).await, "Maximum allowed refresh token reuse exceeded");
    assert_eq!(refusal(&world, second.refresh()).await, "Session doesn't have required client");
}

/// [token.refresh.rotation]: after the grace an old token ends the family.
#[tokio::test]
async fn reuse_after_the_grace_ends_the_family() {
    let world = town().await;
    for seconds in [9, 10] {
        let browser = world.browser();
        let first = app(&world).sign_in(&browser).await;
        let second = app(&world).refresh(first.refresh()).await.tokens();
        world.wait(seconds).await;
        let again = app(&world).refresh(first.refresh()).await;
        assert_eq!(again.status() == 200, seconds < 10, "after {seconds} seconds");
        let alive = seconds < 10;
        assert_eq!(app(&world).userinfo(second.access()).await.status() == 200, alive);
        assert_eq!(app(&world).refresh(second.refresh()).await.status() == 200, alive);
        assert!(
            app(&world).asks().by(&browser).await.callback().find("code").is_some(),
            "the session lives on"
        );
    }
}

/// Attack 8: three rotations in one second, then the first again.
#[tokio::test]
async fn an_older_generation_is_no_repetition() {
    let world = town().await;
    let first = signed_in(&world).await;
    let second = app(&world).refresh(first.refresh()).await.tokens();
    let third = app(&world).refresh(second.refresh()).await.tokens();
    assert_eq!(refusal(&world, first.refresh()).await, "Maximum allowed refresh token reuse exceeded");
    assert_eq!(app(&world).refresh(third.refresh()).await.status(), 400);
}

/// Attack 7: of many at once each gets the same successor or none.
#[tokio::test]
async fn parallel_refreshes_make_one_successor() {
    let world = town().await;
    let first = signed_in(&world).await;
    let tries: Vec<_> = (0..4)
        .map(|_| {
            let (client, token) = (app(&world), first.refresh().to_owned());
            tokio::spawn(async move { client.refresh(&token).await })
        })
        .collect();
    let mut successors = std::collections::BTreeSet::new();
    for answer in tries {
        successors.insert(answer.await.expect("an answer").tokens().refresh().to_owned());
    }
    assert_eq!(successors.len(), 1);
    let successor = successors.pop_first().expect("one");
    assert_eq!(app(&world).refresh(&successor).await.status(), 200, "and the family stands where it should");
}

#[tokio::test]
async fn a_refresh_token_is_for_its_own_client() {
    let world = town().await;
    let tokens = signed_in(&world).await;
    // [token.refresh.other-client]
    let (status, code, description) = web(&world).refresh(tokens.refresh()).await.error();
    let words = "Invalid refresh token. Token client and authorized client don't match";
    assert_eq!((status, &*code, &*description), (400, "invalid_grant", words));
    assert_eq!(app(&world).refresh(tokens.refresh()).await.status(), 200, "and the family lives on");
}

/// Attacks 13, 54: cut, extended, flipped, of another kind.
#[tokio::test]
async fn what_is_not_a_refresh_token_of_ours_is_refused() {
    let world = town().await;
    let tokens = signed_in(&world).await;
    let good = tokens.refresh();
    let (head, signature) = good.rsplit_once('.').expect("a token");
    let flipped = format!("{head}.{}{}", if signature.starts_with('A') { "B" } else { "A" }, &signature[1..]);
    for (what, token) in [
        ("garbage", "garbage"),
        ("nothing", ""),
        ("cut", &good[..good.len() - 1]),
        ("extended", &format!("{good}A")),
        ("flipped", &flipped),
        ("unsigned", &format!("{head}.")),
        ("an access token", tokens.access()),
        ("an ID token", tokens.id()),
    ] {
        assert_eq!(refusal(&world, token).await, "Invalid refresh token", "{what}");
    }
    let missing = app(&world).token(&[("grant_type", "refresh_token")]).await.error();
    assert_eq!(missing, (400, "invalid_request".to_owned(), "No refresh token".to_owned()));
}

#[tokio::test]
async fn a_refresh_token_ends_by_idleness_and_with_its_session() {
    let world = town().await;
    for (steps, status) in [(vec![1700, 1700], 200), (vec![1801], 400)] {
        let mut token = signed_in(&world).await.refresh().to_owned();
        let mut last = 0;
        for seconds in steps {
            world.wait(seconds).await;
            let answer = app(&world).refresh(&token).await;
            last = answer.status();
            if last == 200 {
                token = answer.tokens().refresh().to_owned();
            }
        }
        assert_eq!(last, status);
    }
    let browser = world.browser();
    let tokens = app(&world).sign_in(&browser).await;
    browser.open(&world.endpoint("/logout")).await.confirm().await;
    // [token.refresh.logged-out]
    assert_eq!(refusal(&world, tokens.refresh()).await, "Session not active");
}

/// A row that is not written at each refresh must not end a family that is used (DESIGN §5.13).
#[tokio::test]
async fn a_family_that_does_not_rotate_lives_as_long_as_it_is_used() {
    let world = town().await;
    let mut token = web(&world).sign_in(&world.browser()).await.refresh().to_owned();
    for _ in 0..10 {
        world.wait(1200).await;
        token = web(&world).refresh(&token).await.tokens().refresh().to_owned();
        purge(&world).await;
    }
}

async fn purge(world: &World) {
    use sekisho_core::work::{Deletion, Work, Write};
    use sekisho_protocol::Clock;
    let expired = Write::Delete(Deletion::Expired { now: world.clock.now() });
    let work = Work::new(super::support::world::fresh()).write(expired);
    assert_eq!(world.store.commit(work).await.expect("a store"), sekisho_core::work::Outcome::Won);
}

/// Attacks 60-62 [token.refresh.user-disabled], [token.refresh.not-before].
#[tokio::test]
async fn what_was_taken_away_meanwhile_is_not_refreshed() {
    let late = 1_767_225_700;
    for (what, description) in [
        ("user off", "User disabled"),
        ("client off", "Invalid client or Invalid client credentials"),
        ("realm off", "Realm not enabled"),
        ("realm's not-before", "Stale token"),
        ("client's not-before", "Stale token"),
        ("user's not-before", "Stale token"),
    ] {
        let world = town().await;
        let tokens = signed_in(&world).await;
        match what {
            "user off" => world.change_user("alice", |user| user.enabled = Some(false)).await,
            "client off" => world.change_client("app", |client| client.enabled = Some(false)).await,
            "realm off" => world.change_realm(|realm| realm.enabled = Some(false)).await,
            "realm's not-before" => world.change_realm(|realm| realm.not_before = Some(late)).await,
            "client's not-before" => {
                world.change_client("app", |client| client.not_before = Some(late)).await;
            }
            _ => world.change_user("alice", |user| user.not_before = Some(late)).await,
        }
        world.wait(2).await;
        assert_eq!(app(&world).refresh(tokens.refresh()).await.error().2, description, "{what}");
        let answer = app(&world).userinfo(tokens.access()).await;
        assert_ne!(answer.status(), 200, "{what}: the access token as well");
    }
}

/// OAuth 2.1 §4.3.1: less may be asked for, never more [tokens.refresh.scope-less].
#[tokio::test]
async fn scopes_may_be_left_out_and_not_added() {
    let world = town().await;
    let ask = agent(&world).asks().scope("openid email hello");
    let page = ask.by(&world.browser()).await.sign_in("alice", "alice").await;
    let callback = page.agree(&["email", "hello"]).await.callback();
    let mut token = agent(&world).redeem(&callback).await.tokens().refresh().to_owned();
    for (asked, granted) in [
        ("openid email", Some("openid email profile")),
        ("openid", Some("openid profile")),
        ("openid email hello", Some("openid email hello profile")),
        ("openid nothing", None),
    ] {
        let form = [("grant_type", "refresh_token"), ("refresh_token", &*token), ("scope", asked)];
        let answer = agent(&world).token(&form).await;
        let Some(granted) = granted else {
            assert_eq!(answer.error().1, "invalid_scope", "{asked}");
            continue;
        };
        let tokens = answer.tokens();
        let mut scopes: Vec<&str> = tokens.scope().split(' ').collect();
        scopes.sort_unstable();
        let mut expected: Vec<&str> = granted.split(' ').collect();
        expected.sort_unstable();
        assert_eq!(scopes, expected, "{asked}");
        token = tokens.refresh().to_owned();
    }
}

/// RFC 8707 §2.2.
#[tokio::test]
async fn resources_may_be_narrowed_and_not_added() {
    let world = town().await;
    let ask = app(&world).asks().and("resource", MCP).and("resource", FILES);
    let callback = ask.by(&world.browser()).await.sign_in("alice", "alice").await.callback();
    let first = app(&world).redeem(&callback).await.tokens();
    let form = |token| [("grant_type", "refresh_token"), ("refresh_token", token), ("resource", FILES)];
    let second = app(&world).token(&form(first.refresh())).await.tokens();
    assert_eq!(second.claims()["aud"], json!(FILES));
    let third = app(&world).refresh(second.refresh()).await.tokens();
    assert_eq!(third.claims()["aud"], json!([MCP, FILES]), "the family keeps all");
    let other = [
        ("grant_type", "refresh_token"),
        ("refresh_token", third.refresh()),
        ("resource", "https://x.example"),
    ];
    assert_eq!(app(&world).token(&other).await.error().1, "invalid_target");
}

/// `offline_access` (OpenID Connect Core §11): a family that outlives its session.
#[tokio::test]
async fn an_offline_family_outlives_its_session() {
    let world = town().await;
    let browser = world.browser();
    let ask = agent(&world).asks().scope("openid offline_access");
    let page = ask.by(&browser).await.sign_in("alice", "alice").await;
    let callback = page.agree(&["offline_access"]).await.callback();
    let tokens = agent(&world).redeem(&callback).await.tokens();
    assert_eq!(claims(tokens.refresh())["typ"], json!("Offline"));
    assert_eq!(tokens.body["refresh_expires_in"], json!(0));
    browser.open(&world.endpoint("/logout")).await.confirm().await;
    world.wait(100_000).await;
    let later = agent(&world).refresh(tokens.refresh()).await.tokens();
    assert_eq!(agent(&world).userinfo(later.access()).await.status(), 200);
    world.wait(2_592_000).await;
    assert_eq!(agent(&world).refresh(later.refresh()).await.status(), 400, "idle for a month");
}
