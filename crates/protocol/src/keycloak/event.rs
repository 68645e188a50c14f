//! Events of users and of administrators.

use std::collections::BTreeMap;

use super::representation::representation;

representation! {
    /// What a user or a client did.
    EventRepresentation {
        id: String,
        /// Milliseconds.
        time: i64,
        r#type: String,
        realm_id: String,
        client_id: String,
        user_id: String,
        session_id: String,
        ip_address: String,
        error: String,
        details: BTreeMap<String, String>,
    }

    /// What an administrator did.
    AdminEventRepresentation {
        id: String,
        /// Milliseconds.
        time: i64,
        realm_id: String,
        auth_details: AuthDetailsRepresentation,
        operation_type: String,
        resource_type: String,
        resource_path: String,
        representation: String,
        error: String,
        details: BTreeMap<String, String>,
    }

    /// Who the administrator was.
    AuthDetailsRepresentation {
        realm_id: String,
        client_id: String,
        user_id: String,
        ip_address: String,
    }

    /// Which events a realm keeps, and for how long.
    RealmEventsConfigRepresentation {
        events_enabled: bool,
        events_expiration: i64,
        events_listeners: Vec<String>,
        enabled_event_types: Vec<String>,
        admin_events_enabled: bool,
        admin_events_details_enabled: bool,
    }
}
