//! Values of claims: `jsonType.label` and `multivalued` of a mapper's configuration.

use serde_json::{Value, json};

use super::Mapper;

/// The values as the claim shall hold them; `None` when there is none, or none that fits the type.
pub(super) fn convert(mapper: &Mapper, values: &[String]) -> Option<Value> {
    let converted: Vec<Value> = values.iter().filter_map(|value| typed(mapper, value)).collect();
    if mapper.is_on("multivalued") {
        return (!converted.is_empty()).then_some(Value::Array(converted));
    }
    converted.into_iter().next()
}

fn typed(mapper: &Mapper, value: &str) -> Option<Value> {
    match mapper.setting("jsonType.label").unwrap_or("String") {
        "long" | "int" => value.parse::<i64>().ok().map(Value::from),
        "boolean" => Some(json!(value.eq_ignore_ascii_case("true"))),
        "JSON" => serde_json::from_str(value).ok(),
        _ => Some(json!(value)),
    }
}
