//! The user profile of a realm, as it is written and as forms are made of it.

use std::collections::BTreeMap;

use sekisho_core::user_profile::{self, is_required};
use sekisho_protocol::keycloak::{UPAttribute, UPConfig};
use serde_json::{Map, Value, json};

use crate::AdminError;
use crate::permit::Admin;
use crate::realm::settings;

/// The profile.
pub async fn find(admin: &Admin<'_>) -> Result<UPConfig, AdminError> {
    Ok(user_profile::config(&settings::document(admin).await?))
}

/// The profile as an administrator's form sees it.
pub async fn metadata(admin: &Admin<'_>) -> Result<Value, AdminError> {
    let realm = settings::document(admin).await?;
    let profile = user_profile::config(&realm);
    let by_address = realm.registration_email_as_username == Some(true);
    let attributes: Vec<Value> =
        profile.attributes.iter().flatten().map(|attribute| described(attribute, by_address)).collect();
    let groups = serde_json::to_value(&profile.groups).map_err(|_| AdminError::Unwritable("profile"))?;
    Ok(json!({ "attributes": attributes, "groups": groups }))
}

fn described(attribute: &UPAttribute, by_address: bool) -> Value {
    let name = attribute.name.as_deref().unwrap_or_default();
    let editable = attribute.permissions.as_ref().and_then(|permissions| permissions.edit.as_ref());
    let mut described = Map::new();
    described.insert("name".to_owned(), name.into());
    described.insert("displayName".to_owned(), attribute.display_name.clone().into());
    let required = is_required(attribute) || (name == "username" && !by_address);
    described.insert("required".to_owned(), required.into());
    let read_only = editable.is_some_and(|roles| !roles.iter().any(|role| role == "admin"));
    described.insert("readOnly".to_owned(), read_only.into());
    if let Some(annotations) = &attribute.annotations {
        described.insert("annotations".to_owned(), json!(annotations));
    }
    described.insert("validators".to_owned(), json!(validators(attribute)));
    if let Some(group) = &attribute.group {
        described.insert("group".to_owned(), group.clone().into());
    }
    described.insert("multivalued".to_owned(), attribute.multivalued.unwrap_or(false).into());
    described.into()
}

/// What is written, and what holds without saying: an empty value is none, and one value is all.
fn validators(attribute: &UPAttribute) -> BTreeMap<String, Value> {
    let mut validators: BTreeMap<String, Value> =
        attribute.validations.iter().flatten().map(|(name, config)| (name.clone(), config.clone())).collect();
    for config in validators.values_mut().filter_map(Value::as_object_mut) {
        config.insert("ignore.empty.value".to_owned(), true.into());
    }
    if attribute.multivalued != Some(true) {
        validators.insert("multivalued".to_owned(), json!({ "max": "1" }));
    }
    validators
}
