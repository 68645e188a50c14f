//! Mappers of roles.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Claims, Context, Mapper, Provider};

pub(super) const REALM_ROLES: Provider =
    Provider { id: "oidc-usermodel-realm-role-mapper", apply: realm_roles };

pub(super) const CLIENT_ROLES: Provider =
    Provider { id: "oidc-usermodel-client-role-mapper", apply: client_roles };

fn realm_roles(mapper: &Mapper, context: &Context<'_>, claims: &mut Claims) {
    let prefix = mapper.setting("usermodel.realmRoleMapping.rolePrefix").unwrap_or_default();
    let roles = context.roles.iter().filter_map(|id| context.realm.roles.by_id.get(id));
    let mut names: Vec<String> =
        roles.filter(|role| role.client.is_none()).map(|role| format!("{prefix}{}", role.name)).collect();
    names.sort();
    if !names.is_empty() {
        claims.set(mapper, json!(names));
    }
}

/// `${client_id}` in the claim's name stands for each client in turn.
fn client_roles(mapper: &Mapper, context: &Context<'_>, claims: &mut Claims) {
    let Some(claim) = mapper.setting("claim.name") else { return };
    let only = mapper.setting("usermodel.clientRoleMapping.clientId");
    let prefix = mapper.setting("usermodel.clientRoleMapping.rolePrefix").unwrap_or_default();
    let mut by_client: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for role in context.roles.iter().filter_map(|id| context.realm.roles.by_id.get(id)) {
        let owner = role.client.and_then(|owner| context.realm.roles.client_ids.get(&owner));
        if let Some(owner) = owner.filter(|owner| only.is_none_or(|only| only == *owner)) {
            by_client.entry(owner).or_default().push(format!("{prefix}{}", role.name));
        }
    }
    for (client_id, mut names) in by_client {
        names.sort();
        claims.set_path(&claim.replace("${client_id}", &client_id.replace('.', "\\.")), json!(names));
    }
}
