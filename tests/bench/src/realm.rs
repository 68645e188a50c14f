//! The realm of the bench. The peer has the same clients (`../peers/oidc-provider/server.mjs`).

use anyhow::Result;
use sekisho_protocol::keycloak::{ClientRepresentation, RealmRepresentation, defaults};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Client, REDIRECT_URI};

pub(crate) const REALM: &str = "bench";
pub(crate) const RESOURCE: &str = "http://127.0.0.1:3001/mcp";
pub(crate) const SCOPE: &str = "hello";
pub(crate) const USERNAME: &str = "alice";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Gets tokens for itself, signed with ES256.
pub(crate) const SERVICE: Client = Client { id: "service", secret: Some("service-secret") };
/// The same with RS256.
pub(crate) const SERVICE_RS256: Client = Client { id: "service-rs256", secret: Some("service-secret") };
/// Confidential; its ID tokens are signed with RS256, as OpenID Connect has it by default.
pub(crate) const WEB: Client = Client { id: "web", secret: Some("web-secret") };
/// Confidential; its ID tokens are signed with ES256.
pub(crate) const WEB_ES256: Client = Client { id: "web-es256", secret: Some("web-secret") };
/// Public, so its refresh tokens rotate.
pub(crate) const APP: Client = Client { id: "app", secret: None };
/// Stands for the protected resource, and asks about tokens for it.
pub(crate) const GATE: Client = Client { id: "gate", secret: Some("gate-secret") };

/// The realm as Keycloak would export it. Passwords are hashed as in every new realm (Argon2id, Keycloak's
/// parameters), access tokens signed with ES256.
pub(crate) fn document() -> Result<RealmRepresentation> {
    let mut number = 0;
    let mut ids = || {
        number += 1;
        Uuid::from_u128(number)
    };
    let mut realm = defaults::new_realm(REALM, &mut ids);
    realm.default_signature_algorithm = Some("ES256".to_owned());
    let resources = json!([{"uri": RESOURCE, "name": "Bench", "scopes": [SCOPE]}]);
    realm.attributes.get_or_insert_default().insert("sekisho.resources".to_owned(), resources.to_string());
    realm.client_scopes.get_or_insert_default().push(serde_json::from_value(scope())?);
    let mut optional = realm.default_optional_client_scopes.clone().unwrap_or_default();
    optional.push(SCOPE.to_owned());
    for client in clients() {
        let mut client: ClientRepresentation = serde_json::from_value(client)?;
        client.default_client_scopes.clone_from(&realm.default_default_client_scopes);
        client.optional_client_scopes = Some(optional.clone());
        realm.clients.get_or_insert_default().push(client);
    }
    realm.users.get_or_insert_default().push(serde_json::from_value(user())?);
    Ok(realm)
}

fn scope() -> Value {
    json!({"name": SCOPE, "protocol": "openid-connect", "attributes": {"include.in.token.scope": "true"}})
}

fn clients() -> [Value; 6] {
    [
        service(SERVICE, "ES256"),
        service(SERVICE_RS256, "RS256"),
        person(WEB, "RS256"),
        person(WEB_ES256, "ES256"),
        person(APP, "ES256"),
        json!({
            "clientId": GATE.id,
            "secret": GATE.secret,
            "standardFlowEnabled": false,
            "attributes": {"resource_url": RESOURCE},
        }),
    ]
}

fn user() -> Value {
    json!({
        "username": USERNAME,
        "enabled": true,
        "email": "alice@example.org",
        "emailVerified": true,
        "firstName": "Alice",
        "lastName": "Example",
        "credentials": [{"type": "password", "value": PASSWORD}],
        "realmRoles": [defaults::default_role_name(REALM)],
    })
}

fn service(client: Client, algorithm: &str) -> Value {
    json!({
        "clientId": client.id,
        "secret": client.secret,
        "standardFlowEnabled": false,
        "serviceAccountsEnabled": true,
        "attributes": {"access.token.signed.response.alg": algorithm},
    })
}

/// A client that a person uses. Nobody is asked for consent.
fn person(client: Client, algorithm: &str) -> Value {
    json!({
        "clientId": client.id,
        "secret": client.secret,
        "publicClient": client.secret.is_none(),
        "standardFlowEnabled": true,
        "consentRequired": false,
        "redirectUris": [REDIRECT_URI],
        "attributes": {
            "access.token.signed.response.alg": "ES256",
            "id.token.signed.response.alg": algorithm,
        },
    })
}
