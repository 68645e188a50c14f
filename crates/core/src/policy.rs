//! Client policies: what is judged ([`event::Event`]) and how ([`evaluate`]). Pure; the room `policy`
//! resolves what an executor needs and asks again (DESIGN §5.3).

pub mod event;
pub mod executor;

use crate::policy::event::Event;
use crate::policy::executor::{EXECUTORS, Reaction};

/// A realm's profiles and policies as imported: kept and exported back. None is enforced yet, since no
/// executor is listed; an import says so aloud.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// Executors that an active policy calls for, in order.
    pub active: Vec<ConfiguredExecutor>,
}

/// An executor with its configuration, and the policy and profile that name it.
#[derive(Clone, Debug)]
pub struct ConfiguredExecutor {
    pub policy: String,
    pub profile: String,
    pub executor: String,
    pub configuration: serde_json::Value,
}

/// What the policies say to an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    Refuse { refusal: executor::Refusal, policy: String, profile: String, executor: String },
}

/// Asks every executor of every policy that applies, in order; the first refusal ends it.
pub fn evaluate(policies: &Policies, event: &Event<'_>) -> Verdict {
    for configured in &policies.active {
        let Some(provider) = EXECUTORS.iter().find(|provider| provider.id == configured.executor) else {
            continue;
        };
        let Reaction::Refuse(refusal) = (provider.react)(&configured.configuration, event) else { continue };
        return Verdict::Refuse {
            refusal,
            policy: configured.policy.clone(),
            profile: configured.profile.clone(),
            executor: configured.executor.clone(),
        };
    }
    Verdict::Pass
}
