//! The import: many works of at most 500 rows. The realm is `importing` and answers nothing until the last.

use std::time::Duration;

use sekisho_core::work::{Deletion, Guard, Outcome, Record, Work, Write};
use sekisho_protocol::Timestamp;
use sekisho_protocol::keycloak::RealmRepresentation;
use sekisho_store::StoredRealm;
use uuid::Uuid;

use super::plan::{self, Plan, Row};
use super::{IfExists, ImportOptions, ImportOutcome, Imported, Warning, document, master, names, policy};
use crate::error::won;
use crate::{AdminError, Context};

/// Rows of one work.
const ROWS: usize = 500;
/// An import that stores nothing for so long was cut short.
const PATIENCE: Duration = Duration::from_secs(2);
/// Tries to add to master while others add to it too.
pub(super) const ATTEMPTS: usize = 10;

/// Stores a realm as its document says, filled up with what every realm has.
///
/// The document is checked whole before anything is stored. An import that was cut short by a crash leaves
/// a realm that answers nothing; importing again clears it away and begins anew. Of two imports of one
/// name at the same time one is stored, and the other finds a realm that is there.
pub fn import<'a>(
    context: &'a Context<'a>,
    realm: RealmRepresentation,
    options: ImportOptions,
) -> impl Future<Output = Result<Imported, AdminError>> + Send + 'a {
    // A document is large: without the box every future that waits for an import would be as large.
    Box::pin(run(context, Box::new(realm), options))
}

async fn run(
    context: &Context<'_>,
    realm: Box<RealmRepresentation>,
    options: ImportOptions,
) -> Result<Imported, AdminError> {
    let name = names::of_realm(&realm)?;
    let found = match look(context, &name, options.if_exists).await? {
        Found::Kept(realm) => return Ok(skipped(realm)),
        Found::Free => None,
        Found::InTheWay(found) => Some(found),
    };
    master::check_administrable(context, &name).await?;
    let mut warnings = settings_not_enforced(&realm);
    let mut realm = document::complete(*realm, &name, &mut || context.fresh_id())?;
    policy::start(&mut realm, options.policy);
    let mut plan = plan::plan(context, realm, &options, &mut warnings).await?;
    let mut outcome = ImportOutcome::Created;
    if let Some(found) = found {
        if !found.record.importing {
            outcome = ImportOutcome::Replaced;
        }
        // What tells two imports of one realm apart is when they began.
        plan.realm.created = plan.realm.created.max(Timestamp(found.record.created.0 + 1));
        clear(context, found).await?;
    }
    let realm = plan.realm.id;
    match store(context, plan, &name).await {
        // Another node that starts with this one was faster.
        Err(AdminError::Raced(_)) if options.if_exists != IfExists::Overwrite => {
            match look(context, &name, options.if_exists).await? {
                Found::Kept(realm) => Ok(skipped(realm)),
                Found::Free | Found::InTheWay(_) => Err(AdminError::Raced(name)),
            }
        }
        stored => stored.map(|()| Imported { realm, outcome, warnings }),
    }
}

fn skipped(realm: Uuid) -> Imported {
    Imported { realm, outcome: ImportOutcome::Skipped, warnings: Vec::new() }
}

/// What stands in the place of a realm that is to be imported.
enum Found {
    Free,
    /// A realm that stays.
    Kept(Uuid),
    /// A realm that must go: one to be replaced, or what an import that was cut short left behind.
    InTheWay(StoredRealm),
}

/// Looks, and waits for an import of the realm that goes on: whose realm moves from one look to the next.
async fn look(context: &Context<'_>, name: &str, if_exists: IfExists) -> Result<Found, AdminError> {
    let mut before = None;
    loop {
        let Some(found) = context.store.stored_realm(name).await? else { return Ok(Found::Free) };
        let now = (found.record.created, found.revision);
        match if_exists {
            _ if found.record.importing && before != Some(now) => {}
            _ if found.record.importing => return Ok(Found::InTheWay(found)),
            IfExists::Skip => return Ok(Found::Kept(found.record.id)),
            IfExists::Refuse => return Err(AdminError::RealmExists(name.to_owned())),
            IfExists::Overwrite => return Ok(Found::InTheWay(found)),
        }
        before = Some(now);
        tokio::time::sleep(PATIENCE).await;
    }
}

/// Makes a new realm with this name.
pub async fn create(
    context: &Context<'_>,
    name: &str,
    options: ImportOptions,
) -> Result<Imported, AdminError> {
    let (realm, enabled) = (Some(name.to_owned()), Some(true));
    import(context, RealmRepresentation { realm, enabled, ..Default::default() }, options).await
}

/// Settings that protect, and do not yet.
fn settings_not_enforced(realm: &RealmRepresentation) -> Vec<Warning> {
    let above_zero = |value: Option<i32>| value.is_some_and(|value| value > 0);
    let counts = realm.brute_force_protected == Some(true);
    [
        (counts && realm.permanent_lockout == Some(true), "permanentLockout"),
        (counts && above_zero(realm.max_temporary_lockouts), "maxTemporaryLockouts"),
        (realm.verify_email == Some(true), "verifyEmail"),
        (above_zero(realm.refresh_token_max_reuse), "refreshTokenMaxReuse"),
        (above_zero(realm.client_session_max_lifespan), "clientSessionMaxLifespan"),
    ]
    .into_iter()
    .filter(|(set, _)| *set)
    .map(|(_, setting)| Warning::SettingNotEnforced(setting))
    .collect()
}

