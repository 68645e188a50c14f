//! What must hold of a realm's settings, wherever they come from: checked before anything is stored.

use sekisho_core::policy::SecurityProfile;
use sekisho_core::policy::save::{self, PolicyFault};
use sekisho_core::realm::assemble;
use sekisho_protocol::keycloak::RealmRepresentation;

use crate::place::Place;
use crate::{AdminError, Fault};

/// Flows that every realm has, by the name that a document without flows knows them by.
const BUILT_IN_FLOWS: &[&str] = &[
    "browser",
    "clients",
    "direct grant",
    "docker auth",
    "first broker login",
    "registration",
    "reset credentials",
];

/// Checks the settings that mean something only with certain values.
pub(super) fn settings(realm: &RealmRepresentation, server: SecurityProfile) -> Result<(), AdminError> {
    ssl_required(realm)?;
    flows(realm)?;
    frontend_url(realm)?;
    client_policies(realm, assemble::security(realm, server))
}

fn ssl_required(realm: &RealmRepresentation) -> Result<(), AdminError> {
    let Some(value) = &realm.ssl_required else { return Ok(()) };
    if ["all", "external", "none"].iter().any(|known| value.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    let known = "all, external and none";
    Err(Place::Top("sslRequired").has(Fault::Unknown { value: value.clone(), known }))
}

/// A flow that is not there would let nobody in, or anybody.
fn flows(realm: &RealmRepresentation) -> Result<(), AdminError> {
    let own: Vec<&str> =
        realm.authentication_flows.iter().flatten().filter_map(|flow| flow.alias.as_deref()).collect();
    for (member, flow) in [
        ("browserFlow", &realm.browser_flow),
        ("registrationFlow", &realm.registration_flow),
        ("directGrantFlow", &realm.direct_grant_flow),
        ("resetCredentialsFlow", &realm.reset_credentials_flow),
        ("clientAuthenticationFlow", &realm.client_authentication_flow),
        ("dockerAuthenticationFlow", &realm.docker_authentication_flow),
        ("firstBrokerLoginFlow", &realm.first_broker_login_flow),
    ] {
        let known = |alias: &str| alias.is_empty() || own.contains(&alias) || BUILT_IN_FLOWS.contains(&alias);
        if let Some(alias) = flow.as_deref().filter(|alias| !known(alias)) {
            return Err(Place::Top(member).lacks("authentication flow", alias));
        }
    }
    Ok(())
}

/// The realm's issuer begins with it, so it must be what a client can compare (RFC 8414 §2).
fn frontend_url(realm: &RealmRepresentation) -> Result<(), AdminError> {
    let url = realm.attributes.as_ref().and_then(|attributes| attributes.get("frontendUrl"));
    let Some(url) = url.filter(|url| !url.is_empty()) else { return Ok(()) };
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let is_host = |rest: &str| {
        !rest.is_empty()
            && !rest.starts_with('/')
            && rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#@\\\"<>^`{|}".contains(&byte))
    };
    if rest.is_some_and(is_host) {
        return Ok(());
    }
    let attributes = Place::Top("attributes");
    let fault = Fault::Unreadable("not an address that begins with https:// or http:// and has no query");
    Err(attributes.member("frontendUrl").has(fault))
}

/// What would not be understood later is refused now, with its place.
fn client_policies(realm: &RealmRepresentation, security: SecurityProfile) -> Result<(), AdminError> {
    if let Some(profiles) = &realm.client_profiles {
        save::check_profiles(profiles).map_err(|fault| placed(&fault))?;
    }
    if let Some(policies) = &realm.client_policies {
        save::check_policies(policies, realm.client_profiles.as_ref(), security)
            .map_err(|fault| placed(&fault))?;
    }
    Ok(())
}

fn placed(fault: &PolicyFault) -> AdminError {
    let text = fault.reason().unwrap_or_else(|| fault.to_string());
    AdminError::Document { place: fault.place(), fault: Fault::ClientPolicy(text) }
}
