//! `events`, `admin-events` and `events/config`.

use sekisho_admin::Page;
use sekisho_admin::event::{self, AdminEventFilter, EventFilter, Order};
use sekisho_core::access::AdminRoles;
use sekisho_core::event::Actor;
use sekisho_core::ids::row_id;
use sekisho_protocol::Timestamp;
use sekisho_protocol::keycloak::defaults::is_event_type;
use sekisho_protocol::keycloak::{
    AdminEventRepresentation, EventRepresentation, RealmEventsConfigRepresentation,
};

use crate::call::RealmCall;
use crate::contract::{FIRST, MAX, Parameter, text, texts};
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

const VIEW: AdminRoles = AdminRoles::VIEW_EVENTS.and(AdminRoles::MANAGE_EVENTS);
const MANAGE: AdminRoles = AdminRoles::MANAGE_EVENTS;

/// How many come where nothing is said.
const DEFAULT_EVENTS: i64 = 100;
const DAY: i64 = 86_400_000;

const EVENTS: [Parameter; 9] = [
    FIRST,
    MAX,
    texts("type"),
    text("client"),
    text("user"),
    text("ipAddress"),
    text("dateFrom"),
    text("dateTo"),
    text("direction"),
];
const ADMIN_EVENTS: [Parameter; 12] = [
    FIRST,
    MAX,
    texts("operationTypes"),
    texts("resourceTypes"),
    text("resourcePath"),
    text("authRealm"),
    text("authClient"),
    text("authUser"),
    text("authIpAddress"),
    text("dateFrom"),
    text("dateTo"),
    text("direction"),
];

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/events", VIEW, events; query = EVENTS; answers = Vec<EventRepresentation>),
    route!(Delete "/events", MANAGE, clear; done),
    route!(Get "/events/config", VIEW, config; answers = RealmEventsConfigRepresentation),
    route!(Put "/events/config", MANAGE, save_config; takes = RealmEventsConfigRepresentation),
    route!(
        Get "/admin-events", VIEW, admin_events;
        query = ADMIN_EVENTS; answers = Vec<AdminEventRepresentation>
    ),
    route!(Delete "/admin-events", MANAGE, clear_admin; done),
];

async fn config(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&event::config(&call.admin).await?)
}

async fn save_config(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    event::save_config(&call.admin, &call.body()?).await?;
    Ok(Reply::NoContent)
}

async fn events(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let types = call.all("type");
    if let Some(unknown) = types.iter().find(|name| !is_event_type(name)) {
        return Err(Problem::NoSuchEventType(unknown.clone()));
    }
    let filter = EventFilter {
        types,
        client_id: said(call, "client"),
        user: call.query("user").map(|id| row_id(call.admin.realm.id, id)),
        ip_address: said(call, "ipAddress"),
        from: date(call, "dateFrom", 0)?,
        to: date(call, "dateTo", DAY - 1)?,
        order: order(call),
        page: page(call)?,
    };
    Reply::document(&event::events(&call.admin, &filter).await?)
}

async fn admin_events(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let filter = AdminEventFilter {
        operations: call.all("operationTypes"),
        resource_types: call.all("resourceTypes"),
        resource_path: said(call, "resourcePath"),
        actor: Actor {
            realm: said(call, "authRealm"),
            client: said(call, "authClient"),
            user: said(call, "authUser"),
            ip_address: said(call, "authIpAddress"),
        },
        from: date(call, "dateFrom", 0)?,
        to: date(call, "dateTo", DAY - 1)?,
        order: order(call),
        page: page(call)?,
    };
    Reply::document(&event::admin_events(&call.admin, &filter).await?)
}

async fn clear(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    event::clear(&call.admin).await?;
    Ok(Reply::NoContent)
}

async fn clear_admin(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    event::clear_admin(&call.admin).await?;
    Ok(Reply::NoContent)
}

fn said(call: &RealmCall<'_>, name: &str) -> Option<String> {
    call.query(name).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn order(call: &RealmCall<'_>) -> Order {
    if call.query("direction") == Some("asc") { Order::OldestFirst } else { Order::NewestFirst }
}

fn page(call: &RealmCall<'_>) -> Result<Page, Problem> {
    let (first, max) = call.page()?;
    Ok(Page { first, max: Some(max.unwrap_or(DEFAULT_EVENTS)) })
}

/// A day, from its beginning or to its `end`, or a time in milliseconds.
fn date(call: &RealmCall<'_>, name: &'static str, end: i64) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = call.query(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let time = text.parse().ok().or_else(|| day(text).map(|day| day.saturating_mul(DAY).saturating_add(end)));
    time.map(|time| Some(Timestamp(time))).ok_or(Problem::QueryDate(name))
}

/// Days since 1970 of a date in the Gregorian calendar, `yyyy-MM-dd`.
fn day(text: &str) -> Option<i64> {
    let mut parts =
        text.splitn(3, '-').map(|part| part.parse::<i64>().ok().filter(|part| (0..=9999).contains(part)));
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March end with the day that not every year has.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(before + (month * 153 + 2) / 5 + day - 719_469)
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_are_counted_from_1970() {
        for (text, expected) in [
            ("1970-01-01", Some(0)),
            ("1970-03-01", Some(59)),
            ("1969-12-31", Some(-1)),
            ("2000-02-29", Some(11_016)),
            ("2026-11-25", Some(20_782)),
            ("2026-13-01", None),
            ("2026-01-32", None),
            ("2026-01", None),
            ("x", None),
        ] {
            assert_eq!(day(text), expected, "{text}");
        }
    }
}