/// Takes away what stands in the place of the new realm.
async fn clear(context: &Context<'_>, found: StoredRealm) -> Result<(), AdminError> {
    let StoredRealm { record, revision } = found;
    let realm = record.id;
    let mut work = Work::new(context.fresh_id()).guard(Guard::MoveRealmFrom { realm, revision });
    if record.importing {
        work = work.guard(Guard::ContinueImport { realm, begun: record.created });
    }
    let work = work.write(Write::Delete(Deletion::Realm { realm }));
    won(context.store.commit(work).await?, |_| AdminError::Raced(record.name))
}

/// All works in turn. One that fails takes what was stored before with it.
async fn store(context: &Context<'_>, plan: Plan, name: &str) -> Result<(), AdminError> {
    let Plan { realm, keys, rows } = plan;
    let (id, begun) = (realm.id, realm.created);
    begin(context, Record::Realm(realm), keys, name).await?;
    let stored = go_on(context, id, begun, rows, name).await;
    if stored.is_err() {
        let work = Work::new(context.fresh_id())
            .guard(Guard::ContinueImport { realm: id, begun })
            .write(Write::Delete(Deletion::Realm { realm: id }));
        // If this fails too, the realm stays `importing`, which the next import clears away.
        let _cleared = context.store.commit(work).await;
    }
    stored
}

async fn begin(
    context: &Context<'_>,
    realm: Record,
    keys: Vec<Record>,
    name: &str,
) -> Result<(), AdminError> {
    let rows = std::iter::once(realm).chain(keys);
    let guards: Vec<Guard> = rows.map(|record| Guard::Insert(Box::new(record))).collect();
    let identities: Vec<Option<AdminError>> = guards.iter().map(taken).collect();
    let work = Work { id: context.fresh_id(), guards, writes: Vec::new() };
    let outcome = context.store.commit(work).await?;
    if outcome == Outcome::Lost(0) && context.store.stored_realm(name).await?.is_some() {
        return Err(AdminError::Raced(name.to_owned()));
    }
    won(outcome, |guard| lost(guard, identities, name))
}

async fn go_on(
    context: &Context<'_>,
    realm: Uuid,
    begun: Timestamp,
    rows: Vec<Row>,
    name: &str,
) -> Result<(), AdminError> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut work = Work::new(context.fresh_id()).guard(Guard::ContinueImport { realm, begun });
        for row in rows.by_ref().take(ROWS) {
            match row {
                Row::New(record) => work.guards.push(Guard::Insert(Box::new(record))),
                Row::Write(write) => work.writes.push(write),
            }
        }
        let identities: Vec<Option<AdminError>> = work.guards.iter().map(taken).collect();
        won(context.store.commit(work).await?, |guard| lost(guard, identities, name))?;
    }
    finish(context, realm, begun, name).await
}

/// The work that makes the realm one that answers; master gets what administers it at the same moment.
async fn finish(context: &Context<'_>, realm: Uuid, begun: Timestamp, name: &str) -> Result<(), AdminError> {
    for _ in 0..ATTEMPTS {
        master::check_administrable(context, name).await?;
        let mut work = Work::new(context.fresh_id())
            .guard(Guard::ContinueImport { realm, begun })
            .write(Write::SetRealmState { realm, importing: false });
        if let Some(mut addition) = master::addition(context, name).await? {
            work.guards.append(&mut addition.guards);
            work.writes.append(&mut addition.writes);
        }
        match context.store.commit(work).await? {
            Outcome::Lost(0) => break,
            Outcome::Lost(_) => {}
            outcome => return won(outcome, |_| AdminError::Raced(name.to_owned())),
        }
    }
    Err(AdminError::Raced(name.to_owned()))
}

fn lost(guard: usize, identities: Vec<Option<AdminError>>, name: &str) -> AdminError {
    let taken = identities.into_iter().nth(guard).flatten();
    taken.unwrap_or_else(|| AdminError::Raced(name.to_owned()))
}

/// The error when this row cannot be inserted: names are known not to repeat, so it is the id.
fn taken(guard: &Guard) -> Option<AdminError> {
    let Guard::Insert(record) = guard else { return None };
    let (kind, name, id) = match record.as_ref() {
        Record::Realm(row) => ("realm", row.name.clone(), row.id),
        Record::Key(row) => ("key", row.kid.clone(), row.id),
        Record::Client(row) => ("client", row.client_id.clone(), row.id),
        Record::Scope(row) => ("client scope", row.name.clone(), row.id),
        Record::Role(row) => ("role", row.name.clone(), row.id),
        Record::Group(row) => ("group", row.path.clone(), row.id),
        Record::User(row) => ("user", row.username.clone(), row.id),
        Record::Credential(row) => ("credential of type", row.kind.clone(), row.id),
        _ => return None,
    };
    Some(AdminError::IdTaken { what: format!("{kind} {name:?}"), id })
}
