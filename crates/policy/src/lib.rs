//! The one place where client policies are asked: [`check`] lets `core` decide, fetches what only the outside
//! knows, and names the policy, profile, conditions and executor that refuse.

mod outside;

use sekisho_core::Realm;
use sekisho_core::policy::effect::Effect;
use sekisho_core::policy::event::{Event, Occasion};
use sekisho_core::policy::lookup::Findings;
use sekisho_core::policy::{self, Refused, Verdict};
use sekisho_protocol::{Cause, PolicyRefusal, Timestamp};

pub use self::outside::Outside;

/// How often an evaluation may ask for something more: a condition may list that many hosts.
const LOOKUPS: usize = 16;

/// Asks every policy of the realm, and answers what executors change. Where nothing has to be looked up it never
/// waits.
///
/// # Errors
/// [`Cause::PolicyRefused`] with the first refusal.
pub async fn check(
    outside: &Outside,
    realm: &Realm,
    at: Timestamp,
    occasion: Occasion<'_>,
) -> Result<Vec<Effect>, Cause> {
    let mut findings = Findings::default();
    for _ in 0..=LOOKUPS {
        let event = Event { realm, at, occasion, findings: &findings };
        match policy::evaluate(&realm.policies, &event, &mut ()) {
            Verdict::Pass(effects) => return Ok(effects),
            Verdict::Refuse(refused) => return Err(refuse(realm, &event, *refused)),
            Verdict::Need(lookup) => {
                let finding = outside.look_up(&lookup, at).await;
                findings.add(lookup, finding);
            }
        }
    }
    tracing::error!(realm.name = realm.name, "the policies asked for more than is looked up for one request");
    Err(Cause::Internal)
}

fn refuse(realm: &Realm, event: &Event<'_>, refused: Refused) -> Cause {
    let conditions = refused.conditions.join(" ");
    // Whoever answers logs the refusal; this adds the event. As texts, which a log quotes: administrators choose names.
    tracing::debug!(
        realm.name = realm.name,
        policy.event = event.name().name(),
        policy.name = refused.policy,
        policy.profile = refused.profile,
        policy.conditions = conditions,
        policy.executor = refused.executor,
        error.code = refused.refusal.code,
        error.description = refused.refusal.text,
        "a policy refuses",
    );
    Cause::PolicyRefused(Box::new(PolicyRefusal {
        code: refused.refusal.code,
        text: refused.refusal.text,
        status: refused.refusal.status,
        policy: refused.policy,
        profile: refused.profile,
        conditions,
        executor: refused.executor,
    }))
}
