//! Executors: each one file, and one line here. An executor refuses what a profile forbids, or changes what
//! it demands.

mod consent_required;
mod reject_request;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::configuration::{self, Fault, Property, Provider, Text};
use super::effect::Effect;
use super::event::Event;
use super::lookup::Lookup;

/// Every executor there is, by id.
pub const EXECUTORS: &[Provider<dyn Executor>] = &[consent_required::PROVIDER, reject_request::PROVIDER];

/// What a profile demands. Only asked at the events of its provider.
pub trait Executor: Send + Sync {
    /// What it says to an event of a policy that applies.
    fn react(&self, event: &Event<'_>) -> Reaction;
}

/// What an executor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reaction {
    Pass,
    /// Lets pass what it first puts right.
    Change(Effect),
    Refuse(Refusal),
    /// Ask again once this is known.
    Need(Lookup),
}

/// What the client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The error code of OAuth.
    pub code: &'static str,
    /// The executor's own text.
    pub text: String,
    /// The HTTP status where the endpoint has none of its own.
    pub status: u16,
}

/// The member of executors that can put a client right.
const fn auto_configure(preset: bool) -> Property {
    Property::switch(
        "auto-configure",
        "Auto-configure",
        preset,
        Text {
            en: "Sets what the profile demands when a client is made or changed, instead of refusing a client that lacks it.",
            ja: "クライアントの作成時や変更時に、要求を満たさないクライアントを拒否する代わりに、必要な設定を自動で行います。",
        },
    )
}

/// An executor whose configuration is its fields.
fn configure<E: Executor + DeserializeOwned + 'static>(
    configuration: &Value,
) -> Result<Box<dyn Executor>, Fault> {
    Ok(Box::new(configuration::read::<E>(configuration)?))
}

impl Reaction {
    /// A refusal with status 400.
    pub fn refuse(code: &'static str, text: impl Into<String>) -> Self {
        Self::Refuse(Refusal { code, text: text.into(), status: 400 })
    }
}
