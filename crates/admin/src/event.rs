//! What a realm recorded, and what it is told to record.

use sekisho_core::event::{AdminEventRecord, OperationType};
use sekisho_core::work::{Deletion, Work, Write};
use sekisho_protocol::keycloak::defaults::usual_event_types;
use sekisho_protocol::keycloak::{
    AdminEventRepresentation, AuthDetailsRepresentation, EventRepresentation, RealmEventsConfigRepresentation,
};
use sekisho_store::StoredEvent;
pub use sekisho_store::{AdminEventFilter, EventFilter, Order};

use crate::AdminError;
use crate::permit::{Admin, Done, TRIES};
use crate::realm::settings;

/// Listeners that Keycloak has: the log, which always listens here, and mail.
const LISTENERS: &[&str] = &["email", "jboss-logging"];

/// What the realm records.
pub async fn config(admin: &Admin<'_>) -> Result<RealmEventsConfigRepresentation, AdminError> {
    let realm = settings::document(admin).await?;
    let types = realm.enabled_event_types.filter(|types| !types.is_empty());
    Ok(RealmEventsConfigRepresentation {
        events_enabled: Some(realm.events_enabled.unwrap_or(false)),
        events_expiration: realm.events_expiration,
        events_listeners: Some(realm.events_listeners.unwrap_or_default()),
        enabled_event_types: Some(types.unwrap_or_else(usual_event_types)),
        admin_events_enabled: Some(realm.admin_events_enabled.unwrap_or(false)),
        admin_events_details_enabled: Some(realm.admin_events_details_enabled.unwrap_or(false)),
    })
}

/// Changes what the realm records. As in Keycloak, events of users are off unless the document says that they are on;
/// everything else that was not sent stays.
pub async fn save_config(
    admin: &Admin<'_>,
    sent: &RealmEventsConfigRepresentation,
) -> Result<(), AdminError> {
    let is_known = |listener: &String| LISTENERS.contains(&listener.as_str());
    if sent.events_listeners.as_ref().is_some_and(|listeners| !listeners.iter().all(is_known)) {
        return Err(AdminError::Refused("Unknown event listener".to_owned()));
    }
    let path = "events/config".to_owned();
    let told = RealmEventsConfigRepresentation {
        events_enabled: Some(sent.events_enabled.unwrap_or(false)),
        ..sent.clone()
    };
    let done = Done { operation: OperationType::Update, resource: "REALM", path, sent: Some(&told) };
    let mut admin = admin.current().await?;
    for _ in 0..TRIES {
        let work = settings::changing(&admin, admin.begin(), |realm| {
            realm.events_enabled = Some(sent.events_enabled.unwrap_or(false));
            realm.events_expiration = sent.events_expiration.or(realm.events_expiration);
            for (value, member) in [
                (&sent.events_listeners, &mut realm.events_listeners),
                (&sent.enabled_event_types, &mut realm.enabled_event_types),
            ] {
                if value.is_some() {
                    member.clone_from(value);
                }
            }
            for (value, member) in [
                (sent.admin_events_enabled, &mut realm.admin_events_enabled),
                (sent.admin_events_details_enabled, &mut realm.admin_events_details_enabled),
            ] {
                *member = value.or(*member);
            }
        });
        let work = if records(admin.realm.events.admin, sent.admin_events_enabled) {
            let details = records(admin.realm.events.admin_details, sent.admin_events_details_enabled);
            admin.event(work.await?, &done, details, None)
        } else {
            work.await?
        };
        if admin.commit(work, |_| None).await? {
            return Ok(());
        }
        admin = admin.refreshed().await?;
    }
    Err(AdminError::Contended)
}

/// That acts are recorded from now on is recorded, and that they were until now.
fn records(before: bool, sent: Option<bool>) -> bool {
    before || sent.unwrap_or_default()
}

/// Events of users and clients; those that wait to be written are written first.
pub async fn events(admin: &Admin<'_>, filter: &EventFilter) -> Result<Vec<EventRepresentation>, AdminError> {
    admin.context.store.flush_events(admin.context.fresh_id()).await?;
    let found = admin.context.store.events(admin.realm.id, filter).await?;
    Ok(found.into_iter().map(|event| represent(admin, event)).collect())
}

fn represent(admin: &Admin<'_>, event: StoredEvent) -> EventRepresentation {
    EventRepresentation {
        id: Some(event.id.to_string()),
        time: Some(event.at.0),
        r#type: Some(event.kind),
        realm_id: Some(admin.realm.id.to_string()),
        client_id: event.client_id,
        user_id: event.user.map(|id| id.to_string()),
        session_id: event.session.map(|id| id.to_string()),
        ip_address: event.ip_address,
        error: event.error,
        details: Some(event.details.into_iter().collect()),
    }
}

/// Acts of administrators.
pub async fn admin_events(
    admin: &Admin<'_>,
    filter: &AdminEventFilter,
) -> Result<Vec<AdminEventRepresentation>, AdminError> {
    let found = admin.context.store.admin_events(admin.realm.id, filter).await?;
    Ok(found.into_iter().map(represent_act).collect())
}

fn represent_act(event: AdminEventRecord) -> AdminEventRepresentation {
    let AdminEventRecord { actor, details, .. } = event;
    AdminEventRepresentation {
        id: Some(event.id.to_string()),
        time: Some(event.at.0),
        realm_id: Some(event.realm.to_string()),
        auth_details: Some(AuthDetailsRepresentation {
            realm_id: actor.realm,
            client_id: actor.client,
            user_id: actor.user,
            ip_address: actor.ip_address,
        }),
        operation_type: Some(event.operation.name().to_owned()),
        resource_type: Some(event.resource_type),
        resource_path: Some(event.resource_path).filter(|path| !path.is_empty()),
        representation: event.representation,
        error: event.error,
        details: (!details.is_empty()).then(|| details.into_iter().collect()),
    }
}

/// Forgets what users and clients did, also what waits to be written.
pub async fn clear(admin: &Admin<'_>) -> Result<(), AdminError> {
    admin.context.store.flush_events(admin.context.fresh_id()).await?;
    forget(admin, Deletion::EventsOfRealm { realm: admin.realm.id }).await
}

/// Forgets what administrators did.
pub async fn clear_admin(admin: &Admin<'_>) -> Result<(), AdminError> {
    forget(admin, Deletion::AdminEventsOfRealm { realm: admin.realm.id }).await
}

async fn forget(admin: &Admin<'_>, what: Deletion) -> Result<(), AdminError> {
    let work = Work::new(admin.context.fresh_id()).write(Write::Delete(what));
    admin.commit(work, |_| None).await.map(|_| ())
}
