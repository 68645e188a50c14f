//! Conditions: each one file, and one line here. A condition says whether a policy is about a request.

mod any_client;
mod client_access_type;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::configuration::{self, Fault, Property, Provider, Text};
use super::event::Event;
use super::lookup::Lookup;

/// Every condition there is, by id.
pub const CONDITIONS: &[Provider<dyn Condition>] = &[any_client::PROVIDER, client_access_type::PROVIDER];

/// Whether a policy is about a request. Only asked at the events of its provider.
pub trait Condition: Send + Sync {
    /// The vote, before `is-negative-logic` turns it round.
    fn vote(&self, event: &Event<'_>) -> Vote;
}

/// What a condition says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vote {
    Yes,
    No,
    /// Not applicable at this event.
    Abstain,
    /// It should be known here, and cannot be established. Counts as YES for an executor that refuses, as NO
    /// for one that changes (DESIGN §5.3).
    Unknown,
    /// Ask again once this is known.
    Need(Lookup),
}

/// Turns YES and NO of a condition round.
pub(super) const NEGATIVE_LOGIC: &str = "is-negative-logic";

/// The member that nearly every condition has.
const NEGATIVE: Property = Property::switch(
    NEGATIVE_LOGIC,
    "Negative Logic",
    false,
    Text {
        en: "Turns the condition round: it holds where it would not, and the other way about.",
        ja: "条件を反転します。成り立つ場合は成り立たないものとし、その逆も同様です。",
    },
);

/// A condition whose configuration is its fields.
fn configure<C: Condition + DeserializeOwned + 'static>(
    configuration: &Value,
) -> Result<Box<dyn Condition>, Fault> {
    Ok(Box::new(configuration::read::<C>(configuration)?))
}

impl From<bool> for Vote {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

impl std::ops::Not for Vote {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            other => other,
        }
    }
}
