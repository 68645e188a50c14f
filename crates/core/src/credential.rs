//! Stored credentials of a user, as the store keeps them.

use std::fmt;

use uuid::Uuid;

/// A credential row; what is inside is the credential room's business.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredCredential {
    pub id: Uuid,
    pub user: Uuid,
    /// Keycloak's `type`: `password`, `otp`, …
    pub kind: String,
    pub label: Option<String>,
    /// Epoch milliseconds.
    pub created: i64,
    pub priority: i64,
    /// Keycloak's `credentialData`.
    pub credential_data: String,
    /// Keycloak's `secretData`.
    pub secret_data: String,
}

impl fmt::Debug for StoredCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredCredential")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
