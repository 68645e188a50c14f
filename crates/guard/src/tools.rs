//! Which scopes an operation needs, read from the JSON-RPC body: `tools/call` by the name of the tool.
//!
//! The service behind reads the same bytes with a reader of its own. Whatever two readers could understand
//! differently (a member twice, `Method` beside `method`) is refused rather than judged.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use sekisho_protocol::Scopes;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::refusal::Refusal;

/// The scopes of each tool that needs more than every request does.
pub(crate) type ToolScopes = BTreeMap<String, Scopes>;

/// Adds to `needed` what the messages of `body` need.
pub(crate) fn needed(
    tools: &ToolScopes,
    headers: &HeaderMap,
    body: &[u8],
    mut needed: Scopes,
) -> Result<Scopes, Refusal> {
    let messages = Messages::parse(body)?;
    check_headers(headers, &messages)?;
    for message in messages.iter() {
        for scope in message.tool()?.and_then(|tool| tools.get(tool)).into_iter().flat_map(Scopes::iter) {
            needed.insert(scope);
        }
    }
    Ok(needed)
}

/// MCP 2026-07-28: who reads the body compares the headers that repeat it. Whether they must be there is
/// for the service to say, which knows the revision.
fn check_headers(headers: &HeaderMap, messages: &Messages) -> Result<(), Refusal> {
    let (method, name) = (single(headers, "mcp-method")?, single(headers, "mcp-name")?);
    if method.is_none() && name.is_none() {
        return Ok(());
    }
    let Messages::One(message) = messages else { return Err(Refusal::HeaderMismatch) };
    if method.is_some_and(|method| message.method.as_deref() != Some(method)) {
        return Err(Refusal::HeaderMismatch);
    }
    let Some(name) = name else { return Ok(()) };
    let expected = match message.method.as_deref() {
        Some("tools/call" | "prompts/get") => &message.params.name,
        Some("resources/read") => &message.params.uri,
        _ => return Ok(()),
    };
    let expected = expected.as_ref().and_then(Value::as_str);
    if decode(name).as_deref() == expected { Ok(()) } else { Err(Refusal::HeaderMismatch) }
}

fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    match (value.to_str(), values.next()) {
        (Ok(value), None) => Ok(Some(value)),
        _ => Err(Refusal::HeaderMismatch),
    }
}

/// A name as it is, or `=?base64?…?=` around its UTF-8.
fn decode(value: &str) -> Option<Cow<'_, str>> {
    match value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).ok()?).ok().map(Cow::Owned),
        None => Some(Cow::Borrowed(value)),
    }
}

/// One message, or a batch (MCP 2025-03-26).
enum Messages {
    One(Message),
    Batch(Vec<Message>),
}

/// What of a JSON-RPC message matters here.
struct Message {
    method: Option<String>,
    params: Params,
}

#[derive(Default)]
struct Params {
    name: Option<Value>,
    uri: Option<Value>,
}

impl Messages {
    fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let messages = match body.trim_ascii_start().first() {
            Some(b'[') => serde_json::from_slice(body).map(Self::Batch),
            _ => serde_json::from_slice(body).map(Self::One),
        };
        messages.map_err(|_| Refusal::BodyUnreadable)
    }

    fn iter(&self) -> impl Iterator<Item = &Message> {
        match self {
            Self::One(message) => std::slice::from_ref(message).iter(),
            Self::Batch(messages) => messages.iter(),
        }
    }
}

impl Message {
    fn tool(&self) -> Result<Option<&str>, Refusal> {
        if self.method.as_deref() != Some("tools/call") {
            return Ok(None);
        }
        let name = self.params.name.as_ref().and_then(Value::as_str);
        name.map(Some).ok_or(Refusal::BodyUnreadable)
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Message;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON-RPC message")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Message, A::Error> {
                let (mut method, mut params) = (None, None);
                while let Some(name) = members.next_key::<Cow<'_, str>>()? {
                    match known(&name, &["method", "params"])? {
                        Some("method") => set(&mut method, members.next_value()?)?,
                        Some(_) => set(&mut params, members.next_value()?)?,
                        None => drop(members.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(Message { method, params: params.unwrap_or_default() })
            }
        }

        deserializer.deserialize_map(Object)
    }
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Params;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("parameters by name or by position")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Params, A::Error> {
                let (mut name, mut uri) = (None, None);
                while let Some(member) = members.next_key::<Cow<'_, str>>()? {
                    match known(&member, &["name", "uri"])? {
                        Some("name") => set(&mut name, members.next_value()?)?,
                        Some(_) => set(&mut uri, members.next_value()?)?,
                        None => drop(members.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(Params { name, uri })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Params, A::Error> {
                while values.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Params::default())
            }

            fn visit_unit<E: de::Error>(self) -> Result<Params, E> {
                Ok(Params::default())
            }
        }

        deserializer.deserialize_any(Any)
    }
}

fn set<T, E: de::Error>(slot: &mut Option<T>, value: T) -> Result<(), E> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::custom("a member stands twice")),
    }
}

/// The name if it is one of `names`. Some readers, Go's among them, fold case when they look for members,
/// down to the long s and the Kelvin sign.
fn known<'a, E: de::Error>(name: &str, names: &[&'a str]) -> Result<Option<&'a str>, E> {
    let fold = |text: &str| text.to_uppercase().to_lowercase();
    match names.iter().find(|known| fold(name) == **known) {
        Some(known) if *known == name => Ok(Some(known)),
        Some(_) => Err(E::custom("a member in another case")),
        None => Ok(None),
    }
}
