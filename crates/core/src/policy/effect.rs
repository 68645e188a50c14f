//! What executors change.

use sekisho_protocol::keycloak::ClientRepresentation;
use serde_json::{Map, Value};

/// A change that an executor demands; whoever raised the event carries it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The proposed client is changed; the executors after this one see it so.
    Client(ClientEdit),
    /// The client is made or brought up to date from its metadata document, which was looked up.
    ClientMetadata(Box<Map<String, Value>>),
    /// This flow asks the user, up to this level, instead of the realm's browser flow.
    AuthenticationFlow { alias: String, level: i64 },
    /// The access token has only the claims of mappers that are marked as lightweight.
    LightweightAccessToken,
    /// Of the tokens only the refresh token is bound to the key of the DPoP proof.
    BindOnlyRefreshToken,
    /// The answer has no refresh token.
    SuppressRefreshToken,
    /// The registration access token stays the same.
    KeepRegistrationToken,
    /// The client's secret is good for so long (seconds); past `remaining` before its end an update makes a
    /// new one, and the old one stays good for `rotated`.
    RotateSecret { expiration: i64, rotated: i64, remaining: i64 },
}

/// A change of a proposed client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientEdit {
    ConsentRequired(bool),
    FullScopeAllowed(bool),
    ImplicitFlow(bool),
    DirectAccessGrants(bool),
    Authenticator(String),
    Attribute(&'static str, String),
    Enabled(bool),
    Several(Vec<ClientEdit>),
}

impl ClientEdit {
    /// Carries it out.
    pub fn apply(&self, client: &mut ClientRepresentation) {
        match self {
            Self::ConsentRequired(on) => client.consent_required = Some(*on),
            Self::FullScopeAllowed(on) => client.full_scope_allowed = Some(*on),
            Self::ImplicitFlow(on) => client.implicit_flow_enabled = Some(*on),
            Self::DirectAccessGrants(on) => client.direct_access_grants_enabled = Some(*on),
            Self::Authenticator(authenticator) => {
                client.client_authenticator_type = Some(authenticator.clone());
            }
            Self::Attribute(name, value) => {
                client.attributes.get_or_insert_default().insert((*name).to_owned(), value.clone());
            }
            Self::Enabled(on) => client.enabled = Some(*on),
            Self::Several(edits) => edits.iter().for_each(|edit| edit.apply(client)),
        }
    }
}
