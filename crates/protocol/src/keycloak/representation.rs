//! How a representation is declared: [`representation!`].

use std::{fmt, marker::PhantomData};

use serde::{
    Deserializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};

/// Declares representations as `Name { member: Type, … }`. Every member becomes an `Option`, is written
/// in camel case, left out when absent and read by [`super::member`]. An unknown member is refused, unless
/// `open` stands before the name. Each knows its own [`super::shape`], comments included. Nothing is printed by
/// `Debug`: any of them may hold a secret.
macro_rules! representation {
    ($($(#[$($meta:tt)*])* open $name:ident { $($body:tt)* })+) => {
        $(representation!(@declare [default] $(#[$($meta)*])* $name { $($body)* });)+
    };
    ($($(#[$($meta:tt)*])* $name:ident { $($body:tt)* })+) => {
        $(representation!(@declare [default, deny_unknown_fields] $(#[$($meta)*])* $name { $($body)* });)+
    };
    (@is_open default) => { true };
    (@is_open default, deny_unknown_fields) => { false };
    (@comment doc = $text:literal) => { $text };
    (@comment $($other:tt)*) => { "" };
    (@declare [$($rule:ident),+] $(#[$($meta:tt)*])* $name:ident {
        $($(#[$($member_meta:tt)*])* $member:ident: $kind:ty,)*
    }) => {
        $(#[$($meta)*])*
        #[expect(missing_docs, reason = "a member means what it means in Keycloak; only surprises are explained")]
        #[derive(Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(remote = "Self", rename_all = "camelCase", $($rule),+)]
        pub struct $name {
            $(
                $(#[$($member_meta)*])*
                #[serde(
                    deserialize_with = "crate::keycloak::member::optional",
                    skip_serializing_if = "Option::is_none"
                )]
                pub $member: Option<$kind>,
            )*
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }

        impl crate::keycloak::representation::Representation for $name {
            const NAME: &'static str = stringify!($name);

            fn from_members<'de, D: serde::Deserializer<'de>>(members: D) -> Result<Self, D::Error> {
                Self::deserialize(members)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::keycloak::representation::read(deserializer)
            }
        }

        impl crate::keycloak::member::Member for $name {
            fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::keycloak::representation::read(deserializer)
            }
        }

        impl crate::keycloak::shape::Shaped for $name {
            const SHAPE: crate::keycloak::shape::Shape = {
                const DESCRIBED: crate::keycloak::shape::Described = crate::keycloak::shape::Described {
                    name: stringify!($name),
                    is_open: representation!(@is_open $($rule),+),
                    comment: concat!($(representation!(@comment $($meta)*)),*),
                    names: crate::keycloak::shape::names::<$name>,
                    members: || const { &[$((
                        <$kind as crate::keycloak::shape::Shaped>::SHAPE,
                        concat!($(representation!(@comment $($member_meta)*)),*),
                    )),*] },
                };
                crate::keycloak::shape::Shape::Representation(&DESCRIBED)
            };
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}
pub(super) use representation;

/// What [`representation!`] makes.
pub(super) trait Representation: Sized {
    /// The name that Keycloak gives it.
    const NAME: &'static str;

    /// Reads the members of an object.
    fn from_members<'de, D: Deserializer<'de>>(members: D) -> Result<Self, D::Error>;
}

/// Reads a representation, which is an object: serde would take a list for one as well.
pub(super) fn read<'de, D: Deserializer<'de>, T: Representation>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(MembersVisitor(PhantomData))
}

struct MembersVisitor<T>(PhantomData<T>);

impl<'de, T: Representation> Visitor<'de> for MembersVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
        T::from_members(MapAccessDeserializer::new(members)).map_err(named::<A::Error, T>)
    }
}

/// What serde says of a member it does not know.
const UNKNOWN: &str = "unknown field ";

/// What stands between the representation and what serde says.
pub(super) const OF: &str = " does not have: ";

/// Puts before an unknown member the name of the representation that was being read, which Keycloak's
/// answer names and serde does not. The innermost one comes first; outer ones find it named already.
fn named<E: de::Error, T: Representation>(error: E) -> E {
    let text = error.to_string();
    if !text.starts_with(UNKNOWN) {
        return error;
    }
    E::custom(format!("{}{OF}{text}", T::NAME))
}
