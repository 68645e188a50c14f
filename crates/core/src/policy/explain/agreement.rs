//! For each executor a request that it refuses: deciding, explaining and trying it later on what was kept of it all
//! name the same rule. An executor without a row fails.

mod rows;

use std::collections::BTreeSet;

use sekisho_protocol::Scopes;
use serde_json::{Value, json};
use uuid::Uuid;

use self::rows::{LET_PASS, attribute, rows, sent, subject};
use super::{Outcome, explain};
use crate::policy::condition::{CONDITIONS, Vote};
use crate::policy::event::{EVENTS, EventName, UpdaterKind};
use crate::policy::executor::EXECUTORS;
use crate::policy::input::{self, Input, Stage};
use crate::policy::lookup::{Finding, Lookup};
use crate::policy::tests::{Scene, policies, vote};
use crate::policy::{Policies, Refused, Verdict, evaluate};
use crate::role::Role;

/// They change something, or have nothing to say.
const NEVER_REFUSE: &[&str] = &[
    "auth-flow-enforcer",
    "registration-access-token-rotation-disabled",
    "saml-avoid-redirect",
    "saml-secure-client-uris",
    "saml-signature-enforcer",
    "secret-rotation",
    "suppress-refresh-token-rotation",
    "use-lightweight-access-token",
];

fn read(configuration: &str) -> Value {
    serde_json::from_str(configuration).expect("JSON")
}

/// One condition that holds everywhere, and one that says nothing at some events.
fn governed(executor: &str, configuration: &Value) -> Policies {
    let kinds = json!({"type": ["confidential", "public", "bearer-only"]});
    policies(
        &json!([{"name": "p", "executors": [{"executor": executor, "configuration": configuration}]}]),
        &json!([{
            "name": "x", "enabled": true, "profiles": ["p"],
            "conditions": [
                {"condition": "any-client"},
                {"condition": "client-access-type", "configuration": kinds},
            ],
        }]),
    )
}

/// What would be said to what was kept of an event, after a stay in the store.
fn later(scene: &Scene, name: EventName, policies: &Policies) -> Verdict {
    let stored = input::write(&[Input::of(&scene.event(name))]).expect("written");
    assert!(!stored.contains("hush"), "a secret is kept: {stored}");
    let kept = input::read(&stored).expect("read");
    assert!(kept.iter().all(|input| !input.cut), "{stored}");
    let stage = Stage::new(&kept[0], &scene.realm, Some(&scene.client), scene.at).expect("an event");
    evaluate(policies, &stage.event().expect("a client"), &mut ())
}

#[test]
fn deciding_explaining_and_trying_later_name_the_same_rule() {
    for &(executor, configuration, name, spoil, error, text) in rows() {
        let mut scene = Scene::default();
        spoil(&mut scene);
        let policies = governed(executor, &read(configuration));
        let event = scene.event(name);
        let verdict = evaluate(&policies, &event, &mut ());
        let Verdict::Refuse(refused) = &verdict else { panic!("{executor} {name:?}: {verdict:?}") };
        let Refused { refusal, policy, profile, conditions, executor: named } = &**refused;
        assert_eq!((policy.as_str(), profile.as_str(), named.as_str()), ("x", "p", executor));
        assert_eq!((refusal.code, refusal.text.as_str()), (error, text), "{executor} {name:?}");
        assert!(conditions.contains(&"any-client"), "{executor}: {conditions:?}");

        let told = Outcome::Refuse {
            policy: policy.clone(),
            profile: profile.clone(),
            conditions: conditions.clone(),
            executor: named.clone(),
            error: refusal.code,
            text: refusal.text.clone(),
        };
        assert_eq!(explain(&policies, &event).outcome, told, "{executor} {name:?}");
        assert_eq!(later(&scene, name, &policies), verdict, "{executor} {name:?}");
    }
}

#[test]
fn what_is_right_is_right_later_too() {
    for &(executor, configuration, name, put_right, ..) in LET_PASS {
        let mut scene = Scene::default();
        put_right(&mut scene);
        let policies = governed(executor, &read(configuration));
        let verdict = evaluate(&policies, &scene.event(name), &mut ());
        assert!(matches!(verdict, Verdict::Pass(_)), "{executor} {name:?}: {verdict:?}");
        assert_eq!(later(&scene, name, &policies), verdict, "{executor} {name:?}");
    }
}

#[test]
fn every_executor_has_a_row_or_never_refuses() {
    let shown: BTreeSet<&str> = rows().map(|(executor, ..)| *executor).collect();
    for provider in EXECUTORS {
        let silent = NEVER_REFUSE.contains(&provider.id);
        assert!(shown.contains(provider.id) != silent, "{}", provider.id);
    }
    assert_eq!(EXECUTORS.len(), shown.len() + NEVER_REFUSE.len());
}

#[test]
fn executors_that_never_refuse_refuse_no_event() {
    for executor in NEVER_REFUSE {
        let policies = governed(executor, &json!({}));
        for name in EVENTS {
            let verdict = evaluate(&policies, &Scene::default().event(name), &mut ());
            assert!(matches!(verdict, Verdict::Pass(_)), "{executor} {name:?}: {verdict:?}");
        }
    }
}

