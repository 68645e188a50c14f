//! Profiles and policies as they are kept ready: every configuration read once, when the realm is loaded.

use std::sync::{Arc, LazyLock};

use sekisho_protocol::keycloak::{
    ClientPoliciesRepresentation, ClientPolicyConditionRepresentation, ClientPolicyExecutorRepresentation,
    ClientPolicyRepresentation, ClientProfileRepresentation, ClientProfilesRepresentation,
};
use serde::Deserialize as _;
use serde_json::Value;

use super::condition::{About, CONDITIONS, Condition, NEGATIVE_LOGIC, Vote};
use super::configuration::{self, Switch};
use super::event::{Event, EventSet};
use super::executor::{EXECUTORS, Executor, Reaction};
use crate::{Client, Realm};

/// The ten profiles of Keycloak, with exactly their contents, and those of our own.
const GLOBAL_PROFILES: &str = include_str!("profile/global.json");

/// The policies that a server-wide security profile adds to every realm.
const SECURITY_PROFILES: &str = include_str!("profile/security.json");

/// Policies that the server, or a realm by its attribute, adds before those of the realm; the stricter counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecurityProfile {
    #[default]
    None,
    /// Confidential clients follow OAuth 2.1.
    Lax,
    /// Public ones too.
    Strict,
}

/// A realm's policies in the order in which they are asked, those of the server first.
#[derive(Clone, Default)]
pub struct Policies(Arc<[Policy]>);

/// A policy with its configurations read.
pub struct Policy {
    pub name: String,
    pub enabled: bool,
    /// It comes from the server's security profile.
    pub global: bool,
    pub conditions: Vec<BoundCondition>,
    pub profiles: Vec<Arc<Profile>>,
}

/// A profile with its configurations read.
pub struct Profile {
    pub name: String,
    pub executors: Vec<BoundExecutor>,
}

/// A condition and its configuration.
pub struct BoundCondition {
    pub id: String,
    events: EventSet,
    /// YES and NO are turned round.
    pub negative: bool,
    /// `None` where it could not be read: an old row, a document of a newer version.
    condition: Option<Box<dyn Condition>>,
}

/// An executor and its configuration.
pub struct BoundExecutor {
    pub id: String,
    events: EventSet,
    /// `None` where it could not be read.
    executor: Option<Box<dyn Executor>>,
}

struct Global {
    representations: Vec<ClientProfileRepresentation>,
    profiles: Vec<Arc<Profile>>,
}

/// Compiled once: they are the same in every realm.
static GLOBAL: LazyLock<Global> = LazyLock::new(|| {
    let representations: Vec<ClientProfileRepresentation> = read_own(GLOBAL_PROFILES);
    let profiles = representations.iter().map(|profile| Arc::new(Profile::of(profile))).collect();
    Global { representations, profiles }
});

/// A document of our own; a test reads each.
fn read_own<T: serde::de::DeserializeOwned + Default>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}

/// The profiles that every realm knows, as they are shown.
pub fn global_profiles() -> &'static [ClientProfileRepresentation] {
    &GLOBAL.representations
}

/// The policies that the server adds to every realm, as they are shown.
pub fn global_policies(security: SecurityProfile) -> Vec<ClientPolicyRepresentation> {
    let mut all: std::collections::BTreeMap<String, Vec<ClientPolicyRepresentation>> =
        read_own(SECURITY_PROFILES);
    all.remove(security.name()).unwrap_or_default()
}

impl SecurityProfile {
    /// Every one there is.
    pub const ALL: [Self; 3] = [Self::None, Self::Lax, Self::Strict];

    /// From what an operator writes.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }

    /// As an operator writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Lax => "lax",
            Self::Strict => "strict",
        }
    }
}

impl Policies {
    /// Reads a realm's policies. Never fails: what cannot be read votes UNKNOWN, or refuses, and was refused
    /// when it was saved ([`super::save`]).
    pub fn of(
        profiles: Option<&ClientProfilesRepresentation>,
        policies: Option<&ClientPoliciesRepresentation>,
        security: SecurityProfile,
    ) -> Self {
        let own: Vec<Arc<Profile>> = profiles
            .and_then(|profiles| profiles.profiles.as_ref())
            .into_iter()
            .flatten()
            .map(|profile| Arc::new(Profile::of(profile)))
            .collect();
        let global = global_policies(security);
        let of_realm = policies.and_then(|policies| policies.policies.as_ref()).into_iter().flatten();
        let compiled = global.iter().map(|policy| Policy::of(policy, &own, true));
        Self(compiled.chain(of_realm.map(|policy| Policy::of(policy, &own, false))).collect())
    }

    /// In the order in which they are asked.
    pub fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.0.iter()
    }
}

