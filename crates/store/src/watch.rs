//! What other nodes and processes did: polled each second, sooner where the engine hints (DESIGN §5.7).

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use sekisho_core::work::RevokedKind;
use sekisho_protocol::Timestamp;
use uuid::Uuid;

use crate::{Store, StoreError, sql};

/// Commit order is not time order: each look overlaps the one before by this many seconds.
pub(crate) const OVERLAP: i64 = 30;
/// Seconds without a look after which a node is not ready.
const STALE: i64 = 10;

impl Store {
    /// Looks once: realms whose revision moved, clients that changed, new revocations.
    pub async fn look(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let since = now.plus_seconds(-OVERLAP);
        self.look_at_realms().await?;
        let changed = self.read_all(sql::CLIENTS_CHANGED, vec![since.into()]).await?;
        let changed: HashSet<Uuid> = changed.iter().filter_map(|row| row.id(0)).collect();
        if !changed.is_empty() {
            // By id: a client may be known here under a name that it has no more.
            self.clients.retain(|_, client| !changed.contains(&client.id));
        }
        for row in self.read_all(sql::USERS_CHANGED, vec![since.into()]).await? {
            if let Some(user) = row.id(0) {
                self.users.remove(&user);
            }
        }
        self.load_revocations(since).await?;
        self.revocations.purge(now);
        self.checked.store(now.0, Ordering::Relaxed);
        Ok(())
    }

    async fn look_at_realms(&self) -> Result<(), StoreError> {
        let rows = self.read_all(sql::REALMS, Vec::new()).await?;
        let stored: HashMap<Uuid, i64> =
            rows.iter().filter_map(|row| Some((row.id(0)?, row.int(2)?))).collect();
        for realm in self.realms.load().values() {
            if stored.get(&realm.id) != Some(&realm.revision) {
                self.forget_realm(realm.id);
            }
        }
        Ok(())
    }

    pub(crate) async fn load_revocations(&self, since: Timestamp) -> Result<(), StoreError> {
        for row in self.read_all(sql::REVOKED_SINCE, vec![since.into()]).await? {
            let kind = row.text(1).and_then(RevokedKind::parse);
            let (Some(realm), Some(kind), Some(key), Some(expires)) =
                (row.id(0), kind, row.bytes(2), row.int(3))
            else {
                return Err(StoreError::Unreadable("revoked"));
            };
            self.forget_revoked(kind, key);
            self.revocations.insert(realm, kind, key.to_vec(), Timestamp(expires));
        }
        Ok(())
    }

    /// Whether this node knows what others did; one that does not issues nothing.
    pub fn is_current(&self) -> bool {
        self.clock.now().seconds_since(Timestamp(self.checked.load(Ordering::Relaxed))) < STALE
    }

    /// Looks each second, and at once on a hint, until the process ends.
    pub async fn watch(&self) {
        loop {
            let hint = self.engine.changes();
            tokio::select! {
                _ = hint => {}
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
            if let Err(error) = self.look().await {
                tracing::warn!(error.cause = %error, "could not look for changes of other nodes");
            }
        }
    }

    /// Names of all realms.
    pub async fn realm_names(&self) -> Result<Vec<String>, StoreError> {
        let rows = self.read_all(sql::REALMS, Vec::new()).await?;
        Ok(rows.iter().filter_map(|row| row.text(1)).map(str::to_owned).collect())
    }
}
