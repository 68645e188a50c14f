//! What a representation looks like, as data: documentation is written from it and cannot say anything else.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde_json::Value;

use super::{Sensitive, representation::Representation};

/// What a value looks like.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Anything at all.
    Any,
    /// A text.
    Text,
    /// A text that is a secret.
    Secret,
    /// True or false.
    Switch,
    /// A whole number of 32 bits.
    Whole32,
    /// A whole number of 64 bits.
    Whole64,
    /// A list.
    List(&'static Shape),
    /// An object whose members have any names.
    Map(&'static Shape),
    /// One of Keycloak's representations.
    Representation(&'static Described),
}

/// A type whose values all have one shape.
pub trait Shaped {
    /// The shape.
    const SHAPE: Shape;
}

/// A representation.
pub struct Described {
    /// The name that Keycloak gives it.
    pub name: &'static str,
    /// Whether members that it does not know are passed over.
    pub is_open: bool,
    pub(super) comment: &'static str,
    /// As serde knows them, in the order of [`Self::members`].
    pub(super) names: fn() -> &'static [&'static str],
    /// Functions, as a representation may have itself as a member.
    pub(super) members: fn() -> &'static [(Shape, &'static str)],
}

/// A member of a representation.
#[derive(Clone, Copy, Debug)]
pub struct DescribedMember {
    /// As it is written.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// What there is to say of it; often nothing.
    pub comment: &'static str,
}

impl Described {
    /// What it is.
    pub fn comment(&self) -> &'static str {
        self.comment.trim()
    }

    /// What it holds, in the order in which it is written.
    pub fn members(&self) -> impl Iterator<Item = DescribedMember> {
        let names = (self.names)().iter();
        names.zip((self.members)()).map(|(name, (shape, comment))| DescribedMember {
            name,
            shape: *shape,
            comment: comment.trim(),
        })
    }
}

impl fmt::Debug for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! shaped {
    ($($kind:ty => $shape:expr;)+) => {
        $(impl Shaped for $kind {
            const SHAPE: Shape = $shape;
        })+
    };
}

shaped! {
    Value => Shape::Any;
    String => Shape::Text;
    Sensitive => Shape::Secret;
    bool => Shape::Switch;
    i32 => Shape::Whole32;
    i64 => Shape::Whole64;
}

impl<T: Shaped> Shaped for Vec<T> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);
}

impl<T: Shaped> Shaped for BTreeMap<String, T> {
    const SHAPE: Shape = Shape::Map(&T::SHAPE);
}

/// The names of a representation's members, asked of serde itself.
pub(super) fn names<T: Representation>() -> &'static [&'static str] {
    T::from_members(Asking).err().and_then(|Names(names)| names).unwrap_or_default()
}

/// Reads nothing: the names that it is asked for are the error that it gives.
struct Asking;

#[derive(Debug)]
struct Names(Option<&'static [&'static str]>);

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("names of members")
    }
}

impl std::error::Error for Names {}

impl de::Error for Names {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(None)
    }
}

impl<'de> Deserializer<'de> for Asking {
    type Error = Names;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        members: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Names> {
        Err(Names(Some(members)))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Names> {
        Err(Names(None))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{ClientScopeRepresentation, GroupRepresentation, UserRepresentation};
    use super::*;

    fn described<T: Shaped>() -> &'static Described {
        let Shape::Representation(described) = T::SHAPE else { panic!("no representation") };
        described
    }

    #[test]
    fn a_representation_says_what_it_holds() {
        let user = described::<UserRepresentation>();
        assert_eq!((user.name, user.comment()), ("UserRepresentation", "A user."));
        let member = |name| user.members().find(|member| member.name == name).unwrap();
        assert!(matches!(member("self").shape, Shape::Text));
        assert!(matches!(member("attributes").shape, Shape::Map(Shape::List(Shape::Text))));
        assert_eq!(member("createdTimestamp").comment, "Milliseconds.");
        assert!(described::<ClientScopeRepresentation>().members().any(|it| it.name == "protocolMappers"));
    }

    #[test]
    fn a_representation_may_hold_itself() {
        let group = described::<GroupRepresentation>();
        let inside = group.members().find(|member| member.name == "subGroups").unwrap();
        let Shape::List(Shape::Representation(inside)) = inside.shape else { panic!("{inside:?}") };
        assert_eq!(inside.name, group.name);
    }

    #[test]
    fn names_and_shapes_are_of_the_same_members() {
        let full = json!({"name": "g", "subGroupCount": 1, "access": {"view": true}});
        let group: GroupRepresentation = serde_json::from_value(full.clone()).unwrap();
        let written = serde_json::to_value(group).unwrap();
        let described = described::<GroupRepresentation>();
        assert_eq!((described.names)().len(), (described.members)().len());
        for (name, value) in written.as_object().unwrap() {
            let member = described.members().find(|member| member.name == name).unwrap();
            let fits = match member.shape {
                Shape::Text => value.is_string(),
                Shape::Whole64 => value.is_i64(),
                Shape::Map(_) => value.is_object(),
                _ => false,
            };
            assert!(fits, "{name}: {:?}", member.shape);
        }
    }
}
