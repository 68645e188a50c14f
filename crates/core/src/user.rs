//! Users.

use std::collections::HashMap;

use uuid::Uuid;

/// A user as decisions see one; credentials are apart.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    pub id: Uuid,
    pub realm: Uuid,
    pub username: String,
    pub email: Option<String>,
    pub email_verified: bool,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub enabled: bool,
    pub attributes: HashMap<String, Vec<String>>,
    pub required_actions: Vec<String>,
    /// Tokens issued before this time (seconds) are refused.
    pub not_before: i64,
    /// The client whose service account this is.
    pub service_account_of: Option<Uuid>,
    /// Roles given to the user itself.
    pub roles: Vec<Uuid>,
    pub groups: Vec<Uuid>,
    pub version: i64,
}

/// How a name is compared: Keycloak stores user names and addresses in lower case.
pub fn normalize(name: &str) -> String {
    name.trim().to_lowercase()
}

impl User {
    /// First and last name, as far as there are.
    pub fn full_name(&self) -> Option<String> {
        let parts = [self.first_name.as_deref(), self.last_name.as_deref()];
        let name = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        (!name.is_empty()).then_some(name)
    }
}
