//! Client policies: conditions say whether a policy is about a request, the executors of its profiles refuse
//! or change it. Pure; the room `policy` fetches what only the outside knows and asks again (DESIGN §5.3).

pub mod condition;
pub mod configuration;
pub mod effect;
pub mod event;
mod event_name;
pub mod executor;
pub mod explain;
pub mod input;
pub mod lookup;
pub mod notice;
pub mod profile;
pub mod save;
#[cfg(test)]
pub(crate) mod tests;

use sekisho_protocol::keycloak::ClientRepresentation;

use self::condition::Vote;
use self::effect::Effect;
use self::event::Event;
use self::executor::{Reaction, Refusal};
use self::lookup::Lookup;
use self::profile::{BoundExecutor, Policy};

pub use self::profile::{Policies, SecurityProfile};

/// What the policies say to an event.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is against it, once these changes are made.
    Pass(Vec<Effect>),
    Refuse(Box<Refused>),
    /// Ask again once this is known.
    Need(Lookup),
}

/// A refusal and the rule it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub refusal: Refusal,
    pub policy: String,
    pub profile: String,
    /// The conditions that made the policy apply.
    pub conditions: Vec<&'static str>,
    pub executor: String,
}

/// Whether a policy is about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Application {
    Applies,
    /// It cannot be established: executors that refuse are asked, those that change are not followed.
    Perhaps,
    DoesNot,
}

/// Looks over the shoulder of an evaluation, for `explain`.
pub trait Witness {
    /// Whether to go on where the outcome is settled already.
    const THOROUGH: bool;

    /// A condition voted, after `is-negative-logic`.
    fn vote(&mut self, policy: &str, condition: &str, vote: &Vote);

    /// The votes of a policy are counted.
    fn application(&mut self, policy: &str, application: Application);

    /// An executor reacted.
    fn reaction(&mut self, policy: &str, profile: &str, executor: &str, reaction: &Reaction);
}

/// Nobody looks.
impl Witness for () {
    const THOROUGH: bool = false;

    fn vote(&mut self, _: &str, _: &str, _: &Vote) {}

    fn application(&mut self, _: &str, _: Application) {}

    fn reaction(&mut self, _: &str, _: &str, _: &str, _: &Reaction) {}
}

/// Asks every policy in order, those of the server first; the first refusal ends it.
pub fn evaluate<W: Witness>(policies: &Policies, event: &Event<'_>, witness: &mut W) -> Verdict {
    let mut walk = Walk { changed: None, effects: Vec::new(), refused: None };
    for policy in policies.iter().filter(|policy| policy.enabled) {
        if let Err(lookup) = walk.policy(policy, event, witness) {
            return Verdict::Need(lookup);
        }
        if walk.refused.is_some() && !W::THOROUGH {
            break;
        }
    }
    match walk.refused {
        Some(refused) => Verdict::Refuse(refused),
        None => Verdict::Pass(walk.effects),
    }
}

/// An evaluation under way.
struct Walk {
    /// The proposed client as executors changed it so far; later ones judge that.
    changed: Option<Box<ClientRepresentation>>,
    effects: Vec<Effect>,
    refused: Option<Box<Refused>>,
}

impl Walk {
    fn policy<W: Witness>(
        &mut self,
        policy: &Policy,
        event: &Event<'_>,
        witness: &mut W,
    ) -> Result<(), Lookup> {
        let application = {
            let event = self.changed.as_deref().map_or(*event, |client| event.proposing(client));
            applies(policy, &event, witness)?
        };
        witness.application(&policy.name, application);
        if application == Application::DoesNot {
            return Ok(());
        }
        for profile in &policy.profiles {
            for executor in &profile.executors {
                let reaction = self.react(executor, event);
                witness.reaction(&policy.name, &profile.name, &executor.id, &reaction);
                match reaction {
                    Reaction::Pass => {}
                    Reaction::Need(lookup) => return Err(lookup),
                    Reaction::Change(_) if application == Application::Perhaps => {}
                    Reaction::Change(effect) => self.change(effect, event),
                    Reaction::Refuse(refusal) => {
                        self.refused.get_or_insert_with(|| {
                            let conditions = policy.conditions_that_hold(event);
                            let (profile, executor) = (profile.name.clone(), executor.id.clone());
                            Box::new(Refused {
                                refusal,
                                policy: policy.name.clone(),
                                profile,
                                conditions,
                                executor,
                            })
                        });
                        if !W::THOROUGH {
                            return Ok(());
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn react(&self, executor: &BoundExecutor, event: &Event<'_>) -> Reaction {
        match &self.changed {
            Some(client) => executor.react(&event.proposing(client)),
            None => executor.react(event),
        }
    }

    fn change(&mut self, effect: Effect, event: &Event<'_>) {
        if let (Effect::Client(edit), Some(proposal)) = (&effect, event.proposal()) {
            edit.apply(self.changed.get_or_insert_with(|| Box::new(proposal.result.clone())));
        }
        self.effects.push(effect);
    }
}

/// Counts the votes: at least one YES and no NO, ABSTAIN not counting (Keycloak's rule); what is UNKNOWN may be
/// either.
fn applies<W: Witness>(policy: &Policy, event: &Event<'_>, witness: &mut W) -> Result<Application, Lookup> {
    let (mut yes, mut no, mut unknown) = (false, false, false);
    for condition in &policy.conditions {
        let vote = condition.vote(event);
        witness.vote(&policy.name, &condition.id, &vote);
        match vote {
            Vote::Yes => yes = true,
            Vote::No => no = true,
            Vote::Unknown => unknown = true,
            Vote::Abstain => {}
            Vote::Need(lookup) => return Err(lookup),
        }
        if no && !W::THOROUGH {
            break;
        }
    }
    Ok(match (no, unknown, yes) {
        (true, ..) | (false, false, false) => Application::DoesNot,
        (false, true, _) => Application::Perhaps,
        (false, false, true) => Application::Applies,
    })
}
