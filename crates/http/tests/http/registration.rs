//! Dynamic client registration (RFC 7591, RFC 7592).

mod rights;

use axum::body::Body;
use axum::http::Request;
use sekisho_core::client::registration_token;
use sekisho_core::work::{InitialAccessRecord, Outcome, Record, Work};
use sekisho_protocol::keycloak::ComponentExportRepresentation;
use sekisho_testkit::builders::NewRealm;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::support::answer::Answer;
use super::support::town::{realm, town};
use super::support::world::{World, fresh, with_headers};

const POLICIES: &str = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy";
const METADATA: &str = "/clients-registrations/openid-connect";
const DOCUMENTS: &str = "/clients-registrations/default";

async fn call(world: &World, method: &str, path: &str, token: Option<&str>, body: &Value) -> Answer {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    let builder = Request::builder().method(method).uri(world.url(path));
    world.send(with_headers(builder, &headers, Body::from(body.to_string()))).await
}

/// What sixteen answer who register at once.
async fn sixteen(world: &World, token: Option<&str>, sent: &Value) -> Vec<u16> {
    let mut all = JoinSet::new();
    for _ in 0..16 {
        let (world, token, sent) = (world.clone(), token.map(str::to_owned), sent.clone());
        all.spawn(async move { call(&world, "POST", METADATA, token.as_deref(), &sent).await.status() });
    }
    all.join_all().await
}

/// A token that lets so many clients be registered.
async fn initial_access(world: &World, count: i64, origins: &[&str]) -> String {
    let realm = world.store.realm("r").await.expect("a store").expect("a realm");
    let record = InitialAccessRecord {
        id: fresh(),
        realm: realm.id,
        created: world.server.now(),
        expires: None,
        count,
        remaining: count,
        web_origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
    };
    let token = registration_token::initial_access(&realm, &record).expect("signed");
    let work = Work::new(fresh()).insert(Record::InitialAccess(record));
    assert_eq!(world.store.commit(work).await.expect("a store"), Outcome::Won);
    token
}

/// A realm where whoever is on this machine may register without a token.
async fn open_town(most_clients: usize) -> World {
    World::with(open_realm(most_clients)).await
}

fn open_realm(most_clients: usize) -> NewRealm {
    let mut realm = realm();
    let policies = realm.config.components.as_mut().and_then(|all| all.get_mut(POLICIES)).expect("policies");
    set(policies, "trusted-hosts", "trusted-hosts", &["127.0.0.1", "app.example"]);
    set(policies, "max-clients", "max-clients", &[&most_clients.to_string()]);
    realm
}

fn set(policies: &mut [ComponentExportRepresentation], id: &str, name: &str, values: &[&str]) {
    let mut named = policies.iter_mut().filter(|policy| policy.provider_id.as_deref() == Some(id));
    let policy = named.next().expect("the policy");
    let values = values.iter().map(|&value| value.to_owned()).collect();
    policy.config.get_or_insert_default().insert(name.to_owned(), values);
}

fn text<'a>(document: &'a Value, name: &str) -> &'a str {
    document[name].as_str().unwrap_or_else(|| panic!("no {name} in {document}"))
}

fn tool(redirect_uri: &str) -> Value {
    json!({
        "client_name": "A tool", "software_id": "tool", "token_endpoint_auth_method": "none",
        "redirect_uris": [redirect_uri],
    })
}

#[tokio::test]
async fn a_client_reads_changes_and_removes_itself() {
    let world = town().await;
    let access = initial_access(&world, 1, &[]).await;
    let sent = json!({"redirect_uris": ["https://app.example/cb"], "client_name": "d"});
    let made = call(&world, "POST", METADATA, Some(&access), &sent).await;
    assert_eq!(made.status(), 201, "{}", made.text);
    assert_eq!(made.header("cache-control"), "no-store");
    let made_document = made.json();
    let (id, first) = (text(&made_document, "client_id"), text(&made_document, "registration_access_token"));
    let path = format!("{METADATA}/{id}");
    assert_eq!(made.header("location"), text(&made_document, "registration_client_uri"));

    let read = call(&world, "GET", &path, Some(first), &Value::Null).await.json();
    assert_eq!(text(&read, "registration_access_token"), first, "reading changes nothing");

    let change = json!({"client_id": id, "client_name": "e"});
    let changed = call(&world, "PUT", &path, Some(first), &change).await;
    assert_eq!(changed.status(), 200, "{}", changed.text);
    let changed = changed.json();
    assert_eq!(changed["redirect_uris"], json!(["https://app.example/cb"]), "what is left out stays");
    let second = text(&changed, "registration_access_token");

    for (method, token) in [("GET", first), ("PUT", first), ("DELETE", first)] {
        let refused = call(&world, method, &path, Some(token), &change).await;
        assert_eq!(refused.error().1, "invalid_token", "{method}: the old token is over");
    }
    assert_eq!(call(&world, "DELETE", &path, Some(second), &Value::Null).await.status(), 204);
    assert_eq!(call(&world, "GET", &path, Some(second), &Value::Null).await.status(), 401);
}

