//! Which providers there are, and what their configuration must be. What none of ours understands is kept as it is.

use sekisho_core::client::registration_policy;
use sekisho_protocol::keycloak::ComponentExportRepresentation;

use crate::AdminError;

pub(super) const KEYS: &str = "org.keycloak.keys.KeyProvider";
const USER_PROFILE: &str = "org.keycloak.userprofile.UserProfileProvider";
const USER_STORAGE: &str = "org.keycloak.storage.UserStorageProvider";
const LDAP_MAPPERS: &str = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper";

/// A provider, with the entries of its configuration that have rules.
struct Provider {
    id: &'static str,
    rules: &'static [(&'static str, Rule)],
}

/// What an entry must be; the label is Keycloak's.
enum Rule {
    Required(&'static str),
    Number(&'static str),
    Switch(&'static str),
    OneOf(&'static str, &'static [&'static str]),
}

const PRIORITY: (&str, Rule) = ("priority", Rule::Number("Priority"));
const ENABLED: (&str, Rule) = ("enabled", Rule::Switch("Enabled"));
const ACTIVE: (&str, Rule) = ("active", Rule::Switch("Active"));
const RSA_ALGORITHMS: &[&str] = &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

const fn kept(id: &'static str) -> Provider {
    Provider { id, rules: &[] }
}

const KEY_PROVIDERS: &[Provider] = &[
    Provider { id: "aes-generated", rules: &[PRIORITY, ENABLED, ACTIVE] },
    Provider { id: "ecdh-generated", rules: &[PRIORITY, ENABLED, ACTIVE] },
    Provider {
        id: "ecdsa-generated",
        rules: &[
            PRIORITY,
            ENABLED,
            ACTIVE,
            ("ecdsaEllipticCurveKey", Rule::OneOf("Elliptic Curve", &["P-256", "P-384", "P-521"])),
        ],
    },
    Provider {
        id: "eddsa-generated",
        rules: &[
            PRIORITY,
            ENABLED,
            ACTIVE,
            ("eddsaEllipticCurveKey", Rule::OneOf("Elliptic Curve", &["Ed25519"])),
        ],
    },
    Provider {
        id: "hmac-generated",
        rules: &[
            PRIORITY,
            ENABLED,
            ACTIVE,
            ("algorithm", Rule::OneOf("Algorithm", &["HS256", "HS384", "HS512"])),
        ],
    },
    Provider { id: "java-keystore", rules: &[PRIORITY, ENABLED, ACTIVE] },
    Provider {
        id: "rsa",
        rules: &[
            PRIORITY,
            ENABLED,
            ACTIVE,
            ("algorithm", Rule::OneOf("Algorithm", RSA_ALGORITHMS)),
            ("privateKey", Rule::Required("Private RSA Key")),
        ],
    },
    Provider {
        id: "rsa-enc",
        rules: &[PRIORITY, ENABLED, ACTIVE, ("privateKey", Rule::Required("Private RSA Key"))],
    },
    Provider { id: "rsa-enc-generated", rules: &[PRIORITY, ENABLED, ACTIVE, KEY_SIZE] },
    Provider {
        id: "rsa-generated",
        rules: &[
            PRIORITY,
            ENABLED,
            ACTIVE,
            KEY_SIZE,
            ("algorithm", Rule::OneOf("Algorithm", RSA_ALGORITHMS)),
        ],
    },
];

const KEY_SIZE: (&str, Rule) = ("keySize", Rule::OneOf("Key size", &["1024", "2048", "3072", "4096"]));

/// By the type that components name.
const PROVIDERS: &[(&str, &[Provider])] = &[
    (KEYS, KEY_PROVIDERS),
    (LDAP_MAPPERS, LDAP_MAPPER_PROVIDERS),
    (USER_PROFILE, &[kept("declarative-user-profile")]),
    (USER_STORAGE, &[kept("kerberos"), kept("ldap")]),
];

const LDAP_MAPPER_PROVIDERS: &[Provider] = &[
    kept("certificate-ldap-mapper"),
    kept("full-name-ldap-mapper"),
    kept("group-ldap-mapper"),
    kept("hardcoded-attribute-mapper"),
    kept("hardcoded-ldap-attribute-mapper"),
    kept("hardcoded-ldap-group-mapper"),
    kept("hardcoded-ldap-role-mapper"),
    kept("kerberos-principal-attribute-mapper"),
    kept("msad-lds-user-account-control-mapper"),
    kept("msad-user-account-control-mapper"),
    kept("role-ldap-mapper"),
    kept("user-attribute-ldap-mapper"),
];

fn find(provider_type: &str, id: Option<&str>) -> Option<&'static Provider> {
    let (_, providers) = PROVIDERS.iter().find(|(known, _)| *known == provider_type)?;
    providers.iter().find(|provider| Some(provider.id) == id)
}

/// Whether there is such a provider.
pub(super) fn is_known(provider_type: &str, id: Option<&str>) -> bool {
    if provider_type == registration_policy::PROVIDER_TYPE {
        return registration_policy::PROVIDERS.iter().any(|provider| Some(provider.id) == id);
    }
    find(provider_type, id).is_some()
}

/// Checks a component's configuration before it is stored, in Keycloak's words.
pub(super) fn check(
    provider_type: &str,
    component: &ComponentExportRepresentation,
) -> Result<(), AdminError> {
    if provider_type == registration_policy::PROVIDER_TYPE {
        return check_registration(component);
    }
    let Some(provider) = find(provider_type, component.provider_id.as_deref()) else { return Ok(()) };
    let value = |name: &str| component.config.as_ref()?.get(name)?.first().map(String::as_str);
    for (name, rule) in provider.rules {
        rule.check(value(name)).map_err(AdminError::Invalid)?;
    }
    Ok(())
}

/// What its policy reads. A policy that looks at nothing would let everybody in.
fn check_registration(component: &ComponentExportRepresentation) -> Result<(), AdminError> {
    let id = component.provider_id.as_deref().unwrap_or_default();
    let config = component.config.clone().unwrap_or_default();
    registration_policy::configure(id, &config).map_err(AdminError::Invalid)?;
    let off = |name| config.get(name).and_then(|values| values.first()).is_some_and(|value| value == "false");
    if id == "trusted-hosts"
        && off("host-sending-registration-request-must-match")
        && off("client-uris-must-match")
    {
        let text = "At least one of hosts verification or client URIs validation must be enabled";
        return Err(AdminError::Invalid(text.to_owned()));
    }
    Ok(())
}

impl Rule {
    fn check(&self, value: Option<&str>) -> Result<(), String> {
        match (self, value) {
            (Self::Required(label), None) => Err(format!("'{label}' is required")),
            (Self::Number(label), Some(value)) if value.parse::<i64>().is_err() => {
                Err(format!("'{label}' should be a number"))
            }
            (Self::Switch(label), Some(value)) if value != "true" && value != "false" => {
                Err(format!("'{label}' should be 'true' or 'false'"))
            }
            (Self::OneOf(label, known), Some(value)) if !known.contains(&value) => {
                Err(format!("'{label}' should be {}", listed(known)))
            }
            _ => Ok(()),
        }
    }
}

fn listed(known: &[&str]) -> String {
    match known {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
