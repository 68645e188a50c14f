//! Client policies at the endpoints (DESIGN §5.3): what executors refuse, and what they change.

mod shown;

use std::sync::{Arc, Mutex};

use sekisho_http::Settings;
use sekisho_testkit::builders::NewRealm;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::support::answer::claims;
use super::support::town::{app, realm, script, service};
use super::support::world::World;
use sekisho_testkit::log;

/// The realm with one policy for every client, with this executor.
async fn governed(executor: &str, configuration: &Value) -> World {
    let mut realm = realm();
    govern(&mut realm, executor, configuration);
    World::with(realm).await
}

/// The same for a realm that has more in it.
pub(super) fn govern(realm: &mut NewRealm, executor: &str, configuration: &Value) {
    let executors = json!([{"executor": executor, "configuration": configuration}]);
    let profiles = json!({"profiles": [{"name": "p", "executors": executors}]});
    let policy =
        json!({"name": "x", "enabled": true, "conditions": [{"condition": "any-client"}], "profiles": ["p"]});
    realm.config.client_profiles = serde_json::from_value(profiles).expect("profiles");
    realm.config.client_policies = serde_json::from_value(json!({"policies": [policy]})).expect("policies");
}

/// Names are administrators' words, and anybody's request makes the log say them.
#[tokio::test]
async fn a_policy_named_with_a_line_break_writes_no_line_of_its_own() {
    let mut realm = realm();
    govern(&mut realm, "reject-request", &json!({}));
    let policies = realm.config.client_policies.as_mut().and_then(|all| all.policies.as_mut());
    policies.expect("policies")[0].name = Some("x\n2026-01-01 forged".to_owned());
    let world = World::with(realm).await;
    log::listen();
    app(&world).token(&[("grant_type", "authorization_code"), ("code", "c")]).await;
    let log = log::heard();
    assert!(log.contains("forged"), "the refusal is logged: {log}");
    assert!(!log.lines().any(|line| line.starts_with("2026-01-01")), "{log}");
    let told = log.lines().filter(|line| line.contains(" INFO ") || line.contains(" WARN "));
    assert_eq!(told.filter(|line| line.contains("reject-request")).count(), 1, "{log}");
}

/// [executor.suppress-refresh-token-rotation.on]: a public client's token would rotate, and be spent.
#[tokio::test]
async fn a_refresh_token_that_is_not_replaced_is_not_spent() {
    let world = governed("suppress-refresh-token-rotation", &json!({})).await;
    let first = app(&world).sign_in(&world.browser()).await;
    for n in 0..3 {
        world.wait(60).await;
        let answer = app(&world).refresh(first.refresh()).await;
        assert_eq!(answer.status(), 200, "{n}");
        assert_eq!(answer.json().get("refresh_token"), None, "{n}");
        assert_eq!(answer.json()["refresh_expires_in"], json!(0), "{n}");
    }
}

/// [executor.use-lightweight-access-token.*]
#[tokio::test]
async fn lightweight_tokens_say_only_what_they_must() {
    let world = governed("use-lightweight-access-token", &json!({})).await;
    let online = ["azp", "exp", "iat", "iss", "jti", "scope", "sid", "typ"];
    let code = app(&world).sign_in(&world.browser()).await;
    let refresh = app(&world).refresh(code.refresh()).await.tokens();
    let form = [("grant_type", "password"), ("username", "alice"), ("password", "alice")];
    let password = script(&world).token(&form).await.tokens();
    let own = service(&world).token(&[("grant_type", "client_credentials")]).await.json();
    let own = own["access_token"].as_str().expect("a token").to_owned();
    let alone = ["azp", "exp", "iat", "iss", "jti", "scope", "sub", "typ"];
    for (token, prefix, expected) in [
        (code.access(), "onltac:", online),
        (refresh.access(), "onltrt:", online),
        (password.access(), "onltro:", online),
        (own.as_str(), "trltcc:", alone),
    ] {
        let said = claims(token);
        let mut names: Vec<&str> = said.as_object().expect("claims").keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{prefix}");
        assert!(said["jti"].as_str().expect("an id").starts_with(prefix), "{prefix} {}", said["jti"]);
    }
}

