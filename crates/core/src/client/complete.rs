//! What a client has that its document does not mention, as Keycloak fills it in on import and on `POST`.

use std::collections::BTreeMap;

use sekisho_protocol::Entropy;
use sekisho_protocol::keycloak::{ClientRepresentation, RealmRepresentation};

/// The protocol of a client that names none.
pub const OPENID_CONNECT: &str = "openid-connect";
/// The scope of clients that have a service account.
pub const SERVICE_ACCOUNT_SCOPE: &str = "service_account";
const SECRET_LENGTH: usize = 32;

/// The client scopes of a realm, as new clients get them.
#[derive(Clone, Debug, Default)]
pub struct OfferedScopes {
    /// Of every scope, by its name.
    pub protocols: BTreeMap<String, String>,
    /// Names of those that a new client has.
    pub default: Vec<String>,
    /// Names of those that it may ask for.
    pub optional: Vec<String>,
}

impl OfferedScopes {
    /// As a realm document has them.
    pub fn of(realm: &RealmRepresentation) -> Self {
        let scopes = realm.client_scopes.iter().flatten();
        let protocols = scopes.filter_map(|scope| Some((scope.name.clone()?, scope.protocol.clone()?)));
        Self {
            protocols: protocols.collect(),
            default: realm.default_default_client_scopes.clone().unwrap_or_default(),
            optional: realm.default_optional_client_scopes.clone().unwrap_or_default(),
        }
    }

    fn fitting(&self, names: &[String], protocol: &str) -> Vec<String> {
        names.iter().filter(|name| self.fits(name, protocol)).cloned().collect()
    }

    /// Whether there is such a scope of this protocol.
    pub fn fits(&self, name: &str, protocol: &str) -> bool {
        self.protocols.get(name).is_some_and(|of| of == protocol)
    }
}

/// Fills in what is missing.
pub fn complete(client: &mut ClientRepresentation, offered: &OfferedScopes) {
    let consent = *client.consent_required.get_or_insert(false);
    client.full_scope_allowed.get_or_insert(!consent);
    for (switch, default) in [
        (&mut client.enabled, true),
        (&mut client.standard_flow_enabled, true),
        (&mut client.implicit_flow_enabled, false),
        (&mut client.direct_access_grants_enabled, false),
        (&mut client.service_accounts_enabled, false),
        (&mut client.public_client, false),
        (&mut client.bearer_only, false),
        (&mut client.surrogate_auth_required, false),
        (&mut client.always_display_in_console, false),
        (&mut client.frontchannel_logout, false),
    ] {
        switch.get_or_insert(default);
    }
    client.client_authenticator_type.get_or_insert_with(|| "client-secret".to_owned());
    if client.bearer_only != Some(true) {
        client.protocol.get_or_insert_with(|| OPENID_CONNECT.to_owned());
    }
    client.not_before.get_or_insert(0);
    client.node_re_registration_timeout.get_or_insert(-1);
    client.attributes.get_or_insert_default();
    client.authentication_flow_binding_overrides.get_or_insert_default();
    client.redirect_uris.get_or_insert_default();
    if client.web_origins.is_none() {
        client.web_origins = Some(origins(client));
    }
    complete_scopes(client, offered);
}

fn complete_scopes(client: &mut ClientRepresentation, offered: &OfferedScopes) {
    // A bearer-only client of an import has none, and asks for nothing.
    let protocol = client.protocol.clone().unwrap_or_default();
    if client.default_client_scopes.is_none() {
        let mut names = offered.fitting(&offered.default, &protocol);
        if client.service_accounts_enabled == Some(true) && offered.fits(SERVICE_ACCOUNT_SCOPE, &protocol) {
            names.push(SERVICE_ACCOUNT_SCOPE.to_owned());
        }
        client.default_client_scopes = Some(names);
    }
    if client.optional_client_scopes.is_none() {
        let defaults = client.default_client_scopes.clone().unwrap_or_default();
        let mut names = offered.fitting(&offered.optional, &protocol);
        names.retain(|name| !defaults.contains(name));
        client.optional_client_scopes = Some(names);
    }
}

/// The origins of the root and of the redirect URIs, each once.
fn origins(client: &ClientRepresentation) -> Vec<String> {
    let mut origins: Vec<String> = Vec::new();
    let uris = client.root_url.iter().chain(client.redirect_uris.iter().flatten());
    for origin in uris.filter_map(|uri| origin(uri)) {
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    origins
}

fn origin(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"))?;
    let authority = rest.split(['/', '?', '#']).next().filter(|authority| !authority.contains('*'))?;
    (!authority.is_empty()).then(|| format!("{scheme}://{authority}"))
}

/// Whether the client proves itself with a secret or a key.
pub fn is_confidential(client: &ClientRepresentation) -> bool {
    client.public_client != Some(true) && client.bearer_only != Some(true)
}

/// A secret of letters and digits, each as likely as the others.
pub fn fresh_secret(entropy: &dyn Entropy) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut secret = String::with_capacity(SECRET_LENGTH);
    let mut drawn = [0_u8; 64];
    while secret.len() < SECRET_LENGTH {
        entropy.fill(&mut drawn);
        // 248 is the last multiple of 62: what is above would make some letters likelier.
        let fair = drawn.iter().filter(|byte| **byte < 248);
        let letters = fair.filter_map(|byte| LETTERS.get(usize::from(*byte) % LETTERS.len()));
        secret.extend(letters.take(SECRET_LENGTH - secret.len()).map(|letter| char::from(*letter)));
    }
    secret
}
