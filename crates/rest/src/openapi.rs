//! The document of Admin REST (OpenAPI 3.1): written from the tables of routes and from the representations, so
//! that it cannot say anything else than they do.

mod schema;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::response::Response;
use sekisho_core::access::AdminRoles;
use sekisho_http::administration;
use sekisho_protocol::keycloak::shape::Shape;
use serde_json::{Map, Value, json};

use crate::contract::{Answers, Kind, Parameter};
use crate::openapi::schema::Schemas;
use crate::route::{Needs, Route, Verb};

/// Where the document is served, to anybody: it says nothing that the source does not.
pub(crate) const PATH: &str = "/admin/openapi.json";

/// The realm role of master that lets make realms.
const CREATE_REALM: &str = "create-realm";

/// What nearly every path begins with.
const REALMS: &str = "/admin/realms";
const OF_REALM: &str = "/admin/realms/{realm}";

pub(crate) async fn serve() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(|| document().to_string());
    administration::public(&TEXT)
}

/// The document.
pub fn document() -> Value {
    let mut schemas = Schemas::default();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for route in crate::routes() {
        let methods = paths.entry(written(route.path)).or_default();
        if methods.is_empty() {
            methods.extend(path_parameters(route.path));
        }
        methods.insert(method(route.method).to_owned(), operation(route, &mut schemas));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sekisho Admin REST",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Keycloak's Admin REST API as this server has it. A member that is absent is not \
                            changed and is not written; one that is unknown is refused.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        // As the document itself is at /admin/openapi.json.
        "servers": [{ "url": ".." }],
        "paths": paths,
        "components": {
            "securitySchemes": { "bearer": bearer() },
            "responses": { "Refusal": refusal() },
            "schemas": schemas.written(),
        },
    })
}

fn bearer() -> Value {
    json!({
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of a user or a service account of the realm, or of the realm master. The \
                        names beside it are admin roles, one of which is needed: of the client realm-management, \
                        in master of the client that has the realm's name and -realm; create-realm is a role \
                        of master. Where the path names no realm, a role for any realm is one.",
    })
}

/// Keycloak's two ways to say why not.
fn refusal() -> Value {
    let text = json!({ "type": "string" });
    let one = json!({
        "type": "object",
        "properties": { "error": text, "error_description": text },
        "required": ["error"],
        "additionalProperties": false,
    });
    let other = json!({
        "type": "object",
        "properties": { "errorMessage": text, "detail": text },
        "required": ["errorMessage"],
        "additionalProperties": false,
    });
    json!({
        "description": "Why not.",
        "headers": {
            "sekisho-detail": {
                "description": "Where in the document, and what is wrong there. What is not printable ASCII is \
                                percent-encoded UTF-8.",
                "schema": text,
            },
        },
        "content": { "application/json": { "schema": { "oneOf": [one, other] } } },
    })
}

/// As OpenAPI writes a path: a part that may have slashes is not marked.
fn written(path: &str) -> String {
    path.replace("{*", "{")
}

const fn method(verb: Verb) -> &'static str {
    match verb {
        Verb::Get => "get",
        Verb::Post => "post",
        Verb::Put => "put",
        Verb::Delete => "delete",
    }
}

/// The names in braces.
fn names(path: &str) -> impl Iterator<Item = &str> {
    let inside = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    inside.map(|name| name.trim_start_matches('*'))
}

fn path_parameters(path: &str) -> Option<(String, Value)> {
    let parameters: Vec<Value> = names(path)
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    (!parameters.is_empty()).then(|| ("parameters".to_owned(), Value::Array(parameters)))
}

fn operation(route: &Route, schemas: &mut Schemas) -> Value {
    let contract = &route.contract;
    let mut operation = Map::new();
    let mut say = |name: &str, value: Value| operation.insert(name.to_owned(), value);
    say("operationId", json!(operation_id(route)));
    say("tags", json!([tag(route.path)]));
    let parameters: Vec<Value> = contract.parameters().map(parameter).collect();
    if !parameters.is_empty() {
        say("parameters", Value::Array(parameters));
    }
    if let Some(takes) = contract.takes {
        say(
            "requestBody",
            json!({ "required": route.method != Verb::Delete, "content": content(takes, schemas) }),
        );
    }
    let mut responses = answers(route, schemas);
    for status in ["4XX", "5XX"] {
        responses.insert(status.to_owned(), json!({ "$ref": "#/components/responses/Refusal" }));
    }
    say("responses", Value::Object(responses));
    say("security", security(route.needs));
    Value::Object(operation)
}

/// `getClientsByClient`: the method, then the path below the realm.
fn operation_id(route: &Route) -> String {
    let below = match route.path.strip_prefix(OF_REALM) {
        Some("") => "/realm",
        Some(below) => below,
        None => route.path.trim_start_matches("/admin"),
    };
    let mut id = method(route.method).to_owned();
    for part in below.split('/').skip(1) {
        if part.starts_with('{') {
            id.push_str("By");
        }
        for word in part.split(|letter: char| !letter.is_alphanumeric()) {
            let mut letters = word.chars();
            id.extend(letters.next().map(|first| first.to_ascii_uppercase()));
            id.push_str(letters.as_str());
        }
    }
    id
}

