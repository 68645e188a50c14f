//! Requests as people describe them, by Admin REST and on the command line, for `explain`.

use sekisho_core::policy::event::{EVENTS, EventName};
use sekisho_core::policy::input::Input;
use sekisho_protocol::keycloak::{PolicyExplainRequest, nearest};
use serde_json::{Map, Value, json};

use crate::AdminError;

/// What the events that are asked about most may be called.
const SHORT: &[(&str, &str)] = &[
    ("authorization", "authorization-request"),
    ("introspect", "token-introspect"),
    ("logout", "logout-request"),
    ("refresh", "token-refresh"),
    ("revoke", "token-revoke"),
    ("token", "token-request"),
    ("userinfo", "userinfo-request"),
];

/// The event of this name, as Keycloak writes it or as people do.
///
/// # Errors
/// There is none; the text says which was probably meant.
pub fn event(text: &str) -> Result<EventName, String> {
    let name = SHORT.iter().find(|(short, _)| *short == text).map_or(text, |(_, name)| name);
    EventName::parse(name).ok_or_else(|| {
        let known: Vec<String> =
            EVENTS.iter().map(|event| event.name().to_ascii_lowercase().replace('_', "-")).collect();
        let all = known.iter().map(String::as_str).chain(SHORT.iter().map(|(short, _)| *short));
        match nearest(&text.to_ascii_lowercase().replace('_', "-"), all) {
            Some(nearest) => format!("there is no event {text:?}; did you mean {nearest}?"),
            None => format!("there is no event {text:?}; they are {}", known.join(", ")),
        }
    })
}

/// The request that is described.
///
/// # Errors
/// The member that is missing, or not what it should be.
pub fn question(asked: PolicyExplainRequest) -> Result<Input, AdminError> {
    let (client_id, client) = match (asked.client, asked.client_id) {
        (Some(Value::String(name)), None) => (Some(name), None),
        (Some(Value::String(name)), Some(other)) if name == other => (Some(name), None),
        (Some(client @ Value::Object(_)), client_id) => (client_id, Some(client)),
        (None, client_id) => (client_id, None),
        _ => return Err(invalid("client: name one client, or describe it as an object")),
    };
    let event = asked.event.ok_or_else(|| invalid("event: is missing"))?;
    let mut params = pairs("params", asked.params.as_ref())?.unwrap_or_default();
    params.extend(asked.scope.map(|scope| ("scope".to_owned(), scope)));
    let mut input = Map::new();
    for (member, value) in [
        ("client_id", client_id.map(Value::from)),
        ("event", Some(Value::from(event))),
        ("params", Some(json!(params))),
        ("sent", pairs("sent", asked.sent.as_ref())?.map(|sent| json!(sent))),
        ("pushed", asked.pushed.map(Value::from)),
        ("object", asked.object),
        ("granted", asked.granted.map(Value::from)),
        ("redirect_uri", asked.redirect_uri.map(Value::from)),
        ("pkce", asked.pkce.map(Value::from)),
        ("proofs", asked.proofs),
        ("bound_to", asked.bound_to),
        ("subject", asked.subject),
        ("updater", asked.updater.map(Value::from)),
        ("address", asked.address.map(Value::from)),
        ("roles", asked.roles.map(Value::from)),
        ("groups", asked.groups.map(Value::from)),
        ("client", client),
        ("mentioned", asked.mentioned.map(|mentioned| json!(mentioned))),
    ] {
        input.extend(value.map(|value| (member.to_owned(), value)));
    }
    serde_path_to_error::deserialize(Value::Object(input)).map_err(|error| invalid(&error.to_string()))
}

/// Names and values, in the order sent.
fn pairs(member: &str, value: Option<&Value>) -> Result<Option<Vec<(String, String)>>, AdminError> {
    let wrong = || {
        invalid(&format!(
            "{member}: expected an object of texts or lists of texts, or pairs of name and value"
        ))
    };
    let mut pairs = Vec::new();
    let mut push = |name: &str, value: &Value| {
        let text = value.as_str().ok_or_else(wrong)?;
        pairs.push((name.to_owned(), text.to_owned()));
        Ok::<_, AdminError>(())
    };
    match value {
        None => return Ok(None),
        Some(Value::Object(members)) => {
            for (name, value) in members {
                match value {
                    Value::Array(values) => values.iter().try_for_each(|value| push(name, value))?,
                    value => push(name, value)?,
                }
            }
        }
        Some(Value::Array(entries)) => {
            for entry in entries {
                let Some([Value::String(name), value]) = entry.as_array().map(Vec::as_slice) else {
                    return Err(wrong());
                };
                push(name, value)?;
            }
        }
        Some(_) => return Err(wrong()),
    }
    Ok(Some(pairs))
}

fn invalid(text: &str) -> AdminError {
    AdminError::Invalid(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(value: Value) -> Result<Input, String> {
        let asked = serde_json::from_value(value).map_err(|error| error.to_string())?;
        question(asked).map_err(|error| error.to_string())
    }

    #[test]
    fn a_request_may_be_described_as_on_the_command_line() {
        let params = vec![("a".to_owned(), "b".to_owned()), ("scope".to_owned(), "hello".to_owned())];
        for (value, expected) in [
            (json!({"event": "token", "client": "mcp", "params": {"a": "b"}, "scope": "hello"}), &params[..]),
            (
                json!({"event": "token", "clientId": "mcp", "params": [["a", "b"], ["scope", "hello"]]}),
                &params,
            ),
            (json!({"event": "token", "clientId": "mcp", "params": {"a": ["b"]}}), &params[..1]),
            (json!({"event": "token", "client": "mcp"}), &[]),
        ] {
            let input = asked(value.clone()).expect("a request");
            assert_eq!((input.client_id.as_str(), input.params.as_slice()), ("mcp", expected), "{value}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (value, text) in [
            (json!({"event": "token", "clint": "mcp"}), "clint"),
            (json!({"client": "mcp"}), "event: is missing"),
            (json!({"event": "token", "client": "a", "clientId": "b"}), "client: "),
            (json!({"event": "token", "params": "a=b"}), "params: "),
            (json!({"event": "token", "params": [["a"]]}), "params: "),
            (json!({"event": "token", "params": {"a": 1}}), "params: "),
            (json!({"event": "token", "pkce": "perhaps"}), "pkce: "),
        ] {
            let error = asked(value.clone()).expect_err("not understood");
            assert!(error.contains(text), "{value}: {error}");
        }
    }

    #[test]
    fn an_event_has_its_name_in_either_form() {
        for name in ["TOKEN_REQUEST", "token-request", "token_request", "token"] {
            assert_eq!(event(name), Ok(EventName::TokenRequest), "{name}");
        }
        assert_eq!(event("tokn"), Err("there is no event \"tokn\"; did you mean token?".to_owned()));
    }
}
