//! Users and their credentials.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    FederatedIdentityRepresentation, Sensitive, UserConsentRepresentation, representation::representation,
};

representation! {
    /// A user.
    UserRepresentation {
        id: String,
        username: String,
        first_name: String,
        last_name: String,
        email: String,
        email_verified: bool,
        attributes: BTreeMap<String, Vec<String>>,
        user_profile_metadata: Value,
        #[serde(rename = "self")]
        itself: String,
        origin: String,
        enabled: bool,
        /// Milliseconds.
        created_timestamp: i64,
        /// Whether the user has a one-time password. Not read.
        totp: bool,
        federation_link: String,
        /// The client whose service account this is.
        service_account_client_id: String,
        credentials: Vec<CredentialRepresentation>,
        disableable_credential_types: Vec<String>,
        required_actions: Vec<String>,
        federated_identities: Vec<FederatedIdentityRepresentation>,
        realm_roles: Vec<String>,
        client_roles: BTreeMap<String, Vec<String>>,
        client_consents: Vec<UserConsentRepresentation>,
        not_before: i32,
        /// Paths.
        groups: Vec<String>,
        access: BTreeMap<String, bool>,
        /// The name that `client_roles` once had.
        application_roles: BTreeMap<String, Vec<String>>,
        /// Of very old imports.
        social_links: Vec<Value>,
        /// Of members of an organization only.
        membership_type: String,
    }

    /// A credential of a user. `secret_data` and `credential_data` are JSON inside a text.
    CredentialRepresentation {
        id: String,
        r#type: String,
        user_label: String,
        /// Milliseconds.
        created_date: i64,
        secret_data: Sensitive,
        credential_data: String,
        priority: i32,
        value: Sensitive,
        temporary: bool,
        federation_link: String,
        device: String,
        hashed_salted_value: Sensitive,
        salt: Sensitive,
        hash_iterations: i32,
        counter: i32,
        algorithm: String,
        digits: i32,
        period: i32,
        config: BTreeMap<String, Vec<String>>,
    }
}
