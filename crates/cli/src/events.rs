//! `sekisho events`: what clients and users did, as a realm recorded it, and what they do now.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use sekisho_admin::event::{self, EventFilter, Order};
use sekisho_admin::user::read::Page;
use sekisho_admin::{Admin, Permit};
use sekisho_protocol::Timestamp;
use sekisho_protocol::keycloak::EventRepresentation;
use sekisho_protocol::keycloak::defaults::is_event_type;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use uuid::Uuid;

use crate::administration::open_existing;
use crate::open::OpenOptions;
use crate::output;

const HELP: &str = "\
A realm records events where its eventsEnabled says so; the server's log has each in any case. With --follow,
events are shown as they come, until Ctrl-C or until nobody reads any more.

Examples:
  sekisho events --realm shop
  sekisho events --realm shop --type LOGIN_ERROR --since 2h
  sekisho events --realm shop --client web --follow --json | jq .error

Exit codes:
  0  done
  1  something failed: the database, or a name that is not there
  2  wrong usage";

/// Times between two looks for new events.
const PAUSE: Duration = Duration::from_secs(1);
/// Milliseconds that a server may take to write an event down, or that the clocks of two may differ.
const LATE: i64 = 10_000;

/// Show the events of a realm
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Realm whose events they are
    #[arg(long, value_name = "NAME")]
    realm: String,
    /// Only events of this type, LOGIN_ERROR say; again for another
    #[arg(long = "type", value_name = "TYPE", value_parser = event_type)]
    types: Vec<String>,
    /// Only events of this client
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<String>,
    /// Only events of this user, by name or by id
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only events of the last seconds, minutes, hours or days: 30s, 10m, 2h, 7d
    #[arg(long, value_name = "TIME", value_parser = milliseconds)]
    since: Option<i64>,
    /// The newest so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    max: u32,
    /// Go on with those that come
    #[arg(long)]
    follow: bool,
    /// Print each as JSON on a line of its own
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    open: OpenOptions,
}

/// Keycloak's name, as people may write it too: `login-error`.
fn event_type(text: &str) -> Result<String, String> {
    let name = text.to_ascii_uppercase().replace('-', "_");
    if is_event_type(&name) { Ok(name) } else { Err("no type of event, such as LOGIN_ERROR".to_owned()) }
}

fn milliseconds(text: &str) -> Result<i64, String> {
    let unit = text.chars().last().and_then(|unit| match unit {
        's' => Some(1_000),
        'm' => Some(60_000),
        'h' => Some(3_600_000),
        'd' => Some(86_400_000),
        _ => None,
    });
    let number = text.get(..text.len().saturating_sub(1)).and_then(|number| number.parse::<u32>().ok());
    let time = unit.zip(number).map(|(unit, number)| unit * i64::from(number));
    time.ok_or_else(|| "not a number with s, m, h or d, such as 2h".to_owned())
}

