//! `clients-registrations/install/{client}`: what Keycloak's adapters are configured with, told to the client itself.

use sekisho_core::client::ClientKind;
use sekisho_core::realm::SslRequired;
use sekisho_core::{Client, Realm};
use sekisho_protocol::{Cause, Params};
use serde_json::{Value, json};

use crate::{Server, Transport, client_auth};

/// The adapter's configuration.
///
/// # Errors
/// That the client did not prove itself, or is another.
pub async fn find(
    server: &Server,
    realm: &Realm,
    client_id: &str,
    transport: &Transport<'_>,
) -> Result<Value, Cause> {
    let credentials = client_auth::read(&Params::empty(), transport)?;
    let client = client_auth::load(server, realm, &credentials).await?;
    client_auth::authenticate(server, realm, &client, &credentials).await?;
    client_auth::check_origin(&client, transport)?;
    if client.client_id != client_id || client.kind != ClientKind::Confidential {
        return Err(Cause::ClientNotReadable);
    }
    Ok(configuration(server, realm, &client))
}

fn configuration(server: &Server, realm: &Realm, client: &Client) -> Value {
    let address = server.store.urls().hostname().trim_end_matches('/');
    json!({
        "realm": realm.name,
        "auth-server-url": format!("{address}/"),
        "ssl-required": match realm.login.ssl_required {
            SslRequired::All => "all",
            SslRequired::External => "external",
            SslRequired::None => "none",
        },
        "resource": client.client_id,
        "credentials": {"secret": client.secret.as_ref().map(sekisho_core::Secret::reveal)},
        "confidential-port": 0,
    })
}
