//! The realm that most tests live in: two people, one client of each kind, a scope, two resources.

use sekisho_protocol::keycloak;
use sekisho_testkit::builders::NewRealm;
use serde_json::{Value, json};

use super::client::Client;
use super::world::{World, fresh};

pub(crate) const MCP: &str = "https://mcp.example/mcp";
pub(crate) const FILES: &str = "https://files.example/mcp";

/// A server with [`realm`].
pub(crate) async fn town() -> World {
    World::with(realm()).await
}

/// The realm, to be changed before it is served.
pub(crate) fn realm() -> NewRealm {
    let mut realm = NewRealm::named("r");
    for (name, text) in [("hello", "Say hello"), ("files", "Read files")] {
        add_scope(&mut realm, name, text);
    }
    realm.add_resource(MCP);
    realm.add_resource(FILES);
    realm.add_user(&person("alice"));
    realm.add_user(&person("bob"));
    realm.add_client(&json!({
        "clientId": "app", "publicClient": true, "redirectUris": ["https://app.example/cb"],
        "attributes": {"post.logout.redirect.uris": "https://app.example/out"},
    }));
    realm.add_client(&json!({
        "clientId": "web", "secret": "web secret", "redirectUris": ["https://web.example/cb"],
        "attributes": {"pkce.code.challenge.method": "S256"},
    }));
    realm.add_client(&json!({
        "clientId": "agent", "name": "An agent", "publicClient": true, "consentRequired": true,
        "fullScopeAllowed": false,
        "redirectUris": ["http://localhost/callback"], "defaultClientScopes": ["basic", "profile"],
        "optionalClientScopes": ["email", "hello", "files", "offline_access"],
    }));
    realm.add_client(&json!({
        "clientId": "service", "secret": "service secret", "serviceAccountsEnabled": true,
        "standardFlowEnabled": false,
    }));
    realm.add_client(&json!({
        "clientId": "script", "publicClient": true, "directAccessGrantsEnabled": true,
        "standardFlowEnabled": false,
    }));
    realm
}

fn person(name: &str) -> Value {
    json!({
        "username": name, "email": format!("{name}@example.org"), "emailVerified": true,
        "firstName": name.to_uppercase(), "lastName": "Example",
        "credentials": [{"type": "password", "value": name}], "realmRoles": ["default-roles-r"],
    })
}

pub(crate) fn add_scope(realm: &mut NewRealm, name: &str, text: &str) {
    let document = json!({
        "id": fresh(), "name": name, "description": format!("What {name} is for."), "protocol": "openid-connect",
        "attributes": {
            "include.in.token.scope": "true", "display.on.consent.screen": "true", "consent.screen.text": text,
        },
    });
    let scope = keycloak::parse(document.to_string().as_bytes()).expect("a scope");
    realm.config.client_scopes.get_or_insert_default().push(scope);
}

fn client(world: &World, client_id: &str, secret: Option<&str>, redirect_uri: &str) -> Client {
    Client {
        world: world.clone(),
        id: client_id.to_owned(),
        secret: secret.map(str::to_owned),
        redirect_uri: redirect_uri.to_owned(),
    }
}

/// Public; asks for no consent.
pub(crate) fn app(world: &World) -> Client {
    client(world, "app", None, "https://app.example/cb")
}

/// Confidential; asks for no consent.
pub(crate) fn web(world: &World) -> Client {
    client(world, "web", Some("web secret"), "https://web.example/cb")
}

/// Public, on the user's own machine; asks for consent.
pub(crate) fn agent(world: &World) -> Client {
    client(world, "agent", None, "http://localhost:3456/callback")
}

/// Confidential, with a service account.
pub(crate) fn service(world: &World) -> Client {
    client(world, "service", Some("service secret"), "")
}

/// Public, with the password grant.
pub(crate) fn script(world: &World) -> Client {
    client(world, "script", None, "")
}
