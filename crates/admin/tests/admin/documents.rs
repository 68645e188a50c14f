//! Documents to import, and what two of them differ in.

use std::path::PathBuf;

use sekisho_protocol::keycloak::{self, RealmRepresentation};
use serde_json::Value;

/// A file of recorded answers.
pub(crate) fn observed(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/observed").join(name);
    std::fs::read(path).expect("a file of tests/observed")
}

/// A document, which must be one.
pub(crate) fn realm_of(json: &Value) -> RealmRepresentation {
    keycloak::parse(json.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

/// The realm that Keycloak exported with everything in it.
pub(crate) fn rich() -> RealmRepresentation {
    keycloak::parse(&observed("realm-rich.json")).unwrap_or_else(|error| panic!("{error}"))
}

/// Places at which two documents differ, as JSON pointers.
pub(crate) fn differences(left: &Value, right: &Value, at: &str, found: &mut Vec<String>) {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let mut names: Vec<&String> = left.keys().chain(right.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let of =
                    |side: &serde_json::Map<String, Value>| side.get(name).cloned().unwrap_or(Value::Null);
                differences(&of(left), &of(right), &format!("{at}/{name}"), found);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                differences(left, right, &format!("{at}/{index}"), found);
            }
        }
        _ if left == right => {}
        _ => found.push(at.to_owned()),
    }
}

/// Keycloak lists in the order of its tables; what is a set is compared as one.
pub(crate) fn sorted(value: Value) -> Value {
    match value {
        Value::Array(elements) => {
            let mut elements: Vec<Value> = elements.into_iter().map(sorted).collect();
            let key = |element: &Value| {
                let members = ["clientId", "username", "name", "alias", "id", "client", "clientScope"];
                let named = members.iter().find_map(|name| element.get(name)).unwrap_or(element);
                (named.to_string(), element["id"].to_string())
            };
            elements.sort_by_key(key);
            Value::Array(elements)
        }
        Value::Object(members) => members.into_iter().map(|(name, member)| (name, sorted(member))).collect(),
        other => other,
    }
}

/// Places at which two realms differ.
pub(crate) fn differing(left: &RealmRepresentation, right: &RealmRepresentation) -> Vec<String> {
    let json = |realm| serde_json::to_value(realm).expect("JSON");
    let mut found = Vec::new();
    differences(&json(left), &json(right), "", &mut found);
    found
}
