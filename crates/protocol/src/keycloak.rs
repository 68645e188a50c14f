//! Keycloak's representations (`realm.json`, Admin REST): the same names, the same members.
//!
//! Every member is an `Option`: what was not sent stays apart from what was, and what is absent is not
//! written. A member nobody knows is refused with its place ([`parse`]), because a setting with a typing
//! error in its name is a setting that silently does not apply.

mod client;
mod component;
pub mod defaults;
mod event;
mod flow;
mod group;
mod identity_provider;
mod key;
mod member;
mod nearest;
mod organization;
mod parse;
mod policy;
mod realm;
#[cfg(test)]
mod recorded;
mod representation;
mod role;
mod sensitive;
mod server_info;
mod session;
pub mod shape;
mod user;
mod user_profile;

pub use client::{
    CertificateRepresentation, ClientInitialAccessCreatePresentation, ClientInitialAccessPresentation,
    ClientRepresentation, ClientScopeRepresentation, ProtocolMapperRepresentation,
    ScopeMappingRepresentation,
};
pub use component::{ComponentExportRepresentation, ComponentRepresentation};
pub use event::{
    AdminEventRepresentation, AuthDetailsRepresentation, EventRepresentation, RealmEventsConfigRepresentation,
};
pub use flow::{
    AuthenticationExecutionExportRepresentation, AuthenticationExecutionInfoRepresentation,
    AuthenticationFlowRepresentation, AuthenticatorConfigRepresentation,
    RequiredActionProviderRepresentation,
};
pub use group::GroupRepresentation;
pub use identity_provider::{
    FederatedIdentityRepresentation, IdentityProviderMapperRepresentation, IdentityProviderRepresentation,
};
pub use key::{KeyMetadataRepresentation, KeysMetadataRepresentation};
pub use nearest::nearest;
pub use organization::{OrganizationDomainRepresentation, OrganizationRepresentation};
pub use parse::{Fault, RepresentationError, parse};
pub use policy::{
    ClientPoliciesRepresentation, ClientPolicyConditionRepresentation, ClientPolicyExecutorRepresentation,
    ClientPolicyRepresentation, ClientProfileRepresentation, ClientProfilesRepresentation,
    PolicyDryRunRequest, PolicyExplainRequest,
};
pub use realm::RealmRepresentation;
pub use role::{
    ClientMappingsRepresentation, Composites, MappingsRepresentation, RoleRepresentation, RolesRepresentation,
};
pub use sensitive::Sensitive;
pub use server_info::{
    ComponentTypeRepresentation, ConfigPropertyRepresentation, CryptoInfoRepresentation,
    ProviderRepresentation, ServerInfoRepresentation, SpiInfoRepresentation, server_info,
};
pub use session::{UserConsentRepresentation, UserSessionRepresentation};
pub use user::{CredentialRepresentation, UserRepresentation};
pub use user_profile::{
    UPAttribute, UPAttributePermissions, UPAttributeRequired, UPAttributeSelector, UPConfig, UPGroup,
};

/// The Keycloak whose documents and answers these are.
pub const VERSION: &str = "26.7.4";
