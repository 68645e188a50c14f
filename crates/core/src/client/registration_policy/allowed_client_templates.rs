//! `allowed-client-templates`: the client scopes that a client may register with.

use std::sync::Arc;

use sekisho_protocol::keycloak::ClientRepresentation;

use super::{Asked, Options, Preset, Property, Provider, RegistrationPolicy, switch, texts};
use crate::policy::effect::ClientEdit;

pub(super) const PROVIDER: Provider = Provider {
    id: "allowed-client-templates",
    help: "Client scopes that a client may register with.",
    properties: &[
        Property {
            name: SCOPES,
            key: SCOPES,
            kind: "MultivaluedList",
            preset: Preset::None,
            options: Options::Scopes,
        },
        Property {
            name: DEFAULTS,
            key: DEFAULTS,
            kind: "boolean",
            preset: Preset::Switch(true),
            options: Options::None,
        },
    ],
    configure: |config| {
        let (scopes, defaults) = (texts(config, SCOPES), switch(config, DEFAULTS, true)?);
        Ok(Arc::new(AllowedClientScopes { scopes, defaults }))
    },
};

const SCOPES: &str = "allowed-client-scopes";
const DEFAULTS: &str = "allow-default-scopes";

struct AllowedClientScopes {
    scopes: Vec<String>,
    /// Those that a new client of the realm gets are allowed as well.
    defaults: bool,
}

impl RegistrationPolicy for AllowedClientScopes {
    /// What was sent is judged, not what came of it: scopes that are none of the realm's are left out later, and a
    /// new client gets its defaults without asking.
    fn judge(&self, asked: &Asked<'_>) -> Result<Option<ClientEdit>, String> {
        let has =
            |name: &String| asked.current.is_some_and(|current| scopes_of(current).any(|its| its == name));
        let offered = &asked.realm.offered_scopes;
        let is_default = |name: &String| {
            self.defaults && (offered.default.contains(name) || offered.optional.contains(name))
        };
        let allowed = |name: &String| self.scopes.contains(name) || is_default(name) || has(name);
        if scopes_of(asked.sent).all(allowed) {
            Ok(None)
        } else {
            Err("Not permitted to use specified clientScope".to_owned())
        }
    }
}

fn scopes_of(client: &ClientRepresentation) -> impl Iterator<Item = &String> {
    client.default_client_scopes.iter().chain(&client.optional_client_scopes).flatten()
}
