//! Rows as they are stored, for whoever exports or changes them; decisions read snapshots.

use std::collections::BTreeMap;

use sekisho_core::credential::StoredCredential;
use sekisho_core::work::{
    ClientRecord, ConfigRecord, ConsentRecord, GroupRecord, RealmRecord, Registration, RoleRecord, UserRecord,
};
use sekisho_protocol::Timestamp;
use uuid::Uuid;

use crate::engine::{Row, Value};
use crate::{Store, StoreError, rows, sql};

/// A realm's own row.
pub struct StoredRealm {
    pub record: RealmRecord,
    pub revision: i64,
}

/// A client's own row.
pub struct StoredClient {
    pub record: ClientRecord,
    pub version: i64,
}

/// A user's row with what hangs on it.
pub struct StoredUser {
    pub record: UserRecord,
    pub version: i64,
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

    /// The row of every realm, also of those that are still being imported, by name.
    pub async fn stored_realms(&self) -> Result<Vec<StoredRealm>, StoreError> {
        self.rows("realm", sql::REALM_RECORDS, Vec::new(), realm).await
    }

    /// Every client of a realm.
    pub async fn stored_clients(&self, of: Uuid) -> Result<Vec<ClientRecord>, StoreError> {
        let clients = self.read_as("client", sql::CLIENT_RECORDS, of, client).await?;
        Ok(clients.into_iter().map(|client| client.record).collect())
    }

    /// The client with this identifier.
    pub async fn stored_client(&self, of: Uuid, client_id: &str) -> Result<Option<StoredClient>, StoreError> {
        self.row("client", sql::CLIENT_RECORD, vec![of.into(), client_id.into()], client).await
    }

    /// The client of the realm with this id of its row.
    pub async fn stored_client_by_id(&self, of: Uuid, id: Uuid) -> Result<Option<StoredClient>, StoreError> {
        self.row("client", sql::CLIENT_RECORD_BY_ID, vec![of.into(), id.into()], client).await
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

    /// The user of the realm with this id.
    pub async fn stored_user(&self, of: Uuid, id: Uuid) -> Result<Option<StoredUser>, StoreError> {
        self.whole_user(sql::USER_RECORD_BY_ID, vec![of.into(), id.into()]).await
    }

    /// The user with this name (normalised).
    pub async fn stored_user_by_name(
        &self,
        of: Uuid,
        username: &str,
    ) -> Result<Option<StoredUser>, StoreError> {
        self.whole_user(sql::USER_RECORD, vec![of.into(), username.into()]).await
    }

    /// The user that stands for a client.
    pub async fn stored_service_account(
        &self,
        of: Uuid,
        client: Uuid,
    ) -> Result<Option<StoredUser>, StoreError> {
        self.whole_user(sql::USER_RECORD_OF_CLIENT, vec![of.into(), client.into()]).await
    }

    /// Users with this address (normalised): more than one only where the realm allows it.
    pub async fn stored_users_by_email(&self, of: Uuid, email: &str) -> Result<Vec<UserRecord>, StoreError> {
        let parameters = vec![of.into(), email.into()];
        self.rows("user_account", sql::USER_RECORDS_BY_EMAIL, parameters, user).await
    }

    async fn whole_user(
        &self,
        sql: &'static str,
        parameters: Vec<Value>,
    ) -> Result<Option<StoredUser>, StoreError> {
        let Some(mut user) = self.row("user_account", sql, parameters, StoredUser::read).await? else {
            return Ok(None);
        };
        let id = user.record.id;
        user.roles = self.ids(sql::ROLES_OF_USER, id).await?;
        user.groups = self.ids(sql::GROUPS_OF_USER, id).await?;
        user.credentials = self.credentials(id).await?;
        user.consents = self.consents_of_user(id).await?;
        Ok(Some(user))
    }

    /// What a user agreed to, for every client and resource, with the time of the first agreement; the record has
    /// that of the last.
    pub async fn consents_of_user(&self, user: Uuid) -> Result<Vec<(ConsentRecord, Timestamp)>, StoreError> {
        let consent = |row: &Row| rows::consent(row).zip(rows::at(row, 6));
        self.rows("consent", sql::CONSENTS_OF_USER, vec![user.into()], consent).await
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
            let user = StoredUser::read(&row).ok_or(unreadable("user_account"))?;
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
    fn read(row: &Row) -> Option<Self> {
        let (roles, groups, credentials, consents) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Some(Self { record: user(row)?, version: row.int(10)?, roles, groups, credentials, consents })
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

pub(crate) fn client(row: &Row) -> Option<StoredClient> {
    let bytes = |index| row.bytes(index).map(<[u8]>::to_vec);
    let record = ClientRecord {
        id: row.id(0)?,
        realm: row.id(1)?,
        client_id: row.text(2)?.to_owned(),
        config: row.text(3)?.to_owned(),
        secrets: bytes(4),
        registration: Registration {
            token: bytes(5),
            at: rows::at(row, 6),
            used: rows::at(row, 7),
            fold: bytes(8),
        },
    };
    Some(StoredClient { record, version: row.int(9)? })
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

pub(crate) fn user(row: &Row) -> Option<UserRecord> {
    let text = |index| row.text(index).map(str::to_owned);
    Some(UserRecord {
        id: row.id(0)?,
        realm: row.id(1)?,
        username: text(2)?,
        email: text(3),
        first_name: text(4),
        last_name: text(5),
        enabled: row.bool(6)?,
        service_account_of: row.id(7),
        created: rows::at(row, 8)?,
        config: text(9)?,
    })
}
