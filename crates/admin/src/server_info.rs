//! What this server can do (`/admin/serverinfo`): what the slices of the code name, and the facts of Keycloak that
//! stand beside it. Written once for each language, when it is first asked.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use sekisho_core::client::registration_policy::{self, Options};
use sekisho_core::policy::condition::CONDITIONS;
use sekisho_core::policy::configuration::{Preset, Property, Provider, Text};
use sekisho_core::policy::executor::EXECUTORS;
use sekisho_jose::Algorithm;
use sekisho_protocol::keycloak::{
    self, ComponentTypeRepresentation, ConfigPropertyRepresentation, CryptoInfoRepresentation,
    ProviderRepresentation, ServerInfoRepresentation, SpiInfoRepresentation, defaults,
};
use serde_json::{Value, json};

use crate::AdminError;

/// The language of help texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    English,
    Japanese,
}

const CONDITION: &str = "org.keycloak.services.clientpolicy.condition.ClientPolicyConditionProvider";
const EXECUTOR: &str = "org.keycloak.services.clientpolicy.executor.ClientPolicyExecutorProvider";

/// Keycloak's interfaces whose implementations are types of components, by the names of both.
const INTERFACES: &[(&str, &str)] = &[
    ("authenticator", "org.keycloak.authentication.Authenticator"),
    ("client-authenticator", "org.keycloak.authentication.ClientAuthenticator"),
    ("client-policy-condition", CONDITION),
    ("client-policy-executor", EXECUTOR),
    ("client-registration-policy", registration_policy::PROVIDER_TYPE),
    ("form-action", "org.keycloak.authentication.FormAction"),
    ("identity_provider_mapper", "org.keycloak.broker.provider.IdentityProviderMapper"),
    ("keys", "org.keycloak.keys.KeyProvider"),
    ("validator", "org.keycloak.validate.Validator"),
];

static ENGLISH: LazyLock<Option<String>> = LazyLock::new(|| write(Words::English));
static JAPANESE: LazyLock<Option<String>> = LazyLock::new(|| write(Words::Japanese));

/// The document, written.
///
/// # Errors
/// The facts have a mistake.
pub fn text(words: Words) -> Result<&'static str, AdminError> {
    let text = match words {
        Words::English => &ENGLISH,
        Words::Japanese => &JAPANESE,
    };
    text.as_deref().ok_or(AdminError::Unwritable("server information"))
}

fn write(words: Words) -> Option<String> {
    serde_json::to_string(&document(words).ok()?).ok()
}

fn document(words: Words) -> Result<ServerInfoRepresentation, serde_json::Error> {
    let mut info = keycloak::server_info()?;
    info.component_types.insert(CONDITION.to_owned(), components(CONDITIONS, words));
    info.component_types.insert(EXECUTOR.to_owned(), components(EXECUTORS, words));
    let policies = registration_policy::PROVIDERS.iter().map(registration_policy_type).collect();
    info.component_types.insert(registration_policy::PROVIDER_TYPE.to_owned(), policies);
    info.providers = providers(&info);
    info.crypto_info = crypto();
    Ok(info)
}

/// A slice, in Keycloak's order.
fn components<T: ?Sized>(slice: &[Provider<T>], words: Words) -> Vec<ComponentTypeRepresentation> {
    let component = |provider: &Provider<T>| ComponentTypeRepresentation {
        id: provider.id.to_owned(),
        help_text: Some(words.of(provider.help)),
        properties: provider.properties.iter().map(|offered| property(offered, words)).collect(),
        ..Default::default()
    };
    let mut components: Vec<_> = slice.iter().map(component).collect();
    components.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    components
}

fn property(property: &Property, words: Words) -> ConfigPropertyRepresentation {
    ConfigPropertyRepresentation {
        name: property.name.to_owned(),
        label: Some(property.label.to_owned()),
        help_text: Some(words.of(property.help)),
        kind: property.kind.name().to_owned(),
        default_value: preset(property.preset),
        options: property.options.iter().map(|option| (*option).to_owned()).collect(),
        required: property.required,
        ..Default::default()
    }
}

