//! Who may call what (attacks 79-83): every route, by everybody.

use std::collections::BTreeSet;

use sekisho_core::access::AdminRoles;

use super::document::{Documented, routes};
use super::world::{NOBODY, World};

/// Roles that bring others along, as Keycloak makes them.
const COMPOSITES: &[(&str, &[&str])] = &[
    ("view-clients", &["query-clients"]),
    ("view-organizations", &["query-organizations"]),
    ("view-users", &["query-groups", "query-users"]),
];

/// Somebody who calls.
struct Caller {
    realm: &'static str,
    username: String,
    token: String,
}

impl Caller {
    async fn of(world: &World, realm: &'static str, username: &str) -> Self {
        Self { realm, username: username.to_owned(), token: world.sign_in(realm, username).await }
    }

    /// Whether the caller has an admin role for the realm of the path: `one`, or any where it names none.
    fn has(&self, role: &str, route: &Documented) -> bool {
        if role == "create-realm" {
            return self.realm == "master";
        }
        let brought = || COMPOSITES.iter().find(|(name, _)| *name == self.username);
        match (self.realm, self.username.as_str()) {
            ("master", _) | ("one", "realm-admin") => true,
            ("one", name) => name == role || brought().is_some_and(|(_, names)| names.contains(&role)),
            _ => !route.path.contains("{realm}"),
        }
    }

    fn may_call(&self, route: &Documented) -> bool {
        route.roles.as_ref().is_none_or(|roles| roles.iter().any(|role| self.has(role, route)))
    }
}

async fn everybody(world: &World) -> Vec<Caller> {
    let mut callers = Vec::new();
    for (_, role) in AdminRoles::NAMED {
        callers.push(Caller::of(world, "one", role).await);
    }
    callers.push(Caller::of(world, "one", NOBODY).await);
    callers.push(Caller::of(world, "two", "realm-admin").await);
    callers.push(Caller::of(world, "master", "admin").await);
    callers
}

#[tokio::test]
async fn exactly_the_roles_of_a_route_open_it() {
    let world = World::new().await;
    let mut callers = everybody(&world).await;
    let mut opened = BTreeSet::new();
    for route in routes() {
        // Nothing has this name and no document is readable, so that next to nothing changes.
        let path = route.at(|name| if name == "realm" { "one" } else { "none" }.to_owned());
        for caller in &mut callers {
            let mut answer = world.call(&caller.token, &route.method, &path, "{").await;
            if answer.status == 401 {
                // An earlier route ended the session.
                caller.token = world.sign_in(caller.realm, &caller.username).await;
                answer = world.call(&caller.token, &route.method, &path, "{").await;
            }
            let who = format!("{} {} by {} of {}", route.method, path, caller.username, caller.realm);
            assert!(
                answer.status != 401 && answer.status.as_u16() <= 501 && answer.status != 500,
                "{who}: {answer:?}"
            );
            assert_eq!(answer.status != 403, caller.may_call(&route), "{who}: {answer:?}");
            if answer.status != 403 {
                opened.insert((route.method.clone(), route.path.clone()));
            }
            if route.method == "DELETE"
                && route.names().is_empty()
                && answer.status == 204
                && path.ends_with("/one")
            {
                world.import("one").await;
            }
        }
    }
    assert_eq!(opened.len(), routes().len(), "nobody came into some routes");
}

#[tokio::test]
async fn without_a_token_no_route_opens() {
    let world = World::new().await;
    for route in routes() {
        let path = route.at(|name| if name == "realm" { "one" } else { "none" }.to_owned());
        for token in ["", "x", "a.b.c"] {
            let answer = world.call(token, &route.method, &path, route.empty).await;
            assert_eq!(answer.status, 401, "{} {path}: {answer:?}", route.method);
        }
    }
}