/// What is found outside is kept with no event: an intent may be bound today that was not, and a document may have
/// changed. Later such a request is neither refused nor let pass.
#[test]
fn what_only_the_outside_knew_is_not_known_later() {
    let wanted = json!({"id_token": {"intent": {"essential": true, "value": "i-1"}}}).to_string();
    let mut intent = Scene::default();
    sent(&mut intent, &[("claims", &wanted)]);
    let (endpoint, url) = ("https://rs.example/intent".to_owned(), "https://app.example/c".to_owned());
    let asked =
        Lookup::Intent { endpoint: endpoint.clone(), intent_id: "i-1".to_owned(), client_id: "c".to_owned() };
    intent.findings.add(asked, Finding::Bound(false));
    let mut metadata = Scene { client_id: url.clone(), ..Scene::default() };
    sent(&mut metadata, &[("redirect_uri", "https://app.example/cb")]);
    metadata.findings.add(Lookup::ClientMetadata { url }, Finding::Failed);
    for (executor, configuration, name, scene) in [
        (
            "intent-client-bind-checker",
            json!({"intent-client-bind-check-endpoint": endpoint, "intent-name": "intent"}),
            EventName::AuthorizationRequest,
            intent,
        ),
        (
            "client-id-metadata-document",
            json!({"cimd-allow-permitted-domains": ["app.example"]}),
            EventName::PreAuthorizationRequest,
            metadata,
        ),
    ] {
        let policies = governed(executor, &configuration);
        let verdict = evaluate(&policies, &scene.event(name), &mut ());
        assert!(matches!(verdict, Verdict::Refuse(_)), "{executor}: {verdict:?}");
        assert!(matches!(later(&scene, name, &policies), Verdict::Need(_)), "{executor}");
    }
}

/// Condition, configuration, event, what it looks at. Each votes YES, and so does it later.
#[test]
fn conditions_vote_later_as_they_did() {
    use EventName::{AuthorizationRequest, JwtAuthorizationGrant, Register, TokenRequest, Update};
    let acr = r#"{"id_token":{"acr":{"values":["gold"]}}}"#;
    let rows: Vec<(&str, Value, EventName)> = vec![
        ("acr-condition", json!({"acr-property": "gold"}), AuthorizationRequest),
        ("any-client", json!({}), TokenRequest),
        ("client-access-type", json!({"type": ["public"]}), Register),
        ("client-attributes", json!({"attributes": r#"[{"key":"team","value":"red"}]"#}), Update),
        (
            "client-id-uri",
            json!({"client-id-uri-scheme": ["https"], "client-id-uri-allow-permitted-domains": ["app.example"]}),
            EventName::PreAuthorizationRequest,
        ),
        ("client-roles", json!({"roles": ["marked"]}), TokenRequest),
        ("client-scopes", json!({"scopes": ["phone"]}), TokenRequest),
        ("client-type", json!({"protocol": "openid-connect"}), Register),
        ("client-updater-context", json!({"update-client-source": ["ByAnonymous"]}), Register),
        ("client-updater-source-groups", json!({"groups": ["staff"]}), Update),
        ("client-updater-source-host", json!({"trusted-hosts": ["192.0.2.1"]}), Register),
        ("client-updater-source-roles", json!({"roles": ["writer"]}), Register),
        ("grant-type", json!({"grant_types": ["refresh_token"]}), EventName::TokenRefresh),
        ("identity-provider-alias", json!({"identity_provider_aliases": ["issuer"]}), JwtAuthorizationGrant),
    ];
    let mut scene = Scene { client_id: "https://app.example/c".to_owned(), ..Scene::default() };
    sent(&mut scene, &[("claims", acr)]);
    subject(&mut scene, json!({}));
    attribute(&mut scene, "team", "red");
    scene.result.public_client = Some(true);
    scene.client.optional_scopes = vec!["phone".to_owned()];
    scene.granted = Some(Scopes::parse("openid phone"));
    scene.updater.kind = UpdaterKind::Anonymous;
    scene.updater.address = "192.0.2.1".to_owned();
    (scene.updater.roles, scene.updater.groups) = (vec!["writer".to_owned()], vec!["staff".to_owned()]);
    let (id, name) = (Uuid::from_u128(21), "marked".to_owned());
    let role = Role { id, name, client: Some(scene.client.id), composites: Vec::new() };
    scene.realm.roles.by_id.insert(id, role);
    let ids: Vec<&str> = rows.iter().map(|(condition, ..)| *condition).collect();
    let all: Vec<&str> = CONDITIONS.iter().map(|provider| provider.id).collect();
    assert_eq!(ids, all, "every condition has a row");
    for (condition, configuration, name) in rows {
        let provider = CONDITIONS.iter().find(|provider| provider.id == condition).expect("a condition");
        assert_eq!(vote(provider, &configuration, &scene.event(name)), Vote::Yes, "{condition}");
        let stored = Input::of(&scene.event(name));
        let stage = Stage::new(&stored, &scene.realm, Some(&scene.client), scene.at).expect("an event");
        let event = stage.event().expect("a client");
        assert_eq!(vote(provider, &configuration, &event), Vote::Yes, "{condition} later");
    }
}

#[test]
fn what_is_too_long_to_keep_is_said_to_be_cut() {
    let mut scene = Scene::default();
    sent(&mut scene, &[("claims", &"x".repeat(1001))]);
    assert!(Input::of(&scene.event(EventName::AuthorizationRequest)).cut);
    let mut scene = Scene::default();
    subject(&mut scene, json!({"groups": "x".repeat(4000)}));
    assert!(Input::of(&scene.event(EventName::TokenExchangeRequest)).cut);
}
