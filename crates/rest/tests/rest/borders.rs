//! What is of another realm is not there (attacks 79, 80).

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::{Documented, routes};
use super::world::{NOBODY, World};

/// The names in paths that are of no realm.
const OF_NO_REALM: &[&str] = &["key", "language", "node", "prefix", "protocol"];

/// Routes that answer otherwise when something is not there, as Keycloak does: no failures are counted, what is to be
/// deleted is gone already, and what is switched off looks at nothing.
const NOT_404: &[(&str, u16)] = &[
    ("GET /attack-detection/brute-force/users/{user}", 200),
    ("DELETE /attack-detection/brute-force/users/{user}", 204),
    ("DELETE /clients-initial-access/{id}", 204),
    ("DELETE /authentication/flows/{flow}", 501),
    ("POST /authentication/flows/{flow}/copy", 501),
    ("POST /authentication/flows/{flow}/executions/execution", 501),
    ("POST /authentication/flows/{flow}/executions/flow", 501),
    ("PUT /authentication/flows/{flow}", 501),
    ("PUT /authentication/flows/{flow}/executions", 501),
    ("GET /clients/{client}/management/permissions", 501),
    ("PUT /clients/{client}/management/permissions", 501),
];

/// Documents that are looked at before it is known where they belong.
const DOCUMENTS: &[(&str, &str)] = &[
    ("POST /clients/{client}/nodes", r#"{"node": "new"}"#),
    ("POST /clients/{client}/roles", r#"{"name": "new"}"#),
    ("POST /groups/{group}/children", r#"{"name": "new"}"#),
];

/// Things that realms can have and ours have not.
const ABSENT: &[&str] =
    &["/clients/{client}/client-secret/rotated", "/clients/{client}/management/permissions"];

/// What the names in paths stand for in a realm.
struct Things {
    named: BTreeMap<&'static str, String>,
    token: String,
}

impl Things {
    async fn of(world: &World, realm: &str) -> Self {
        let token = world.sign_in(realm, "realm-admin").await;
        let list = async |path: &str, member: &str, name: &str| {
            let answer = world.call(&token, "GET", &format!("/admin/realms/{realm}{path}"), "").await.json();
            let is_meant = |it: &&Value| name.is_empty() || it[member] == name;
            let found = answer.as_array().and_then(|list| list.iter().find(is_meant));
            let id = found.and_then(|it| it["id"].as_str()).map(str::to_owned);
            id.unwrap_or_else(|| panic!("no {name} in {path}: {answer}"))
        };
        let role = format!("role-{realm}");
        let client = list("/clients", "clientId", &format!("client-{realm}")).await;
        let scope = list("/client-scopes", "name", &format!("scope-{realm}")).await;
        let mapper = list(&format!("/client-scopes/{scope}/protocol-mappers/models"), "name", "mapper").await;
        let user = list("/users", "username", NOBODY).await;
        let administrator = list("/users", "username", "realm-admin").await;
        let path = format!("/admin/realms/{realm}/clients-initial-access");
        world.call(&token, "POST", &path, r#"{"count": 1, "expiration": 60}"#).await;
        let named = BTreeMap::from([
            ("client", client.clone()),
            ("component", list("/components", "providerId", "rsa-generated").await),
            ("credential", list(&format!("/users/{user}/credentials"), "type", "password").await),
            ("group", list("/groups", "name", &format!("group-{realm}")).await),
            ("id", list("/roles", "name", &role).await),
            ("initial-access", list("/clients-initial-access", "", "").await),
            ("mapper", mapper),
            ("owner", client),
            ("path", format!("group-{realm}")),
            ("realm", realm.to_owned()),
            ("role", role),
            ("scope", scope),
            ("session", list(&format!("/users/{administrator}/sessions"), "username", "realm-admin").await),
            ("user", user),
        ]);
        Self { named, token }
    }

    /// What a name in a route's path stands for; nothing of that kind is there for some.
    fn get(&self, route: &Documented, name: &str) -> Option<String> {
        let name = if route.path.contains("/clients-initial-access/") { "initial-access" } else { name };
        self.named.get(name).cloned()
    }
}

#[tokio::test]
async fn an_id_of_another_realm_is_not_found_and_nothing_there_changes() {
    let world = World::new().await;
    let (one, two) = (Things::of(&world, "one").await, Things::of(&world, "two").await);
    let token = world.sign_in("one", "realm-admin").await;
    let token_of_two = two.token.clone();
    let before = everything_of_two(&world, &token_of_two).await;
    let (mut tried, mut wrong) = (0, Vec::new());
    for route in routes() {
        for foreign in route.names() {
            if OF_NO_REALM.contains(&foreign) {
                continue;
            }
            let path = route.at(|name| match name {
                "realm" => "one".to_owned(),
                name if name == foreign => two.get(&route, name).unwrap_or_else(|| "none".to_owned()),
                name => one.get(&route, name).unwrap_or_else(|| "none".to_owned()),
            });
            let name = format!("{} {}", route.method, route.below_realm());
            let document = DOCUMENTS.iter().find(|(known, _)| *known == name);
            let document = document.map_or(route.empty, |(_, document)| document);
            let expected =
                NOT_404.iter().find(|(known, _)| *known == name).map_or(404, |(_, status)| *status);
            let answer = world.call(&token, &route.method, &path, document).await;
            if answer.status != expected {
                wrong.push(format!("{name}, {foreign}: {} {}", answer.status, answer.text));
            }
            tried += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried > 50, "only {tried} were tried");
    assert_eq!(everything_of_two(&world, &token_of_two).await, before);
}

/// The token says that its session goes on.
async fn everything_of_two(world: &World, token: &str) -> (Value, Value) {
    let initial_access =
        world.call(token, "GET", "/admin/realms/two/clients-initial-access", "").await.json();
    (world.export("two").await, initial_access)
}

/// So that the test above can fail: the same names are found where they belong.
#[tokio::test]
async fn an_id_of_the_same_realm_is_found() {
    let world = World::new().await;
    let one = Things::of(&world, "one").await;
    let token = world.sign_in("one", "realm-admin").await;
    let (mut found, mut wrong) = (0, Vec::new());
    for route in routes().iter().filter(|route| route.method == "GET" && !route.names().is_empty()) {
        let known = |name: &&str| one.get(route, name).is_some();
        // The role is the realm's and the mapper the scope's, not the client's.
        let of_client =
            ["/clients/{client}/roles/{role}", "/clients/{client}/protocol-mappers/models/{mapper}"];
        let of_client = of_client.iter().any(|path| route.below_realm().starts_with(path));
        if of_client || ABSENT.contains(&route.below_realm()) || !route.names().iter().all(known) {
            continue;
        }
        let path = route.at(|name| one.get(route, name).unwrap_or_default());
        let answer = world.call(&token, "GET", &path, "").await;
        if answer.status != 200 {
            wrong.push(format!("{}: {} {}", route.path, answer.status, answer.text));
        }
        found += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(found > 10, "only {found} were found");
}
