//! Mappers of roles, and the names that they write.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Claims, Context, Mapper, Provider};

pub(super) const REALM_ROLES: Provider =
    Provider::new("oidc-usermodel-realm-role-mapper", realm_roles).at(40);

pub(super) const CLIENT_ROLES: Provider =
    Provider::new("oidc-usermodel-client-role-mapper", client_roles).at(40);

/// Roles by name, in an order that stays the same.
#[derive(Clone, Debug, Default)]
pub(super) struct RoleNames {
    pub(super) realm: BTreeSet<String>,
    /// By `client_id`; a client without roles is not here.
    pub(super) clients: BTreeMap<String, BTreeSet<String>>,
}

impl RoleNames {
    pub(super) fn of(context: &Context<'_>) -> Self {
        let roles = &context.realm.roles;
        let mut names = Self::default();
        for role in context.roles.iter().filter_map(|id| roles.by_id.get(id)) {
            match role.client {
                None => names.add(None, &role.name),
                Some(owner) => names.add(roles.client_ids.get(&owner).map(String::as_str), &role.name),
            }
        }
        names
    }

    /// Adds a role of the realm or of a client.
    pub(super) fn add(&mut self, client: Option<&str>, name: &str) {
        let names = match client {
            None => &mut self.realm,
            Some(client) => self.clients.entry(client.to_owned()).or_default(),
        };
        names.insert(name.to_owned());
    }

    /// Takes a role away, and tells whether it was there.
    pub(super) fn remove(&mut self, client: Option<&str>, name: &str) -> bool {
        let Some(client) = client else { return self.realm.remove(name) };
        let Some(names) = self.clients.get_mut(client) else { return false };
        let removed = names.remove(name);
        self.clients.retain(|_, names| !names.is_empty());
        removed
    }
}

fn realm_roles(mapper: &Mapper, context: &Context<'_>, claims: &mut Claims) {
    let prefix = mapper.setting("usermodel.realmRoleMapping.rolePrefix").unwrap_or_default();
    if let Some(names) = prefixed(prefix, &claims.roles(context).realm) {
        claims.set(mapper, names);
    }
}

/// `${client_id}` in the claim's name stands for each client in turn.
fn client_roles(mapper: &Mapper, context: &Context<'_>, claims: &mut Claims) {
    let Some(claim) = mapper.setting("claim.name") else { return };
    let only = mapper.setting("usermodel.clientRoleMapping.clientId");
    let prefix = mapper.setting("usermodel.clientRoleMapping.rolePrefix").unwrap_or_default();
    let clients = claims.roles(context).clients.iter();
    let wanted = clients.filter(|(client_id, _)| only.is_none_or(|only| only == *client_id));
    let named: Vec<(String, Value)> = wanted
        .filter_map(|(client_id, names)| {
            let escaped = client_id.replace('\\', "\\\\").replace('.', "\\.");
            Some((claim.replace("${client_id}", &escaped), prefixed(prefix, names)?))
        })
        .collect();
    for (claim, names) in named {
        claims.set_path(&claim, names);
    }
}

/// `None` when there is no name.
fn prefixed(prefix: &str, names: &BTreeSet<String>) -> Option<Value> {
    let names: Vec<String> = names.iter().map(|name| format!("{prefix}{name}")).collect();
    (!names.is_empty()).then(|| json!(names))
}
