//! What a realm's document has beside its settings: identity providers, texts, flows, required actions.

use sekisho_admin::identity_provider::{self, Detail, mapper};
use sekisho_admin::{flow, localization, required_action};
use sekisho_protocol::keycloak::{
    self, IdentityProviderMapperRepresentation, IdentityProviderRepresentation,
    RequiredActionProviderRepresentation,
};
use serde_json::{Value, json};

use super::documents::realm_of;
use super::place::Place;

async fn place() -> Place {
    let place = Place::new().await;
    place.import(realm_of(&json!({"realm": "r", "enabled": true}))).await.expect("an import");
    place
}

fn provider(document: &Value) -> IdentityProviderRepresentation {
    keycloak::parse(document.to_string().as_bytes()).expect("a provider")
}

fn partner(secret: &str) -> IdentityProviderRepresentation {
    provider(&json!({"alias": "partner", "providerId": "oidc", "config": {"clientSecret": secret}}))
}

/// What the row of the realm has in clear.
async fn row(place: &Place) -> String {
    place.store.stored_realm("r").await.expect("a read").expect("a realm").record.config
}

/// The secret as it is opened for an export.
async fn secret(place: &Place) -> Option<String> {
    let options = sekisho_admin::realm::ExportOptions { users: false, secrets: true };
    let whole = sekisho_admin::realm::export(&place.context(), "r", options).await.expect("an export");
    let providers = whole.identity_providers.expect("providers");
    providers.first()?.config.as_ref()?.get("clientSecret").cloned()
}

#[tokio::test]
async fn the_secret_of_a_provider_is_sealed_hidden_and_kept() {
    let place = place().await;
    let admin = place.operator("r").await;
    identity_provider::create(&admin, partner("hush")).await.expect("a provider");
    assert!(row(&place).await.contains("partner") && !row(&place).await.contains("hush"));

    let shown = identity_provider::find(&admin, "partner").await.expect("the provider");
    assert_eq!(shown.config.as_ref().expect("a configuration")["clientSecret"], "**********");
    let mut sent = shown;
    sent.display_name = Some("Partner".to_owned());
    identity_provider::update(&admin, "partner", &sent).await.expect("a change");
    assert_eq!(secret(&place).await.as_deref(), Some("hush"), "stars leave it");
    identity_provider::update(&admin, "partner", &partner("other")).await.expect("a change");
    assert_eq!(secret(&place).await.as_deref(), Some("other"));
    let listed = identity_provider::list(&admin, None, Detail::Whole).await.expect("a list");
    assert!(!serde_json::to_string(&listed).expect("a document").contains("other"));
}

#[tokio::test]
async fn mappers_follow_their_provider() {
    let place = place().await;
    let admin = place.operator("r").await;
    identity_provider::create(&admin, partner("hush")).await.expect("a provider");
    let sent = IdentityProviderMapperRepresentation {
        name: Some("name".to_owned()),
        // Whatever the body says, the path says whose it is.
        identity_provider_alias: Some("somebody".to_owned()),
        ..Default::default()
    };
    let id = mapper::create(&admin, "partner", sent.clone()).await.expect("a mapper");
    mapper::create(&admin, "partner", sent.clone()).await.expect_err("the name is taken");
    mapper::create(&admin, "nobody", sent).await.expect_err("no such provider");

    let mut renamed = partner("hush");
    renamed.alias = Some("friend".to_owned());
    identity_provider::update(&admin, "partner", &renamed).await.expect("a new alias");
    mapper::find(&admin, "friend", &id).await.expect("it went along");
    identity_provider::delete(&admin, "friend").await.expect("an end");
    identity_provider::create(&admin, renamed).await.expect("another of that alias");
    assert_eq!(mapper::list(&admin, "friend").await.expect("a list").len(), 0, "they ended with it");
}

