//! The realm that the faults happen to: signing in is cheap, nobody is asked for consent.

use serde_json::{Value, json};

pub(crate) const REALM: &str = "faults";
pub(crate) const USERNAME: &str = "mika";
pub(crate) const PASSWORD: &str = "a password";
pub(crate) const REDIRECT_URI: &str = "http://localhost/callback";

/// A public client: its refresh tokens rotate.
pub(crate) const APP: &str = "app";

/// A confidential client that may send a password.
pub(crate) const TOOL: &str = "tool";
pub(crate) const TOOL_SECRET: &str = "a secret";

/// Whether what happens is written to the table of events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Events {
    Kept,
    /// Nothing writes but what a request asks for.
    Off,
}

/// The realm as a document to import. Codes and tokens outlive the test on any machine.
pub(crate) fn document(name: &str, events: Events) -> Value {
    json!({
        "realm": name,
        "enabled": true,
        "eventsEnabled": events == Events::Kept,
        "accessCodeLifespan": 3600,
        "passwordPolicy": "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)",
        "users": [{
            "username": USERNAME,
            "enabled": true,
            "email": "mika@example.org",
            "firstName": "Mika",
            "lastName": "Example",
            "credentials": [{"type": "password", "value": PASSWORD, "temporary": false}],
        }],
        "clients": [
            {
                "clientId": APP,
                "publicClient": true,
                "standardFlowEnabled": true,
                "redirectUris": [REDIRECT_URI],
                "attributes": {"pkce.code.challenge.method": "S256"},
            },
            {
                "clientId": TOOL,
                "publicClient": false,
                "secret": TOOL_SECRET,
                "standardFlowEnabled": false,
                "directAccessGrantsEnabled": true,
            },
        ],
    })
}
