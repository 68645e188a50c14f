//! The store: an engine, and what is kept of it in memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;
use quick_cache::sync::Cache;
use sekisho_core::policy::SecurityProfile;
use sekisho_core::work::{Deletion, Guard, Outcome, Record, RevokedKind, Work, Write};
use sekisho_core::{Client, Realm, User};
use sekisho_protocol::{Clock, Timestamp};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::engine::{Settled, SharedEngine};
use crate::events::EventBuffer;
use crate::master::MasterKeys;
use crate::revocations::Revocations;
use crate::urls::PublicUrls;
use crate::watch::OVERLAP;
use crate::{StoreError, schema, statement};

/// Clients kept in memory.
const CLIENTS_KEPT: usize = 20_000;

/// Users kept in memory.
const USERS_KEPT: usize = 20_000;

/// What a store is opened with.
pub struct Options {
    pub master: MasterKeys,
    pub urls: PublicUrls,
    pub clock: Arc<dyn Clock>,
    /// Policies of the server that are about every realm.
    pub security: SecurityProfile,
    /// Names this node among others.
    pub node: Uuid,
}

/// Everything that is remembered.
pub struct Store {
    pub(crate) engine: SharedEngine,
    pub(crate) master: MasterKeys,
    pub(crate) urls: PublicUrls,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) security: SecurityProfile,
    pub(crate) realms: ArcSwap<HashMap<String, Arc<Realm>>>,
    pub(crate) loading: Mutex<()>,
    pub(crate) clients: Cache<(Uuid, String), Arc<Client>>,
    pub(crate) users: Cache<Uuid, Arc<User>>,
    /// The user that stands for a client, by the client.
    pub(crate) service_accounts: Cache<Uuid, Uuid>,
    pub(crate) revocations: Revocations,
    /// When this node last knew that it sees what others did, in epoch milliseconds.
    pub(crate) checked: AtomicI64,
    /// Events on their way to the table.
    pub events: EventBuffer,
}

impl Store {
    /// Brings the schema up to date and loads what must be known before the first answer.
    pub async fn open(engine: SharedEngine, options: Options) -> Result<Self, StoreError> {
        engine.migrate(schema::STEPS, options.node).await?;
        let store = Self {
            engine,
            master: options.master,
            urls: options.urls,
            clock: options.clock,
            security: options.security,
            realms: ArcSwap::default(),
            loading: Mutex::new(()),
            clients: Cache::new(CLIENTS_KEPT),
            users: Cache::new(USERS_KEPT),
            service_accounts: Cache::new(CLIENTS_KEPT),
            revocations: Revocations::default(),
            checked: AtomicI64::new(0),
            events: EventBuffer::default(),
        };
        store.load_revocations(Timestamp(0)).await?;
        store.checked.store(store.clock.now().0, Ordering::Relaxed);
        Ok(store)
    }

    /// Runs a work. When it won, this node knows it before the answer; others within a second.
    pub async fn commit(&self, work: Work) -> Result<Outcome, StoreError> {
        let unit = statement::unit(&work, self.clock.now());
        let outcome = match self.engine.commit(unit).await? {
            Settled::Won => Outcome::Won,
            Settled::Lost(guard) => Outcome::Lost(guard),
            Settled::Unknown => Outcome::Unknown,
        };
        if outcome == Outcome::Won {
            self.publish(&work);
            self.learn_revoked(&work).await;
        }
        Ok(outcome)
    }

    /// What the work revoked is in the database by its own statement. A node that cannot read it now has won all the
    /// same, and looks again within a second.
    async fn learn_revoked(&self, work: &Work) {
        if work.writes.iter().any(statement::revokes_what_is_found)
            && let Err(error) = self.load_revocations(self.clock.now().plus_seconds(-OVERLAP)).await
        {
            tracing::warn!(error.cause = %error, "could not read what was revoked just now");
        }
    }