/// The resource that a path is about.
fn tag(path: &str) -> &str {
    let below = path.strip_prefix(OF_REALM).or_else(|| path.strip_prefix(REALMS)).unwrap_or(path);
    below.split('/').find(|part| !part.is_empty()).unwrap_or("realms")
}

fn parameter(parameter: &Parameter) -> Value {
    let schema = match parameter.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Number => json!({ "type": "integer", "format": "int64" }),
        Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
    };
    json!({ "name": parameter.name, "in": "query", "schema": schema })
}

fn content(shape: Shape, schemas: &mut Schemas) -> Value {
    let media_type = if matches!(shape, Shape::Text) { "text/plain" } else { "application/json" };
    json!({ media_type: { "schema": schemas.schema(shape) } })
}

/// The statuses of success, and what comes with each.
fn answers(route: &Route, schemas: &mut Schemas) -> Map<String, Value> {
    let done = ("204", json!({ "description": "Done." }));
    let answers = match route.contract.answers {
        Answers::Unsaid => Vec::new(),
        Answers::Done => vec![done],
        Answers::Document(shape) => {
            vec![("200", json!({ "description": "What was asked for.", "content": content(shape, schemas) }))]
        }
        Answers::Created(made) => vec![created(made, schemas)],
        Answers::CreatedOrDone(made) => vec![created(made, schemas), done],
    };
    answers.into_iter().map(|(status, answer)| (status.to_owned(), answer)).collect()
}

fn created(made: Option<Shape>, schemas: &mut Schemas) -> (&'static str, Value) {
    let address = json!({ "description": "Where it is.", "schema": { "type": "string" } });
    let mut answer = json!({ "description": "Made.", "headers": { "Location": address } });
    if let (Some(shape), Value::Object(members)) = (made, &mut answer) {
        members.insert("content".to_owned(), content(shape, schemas));
    }
    ("201", answer)
}

/// One of the roles is enough, so each is an alternative of its own (OpenAPI 3.1 §4.8.30).
fn security(needs: Needs) -> Value {
    let alternative = |roles: &[&str]| json!({ "bearer": roles });
    match needs {
        Needs::Token => json!([alternative(&[])]),
        Needs::CreateRealm => json!([alternative(&[CREATE_REALM])]),
        Needs::Administrator => {
            let named = AdminRoles::NAMED.iter().map(|(_, name)| *name).chain([CREATE_REALM]);
            named.map(|name| alternative(&[name])).collect()
        }
        Needs::OneOf(roles) => {
            let named = AdminRoles::NAMED.iter().filter(|(role, _)| roles.meets(*role));
            named.map(|(_, name)| alternative(&[name])).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// What Keycloak has behind features that are off answers nothing but that, and neither does what we only show.
    const WITHOUT_AN_ANSWER: &[&str] = &[
        "/clients/{client}/management/permissions",
        "/clients/{client}/management/permissions",
        "/authentication/flows",
        "/authentication/flows/{flow}",
        "/authentication/flows/{flow}",
        "/authentication/flows/{flow}/copy",
        "/authentication/flows/{flow}/executions",
        "/authentication/flows/{flow}/executions/execution",
        "/authentication/flows/{flow}/executions/flow",
        "/organizations",
        "/organizations/{organization}",
        "/organizations/{organization}",
        "/client-types",
        "/users-management-permissions",
    ];

    #[test]
    fn every_route_says_what_it_reads_and_answers() {
        let silent = crate::routes().filter(|route| route.contract.is_unsaid());
        let silent: Vec<_> = silent.map(|route| route.path.trim_start_matches(OF_REALM)).collect();
        assert_eq!(silent, WITHOUT_AN_ANSWER, "each of the others needs a contract behind its handler");
    }

    #[test]
    fn every_reference_leads_to_something() {
        let document = document();
        let text = document.to_string();
        let references: HashSet<&str> =
            text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(references.len() > 20, "only {references:?}");
        for reference in references {
            assert!(document.pointer(reference).is_some_and(Value::is_object), "{reference}");
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let mut names = HashSet::new();
        for route in crate::routes() {
            let id = operation_id(route);
            assert!(names.insert(id.clone()), "{id} stands for two");
        }
        assert!(names.contains("getClientsByClient") && names.contains("putRealm"), "{names:?}");
    }

    /// The text in the repository; `UPDATE=1` writes it anew.
    #[test]
    fn the_document_in_the_repository_is_what_the_routes_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        let written = format!("{:#}\n", document());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &written).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == written, "UPDATE=1 cargo test -p sekisho-rest openapi writes docs/openapi.json anew");
    }
}
