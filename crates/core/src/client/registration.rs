//! What dynamic registration (RFC 7591, RFC 7592) makes of a document before it goes the way of every client,
//! [`super::register`]: what may be asked for, which scopes come of it, and when two registrations are the same.

use std::collections::HashSet;

use sekisho_jose::hash::sha256;
use sekisho_protocol::keycloak::{ClientRepresentation, ProtocolMapperRepresentation};
use sekisho_protocol::registration::PAIRWISE_MAPPER;
use sekisho_protocol::{Entropy, Timestamp};

use super::complete::fresh_secret;
use super::read::Whole;
use super::register::{self, Draft};
use super::registration_policy::Asked;
use super::registration_token::Provider;
use super::shape::{self, ClientFault};
use crate::{Realm, redirect};

/// Attributes that say what the server knows of a client; nobody who registers writes them.
const OF_THE_SERVER: &[&str] = &[
    "realm_client",
    register::SECRET_CREATED,
    "client.secret.expiration.time",
    "client.secret.rotated",
    "client.secret.rotated.creation.time",
    "client.secret.rotated.expiration.time",
];

/// Attributes by which a client would give itself more than others have.
const OF_THE_ADMINISTRATOR: &[&str] = &[
    "access.token.lifespan",
    "client.session.idle.timeout",
    "client.session.max.lifespan",
    "client.offline.session.idle.timeout",
    "client.offline.session.max.lifespan",
];

/// What Keycloak stores of a client that was registered by metadata and did not say.
const PRESETS: &[(&str, &str)] = &[
    ("backchannel.logout.session.required", "true"),
    ("backchannel.logout.revoke.offline.tokens", "false"),
    ("frontchannel.logout.session.required", "false"),
];

/// Seconds after which a client that registered itself without a token, and that nobody used, is removed.
pub const UNUSED_KEPT: i64 = 30 * 24 * 3600;

/// A client that shall be registered.
pub fn new(
    realm: &Realm,
    provider: Provider,
    mut sent: ClientRepresentation,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Draft {
    keep_own(&mut sent);
    if provider == Provider::OpenidConnect {
        let attributes = sent.attributes.get_or_insert_default();
        for (name, value) in PRESETS {
            attributes.entry((*name).to_owned()).or_insert_with(|| (*value).to_owned());
        }
        // RFC 7591 §2: whoever does not say means `client_secret_basic`, and an executor that fills in what was left
        // open has nothing to fill in.
        sent.client_authenticator_type.get_or_insert_with(|| "client-secret".to_owned());
    }
    let chose_scopes = sent.optional_client_scopes.is_some() && sent.default_client_scopes.is_none();
    let mut draft = Draft::new(realm, sent, entropy, now);
    draft.amend(|client| {
        if chose_scopes {
            narrow(client, realm);
        }
        salt(client, entropy);
    });
    draft
}

/// A client that shall be changed: what was sent over what there is (RFC 7592 §2.2: what is left out may stay).
/// `None` when neither can be written: a defect.
pub fn change(
    realm: &Realm,
    provider: Provider,
    whole: &Whole,
    mut sent: ClientRepresentation,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Option<Draft> {
    keep_own(&mut sent);
    let mut draft = Draft::change(whole.client.clone(), &whole.document, sent.clone())?;
    draft.amend(|client| {
        change_scopes(client, &sent, realm);
        if let Some(mappers) = sent.protocol_mappers {
            match provider {
                Provider::OpenidConnect => change_subject(client, mappers),
                Provider::Default => client.protocol_mappers = Some(mappers),
            }
            register::identify_mappers(client, entropy, now);
        }
        salt(client, entropy);
    });
    Some(draft)
}

/// What the registration policies are asked.
pub const fn asked<'a>(realm: &'a Realm, draft: &'a Draft, whole: Option<&'a Whole>) -> Asked<'a> {
    let current = match whole {
        Some(whole) => Some(&whole.document),
        None => None,
    };
    Asked { realm, current, sent: draft.sent(), result: draft.result() }
}

/// Leaves out what only an administrator decides of a client: how long its tokens live, and how its users sign in.
pub fn keep_humble(sent: &mut ClientRepresentation) {
    sent.authentication_flow_binding_overrides = None;
    if let Some(attributes) = &mut sent.attributes {
        attributes.retain(|name, _| !OF_THE_ADMINISTRATOR.contains(&name.as_str()));
    }
}

/// Whoever registers names where answers go; what no answer is ever sent to is refused now, and not at the first
/// login. A wildcard stands at the end of a path on a host that is named.
///
/// # Errors
/// The first redirect URI that is none.
pub fn check_redirects(sent: &ClientRepresentation) -> Result<(), ClientFault> {
    for uri in sent.redirect_uris.iter().flatten() {
        shape::check_redirect_uri(uri, sent.root_url.as_deref())?;
        if !redirect::is_registrable(uri) {
            let text = format!("No answer is ever sent to {}", uri.escape_debug());
            return Err(ClientFault { member: "redirectUris", text });
        }
    }
    Ok(())
}