pub(crate) async fn run(arguments: Args) -> anyhow::Result<ExitCode> {
    let opened = open_existing(&arguments.open).await?;
    let admin = Admin::open(opened.admin(), &arguments.realm, Permit::operator()).await;
    let admin = admin.with_context(|| format!("realm {}", arguments.realm))?;
    if event::config(&admin).await?.events_enabled != Some(true) {
        output::note(format!(
            "realm {} records no events now: its eventsEnabled is off; the server's log has them",
            arguments.realm
        ));
    }
    let now = opened.clock.now();
    let filter = EventFilter {
        types: arguments.types.clone(),
        client_id: arguments.client.clone(),
        user: user(&admin, arguments.user.as_deref()).await?,
        from: arguments.since.map(|since| Timestamp(now.0.saturating_sub(since))),
        ..EventFilter::default()
    };
    let mut seen = Seen { until: now.0, recent: BTreeMap::new() };
    // Before the list: what is recent and not among the newest is not shown later as if it had just come.
    if arguments.follow {
        let from = Some(seen.from(filter.from));
        seen.note(&event::events(&admin, &EventFilter { from, ..filter.clone() }).await?);
    }
    let newest = Page { first: 0, max: Some(i64::from(arguments.max)) };
    let mut events = event::events(&admin, &EventFilter { page: newest, ..filter.clone() }).await?;
    events.reverse();
    show(&events, arguments.json)?;
    if arguments.follow {
        seen.note(&events);
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed?,
            failed = follow(&admin, seen, filter, arguments.json) => failed?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn user(admin: &Admin<'_>, named: Option<&str>) -> anyhow::Result<Option<Uuid>> {
    let Some(named) = named else { return Ok(None) };
    // Somebody who is gone has events still, by their id.
    if let Ok(id) = named.parse() {
        return Ok(Some(id));
    }
    let user = admin.context.store.user_by_login(&admin.realm, named).await?;
    Ok(Some(user.with_context(|| format!("realm {} has no user {named}", admin.realm.name))?.id))
}

/// Shows what comes, until it cannot.
async fn follow(admin: &Admin<'_>, mut seen: Seen, filter: EventFilter, json: bool) -> anyhow::Result<()> {
    let mut looks = interval_at(Instant::now(), PAUSE);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let from = Some(seen.from(filter.from));
        let recent = EventFilter { from, order: Order::OldestFirst, ..filter.clone() };
        let fresh = seen.add(event::events(admin, &recent).await?);
        show(&fresh, json)?;
    }
}

/// Events that were shown and are recent enough to be found again, with their times.
struct Seen {
    until: i64,
    recent: BTreeMap<String, i64>,
}

impl Seen {
    /// From when on events may be new.
    fn from(&self, earliest: Option<Timestamp>) -> Timestamp {
        let late = Timestamp(self.until.saturating_sub(LATE));
        earliest.map_or(late, |earliest| earliest.max(late))
    }

    /// Those that were not seen before.
    fn add(&mut self, found: Vec<EventRepresentation>) -> Vec<EventRepresentation> {
        let known =
            |event: &EventRepresentation| event.id.as_ref().is_some_and(|id| self.recent.contains_key(id));
        let fresh: Vec<_> = found.into_iter().filter(|event| !known(event)).collect();
        self.note(&fresh);
        fresh
    }

    fn note(&mut self, events: &[EventRepresentation]) {
        for event in events {
            let at = event.time.unwrap_or_default();
            self.until = self.until.max(at);
            self.recent.insert(event.id.clone().unwrap_or_default(), at);
        }
        let kept = self.until.saturating_sub(LATE);
        self.recent.retain(|_, at| *at >= kept);
    }
}

fn show(events: &[EventRepresentation], json: bool) -> anyhow::Result<()> {
    for event in events {
        if json {
            output::data(&serde_json::to_string(event)?)?;
        } else {
            output::data(&line(event))?;
        }
    }
    Ok(())
}

/// An event as one line: when, what, who, from where, why not, and its details.
fn line(event: &EventRepresentation) -> String {
    let what = [output::instant(event.time.unwrap_or_default()), event.r#type.clone().unwrap_or_default()];
    let named = [
        ("client", &event.client_id),
        ("user", &event.user_id),
        ("session", &event.session_id),
        ("address", &event.ip_address),
        ("error", &event.error),
    ];
    let named = named.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let details = event.details.iter().flatten().map(|(name, value)| (name.as_str(), value));
    let members = named.chain(details).map(|(name, value)| format!("{name}={}", output::shell_word(value)));
    what.into_iter().chain(members).collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, time: i64) -> EventRepresentation {
        EventRepresentation { id: Some(id.to_owned()), time: Some(time), ..EventRepresentation::default() }
    }

    #[test]
    fn times_are_numbers_with_a_unit() {
        for (text, expected) in [
            ("30s", Some(30_000)),
            ("10m", Some(600_000)),
            ("2h", Some(7_200_000)),
            ("7d", Some(604_800_000)),
            ("7", None),
            ("h", None),
            ("-1h", None),
            ("", None),
            ("1週", None),
        ] {
            assert_eq!(milliseconds(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn an_event_is_shown_once_and_a_late_one_too() {
        let mut seen = Seen { until: 1_000_500, recent: BTreeMap::new() };
        seen.note(&[event("a", 1_000_000)]);
        assert_eq!(seen.from(None).0, 1_000_500 - LATE);
        assert_eq!(seen.from(Some(Timestamp(1_000_400))).0, 1_000_400);
        let found = || vec![event("late", 999_000), event("a", 1_000_000), event("b", 1_020_000)];
        let ids = |events: Vec<EventRepresentation>| {
            events.into_iter().filter_map(|event| event.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(seen.add(found())), ["late", "b"]);
        assert_eq!(seen.from(None).0, 1_020_000 - LATE);
        assert_eq!(ids(seen.add(vec![event("b", 1_020_000)])), [""; 0]);
        assert_eq!(seen.recent.len(), 1, "what cannot be found again is forgotten");
    }

    #[test]
    fn a_line_holds_one_event_whatever_a_client_called_itself() {
        let mut event = event("a", 0);
        event.r#type = Some("LOGIN_ERROR".to_owned());
        event.client_id = Some("web\n1970-01-01 00:00:00Z  LOGIN".to_owned());
        event.error = Some("invalid_redirect_uri".to_owned());
        assert_eq!(
            line(&event),
            "1970-01-01 00:00:00Z  LOGIN_ERROR  client='web 1970-01-01 00:00:00Z  LOGIN'  error=invalid_redirect_uri"
        );
    }
}
