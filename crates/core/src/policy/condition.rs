//! Conditions: each one file, and one line here. A condition says whether a policy is about a request.

mod acr_condition;
mod any_client;
mod client_access_type;
mod client_attributes;
mod client_id_uri;
mod client_roles;
mod client_scopes;
mod client_type;
mod client_updater_context;
mod client_updater_source_groups;
pub(crate) mod client_updater_source_host;
mod client_updater_source_roles;
mod grant_type;
mod identity_provider_alias;
#[cfg(test)]
mod tests;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::configuration::{self, Fault, Property, Provider, Text, Texts};
use super::event::{Event, EventName, EventSet};
use super::lookup::Lookup;
use crate::{Client, Realm};

/// Every condition there is, by id.
pub const CONDITIONS: &[Provider<dyn Condition>] = &[
    acr_condition::PROVIDER,
    any_client::PROVIDER,
    client_access_type::PROVIDER,
    client_attributes::PROVIDER,
    client_id_uri::PROVIDER,
    client_roles::PROVIDER,
    client_scopes::PROVIDER,
    client_type::PROVIDER,
    client_updater_context::PROVIDER,
    client_updater_source_groups::PROVIDER,
    client_updater_source_host::PROVIDER,
    client_updater_source_roles::PROVIDER,
    grant_type::PROVIDER,
    identity_provider_alias::PROVIDER,
];

/// Whether a policy is about a request. Only asked at the events of its provider.
pub trait Condition: Send + Sync {
    /// The vote, before `is-negative-logic` turns it round.
    fn vote(&self, event: &Event<'_>) -> Vote;

    /// What it compared, for whoever asks why: what it found, and what it looks for.
    fn seen(&self, event: &Event<'_>) -> String;

    /// Whether it can hold for a request of this client; those that are about the request alone cannot say.
    fn about(&self, _realm: &Realm, _client: &Client) -> About {
        About::Some
    }

    /// What an administrator may have meant, where it is about none of these clients.
    fn hint(&self, _realm: &Realm, _clients: &[Client]) -> Option<String> {
        None
    }
}

/// Which requests of a client a condition, or a policy, is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    All,
    Some,
    None,
}

impl About {
    /// That it is about all of them, or about none.
    const fn exactly(holds: bool) -> Self {
        if holds { Self::All } else { Self::None }
    }

    /// Turned round by negative logic.
    pub(super) const fn negated(self) -> Self {
        match self {
            Self::All => Self::None,
            Self::Some => Self::Some,
            Self::None => Self::All,
        }
    }

    /// Both hold.
    pub(super) const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, _) | (_, Self::None) => Self::None,
            (Self::All, Self::All) => Self::All,
            _ => Self::Some,
        }
    }
}

/// `a, b`, or `nothing`.
fn listed<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<&str> = texts.into_iter().collect();
    if texts.is_empty() { "nothing".to_owned() } else { texts.join(", ") }
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

/// Where a condition about the client votes: wherever the client is known, whether Keycloak looks or not
/// (DESIGN §5.3); a condition that abstains at one grant leaves that grant without the policy (CVE-2026-9792).
/// The device grant is the exception that Keycloak makes throughout.
const ABOUT_THE_CLIENT: EventSet = EventSet::ALL.without(EventSet::DEVICE);

/// Where a condition about the one who makes or changes a client votes. Whoever only looks changes nothing.
const ABOUT_THE_UPDATER: EventSet =
    EventSet::of(&[EventName::Register, EventName::Registered, EventName::Update, EventName::Updated]);

/// Whether a configured list has this value.
fn lists(configured: &Texts, value: &str) -> bool {
    configured.0.iter().any(|listed| listed == value)
}

/// Whether a host is this domain or lies under it; whole labels count, not the ends of names.
fn is_within(host: &str, domain: &str) -> bool {
    let (host, domain) = (host.to_ascii_lowercase(), domain.to_ascii_lowercase());
    let above = host.strip_suffix(&domain);
    !domain.is_empty() && above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

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