/// What makes a registration the same as another: the software, where its users come back to, and all that they
/// would see or be asked of it. Only public clients are the same to everybody (their secret is nobody's).
pub fn fold(software_id: &str, sent: &ClientRepresentation) -> Option<Vec<u8>> {
    if software_id.is_empty() || sent.public_client != Some(true) {
        return None;
    }
    let mut sent = sent.clone();
    sent.redirect_uris.iter_mut().for_each(|uris| uris.sort());
    let text = serde_json::to_string(&(software_id, sent)).ok()?;
    Some(sha256(text.as_bytes()).to_vec())
}

/// Leaves out what is not for the sender to say.
fn keep_own(sent: &mut ClientRepresentation) {
    sent.id = None;
    sent.registration_access_token = None;
    sent.access = None;
    sent.origin = None;
    sent.surrogate_auth_required = None;
    if let Some(attributes) = &mut sent.attributes {
        attributes.retain(|name, _| !OF_THE_SERVER.contains(&name.as_str()));
    }
}

/// Whoever names scopes may ask for those, and has of the defaults only what is no scope to a client: rules that put
/// claims into tokens. Keycloak drops these too, and such clients get tokens without a subject.
fn narrow(client: &mut ClientRepresentation, realm: &Realm) {
    let is_hidden = |name: &String| realm.scopes.get(name).is_some_and(|scope| !scope.in_token);
    let asked: HashSet<String> = client.optional_client_scopes.iter().flatten().cloned().collect();
    if let Some(defaults) = &mut client.default_client_scopes {
        defaults.retain(|name| is_hidden(name) && !asked.contains(name));
    }
}

fn change_scopes(client: &mut ClientRepresentation, sent: &ClientRepresentation, realm: &Realm) {
    let known = |names: &Vec<String>| -> Vec<String> {
        let known = |name: &&String| realm.offered_scopes.protocols.contains_key(*name);
        names.iter().filter(known).cloned().collect()
    };
    if let Some(names) = &sent.default_client_scopes {
        client.default_client_scopes = Some(known(names));
    }
    if let Some(names) = &sent.optional_client_scopes {
        let optional = known(names);
        if let Some(defaults) = &mut client.default_client_scopes {
            defaults.retain(|name| !optional.contains(name));
        }
        client.optional_client_scopes = Some(optional);
    }
}

/// `subject_type` is a mapper; the client's others stay.
fn change_subject(client: &mut ClientRepresentation, sent: Vec<ProtocolMapperRepresentation>) {
    let mappers = client.protocol_mappers.get_or_insert_default();
    if sent.is_empty() {
        mappers.retain(|mapper| !is_pairwise(mapper));
    } else if !mappers.iter().any(is_pairwise) {
        mappers.extend(sent);
    }
}

fn is_pairwise(mapper: &ProtocolMapperRepresentation) -> bool {
    mapper.protocol_mapper.as_deref() == Some(PAIRWISE_MAPPER)
}

/// Without a salt a pairwise subject could be computed by whoever knows the user's id.
fn salt(client: &mut ClientRepresentation, entropy: &dyn Entropy) {
    for mapper in client.protocol_mappers.iter_mut().flatten().filter(|mapper| is_pairwise(mapper)) {
        let config = mapper.config.get_or_insert_default();
        config.entry("pairwiseSubAlgorithmSalt".to_owned()).or_insert_with(|| fresh_secret(entropy));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn folded(software_id: &str, client: &Value) -> Option<Vec<u8>> {
        fold(software_id, &serde_json::from_value(client.clone()).expect("a client"))
    }

    #[test]
    fn the_same_registration_in_another_order_is_the_same() {
        let client =
            |uris: &[&str], name: &str| json!({"publicClient": true, "redirectUris": uris, "name": name});
        let one = folded("s", &client(&["http://a", "http://b"], "n")).expect("can be the same as another");
        assert_eq!(folded("s", &client(&["http://b", "http://a"], "n")).as_ref(), Some(&one));
        for other in [
            folded("t", &client(&["http://a", "http://b"], "n")),
            folded("s", &client(&["http://a"], "n")),
            folded("s", &client(&["http://a", "http://b"], "another name on the consent page")),
        ] {
            assert_ne!(other.as_ref(), Some(&one));
        }
    }

    #[test]
    fn what_has_a_secret_is_never_the_same_as_another() {
        assert_eq!(folded("s", &json!({"redirectUris": ["http://a"]})), None);
        assert_eq!(folded("", &json!({"publicClient": true})), None);
    }
}
