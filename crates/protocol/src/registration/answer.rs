//! The client information response (RFC 7591 §3.2.1, RFC 7592 §3): the metadata as it is stored, and what the server
//! adds.

use serde_json::{Map, Value, json};

use super::members::{DESCRIBED, Form, METHODS, SECRET_METHOD};
use super::{PAIRWISE_MAPPER, SEPARATOR, flows};
use crate::keycloak::ClientRepresentation;

/// When a secret ends, in seconds; Keycloak's attribute.
const SECRET_EXPIRES: &str = "client.secret.expiration.time";

/// What an answer has beside the metadata.
pub struct Registered<'a> {
    /// Where the client reads and changes its registration, where it may.
    pub address: Option<&'a str>,
    /// The token for that, where there is one to tell.
    pub token: Option<&'a str>,
    /// When it was made, in seconds; said once, in the answer to the registration.
    pub issued_at: Option<i64>,
}

impl Registered<'_> {
    /// The whole answer.
    pub fn answer(&self, client: &ClientRepresentation) -> Map<String, Value> {
        let mut answer = describe(client);
        let mut say = |name: &str, value: Value| answer.insert(name.to_owned(), value);
        say("client_id", json!(client.client_id));
        if let Some(secret) = client.secret.as_ref().filter(|_| authenticates_by_secret(client)) {
            let expires = attribute(client, SECRET_EXPIRES).and_then(|time| time.parse().ok());
            say("client_secret", json!(secret.reveal()));
            say("client_secret_expires_at", json!(expires.unwrap_or(0_i64)));
        }
        if let Some(issued_at) = self.issued_at {
            say("client_id_issued_at", json!(issued_at));
        }
        if let Some(address) = self.address {
            say("registration_client_uri", json!(address));
        }
        if let Some(token) = self.token {
            say("registration_access_token", json!(token));
        }
        answer
    }
}

/// The metadata of a client.
pub fn describe(client: &ClientRepresentation) -> Map<String, Value> {
    let mut metadata = Map::new();
    for member in DESCRIBED {
        let value = match (member.form, attribute(client, member.attribute)) {
            (Form::Text, Some(text)) => json!(text),
            (Form::Texts, Some(list)) => json!(list.split(SEPARATOR).collect::<Vec<_>>()),
            (Form::Switch, Some(on)) => json!(on == "true"),
            (Form::Object, _) | (_, None) => continue,
        };
        metadata.insert(member.name.to_owned(), value);
    }
    let redirect_uris = client.redirect_uris.clone().unwrap_or_default();
    let mut say = |name: &str, value: Value| metadata.insert(name.to_owned(), value);
    // Keycloak says these of every client.
    for (name, attribute_name) in [
        ("tls_client_certificate_bound_access_tokens", "tls.client.certificate.bound.access.tokens"),
        ("dpop_bound_access_tokens", "dpop.bound.access.tokens"),
        ("require_pushed_authorization_requests", "require.pushed.authorization.requests"),
        ("frontchannel_logout_session_required", "frontchannel.logout.session.required"),
    ] {
        say(name, json!(attribute(client, attribute_name) == Some("true")));
    }
    // It is stored as on even for clients that never asked; it means something only beside an address.
    let back = attribute(client, "backchannel.logout.session.required") == Some("true");
    say(
        "backchannel_logout_session_required",
        json!(back && attribute(client, "backchannel.logout.url").is_some()),
    );
    let listed = |name| attribute(client, name).map(|list| list.split(SEPARATOR).collect::<Vec<_>>());
    say("request_uris", json!(listed("request.uris").unwrap_or_default()));
    match listed("post.logout.redirect.uris") {
        // `+` stands for the redirect URIs, and is what a client has that does not say.
        Some(list) if list != ["+"] => say("post_logout_redirect_uris", json!(list)),
        _ => say("post_logout_redirect_uris", json!(redirect_uris)),
    };
    say("redirect_uris", json!(redirect_uris));
    say("token_endpoint_auth_method", json!(method(client)));
    say("grant_types", json!(flows::grant_types(client)));
    say("response_types", json!(flows::response_types(client)));
    say("scope", json!(scope(client)));
    say("subject_type", json!(if is_pairwise(client) { "pairwise" } else { "public" }));
    // Stored of every client, and said of those that asked for it.
    metadata
        .retain(|name, value| name != "backchannel_logout_revoke_offline_tokens" || *value == json!(true));
    write_optional(client, &mut metadata);
    metadata
}

fn write_optional(client: &ClientRepresentation, metadata: &mut Map<String, Value>) {
    let mut say = |name: &str, value: Value| metadata.insert(name.to_owned(), value);
    if let Some(name) = client.name.as_ref().filter(|name| !name.is_empty()) {
        say("client_name", json!(name));
    }
    if let Some(uri) = client.base_url.as_ref().filter(|uri| !uri.is_empty()) {
        say("client_uri", json!(uri));
    }
    if attribute(client, "use.jwks.url") == Some("true")
        && let Some(address) = attribute(client, "jwks.url")
    {
        say("jwks_uri", json!(address));
    }
    if attribute(client, "use.jwks.string") == Some("true")
        && let Some(keys) = attribute(client, "jwks.string").and_then(|text| serde_json::from_str(text).ok())
    {
        say("jwks", keys);
    }
}

fn attribute<'a>(client: &'a ClientRepresentation, name: &str) -> Option<&'a str> {
    client.attributes.as_ref()?.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

fn method(client: &ClientRepresentation) -> &'static str {
    if client.public_client == Some(true) {
        return "none";
    }
    let authenticator = client.client_authenticator_type.as_deref().unwrap_or("client-secret");
    let fitting = || METHODS.iter().filter(|method| method.authenticator == Some(authenticator));
    let chosen = attribute(client, SECRET_METHOD);
    let method = fitting().find(|method| Some(method.name) == chosen).or_else(|| fitting().next());
    method.map_or("client_secret_basic", |method| method.name)
}

fn authenticates_by_secret(client: &ClientRepresentation) -> bool {
    method(client).starts_with("client_secret_")
}

fn is_pairwise(client: &ClientRepresentation) -> bool {
    let mut mappers = client.protocol_mappers.iter().flatten();
    mappers.any(|mapper| mapper.protocol_mapper.as_deref() == Some(PAIRWISE_MAPPER))
}

/// The scopes that the client may ask for; it has others without asking.
fn scope(client: &ClientRepresentation) -> String {
    let mut names = client.optional_client_scopes.clone().unwrap_or_default();
    names.sort();
    names.join(" ")
}
