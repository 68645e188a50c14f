//! What a client's members must look like, whoever sends them; the texts are Keycloak's.

use std::collections::HashSet;

use sekisho_protocol::keycloak::ClientRepresentation;
use url::Url;

/// Longest identifier of a client.
const MAX_CLIENT_ID: usize = 255;
/// Schemes that a browser runs instead of visiting.
const ILLEGAL_SCHEMES: &[&str] = &["javascript", "data", "vbscript"];

/// Addresses among the attributes, with the name that Keycloak's texts have for each.
const ADDRESSES: &[(&str, &str)] = &[
    ("logoUri", "Logo URL"),
    ("policyUri", "Policy URL"),
    ("tosUri", "Terms of service URL"),
    ("backchannel.logout.url", "Backchannel logout URL"),
];

/// A member that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct ClientFault {
    pub member: &'static str,
    pub text: String,
}

/// Checks the shape of a client.
///
/// # Errors
/// The first member that is wrong.
pub fn check(client: &ClientRepresentation) -> Result<(), ClientFault> {
    check_client_id(client)?;
    check_protocol(client)?;
    let own = [("rootUrl", "Root URL", &client.root_url), ("baseUrl", "Base URL", &client.base_url)];
    for (member, label, address) in own {
        // Those that begin with a placeholder or a slash are pages of this server.
        let elsewhere = address.as_deref().filter(|text| !text.is_empty() && !is_of_this_server(text));
        elsewhere.map_or(Ok(()), |text| check_address(member, label, text))?;
    }
    for (attribute, label) in ADDRESSES {
        if let Some(text) = attribute_of(client, attribute) {
            check_address(attribute, label, text)?;
        }
    }
    for uri in client.redirect_uris.iter().flatten() {
        check_redirect_uri(uri, client.root_url.as_deref())?;
    }
    check_sector(client)?;
    match attribute_of(client, "ciba.backchannel.token.delivery.mode") {
        None | Some("poll" | "ping") => Ok(()),
        Some(_) => Err(fault(
            "ciba.backchannel.token.delivery.mode",
            "Unsupported requested CIBA Backchannel Token Delivery Mode",
        )),
    }
}

fn fault(member: &'static str, text: impl Into<String>) -> ClientFault {
    ClientFault { member, text: text.into() }
}

fn attribute_of<'a>(client: &'a ClientRepresentation, name: &str) -> Option<&'a str> {
    client.attributes.as_ref()?.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

fn check_client_id(client: &ClientRepresentation) -> Result<(), ClientFault> {
    let client_id = client.client_id.as_deref().unwrap_or_default();
    if client_id.trim().is_empty() {
        return Err(fault("clientId", "Client ID cannot be blank"));
    }
    if client_id.chars().count() > MAX_CLIENT_ID {
        return Err(fault("clientId", format!("Client ID is longer than {MAX_CLIENT_ID} characters")));
    }
    if client_id.chars().any(char::is_control) {
        return Err(fault("clientId", "Client ID contains a control character"));
    }
    Ok(())
}

fn check_protocol(client: &ClientRepresentation) -> Result<(), ClientFault> {
    match client.protocol.as_deref() {
        None | Some("openid-connect" | "saml" | "docker-v2") => Ok(()),
        Some(other) => Err(fault("protocol", format!("Invalid protocol: {other}"))),
    }
}

fn is_of_this_server(text: &str) -> bool {
    text.starts_with('/') || text.starts_with("${")
}

fn check_address(member: &'static str, label: &str, text: &str) -> Result<(), ClientFault> {
    let scheme = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
    if ILLEGAL_SCHEMES.contains(&scheme.as_str()) {
        return Err(fault(member, format!("{label} uses an illegal scheme")));
    }
    match Url::parse(text) {
        Ok(url) if !url.cannot_be_a_base() => Ok(()),
        _ => Err(fault(member, format!("{label} is not a valid URL"))),
    }
}

