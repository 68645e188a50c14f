//! The client scopes of a new realm.

use uuid::Uuid;

use super::{
    super::{ClientScopeRepresentation, ProtocolMapperRepresentation},
    Ids, entries, fresh,
    mapper::{self, ACCESS_TOKEN, EVERYWHERE, Mapper, NOWHERE, TOKENS, attribute, note, plain, roles},
};

pub(super) const OPENID_CONNECT: &str = "openid-connect";
const SAML: &str = "saml";

/// How a client comes by a scope.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Always in force.
    Default,
    /// In force when asked for.
    Optional,
    /// Given to a client when its service account is switched on.
    OnDemand,
}

struct Scope {
    name: &'static str,
    description: &'static str,
    protocol: &'static str,
    standing: Standing,
    attributes: &'static [(&'static str, &'static str)],
    mappers: &'static [Mapper],
}

pub(super) fn representations(ids: &mut Ids<'_>) -> Vec<ClientScopeRepresentation> {
    SCOPES.iter().map(|scope| scope.representation(ids)).collect()
}

/// Those of all protocols.
pub(super) fn default_names() -> Vec<String> {
    names(|scope| scope.standing == Standing::Default)
}

pub(super) fn optional_names() -> Vec<String> {
    names(|scope| scope.standing == Standing::Optional)
}

/// Those that a client of OpenID Connect gets.
pub(super) fn default_names_of_clients() -> Vec<String> {
    names(|scope| scope.standing == Standing::Default && scope.protocol == OPENID_CONNECT)
}

/// A mapper of one of them, as it is offered for others: without an id.
pub(super) fn mapper(protocol: &str, name: &str) -> Option<ProtocolMapperRepresentation> {
    let mut mappers =
        SCOPES.iter().filter(|scope| scope.protocol == protocol).flat_map(|scope| scope.mappers);
    let mapper = mappers.find(|mapper| mapper.name == name)?;
    let representation = mapper.representation(protocol, &mut Uuid::nil);
    Some(ProtocolMapperRepresentation { id: None, ..representation })
}

fn names(wanted: impl Fn(&Scope) -> bool) -> Vec<String> {
    SCOPES.iter().filter(|scope| wanted(scope)).map(|scope| scope.name.to_owned()).collect()
}

impl Scope {
    fn representation(&self, ids: &mut Ids<'_>) -> ClientScopeRepresentation {
        ClientScopeRepresentation {
            id: Some(fresh(ids)),
            name: Some(self.name.to_owned()),
            description: Some(self.description.to_owned()),
            protocol: Some(self.protocol.to_owned()),
            attributes: Some(entries(self.attributes)),
            protocol_mappers: mapper::representations(self.mappers, self.protocol, ids),
        }
    }
}

const SILENT: &[(&str, &str)] =
    &[("display.on.consent.screen", "false"), ("include.in.token.scope", "false")];

