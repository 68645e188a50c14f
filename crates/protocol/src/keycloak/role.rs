//! Roles and who has them.

use std::collections::BTreeMap;

use super::representation::representation;

representation! {
    /// The roles of a realm file.
    RolesRepresentation {
        realm: Vec<RoleRepresentation>,
        /// By client id.
        client: BTreeMap<String, Vec<RoleRepresentation>>,
        /// The name that `client` once had.
        application: BTreeMap<String, Vec<RoleRepresentation>>,
    }

    /// A role of a realm or of a client.
    RoleRepresentation {
        id: String,
        name: String,
        description: String,
        /// Of very old imports.
        scope_param_required: bool,
        composite: bool,
        composites: Composites,
        client_role: bool,
        container_id: String,
        attributes: BTreeMap<String, Vec<String>>,
    }

    /// The names of the roles that a role contains.
    Composites {
        realm: Vec<String>,
        /// By client id.
        client: BTreeMap<String, Vec<String>>,
        /// The name that `client` once had.
        application: BTreeMap<String, Vec<String>>,
    }

    /// The roles that a user, a group, a client or a client scope has.
    MappingsRepresentation {
        realm_mappings: Vec<RoleRepresentation>,
        /// By client id.
        client_mappings: BTreeMap<String, ClientMappingsRepresentation>,
    }

    /// The roles among them that belong to one client.
    ClientMappingsRepresentation {
        id: String,
        client: String,
        mappings: Vec<RoleRepresentation>,
    }
}
