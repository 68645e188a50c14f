//! The components of a new realm: key providers and policies of dynamic client registration.

use std::collections::BTreeMap;

use super::{super::ComponentExportRepresentation, Ids, fresh, texts};

const KEYS: &str = "org.keycloak.keys.KeyProvider";
const REGISTRATION: &str = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy";

/// Who registers: somebody without a token, or with one.
const ANONYMOUS: Option<&str> = Some("anonymous");
const AUTHENTICATED: Option<&str> = Some("authenticated");

struct Component {
    r#type: &'static str,
    sub_type: Option<&'static str>,
    name: &'static str,
    provider: &'static str,
    config: &'static [(&'static str, &'static [&'static str])],
}

const MAPPERS: &[&str] = &[
    "oidc-address-mapper",
    "oidc-full-name-mapper",
    "oidc-sha256-pairwise-sub-mapper",
    "oidc-usermodel-attribute-mapper",
    "oidc-usermodel-property-mapper",
    "saml-role-list-mapper",
    "saml-user-attribute-mapper",
    "saml-user-property-mapper",
];

const COMPONENTS: &[Component] = &[
    key("aes-generated", "aes-generated", &[("priority", &["100"])]),
    key("hmac-generated-hs512", "hmac-generated", &[("algorithm", &["HS512"]), ("priority", &["100"])]),
    key("rsa-enc-generated", "rsa-enc-generated", &[("algorithm", &["RSA-OAEP"]), ("priority", &["100"])]),
    key("rsa-generated", "rsa-generated", &[("priority", &["100"])]),
    registration(
        ANONYMOUS,
        "Trusted Hosts",
        "trusted-hosts",
        &[("client-uris-must-match", &["true"]), ("host-sending-registration-request-must-match", &["true"])],
    ),
    registration(ANONYMOUS, "Consent Required", "consent-required", &[]),
    registration(ANONYMOUS, "Full Scope Disabled", "scope", &[]),
    registration(ANONYMOUS, "Max Clients Limit", "max-clients", &[("max-clients", &["200"])]),
    mapper_types(ANONYMOUS),
    client_scopes(ANONYMOUS),
    web_origins(ANONYMOUS),
    mapper_types(AUTHENTICATED),
    client_scopes(AUTHENTICATED),
    web_origins(AUTHENTICATED),
];

const fn mapper_types(who: Option<&'static str>) -> Component {
    let config = &[("allowed-protocol-mapper-types", MAPPERS)];
    registration(who, "Allowed Protocol Mapper Types", "allowed-protocol-mappers", config)
}

const fn client_scopes(who: Option<&'static str>) -> Component {
    let config = &[("allow-default-scopes", &["true"] as &[&str])];
    registration(who, "Allowed Client Scopes", "allowed-client-templates", config)
}

const fn web_origins(who: Option<&'static str>) -> Component {
    registration(who, "Allowed Registration Web Origins", "registration-web-origins", &[])
}

const fn key(
    name: &'static str,
    provider: &'static str,
    config: &'static [(&'static str, &'static [&'static str])],
) -> Component {
    Component { r#type: KEYS, sub_type: None, name, provider, config }
}

const fn registration(
    sub_type: Option<&'static str>,
    name: &'static str,
    provider: &'static str,
    config: &'static [(&'static str, &'static [&'static str])],
) -> Component {
    Component { r#type: REGISTRATION, sub_type, name, provider, config }
}

/// All of them by provider type.
pub(super) fn exports(ids: &mut Ids<'_>) -> BTreeMap<String, Vec<ComponentExportRepresentation>> {
    let mut exports = BTreeMap::<_, Vec<_>>::new();
    for component in COMPONENTS {
        exports.entry(component.r#type.to_owned()).or_default().push(component.export(ids));
    }
    exports
}

impl Component {
    fn export(&self, ids: &mut Ids<'_>) -> ComponentExportRepresentation {
        let config = self.config.iter().map(|(name, values)| ((*name).to_owned(), texts(values)));
        ComponentExportRepresentation {
            id: Some(fresh(ids)),
            name: Some(self.name.to_owned()),
            provider_id: Some(self.provider.to_owned()),
            sub_type: self.sub_type.map(str::to_owned),
            sub_components: Some(BTreeMap::new()),
            config: Some(config.collect()),
        }
    }
}