const SCOPES: &[Scope] = &[
    Scope {
        name: "AuthnContextClassRef",
        description: "AuthnContextClassRef Level of Authentiation",
        protocol: SAML,
        standing: Standing::Default,
        attributes: &[],
        mappers: &[plain("AuthnContextClassRef", "saml-authn-context-class-ref-mapper", NOWHERE)],
    },
    Scope {
        name: "acr",
        description: "OpenID Connect scope for add acr (authentication context class reference) to the token",
        protocol: OPENID_CONNECT,
        standing: Standing::Default,
        attributes: SILENT,
        mappers: &[plain("acr loa level", "oidc-acr-mapper", TOKENS)],
    },
    Scope {
        name: "address",
        description: "OpenID Connect built-in scope: address",
        protocol: OPENID_CONNECT,
        standing: Standing::Optional,
        attributes: &[
            ("consent.screen.text", "${addressScopeConsentText}"),
            ("display.on.consent.screen", "true"),
            ("include.in.token.scope", "true"),
        ],
        mappers: &[Mapper {
            more: &[
                ("user.attribute.country", "country"),
                ("user.attribute.formatted", "formatted"),
                ("user.attribute.locality", "locality"),
                ("user.attribute.postal_code", "postal_code"),
                ("user.attribute.region", "region"),
                ("user.attribute.street", "street"),
            ],
            ..plain("address", "oidc-address-mapper", EVERYWHERE)
        }],
    },
    Scope {
        name: "basic",
        description: "OpenID Connect scope for add all basic claims to the token",
        protocol: OPENID_CONNECT,
        standing: Standing::Default,
        attributes: SILENT,
        mappers: &[
            note("auth_time", "AUTH_TIME", "auth_time", "long"),
            plain("sub", "oidc-sub-mapper", ACCESS_TOKEN),
        ],
    },
    Scope {
        name: "email",
        description: "OpenID Connect built-in scope: email",
        protocol: OPENID_CONNECT,
        standing: Standing::Default,
        attributes: &[
            ("consent.screen.text", "${emailScopeConsentText}"),
            ("display.on.consent.screen", "true"),
            ("include.in.token.scope", "true"),
        ],
        mappers: &[
            attribute("email", "email", "email", "String"),
            Mapper {
                provider: "oidc-usermodel-property-mapper",
                ..attribute("email verified", "emailVerified", "email_verified", "boolean")
            },
        ],
    },
    Scope {
        name: "microprofile-jwt",
        description: "Microprofile - JWT built-in scope",
        protocol: OPENID_CONNECT,
        standing: Standing::Optional,
        attributes: &[("display.on.consent.screen", "false"), ("include.in.token.scope", "true")],
        mappers: &[
            roles("groups", "oidc-usermodel-realm-role-mapper", TOKENS, "groups"),
            attribute("upn", "username", "upn", "String"),
        ],
    },
    Scope {
        name: "offline_access",
        description: "OpenID Connect built-in scope: offline_access",
        protocol: OPENID_CONNECT,
        standing: Standing::Optional,
        attributes: &[
            ("consent.screen.text", "${offlineAccessScopeConsentText}"),
            ("display.on.consent.screen", "true"),
        ],
        mappers: &[],
    },
    Scope {
        name: "organization",
        description: "Additional claims about the organization a subject belongs to",
        protocol: OPENID_CONNECT,
        standing: Standing::Optional,
        attributes: &[
            ("consent.screen.text", "${organizationScopeConsentText}"),
            ("display.on.consent.screen", "true"),
            ("include.in.token.scope", "true"),
        ],
        mappers: &[Mapper {
            claim: Some(("organization", "String")),
            more: &[("multivalued", "true")],
            ..plain("organization", "oidc-organization-membership-mapper", TOKENS)
        }],
    },
    Scope {
        name: "phone",
        description: "OpenID Connect built-in scope: phone",
        protocol: OPENID_CONNECT,
        standing: Standing::Optional,
        attributes: &[
            ("consent.screen.text", "${phoneScopeConsentText}"),
            ("display.on.consent.screen", "true"),
            ("include.in.token.scope", "true"),
        ],
        mappers: &[
            attribute("phone number", "phoneNumber", "phone_number", "String"),
            attribute("phone number verified", "phoneNumberVerified", "phone_number_verified", "boolean"),
        ],
    },
    Scope {
        name: "profile",
        description: "OpenID Connect built-in scope: profile",
        protocol: OPENID_CONNECT,
        standing: Standing::Default,
        attributes: &[
            ("consent.screen.text", "${profileScopeConsentText}"),
            ("display.on.consent.screen", "true"),
            ("include.in.token.scope", "true"),
        ],
        mappers: &[
            attribute("birthdate", "birthdate", "birthdate", "String"),
            attribute("family name", "lastName", "family_name", "String"),
            plain("full name", "oidc-full-name-mapper", EVERYWHERE),
            attribute("gender", "gender", "gender", "String"),
            attribute("given name", "firstName", "given_name", "String"),
            attribute("locale", "locale", "locale", "String"),
            attribute("middle name", "middleName", "middle_name", "String"),
            attribute("nickname", "nickname", "nickname", "String"),
            attribute("picture", "picture", "picture", "String"),
            attribute("profile", "profile", "profile", "String"),
            attribute("updated at", "updatedAt", "updated_at", "long"),
            attribute("username", "username", "preferred_username", "String"),
            attribute("website", "website", "website", "String"),
            attribute("zoneinfo", "zoneinfo", "zoneinfo", "String"),
        ],
    },
    Scope {
        name: "role_list",
        description: "SAML role list",
        protocol: SAML,
        standing: Standing::Default,
        attributes: &[
            ("consent.screen.text", "${samlRoleListScopeConsentText}"),
            ("display.on.consent.screen", "true"),
        ],
        mappers: &[Mapper {
            more: &[("attribute.name", "Role"), ("attribute.nameformat", "Basic"), ("single", "false")],
            ..plain("role list", "saml-role-list-mapper", NOWHERE)
        }],
    },
    Scope {
        name: "roles",
        description: "OpenID Connect scope for add user roles to the access token",
        protocol: OPENID_CONNECT,
        standing: Standing::Default,
        attributes: &[
            ("consent.screen.text", "${rolesScopeConsentText}"),
            ("display.on.consent.screen", "true"),
            ("include.in.token.scope", "false"),
        ],
        mappers: &[
            plain("audience resolve", "oidc-audience-resolve-mapper", ACCESS_TOKEN),
            roles(
                "client roles",
                "oidc-usermodel-client-role-mapper",
                ACCESS_TOKEN,
                "resource_access.${client_id}.roles",
            ),
            roles("realm roles", "oidc-usermodel-realm-role-mapper", ACCESS_TOKEN, "realm_access.roles"),
        ],
    },
    Scope {
        name: "saml_organization",
        description: "Organization Membership",
        protocol: SAML,
        standing: Standing::Default,
        attributes: &[("display.on.consent.screen", "false")],
        mappers: &[plain("organization", "saml-organization-membership-mapper", NOWHERE)],
    },
    Scope {
        name: "service_account",
        description: "Specific scope for a client enabled for service accounts",
        protocol: OPENID_CONNECT,
        standing: Standing::OnDemand,
        attributes: SILENT,
        mappers: &[
            note("Client Host", "clientHost", "clientHost", "String"),
            note("Client ID", "client_id", "client_id", "String"),
            note("Client IP Address", "clientAddress", "clientAddress", "String"),
        ],
    },
    Scope {
        name: "web-origins",
        description: "OpenID Connect scope for add allowed web origins to the access token",
        protocol: OPENID_CONNECT,
        standing: Standing::Default,
        attributes: &[
            ("consent.screen.text", ""),
            ("display.on.consent.screen", "false"),
            ("include.in.token.scope", "false"),
        ],
        mappers: &[plain("allowed web origins", "oidc-allowed-origins-mapper", ACCESS_TOKEN)],
    },
];
