//! `grant_types` and `response_types` (RFC 7591 §2.1) to and from the switches of a client. Grant types that are not
//! known are left out without a word, as in Keycloak; response types are not.

use super::{ClientMetadata, MetadataFault, fault};
use crate::keycloak::ClientRepresentation;

/// Whether a client gets refresh tokens; Keycloak's attribute.
pub(super) const REFRESH: &str = "use.refresh.tokens";
const CODE: &str = "authorization_code";
const IMPLICIT: &str = "implicit";
const PASSWORD: &str = "password";
const CLIENT_CREDENTIALS: &str = "client_credentials";
const REFRESH_TOKEN: &str = "refresh_token";

/// Grants that are an attribute.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("urn:ietf:params:oauth:grant-type:device_code", "oauth2.device.authorization.grant.enabled"),
    ("urn:openid:params:grant-type:ciba", "oidc.ciba.grant.enabled"),
    ("urn:ietf:params:oauth:grant-type:token-exchange", "standard.token.exchange.enabled"),
    ("urn:ietf:params:oauth:grant-type:jwt-bearer", "oauth2.jwt.authorization.grant.enabled"),
];

const CODE_RESPONSES: [&str; 2] = ["code", "none"];
const IMPLICIT_RESPONSES: [&str; 2] = ["id_token", "id_token token"];
const HYBRID_RESPONSES: [&str; 3] = ["code id_token", "code token", "code id_token token"];

/// Which of the two flows of the authorization endpoint are used: what the response types say, else the grant types.
/// Nothing where neither was sent.
pub(super) fn write(
    metadata: &ClientMetadata,
    client: &mut ClientRepresentation,
) -> Result<(), MetadataFault> {
    let grants = metadata.texts("grant_types");
    let responses = metadata.texts("response_types").filter(|types| !types.is_empty());
    if let Some(responses) = &responses {
        let (code, implicit) = flows_of(responses)?;
        client.standard_flow_enabled = Some(code);
        client.implicit_flow_enabled = Some(implicit);
    } else if let Some(grants) = &grants {
        client.standard_flow_enabled = Some(grants.is_empty() || has(grants, CODE));
        client.implicit_flow_enabled = Some(has(grants, IMPLICIT));
    }
    if let Some(grants) = &grants {
        client.direct_access_grants_enabled = Some(has(grants, PASSWORD));
        client.service_accounts_enabled = Some(has(grants, CLIENT_CREDENTIALS));
        let attributes = client.attributes.get_or_insert_default();
        attributes.insert(REFRESH.to_owned(), has(grants, REFRESH_TOKEN).to_string());
        for (grant, attribute) in ATTRIBUTES {
            attributes.insert((*attribute).to_owned(), has(grants, grant).to_string());
        }
    }
    Ok(())
}

fn has(list: &[String], name: &str) -> bool {
    list.iter().any(|known| known == name)
}

/// Whether they take the code flow, and whether they take something out of the authorization endpoint directly.
fn flows_of(responses: &[String]) -> Result<(bool, bool), MetadataFault> {
    let (mut code, mut implicit) = (false, false);
    for word in responses.iter().flat_map(|response| response.split(' ')) {
        match word {
            "code" | "none" => code = true,
            "id_token" | "token" => implicit = true,
            _ => return Err(fault("response_types", super::INVALID)),
        }
    }
    Ok((code, implicit))
}

/// The grant types of a client.
pub(super) fn grant_types(client: &ClientRepresentation) -> Vec<&'static str> {
    let on = |switch: Option<bool>| switch == Some(true);
    let attribute = |name: &str| client.attributes.as_ref().and_then(|all| all.get(name)).map(String::as_str);
    let mut grants = Vec::new();
    for (is_on, grant) in [
        (client.standard_flow_enabled.unwrap_or(true), CODE),
        (on(client.implicit_flow_enabled), IMPLICIT),
        (on(client.direct_access_grants_enabled), PASSWORD),
        (on(client.service_accounts_enabled), CLIENT_CREDENTIALS),
    ] {
        if is_on {
            grants.push(grant);
        }
    }
    grants.extend(
        ATTRIBUTES.iter().filter(|(_, name)| attribute(name) == Some("true")).map(|(grant, _)| *grant),
    );
    if attribute(REFRESH) != Some("false") {
        grants.push(REFRESH_TOKEN);
    }
    grants
}

/// The response types of a client.
pub(super) fn response_types(client: &ClientRepresentation) -> Vec<&'static str> {
    let code = client.standard_flow_enabled.unwrap_or(true);
    let implicit = client.implicit_flow_enabled == Some(true);
    let mut types = Vec::new();
    if code {
        types.extend(CODE_RESPONSES);
    }
    if implicit {
        types.extend(IMPLICIT_RESPONSES);
    }
    if code && implicit {
        types.extend(HYBRID_RESPONSES);
    }
    types
}
