//! Mappers of whom a token is for.

use serde_json::json;

use super::{Claims, Context, Mapper, Provider};

pub(super) const AUDIENCE: Provider = Provider {
    id: "oidc-audience-mapper",
    apply: |mapper, _, claims| {
        let client = mapper.setting("included.client.audience");
        if let Some(name) = client.or_else(|| mapper.setting("included.custom.audience")) {
            claims.add_audience(name);
        }
    },
};

pub(super) const AUDIENCE_RESOLVE: Provider =
    Provider { id: "oidc-audience-resolve-mapper", apply: audience_resolve };

pub(super) const ALLOWED_ORIGINS: Provider = Provider {
    id: "oidc-allowed-origins-mapper",
    apply: |_, context, claims| {
        let origins = context.client.allowed_origins();
        if !origins.is_empty() {
            claims.set_path("allowed-origins", json!(origins));
        }
    },
};

/// Every other client whose roles the token carries.
fn audience_resolve(_: &Mapper, context: &Context<'_>, claims: &mut Claims) {
    let roles = context.roles.iter().filter_map(|id| context.realm.roles.by_id.get(id));
    let mut owners: Vec<&str> = roles
        .filter_map(|role| role.client)
        .filter(|owner| *owner != context.client.id)
        .filter_map(|owner| context.realm.roles.client_ids.get(&owner))
        .map(String::as_str)
        .collect();
    owners.sort_unstable();
    owners.dedup();
    for owner in owners {
        claims.add_audience(owner);
    }
}
