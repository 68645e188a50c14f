//! Accounts that have more rights than whoever wants to sign in to them (attack 80).

use sekisho_admin::client::{self, registration, secret};
use sekisho_admin::protocol_mapper::{self, Owner};
use sekisho_admin::user::{credential, write};
use sekisho_admin::{Admin, AdminError, component};
use sekisho_protocol::keycloak::{
    self, ClientRepresentation, CredentialRepresentation, ProtocolMapperRepresentation, Sensitive,
    UserRepresentation,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::documents::realm_of;
use super::place::Place;

const ROBOT: &str = "6a1d5b6e-0000-4000-8000-000000000001";
const PLAIN: &str = "6a1d5b6e-0000-4000-8000-000000000002";
const HIDDEN: &str = "**********";

async fn place() -> Place {
    let place = Place::new().await;
    let user = |name: &str, role: &str| {
        json!({"username": name, "enabled": true, "email": format!("{name}@example.org"),
            "firstName": "A", "lastName": "B", "credentials": [{"type": "password", "value": name}],
            "clientRoles": {"realm-management": [role]}})
    };
    let mut users = ["realm-admin", "manage-users", "manage-clients", "manage-realm"]
        .map(|name| user(name, name))
        .to_vec();
    users.push(json!({"username": "grouped", "enabled": true, "groups": ["/bosses"],
        "credentials": [{"type": "password", "value": "grouped"}]}));
    users.push(json!({"username": "nobody", "enabled": true, "email": "nobody@example.org",
        "credentials": [{"type": "password", "value": "nobody"}]}));
    users.push(
        json!({"username": "service-account-robot", "enabled": true, "serviceAccountClientId": "robot",
        "clientRoles": {"realm-management": ["realm-admin"]}}),
    );
    let client = |id: &str, name: &str| json!({"id": id, "clientId": name, "secret": "hush", "serviceAccountsEnabled": true});
    let document = json!({
        "realm": "r", "enabled": true, "users": users,
        "groups": [{"name": "bosses", "clientRoles": {"realm-management": ["realm-admin"]}}],
        "clients": [client(ROBOT, "robot"), client(PLAIN, "plain")],
    });
    place.import(realm_of(&document)).await.expect("an import");
    place
}

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("a document")
}

fn password() -> CredentialRepresentation {
    CredentialRepresentation { value: Some(Sensitive::new("mine now")), ..Default::default() }
}

async fn id_of(place: &Place, name: &str) -> String {
    let realm = place.realm("r").await;
    place.store.user_by_login(&realm, name).await.expect("a read").expect("the user").id.to_string()
}

/// What lets somebody sign in as the user, each once.
async fn ways_into(admin: &Admin<'_>, id: &str) -> Vec<(&'static str, Result<(), AdminError>)> {
    let kept = credential::list(admin, id).await.expect("a list");
    let kept = kept.into_iter().next().and_then(|credential| credential.id).expect("a password");
    let user = |value: Value| read::<UserRepresentation>(value);
    let with_password = json!({"credentials": [{"type": "password", "value": "mine now"}]});
    vec![
        ("label", credential::label(admin, id, &kept, "mine").await),
        ("address", write::update(admin, id, user(json!({"email": format!("{id}@evil.example")}))).await),
        ("password of a document", write::update(admin, id, user(with_password)).await),
        ("password", credential::reset_password(admin, id, Some(password())).await),
        ("removal", {
            let kept = credential::list(admin, id).await.expect("a list");
            let kept = kept.into_iter().next().and_then(|credential| credential.id).expect("a password");
            credential::delete(admin, id, &kept).await
        }),
    ]
}

#[tokio::test]
async fn nobody_takes_over_a_user_with_more_rights() {
    for (who, whose, allowed) in [
        ("manage-users", "realm-admin", false),
        ("manage-users", "grouped", false),
        ("manage-users", "nobody", true),
        ("manage-users", "manage-users", true),
        ("realm-admin", "manage-users", true),
        ("realm-admin", "grouped", true),
    ] {
        let place = place().await;
        let admin = place.administrator("r", who).await;
        let id = id_of(&place, whose).await;
        for (what, outcome) in ways_into(&admin, &id).await {
            assert_eq!(outcome.is_ok(), allowed, "{who}, {what} of {whose}: {outcome:?}");
            assert!(matches!(outcome, Ok(()) | Err(AdminError::Forbidden)), "{who}, {what} of {whose}");
        }
        let named = read::<UserRepresentation>(json!({"firstName": "New", "enabled": true}));
        write::update(&admin, &id, named).await.expect("what lets nobody in is anybody's to change");
    }
}

#[tokio::test]
async fn nobody_takes_over_a_client_with_more_rights() {
    let place = place().await;
    let described = || read::<ClientRepresentation>(json!({"description": "mine"}));
    let mapper = || {
        read::<ProtocolMapperRepresentation>(json!({
            "name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper"
        }))
    };
    for (who, id, allowed) in
        [("manage-clients", ROBOT, false), ("manage-clients", PLAIN, true), ("realm-admin", ROBOT, true)]
    {
        let admin = place.administrator("r", who).await;
        let known = if allowed { "hush" } else { HIDDEN };
        let seen = client::find(&admin, id).await.expect("the client");
        let all = client::list(&admin, &client::Filter::default()).await.expect("a list");
        let listed = all.into_iter().find(|client| client.id.as_deref() == Some(id)).expect("the client");
        let secret_of = secret::find(&admin, id).await.expect("a secret");
        for secret in [seen.secret, listed.secret, secret_of.value] {
            assert_eq!(secret.as_ref().map(Sensitive::reveal), Some(known), "{who}, {id}");
        }
        for (what, outcome) in [
            ("update", Box::pin(client::update(&admin, id, described())).await),
            (
                "mapper",
                Box::pin(protocol_mapper::create(&admin, Owner::Client(id), mapper())).await.map(drop),
            ),
            ("token", registration::regenerate(&admin, id).await.map(drop)),
            ("secret", Box::pin(secret::regenerate(&admin, id)).await.map(drop)),
        ] {
            assert_eq!(outcome.is_ok(), allowed, "{who}, {what} of {id}: {outcome:?}");
            assert!(matches!(outcome, Ok(()) | Err(AdminError::Forbidden)), "{who}, {what} of {id}");
        }
    }
}

/// Whoever knows the key that a realm signs with makes its administrators' tokens.
#[tokio::test]
async fn only_who_administers_all_of_a_realm_brings_it_a_key() {
    let place = place().await;
    for (who, config, allowed) in [
        ("manage-realm", json!({}), true),
        ("manage-realm", json!({"secret": ["bWluZW1pbmVtaW5lbWluZW1pbmVtaW5lbWluZW1pbmU"]}), false),
        ("realm-admin", json!({"secret": ["bWluZW1pbmVtaW5lbWluZW1pbmVtaW5lbWluZW1pbmU"]}), true),
    ] {
        let admin = place.administrator("r", who).await;
        let document = json!({"name": "k", "providerId": "hmac-generated", "config": config,
            "providerType": "org.keycloak.keys.KeyProvider"});
        let sent = keycloak::parse(document.to_string().as_bytes()).expect("a component");
        let made = component::create(&admin, sent).await;
        assert_eq!(made.is_ok(), allowed, "{who}, {config}: {made:?}");
        assert!(matches!(made, Ok(_) | Err(AdminError::Forbidden)), "{who}, {config}");
    }
}
