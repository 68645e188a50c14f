//! Mappers of whom a token is for.

use serde_json::json;

use super::{Claims, Context, Destination, Mapper, Provider};

pub(super) const AUDIENCE: Provider = Provider::new("oidc-audience-mapper", |mapper, _, claims| {
    let client = mapper.setting("included.client.audience");
    if let Some(name) = client.or_else(|| mapper.setting("included.custom.audience")) {
        claims.add_audience(name);
    }
});

/// Its switches are younger than it is: a mapper without them goes where it always went.
pub(super) const AUDIENCE_RESOLVE: Provider = Provider::new("oidc-audience-resolve-mapper", audience_resolve)
    .at(30)
    .unless_said(&[Destination::AccessToken]);

pub(super) const ALLOWED_ORIGINS: Provider =
    Provider::new("oidc-allowed-origins-mapper", |_, context, claims| {
        let origins = context.client.allowed_origins();
        if !origins.is_empty() {
            claims.set_path("allowed-origins", json!(origins));
        }
    })
    .unless_said(&[Destination::AccessToken]);

/// Every other client whose roles the token carries.
fn audience_resolve(_: &Mapper, context: &Context<'_>, claims: &mut Claims) {
    let owners: Vec<String> = claims.roles(context).clients.keys().cloned().collect();
    for owner in owners.iter().filter(|owner| **owner != context.client.client_id) {
        claims.add_audience(owner);
    }
}