    fn publish(&self, work: &Work) {
        for guard in &work.guards {
            match guard {
                Guard::MoveRealm { realm }
                | Guard::MoveRealmFrom { realm, .. }
                | Guard::ContinueImport { realm, .. } => self.forget_realm(*realm),
                Guard::ChangeUser { user, .. } => drop(self.users.remove(user)),
                Guard::ChangeClient { client, .. } => self.forget_client(*client),
                Guard::Insert(record) => self.publish_record(record),
                _ => {}
            }
        }
        for write in &work.writes {
            match write {
                Write::Revoke { realm, kind, key, expires, .. } => {
                    self.revocations.insert(*realm, *kind, key.clone(), *expires);
                    self.forget_revoked(*kind, key);
                }
                Write::SetRealmState { realm, .. } => self.forget_realm(*realm),
                Write::UseClient { client, .. } => self.forget_client(*client),
                Write::TouchUsersOfRole { role, .. } => self.forget_users(|user| user.roles.contains(role)),
                Write::TouchMembersOfGroup { group, .. } => {
                    self.forget_users(|user| user.groups.contains(group));
                }
                Write::Delete(deletion) => self.publish_deletion(deletion),
                Write::Replace(record) => {
                    if let Record::Client(client) = &**record {
                        self.forget_client(client.id);
                    }
                    self.publish_record(record);
                }
                Write::Insert(record) => self.publish_record(record),
                _ => {}
            }
        }
    }

    fn publish_record(&self, record: &Record) {
        match record {
            Record::Client(client) => drop(self.clients.remove(&(client.realm, client.client_id.clone()))),
            Record::User(user) => drop(self.users.remove(&user.id)),
            Record::UserRole { user, .. } | Record::UserGroup { user, .. } => drop(self.users.remove(user)),
            _ => {}
        }
    }

    fn publish_deletion(&self, deletion: &Deletion) {
        match deletion {
            Deletion::User { user }
            | Deletion::UserRoles { user }
            | Deletion::UserRole { user, .. }
            | Deletion::UserGroups { user }
            | Deletion::UserGroup { user, .. } => drop(self.users.remove(user)),
            Deletion::Client { client } => self.forget_client(*client),
            Deletion::Role { role } => self.forget_users(|user| user.roles.contains(role)),
            Deletion::Group { group } => self.forget_users(|user| user.groups.contains(group)),
            Deletion::Realm { realm } => {
                self.forget_realm(*realm);
                self.clients.retain(|(of, _), _| of != realm);
                self.forget_users(|user| user.realm == *realm);
            }
            _ => {}
        }
    }

    fn forget_users(&self, changed: impl Fn(&User) -> bool) {
        self.users.retain(|_, user| !changed(user));
    }

    /// By id: it may be known here under a name that it has no more.
    fn forget_client(&self, id: Uuid) {
        self.clients.retain(|_, client| client.id != id);
    }

    /// Drops a user or a client that was revoked: a row that is gone is not among those that changed.
    pub(crate) fn forget_revoked(&self, kind: RevokedKind, key: &[u8]) {
        let Ok(id) = Uuid::from_slice(key) else { return };
        match kind {
            RevokedKind::User => drop(self.users.remove(&id)),
            RevokedKind::Client => self.forget_client(id),
            RevokedKind::Jti | RevokedKind::Grant | RevokedKind::Session => {}
        }
    }

    /// Drops a snapshot, so that the next request loads the realm anew.
    pub(crate) fn forget_realm(&self, id: Uuid) {
        self.realms.rcu(|realms| {
            let mut realms = HashMap::clone(realms);
            realms.retain(|_, realm| realm.id != id);
            realms
        });
    }

    /// What was revoked.
    pub const fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    /// Master keys, for what makes keys of a realm.
    pub const fn master(&self) -> &MasterKeys {
        &self.master
    }

    /// Public addresses.
    pub const fn urls(&self) -> &PublicUrls {
        &self.urls
    }

    /// The server-wide security profile.
    pub const fn security(&self) -> SecurityProfile {
        self.security
    }

    /// The engine, for tests and for `check-config`.
    pub const fn engine(&self) -> &SharedEngine {
        &self.engine
    }
}
