//! What a realm has from the start: settings, scopes, roles, clients, flows, components, as Keycloak makes
//! them for `POST {"realm":"r","enabled":true}`. Key providers come without keys; whoever stores the realm
//! makes those.

mod client;
mod component;
mod event_type;
mod flow;
mod mapper;
#[cfg(test)]
mod recorded;
mod required_action;
mod role;
mod scope;
mod settings;
mod user_profile;

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{
    ClientRepresentation, ProtocolMapperRepresentation, RealmRepresentation,
    RequiredActionProviderRepresentation, RoleRepresentation, RolesRepresentation,
    ScopeMappingRepresentation,
};

pub use event_type::{is_event_type, usual_event_types};
pub use required_action::is_required_action;
pub use user_profile::user_profile;

/// The realm of those who administer all realms.
pub const MASTER: &str = "master";

/// Where fresh ids come from.
pub type Ids<'a> = dyn FnMut() -> Uuid + 'a;

/// A mapper that a scope of a new realm has, to be made for others too.
pub fn built_in_mapper(protocol: &str, name: &str) -> Option<ProtocolMapperRepresentation> {
    scope::mapper(protocol, name)
}

/// What users of a new realm may have to do.
pub fn required_actions() -> Vec<RequiredActionProviderRepresentation> {
    required_action::representations()
}

/// A realm that nobody has changed yet. [`MASTER`] has the roles and the client for administering itself
/// in place of `realm-management`.
pub fn new_realm(name: &str, ids: &mut Ids<'_>) -> RealmRepresentation {
    let id = fresh(ids);
    let default_role = role::default_role(name, &id, ids);
    let clients = client::built_in(name, ids);
    let roles = RolesRepresentation {
        realm: Some(role::of_realm(name, &id, &default_role, ids)),
        client: Some(role::of_clients(&clients, ids)),
        ..Default::default()
    };
    let mut realm = RealmRepresentation {
        id: Some(id),
        realm: Some(name.to_owned()),
        roles: Some(roles),
        default_role: Some(RoleRepresentation { composites: None, attributes: None, ..default_role }),
        clients: Some(clients),
        scope_mappings: Some(vec![scope_mapping(None, Some("offline_access"), &["offline_access"])]),
        client_scope_mappings: Some(BTreeMap::from([(
            "account".to_owned(),
            vec![scope_mapping(Some("account-console"), None, &["manage-account", "view-groups"])],
        )])),
        client_scopes: Some(scope::representations(ids)),
        default_default_client_scopes: Some(scope::default_names()),
        default_optional_client_scopes: Some(scope::optional_names()),
        components: Some(component::exports(ids)),
        authentication_flows: Some(flow::representations(ids)),
        authenticator_config: Some(flow::configurations(ids)),
        required_actions: Some(required_action::representations()),
        ..Default::default()
    };
    settings::fill(&mut realm);
    if name == MASTER {
        settings::fill_master(&mut realm);
    }
    realm
}

/// What the making of a realm adds to [`MASTER`]: the client `{realm}-realm` and its roles, which master's
/// role `admin` then contains.
pub fn administration(realm: &str, ids: &mut Ids<'_>) -> (ClientRepresentation, Vec<RoleRepresentation>) {
    let client = client::administration(realm, ids);
    let roles = role::of_administration(&client, ids);
    (client, roles)
}

/// The name of the client in [`MASTER`] whose roles administer `realm`.
pub fn administration_client_id(realm: &str) -> String {
    format!("{realm}-realm")
}

/// The name of the composite role that every user of `realm` has.
pub fn default_role_name(realm: &str) -> String {
    format!("default-roles-{realm}")
}

fn scope_mapping(client: Option<&str>, scope: Option<&str>, roles: &[&str]) -> ScopeMappingRepresentation {
    ScopeMappingRepresentation {
        client: client.map(str::to_owned),
        client_scope: scope.map(str::to_owned),
        roles: Some(texts(roles)),
        ..Default::default()
    }
}

fn fresh(ids: &mut Ids<'_>) -> String {
    ids().to_string()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn entries(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