impl Policy {
    /// A policy of a realm with these profiles of its own. A profile that is gone is none (Keycloak lets a
    /// profile go while a policy names it).
    fn of(policy: &ClientPolicyRepresentation, own: &[Arc<Profile>], global: bool) -> Self {
        let known = |name: &&String| {
            GLOBAL.profiles.iter().chain(own).find(|profile| profile.name == **name).cloned()
        };
        Self {
            name: policy.name.clone().unwrap_or_default(),
            enabled: policy.enabled.unwrap_or(false),
            global,
            conditions: policy.conditions.iter().flatten().map(BoundCondition::of).collect(),
            profiles: policy.profiles.iter().flatten().filter_map(|name| known(&name)).collect(),
        }
    }

    /// The conditions that say YES to an event, or cannot say.
    pub fn conditions_that_hold(&self, event: &Event<'_>) -> Vec<&'static str> {
        let holding = self
            .conditions
            .iter()
            .filter(|condition| matches!(condition.vote(event), Vote::Yes | Vote::Unknown));
        let ids =
            holding.filter_map(|condition| CONDITIONS.iter().find(|provider| provider.id == condition.id));
        ids.map(|provider| provider.id).collect()
    }
}

impl Profile {
    /// A profile with its configurations read.
    pub fn of(profile: &ClientProfileRepresentation) -> Self {
        Self {
            name: profile.name.clone().unwrap_or_default(),
            executors: profile.executors.iter().flatten().map(BoundExecutor::of).collect(),
        }
    }
}

impl BoundCondition {
    /// A condition with its configuration read.
    pub fn of(condition: &ClientPolicyConditionRepresentation) -> Self {
        let id = condition.condition.clone().unwrap_or_default();
        let configuration = condition.configuration.as_ref().unwrap_or(&Value::Null);
        let provider = CONDITIONS.iter().find(|provider| provider.id == id);
        let negative = is_negative(configuration);
        let condition = provider.and_then(|provider| (provider.configure)(configuration).ok());
        Self {
            id,
            events: provider.map_or(EventSet::ALL, |provider| provider.events),
            condition: condition.filter(|_| negative.is_ok()),
            negative: negative.unwrap_or(false),
        }
    }

    /// Its vote, turned round where the configuration says so.
    pub fn vote(&self, event: &Event<'_>) -> Vote {
        if !self.events.contains(event.name()) {
            return Vote::Abstain;
        }
        match &self.condition {
            None => Vote::Unknown,
            Some(condition) if self.negative => !condition.vote(event),
            Some(condition) => condition.vote(event),
        }
    }
}

impl BoundCondition {
    /// What it compared; `None` where its configuration cannot be read.
    pub(super) fn seen(&self, event: &Event<'_>) -> Option<String> {
        self.condition.as_ref().map(|condition| condition.seen(event))
    }

    /// Which requests of a client it is about.
    pub(super) fn about(&self, realm: &Realm, client: &Client) -> About {
        match &self.condition {
            None => About::Some,
            Some(condition) if self.negative => condition.about(realm, client).negated(),
            Some(condition) => condition.about(realm, client),
        }
    }

    /// What may have been meant, where it is about none of these clients.
    pub(super) fn hint(&self, realm: &Realm, clients: &[Client]) -> Option<String> {
        self.condition.as_ref().and_then(|condition| condition.hint(realm, clients))
    }
}

/// Whether a condition is turned round.
///
/// # Errors
/// The member is neither true nor false.
pub(super) fn is_negative(configuration: &Value) -> Result<bool, configuration::Fault> {
    let Some(value) = configuration.get(NEGATIVE_LOGIC) else { return Ok(false) };
    Switch::deserialize(value)
        .map(|switch| switch.0)
        .map_err(|error| configuration::Fault::new(NEGATIVE_LOGIC, error.to_string()))
}

impl BoundExecutor {
    /// An executor with its configuration read.
    pub fn of(executor: &ClientPolicyExecutorRepresentation) -> Self {
        let id = executor.executor.clone().unwrap_or_default();
        let configuration = executor.configuration.as_ref().unwrap_or(&Value::Null);
        let provider = EXECUTORS.iter().find(|provider| provider.id == id);
        Self {
            id,
            events: provider.map_or(EventSet::ALL, |provider| provider.events),
            executor: provider.and_then(|provider| (provider.configure)(configuration).ok()),
        }
    }

    /// What it says. What cannot be read forbids what it might have forbidden.
    pub fn react(&self, event: &Event<'_>) -> Reaction {
        if !self.events.contains(event.name()) {
            return Reaction::Pass;
        }
        match &self.executor {
            Some(executor) => executor.react(event),
            None => Reaction::refuse(
                "invalid_request",
                format!("The configuration of executor {} cannot be read", self.id),
            ),
        }
    }
}
