//! What happens later: changes of other nodes, events on their way to the table, rows past their time.

mod keys;

use std::sync::Arc;
use std::time::Duration;

use sekisho_core::Work;
use sekisho_core::ids;
use sekisho_core::work::{Deletion, Write};
use sekisho_protocol::ports::draw;
use sekisho_protocol::{Clock, Entropy};
use sekisho_store::Store;
use uuid::Uuid;

/// Events wait at most so long for others to be written with them (DESIGN §5.8).
const FLUSH_EVERY: Duration = Duration::from_millis(100);
const ADVANCE_EVERY: Duration = Duration::from_secs(30);
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
            let work =
                Work::new(self.fresh_id()).write(Write::Delete(Deletion::Expired { now: self.clock.now() }));
            if let Err(error) = self.store.commit(work).await {
                tracing::warn!(error.cause = %error, "rows past their time could not be removed");
            }
        }
    }

    fn fresh_id(&self) -> Uuid {
        ids::time_ordered(self.clock.now(), draw(self.entropy.as_ref()))
    }
}
