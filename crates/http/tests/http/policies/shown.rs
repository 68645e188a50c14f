//! For each executor a request that it refuses: the stored event, the line in the log and `explain` of what was kept
//! name the same rule, and none of them holds a secret.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::Request;
use sekisho_core::policy::executor::EXECUTORS;
use sekisho_core::policy::explain::{Outcome, explain};
use sekisho_core::policy::input::{self, Stage};
use sekisho_store::{EventFilter, StoredEvent};
use serde_json::json;

use crate::http::support::client::{Client, VERIFIER};
use crate::http::support::town::{agent, app, realm, script, service, web};
use crate::http::support::world::{World, fresh, with_headers};
use sekisho_testkit::log;

/// They change something, or have nothing to say; `sekisho-core` tests that they refuse nothing.
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

/// Executors that nothing here can meet yet, and what is missing. Whoever adds that moves them up.
const NOT_REACHED: &[(&str, &str)] = &[
    ("downscope-assertion-grant-enforcer", "token exchange and the JWT bearer grant"),
    ("jwt-claim-enforcer", "token exchange and the JWT bearer grant"),
    ("secure-ciba-session", "the backchannel authentication endpoint"),
    ("secure-ciba-signed-authn-req", "the backchannel authentication endpoint"),
    ("secure-client-authentication-assertion", "clients that authenticate by an assertion"),
];

