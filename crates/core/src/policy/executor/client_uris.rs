//! Where a client keeps addresses, for the executors that judge them all.

use sekisho_protocol::keycloak::ClientRepresentation;

/// A member of a client that holds addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Root,
    Admin,
    Base,
    Redirects,
    WebOrigins,
    /// Keycloak puts `##` between several.
    Attribute(&'static str),
    /// A member of the configuration of a mapper.
    Mapper(&'static str),
}

impl Place {
    /// The addresses that are there. `+` and `-` are none: the redirect URIs have a place of their own.
    pub(super) fn uris(self, client: &ClientRepresentation) -> Vec<&str> {
        let mut uris: Vec<&str> = match self {
            Self::Root => client.root_url.as_deref().into_iter().collect(),
            Self::Admin => client.admin_url.as_deref().into_iter().collect(),
            Self::Base => client.base_url.as_deref().into_iter().collect(),
            Self::Redirects => client.redirect_uris.iter().flatten().map(String::as_str).collect(),
            Self::WebOrigins => client.web_origins.iter().flatten().map(String::as_str).collect(),
            Self::Attribute(name) => {
                let value = client.attributes.as_ref().and_then(|attributes| attributes.get(name));
                value.map(|value| value.split("##")).into_iter().flatten().collect()
            }
            Self::Mapper(name) => {
                let configurations = client.protocol_mappers.iter().flatten();
                let configurations = configurations.filter_map(|mapper| mapper.config.as_ref());
                configurations.filter_map(|config| config.get(name)).map(String::as_str).collect()
            }
        };
        uris.retain(|uri| !matches!(*uri, "" | "+" | "-"));
        uris
    }
}
