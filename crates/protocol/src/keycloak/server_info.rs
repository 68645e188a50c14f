//! `ServerInfoRepresentation`: what a server can do, as forms and tools ask it. What of it is no code of ours is
//! read from `server_info.json`: names, types, defaults and options, none of Keycloak's sentences.
#![expect(missing_docs, reason = "a member means what it means in Keycloak; only surprises are explained")]

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};

use super::{ProtocolMapperRepresentation, VERSION, defaults};

const FACTS: &str = include_str!("server_info.json");

/// What Keycloak has, as far as it is the same here. What comes of the slices of the code is for the caller to
/// add: conditions, executors, [`providers`](ServerInfoRepresentation::providers), algorithms.
///
/// # Errors
/// The file has a mistake.
pub fn server_info() -> Result<ServerInfoRepresentation, serde_json::Error> {
    let mut facts: Value = serde_json::from_str(FACTS)?;
    let shared = facts.as_object_mut().and_then(|facts| facts.shift_remove("properties"));
    let shared: Vec<Value> = serde_json::from_value(shared.unwrap_or_default())?;
    write_out(&mut facts, &shared);
    let mut info: ServerInfoRepresentation = serde_json::from_value(facts)?;
    let social = info.identity_providers.iter().filter(|provider| provider.group_name == "Social");
    info.social_providers = social.cloned().collect();
    info.profile_info = ProfileInfoRepresentation::of(&info.features);
    Ok(info)
}

/// Puts properties that many have in the place of their names.
fn write_out(facts: &mut Value, shared: &[Value]) {
    match facts {
        Value::Object(members) => {
            for (name, member) in members {
                let holds_properties = matches!(name.as_str(), "properties" | "clientProperties");
                match member.as_array_mut().filter(|_| holds_properties) {
                    Some(properties) => properties.iter_mut().for_each(|property| {
                        if let Some(found) = shared.iter().find(|shared| shared.get("name") == Some(property))
                        {
                            *property = found.clone();
                        }
                    }),
                    None => write_out(member, shared),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| write_out(element, shared)),
        _ => {}
    }
}

/// What a server can do.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerInfoRepresentation {
    #[serde(default)]
    pub system_info: SystemInfoRepresentation,
    #[serde(default)]
    pub memory_info: MemoryInfoRepresentation,
    #[serde(default)]
    pub cpu_info: CpuInfoRepresentation,
    #[serde(default)]
    pub profile_info: ProfileInfoRepresentation,
    pub features: Vec<FeatureRepresentation>,
    #[serde(default)]
    pub crypto_info: CryptoInfoRepresentation,
    pub themes: BTreeMap<String, Vec<ThemeInfoRepresentation>>,
    #[serde(default)]
    pub social_providers: Vec<IdentityProviderTypeRepresentation>,
    pub identity_providers: Vec<IdentityProviderTypeRepresentation>,
    pub client_installations: BTreeMap<String, Vec<ClientInstallationRepresentation>>,
    #[serde(default)]
    pub providers: BTreeMap<String, SpiInfoRepresentation>,
    pub protocol_mapper_types: BTreeMap<String, Vec<ProtocolMapperTypeRepresentation>>,
    #[serde(deserialize_with = "built_in_mappers")]
    pub builtin_protocol_mappers: BTreeMap<String, Vec<ProtocolMapperRepresentation>>,
    pub component_types: BTreeMap<String, Vec<ComponentTypeRepresentation>>,
    pub password_policies: Vec<PasswordPolicyTypeRepresentation>,
    #[serde(deserialize_with = "enums")]
    pub enums: BTreeMap<String, Vec<String>>,
    pub parameterized_scope_types: Vec<ParameterizedScopeTypeRepresentation>,
}

/// The version of Keycloak that this server answers as: tools read it to know what they may ask. An administrator
/// of one realm learns nothing of the machine.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SystemInfoRepresentation {
    pub version: String,
}

/// Nothing is said of the machine; that there are such numbers is what tools rely on.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemoryInfoRepresentation {
    pub total: u64,
    pub total_formated: String,
    pub used: u64,
    pub used_formated: String,
    pub free: u64,
    pub free_percentage: u64,
    pub free_formated: String,
}