/// [executor.holder-of-key-enforcer.userinfo.no-certificate], [condition.any-client.userinfo]
#[tokio::test]
async fn userinfo_tells_a_refusal_in_its_challenge() {
    for (executor, status, code, text) in [
        (
            "holder-of-key-enforcer",
            401,
            "invalid_token",
            "Client certificate missing, or its thumbprint and one in the token did NOT match",
        ),
        ("dpop-bind-enforcer", 401, "invalid_token", "DPoP proof and token binding verification failed"),
        ("reject-request", 400, "invalid_request", "Request not allowed"),
    ] {
        let world = governed("consent-required", &json!({})).await;
        let tokens = app(&world).sign_in(&world.browser()).await;
        let profiles = json!({"profiles": [{"name": "p", "executors": [{"executor": executor}]}]});
        let profiles = serde_json::from_value(profiles).expect("profiles");
        world.change_realm(|realm| realm.client_profiles = profiles).await;
        let answer = app(&world).userinfo(tokens.access()).await;
        assert_eq!(answer.status(), status, "{executor}");
        let challenge = format!("Bearer realm=\"r\", error=\"{code}\", error_description=\"{text}\"");
        assert_eq!(answer.header("www-authenticate"), challenge, "{executor}");
    }
}

/// [executor.holder-of-key-enforcer.no-certificate.*]
#[tokio::test]
async fn each_endpoint_tells_a_refusal_with_its_own_status() {
    let world = governed("consent-required", &json!({})).await;
    let tokens = app(&world).sign_in(&world.browser()).await;
    let profiles =
        json!({"profiles": [{"name": "p", "executors": [{"executor": "holder-of-key-enforcer"}]}]});
    let profiles = serde_json::from_value(profiles).expect("profiles");
    world.change_realm(|realm| realm.client_profiles = profiles).await;
    let missing = "Client Certification missing for MTLS HoK Token Binding";
    let mismatch = "Client certificate missing, or its thumbprint and one in the token did NOT match";
    let client_credentials = [("grant_type", "client_credentials")];
    let callback = app(&world).asks().by(&world.browser()).await.sign_in("alice", "alice").await.callback();
    for (answer, status, code, text) in [
        (app(&world).redeem(&callback).await, 400, "invalid_grant", missing),
        (service(&world).token(&client_credentials).await, 400, "invalid_request", missing),
        (app(&world).refresh(tokens.refresh()).await, 400, "invalid_grant", mismatch),
        (app(&world).revoke(tokens.refresh()).await, 401, "not_allowed", mismatch),
        (
            app(&world).post("/logout", &[("client_id", "app"), ("refresh_token", tokens.refresh())]).await,
            401,
            "not_allowed",
            mismatch,
        ),
    ] {
        assert_eq!(answer.error(), (status, code.to_owned(), text.to_owned()));
    }
}

/// Answers every request by this body and keeps what was sent.
async fn intents(answer: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/intent", listener.local_addr().expect("an address"));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut text = String::new();
            let mut bytes = [0; 4096];
            while !text.ends_with('}') {
                let read = stream.read(&mut bytes).await.expect("a request");
                text.push_str(&String::from_utf8_lossy(&bytes[..read]));
            }
            kept.lock().expect("no panic").push(text);
            let length = answer.len();
            let whole = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{answer}"
            );
            stream.write_all(whole.as_bytes()).await.expect("an answer");
        }
    });
    (url, asked)
}

/// [executor.intent-client-bind-checker.bound], [….unbound], [….dead-endpoint]: what only the outside knows.
#[tokio::test]
async fn whether_an_intent_is_the_clients_is_asked_outside() {
    let wanted = json!({"id_token": {"intent": {"essential": true, "value": "i-1"}}}).to_string();
    for (answer, refusal) in [
        (r#"{"is_bound": true}"#, None),
        (r#"{"is_bound": false}"#, Some("The intent is not bound with the client")),
        ("nothing", Some("checking intent bound with client failed")),
    ] {
        let (endpoint, asked) = intents(answer).await;
        let configuration = json!({"intent-client-bind-check-endpoint": endpoint, "intent-name": "intent"});
        let mut realm = realm();
        govern(&mut realm, "intent-client-bind-checker", &configuration);
        let allow = vec!["127.0.0.1".parse().expect("an exception")];
        let outbound = sekisho_outbound::Options { allow, ..Default::default() };
        let settings = Settings { secure: true, ..Settings::default() };
        let world = World::reaching(realm, settings, outbound);
        let world = Box::pin(world).await;
        let visit = app(&world).asks().with("claims", &wanted).by(&world.browser()).await;
        match refusal {
            None => assert!(visit.asks_to_sign_in(), "{answer}"),
            Some(text) => assert_eq!(visit.callback().error(), ("invalid_request", text), "{answer}"),
        }
        let asked = asked.lock().expect("no panic").clone();
        assert_eq!(asked.len(), 1, "{answer}");
        assert!(asked[0].contains("\"client_id\":\"app\"") && asked[0].contains("\"intent_id\":\"i-1\""));
    }
}
