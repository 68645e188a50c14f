//! An event for every success and every refusal: logged always, stored where the realm has events on.

use sekisho_core::Realm;
use sekisho_core::event::{EventRecord, EventType};
use sekisho_core::policy::event::{Event, Occasion};
use sekisho_core::policy::input::{self, Input};
use sekisho_core::policy::lookup::Findings;
use sekisho_protocol::{Cause, PolicyRefusal};
use uuid::Uuid;

use crate::{Server, Transport};

/// Characters of anything that a client sent.
const MAX_RECORDED: usize = 255;

/// What is known so far of an event that is still under way.
pub struct Audit {
    record: EventRecord,
    /// What the policies were asked, in that order.
    asked: Vec<Input>,
}

impl Audit {
    /// Starts an event.
    pub fn start(server: &Server, realm: &Realm, kind: EventType, transport: &Transport<'_>) -> Self {
        let record = EventRecord {
            id: server.fresh_id(),
            realm: realm.id,
            at: server.now(),
            kind,
            error: None,
            cause: None,
            client_id: None,
            user: None,
            session: None,
            ip_address: Some(transport.address.to_owned()),
            details: Vec::new(),
            asked: None,
        };
        Self { record, asked: Vec::new() }
    }

    /// Says which kind of event it turned out to be.
    pub const fn kind(&mut self, kind: EventType) {
        self.record.kind = kind;
    }

    /// Says which client it is about.
    pub fn client(&mut self, client_id: &str) {
        self.record.client_id = Some(recordable(client_id));
    }

    /// Says which user it is about.
    pub const fn user(&mut self, user: Uuid) {
        self.record.user = Some(user);
    }

    /// Says which session it is about.
    pub const fn session(&mut self, session: Uuid) {
        self.record.session = Some(session);
    }

    /// Adds a detail; never a token, a code or a password.
    pub fn detail(&mut self, name: &'static str, value: impl Into<String>) {
        self.record.details.push((name, recordable(&value.into())));
    }

    /// Keeps what the client policies are asked, where the realm stores events. What is asked again counts once.
    pub fn asked(&mut self, realm: &Realm, occasion: Occasion<'_>) {
        if realm.events.enabled {
            let event = Event { realm, at: self.record.at, occasion, findings: Findings::NONE };
            let input = Input::of(&event);
            self.asked.retain(|known| known.event != input.event);
            self.asked.push(input);
        }
    }

    /// Ends the event with its outcome, which goes on unchanged.
    pub fn finish<T>(self, server: &Server, realm: &Realm, outcome: Result<T, Cause>) -> Result<T, Cause> {
        match &outcome {
            Ok(_) => self.succeeded(server, realm),
            Err(cause) => self.refused(server, realm, cause),
        }
        outcome
    }

    /// Ends the event as a success.
    pub fn succeeded(self, server: &Server, realm: &Realm) {
        self.record(server, realm);
    }

    /// Ends the event as a refusal.
    pub fn refused(mut self, server: &Server, realm: &Realm, cause: &Cause) {
        if let Some(refusal) = rule(cause) {
            self.name_rule(refusal);
        }
        self.record.error = Some(cause.event_error());
        self.record.cause = Some(cause.clone());
        self.record(server, realm);
    }

    /// Names the rule that refused: Keycloak's three details, then ours.
    fn name_rule(&mut self, refusal: &PolicyRefusal) {
        self.detail("reason", "client_policy_error");
        self.detail("client_policy_error", refusal.code);
        self.detail("client_policy_error_detail", refusal.text.as_str());
        self.detail("client_policy", refusal.policy.as_str());
        self.detail("client_profile", refusal.profile.as_str());
        self.detail("client_policy_conditions", refusal.conditions.as_str());
        self.detail("client_policy_executor", refusal.executor.as_str());
    }

    fn record(self, server: &Server, realm: &Realm) {
        let Self { mut record, asked } = self;
        let client_id = record.client_id.as_deref().unwrap_or_default();
        let error = record.error.unwrap_or_default();
        metrics::counter!("sekisho_events_total", "type" => record.kind.name(), "error" => error)
            .increment(1);
        let address = record.ip_address.as_deref().unwrap_or_default();
        let user = record.user.map(|user| user.to_string()).unwrap_or_default();
        match &record.cause {
            None => tracing::info!(
                realm.name = %realm.name,
                event.id = %record.id,
                event.kind = record.kind.name(),
                client.id = client_id,
                client.address = address,
                user.id = user,
                "{}",
                record.kind.name(),
            ),
            Some(cause) => warn(&record, realm, cause),
        }
        if record.is_stored(realm) {
            record.asked = input::write(&asked);
            server.store.events.push(record);
        }
    }

    /// The reference that a page shows, so that one search finds the event.
    pub fn reference(&self) -> String {
        reference(self.record.id)
    }
}

/// Says in one line what was refused, to whom, and by which rule where it was a policy's.
fn warn(record: &EventRecord, realm: &Realm, cause: &Cause) {
    let user = record.user.map(|user| user.to_string()).unwrap_or_default();
    let refusal = rule(cause);
    tracing::warn!(
        realm.name = %realm.name,
        event.id = %record.id,
        event.kind = record.kind.name(),
        client.id = record.client_id.as_deref().unwrap_or_default(),
        client.address = record.ip_address.as_deref().unwrap_or_default(),
        user.id = user,
        error.code = record.error.unwrap_or_default(),
        error.cause = %recordable(&cause_name(cause)),
        policy.name = refusal.map(|refusal| recordable(&refusal.policy)),
        policy.profile = refusal.map(|refusal| recordable(&refusal.profile)),
        policy.conditions = refusal.map(|refusal| refusal.conditions.as_str()),
        policy.executor = refusal.map(|refusal| refusal.executor.as_str()),
        error.description = refusal.map(|refusal| recordable(&refusal.text)),
        "{} refused",
        record.kind.name(),
    );
}

/// The policy's refusal that a cause is.
const fn rule(cause: &Cause) -> Option<&PolicyRefusal> {
    match cause {
        Cause::PolicyRefused(refusal) | Cause::PolicyRefusedAfterwards(refusal) => Some(refusal),
        _ => None,
    }
}

/// The cause as code names it; the rule of a policy has fields of its own.
fn cause_name(cause: &Cause) -> String {
    match cause {
        Cause::PolicyRefused(_) => "PolicyRefused".to_owned(),
        Cause::PolicyRefusedAfterwards(_) => "PolicyRefusedAfterwards".to_owned(),
        other => format!("{other:?}"),
    }
}

/// What a client sent, as far as it is worth keeping: no longer than an identifier may be, and without
/// control characters, which a log would multiply and PostgreSQL does not take.
fn recordable(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(MAX_RECORDED).collect()
}

/// A short form of an event's id: its last twelve hexadecimal digits.
pub fn reference(id: Uuid) -> String {
    let text = id.simple().to_string();
    text.get(20..).unwrap_or_default().to_uppercase()
}
