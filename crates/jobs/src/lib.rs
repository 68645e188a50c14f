//! What happens later: changes of other nodes, events on their way to the table, rows past their time.

mod keys;
mod registrations;

use std::sync::Arc;
use std::time::Duration;

use sekisho_core::Work;
use sekisho_core::ids;
use sekisho_core::work::{Deletion, Write};
use sekisho_protocol::ports::draw;
use sekisho_protocol::{Clock, Entropy};
use sekisho_store::{Store, StoreError};
use uuid::Uuid;

/// Events wait at most so long for others to be written with them (DESIGN §5.8).
const FLUSH_EVERY: Duration = Duration::from_millis(100);
const ADVANCE_EVERY: Duration = Duration::from_secs(30);
/// Seconds; longer than any realm counts failures together (`maxDeltaTimeSeconds`, twelve hours by default).
const ATTEMPTS_KEPT: i64 = 7 * 24 * 3600;
const PURGE_EVERY: Duration = Duration::from_mins(5);

/// What the jobs work with.
pub struct Jobs {
    pub store: Arc<Store>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

impl Jobs {
    /// Runs every job until the future is dropped; [`Jobs::finish`] then writes what still waits.
    pub async fn run(&self) {
        tokio::join!(self.store.watch(), self.flush(), self.purge(), self.advance());
    }

    /// Writes the events that wait. At the end of the process, nothing is lost that could be written.
    pub async fn finish(&self) {
        self.flush_once().await;
    }

    async fn flush(&self) {
        loop {
            self.store.events.filled().await;
            tokio::time::sleep(FLUSH_EVERY).await;
            self.flush_once().await;
        }
    }

    async fn flush_once(&self) {
        if let Err(error) = self.store.flush_events(self.fresh_id()).await {
            tracing::warn!(error.cause = %error, "events could not be written yet");
        }
    }

    async fn advance(&self) {
        loop {
            tokio::time::sleep(ADVANCE_EVERY).await;
            self.advance_keys().await;
        }
    }

    async fn purge(&self) {
        loop {
            tokio::time::sleep(PURGE_EVERY).await;
            if let Err(error) = self.purge_once().await {
                tracing::warn!(error.cause = %error, "rows past their time could not be removed");
            }
            if let Err(error) = self.remove_unused_clients().await {
                tracing::warn!(error.cause = %error, "clients that nobody uses could not be removed");
            }
        }
    }

    async fn purge_once(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let forgotten = Deletion::ForgottenAttempts { before: now.plus_seconds(-ATTEMPTS_KEPT) };
        let mut work = Work::new(self.fresh_id())
            .write(Write::Delete(Deletion::Expired { now }))
            .write(Write::Delete(forgotten));
        for name in self.store.realm_names().await? {
            if let Some(realm) = self.store.realm(&name).await?.filter(|realm| realm.events.expiration > 0) {
                let before = now.plus_seconds(-realm.events.expiration);
                work = work.write(Write::Delete(Deletion::Events { realm: realm.id, before }));
            }
        }
        self.store.commit(work).await.map(|_| ())
    }

    fn fresh_id(&self) -> Uuid {
        ids::time_ordered(self.clock.now(), draw(self.entropy.as_ref()))
    }
}
