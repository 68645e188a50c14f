//! Clients that registered themselves, and the tokens that let them.

use sekisho_core::work::{ClientRecord, InitialAccessRecord};
use sekisho_protocol::Timestamp;
use uuid::Uuid;

use crate::engine::Row;
use crate::records::{self, StoredClient};
use crate::{Store, StoreError, rows, sql};

impl Store {
    /// How many clients of a realm registered themselves.
    pub async fn clients_registered(&self, realm: Uuid) -> Result<i64, StoreError> {
        self.count("client", sql::CLIENTS_REGISTERED, vec![realm.into()]).await
    }

    /// The client that was registered the same, the oldest where there are more.
    pub async fn client_by_fold(&self, realm: Uuid, fold: &[u8]) -> Result<Option<StoredClient>, StoreError> {
        let parameters = vec![realm.into(), fold.to_vec().into()];
        self.row("client", sql::CLIENT_BY_FOLD, parameters, records::client).await
    }

    /// Up to 500 clients that registered themselves before this time and were never used, the oldest first.
    pub async fn unused_clients(
        &self,
        realm: Uuid,
        before: Timestamp,
    ) -> Result<Vec<ClientRecord>, StoreError> {
        let read = |row: &Row| records::client(row).map(|client| client.record);
        self.rows("client", sql::UNUSED_CLIENTS, vec![realm.into(), before.into()], read).await
    }

    /// Tokens for registrations, the oldest first.
    pub async fn initial_accesses(&self, realm: Uuid) -> Result<Vec<InitialAccessRecord>, StoreError> {
        self.read_as("initial_access", sql::INITIAL_ACCESSES, realm, initial_access).await
    }

    /// The token of the realm with this id.
    pub async fn initial_access(
        &self,
        realm: Uuid,
        id: Uuid,
    ) -> Result<Option<InitialAccessRecord>, StoreError> {
        let parameters = vec![realm.into(), id.into()];
        self.row("initial_access", sql::INITIAL_ACCESS, parameters, initial_access).await
    }
}

fn initial_access(row: &Row) -> Option<InitialAccessRecord> {
    Some(InitialAccessRecord {
        id: row.id(0)?,
        realm: row.id(1)?,
        created: rows::at(row, 2)?,
        expires: rows::at(row, 3),
        count: row.int(4)?,
        remaining: row.int(5)?,
        web_origins: serde_json::from_str(row.text(6)?).ok()?,
    })
}
