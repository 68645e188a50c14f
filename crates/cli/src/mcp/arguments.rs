//! The arguments of a tool call, from the command line.

use std::str::FromStr;

use serde_json::{Map, Value};

/// Arguments as one JSON object, name by name, or both; a name given twice keeps its last value.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// One argument, as text; may be given more than once
    #[arg(long = "arg", value_name = "NAME=VALUE")]
    named: Vec<Named>,
    /// All arguments as a JSON object, for values that are not text
    #[arg(long, value_name = "JSON", value_parser = object)]
    arguments: Option<Object>,
}

type Object = Map<String, Value>;

#[derive(Clone)]
struct Named {
    name: String,
    value: String,
}

impl Arguments {
    pub(crate) fn into_object(self) -> Object {
        let mut all = self.arguments.unwrap_or_default();
        all.extend(self.named.into_iter().map(|Named { name, value }| (name, Value::String(value))));
        all
    }
}

impl FromStr for Named {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                Ok(Self { name: name.to_owned(), value: value.to_owned() })
            }
            _ => Err("write it as NAME=VALUE"),
        }
    }
}

fn object(text: &str) -> Result<Object, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("not a JSON object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn named_arguments_are_text_and_win_over_the_object() {
        for (named, whole, expected) in [
            (&[][..], None, json!({})),
            (&["a=1", "b=x=y", "c="], None, json!({"a": "1", "b": "x=y", "c": ""})),
            (&["a=2"], Some(r#"{"a": 1, "d": [true]}"#), json!({"a": "2", "d": [true]})),
            (&["a=1", "a=2"], None, json!({"a": "2"})),
        ] {
            let arguments = Arguments {
                named: named.iter().map(|text| text.parse().unwrap()).collect(),
                arguments: whole.map(|text| object(text).unwrap()),
            };
            assert_eq!(Value::Object(arguments.into_object()), expected);
        }
    }

    #[test]
    fn what_is_not_a_pair_is_refused() {
        for text in ["a", "=a", ""] {
            assert!(text.parse::<Named>().is_err(), "{text:?}");
        }
    }
}
