//! The documents of both providers: client metadata, and Keycloak's representation of a client.

use sekisho_core::client::registration_token::Provider;
use sekisho_core::client::shape::ClientFault;
use sekisho_protocol::Cause;
use sekisho_protocol::keycloak::{self, ClientRepresentation, Fault, Sensitive};
use sekisho_protocol::registration::{ClientMetadata, Registered, Unreadable};
use serde_json::Value;

use super::Request;

/// A client as somebody sent it.
pub(super) struct Sent {
    pub(super) client: ClientRepresentation,
    /// Names the software that registers (RFC 7591 §2).
    pub(super) software_id: String,
}

/// What an answer has beside the client.
#[derive(Default)]
pub(super) struct Extras<'a> {
    /// Whether the client may come back to change its registration.
    pub(super) manages_itself: bool,
    pub(super) token: Option<&'a str>,
    /// Seconds.
    pub(super) issued_at: Option<i64>,
}

/// Reads a body.
pub(super) fn parse(provider: Provider, body: &[u8]) -> Result<Sent, Cause> {
    match provider {
        Provider::OpenidConnect => {
            let metadata = ClientMetadata::parse(body).map_err(|unreadable| match unreadable {
                Unreadable::NotJson => Cause::DocumentMalformed,
                Unreadable::WrongType => Cause::DocumentWrongType,
            })?;
            let client = metadata.client().map_err(|fault| Cause::MetadataInvalid(fault.text))?;
            Ok(Sent { client, software_id: metadata.text("software_id").unwrap_or_default().to_owned() })
        }
        Provider::Default => {
            let client = keycloak::parse(body).map_err(|error| match &error.fault {
                Fault::NotJson { .. } => Cause::DocumentMalformed,
                Fault::WrongType { .. } => Cause::DocumentWrongType,
                Fault::UnknownMember { .. } => {
                    Cause::DocumentUnknownMember(error.unrecognized_field().unwrap_or_default())
                }
            })?;
            Ok(Sent { client, software_id: String::new() })
        }
    }
}

/// Writes an answer.
pub(super) fn answer(
    request: &Request<'_>,
    client: &ClientRepresentation,
    extras: &Extras<'_>,
) -> Result<Value, Cause> {
    match request.provider {
        Provider::OpenidConnect => {
            let address = extras.manages_itself.then(|| address(request, client));
            let (token, issued_at) = (extras.token, extras.issued_at);
            let registered = Registered { address: address.as_deref(), token, issued_at };
            Ok(Value::Object(registered.answer(client)))
        }
        Provider::Default => {
            let mut client = client.clone();
            client.registration_access_token = extras.token.map(Sensitive::new);
            client.default_roles.get_or_insert_default();
            serde_json::to_value(&client).map_err(|_| Cause::Internal)
        }
    }
}

/// Where a client is read and changed.
pub(super) fn address(request: &Request<'_>, client: &ClientRepresentation) -> String {
    let collection = request.realm.url(&format!("/clients-registrations/{}", request.provider.name()));
    let name = client.client_id.as_deref().unwrap_or_default();
    let Ok(mut url) = url::Url::parse(&collection) else { return collection };
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.push(name);
    }
    url.to_string()
}

/// RFC 7591 §3.2.2 has a code of its own for redirect URIs.
pub(super) fn fault(fault: ClientFault) -> Cause {
    if fault.member == "redirectUris" {
        Cause::MetadataRedirectUri(fault.text)
    } else {
        Cause::MetadataInvalid(fault.text)
    }
}
