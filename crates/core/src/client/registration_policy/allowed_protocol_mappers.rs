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

/// Keycloak's types. Not all of them do something here; a realm file may name each.
const KNOWN: &[&str] = &[
    "docker-v2-allow-all-mapper",
    "oidc-acr-mapper",
    "oidc-address-mapper",
    "oidc-allowed-origins-mapper",
    "oidc-amr-mapper",
    "oidc-audience-mapper",
    "oidc-audience-resolve-mapper",
    "oidc-claims-param-token-mapper",
    "oidc-claims-param-value-idtoken-mapper",
    "oidc-full-name-mapper",
    "oidc-group-membership-mapper",
    "oidc-hardcoded-claim-mapper",
    "oidc-hardcoded-role-mapper",
    "oidc-nonce-backwards-compatible-mapper",
    "oidc-organization-group-membership-mapper",
    "oidc-organization-membership-mapper",
    "oidc-role-name-mapper",
    "oidc-session-state-mapper",
    "oidc-sha256-pairwise-sub-mapper",
    "oidc-sub-mapper",
    "oidc-usermodel-attribute-mapper",
    "oidc-usermodel-client-role-mapper",
    "oidc-usermodel-property-mapper",
    "oidc-usermodel-realm-role-mapper",
    "oidc-usersessionmodel-note-mapper",
    "saml-audience-mapper",
    "saml-audience-resolve-mapper",
    "saml-authn-context-class-ref-mapper",
    "saml-group-membership-mapper",
    "saml-hardcode-attribute-mapper",
    "saml-hardcode-role-mapper",
    "saml-organization-group-membership-mapper",
    "saml-organization-membership-mapper",
    "saml-role-list-mapper",
    "saml-role-name-mapper",
    "saml-user-attribute-mapper",
    "saml-user-attribute-nameid-mapper",
    "saml-user-property-mapper",
    "saml-user-session-note-mapper",
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
