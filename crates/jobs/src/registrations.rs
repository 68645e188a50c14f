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
