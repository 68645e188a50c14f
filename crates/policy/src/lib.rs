//! The one place where client policies are asked: [`check`] lets `core` decide and records a refusal with
//! the policy, profile and executor that made it.
//!
//! It is async because an executor may need what only the outside knows (a metadata document, a bound
//! intent); nothing listed today does.

use sekisho_core::Realm;
use sekisho_core::policy::event::Event;
use sekisho_core::policy::{self, Verdict};
use sekisho_protocol::Cause;

/// Asks every policy of the realm about this event.
///
/// # Errors
/// [`Cause::PolicyRefused`] with the first refusal.
#[expect(
    clippy::unused_async,
    reason = "what an executor needs is fetched here, so every caller awaits it already"
)]
pub async fn check(realm: &Realm, event: Event<'_>) -> Result<(), Cause> {
    match policy::evaluate(&realm.policies, &event) {
        Verdict::Pass => Ok(()),
        Verdict::Refuse { refusal, policy, profile, executor } => {
            tracing::info!(
                realm.name = %realm.name,
                policy.event = event.name(),
                policy.name = %policy,
                policy.profile = %profile,
                policy.executor = %executor,
                error.description = %refusal.text,
                "a policy refused the request",
            );
            Err(Cause::PolicyRefused { code: refusal.code, text: refusal.text })
        }
    }
}
