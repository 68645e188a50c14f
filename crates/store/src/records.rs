//! Rows as they are stored, for whoever exports or changes them; decisions read snapshots.

use sekisho_core::work::{ClientRecord, ConfigRecord, GroupRecord, RealmRecord, RoleRecord, UserRecord};
use uuid::Uuid;

use crate::engine::Row;
use crate::{Store, StoreError, rows, sql};

/// A realm's own row.
pub struct StoredRealm {
    pub record: RealmRecord,
    pub revision: i64,
}

impl Store {
    /// The row of the realm with this name, also of one that is still being imported.
    pub async fn stored_realm(&self, name: &str) -> Result<Option<StoredRealm>, StoreError> {
        let row = self.read_one(sql::REALM_BY_NAME, vec![name.into()]).await?;
        row.map(|row| realm(&row).ok_or(StoreError::Unreadable("realm"))).transpose()
    }

    /// Every client of a realm.
    pub async fn stored_clients(&self, of: Uuid) -> Result<Vec<ClientRecord>, StoreError> {
        self.read_as("client", sql::CLIENT_RECORDS, of, client).await
    }

    /// Every client scope of a realm.
    pub async fn stored_scopes(&self, of: Uuid) -> Result<Vec<ConfigRecord>, StoreError> {
        self.read_as("client_scope", sql::SCOPE_RECORDS, of, |row| scope(row, of)).await
    }

    /// Every role of a realm and its clients.
    pub async fn stored_roles(&self, of: Uuid) -> Result<Vec<RoleRecord>, StoreError> {
        self.read_as("role", sql::ROLES_OF_REALM, of, |row| role(row, of)).await
    }

    /// Every group of a realm.
    pub async fn stored_groups(&self, of: Uuid) -> Result<Vec<GroupRecord>, StoreError> {
        self.read_as("user_group", sql::GROUPS_OF_REALM, of, |row| group(row, of)).await
    }

    /// Up to 500 users of a realm behind this id, by id; the nil id comes before all.
    pub async fn stored_users(&self, of: Uuid, behind: Uuid) -> Result<Vec<UserRecord>, StoreError> {
        let rows = self.read_all(sql::USER_RECORDS, vec![of.into(), behind.into()]).await?;
        rows.iter().map(|row| user(row).ok_or(StoreError::Unreadable("user_account"))).collect()
    }
}

fn realm(row: &Row) -> Option<StoredRealm> {
    let record = RealmRecord {
        id: row.id(0)?,
        name: row.text(1)?.to_owned(),
        importing: row.bool(3)?,
        config: row.text(4)?.to_owned(),
        secrets: row.bytes(5).map(<[u8]>::to_vec),
        created: rows::at(row, 6)?,
    };
    Some(StoredRealm { record, revision: row.int(2)? })
}

fn client(row: &Row) -> Option<ClientRecord> {
    Some(ClientRecord {
        id: row.id(0)?,
        realm: row.id(1)?,
        client_id: row.text(2)?.to_owned(),
        config: row.text(3)?.to_owned(),
        secrets: row.bytes(4).map(<[u8]>::to_vec),
    })
}

fn scope(row: &Row, realm: Uuid) -> Option<ConfigRecord> {
    Some(ConfigRecord {
        id: row.id(0)?,
        realm,
        name: row.text(1)?.to_owned(),
        config: row.text(2)?.to_owned(),
    })
}

fn role(row: &Row, realm: Uuid) -> Option<RoleRecord> {
    let owner = row.id(1)?;
    Some(RoleRecord {
        id: row.id(0)?,
        realm,
        client: (owner != realm).then_some(owner),
        name: row.text(2)?.to_owned(),
        config: row.text(3)?.to_owned(),
        composites: rows::ids(row.text(4)?)?,
    })
}

fn group(row: &Row, realm: Uuid) -> Option<GroupRecord> {
    Some(GroupRecord {
        id: row.id(0)?,
        realm,
        parent: row.id(1),
        path: row.text(2)?.to_owned(),
        config: row.text(3)?.to_owned(),
        roles: rows::ids(row.text(4)?)?,
    })
}

fn user(row: &Row) -> Option<UserRecord> {
    Some(UserRecord {
        id: row.id(0)?,
        realm: row.id(1)?,
        username: row.text(2)?.to_owned(),
        email: row.text(3).map(str::to_owned),
        enabled: row.bool(4)?,
        service_account_of: row.id(5),
        created: rows::at(row, 6)?,
        config: row.text(7)?.to_owned(),
    })
}