/// Attack 44: neither the other provider nor another client takes a token.
#[tokio::test]
async fn a_registration_access_token_is_good_for_one_client_at_one_provider() {
    let world = town().await;
    let access = initial_access(&world, 2, &[]).await;
    let one = call(&world, "POST", METADATA, Some(&access), &json!({})).await.json();
    let other = call(&world, "POST", METADATA, Some(&access), &json!({})).await.json();
    let (id, token) = (text(&one, "client_id"), text(&one, "registration_access_token"));
    let wider = json!({"clientId": id, "fullScopeAllowed": true, "serviceAccountsEnabled": true});
    for (path, body) in [
        (format!("{DOCUMENTS}/{id}"), wider),
        (
            format!("{METADATA}/{}", text(&other, "client_id")),
            json!({"client_id": text(&other, "client_id")}),
        ),
        (format!("{METADATA}/web"), json!({"client_id": "web"})),
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            assert_eq!(
                call(&world, method, &path, Some(token), &body).await.status(),
                401,
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn sixteen_at_once_register_no_more_than_the_token_is_for() {
    let world = town().await;
    let access = initial_access(&world, 3, &[]).await;
    let statuses = sixteen(&world, Some(&access), &json!({})).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 3, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 13, "{statuses:?}");
}

#[tokio::test]
async fn sixteen_at_once_do_not_fill_a_realm_beyond_its_limit() {
    let probe = open_town(1).await;
    let refused = call(&probe, "POST", METADATA, None, &json!({})).await;
    assert_eq!(refused.status(), 403, "{}", refused.text);
    let there =
        probe.store.stored_clients(probe.store.realm("r").await.expect("a store").expect("a realm").id);
    let there = there.await.expect("a store").len();

    let world = open_town(there + 2).await;
    let sent = json!({"redirect_uris": ["https://app.example/cb"]});
    let statuses = sixteen(&world, None, &sent).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 2, "{statuses:?}");
}

#[tokio::test]
async fn whoever_registers_again_gets_the_same_client_and_nobody_owns_it() {
    let world = open_town(200).await;
    let sent = tool("https://app.example/cb");
    let first = call(&world, "POST", METADATA, None, &sent).await;
    assert_eq!(first.status(), 201, "{}", first.text);
    let first = first.json();
    let again = call(&world, "POST", METADATA, None, &sent).await.json();
    assert_eq!(text(&again, "client_id"), text(&first, "client_id"));
    assert_eq!(again.get("registration_access_token"), None);
    let path = format!("{METADATA}/{}", text(&first, "client_id"));
    let stolen = json!({"client_id": first["client_id"], "redirect_uris": ["https://app.example/other"]});
    let token = text(&first, "registration_access_token");
    assert_eq!(call(&world, "PUT", &path, Some(token), &stolen).await.status(), 401);

    let elsewhere = call(&world, "POST", METADATA, None, &tool("https://app.example/b")).await.json();
    assert_ne!(text(&elsewhere, "client_id"), text(&first, "client_id"));
    let mut named = tool("https://app.example/cb");
    named["client_name"] = json!("Another name on the consent page");
    let named = call(&world, "POST", METADATA, None, &named).await.json();
    assert_ne!(text(&named, "client_id"), text(&first, "client_id"));
}

/// A client that changed itself is no longer what others would join.
#[tokio::test]
async fn nobody_joins_a_client_that_changed() {
    let world = open_town(200).await;
    let sent = tool("https://app.example/cb");
    let first = call(&world, "POST", METADATA, None, &sent).await.json();
    let path = format!("{METADATA}/{}", text(&first, "client_id"));
    let change = json!({"client_id": first["client_id"], "redirect_uris": ["https://app.example/mine"]});
    let token = text(&first, "registration_access_token");
    assert_eq!(call(&world, "PUT", &path, Some(token), &change).await.status(), 200);
    let other = call(&world, "POST", METADATA, None, &sent).await.json();
    assert_ne!(text(&other, "client_id"), text(&first, "client_id"));
}

#[tokio::test]
async fn one_address_is_told_to_wait() {
    let world = open_town(200).await;
    let sent = json!({"redirect_uris": ["https://evil.example/cb"]});
    for _ in 0..60 {
        assert_eq!(call(&world, "POST", METADATA, None, &sent).await.status(), 403);
    }
    let stopped = call(&world, "POST", METADATA, None, &sent).await;
    assert_eq!((stopped.status(), stopped.header("retry-after")), (429, "600"));
    world.wait(600).await;
    assert_eq!(call(&world, "POST", METADATA, None, &sent).await.status(), 403);
}

#[tokio::test]
async fn pages_register_from_origins_that_are_named() {
    let world = town().await;
    let access = initial_access(&world, 9, &["https://page.example"]).await;
    let bearer = format!("Bearer {access}");
    for (origin, token, status, readable) in [
        ("https://page.example", Some(bearer.as_str()), 201, "https://page.example"),
        ("https://evil.example", Some(bearer.as_str()), 403, ""),
        ("https://page.example", None, 403, ""),
    ] {
        let mut headers = vec![("content-type", "application/json"), ("origin", origin)];
        headers.extend(token.map(|token| ("authorization", token)));
        let request = with_headers(Request::post(world.url(METADATA)), &headers, Body::from("{}"));
        let answer = world.send(request).await;
        assert_eq!(answer.status(), status, "{origin} {}", answer.text);
        assert_eq!(answer.header("access-control-allow-origin"), readable, "{origin}");
    }
}

/// Only JSON can be told from a form that any page may post (Fetch §2.2.2).
#[tokio::test]
async fn a_body_that_is_not_json_is_not_read() {
    let world = town().await;
    let answer = world.post(&world.url(METADATA), &[("redirect_uris", "https://a")]).await;
    assert_eq!(answer.status(), 415, "{}", answer.text);
}

#[tokio::test]
async fn the_first_token_says_that_a_client_is_used() {
    let world = open_town(200).await;
    let sent = json!({"grant_types": ["client_credentials"]});
    let made = call(&world, "POST", METADATA, None, &sent).await.json();
    let (id, secret) = (text(&made, "client_id"), text(&made, "client_secret"));
    let realm = world.store.realm("r").await.expect("a store").expect("a realm").id;
    let used = async || {
        let stored = world.store.stored_client(realm, id).await.expect("a store").expect("the client");
        (stored.record.registration.used.is_some(), stored.version)
    };
    assert_eq!(used().await, (false, 1));
    let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    world.post(&world.endpoint("/token"), &form).await.tokens();
    assert_eq!(used().await, (true, 1), "and nobody who changes it meanwhile loses");
    let realm = world.store.realm("r").await.expect("a store").expect("a realm");
    let client = world.store.client(&realm, id);
    assert!(!client.await.expect("a store").expect("the client").awaits_use, "it is remembered once");
}

/// An administrator's decision is not undone by the client.
#[tokio::test]
async fn a_client_that_was_switched_off_does_not_switch_itself_on() {
    let world = town().await;
    let mut realm = realm();
    let policies = realm.config.components.as_mut().and_then(|all| all.get_mut(POLICIES)).expect("policies");
    policies.push(ComponentExportRepresentation {
        name: Some("Disabled".to_owned()),
        provider_id: Some("client-disabled".to_owned()),
        sub_type: Some("authenticated".to_owned()),
        ..ComponentExportRepresentation::default()
    });
    let components = realm.config.components.clone();
    world.change_realm(|realm| realm.components = components).await;
    let access = initial_access(&world, 1, &[]).await;
    let made = call(&world, "POST", DOCUMENTS, Some(&access), &json!({"clientId": "new"})).await.json();
    assert_eq!(made["enabled"], false);
    let token = text(&made, "registrationAccessToken");
    let on = json!({"clientId": "new", "enabled": true});
    let path = format!("{DOCUMENTS}/new");
    assert_eq!(call(&world, "PUT", &path, Some(token), &on).await.status(), 401);
}
