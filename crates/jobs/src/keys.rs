//! Lets keys sign that were shown long enough (DESIGN §5.10).

use sekisho_core::Work;
use sekisho_core::rotation::{self, Standing};
use sekisho_core::work::Guard;
use sekisho_store::{StoreError, StoredKey};

use crate::Jobs;

impl Jobs {
    /// Looks at the keys of every realm once.
    pub async fn advance_keys(&self) {
        let names = match self.store.realm_names().await {
            Ok(names) => names,
            Err(error) => return tracing::warn!(error.cause = %error, "realms could not be listed"),
        };
        for name in names {
            if let Err(error) = self.advance_keys_of(&name).await {
                tracing::warn!(realm.name = %name, error.cause = %error, "keys could not be advanced");
            }
        }
    }

    async fn advance_keys_of(&self, name: &str) -> Result<(), StoreError> {
        let Some(realm) = self.store.stored_realm(name).await? else { return Ok(()) };
        let id = realm.record.id;
        let keys = self.store.stored_keys(id, name).await?;
        let standings: Vec<Standing> = keys.iter().map(standing).collect();
        let writes = rotation::due(&standings, self.clock.now());
        if writes.is_empty() {
            return Ok(());
        }
        let guards = vec![Guard::MoveRealmFrom { realm: id, revision: realm.revision }];
        // Losing means that another node, or an administrator, was faster; the next look decides anew.
        let outcome = self.store.commit(Work { id: self.fresh_id(), guards, writes }).await?;
        tracing::info!(realm.name = %name, work.outcome = ?outcome, "a key that was shown long enough signs now");
        Ok(())
    }
}

fn standing(key: &StoredKey) -> Standing {
    let (id, purpose, state, changed) = (key.id, key.purpose, key.state, key.changed);
    Standing { id, purpose, algorithm: key.algorithm.clone(), state, changed }
}