pub(super) fn check_redirect_uri(uri: &str, root: Option<&str>) -> Result<(), ClientFault> {
    let scheme = uri.split(':').next().unwrap_or_default().to_ascii_lowercase();
    if uri.contains(':') && ILLEGAL_SCHEMES.contains(&scheme.as_str()) {
        return Err(fault("redirectUris", "A redirect URI uses an illegal scheme"));
    }
    if uri.contains('#') {
        return Err(fault("redirectUris", "A redirect URI must not contain an URL fragment"));
    }
    let relative = uri.starts_with('/')
        || uri == "*"
        || (root.is_some_and(|root| !root.is_empty()) && !uri.contains(':'));
    let readable = |text: &str| Url::parse(&text.replace('*', "x")).is_ok();
    if relative
        || uri.is_empty()
        || readable(uri)
        || Url::parse("https://x.example/").is_ok_and(|base| !uri.contains(':') && base.join(uri).is_ok())
    {
        Ok(())
    } else {
        Err(fault("redirectUris", "A redirect URI is not a valid URI"))
    }
}

/// A pairwise subject needs one sector (OpenID Connect Core §8.1).
fn check_sector(client: &ClientRepresentation) -> Result<(), ClientFault> {
    const MAPPER: &str = "oidc-sha256-pairwise-sub-mapper";
    let pairwise = client
        .protocol_mappers
        .iter()
        .flatten()
        .find(|mapper| mapper.protocol_mapper.as_deref() == Some(MAPPER));
    let Some(mapper) = pairwise else { return Ok(()) };
    let sector = mapper.config.as_ref().and_then(|config| config.get("sectorIdentifierUri"));
    if sector.is_some_and(|sector| !sector.is_empty()) {
        return Ok(());
    }
    let hosts: HashSet<String> = client
        .redirect_uris
        .iter()
        .flatten()
        .filter_map(|uri| Url::parse(uri).ok()?.host_str().map(str::to_owned))
        .collect();
    if hosts.len() > 1 {
        return Err(fault(
            "redirectUris",
            "Without a configured Sector Identifier URI, client redirect URIs must not contain multiple host components.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn text_for(client: &Value) -> Option<String> {
        let mut document = json!({"clientId": "c"});
        document.as_object_mut().expect("an object").extend(client.as_object().expect("an object").clone());
        check(&serde_json::from_value(document).expect("a client")).err().map(|fault| fault.text)
    }

    /// Keycloak's answers: `admin.client.create.*`.
    #[test]
    fn a_member_of_the_wrong_shape_is_refused_in_keycloaks_words() {
        for (client, text) in [
            (json!({}), None),
            (json!({"clientId": " "}), Some("Client ID cannot be blank")),
            (json!({"clientId": "a b"}), None),
            (json!({"redirectUris": ["javascript:alert(1)"]}), Some("A redirect URI uses an illegal scheme")),
            (
                json!({"redirectUris": ["https://a#b"]}),
                Some("A redirect URI must not contain an URL fragment"),
            ),
            (json!({"redirectUris": ["::"]}), Some("A redirect URI is not a valid URI")),
            (
                json!({"redirectUris": ["https://a/*", "/x/*", "*", "com.example.app:/cb", "http://b:81/*"]}),
                None,
            ),
            (json!({"rootUrl": "javascript:alert(1)"}), Some("Root URL uses an illegal scheme")),
            (json!({"rootUrl": "${authBaseUrl}", "baseUrl": "/realms/r/account/"}), None),
            (json!({"baseUrl": "x y"}), Some("Base URL is not a valid URL")),
            (json!({"protocol": "nothing"}), Some("Invalid protocol: nothing")),
            (
                json!({"attributes": {"logoUri": "javascript:alert(1)"}}),
                Some("Logo URL uses an illegal scheme"),
            ),
            (
                json!({"attributes": {"backchannel.logout.url": "x"}}),
                Some("Backchannel logout URL is not a valid URL"),
            ),
            (
                json!({"attributes": {"ciba.backchannel.token.delivery.mode": "push"}}),
                Some("Unsupported requested CIBA Backchannel Token Delivery Mode"),
            ),
        ] {
            assert_eq!(text_for(&client).as_deref(), text, "{client}");
        }
    }
}
