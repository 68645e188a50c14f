//! Changed client policies, tried on what was recorded; and what an administrator is told of those that are about
//! nobody.

use std::sync::atomic::{AtomicU64, Ordering};

use sekisho_admin::policy::{self, DryRun, Proposed};
use sekisho_admin::realm::{self, ImportOptions};
use sekisho_admin::{Admin, Permit, client, client_policy};
use sekisho_core::event::{EventRecord, EventType};
use sekisho_core::policy::input::{self, Input, Pkce};
use sekisho_protocol::Clock as _;
use sekisho_protocol::keycloak::{ClientPoliciesRepresentation, ClientProfilesRepresentation};
use serde_json::{Value, json};
use uuid::Uuid;

use super::place::Place;

const REASON: &[(&str, &str)] = &[("reason", "client_policy_error")];

fn profiles(executors: &Value) -> ClientProfilesRepresentation {
    serde_json::from_value(json!({"profiles": [{"name": "p", "executors": executors}]})).expect("profiles")
}

fn policies(conditions: &Value) -> ClientPoliciesRepresentation {
    let policy = json!({"name": "x", "enabled": true, "conditions": conditions, "profiles": ["p"]});
    serde_json::from_value(json!({ "policies": [policy] })).expect("policies")
}

/// These executors for every client.
fn governed(executors: &Value) -> Proposed {
    let policies = policies(&json!([{"condition": "any-client"}]));
    Proposed { profiles: Some(profiles(executors)), policies: Some(policies) }
}

/// Realm `r` with the confidential client `c`.
async fn place() -> Place {
    let place = Place::new().await;
    realm::create(&place.context(), "r", ImportOptions::default()).await.expect("a realm");
    let document = json!({"clientId": "c", "redirectUris": ["https://app.example/cb"]});
    let document = serde_json::from_value(document).expect("a client");
    client::create(&desk(&place).await, document).await.expect("a client");
    place
}

async fn desk(place: &Place) -> Admin<'_> {
    Admin::open(place.context(), "r", Permit::operator()).await.expect("the realm")
}

async fn save(place: &Place, proposed: Proposed) {
    client_policy::save_profiles(&desk(place).await, proposed.profiles.expect("profiles"))
        .await
        .expect("saved");
    client_policy::save_policies(&desk(place).await, proposed.policies.expect("policies"))
        .await
        .expect("saved");
}

/// An id that nothing else has.
fn fresh() -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(0);
    Uuid::from_u64_pair(0xfeed, LAST.fetch_add(1, Ordering::Relaxed))
}

fn asked(event: &str, params: &[(&str, &str)]) -> Input {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Input { event: event.to_owned(), client_id: "c".to_owned(), params, ..Input::default() }
}

/// A code that is redeemed, with or without PKCE.
fn redemption(pkce: Pkce) -> Vec<Input> {
    let verifier = (pkce != Pkce::None).then_some(("code_verifier", "hidden"));
    let params: Vec<_> = [("grant_type", "authorization_code")].into_iter().chain(verifier).collect();
    vec![asked("PRE_TOKEN_REQUEST", &params), Input { pkce, ..asked("TOKEN_REQUEST", &params) }]
}

fn authorization(params: &[(&str, &str)]) -> Vec<Input> {
    vec![asked("PRE_AUTHORIZATION_REQUEST", params), asked("AUTHORIZATION_REQUEST", params)]
}

