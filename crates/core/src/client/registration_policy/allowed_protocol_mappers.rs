//! `allowed-protocol-mappers`: the types of mappers that a client may bring along.

use std::sync::Arc;

use sekisho_protocol::keycloak::ProtocolMapperRepresentation;

use super::{Asked, Options, Preset, Property, Provider, RegistrationPolicy, texts};
use crate::policy::effect::ClientEdit;

pub(super) const PROVIDER: Provider = Provider {
    id: "allowed-protocol-mappers",
    help: "Types of mappers that a client may register with.",
    properties: &[Property {
        name: TYPES,
        key: "allowed-protocol-mappers",
        kind: "MultivaluedList",
        preset: Preset::None,
        options: Options::These(KNOWN),
    }],
    configure: |config| Ok(Arc::new(AllowedProtocolMappers(texts(config, TYPES)))),
};

const TYPES: &str = "allowed-protocol-mapper-types";

/// Keycloak's types, in its order. Not all of them do something here; a realm file may name each.
const KNOWN: &[&str] = &[
    "oidc-claims-param-token-mapper",
    "oidc-usermodel-realm-role-mapper",
    "saml-user-attribute-nameid-mapper",
    "oidc-claims-param-value-idtoken-mapper",
    "oidc-usersessionmodel-note-mapper",
    "saml-authn-context-class-ref-mapper",
    "oidc-sub-mapper",
    "oidc-address-mapper",
    "oidc-organization-group-membership-mapper",
    "oidc-organization-membership-mapper",
    "saml-audience-resolve-mapper",
    "saml-organization-membership-mapper",
    "saml-user-session-note-mapper",
    "oidc-role-name-mapper",
    "oidc-usermodel-client-role-mapper",
    "oidc-acr-mapper",
    "oidc-usermodel-property-mapper",
    "saml-audience-mapper",
    "saml-group-membership-mapper",
    "docker-v2-allow-all-mapper",
    "oidc-hardcoded-role-mapper",
    "oidc-nonce-backwards-compatible-mapper",
    "oidc-hardcoded-claim-mapper",
    "oidc-sha256-pairwise-sub-mapper",
    "saml-role-name-mapper",
    "saml-user-property-mapper",
    "oidc-amr-mapper",
    "saml-role-list-mapper",
    "oidc-full-name-mapper",
    "oidc-allowed-origins-mapper",
    "oidc-audience-mapper",
    "oidc-usermodel-attribute-mapper",
    "oidc-session-state-mapper",
    "saml-hardcode-attribute-mapper",
    "oidc-group-membership-mapper",
    "saml-user-attribute-mapper",
    "saml-organization-group-membership-mapper",
    "saml-hardcode-role-mapper",
    "oidc-audience-resolve-mapper",
];

struct AllowedProtocolMappers(Vec<String>);

impl RegistrationPolicy for AllowedProtocolMappers {
    /// A mapper that an administrator gave to the client may stay as it is, and in no other way: neither its type nor
    /// what it is set to may change under the same id (attack 43).
    fn judge(&self, asked: &Asked<'_>) -> Result<Option<ClientEdit>, String> {
        let there = asked.current.and_then(|current| current.protocol_mappers.as_deref()).unwrap_or_default();
        let mut mappers = asked.result.protocol_mappers.iter().flatten();
        if mappers.all(|mapper| self.allows(mapper) || there.contains(mapper)) {
            Ok(None)
        } else {
            Err("ProtocolMapper type not allowed".to_owned())
        }
    }
}

impl AllowedProtocolMappers {
    fn allows(&self, mapper: &ProtocolMapperRepresentation) -> bool {
        mapper.protocol_mapper.as_ref().is_some_and(|kind| self.0.contains(kind))
    }
}
