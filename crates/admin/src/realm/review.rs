//! What an operator should know about the clients of a realm: it works, and is weaker than it could be.

use sekisho_protocol::keycloak::{self, ClientRepresentation};

use crate::{AdminError, Context};
use sekisho_core::client::complete::{OPENID_CONNECT, is_confidential};

/// Something about a client that is weaker than it could be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// Codes may be sent to more addresses than the client has.
    #[error("client {client:?}: redirect URI {uri} has a wildcard; list the addresses")]
    Wildcard { client: String, uri: String },
    /// A code that was stolen can be redeemed by whoever has the client's secret.
    #[error(
        "client {client:?}: confidential, and may go without PKCE; set pkce.code.challenge.method to S256"
    )]
    WithoutPkce { client: String },
}

/// Findings about the clients that are enabled, in the order of their names.
pub async fn review(context: &Context<'_>, name: &str) -> Result<Vec<Finding>, AdminError> {
    let unknown = || AdminError::NoSuchRealm(name.to_owned());
    let realm = context.store.stored_realm(name).await?.ok_or_else(unknown)?.record.id;
    let mut findings = Vec::new();
    for stored in context.store.stored_clients(realm).await? {
        let client: ClientRepresentation =
            keycloak::parse(stored.config.as_bytes()).map_err(|_| AdminError::Unwritable("client"))?;
        let speaks_oauth = client.protocol.as_deref().is_none_or(|protocol| protocol == OPENID_CONNECT);
        if speaks_oauth && client.enabled != Some(false) && client.standard_flow_enabled != Some(false) {
            judge(&client, &stored.client_id, &mut findings);
        }
    }
    Ok(findings)
}

fn judge(client: &ClientRepresentation, name: &str, findings: &mut Vec<Finding>) {
    // Those that begin with a slash are pages of this server itself.
    let elsewhere = client.redirect_uris.iter().flatten().filter(|uri| !uri.starts_with('/'));
    for uri in elsewhere.filter(|uri| uri.contains('*')) {
        findings.push(Finding::Wildcard { client: name.to_owned(), uri: uri.clone() });
    }
    let method =
        client.attributes.as_ref().and_then(|attributes| attributes.get("pkce.code.challenge.method"));
    let redirects = client.redirect_uris.as_ref().is_some_and(|uris| !uris.is_empty());
    if is_confidential(client) && redirects && method.map(String::as_str) != Some("S256") {
        findings.push(Finding::WithoutPkce { client: name.to_owned() });
    }
}
