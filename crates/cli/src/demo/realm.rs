//! The realm of the demo: a user, a client that must ask, a scope, and a protected resource.

use sekisho_protocol::keycloak::{RealmRepresentation, defaults};
use sekisho_protocol::ports::draw;
use sekisho_protocol::{Clock, Entropy};
use serde_json::{Value, json};

use crate::ports::SystemEntropy;

pub(super) const REALM: &str = "myrealm";
pub(super) const CLIENT_ID: &str = "mcp";
pub(super) const SCOPE: &str = "hello";
pub(super) const REDIRECT_URI: &str = "http://localhost:8888/callback";
pub(super) const USERNAME: &str = "alice";

/// Characters of invented secrets: none that looks like another, none that a shell reads.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// What is invented anew at each start, and printed once.
pub(super) struct Story {
    pub(super) password: String,
    pub(super) client_secret: String,
}

impl Story {
    /// Invents the secrets.
    pub(super) fn invent() -> Self {
        let entropy = SystemEntropy::new();
        Self { password: word::<12>(&entropy), client_secret: word::<32>(&entropy) }
    }

    /// The realm as a document, to be imported like any other.
    pub(super) fn realm(
        &self,
        [open, protected]: [&str; 2],
        entropy: &dyn Entropy,
        clock: &dyn Clock,
    ) -> anyhow::Result<RealmRepresentation> {
        let mut ids = || sekisho_core::ids::time_ordered(clock.now(), draw(entropy));
        let mut realm = defaults::new_realm(REALM, &mut ids);
        realm.display_name = Some("My realm".to_owned());
        let attributes = realm.attributes.get_or_insert_default();
        let resources = json!([
            {"uri": open, "name": "Sekisho demo, open"},
            {"uri": protected, "name": "Sekisho demo", "scopes": [SCOPE]},
        ]);
        attributes.insert("sekisho.resources".to_owned(), resources.to_string());
        realm.client_scopes.get_or_insert_default().push(serde_json::from_value(scope())?);
        let client = serde_json::from_value(self.client(&realm))?;
        realm.clients.get_or_insert_default().push(client);
        realm.users.get_or_insert_default().push(serde_json::from_value(self.user())?);
        Ok(realm)
    }

    fn client(&self, realm: &RealmRepresentation) -> Value {
        let mut optional = realm.default_optional_client_scopes.clone().unwrap_or_default();
        optional.push(SCOPE.to_owned());
        json!({
            "clientId": CLIENT_ID,
            "name": "MCP demo client",
            "secret": self.client_secret,
            "publicClient": false,
            "standardFlowEnabled": true,
            "consentRequired": true,
            "redirectUris": [REDIRECT_URI],
            "attributes": {"pkce.code.challenge.method": "S256"},
            "defaultClientScopes": realm.default_default_client_scopes,
            "optionalClientScopes": optional,
        })
    }

    fn user(&self) -> Value {
        json!({
            "username": USERNAME,
            "enabled": true,
            "email": "alice@example.org",
            "emailVerified": true,
            "firstName": "Alice",
            "lastName": "Example",
            "credentials": [{"type": "password", "value": self.password, "temporary": false}],
            "realmRoles": [defaults::default_role_name(REALM)],
        })
    }
}

fn scope() -> Value {
    json!({
        "name": SCOPE,
        "description": "Lets the tool hello answer you.",
        "protocol": "openid-connect",
        "attributes": {
            "include.in.token.scope": "true",
            "display.on.consent.screen": "true",
            "consent.screen.text": "Say hello",
        },
    })
}

fn word<const N: usize>(entropy: &dyn Entropy) -> String {
    let letter =
        |byte: &u8| ALPHABET.get(usize::from(*byte) % ALPHABET.len()).copied().map_or('a', char::from);
    draw::<N>(entropy).iter().map(letter).collect()
}
