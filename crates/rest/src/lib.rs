//! Admin REST, with Keycloak's paths, documents and answers: a thin skin over the room `admin`. Each resource is
//! one file with its own table of routes, and one line in [`RESOURCES`].

mod call;
mod client_installations;
mod client_policies;
mod client_scopes;
mod client_secrets;
mod client_sessions;
mod clients;
mod components;
mod events;
mod flows;
mod groups;
mod identity_providers;
mod initial_access;
mod localization;
mod organizations;
mod partial_import;
mod protocol_mappers;
mod realms;
mod refusal;
mod reply;
mod required_actions;
mod role_mappings;
mod roles;
mod route;
mod scope_mappings;
mod server_info;
mod user_credentials;
mod user_sessions;
mod users;

use axum::Router;
use sekisho_http::App;

use crate::route::Route;

/// Every resource's routes, each with the permission that it needs.
const RESOURCES: &[&[Route]] = &[
    client_installations::ROUTES,
    client_policies::ROUTES,
    client_scopes::ROUTES,
    client_secrets::ROUTES,
    client_sessions::ROUTES,
    clients::ROUTES,
    components::ROUTES,
    events::ROUTES,
    flows::ROUTES,
    groups::ROUTES,
    identity_providers::ROUTES,
    initial_access::ROUTES,
    localization::ROUTES,
    organizations::ROUTES,
    partial_import::ROUTES,
    protocol_mappers::ROUTES,
    realms::ROUTES,
    required_actions::ROUTES,
    role_mappings::ROUTES,
    roles::ROUTES,
    scope_mappings::ROUTES,
    server_info::ROUTES,
    user_credentials::ROUTES,
    user_sessions::ROUTES,
    users::ROUTES,
];

/// Every route of Admin REST, to be served beside the others.
pub fn router() -> Router<App> {
    route::router(RESOURCES.iter().copied().flatten())
}
