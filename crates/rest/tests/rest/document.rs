//! The document of Admin REST as it is served, and as other tests read it.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use super::world::World;

/// The methods of HTTP that somebody might try.
pub(super) const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "PATCH"];

/// A route, as its documentation has it.
#[derive(Debug)]
pub(super) struct Documented {
    pub(super) method: String,
    /// With names in braces.
    pub(super) path: String,
    /// One is enough; `None` is anybody with a token.
    pub(super) roles: Option<Vec<String>>,
    /// What an empty body of the right kind is.
    pub(super) empty: &'static str,
}

/// Every route.
pub(super) fn routes() -> Vec<Documented> {
    let document = sekisho_rest::document();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            if method != "parameters" {
                routes.push(Documented {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    roles: roles(operation),
                    empty: empty(operation),
                });
            }
        }
    }
    assert!(routes.len() > 50, "only {} routes are documented", routes.len());
    routes
}

fn roles(operation: &Value) -> Option<Vec<String>> {
    let alternatives = operation["security"].as_array().expect("a route needs something");
    let named = alternatives.iter().flat_map(|one| one["bearer"].as_array().expect("a bearer token"));
    let named: Vec<String> = named.map(|name| name.as_str().expect("a name").to_owned()).collect();
    (!named.is_empty()).then_some(named)
}

fn empty(operation: &Value) -> &'static str {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    match (schema.is_null(), schema["type"] == "array", schema["type"] == "string") {
        (true, ..) => "",
        (_, true, _) => "[]",
        (_, _, true) => "\"\"",
        _ => "{}",
    }
}

impl Documented {
    /// The path with a value for each name.
    pub(super) fn at(&self, value: impl Fn(&str) -> String) -> String {
        let mut path = String::new();
        for part in self.path.split('/').skip(1) {
            path.push('/');
            match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                Some(name) => path.push_str(&value(name)),
                None => path.push_str(part),
            }
        }
        path
    }

    /// The path below the realm.
    pub(super) fn below_realm(&self) -> &str {
        self.path.trim_start_matches("/admin/realms/{realm}")
    }

    /// The names in the path, but for the realm's.
    pub(super) fn names(&self) -> Vec<&str> {
        let inside = self.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        inside.filter(|name| *name != "realm").collect()
    }
}

#[tokio::test]
async fn anybody_reads_the_document_from_any_page_and_a_cache_keeps_it() {
    let world = World::new().await;
    let request = Request::get("/admin/openapi.json").header("origin", "https://page.example");
    let answer = world.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.json(), sekisho_rest::document());
    for (header, value) in [
        ("content-type", "application/json"),
        ("cache-control", "public, max-age=3600"),
        ("access-control-allow-origin", "*"),
    ] {
        assert_eq!(answer.headers[header], value, "{header}");
    }
}

#[tokio::test]
async fn what_is_not_in_the_document_is_not_there() {
    let world = World::new().await;
    let routes = routes();
    // The router does not list its paths, but it prints them.
    let printed = format!("{:?}", world.router);
    let served =
        printed.split('"').filter(|text| text.starts_with("/admin/") && !text.ends_with("/openapi.json"));
    // Each stands there a second time, with a slash at its end.
    let served: Vec<String> =
        served.map(|path| path.replace("{*", "{").trim_end_matches('/').to_owned()).collect();
    assert!(served.len() > 20, "the router does not print its paths: {served:?}");
    for path in &served {
        assert!(routes.iter().any(|route| route.path == *path), "{path} is served and not documented");
    }
    for path in &served {
        for method in METHODS {
            if routes.iter().any(|route| route.path == *path && route.method == method) {
                continue;
            }
            let address = path.replace(['{', '}'], "");
            let answer = world.call("", method, &address, "").await;
            assert!(
                answer.status == 405 && answer.headers.contains_key("allow"),
                "{method} {path}: {answer:?}"
            );
        }
    }
}
