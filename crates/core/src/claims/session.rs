//! Mappers of how, and in which session, the user signed in.

use std::collections::BTreeMap;

use sekisho_protocol::GrantType;
use serde_json::json;

use super::{Claims, Context, Destination, Mapper, Provider, value};
use crate::Client;

/// There is one level of authentication, and its name is `1` unless the client names it.
pub(super) const ACR: Provider = Provider::new("oidc-acr-mapper", |_, context, claims| {
    let name = first_level(context.client);
    claims.set_path("acr", json!(name.as_deref().unwrap_or("1")));
})
.but_never(&[Destination::UserInfo]);

/// A method is named by the step that used it; none of ours has a name yet.
pub(super) const AMR: Provider =
    Provider::new("oidc-amr-mapper", |_, _, claims| claims.set_path("amr", json!([])))
        .but_never(&[Destination::UserInfo]);

/// The access token once had the nonce too; who still reads it there has this mapper.
pub(super) const NONCE: Provider =
    Provider::new("oidc-nonce-backwards-compatible-mapper", |_, _, claims| claims.ask("nonce"))
        .unless_said(&[Destination::AccessToken, Destination::LightweightAccessToken]);

pub(super) const NOTE: Provider = Provider::new("oidc-usersessionmodel-note-mapper", note);

pub(super) const SESSION_STATE: Provider =
    Provider::new("oidc-session-state-mapper", |_, _, claims| claims.ask("session_state"));

/// The name of level 1 in `acr.loa.map`, a JSON object from name to level.
fn first_level(client: &Client) -> Option<String> {
    let levels: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(client.attribute("acr.loa.map")?).ok()?;
    let is_first = |level: &serde_json::Value| level.as_i64() == Some(1) || level.as_str() == Some("1");
    levels.into_iter().find(|(_, level)| is_first(level)).map(|(name, _)| name)
}

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
