//! Shapes as JSON Schema; each representation stands once, under its name.

use std::collections::BTreeMap;

use sekisho_protocol::keycloak::shape::{Described, DescribedMember, Shape};
use serde_json::{Map, Value, json};

/// The representations that were met.
#[derive(Default)]
pub(super) struct Schemas(BTreeMap<&'static str, Value>);

impl Schemas {
    /// The schema of a shape; what it refers to is kept.
    pub(super) fn schema(&mut self, shape: Shape) -> Value {
        match shape {
            Shape::Any => json!({}),
            Shape::Text => json!({ "type": "string" }),
            Shape::Secret => json!({ "type": "string", "format": "password" }),
            Shape::Switch => json!({ "type": "boolean" }),
            Shape::Whole32 => json!({ "type": "integer", "format": "int32" }),
            Shape::Whole64 => json!({ "type": "integer", "format": "int64" }),
            Shape::List(elements) => json!({ "type": "array", "items": self.schema(*elements) }),
            Shape::Map(values) => json!({ "type": "object", "additionalProperties": self.schema(*values) }),
            Shape::Representation(described) => {
                self.keep(described);
                json!({ "$ref": format!("#/components/schemas/{}", described.name) })
            }
        }
    }

    fn keep(&mut self, described: &'static Described) {
        if self.0.contains_key(described.name) {
            return;
        }
        // A representation that holds itself is met again before it is whole.
        self.0.insert(described.name, Value::Null);
        let schema = self.object(described);
        self.0.insert(described.name, schema);
    }

    fn object(&mut self, described: &Described) -> Value {
        let members = described.members().map(|member| (member.name.to_owned(), self.member(member)));
        let members: Map<String, Value> = members.collect();
        let mut schema =
            json!({ "type": "object", "description": described.comment(), "properties": members });
        if let (false, Value::Object(schema)) = (described.is_open, &mut schema) {
            schema.insert("additionalProperties".to_owned(), json!(false));
        }
        schema
    }

    fn member(&mut self, member: DescribedMember) -> Value {
        let mut schema = self.schema(member.shape);
        if let (false, Value::Object(schema)) = (member.comment.is_empty(), &mut schema) {
            schema.insert("description".to_owned(), json!(member.comment));
        }
        schema
    }

    /// All of them, by name.
    pub(super) fn written(self) -> BTreeMap<&'static str, Value> {
        self.0
    }
}
