//! A realm document made whole. A list that it has is taken as it is, a missing one is that of a new
//! realm; the built-in clients and roles that it lacks are added, as Keycloak does.

use std::collections::{BTreeMap, HashSet};

use sekisho_core::client::complete::{self, OfferedScopes};
use sekisho_protocol::keycloak::defaults::{self, Ids};
use sekisho_protocol::keycloak::{
    ClientRepresentation, Composites, RealmRepresentation, RoleRepresentation, RolesRepresentation,
    ScopeMappingRepresentation,
};
use serde_json::Value;

use crate::AdminError;

/// The document with everything a realm has.
pub(super) fn complete(
    mut given: RealmRepresentation,
    name: &str,
    ids: &mut Ids<'_>,
) -> Result<RealmRepresentation, AdminError> {
    let mut base = defaults::new_realm(name, ids);
    let scopes = known_scopes(&given, &base);
    fit_mappings(&mut base, &scopes);
    let users = given.users.take();
    let own_clients = given.clients.take().unwrap_or_default();
    let own_roles = given.roles.take().unwrap_or_default();
    let (new_clients, new_roles) = (base.clients.take(), base.roles.take());
    merge_entries(&mut given.attributes, base.attributes.take());
    merge_entries(&mut given.components, base.components.take());

    let mut realm = overlay(&base, &given)?;
    realm.realm = Some(name.to_owned());
    realm.users = users;
    let clients = merge_clients(own_clients, new_clients.unwrap_or_default(), &realm);
    realm.roles = Some(merge_roles(own_roles, new_roles.unwrap_or_default(), &clients));
    realm.clients = Some(clients);
    settle_default_role(&mut realm, name, given.default_role);
    fill_policies(&mut realm);
    Ok(realm)
}

/// Members of the document over those of a new realm.
fn overlay(
    base: &RealmRepresentation,
    given: &RealmRepresentation,
) -> Result<RealmRepresentation, AdminError> {
    let written = |realm| serde_json::to_value(realm).map_err(|_| AdminError::Unwritable("realm"));
    let mut merged = written(base)?;
    if let (Value::Object(merged), Value::Object(given)) = (&mut merged, written(given)?) {
        merged.extend(given);
    }
    serde_json::from_value(merged).map_err(|_| AdminError::Unwritable("realm"))
}

fn merge_entries<T>(given: &mut Option<BTreeMap<String, T>>, base: Option<BTreeMap<String, T>>) {
    let merged = given.get_or_insert_default();
    for (name, value) in base.into_iter().flatten() {
        merged.entry(name).or_insert(value);
    }
}

/// Names of client scopes with their protocol.
type Scopes = BTreeMap<String, Option<String>>;

fn known_scopes(given: &RealmRepresentation, base: &RealmRepresentation) -> Scopes {
    let scopes = given.client_scopes.as_ref().or(base.client_scopes.as_ref());
    let named = scopes
        .into_iter()
        .flatten()
        .map(|scope| (scope.name.clone().unwrap_or_default(), scope.protocol.clone()));
    named.collect()
}

/// Of the defaults only what the document's own scopes leave in place.
fn fit_mappings(base: &mut RealmRepresentation, scopes: &Scopes) {
    let stays = |mapping: &ScopeMappingRepresentation| {
        mapping.client_scope.as_ref().is_none_or(|scope| scopes.contains_key(scope))
    };
    base.scope_mappings.get_or_insert_default().retain(stays);
    for names in [&mut base.default_default_client_scopes, &mut base.default_optional_client_scopes] {
        names.get_or_insert_default().retain(|name| scopes.contains_key(name));
    }
    for client in base.clients.iter_mut().flatten() {
        for names in [&mut client.default_client_scopes, &mut client.optional_client_scopes] {
            names.get_or_insert_default().retain(|name| scopes.contains_key(name));
        }
    }
}