fn preset(preset: Preset) -> Option<Value> {
    match preset {
        Preset::None => None,
        Preset::Boolean(value) => Some(json!(value)),
        Preset::Integer(value) => Some(json!(value)),
        Preset::String(value) => Some(json!(value)),
    }
}

/// Their properties have the keys of Keycloak's message bundles for words.
fn registration_policy_type(provider: &registration_policy::Provider) -> ComponentTypeRepresentation {
    let property = |property: &registration_policy::Property| ConfigPropertyRepresentation {
        name: property.name.to_owned(),
        label: Some(format!("{}.label", property.key)),
        help_text: Some(format!("{}.tooltip", property.key)),
        kind: property.kind.to_owned(),
        default_value: match property.preset {
            registration_policy::Preset::None => None,
            registration_policy::Preset::Switch(on) => Some(json!(on)),
            registration_policy::Preset::Text(text) => Some(json!(text)),
        },
        options: match property.options {
            // The scopes are a realm's.
            Options::None | Options::Scopes => Vec::new(),
            Options::These(these) => these.iter().map(|option| (*option).to_owned()).collect(),
        },
        ..Default::default()
    };
    ComponentTypeRepresentation {
        id: provider.id.to_owned(),
        help_text: Some(provider.help.to_owned()),
        properties: provider.properties.iter().map(property).collect(),
        ..Default::default()
    }
}

/// The implementations of interfaces that tools look up before they configure one.
fn providers(info: &ServerInfoRepresentation) -> BTreeMap<String, SpiInfoRepresentation> {
    let mut providers = BTreeMap::new();
    for (interface, component_type) in INTERFACES {
        let types = info.component_types.get(*component_type).into_iter().flatten();
        providers.insert((*interface).to_owned(), implementations(types.map(|found| &found.id)));
    }
    let (social, others): (Vec<_>, Vec<_>) =
        info.identity_providers.iter().partition(|provider| provider.group_name == "Social");
    let actions = defaults::required_actions();
    let installations = info.client_installations.values().flatten();
    let mappers = info.protocol_mapper_types.values().flatten();
    for (interface, named) in [
        ("client-installation", implementations(installations.map(|installation| &installation.id))),
        ("identity_provider", implementations(others.into_iter().map(|provider| &provider.id))),
        ("login-protocol", implementations(["openid-connect"])),
        ("password-policy", implementations(info.password_policies.iter().map(|policy| &policy.id))),
        ("protocol-mapper", implementations(mappers.map(|mapper| &mapper.id))),
        ("required-action", implementations(actions.iter().filter_map(|action| action.alias.as_ref()))),
        ("social", implementations(social.into_iter().map(|provider| &provider.id))),
    ] {
        providers.insert(interface.to_owned(), named);
    }
    providers
}

fn implementations<T: ToString>(ids: impl IntoIterator<Item = T>) -> SpiInfoRepresentation {
    let providers = ids.into_iter().map(|id| (id.to_string(), ProviderRepresentation::default()));
    SpiInfoRepresentation { internal: false, providers: providers.collect() }
}

/// The algorithms that a client may sign with.
fn crypto() -> CryptoInfoRepresentation {
    let (symmetric, asymmetric): (Vec<_>, Vec<_>) =
        Algorithm::ALL.into_iter().partition(|one| one.is_symmetric());
    let names =
        |algorithms: Vec<Algorithm>| algorithms.into_iter().map(|one| one.name().to_owned()).collect();
    CryptoInfoRepresentation {
        crypto_provider: "default".to_owned(),
        supported_keystore_types: Vec::new(),
        client_signature_symmetric_algorithms: names(symmetric),
        client_signature_asymmetric_algorithms: names(asymmetric),
    }
}

impl Words {
    fn of(self, text: Text) -> String {
        match self {
            Self::English => text.en,
            Self::Japanese => text.ja,
        }
        .to_owned()
    }
}
