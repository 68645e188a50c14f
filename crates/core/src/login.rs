//! The login flow as data: what is still missing before an authorization request may be answered.

use sekisho_protocol::{Cause, Timestamp};

use crate::authorize::AuthorizationRequest;
use crate::session::ActiveSession;

/// What is known when a request is looked at. Read anew each time.
#[expect(clippy::struct_excessive_bools, reason = "each fact is true or not, and every combination can be")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    pub signed_in: bool,
    /// The session is there, but the request wants the user to prove it anew (`prompt=login`, `max_age`).
    pub reauthentication_due: bool,
    pub consent_due: bool,
    /// `prompt=none`: no page may be shown.
    pub silent: bool,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextStep {
    SignIn,
    Reauthenticate,
    Consent,
    Issue,
    Refuse(Cause),
}

/// The next step. Steps never lead to one another: each returns here.
pub fn next_step(facts: Facts) -> NextStep {
    match facts {
        Facts { signed_in: false, silent: true, .. }
        | Facts { reauthentication_due: true, silent: true, .. } => NextStep::Refuse(Cause::LoginRequired),
        Facts { consent_due: true, silent: true, .. } => NextStep::Refuse(Cause::InteractionRequired),
        Facts { signed_in: false, .. } => NextStep::SignIn,
        Facts { reauthentication_due: true, .. } => NextStep::Reauthenticate,
        Facts { consent_due: true, .. } => NextStep::Consent,
        _ => NextStep::Issue,
    }
}

/// Whether the request wants the user to prove it anew. `asked_at` is when the request first came: a
/// sign-in after it satisfies `prompt=login`, one before does not (attack 67).
pub fn reauthentication_due(
    request: &AuthorizationRequest,
    session: &ActiveSession,
    asked_at: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    let fresh = asked_at.is_some_and(|asked_at| session.session().auth_time >= asked_at);
    let too_old = request.max_age.is_some_and(|max_age| session.age(now) >= max_age.max(1));
    !fresh && (request.prompt.login || request.max_age == Some(0) || too_old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_come_in_order_and_silence_refuses_instead() {
        let facts = Facts { signed_in: true, reauthentication_due: false, consent_due: false, silent: false };
        for (facts, step) in [
            (facts, NextStep::Issue),
            (Facts { signed_in: false, consent_due: true, ..facts }, NextStep::SignIn),
            (Facts { reauthentication_due: true, consent_due: true, ..facts }, NextStep::Reauthenticate),
            (Facts { consent_due: true, ..facts }, NextStep::Consent),
            (Facts { signed_in: false, silent: true, ..facts }, NextStep::Refuse(Cause::LoginRequired)),
            (
                Facts { reauthentication_due: true, silent: true, ..facts },
                NextStep::Refuse(Cause::LoginRequired),
            ),
            (
                Facts { consent_due: true, silent: true, ..facts },
                NextStep::Refuse(Cause::InteractionRequired),
            ),
            (Facts { silent: true, ..facts }, NextStep::Issue),
        ] {
            assert_eq!(next_step(facts), step, "{facts:?}");
        }
    }
}
