//! Public addresses: from configuration, never from a request (DESIGN §5.17).

use sekisho_protocol::keycloak::RealmRepresentation;

/// Where the server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrls {
    hostname: String,
}

impl PublicUrls {
    /// The address of the server, without a slash at its end.
    pub fn new(hostname: &str) -> Self {
        Self { hostname: hostname.trim_end_matches('/').to_owned() }
    }

    /// The issuer of a realm: under the server's address, or under the realm's own `frontendUrl`.
    pub fn issuer(&self, realm: &str, config: &RealmRepresentation) -> String {
        let own = config.attributes.as_ref().and_then(|attributes| attributes.get("frontendUrl"));
        let base = own.map(|url| url.trim_end_matches('/')).filter(|url| !url.is_empty());
        // Of what a realm's name may hold, only this is no character of a URL (RFC 3986 §3.3).
        format!("{}/realms/{}", base.unwrap_or(&self.hostname), realm.replace(' ', "%20"))
    }

    /// The server's own address.
    pub fn hostname(&self) -> &str {
        &self.hostname
    }
}
