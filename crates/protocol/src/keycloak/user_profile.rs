//! The user profile: which attributes a user has, who may see and change them. Stored as a text in the
//! configuration of a component.

use std::collections::BTreeMap;

use serde_json::Value;

use super::representation::representation;

representation! {
    /// The profile of a realm's users.
    UPConfig {
        attributes: Vec<UPAttribute>,
        groups: Vec<UPGroup>,
        /// What happens to attributes that are not listed: absent is "they are refused".
        unmanaged_attribute_policy: String,
    }

    /// An attribute.
    UPAttribute {
        name: String,
        display_name: String,
        default_value: String,
        /// Validator to its configuration.
        validations: BTreeMap<String, Value>,
        annotations: BTreeMap<String, Value>,
        required: UPAttributeRequired,
        permissions: UPAttributePermissions,
        selector: UPAttributeSelector,
        group: String,
        multivalued: bool,
    }

    /// For whom an attribute must have a value; empty is for all.
    UPAttributeRequired {
        roles: Vec<String>,
        scopes: Vec<String>,
    }

    /// Who may see and change an attribute: `admin`, `user`.
    UPAttributePermissions {
        view: Vec<String>,
        edit: Vec<String>,
    }

    /// The scopes whose request makes an attribute appear.
    UPAttributeSelector {
        scopes: Vec<String>,
    }

    /// Attributes that are shown together.
    UPGroup {
        name: String,
        display_header: String,
        display_description: String,
        annotations: BTreeMap<String, Value>,
    }
}