/// A request, as somebody sends it.
enum Sent {
    /// The usual authorization request of a client, with this set.
    Authorization(fn(&World) -> Client, &'static [(&'static str, &'static str)]),
    /// A code for tokens, after a sign-in.
    Code,
    Credentials,
    Password,
    /// A document for a new client.
    Registration(&'static str),
    Revocation,
}

use Sent::{Authorization, Code, Credentials, Password, Registration, Revocation};

/// Executor, configuration, request.
const REFUSED: &[(&str, &str, Sent)] = &[
    ("client-id-metadata-document", "{}", Authorization(app, &[])),
    ("confidential-client", "{}", Authorization(app, &[])),
    ("consent-required", r#"{"auto-configure": false}"#, Registration("{}")),
    (
        "dpop-bind-enforcer",
        r#"{"enforce-authorization-code-binding-to-dpop": true}"#,
        Authorization(app, &[]),
    ),
    ("dpop-bind-enforcer", "{}", Revocation),
    ("full-scope-disabled", r#"{"auto-configure": false}"#, Registration(r#"{"fullScopeAllowed": true}"#)),
    ("holder-of-key-enforcer", "{}", Code),
    ("holder-of-key-enforcer", "{}", Credentials),
    ("intent-client-bind-checker", r#"{"intent-name": "intent"}"#, Authorization(web, &[])),
    ("pkce-enforcer", "{}", Registration("{}")),
    ("reject-implicit-grant", "{}", Registration(r#"{"implicitFlowEnabled": true}"#)),
    ("reject-request", "{}", Authorization(app, &[])),
    ("reject-request", "{}", Code),
    ("reject-ropc-grant", "{}", Password),
    (
        "secure-ciba-req-sig-algorithm",
        "{}",
        Registration(r#"{"attributes": {"ciba.backchannel.auth.request.signing.alg": "RS256"}}"#),
    ),
    ("secure-client-authenticator", r#"{"allowed-client-authenticators": ["client-jwt"]}"#, Credentials),
    ("secure-client-uris", "{}", Authorization(agent, &[])),
    (
        "secure-client-uris-pattern",
        r#"{"allowed-patterns": ["^https://"]}"#,
        Registration(r#"{"baseUrl": "http://x.example"}"#),
    ),
    ("secure-logout", "{}", Registration(r#"{"frontchannelLogout": true}"#)),
    ("secure-par-content", "{}", Authorization(app, &[])),
    ("secure-redirect-uris-enforcer", "{}", Authorization(agent, &[])),
    ("secure-request-object", "{}", Authorization(app, &[])),
    ("secure-response-type", "{}", Authorization(app, &[])),
    ("secure-session", "{}", Authorization(app, &[("nonce", "")])),
    (
        "secure-signature-algorithm",
        "{}",
        Registration(r#"{"attributes": {"request.object.signature.alg": "none"}}"#),
    ),
    ("secure-signature-algorithm-signed-jwt", r#"{"require-client-assertion": true}"#, Credentials),
    (
        "tls-client-auth-ca-subject-dn",
        r#"{"ca-subject-dn": "CN=ours", "enforced": true}"#,
        Registration(
            r#"{"clientAuthenticatorType": "client-x509", "attributes": {"x509.casubjectdn": "CN=theirs"}}"#,
        ),
    ),
];

/// What none of this may tell.
const SECRETS: &[&str] = &[VERIFIER, "service secret", "web secret", "a password", "hush"];

/// A realm that stores events, with nothing yet for the policy of every client; whoever comes may register.
async fn watched() -> World {
    let mut realm = realm();
    realm.config.events_enabled = Some(true);
    realm.config.enabled_event_types = Some(Vec::new());
    realm.config.components = None;
    let policy =
        json!({"name": "x", "enabled": true, "conditions": [{"condition": "any-client"}], "profiles": ["p"]});
    realm.config.client_policies = serde_json::from_value(json!({"policies": [policy]})).expect("policies");
    World::with(realm).await
}

async fn govern(world: &World, executor: &str, configuration: &str) {
    let configuration: serde_json::Value = serde_json::from_str(configuration).expect("JSON");
    let executors = json!([{"executor": executor, "configuration": configuration}]);
    let profiles = json!({"profiles": [{"name": "p", "executors": executors}]});
    let profiles = serde_json::from_value(profiles).expect("profiles");
    world.change_realm(|realm| realm.client_profiles = profiles).await;
}

impl Sent {
    /// Sends it, once the policies hold; what it needs is fetched before. Answers its secrets.
    async fn send(&self, world: &World, governed: impl AsyncFnOnce()) -> Vec<String> {
        match self {
            Authorization(client, changed) => {
                governed().await;
                let mut asks = client(world).asks();
                for (name, value) in *changed {
                    asks = asks.with(name, value);
                }
                asks.by(&world.browser()).await;
                Vec::new()
            }
            Code => {
                let visit = app(world).asks().by(&world.browser()).await.sign_in("alice", "alice").await;
                let callback = visit.callback();
                governed().await;
                app(world).redeem(&callback).await;
                vec![callback.code().to_owned()]
            }
            Credentials => {
                governed().await;
                service(world).token(&[("grant_type", "client_credentials")]).await;
                Vec::new()
            }
            Password => {
                governed().await;
                let form = [("grant_type", "password"), ("username", "alice"), ("password", "a password")];
                script(world).token(&form).await;
                Vec::new()
            }
            Registration(document) => {
                governed().await;
                let mut document: serde_json::Value = serde_json::from_str(document).expect("JSON");
                document["clientId"] = json!("new");
                document["secret"] = json!("hush");
                document["redirectUris"] = json!(["https://app.example/cb"]);
                let request = Request::post(world.url("/clients-registrations/default"));
                let headers = [("content-type", "application/json")];
                world.send(with_headers(request, &headers, Body::from(document.to_string()))).await;
                Vec::new()
            }
            Revocation => {
                let tokens = app(world).sign_in(&world.browser()).await;
                governed().await;
                app(world).revoke(tokens.refresh()).await;
                vec![tokens.refresh().to_owned()]
            }
        }
    }
}

/// The one event that a policy refused.
async fn stored(world: &World) -> StoredEvent {
    world.store.flush_events(fresh()).await.expect("a store");
    let realm = world.store.realm("r").await.expect("a store").expect("the realm");
    let events = world.store.events(realm.id, &EventFilter::default()).await.expect("a store");
    let mut refused: Vec<StoredEvent> =
        events.into_iter().filter(|event| event.kind.ends_with("_ERROR")).collect();
    let event = refused.pop().expect("a refused request");
    assert_eq!(refused, [], "one request is refused");
    event
}

/// What `explain` says to what was kept: the first refusal.
async fn explained(world: &World, asked: &str) -> Outcome {
    let realm = world.store.realm("r").await.expect("a store").expect("the realm");
    for input in input::read(asked).expect("inputs") {
        let client = world.store.client(&realm, &input.client_id).await.expect("a store");
        let stage = Stage::new(&input, &realm, client.as_deref(), world.server.now()).expect("an event");
        let outcome = explain(&realm.policies, &stage.event().expect("a client")).outcome;
        if outcome != Outcome::Pass {
            return outcome;
        }
    }
    Outcome::Pass
}

#[tokio::test]
async fn event_log_and_explain_name_the_same_rule_and_no_secret() {
    for (executor, configuration, sent) in REFUSED {
        let world = watched().await;
        let govern = async || {
            govern(&world, executor, configuration).await;
            log::listen();
        };
        let mut secrets = sent.send(&world, govern).await;
        let log = log::heard();
        let event = stored(&world).await;
        let asked = event.asked.clone().unwrap_or_else(|| panic!("{executor}: nothing was kept"));

        let outcome = explained(&world, &asked).await;
        let Outcome::Refuse { policy, profile, conditions, executor: named, error, text } = outcome else {
            panic!("{executor}: {outcome:?} of {asked}")
        };
        assert_eq!((policy.as_str(), profile.as_str(), named.as_str()), ("x", "p", *executor));
        let conditions = conditions.join(" ");
        let details: BTreeMap<&str, &str> =
            event.details.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        // Where a code is redeemed the client is told `invalid_grant`, whatever the executor's own code.
        let told = details.get("client_policy_error").copied().unwrap_or_default();
        assert!(told == error || (matches!(sent, Code) && told == "invalid_grant"), "{executor}: {told}");
        for (name, expected) in [
            ("reason", "client_policy_error"),
            ("client_policy_error_detail", text.as_str()),
            ("client_policy", "x"),
            ("client_profile", "p"),
            ("client_policy_conditions", conditions.as_str()),
            ("client_policy_executor", executor),
        ] {
            assert_eq!(details.get(name), Some(&expected), "{executor} {name}");
        }
        let line = log.lines().find(|line| line.contains(&event.id.to_string()));
        let line = line.unwrap_or_else(|| panic!("{executor}: the event is not in the log: {log}"));
        for expected in [
            "WARN".to_owned(),
            r#"policy.name="x" policy.profile="p""#.to_owned(),
            format!("policy.conditions={conditions:?} policy.executor={executor:?}"),
            format!("error.description={text:?}"),
        ] {
            assert!(line.contains(&expected), "{executor}: no {expected} in {line}");
        }

        secrets.extend(SECRETS.iter().map(|secret| (*secret).to_owned()));
        let written = format!("{log} {asked} {:?}", event.details);
        for secret in secrets {
            assert!(!written.contains(&secret), "{executor}: {secret} is in {written}");
        }
    }
}

#[test]
fn every_executor_that_can_be_met_has_a_row() {
    let shown: BTreeSet<&str> = REFUSED.iter().map(|(executor, ..)| *executor).collect();
    for provider in EXECUTORS {
        let ways = [
            shown.contains(provider.id),
            NEVER_REFUSE.contains(&provider.id),
            NOT_REACHED.iter().any(|(executor, _)| *executor == provider.id),
        ];
        assert_eq!(ways.iter().filter(|way| **way).count(), 1, "{}", provider.id);
    }
}
