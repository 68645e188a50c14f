//! The keys of a realm, as an administrator sees them.

use std::collections::BTreeMap;

use super::representation::representation;

representation! {
    /// All keys, and which one is active for each algorithm.
    KeysMetadataRepresentation {
        active: BTreeMap<String, String>,
        keys: Vec<KeyMetadataRepresentation>,
    }

    /// A key without its secret part.
    KeyMetadataRepresentation {
        provider_id: String,
        provider_priority: i64,
        kid: String,
        status: String,
        r#type: String,
        algorithm: String,
        public_key: String,
        certificate: String,
        r#use: String,
        /// Milliseconds.
        valid_to: i64,
    }
}