/// Records a request: what the policies were asked, and how it was refused if it was.
async fn record(
    place: &Place,
    inputs: &[Input],
    error: Option<&'static str>,
    details: &[(&'static str, &str)],
) {
    let record = EventRecord {
        id: fresh(),
        realm: place.realm("r").await.id,
        at: place.clock.now(),
        kind: EventType::CodeToToken,
        error,
        cause: None,
        client_id: Some("c".to_owned()),
        user: None,
        session: None,
        ip_address: None,
        details: details.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        asked: input::write(inputs),
    };
    place.store.events.push(record);
    place.store.flush_events(fresh()).await.expect("a store");
}

async fn dry_run(place: &Place, proposed: &Proposed) -> DryRun {
    policy::dry_run(&desk(place).await, proposed, 7).await.expect("judged")
}

/// Judged, skipped, unknown, newly refused, newly let pass, refused by another rule.
fn counts(found: &DryRun) -> [usize; 6] {
    let changed = [found.newly_refused, found.newly_passed, found.refused_otherwise];
    let [refused, passed, otherwise] = changed;
    [found.judged, found.skipped, found.unknown, refused, passed, otherwise]
}

#[tokio::test]
async fn a_stricter_policy_refuses_what_passed_and_says_by_which_rule() {
    let place = place().await;
    for pkce in [Pkce::None, Pkce::Right] {
        record(&place, &redemption(pkce), None, &[]).await;
    }
    let found = dry_run(&place, &governed(&json!([{"executor": "pkce-enforcer"}]))).await;
    assert_eq!(counts(&found), [2, 0, 0, 1, 0, 0]);
    let [difference] = found.differences.as_slice() else { panic!("{found:?}") };
    assert_eq!((difference.event.as_str(), difference.client_id.as_str()), ("TOKEN_REQUEST", "c"));
    assert_eq!(difference.before, None);
    let rule = difference.after.as_ref().expect("a rule");
    assert_eq!((rule.policy.as_str(), rule.profile.as_str()), ("x", "p"));
    assert_eq!((rule.conditions.as_slice(), rule.executor.as_str()), (&["any-client"][..], "pkce-enforcer"));
    assert_eq!((rule.error, rule.text.as_str()), ("invalid_grant", "PKCE code verifier not specified"));
}

/// What is asked before the last event of a request counts too.
#[tokio::test]
async fn each_event_of_a_request_is_judged() {
    let place = place().await;
    record(&place, &authorization(&[("response_type", "code")]), None, &[]).await;
    let found = dry_run(&place, &governed(&json!([{"executor": "secure-par-content"}]))).await;
    assert_eq!(counts(&found), [1, 0, 0, 1, 0, 0]);
    let events: Vec<&str> = found.differences.iter().map(|difference| difference.event.as_str()).collect();
    assert_eq!(events, ["PRE_AUTHORIZATION_REQUEST"]);
}

#[tokio::test]
async fn a_looser_policy_lets_pass_what_was_refused() {
    let place = place().await;
    save(&place, governed(&json!([{"executor": "pkce-enforcer"}]))).await;
    record(&place, &redemption(Pkce::None), Some("invalid_grant"), REASON).await;
    let none = ClientPoliciesRepresentation { policies: Some(Vec::new()), ..Default::default() };
    let found = dry_run(&place, &Proposed { profiles: None, policies: Some(none) }).await;
    assert_eq!(counts(&found), [1, 0, 0, 0, 1, 0]);
    let [difference] = found.differences.as_slice() else { panic!("{found:?}") };
    let before = difference.before.as_ref().expect("a rule");
    assert_eq!((before.executor.as_str(), &difference.after), ("pkce-enforcer", &None));

    let another = governed(&json!([{"executor": "reject-request"}]));
    let found = dry_run(&place, &another).await;
    assert_eq!(counts(&found), [1, 0, 0, 0, 0, 1]);
}

#[tokio::test]
async fn policies_that_stay_as_they_are_change_nothing() {
    let place = place().await;
    let saved = governed(&json!([{"executor": "pkce-enforcer"}]));
    save(&place, saved.clone()).await;
    record(&place, &redemption(Pkce::None), Some("invalid_grant"), REASON).await;
    record(&place, &redemption(Pkce::Right), None, &[]).await;
    for proposed in [Proposed::default(), saved] {
        let found = dry_run(&place, &proposed).await;
        assert_eq!((counts(&found), found.differences), ([2, 0, 0, 0, 0, 0], Vec::new()));
    }
}

#[tokio::test]
async fn what_cannot_be_judged_again_is_counted_and_not_guessed() {
    let place = place().await;
    let strict = governed(&json!([{"executor": "reject-request"}]));
    let cut = Input { cut: true, ..asked("TOKEN_REQUEST", &[]) };
    let gone = Input { client_id: "gone".to_owned(), ..asked("TOKEN_REQUEST", &[]) };
    record(&place, &[], None, &[]).await;
    record(&place, &[cut], None, &[]).await;
    record(&place, &[gone], None, &[]).await;
    record(&place, &redemption(Pkce::Right), Some("invalid_code"), &[]).await;
    assert_eq!(counts(&dry_run(&place, &strict).await), [0, 4, 0, 0, 0, 0]);

    let wanted = json!({"id_token": {"intent": {"essential": true, "value": "i-1"}}}).to_string();
    record(&place, &authorization(&[("claims", &wanted)]), None, &[]).await;
    let outside = governed(&json!([{"executor": "intent-client-bind-checker", "configuration": {
        "intent-client-bind-check-endpoint": "https://rs.example/intent", "intent-name": "intent"}}]));
    assert_eq!(counts(&dry_run(&place, &outside).await), [0, 4, 1, 0, 0, 0]);
}

#[tokio::test]
async fn what_is_older_is_not_looked_at() {
    let place = place().await;
    record(&place, &redemption(Pkce::None), None, &[]).await;
    place.clock.advance(8 * 24 * 3600);
    let found = dry_run(&place, &governed(&json!([{"executor": "pkce-enforcer"}]))).await;
    assert_eq!(counts(&found), [0; 6]);
}

#[tokio::test]
async fn policies_that_could_not_be_saved_are_not_tried() {
    let place = place().await;
    for (proposed, expected) in [
        (governed(&json!([{"executor": "no-such"}])), "does not have valid provider"),
        (
            Proposed { profiles: None, policies: Some(policies(&json!([{"condition": "any-client"}]))) },
            "invalid profile p",
        ),
        (
            Proposed {
                profiles: Some(profiles(&json!([]))),
                policies: Some(policies(&json!([{"condition": "no-such"}]))),
            },
            "invalid condition no-such",
        ),
    ] {
        let refused = policy::dry_run(&desk(&place).await, &proposed, 7).await;
        let said = refused.expect_err("refused").to_string();
        assert!(said.contains(expected), "{expected}: {said}");
    }
}

/// The classic: the scope is there, but as an optional one; the condition looks for default ones.
#[tokio::test]
async fn whoever_saves_a_policy_about_nobody_is_told_why() {
    let place = place().await;
    let hello = json!({"realm": "s", "enabled": true,
        "clientScopes": [{"name": "hello", "protocol": "openid-connect"}],
        "clients": [{"clientId": "c", "optionalClientScopes": ["hello"]}]});
    place.import(serde_json::from_value(hello).expect("a realm")).await.expect("an import");
    let desk = async || Admin::open(place.context(), "s", Permit::operator()).await.expect("the realm");
    let executors = json!([{"executor": "reject-request"}]);
    client_policy::save_profiles(&desk().await, profiles(&executors)).await.expect("saved");
    for (kind, expected) in [
        (
            "Default",
            &[
                "policy \"x\" is about no client: condition client-scopes: no client has hello as a default scope, \
                but 1 as an optional one: type Optional is about those",
            ][..],
        ),
        ("Optional", &[]),
    ] {
        let condition =
            json!([{"condition": "client-scopes", "configuration": {"type": kind, "scopes": ["hello"]}}]);
        let warnings =
            client_policy::save_policies(&desk().await, policies(&condition)).await.expect("saved");
        assert_eq!(warnings, expected, "{kind}");
    }
}
