//! Groups.

use std::collections::BTreeMap;

use super::representation::representation;

representation! {
    /// A group, with the groups inside it.
    GroupRepresentation {
        id: String,
        name: String,
        description: String,
        path: String,
        parent_id: String,
        sub_group_count: i64,
        sub_groups: Vec<GroupRepresentation>,
        attributes: BTreeMap<String, Vec<String>>,
        realm_roles: Vec<String>,
        client_roles: BTreeMap<String, Vec<String>>,
        access: BTreeMap<String, bool>,
    }
}
