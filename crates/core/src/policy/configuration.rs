//! How conditions and executors are configured: what they offer (for forms and `serverinfo`), and how their
//! typed configuration is read. Values come as JSON or as texts, `true` or `"true"`; both are read.

use std::fmt;

use serde::de::{self, DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::event::EventSet;
use crate::pattern::Pattern;

/// A condition or an executor by its Keycloak id.
pub struct Provider<T: ?Sized> {
    pub id: &'static str,
    pub help: Text,
    pub properties: &'static [Property],
    /// Where it has something to say; elsewhere a condition abstains and an executor lets pass.
    pub events: EventSet,
    /// Reads its configuration.
    pub configure: fn(&Value) -> Result<Box<T>, Fault>,
}

/// A sentence for administrators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    pub en: &'static str,
    pub ja: &'static str,
}

/// A member of a configuration, as forms show it.
pub struct Property {
    pub name: &'static str,
    pub label: &'static str,
    pub help: Text,
    pub kind: PropertyKind,
    pub preset: Preset,
    pub options: &'static [&'static str],
    /// A whole number below this can be saved, as in Keycloak, and makes no sense.
    pub least: Option<i64>,
    pub required: bool,
}

/// Keycloak's types of configuration members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyKind {
    Boolean,
    Integer,
    String,
    /// One of the options.
    List,
    /// Some of the options.
    MultivaluedList,
    MultivaluedString,
    Map,
    IdentityProviderMultiList,
}

/// What a form shows first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    None,
    Boolean(bool),
    Integer(i64),
    String(&'static str),
}

/// Why a configuration cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{member}: {problem}")]
pub struct Fault {
    pub member: String,
    pub problem: String,
}

impl Fault {
    /// What is wrong with a member.
    pub fn new(member: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { member: member.into(), problem: problem.into() }
    }
}

impl Property {
    /// A member that may be absent and has no default.
    pub const fn new(name: &'static str, label: &'static str, kind: PropertyKind, help: Text) -> Self {
        Self { name, label, help, kind, preset: Preset::None, options: &[], least: None, required: false }
    }

    /// A switch that a form shows in this position.
    pub const fn switch(name: &'static str, label: &'static str, preset: bool, help: Text) -> Self {
        Self { preset: Preset::Boolean(preset), ..Self::new(name, label, PropertyKind::Boolean, help) }
    }

    /// The same, with a default.
    #[must_use]
    pub const fn preset(self, preset: Preset) -> Self {
        Self { preset, ..self }
    }

    /// The same, with values to choose from.
    #[must_use]
    pub const fn options(self, options: &'static [&'static str]) -> Self {
        Self { options, ..self }
    }

    /// The same of a number that is at least this.
    #[must_use]
    pub const fn at_least(self, least: i64) -> Self {
        Self { least: Some(least), ..self }
    }

    /// The same, marked as required.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

impl PropertyKind {
    /// Keycloak's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "Integer",
            Self::String => "String",
            Self::List => "List",
            Self::MultivaluedList => "MultivaluedList",
            Self::MultivaluedString => "MultivaluedString",
            Self::Map => "Map",
            Self::IdentityProviderMultiList => "IdentityProviderMultiList",
        }
    }
}

/// Reads a typed configuration; absent or null is an empty one.
///
/// # Errors
/// The member that cannot be read, and why.
pub fn read<T: DeserializeOwned>(configuration: &Value) -> Result<T, Fault> {
    let empty = Value::Object(serde_json::Map::new());
    let configuration = if configuration.is_null() { &empty } else { configuration };
    if !configuration.is_object() {
        return Err(Fault::new(".", "expected an object"));
    }
    serde_path_to_error::deserialize(configuration)
        .map_err(|error| Fault::new(error.path().to_string(), error.into_inner().to_string()))
}

/// `true`, `false`, or either as a text; null is off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switch(pub bool);

/// A whole number, or one as a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole(pub i64);

/// A list of texts; a single text is a list of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts(pub Vec<String>);

/// A list of Java's regular expressions, each of which is about a whole text.
#[derive(Clone, Debug, Default)]
pub struct Patterns(pub Vec<Pattern>);

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SwitchVisitor)
    }
}

struct SwitchVisitor;

impl Visitor<'_> for SwitchVisitor {
    type Value = Switch;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Switch, E> {
        Ok(Switch(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Switch, E> {
        match value.to_ascii_lowercase().as_str() {
            "true" => Ok(Switch(true)),
            "false" | "" => Ok(Switch(false)),
            _ => Err(E::invalid_value(de::Unexpected::Str(value), &self)),
        }
    }

    /// Keycloak's reader takes a number for one, too.
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Switch, E> {
        Ok(Switch(value != 0))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Switch, E> {
        Ok(Switch(value != 0))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Switch, E> {
        Ok(Switch(false))
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeVisitor)
    }
}

struct WholeVisitor;

impl Visitor<'_> for WholeVisitor {
    type Value = Whole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Whole, E> {
        Ok(Whole(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Whole, E> {
        i64::try_from(value).map(Whole).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Whole, E> {
        value.parse().map(Whole).map_err(|_| E::invalid_value(de::Unexpected::Str(value), &self))
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextsVisitor)
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Texts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Texts, E> {
        Ok(Texts(vec![value.to_owned()]))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut sequence: A) -> Result<Texts, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = sequence.next_element()? {
            texts.push(text);
        }
        Ok(Texts(texts))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Texts, E> {
        Ok(Texts(Vec::new()))
    }
}

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let compile = |text: &String| {
            let fault = || de::Error::invalid_value(de::Unexpected::Str(text), &"a regular expression");
            Pattern::parse(text).ok_or_else(fault)
        };
        Texts::deserialize(deserializer)?.0.iter().map(compile).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, rename_all = "kebab-case")]
    struct Example {
        auto_configure: Switch,
        available_period: Option<Whole>,
        names: Texts,
    }

    #[test]
    fn values_are_read_as_json_or_as_texts() {
        let (on, off) = (Switch(true), Switch(false));
        for (value, auto_configure, available_period, names) in [
            (json!({"auto-configure": true, "available-period": 60}), on, Some(60), vec![]),
            (json!({"auto-configure": "TRUE", "available-period": "60"}), on, Some(60), vec![]),
            (json!({"auto-configure": null, "names": ["a", "b"], "unknown": 1}), off, None, vec!["a", "b"]),
            (json!({"names": "a"}), off, None, vec!["a"]),
            (json!(null), off, None, vec![]),
        ] {
            let names = Texts(names.into_iter().map(str::to_owned).collect());
            let expected = Example { auto_configure, available_period: available_period.map(Whole), names };
            assert_eq!(read::<Example>(&value), Ok(expected), "{value}");
        }
    }

    #[test]
    fn a_value_that_cannot_be_read_is_named() {
        for (value, member) in [
            (json!({"auto-configure": "maybe"}), "auto-configure"),
            (json!({"auto-configure": [true]}), "auto-configure"),
            (json!({"available-period": "an hour"}), "available-period"),
            (json!({"names": ["a", 1]}), "names[1]"),
            (json!({"names": {"a": 1}}), "names"),
            (json!([]), "."),
        ] {
            let fault = read::<Example>(&value).expect_err("not readable");
            assert_eq!(fault.member, member, "{value}: {fault}");
        }
    }
}
