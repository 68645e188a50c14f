//! Mappers of how the user signed in.

use sekisho_protocol::GrantType;
use serde_json::json;

use super::{Claims, Context, Mapper, Provider, value};

pub(super) const ACR: Provider = Provider {
    id: "oidc-acr-mapper",
    apply: |_, context, claims| {
        let acr = if context.auth_time.is_some() || context.grant_type == GrantType::ClientCredentials {
            "1"
        } else {
            "0"
        };
        claims.set_path("acr", json!(acr));
    },
};

pub(super) const NOTE: Provider = Provider { id: "oidc-usersessionmodel-note-mapper", apply: note };

fn note(mapper: &Mapper, context: &Context<'_>, claims: &mut Claims) {
    let service_account = context.grant_type == GrantType::ClientCredentials;
    let note = match mapper.setting("user.session.note") {
        Some("AUTH_TIME") => context.auth_time.map(|at| at.seconds().to_string()),
        Some("client_id") if service_account => Some(context.client.client_id.clone()),
        Some("clientHost" | "clientAddress") if service_account => Some(context.address.to_owned()),
        _ => None,
    };
    if let Some(value) = value::convert(mapper, note.as_slice()) {
        claims.set(mapper, value);
    }
}
