//! Organizations.

use std::collections::BTreeMap;

use super::{
    GroupRepresentation, IdentityProviderRepresentation, UserRepresentation, representation::representation,
};

representation! {
    /// An organization.
    OrganizationRepresentation {
        id: String,
        name: String,
        alias: String,
        enabled: bool,
        description: String,
        redirect_url: String,
        attributes: BTreeMap<String, Vec<String>>,
        domains: Vec<OrganizationDomainRepresentation>,
        members: Vec<UserRepresentation>,
        identity_providers: Vec<IdentityProviderRepresentation>,
        groups: Vec<GroupRepresentation>,
    }

    /// A domain whose addresses belong to an organization.
    OrganizationDomainRepresentation {
        name: String,
        verified: bool,
    }
}
