//! Components: key providers, registration policies, user profile, user federation.

use std::collections::BTreeMap;

use super::representation::representation;

representation! {
    /// A component in Admin REST: under its parent.
    ComponentRepresentation {
        id: String,
        name: String,
        provider_id: String,
        provider_type: String,
        parent_id: String,
        sub_type: String,
        config: BTreeMap<String, Vec<String>>,
    }

    /// A component in a realm file: with what it is the parent of, by provider type.
    ComponentExportRepresentation {
        id: String,
        name: String,
        provider_id: String,
        sub_type: String,
        sub_components: BTreeMap<String, Vec<ComponentExportRepresentation>>,
        config: BTreeMap<String, Vec<String>>,
    }
}