/// As [`MemoryInfoRepresentation`].
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CpuInfoRepresentation {
    pub processor_count: u32,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileInfoRepresentation {
    pub name: String,
    pub disabled_features: Vec<String>,
    pub preview_features: Vec<String>,
    pub experimental_features: Vec<String>,
}

/// A feature of Keycloak by its name, and whether there is such a thing here.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeatureRepresentation {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    #[serde(default)]
    pub dependencies: Vec<String>,
    #[serde(default)]
    pub enabled: bool,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CryptoInfoRepresentation {
    pub crypto_provider: String,
    pub supported_keystore_types: Vec<String>,
    pub client_signature_symmetric_algorithms: Vec<String>,
    pub client_signature_asymmetric_algorithms: Vec<String>,
}

/// A theme that a realm may name; its pages are always ours.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ThemeInfoRepresentation {
    pub name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locales: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IdentityProviderTypeRepresentation {
    pub group_name: String,
    pub name: String,
    pub id: String,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientInstallationRepresentation {
    pub id: String,
    pub protocol: String,
    #[serde(default)]
    pub download_only: bool,
    pub display_type: String,
    pub filename: String,
    pub media_type: String,
}

/// The implementations of one interface of Keycloak, by id.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SpiInfoRepresentation {
    pub internal: bool,
    pub providers: BTreeMap<String, ProviderRepresentation>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProviderRepresentation {
    pub order: i32,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProtocolMapperTypeRepresentation {
    pub id: String,
    pub name: String,
    pub category: String,
    #[serde(default)]
    pub priority: i32,
    #[serde(default)]
    pub properties: Vec<ConfigPropertyRepresentation>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ComponentTypeRepresentation {
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help_text: Option<String>,
    #[serde(default)]
    pub properties: Vec<ConfigPropertyRepresentation>,
    /// Of client authenticators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_properties: Option<Vec<ConfigPropertyRepresentation>>,
    #[serde(default)]
    pub metadata: Map<String, Value>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigPropertyRepresentation {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help_text: Option<String>,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_value: Option<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    #[serde(default)]
    pub secret: bool,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub read_only: bool,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordPolicyTypeRepresentation {
    pub id: String,
    pub display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_value: Option<String>,
    #[serde(default)]
    pub multiple_supported: bool,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParameterizedScopeTypeRepresentation {
    pub name: String,
    pub repeatable: bool,
}

impl Default for SystemInfoRepresentation {
    fn default() -> Self {
        Self { version: VERSION.to_owned() }
    }
}

impl Default for MemoryInfoRepresentation {
    fn default() -> Self {
        let nothing = || "0 MB".to_owned();
        Self {
            total: 0,
            total_formated: nothing(),
            used: 0,
            used_formated: nothing(),
            free: 0,
            free_percentage: 0,
            free_formated: nothing(),
        }
    }
}

impl ProfileInfoRepresentation {
    fn of(features: &[FeatureRepresentation]) -> Self {
        let names = |wanted: &dyn Fn(&FeatureRepresentation) -> bool| {
            features.iter().filter(|feature| wanted(feature)).map(|feature| feature.name.clone()).collect()
        };
        Self {
            name: "default".to_owned(),
            disabled_features: names(&|feature| !feature.enabled),
            preview_features: names(&|feature| feature.kind == "PREVIEW"),
            experimental_features: names(&|feature| feature.kind == "EXPERIMENTAL"),
        }
    }
}

/// A mapper of the file: the name of one that a new realm's scopes have, or all of it.
#[derive(Deserialize)]
#[serde(untagged)]
enum BuiltIn {
    Named(String),
    Own(ProtocolMapperRepresentation),
}

fn built_in_mappers<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<ProtocolMapperRepresentation>>, D::Error> {
    let listed = BTreeMap::<String, Vec<BuiltIn>>::deserialize(deserializer)?;
    let written_out = |(protocol, mappers): (String, Vec<BuiltIn>)| {
        let mappers =
            mappers.into_iter().map(|mapper| mapper.representation(&protocol)).collect::<Result<_, _>>();
        mappers.map(|mappers| (protocol, mappers)).map_err(de::Error::custom)
    };
    listed.into_iter().map(written_out).collect()
}

impl BuiltIn {
    fn representation(self, protocol: &str) -> Result<ProtocolMapperRepresentation, String> {
        match self {
            Self::Named(name) => defaults::built_in_mapper(protocol, &name)
                .ok_or_else(|| format!("there is no mapper {name:?}")),
            Self::Own(mapper) => Ok(ProtocolMapperRepresentation {
                protocol: Some(protocol.to_owned()),
                consent_required: Some(false),
                ..mapper
            }),
        }
    }
}

/// Each type of event comes with the one of its failure.
fn enums<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    let mut enums = BTreeMap::<String, Vec<String>>::deserialize(deserializer)?;
    if let Some(events) = enums.get_mut("eventType") {
        let failures: Vec<String> = events.iter().map(|event| format!("{event}_ERROR")).collect();
        events.extend(failures);
        events.sort_unstable();
    }
    Ok(enums)
}
