//! Two documents, member by member. A secret is told to differ and never shown.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_core::secrets;
use serde::Serialize;
use serde_json::{Map, Value};

/// A member that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MemberChange {
    /// Its place, `attributes.acr.loa.map`, `executors[0].configuration.auto-configure`.
    pub member: String,
    #[serde(flatten)]
    pub difference: Difference,
}

/// How it differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Difference {
    Value {
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<Value>,
    },
    Secret {
        secret: Secrecy,
    },
}

/// All that is told of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Secrecy {
    Set,
    Changed,
    Removed,
}

/// What differs, by place. An empty object is as good as none.
pub(super) fn differences(before: &Value, after: &Value) -> Vec<MemberChange> {
    let (before, after) = (Leaves::of(before), Leaves::of(after));
    let places: BTreeSet<&String> = before.0.keys().chain(after.0.keys()).collect();
    let mut changes = Vec::new();
    for place in places {
        let difference = match (before.0.get(place), after.0.get(place)) {
            (Some(before), Some(after)) if before == after => continue,
            (Some(Leaf::Secret(_)), Some(Leaf::Secret(_))) => Difference::Secret { secret: Secrecy::Changed },
            (_, Some(Leaf::Secret(_))) => Difference::Secret { secret: Secrecy::Set },
            (Some(Leaf::Secret(_)), _) => Difference::Secret { secret: Secrecy::Removed },
            (before, after) => {
                Difference::Value { before: before.and_then(Leaf::shown), after: after.and_then(Leaf::shown) }
            }
        };
        changes.push(MemberChange { member: readable(place), difference });
    }
    changes
}

/// A document in pieces, by JSON pointer (RFC 6901).
struct Leaves(BTreeMap<String, Leaf>);

#[derive(PartialEq)]
enum Leaf {
    Plain(Value),
    Secret(String),
}

impl Leaf {
    fn shown(&self) -> Option<Value> {
        match self {
            Self::Plain(value) => Some(value.clone()),
            Self::Secret(_) => None,
        }
    }
}

impl Leaves {
    fn of(document: &Value) -> Self {
        let mut document = with_named_mappers(document);
        let secrets = secrets::take(&mut document);
        let mut leaves = BTreeMap::new();
        collect(&document, "", &mut leaves);
        leaves.extend(secrets.into_iter().map(|(place, secret)| (place, Leaf::Secret(secret))));
        Self(leaves)
    }
}

/// Mappers are told apart by their name and not by their place. The brackets keep a name from being taken for
/// that of a member.
fn with_named_mappers(document: &Value) -> Value {
    let mut document = document.clone();
    if let Some(Value::Array(mappers)) = document.get_mut("protocolMappers").map(Value::take) {
        let mut named = Map::new();
        for mapper in mappers {
            let name = mapper.get("name").and_then(Value::as_str).unwrap_or_default();
            let mut key = format!("[{name}]");
            while named.contains_key(&key) {
                key.push('\'');
            }
            named.insert(key, mapper);
        }
        if let Some(members) = document.as_object_mut() {
            members.insert("protocolMappers".to_owned(), Value::Object(named));
        }
    }
    document
}

fn collect(value: &Value, at: &str, leaves: &mut BTreeMap<String, Leaf>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                collect(member, &format!("{at}/{}", escape(name)), leaves);
            }
        }
        Value::Array(elements) if elements.first().is_some_and(Value::is_object) => {
            for (index, element) in elements.iter().enumerate() {
                collect(element, &format!("{at}/{index}"), leaves);
            }
        }
        Value::Null => {}
        _ => {
            leaves.insert(at.to_owned(), Leaf::Plain(value.clone()));
        }
    }
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// `/clients/0/secret` as a person writes it: `clients[0].secret`.
pub(super) fn readable(pointer: &str) -> String {
    let mut text = String::new();
    for segment in pointer.split('/').skip(1) {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        let is_index = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
        if !text.is_empty() && !is_index && !segment.starts_with('[') {
            text.push('.');
        }
        if is_index {
            text.extend(["[", &segment, "]"]);
        } else {
            text.push_str(&segment);
        }
    }
    text
}
