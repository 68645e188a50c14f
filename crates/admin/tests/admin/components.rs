//! Components, and the keys that come and go with them.

use sekisho_admin::component;
use sekisho_admin::keys::{self, Key};
use sekisho_core::keys::{KeyState, KeyUse};
use sekisho_jose::algorithm::Algorithm;
use sekisho_protocol::keycloak::{self, ComponentRepresentation};
use serde_json::{Value, json};

use super::documents::realm_of;
use super::place::Place;

const KEYS: &str = "org.keycloak.keys.KeyProvider";

async fn place() -> Place {
    let place = Place::new().await;
    place.import(realm_of(&json!({"realm": "r", "enabled": true}))).await.expect("an import");
    place
}

fn provider(id: &str, config: &Value) -> ComponentRepresentation {
    let document = json!({"name": id, "providerId": id, "providerType": KEYS, "config": config});
    keycloak::parse(document.to_string().as_bytes()).expect("a component")
}

async fn make(place: &Place, id: &str, config: Value) -> String {
    component::create(&place.operator("r").await, provider(id, &config)).await.expect("a component")
}

async fn configure(place: &Place, id: &str, config: Value) {
    let config = serde_json::from_value(config).expect("a configuration");
    let sent = ComponentRepresentation { config: Some(config), ..Default::default() };
    component::update(&place.operator("r").await, id, &sent).await.expect("a change");
}

/// The key of a component.
async fn key(place: &Place, id: &str) -> Option<Key> {
    let listed = keys::list(&place.context(), "r").await.expect("keys");
    listed.into_iter().find(|key| key.id.to_string() == id)
}

async fn signer(place: &Place, algorithm: Algorithm) -> Option<String> {
    place.realm("r").await.keys.signer(algorithm).map(|key| key.kid().to_owned())
}

async fn shown(place: &Place, kid: &str) -> bool {
    place.realm("r").await.keys.jwks.contains(kid)
}

#[tokio::test]
async fn the_priority_says_which_key_of_an_algorithm_signs() {
    let place = place().await;
    let usual = signer(&place, Algorithm::Rs256).await.expect("the key of a new realm");
    let low = make(&place, "rsa-generated", json!({"priority": ["50"]})).await;
    assert_eq!(signer(&place, Algorithm::Rs256).await.as_ref(), Some(&usual), "100 comes before 50");
    let high = make(&place, "rsa-generated", json!({"priority": ["200"]})).await;
    let (low_kid, high_kid) =
        (key(&place, &low).await.expect("a key").kid, key(&place, &high).await.expect("a key").kid);
    assert_eq!(signer(&place, Algorithm::Rs256).await.as_ref(), Some(&high_kid));
    configure(&place, &low, json!({"priority": ["300"]})).await;
    assert_eq!(signer(&place, Algorithm::Rs256).await.as_ref(), Some(&low_kid));
    configure(&place, &low, json!({"priority": ["1"]})).await;
    configure(&place, &high, json!({"priority": ["1"]})).await;
    assert_eq!(signer(&place, Algorithm::Rs256).await.as_ref(), Some(&usual));
    for kid in [&usual, &low_kid, &high_kid] {
        assert!(shown(&place, kid).await, "what was signed is verified on");
    }
}

#[tokio::test]
async fn a_key_changes_with_what_its_component_says() {
    let place = place().await;
    let id = make(&place, "ecdsa-generated", json!({"ecdsaEllipticCurveKey": ["P-256"]})).await;
    let first = key(&place, &id).await.expect("a key");
    assert_eq!(signer(&place, Algorithm::Es256).await.as_ref(), Some(&first.kid));

    configure(&place, &id, json!({"priority": ["60"]})).await;
    assert_eq!(key(&place, &id).await.expect("a key").kid, first.kid, "the same key");
    configure(&place, &id, json!({"active": ["false"]})).await;
    assert_eq!((signer(&place, Algorithm::Es256).await, shown(&place, &first.kid).await), (None, true));
    configure(&place, &id, json!({"enabled": ["false"]})).await;
    assert!(!shown(&place, &first.kid).await);
    configure(&place, &id, json!({"enabled": [""], "active": [""], "ecdsaEllipticCurveKey": ["P-384"]}))
        .await;
    let other = key(&place, &id).await.expect("a key");
    assert_eq!((other.algorithm.as_str(), other.state), ("ES384", KeyState::Active));
    assert!(!shown(&place, &first.kid).await);

    component::delete(&place.operator("r").await, &id).await.expect("an end");
    assert_eq!(key(&place, &id).await, None);
    assert!(!shown(&place, &other.kid).await);
}

