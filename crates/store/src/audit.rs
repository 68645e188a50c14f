//! What was recorded: events of sign-in and tokens, and what administrators did.

use sekisho_core::event::{Actor, AdminEventRecord, OperationType};
use sekisho_protocol::Timestamp;
use uuid::Uuid;

use crate::engine::{Row, Value};
use crate::page::{is_searchable, with_stars};
use crate::{Page, Store, StoreError, rows, sql};

/// An event as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    pub id: Uuid,
    pub at: Timestamp,
    /// Keycloak's type; refusals end in `_ERROR`.
    pub kind: String,
    pub error: Option<String>,
    pub client_id: Option<String>,
    pub user: Option<Uuid>,
    pub session: Option<Uuid>,
    pub ip_address: Option<String>,
    pub details: Vec<(String, String)>,
    /// What the client policies were asked, as `sekisho_core::policy::input` writes it.
    pub asked: Option<String>,
}

/// Which events. Whatever is set must hold; an empty list sets nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    pub types: Vec<String>,
    pub client_id: Option<String>,
    pub user: Option<Uuid>,
    pub ip_address: Option<String>,
    /// Both times are within it.
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    pub order: Order,
    pub page: Page,
}

/// Which acts of administrators, in the same way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdminEventFilter {
    pub operations: Vec<String>,
    pub resource_types: Vec<String>,
    /// With a star for whatever there may be.
    pub resource_path: Option<String>,
    pub actor: Actor,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    pub order: Order,
    pub page: Page,
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    NewestFirst,
    OldestFirst,
}

impl Store {
    /// Events of a realm that have been written: [`Store::flush_events`] writes those that wait.
    pub async fn events(&self, realm: Uuid, filter: &EventFilter) -> Result<Vec<StoredEvent>, StoreError> {
        let mut parameters = vec![
            realm.into(),
            any_of(&filter.types),
            filter.client_id.clone().into(),
            filter.user.into(),
            filter.ip_address.clone().into(),
        ];
        parameters.extend(within(filter.from, filter.to));
        parameters.extend(filter.page.parameters());
        let sql = match filter.order {
            Order::NewestFirst => sql::EVENTS_NEWEST_FIRST,
            Order::OldestFirst => sql::EVENTS_OLDEST_FIRST,
        };
        self.rows("event", sql, parameters, event).await
    }

    /// What administrators did in a realm.
    pub async fn admin_events(
        &self,
        realm: Uuid,
        filter: &AdminEventFilter,
    ) -> Result<Vec<AdminEventRecord>, StoreError> {
        if !filter.resource_path.as_deref().is_none_or(is_searchable) {
            return Ok(Vec::new());
        }
        let Actor { realm: of, client, user, ip_address } = filter.actor.clone();
        let mut parameters = vec![
            realm.into(),
            any_of(&filter.operations),
            any_of(&filter.resource_types),
            filter.resource_path.as_deref().map(with_stars).into(),
            of.into(),
            client.into(),
            user.into(),
            ip_address.into(),
        ];
        parameters.extend(within(filter.from, filter.to));
        parameters.extend(filter.page.parameters());
        let sql = match filter.order {
            Order::NewestFirst => sql::ADMIN_EVENTS_NEWEST_FIRST,
            Order::OldestFirst => sql::ADMIN_EVENTS_OLDEST_FIRST,
        };
        self.rows("admin_event", sql, parameters, admin_event).await
    }
}

/// A list in one parameter, each word between commas.
fn any_of(words: &[String]) -> Value {
    (!words.is_empty()).then(|| format!(",{},", words.join(","))).into()
}

fn within(from: Option<Timestamp>, to: Option<Timestamp>) -> [Value; 2] {
    [from.unwrap_or(Timestamp(i64::MIN)).into(), to.unwrap_or(Timestamp(i64::MAX)).into()]
}

fn event(row: &Row) -> Option<StoredEvent> {
    let text = |index| row.text(index).map(str::to_owned);
    Some(StoredEvent {
        id: row.id(0)?,
        at: rows::at(row, 1)?,
        kind: text(2)?,
        error: text(3),
        client_id: text(4),
        user: row.id(5),
        session: row.id(6),
        ip_address: text(7),
        details: serde_json::from_str(row.text(8)?).ok()?,
        asked: text(9),
    })
}

fn admin_event(row: &Row) -> Option<AdminEventRecord> {
    let text = |index| row.text(index).map(str::to_owned);
    Some(AdminEventRecord {
        id: row.id(0)?,
        realm: row.id(1)?,
        at: rows::at(row, 2)?,
        operation: OperationType::parse(row.text(3)?)?,
        resource_type: text(4)?,
        resource_path: text(5)?,
        representation: text(6),
        error: text(7),
        actor: Actor { realm: text(8), client: text(9), user: text(10), ip_address: text(11) },
        details: serde_json::from_str(row.text(12)?).ok()?,
    })
}