#[tokio::test]
async fn a_provider_that_cannot_be_is_refused() {
    let place = place().await;
    let admin = place.operator("r").await;
    identity_provider::create(&admin, partner("hush")).await.expect("a provider");
    let of = |name: &str, value: Value| {
        let mut document = json!({"alias": "p", "providerId": "oidc"});
        document[name] = value;
        provider(&document)
    };
    for (sent, text) in [
        (of("alias", json!("partner")), "Identity Provider partner already exists"),
        (of("alias", json!("a b")), "Empty Space not allowed."),
        (of("alias", json!("a/b")), "Character '/' not allowed."),
        (of("alias", json!("")), "alias: has 1 to 255 characters, and can stand in a path"),
        (of("alias", json!("..")), "alias: has 1 to 255 characters, and can stand in a path"),
        (of("alias", json!("a".repeat(256))), "alias: has 1 to 255 characters, and can stand in a path"),
        (of("providerId", json!("nothing")), "Invalid identity provider id [nothing]"),
        (of("providerId", Value::Null), "Invalid identity provider id [null]"),
        (of("config", json!({"tokenUrl": "x y"})), "The url [token_url] is malformed"),
        (of("config", json!({"tokenUrl": "file:///etc/x"})), "The url [token_url] is malformed"),
        (
            of("config", json!({"jwksUrl": "http://op.example"})),
            "The url [jwks_url] requires secure connections",
        ),
        (of("postBrokerLoginFlowAlias", json!("no")), "postBrokerLoginFlowAlias: there is no flow \"no\""),
    ] {
        let refused = identity_provider::create(&admin, sent).await.expect_err(text);
        assert_eq!(refused.to_string(), text);
    }
    let near = of("config", json!({"jwksUrl": "http://localhost:8080/jwks", "tokenUrl": ""}));
    identity_provider::create(&admin, near).await.expect("near enough for sslRequired=external");
}

/// Nobody's change is lost: each of the others is decided anew on what the first one left.
#[tokio::test]
async fn texts_put_at_once_all_stay() {
    let place = place().await;
    let admin = place.operator("r").await;
    let put = async |key: &str| {
        let texts = [(key.to_owned(), "text".to_owned())].into();
        localization::save(&admin, "en", &texts).await.expect("a text");
    };
    tokio::join!(put("a"), put("b"), put("c"));
    assert_eq!(localization::texts(&admin, "en").await.expect("texts").len(), 3);

    localization::remove(&admin, "en", "a").await.expect("an end");
    localization::remove(&admin, "en", "a").await.expect_err("it is gone");
    localization::remove_language(&admin, "en").await.expect("an end");
    assert_eq!(localization::languages(&admin).await.expect("languages"), Vec::<String>::new());
}

/// A document may say so; whoever looks must get an answer.
#[tokio::test]
async fn a_flow_in_itself_has_an_end() {
    let place = Place::new().await;
    let step = json!({"authenticatorFlow": true, "flowAlias": "f", "requirement": "REQUIRED", "priority": 1});
    let flow = json!({"id": "f", "alias": "f", "providerId": "basic-flow", "topLevel": true,
        "authenticationExecutions": [step]});
    let realm = json!({"realm": "r", "enabled": true, "authenticationFlows": [flow]});
    place.import(realm_of(&realm)).await.expect("an import");
    let steps = flow::executions(&place.operator("r").await, "f").await.expect("steps");
    assert_eq!(steps.len(), 17);
    assert!(steps.iter().all(|step| step.id == steps[0].id), "it is the same step each time");
}

#[tokio::test]
async fn a_required_action_stays_with_its_alias_and_what_was_not_sent() {
    let place = place().await;
    let admin = place.operator("r").await;
    let sent = RequiredActionProviderRepresentation {
        alias: Some("other".to_owned()),
        enabled: Some(false),
        ..Default::default()
    };
    required_action::update(&admin, "VERIFY_EMAIL", &sent).await.expect("a change");
    required_action::update(&admin, "other", &sent).await.expect_err("no such action");
    let found = required_action::find(&admin, "VERIFY_EMAIL").await.expect("the action");
    assert_eq!(
        (found.enabled, found.name.as_deref(), found.priority),
        (Some(false), Some("Verify Email"), Some(50))
    );
}