/// Without a key the realm could answer nobody. As in Keycloak, another one is made.
#[tokio::test]
async fn the_last_key_of_what_a_realm_signs_with_is_replaced() {
    let place = place().await;
    let before = keys::list(&place.context(), "r").await.expect("keys");
    for key in before.iter().filter(|key| key.purpose != KeyUse::Seal) {
        component::delete(&place.operator("r").await, &key.id.to_string()).await.expect("an end");
    }
    let after = keys::list(&place.context(), "r").await.expect("keys");
    for (purpose, algorithm) in [(KeyUse::Signature, "RS256"), (KeyUse::Refresh, "HS512")] {
        let found: Vec<&Key> =
            after.iter().filter(|key| key.purpose == purpose && key.algorithm == algorithm).collect();
        assert_eq!(found.len(), 1, "{algorithm}");
        assert!(before.iter().all(|key| key.kid != found[0].kid), "{algorithm}");
        let made = component::find(&place.operator("r").await, &found[0].id.to_string()).await;
        assert_eq!(made.expect("its component").provider_type.as_deref(), Some(KEYS));
    }
}

#[tokio::test]
async fn a_private_key_that_was_sent_is_not_shown_again() {
    let place = place().await;
    let pem = "MC4CAQAwBQYDK2VwBCIEIJaY3B3gCirVkBDIuPGzlEUD+7z6Q0GsOhQhr0wjojI8";
    let id = make(&place, "eddsa-generated", json!({"eddsaPrivateKey": [pem]})).await;
    assert_eq!(key(&place, &id).await.expect("a key").kid, "iPuBP_vk1F5Ytd9n793c7cJcf5o5pJdRqQmVFKOK6lc");
    let admin = place.operator("r").await;
    let shown = component::list(&admin, &component::Filter::default()).await.expect("a list");
    assert!(!serde_json::to_string(&shown).expect("a document").contains(pem));
    let again =
        component::create(&admin, provider("eddsa-generated", &json!({"eddsaPrivateKey": [pem]}))).await;
    assert_eq!(again.expect_err("a refusal").to_string(), "the realm has this key already");
}

/// Attack 79: neither the id nor the parent of a body reaches into another realm.
#[tokio::test]
async fn a_component_of_another_realm_is_out_of_reach() {
    let place = place().await;
    place.import(realm_of(&json!({"realm": "other", "enabled": true}))).await.expect("an import");
    let theirs = keys::list(&place.context(), "other").await.expect("keys");
    let theirs = theirs.iter().find(|key| key.algorithm == "RS256").expect("a key");
    let admin = place.operator("r").await;
    let mut sent = provider("rsa-generated", &json!({}));
    sent.id = Some(theirs.id.to_string());
    let refused = component::create(&admin, sent.clone()).await.expect_err("a refusal");
    assert_eq!(refused.to_string(), format!("Component {} already exists", theirs.id));
    (sent.id, sent.parent_id) = (None, Some(theirs.id.to_string()));
    let refused = component::create(&admin, sent).await.expect_err("a refusal").to_string();
    assert_eq!(refused, "parentId: neither this realm nor one of its components");
    for refused in [
        component::delete(&admin, &theirs.id.to_string()).await,
        component::update(&admin, &theirs.id.to_string(), &ComponentRepresentation::default()).await,
    ] {
        assert_eq!(refused.expect_err("a refusal").to_string(), "Could not find component");
    }
    let still = keys::list(&place.context(), "other").await.expect("keys");
    assert!(still.iter().any(|key| key.kid == theirs.kid));
}

#[tokio::test]
async fn a_configuration_that_cannot_be_read_changes_nothing() {
    let place = place().await;
    let admin = place.operator("r").await;
    let filter = component::Filter { name: Some("Max Clients Limit".to_owned()), ..Default::default() };
    let limit = component::list(&admin, &filter).await.expect("a list").remove(0);
    let mut sent = limit.clone();
    sent.config.get_or_insert_default().insert("max-clients".to_owned(), vec!["many".to_owned()]);
    let id = limit.id.clone().expect("an id");
    let refused = component::update(&admin, &id, &sent).await;
    assert_eq!(refused.expect_err("a refusal").to_string(), "max-clients is not a number of clients");
    assert!(component::find(&admin, &id).await.expect("a component") == limit);

    let filter = component::Filter { name: Some("Trusted Hosts".to_owned()), ..Default::default() };
    let mut hosts = component::list(&admin, &filter).await.expect("a list").remove(0);
    for name in ["client-uris-must-match", "host-sending-registration-request-must-match"] {
        hosts.config.get_or_insert_default().insert(name.to_owned(), vec!["false".to_owned()]);
    }
    let id = hosts.id.clone().expect("an id");
    let refused = component::update(&admin, &id, &hosts).await.expect_err("a refusal").to_string();
    assert_eq!(refused, "At least one of hosts verification or client URIs validation must be enabled");
}
