//! Which room may use which, and what may not be in a room's tree at all.

use super::graph::{Graph, is_room};

/// A room and the rooms it may use. Arrows point one way: a room stands below all that it uses.
const ALLOWED: &[(&str, &[&str])] = &[
    ("protocol", &[]),
    ("jose", &["protocol"]),
    ("core", &["protocol", "jose"]),
    ("store", &["core", "jose", "protocol"]),
    ("store-sqlite", &["store"]),
    ("store-postgres", &["store"]),
    ("outbound", &["protocol"]),
    ("credential", &["core", "protocol"]),
    ("policy", &["store", "core", "jose", "protocol", "outbound"]),
    ("endpoints", &["policy", "store", "credential", "core", "jose", "protocol", "outbound"]),
    ("admin", &["policy", "store", "credential", "core", "jose", "protocol", "outbound"]),
    ("ui", &["protocol"]),
    ("jobs", &["store", "core", "jose", "protocol", "outbound", "ui"]),
    ("http", &["endpoints", "ui", "core", "protocol"]),
    ("rest", &["http", "admin", "ui", "core", "protocol"]),
    ("console", &["http", "admin", "ui", "core", "protocol"]),
    ("guard", &["jose", "protocol", "outbound"]),
    ("gateway", &["guard", "store", "core", "jose", "protocol", "outbound", "ui"]),
];

/// Rooms that may use every other.
const ABOVE_ALL: &[&str] = &["cli", "testkit", "e2e", "bench"];

/// Rooms of tests: only a dev-dependency may name them.
const FOR_TESTS: &[&str] = &["testkit", "e2e", "bench"];

const RUNTIMES: &[&str] = &["tokio", "async-std", "smol"];
const AXUM: &[&str] = &["axum", "axum-core"];
const DATABASE_DRIVERS: &[&str] = &[
    "rusqlite",
    "libsqlite3-sys",
    "tokio-postgres",
    "postgres",
    "deadpool-postgres",
    "sqlx",
    "diesel",
    "redb",
];
const HTTP_CLIENTS: &[&str] = &["hyper", "hyper-util", "reqwest", "ureq", "isahc", "curl"];

/// Rooms, and the packages that may not be in their tree by any way.
const FORBIDDEN: &[(&[&str], &[&[&str]])] = &[
    (&["protocol", "jose", "core"], &[RUNTIMES, AXUM, DATABASE_DRIVERS, HTTP_CLIENTS]),
    (&["store"], &[AXUM, DATABASE_DRIVERS]),
    (&["store-sqlite", "store-postgres"], &[AXUM, &["sekisho-endpoints"]]),
    (&["outbound", "credential"], &[AXUM, &["sekisho-store"]]),
    (&["policy", "jobs"], &[AXUM, &["sekisho-endpoints", "sekisho-admin"]]),
    (&["endpoints"], &[AXUM, DATABASE_DRIVERS, &["sekisho-admin"]]),
    (&["admin"], &[AXUM, DATABASE_DRIVERS, &["sekisho-endpoints"]]),
    (&["http", "rest", "console"], &[DATABASE_DRIVERS]),
    (&["guard"], &[&["sekisho-core", "sekisho-store", "sekisho-endpoints", "rmcp"]]),
    (&["gateway"], &[&["sekisho-endpoints", "sekisho-admin"]]),
];

/// Each arrow that the table does not have.
pub(crate) fn check_arrows(graph: &Graph) -> Vec<String> {
    let mut violations = Vec::new();
    for package in graph.rooms() {
        let room = room_of(package);
        let allowed = ALLOWED.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed);
        if allowed.is_none() && !ABOVE_ALL.contains(&room) {
            violations
                .push(format!("{room}: an unknown room. Give it a line in ALLOWED and in ARCHITECTURE.md."));
        }
        for used in graph.uses(package).filter(|name| is_room(name)).map(room_of) {
            if FOR_TESTS.contains(&used) {
                violations.push(format!("{room} uses {used}: that is for tests. Make it a dev-dependency."));
            } else if allowed.is_some_and(|allowed| !allowed.contains(&used)) {
                violations.push(format!(
                    "{room} uses {used}: no such arrow (ALLOWED). Move what it needs to a room that both may use, \
                     or pass it in as an argument."
                ));
            }
        }
    }
    violations
}

/// Each package that stands in the tree of a room that may not have it.
pub(crate) fn check_trees(graph: &Graph) -> Vec<String> {
    let mut violations = Vec::new();
    for package in graph.rooms() {
        let room = room_of(package);
        let tree = graph.tree(package);
        let forbidden =
            FORBIDDEN.iter().filter(|(rooms, _)| rooms.contains(&room)).flat_map(|(_, sets)| *sets);
        for name in forbidden.copied().flatten() {
            if let Some(way) = tree.get(name) {
                violations.push(format!(
                    "{room} may not have {name} in its tree (FORBIDDEN), but {way}. Drop the dependency, or its feature."
                ));
            }
        }
    }
    violations
}

/// `sekisho-core` is the room `core`; `sekisho` is the command line.
fn room_of(package: &str) -> &str {
    package.strip_prefix("sekisho-").unwrap_or("cli")
}
