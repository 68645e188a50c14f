//! Settings of realms changed.

use sekisho_admin::realm::{self, settings};
use sekisho_protocol::keycloak::RealmRepresentation;
use serde_json::{Value, json};

use super::documents::realm_of;
use super::place::Place;

async fn place() -> Place {
    let place = Place::new().await;
    realm::create(&place.context(), "master", realm::ImportOptions::default()).await.expect("master");
    let document = json!({
        "realm": "r", "enabled": true, "displayName": "R",
        "attributes": {"mine": "0", "theirs": "0"},
        "smtpServer": {"host": "mail.example", "from": "r@example.org", "password": "hush"},
    });
    place.import(realm_of(&document)).await.expect("an import");
    place
}

async fn put(place: &Place, sent: &Value) -> Result<(), String> {
    let sent: RealmRepresentation = realm_of(sent);
    let admin = place.operator("r").await;
    Box::pin(realm::update(&admin, &sent)).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn what_was_not_sent_stays() {
    let place = place().await;
    let sent = json!({
        "accessTokenLifespan": 42, "attributes": {"mine": "1"}, "clients": [], "id": "other", "roles": {"realm": []},
        "smtpServer": {"host": "other.example", "from": "r@example.org", "password": "**********"},
    });
    put(&place, &sent).await.expect("a change");
    let realm = place.export("r").await;
    assert_eq!(realm.display_name.as_deref(), Some("R"));
    let attributes = realm.attributes.expect("attributes");
    assert_eq!((attributes["mine"].as_str(), attributes["theirs"].as_str()), ("1", "0"));
    assert_eq!(realm.smtp_server.expect("a server")["password"], "hush", "stars are what was not seen");
    assert!(realm.clients.is_some_and(|clients| !clients.is_empty()));
    assert_eq!(place.realm("r").await.lifespans.access_token, 42);
    let seen = settings::find(&place.operator("r").await).await.expect("the settings");
    assert_eq!(seen.smtp_server.expect("a server")["password"], "**********");
}

#[tokio::test]
async fn a_change_that_is_refused_changes_nothing() {
    let place = place().await;
    let before = serde_json::to_value(place.export("r").await).expect("a document");
    let condition = json!({"condition": "client-access-type", "configuration": {"type": {"a": 1}}});
    let policy = |conditions: Value| json!({"policies": [{"name": "x", "conditions": conditions}]});
    for (sent, expected) in [
        (
            json!({"displayName": "x", "sslRequired": "some"}),
            r#"sslRequired: "some" is none of all, external and none"#,
        ),
        (json!({"browserFlow": "gone"}), r#"browserFlow: there is no authentication flow "gone""#),
        (json!({"passwordPolicy": "gone(1)"}), "Password policy not found"),
        (json!({"realm": "a/b"}), "Character '/' not allowed."),
        (json!({"realm": "master"}), "Realm with same name exists"),
        (
            json!({"attributes": {"frontendUrl": "https://x/?a"}}),
            "attributes.frontendUrl: not an address that begins with https:// or http:// and has no query",
        ),
        (
            json!({"clientPolicies": policy(json!([{"condition": "any-client"}, {"condition": "gone"}]))}),
            "clientPolicies.policies[0].conditions[1].condition: there is no condition \"gone\"",
        ),
    ] {
        assert_eq!(put(&place, &sent).await.expect_err("a refusal"), expected);
    }
    let refused =
        put(&place, &json!({"clientPolicies": policy(json!([condition]))})).await.expect_err("a refusal");
    let place_of = "clientPolicies.policies[0].conditions[0].configuration.type: ";
    assert!(refused.starts_with(place_of), "{refused}");
    assert_eq!(serde_json::to_value(place.export("r").await).expect("a document"), before);
}

#[tokio::test]
async fn a_document_with_policies_that_cannot_be_read_is_not_imported() {
    let place = place().await;
    let executors = json!([{"executor": "gone", "configuration": {}}]);
    let document = json!({
        "realm": "new",
        "clientProfiles": {"profiles": [{"name": "a"}, {"name": "p", "executors": executors}]},
    });
    let refused = place.import(realm_of(&document)).await.expect_err("a refusal").to_string();
    assert!(refused.starts_with("clientProfiles.profiles[1].executors[0].executor: "), "{refused}");
    assert_eq!(place.store.realm_names().await.expect("a read"), ["master", "r"]);
}

#[tokio::test]
async fn a_new_name_moves_the_realm_with_what_carries_it() {
    let place = place().await;
    put(&place, &json!({"realm": "s"})).await.expect("another name");
    assert!(place.store.realm("r").await.expect("a read").is_none());
    let realm = place.realm("s").await;
    assert_eq!(realm.issuer, "http://localhost:8080/realms/s");
    let account = place.export("s").await.clients.expect("clients");
    let account =
        account.iter().find(|client| client.client_id.as_deref() == Some("account")).expect("a client");
    assert_eq!(account.base_url.as_deref(), Some("/realms/s/account/"));
    let master = place.realm("master").await;
    let clients = || master.roles.client_ids.values();
    assert!(clients().any(|name| name == "s-realm") && !clients().any(|name| name == "r-realm"));
    settings::delete(&place.operator("s").await).await.expect("an end");
    let refused =
        Box::pin(realm::update(&place.operator("master").await, &realm_of(&json!({"realm": "m"})))).await;
    assert_eq!(refused.expect_err("a refusal").to_string(), "Can't rename master realm");
}

#[tokio::test]
async fn an_algorithm_that_a_realm_asks_for_gets_a_key() {
    let place = place().await;
    put(&place, &json!({"defaultSignatureAlgorithm": "ES384"})).await.expect("a change");
    let realm = place.realm("r").await;
    assert!(realm.keys.signer(realm.tokens.access_token_algorithm).is_some());
    assert_eq!(realm.tokens.access_token_algorithm.name(), "ES384");
}
