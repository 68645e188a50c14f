//! What a client has that its document does not mention, as Keycloak fills it in on import and on `POST`.

use sekisho_protocol::Entropy;
use sekisho_protocol::keycloak::{ClientRepresentation, RealmRepresentation};

pub(super) const OPENID_CONNECT: &str = "openid-connect";
const SERVICE_ACCOUNT_SCOPE: &str = "service_account";
const SECRET_LENGTH: usize = 32;

/// Fills in what is missing. `realm` has its scopes and default scopes already.
pub(super) fn complete(client: &mut ClientRepresentation, realm: &RealmRepresentation) {
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
    complete_scopes(client, realm);
}

fn complete_scopes(client: &mut ClientRepresentation, realm: &RealmRepresentation) {
    let protocol = client.protocol.clone();
    let scopes = realm.client_scopes.as_deref().unwrap_or_default();
    let fits = |name: &String| {
        scopes.iter().any(|scope| scope.name.as_ref() == Some(name) && scope.protocol == protocol)
    };
    let fitting =
        |names: &Option<Vec<String>>| names.iter().flatten().filter(|name| fits(name)).cloned().collect();
    if client.default_client_scopes.is_none() {
        let mut names: Vec<String> = fitting(&realm.default_default_client_scopes);
        let service_account = SERVICE_ACCOUNT_SCOPE.to_owned();
        if client.service_accounts_enabled == Some(true) && fits(&service_account) {
            names.push(service_account);
        }
        client.default_client_scopes = Some(names);
    }
    if client.optional_client_scopes.is_none() {
        let defaults = client.default_client_scopes.clone().unwrap_or_default();
        let mut names: Vec<String> = fitting(&realm.default_optional_client_scopes);
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
pub(super) fn is_confidential(client: &ClientRepresentation) -> bool {
    client.public_client != Some(true) && client.bearer_only != Some(true)
}

/// A secret of letters and digits, each as likely as the others.
pub(super) fn fresh_secret(entropy: &dyn Entropy) -> String {
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
