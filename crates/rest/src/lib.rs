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
mod contract;
mod events;
mod flows;
mod groups;
mod identity_providers;
mod initial_access;
mod localization;
mod openapi;
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
use axum::routing::get;
use sekisho_http::App;

pub use crate::openapi::document;
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

/// Every route of Admin REST, to be served beside the others; and its document, for anybody.
pub fn router() -> Router<App> {
    route::router(routes()).route(openapi::PATH, get(openapi::serve))
}

fn routes() -> impl Iterator<Item = &'static Route> {
    RESOURCES.iter().copied().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use sekisho_core::access::AdminRoles;

    use super::RESOURCES;
    use crate::route::{Needs, Verb};

    /// Roles by which somebody may look, and no more.
    fn looking() -> AdminRoles {
        let looks = |name: &str| name.starts_with("view-") || name.starts_with("query-");
        let named = AdminRoles::NAMED.iter().filter(|(_, name)| looks(name));
        named.fold(AdminRoles::NONE, |all, (role, _)| all.and(*role))
    }

    /// What is asked with a body and changes nothing.
    const QUESTIONS: &[&str] =
        &["/admin/realms/{realm}/client-policies/dry-run", "/admin/realms/{realm}/client-policies/explain"];

    /// Attacks 79-83: a path that lets the wrong one in is a line of a table, so the table is looked at whole.
    #[test]
    fn whoever_may_only_look_changes_nothing() {
        for route in RESOURCES.iter().copied().flatten() {
            let Needs::OneOf(roles) = route.needs else { continue };
            let changes = route.method != Verb::Get && !QUESTIONS.contains(&route.path);
            assert!(!changes || !roles.meets(looking()), "{:?} {}", route.method, route.path);
            assert_ne!(roles, AdminRoles::NONE, "{:?} {}", route.method, route.path);
        }
    }

    #[test]
    fn every_path_below_a_realm_needs_a_role_of_it() {
        for route in RESOURCES.iter().copied().flatten() {
            let below_realm = route.path.starts_with("/admin/realms/{realm}");
            let needs_role = matches!(route.needs, Needs::OneOf(_));
            assert_eq!(below_realm, needs_role, "{:?} {}", route.method, route.path);
        }
    }

    #[test]
    fn no_path_is_there_twice() {
        let mut seen = HashSet::new();
        for route in RESOURCES.iter().copied().flatten() {
            assert!(
                seen.insert((format!("{:?}", route.method), route.path)),
                "{:?} {}",
                route.method,
                route.path
            );
        }
    }
}
