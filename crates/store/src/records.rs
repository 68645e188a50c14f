//! Rows as they are stored, for whoever exports or changes them; decisions read snapshots.

use std::collections::BTreeMap;

use sekisho_core::credential::StoredCredential;
use sekisho_core::work::{
    ClientRecord, ConfigRecord, ConsentRecord, GroupRecord, RealmRecord, RoleRecord, UserRecord,
};
use sekisho_protocol::Timestamp;
use uuid::Uuid;

use crate::engine::Row;
use crate::{Store, StoreError, rows, sql};

/// A realm's own row.
pub struct StoredRealm {
    pub record: RealmRecord,
    pub revision: i64,
}

/// A user's row with what hangs on it.
pub struct StoredUser {
    pub record: UserRecord,
    pub roles: Vec<Uuid>,
    pub groups: Vec<Uuid>,
    /// The preferred first.
    pub credentials: Vec<StoredCredential>,
    /// With the time of the first agreement; the record has that of the last.
    pub consents: Vec<(ConsentRecord, Timestamp)>,
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

    /// The client with this identifier.
    pub async fn stored_client(&self, of: Uuid, client_id: &str) -> Result<Option<ClientRecord>, StoreError> {
        let row = self.read_one(sql::CLIENT_RECORD, vec![of.into(), client_id.into()]).await?;
        row.map(|row| client(&row).ok_or(StoreError::Unreadable("client"))).transpose()
    }

    /// The role with this name that the realm has, or one of its clients (`owner`).
    pub async fn stored_role(
        &self,
        of: Uuid,
        owner: Option<Uuid>,
        name: &str,
    ) -> Result<Option<RoleRecord>, StoreError> {
        let row = self.read_one(sql::ROLE_RECORD, vec![owner.unwrap_or(of).into(), name.into()]).await?;
        row.map(|row| role(&row, of).ok_or(StoreError::Unreadable("role"))).transpose()
    }

    /// The row of the user with this name (normalised), and its version.
    pub async fn stored_user(
        &self,
        of: Uuid,
        username: &str,
    ) -> Result<Option<(UserRecord, i64)>, StoreError> {
        let row = self.read_one(sql::USER_RECORD, vec![of.into(), username.into()]).await?;
        let read = |row: Row| user(&row).zip(row.int(8)).ok_or(StoreError::Unreadable("user_account"));
        row.map(read).transpose()
    }

    /// Whether a user of the realm has this address (normalised).
    pub async fn is_address_known(&self, of: Uuid, email: &str) -> Result<bool, StoreError> {
        Ok(self.read_one(sql::USER_BY_EMAIL, vec![of.into(), email.into()]).await?.is_some())
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
    pub async fn stored_users(&self, of: Uuid, behind: Uuid) -> Result<Vec<StoredUser>, StoreError> {
        let page = || vec![of.into(), behind.into()];
        let unreadable = StoreError::Unreadable;
        let mut users = BTreeMap::new();
        for row in self.read_all(sql::USER_RECORDS, page()).await? {
            let user = StoredUser::new(user(&row).ok_or(unreadable("user_account"))?);
            users.insert(user.record.id, user);
        }
        // A row of a user who came in between these reads belongs to nobody here.
        for row in self.read_all(sql::ROLES_OF_USERS, page()).await? {
            if let Some(user) = row.id(0).and_then(|id| users.get_mut(&id)) {
                user.roles.extend(row.id(1));
            }
        }
        for row in self.read_all(sql::GROUPS_OF_USERS, page()).await? {
            if let Some(user) = row.id(0).and_then(|id| users.get_mut(&id)) {
                user.groups.extend(row.id(1));
            }
        }
        for row in self.read_all(sql::CREDENTIALS_OF_USERS, page()).await? {
            let credential = rows::credential(&row).ok_or(unreadable("credential"))?;
            if let Some(user) = users.get_mut(&credential.user) {
                user.credentials.push(credential);
            }
        }
        for row in self.read_all(sql::CONSENTS_OF_USERS, page()).await? {
            let (consent, first) = rows::consent(&row).zip(rows::at(&row, 6)).ok_or(unreadable("consent"))?;
            if let Some(user) = users.get_mut(&consent.user) {
                user.consents.push((consent, first));
            }
        }
        Ok(users.into_values().collect())
    }
}

impl StoredUser {
    fn new(record: UserRecord) -> Self {
        let (roles, groups, credentials, consents) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { record, roles, groups, credentials, consents }
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
