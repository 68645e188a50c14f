//! What an identity provider must be like.

use sekisho_protocol::keycloak::{IdentityProviderRepresentation, RealmRepresentation, server_info};
use url::{Host, Url};

use crate::AdminError;
use crate::realm::{forbidden_in_name, names};

/// The longest alias that a row has room for in Keycloak.
const MAX_ALIAS: usize = 255;

/// Addresses by the entry of the configuration, each with its name in Keycloak's messages.
const ADDRESSES: &[(&str, &str)] = &[
    ("authorizationUrl", "authorization_url"),
    ("jwksUrl", "jwks_url"),
    ("logoutUrl", "logout_url"),
    ("tokenIntrospectionUrl", "tokenIntrospection_url"),
    ("tokenUrl", "token_url"),
    ("userInfoUrl", "userinfo_url"),
];

/// An alias that can stand in a path.
pub(super) fn alias(alias: Option<&str>) -> Result<&str, AdminError> {
    let alias = alias.ok_or_else(|| AdminError::Invalid("path is null".to_owned()))?;
    if alias.contains(' ') {
        return Err(AdminError::Refused("Empty Space not allowed.".to_owned()));
    }
    if let Some(character) = forbidden_in_name(alias) {
        return Err(AdminError::Refused(format!("Character '{character}' not allowed.")));
    }
    if !names::stands_in_path(alias) || alias.chars().count() > MAX_ALIAS {
        return Err(AdminError::Invalid(format!(
            "alias: has 1 to {MAX_ALIAS} characters, and can stand in a path"
        )));
    }
    Ok(alias)
}

/// A provider that there is, with flows and addresses that work.
pub(super) fn provider(
    realm: &RealmRepresentation,
    provider: &IdentityProviderRepresentation,
) -> Result<(), AdminError> {
    let id = provider.provider_id.as_deref();
    let known = server_info().map_err(|_| AdminError::Unwritable("list of providers"))?.identity_providers;
    if !known.iter().any(|known| Some(known.id.as_str()) == id) {
        let id = id.unwrap_or("null");
        return Err(AdminError::Invalid(format!("Invalid identity provider id [{id}]")));
    }
    for (member, flow) in [
        ("firstBrokerLoginFlowAlias", &provider.first_broker_login_flow_alias),
        ("postBrokerLoginFlowAlias", &provider.post_broker_login_flow_alias),
    ] {
        let Some(flow) = flow.as_ref().filter(|flow| !flow.is_empty()) else { continue };
        let mut flows = realm.authentication_flows.iter().flatten();
        if !flows.any(|known| known.alias.as_ref() == Some(flow)) {
            return Err(AdminError::Invalid(format!("{member}: there is no flow {flow:?}")));
        }
    }
    for (entry, name) in ADDRESSES {
        if let Some(address) = provider.config.as_ref().and_then(|config| config.get(*entry)) {
            check_address(realm, name, address)?;
        }
    }
    Ok(())
}

/// An address of the provider, secure where the realm wants connections to be.
fn check_address(realm: &RealmRepresentation, name: &str, address: &str) -> Result<(), AdminError> {
    if address.is_empty() {
        return Ok(());
    }
    let url =
        Url::parse(address).ok().filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"));
    let url = url.ok_or_else(|| AdminError::Invalid(format!("The url [{name}] is malformed")))?;
    let is_needed = match realm.ssl_required.as_deref() {
        Some("none") => false,
        Some("all") => true,
        _ => !is_near(&url),
    };
    if is_needed && url.scheme() != "https" {
        return Err(AdminError::Invalid(format!("The url [{name}] requires secure connections")));
    }
    Ok(())
}

/// Whether the host is this machine or one of a private network, as its address says.
fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_private() || address.is_link_local(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unique_local(),
        None => false,
    }
}
