//! What client policies say to an act of administration. A refusal is told as one of a request is: by one line in the
//! log, and by an admin event where the realm records them.

use sekisho_core::event::{AdminEventRecord, EventType};
use sekisho_core::policy::effect::Effect;
use sekisho_core::policy::event::Occasion;
use sekisho_core::work::{Record, Work};
use sekisho_policy as policy;
use sekisho_protocol::{Cause, PolicyRefusal};
use serde::Serialize;

use crate::AdminError;
use crate::permit::{Admin, Done};

/// Characters of anything that somebody sent.
const MAX_RECORDED: usize = 255;

/// Asks the policies of the realm whether an act may be done.
pub(crate) async fn ask<T: Serialize>(
    admin: &Admin<'_>,
    done: &Done<'_, T>,
    occasion: Occasion<'_>,
) -> Result<Vec<Effect>, AdminError> {
    let cause = match check(admin, occasion).await {
        Ok(effects) => return Ok(effects),
        Err(cause) => cause,
    };
    if let Cause::PolicyRefused(refusal) = &cause
        && let Some(event) = admin.told(done, None)
    {
        let details = details(refusal);
        let error = Some(cause.event_error().to_owned());
        let event = AdminEventRecord { error, details, ..event };
        let work = Work::new(admin.context.fresh_id()).insert(Record::AdminEvent(Box::new(event)));
        admin.commit(work, |_| None).await?;
    }
    Err(refused(cause))
}

/// Asks what the policies say to a look: at a client, or at what would come of a change. No admin event tells of those.
pub(crate) async fn ask_to_look(
    admin: &Admin<'_>,
    occasion: Occasion<'_>,
) -> Result<Vec<Effect>, AdminError> {
    check(admin, occasion).await.map_err(refused)
}

async fn check(admin: &Admin<'_>, occasion: Occasion<'_>) -> Result<Vec<Effect>, Cause> {
    let outcome = policy::check(admin.context.outside, &admin.realm, admin.context.now(), occasion).await;
    if let Err(cause @ Cause::PolicyRefused(refusal)) = &outcome {
        warn(admin, occasion, cause, refusal);
    }
    outcome
}

/// Says in one line what was refused, to whom, and by which rule. Its fields are those of refused requests.
fn warn(admin: &Admin<'_>, occasion: Occasion<'_>, cause: &Cause, refusal: &PolicyRefusal) {
    let (kind, client_id) = subject(occasion);
    let actor = admin.permit.actor();
    tracing::warn!(
        realm.name = %admin.realm.name,
        event.kind = kind.name(),
        client.id = recordable(client_id),
        client.address = actor.and_then(|actor| actor.ip_address.as_deref()).unwrap_or_default(),
        user.id = actor.and_then(|actor| actor.user.as_deref()).unwrap_or_default(),
        error.code = cause.event_error(),
        error.cause = "PolicyRefused",
        policy.name = recordable(&refusal.policy),
        policy.profile = recordable(&refusal.profile),
        policy.conditions = refusal.conditions.as_str(),
        policy.executor = refusal.executor.as_str(),
        error.description = recordable(&refusal.text),
        "{} refused",
        kind.name(),
    );
}

/// What somebody wants to do, as the events of clients that do it themselves name it, and with which client.
fn subject(occasion: Occasion<'_>) -> (EventType, &str) {
    let kind = match occasion {
        Occasion::Register(_) | Occasion::Registered(_) => EventType::ClientRegister,
        Occasion::Unregister(_) => EventType::ClientDelete,
        Occasion::View(_) => EventType::ClientInfo,
        _ => EventType::ClientUpdate,
    };
    let client_id = match occasion {
        Occasion::Register(proposal) | Occasion::Update(proposal) => {
            let stands = proposal.current.map(|client| client.client_id.as_str());
            stands.or(proposal.result.client_id.as_deref())
        }
        Occasion::Registered(standing)
        | Occasion::Updated(standing)
        | Occasion::View(standing)
        | Occasion::Unregister(standing) => Some(standing.client.client_id.as_str()),
        _ => None,
    };
    (kind, client_id.unwrap_or_default())
}

/// The rule that refused, under the names that events of requests have for it.
fn details(refusal: &PolicyRefusal) -> Vec<(String, String)> {
    let details = [
        ("reason", "client_policy_error"),
        ("client_policy_error", refusal.code),
        ("client_policy_error_detail", &refusal.text),
        ("client_policy", &refusal.policy),
        ("client_profile", &refusal.profile),
        ("client_policy_conditions", &refusal.conditions),
        ("client_policy_executor", &refusal.executor),
    ];
    details.into_iter().map(|(name, value)| (name.to_owned(), recordable(value))).collect()
}

/// A text as far as it is worth keeping, without control characters, which a log would multiply.
fn recordable(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(MAX_RECORDED).collect()
}

fn refused(cause: Cause) -> AdminError {
    match cause {
        Cause::PolicyRefused(refusal) => AdminError::PolicyRefused(refusal),
        _ => AdminError::Contended,
    }
}
