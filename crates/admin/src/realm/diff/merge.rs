//! What a file makes of a stored document: its members over those that there are.

use serde_json::{Map, Value};

use super::PROTOCOL;

/// Lists in which nobody reads an order.
const SETS: &[&str] =
    &["redirectUris", "webOrigins", "defaultClientScopes", "optionalClientScopes", "defaultRoles"];

/// The members of `desired` over those of `stored`: attributes one by one, an empty one goes; mappers by name;
/// other lists whole. Ids stay.
pub(super) fn merge(stored: &Value, desired: &Value) -> Value {
    let mut merged = stored.as_object().cloned().unwrap_or_default();
    for (name, value) in desired.as_object().into_iter().flatten() {
        match (name.as_str(), merged.get(name)) {
            ("id", Some(_)) => {}
            ("attributes", there) => {
                let attributes = attributes(there, value);
                merged.insert(name.clone(), attributes);
            }
            ("protocolMappers", there) => {
                let mappers = mappers(there.and_then(Value::as_array), value);
                merged.insert(name.clone(), mappers);
            }
            (member, Some(there)) if SETS.contains(&member) && same_set(there, value) => {}
            _ => {
                merged.insert(name.clone(), value.clone());
            }
        }
    }
    Value::Object(merged)
}

fn attributes(stored: Option<&Value>, desired: &Value) -> Value {
    let mut merged = stored.and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, value) in desired.as_object().into_iter().flatten() {
        if value.as_str() == Some("") {
            // One that is stored empty, as imports have them, is as it shall be.
            merged.retain(|known, there| known != name || there == value);
        } else {
            merged.insert(name.clone(), value.clone());
        }
    }
    Value::Object(merged)
}

/// Mappers that the list leaves out go. Where none comes or goes the order stays.
fn mappers(stored: Option<&Vec<Value>>, desired: &Value) -> Value {
    let stored = stored.map(Vec::as_slice).unwrap_or_default();
    let place = |mapper: &Value| stored.iter().position(|known| key(known) == key(mapper));
    let wanted = desired.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut merged: Vec<(Option<usize>, Value)> = Vec::new();
    for mapper in wanted {
        let at = place(mapper);
        merged.push((at, mapper_over(at.and_then(|at| stored.get(at)), mapper)));
    }
    if merged.len() == stored.len() && merged.iter().all(|(at, _)| at.is_some()) {
        merged.sort_by_key(|(at, _)| *at);
    }
    merged.into_iter().map(|(_, mapper)| mapper).collect()
}

fn mapper_over(stored: Option<&Value>, desired: &Value) -> Value {
    let new = || Map::from_iter([("consentRequired".to_owned(), Value::Bool(false))]);
    let mut merged = stored.and_then(Value::as_object).cloned().unwrap_or_else(new);
    for (name, value) in desired.as_object().into_iter().flatten() {
        if name != "id" || !merged.contains_key("id") {
            merged.insert(name.clone(), value.clone());
        }
    }
    Value::Object(merged)
}

/// Two mappers of one protocol cannot have one name.
fn key(mapper: &Value) -> (&str, &str) {
    let text = |name: &str| mapper.get(name).and_then(Value::as_str);
    (text("name").unwrap_or_default(), text("protocol").unwrap_or(PROTOCOL))
}

fn same_set(left: &Value, right: &Value) -> bool {
    let sorted = |list: &Value| {
        let mut texts: Vec<String> = list
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    };
    left.is_array() && right.is_array() && sorted(left) == sorted(right)
}
