//! What a user has open, and what a user agreed to.

use std::collections::BTreeMap;

use serde_json::Value;

use super::representation::representation;

representation! {
    /// A session of a user.
    UserSessionRepresentation {
        id: String,
        username: String,
        user_id: String,
        ip_address: String,
        /// Milliseconds.
        start: i64,
        /// Milliseconds.
        last_access: i64,
        remember_me: bool,
        /// From a client's id to its client id.
        clients: BTreeMap<String, String>,
        transient_user: bool,
    }

    /// What a user agreed to for a client.
    UserConsentRepresentation {
        client_id: String,
        granted_client_scopes: Vec<String>,
        /// Milliseconds.
        created_date: i64,
        /// Milliseconds.
        last_updated_date: i64,
        /// Of very old imports.
        granted_realm_roles: Vec<String>,
        /// Of answers of Admin REST only: an offline token, for example.
        additional_grants: Vec<Value>,
    }
}
