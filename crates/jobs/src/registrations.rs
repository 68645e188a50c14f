//! Clients that registered themselves without a token and that nobody used go after thirty days: whoever starts a tool
//! once leaves one behind.

use sekisho_core::Realm;
use sekisho_core::client::{read, register, registration};
use sekisho_core::work::{ClientRecord, Guard, Outcome};
use sekisho_store::StoreError;

use crate::Jobs;

impl Jobs {
    pub(crate) async fn remove_unused_clients(&self) -> Result<(), StoreError> {
        let before = self.clock.now().plus_seconds(-registration::UNUSED_KEPT);
        for name in self.store.realm_names().await? {
            let Some(realm) = self.store.realm(&name).await? else { continue };
            let unused = self.store.unused_clients(realm.id, before).await?;
            let mut removed = 0_usize;
            for record in unused {
                removed += usize::from(self.remove_unused(&realm, record).await?);
            }
            if removed > 0 {
                tracing::info!(realm.name = %name, removed, "clients that registered themselves were never used");
            }
        }
        Ok(())
    }

    /// Whether it went; one that is used just now stays.
    async fn remove_unused(&self, realm: &Realm, record: ClientRecord) -> Result<bool, StoreError> {
        let Some(stored) = self.store.stored_client_by_id(realm.id, record.id).await? else {
            return Ok(false);
        };
        let Some(whole) = read::whole(realm, stored.record, stored.version) else { return Ok(false) };
        let client = whole.client.id;
        let account = self.store.stored_service_account(realm.id, client).await?;
        let account = account.map(|account| account.record.id);
        let place = (client, stored.version);
        let work = register::removal(realm, place, account, self.fresh_id(), self.clock.now());
        let outcome = self.store.commit(work.guard(Guard::StillUnused { client })).await?;
        Ok(outcome == Outcome::Won)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sekisho_core::policy::SecurityProfile;
    use sekisho_core::work::{Record, Work, Write};
    use sekisho_protocol::Timestamp;
    use sekisho_store::{MasterKeys, Options, PublicUrls, Store};
    use sekisho_store_sqlite::SqliteEngine;
    use sekisho_testkit::builders::{NOW, NewRealm};
    use sekisho_testkit::{ManualClock, SeededEntropy};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    /// When each of these clients registered itself, and was first used.
    type Registered = (&'static str, Option<Timestamp>, Option<Timestamp>);

    async fn world(folder: &tempfile::TempDir, clients: &[Registered]) -> (Jobs, ManualClock) {
        let clock = ManualClock::default();
        let options = sekisho_store_sqlite::Options::new(Arc::new(clock.clone()));
        let engine = SqliteEngine::open(folder.path().join("sekisho.db"), options).expect("a database");
        let master = MasterKeys::new(&[[9; 32]]).expect("a key");
        let options = Options {
            master: master.clone(),
            urls: PublicUrls::new("https://as.example"),
            security: SecurityProfile::None,
            clock: Arc::new(clock.clone()),
            node: Uuid::from_u128(1),
        };
        let store = Arc::new(Store::open(engine, options).await.expect("a store"));
        let mut realm = NewRealm::named("r");
        for (name, ..) in clients {
            realm.add_client(&json!({"clientId": name, "publicClient": true}));
        }
        let mut work = realm.work(&master, Uuid::from_u128(2));
        for write in &mut work.writes {
            let Write::Insert(record) = write else { continue };
            let Record::Client(client) = &mut **record else { continue };
            let registered = clients.iter().find(|(name, ..)| *name == client.client_id);
            client.registration.at = registered.and_then(|(_, at, _)| *at);
        }
        assert_eq!(store.commit(work).await.expect("a store"), Outcome::Won);
        for (name, _, used) in clients {
            let Some(at) = *used else { continue };
            let client = store.stored_client(realm.id(), name).await.expect("a store").expect("a client");
            let work = Work::new(Uuid::from_u128(at.0.unsigned_abs().into()));
            let work = work.write(Write::UseClient { client: client.record.id, at });
            assert_eq!(store.commit(work).await.expect("a store"), Outcome::Won);
        }
        let entropy = Arc::new(SeededEntropy::new(3));
        (Jobs { store, clock: Arc::new(clock.clone()), entropy }, clock)
    }

    async fn left(jobs: &Jobs, of: &[Registered]) -> Vec<&'static str> {
        let realm = jobs.store.realm("r").await.expect("a store").expect("a realm").id;
        let mut left = Vec::new();
        for (name, ..) in of {
            left.extend(jobs.store.stored_client(realm, name).await.expect("a store").map(|_| *name));
        }
        left
    }

    #[tokio::test]
    async fn only_clients_that_registered_themselves_and_were_never_used_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let later = NOW.plus_seconds(60);
        let clients: &[Registered] = &[
            ("made by an administrator", None, None),
            ("used", Some(NOW), Some(later)),
            ("never used", Some(NOW), None),
            ("younger", Some(later), None),
        ];
        let (jobs, clock) = world(&folder, clients).await;
        jobs.remove_unused_clients().await.expect("a store");
        assert_eq!(left(&jobs, clients).await.len(), 4, "too early");
        clock.advance(registration::UNUSED_KEPT + 1);
        jobs.remove_unused_clients().await.expect("a store");
        assert_eq!(left(&jobs, clients).await, ["made by an administrator", "used", "younger"]);
    }

    #[tokio::test]
    async fn one_that_is_used_at_that_moment_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let clients: &[Registered] = &[("late", Some(NOW), None)];
        let (jobs, clock) = world(&folder, clients).await;
        clock.advance(registration::UNUSED_KEPT + 1);
        let realm = jobs.store.realm("r").await.expect("a store").expect("a realm");
        let unused = jobs.store.unused_clients(realm.id, NOW.plus_seconds(1)).await.expect("a store");
        let record = unused.into_iter().next().expect("it is unused when the job looks");
        let work = Work::new(Uuid::from_u128(9));
        let work = work.write(Write::UseClient { client: record.id, at: clock_now(&jobs) });
        assert_eq!(jobs.store.commit(work).await.expect("a store"), Outcome::Won);
        assert!(!jobs.remove_unused(&realm, record).await.expect("a store"));
        assert_eq!(left(&jobs, clients).await, ["late"]);
    }

    fn clock_now(jobs: &Jobs) -> Timestamp {
        jobs.clock.now()
    }
}