fn merge_clients(
    mut own: Vec<ClientRepresentation>,
    new: Vec<ClientRepresentation>,
    realm: &RealmRepresentation,
) -> Vec<ClientRepresentation> {
    let offered = OfferedScopes::of(realm);
    for one in &mut own {
        complete::complete(one, &offered);
    }
    let named: HashSet<Option<String>> = own.iter().map(|client| client.client_id.clone()).collect();
    own.extend(new.into_iter().filter(|client| !named.contains(&client.client_id)));
    own
}

fn merge_roles(
    own: RolesRepresentation,
    new: RolesRepresentation,
    clients: &[ClientRepresentation],
) -> RolesRepresentation {
    let mut of_clients = own.client.unwrap_or_default();
    of_clients.extend(own.application.unwrap_or_default());
    let there: HashSet<&str> = clients.iter().filter_map(|client| client.client_id.as_deref()).collect();
    for (client, roles) in new.client.into_iter().flatten() {
        if there.contains(client.as_str()) {
            of_clients.entry(client).or_insert(roles);
        }
    }
    let mut of_realm = own.realm.unwrap_or_default();
    let named: HashSet<Option<String>> = of_realm.iter().map(|role| role.name.clone()).collect();
    for mut role in new.realm.into_iter().flatten().filter(|role| !named.contains(&role.name)) {
        fit_composites(role.composites.get_or_insert_default(), &of_clients);
        of_realm.push(role);
    }
    RolesRepresentation { realm: Some(of_realm), client: Some(of_clients), application: None }
}

/// A document that brings a built-in client with roles of its own may lack what a new realm's roles contain.
fn fit_composites(composites: &mut Composites, of_clients: &BTreeMap<String, Vec<RoleRepresentation>>) {
    for (client, names) in composites.client.iter_mut().flatten() {
        let roles = of_clients.get(client).map(Vec::as_slice).unwrap_or_default();
        names.retain(|name| roles.iter().any(|role| role.name.as_ref() == Some(name)));
    }
}

/// The realm's default role is one of its roles; what `defaultRoles` of old documents named is in it.
fn settle_default_role(realm: &mut RealmRepresentation, name: &str, given: Option<RoleRepresentation>) {
    let of_new_realm = defaults::default_role_name(name);
    let wanted = given.as_ref().and_then(|role| role.name.clone()).unwrap_or(of_new_realm);
    let of_old_documents = realm.default_roles.take().unwrap_or_default();
    let roles = realm.roles.get_or_insert_default().realm.get_or_insert_default();
    if roles.iter().all(|role| role.name.as_ref() != Some(&wanted)) {
        roles.push(RoleRepresentation { composite: Some(true), ..given.unwrap_or_default() });
    }
    let Some(role) = roles.iter_mut().find(|role| role.name.as_ref() == Some(&wanted)) else { return };
    if !of_old_documents.is_empty() {
        role.composites.get_or_insert_default().realm.get_or_insert_default().extend(of_old_documents);
    }
    for client in realm.clients.iter_mut().flatten() {
        let roles = client.default_roles.take().filter(|roles| !roles.is_empty());
        if let (Some(roles), Some(id)) = (roles, client.client_id.clone()) {
            let composites = role.composites.get_or_insert_default().client.get_or_insert_default();
            composites.entry(id).or_default().extend(roles);
        }
    }
    realm.default_role = Some(RoleRepresentation { composites: None, attributes: None, ..role.clone() });
}

/// An object without a list means that there is none.
pub(super) fn fill_policies(realm: &mut RealmRepresentation) {
    if let Some(profiles) = &mut realm.client_profiles {
        profiles.profiles.get_or_insert_default();
        profiles.global_profiles = None;
    }
    if let Some(policies) = &mut realm.client_policies {
        for policy in policies.policies.get_or_insert_default() {
            policy.enabled.get_or_insert(false);
        }
        policies.global_policies = None;
    }
}
