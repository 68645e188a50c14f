//! The user profile of a realm that has no component for one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    super::{UPAttribute, UPAttributePermissions, UPAttributeRequired, UPConfig, UPGroup},
    texts,
};

/// What a user has when nobody said otherwise.
pub fn user_profile() -> UPConfig {
    let names = json!({ "length": { "max": 255 }, "person-name-prohibited-characters": {} });
    UPConfig {
        attributes: Some(vec![
            UPAttribute {
                required: None,
                ..attribute(
                    "username",
                    json!({
                        "length": { "min": 3, "max": 255 },
                        "username-prohibited-characters": {},
                        "up-username-not-idn-homograph": {},
                    }),
                )
            },
            attribute("email", json!({ "email": {}, "length": { "max": 255 } })),
            attribute("firstName", names.clone()),
            attribute("lastName", names),
        ]),
        groups: Some(vec![UPGroup {
            name: Some("user-metadata".to_owned()),
            display_header: Some("User metadata".to_owned()),
            display_description: Some("Attributes, which refer to user metadata".to_owned()),
            annotations: None,
        }]),
        unmanaged_attribute_policy: None,
    }
}

/// An attribute that users must fill in and may change.
fn attribute(name: &str, validations: Value) -> UPAttribute {
    let everybody = texts(&["admin", "user"]);
    let validations: BTreeMap<String, Value> = match validations {
        Value::Object(validations) => validations.into_iter().collect(),
        _ => BTreeMap::new(),
    };
    UPAttribute {
        name: Some(name.to_owned()),
        display_name: Some(format!("${{{name}}}")),
        validations: Some(validations),
        required: Some(UPAttributeRequired { roles: Some(texts(&["user"])), scopes: None }),
        permissions: Some(UPAttributePermissions { view: Some(everybody.clone()), edit: Some(everybody) }),
        multivalued: Some(false),
        ..Default::default()
    }
}
