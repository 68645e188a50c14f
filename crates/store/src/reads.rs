//! What is read of clients, users, sessions, grants and consent.

use std::sync::Arc;

use sekisho_core::client::read;
use sekisho_core::credential::StoredCredential;
use sekisho_core::grant::Grant;
use sekisho_core::ids::GrantId;
use sekisho_core::lockout::Attempts;
use sekisho_core::work::ConsentRecord;
use sekisho_core::{Client, Realm, Secret, Session, User, secrets, user};
use sekisho_protocol::keycloak;
use uuid::Uuid;

use crate::engine::{Row, Statement, Value};
use crate::{Store, StoreError, rows, sql};

/// Where a client's document has the secret before.
const ROTATED_SECRET: &str = "/attributes/client.secret.rotated";

impl Store {
    /// The client with this identifier: from the cache, or read now.
    pub async fn client(&self, realm: &Realm, client_id: &str) -> Result<Option<Arc<Client>>, StoreError> {
        let key = (realm.id, client_id.to_owned());
        if let Some(client) = self.clients.get(&key) {
            return Ok(Some(client));
        }
        let parameters = vec![realm.id.into(), client_id.into()];
        let Some(row) = self.read_one(sql::CLIENT_BY_CLIENT_ID, parameters).await? else { return Ok(None) };
        let client = Arc::new(client(realm, &row).ok_or(StoreError::Unreadable("client"))?);
        self.clients.insert(key, client.clone());
        Ok(Some(client))
    }

    /// The client with this id of its row.
    pub async fn client_by_id(&self, realm: &Realm, id: Uuid) -> Result<Option<Arc<Client>>, StoreError> {
        let Some(row) = self.read_one(sql::CLIENT_BY_ID, vec![id.into()]).await? else { return Ok(None) };
        let client = client(realm, &row).ok_or(StoreError::Unreadable("client"))?;
        Ok(Some(Arc::new(client)).filter(|client| client.realm == realm.id))
    }

    /// The user with this id.
    pub async fn user(&self, realm: &Realm, id: Uuid) -> Result<Option<User>, StoreError> {
        let row = self.read_one(sql::USER_BY_ID, vec![id.into()]).await?;
        Ok(self.with_memberships(row).await?.filter(|user| user.realm == realm.id))
    }

    /// The user that a name typed at sign-in means: a user name, or an address where the realm allows it
    /// and it is not shared.
    pub async fn user_by_login(&self, realm: &Realm, name: &str) -> Result<Option<User>, StoreError> {
        let name = user::normalize(name);
        let parameters = vec![realm.id.into(), name.into()];
        if let Some(row) = self.read_one(sql::USER_BY_NAME, parameters.clone()).await? {
            return self.with_memberships(Some(row)).await;
        }
        if !realm.login.with_email {
            return Ok(None);
        }
        let mut rows = self.read_all(sql::USER_BY_EMAIL, parameters).await?;
        let row = if rows.len() == 1 { rows.pop() } else { None };
        if row.is_none() {
            // As many reads as for a known name: the time of the answer must not tell (attack 77).
            self.ids(sql::ROLES_OF_USER, Uuid::nil()).await?;
            self.ids(sql::GROUPS_OF_USER, Uuid::nil()).await?;
        }
        self.with_memberships(row).await
    }

    /// The same from the cache, where a second's delay is allowed: not at a login, nor at a refresh.
    pub async fn cached_user(&self, realm: &Realm, id: Uuid) -> Result<Option<Arc<User>>, StoreError> {
        let user = match self.users.get(&id) {
            Some(user) => Some(user),
            None => self.user(realm, id).await?.map(|user| self.keep(user)),
        };
        Ok(user.filter(|user| user.realm == realm.id))
    }

    /// The user that stands for a client's service account, from the cache: client credentials await no
    /// database (DESIGN §5.8).
    pub async fn service_account(&self, client: &Client) -> Result<Option<Arc<User>>, StoreError> {
        let known = self.service_accounts.get(&client.id).and_then(|id| self.users.get(&id));
        if let Some(user) = known.filter(|user| user.service_account_of == Some(client.id)) {
            return Ok(Some(user));
        }
        let row = self.read_one(sql::SERVICE_ACCOUNT, vec![client.id.into()]).await?;
        let user = self.with_memberships(row).await?.map(|user| self.keep(user));
        if let Some(user) = &user {
            self.service_accounts.insert(client.id, user.id);
        }
        Ok(user)
    }

    fn keep(&self, user: User) -> Arc<User> {
        let user = Arc::new(user);
        self.users.insert(user.id, user.clone());
        user
    }

    async fn with_memberships(&self, row: Option<Row>) -> Result<Option<User>, StoreError> {
        let Some(row) = row else { return Ok(None) };
        let unreadable = || StoreError::Unreadable("user_account");
        let id = row.id(0).ok_or_else(unreadable)?;
        let roles = self.ids(sql::ROLES_OF_USER, id).await?;
        let groups = self.ids(sql::GROUPS_OF_USER, id).await?;
        rows::user(&row, roles, groups).ok_or_else(unreadable).map(Some)
    }

    pub(crate) async fn ids(&self, sql: &'static str, of: Uuid) -> Result<Vec<Uuid>, StoreError> {
        Ok(self.read_all(sql, vec![of.into()]).await?.iter().filter_map(|row| row.id(0)).collect())
    }

    /// Credentials of a user, the preferred first.
    pub async fn credentials(&self, user: Uuid) -> Result<Vec<StoredCredential>, StoreError> {
        let rows = self.read_all(sql::CREDENTIALS_OF_USER, vec![user.into()]).await?;
        rows.iter().map(|row| rows::credential(row).ok_or(StoreError::Unreadable("credential"))).collect()
    }

    /// The session whose cookie has this hash.
    pub async fn session_by_cookie(&self, hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        self.find("session", sql::SESSION_BY_COOKIE, hash.to_vec().into(), rows::session).await
    }

    /// The session with this public id.
    pub async fn session(&self, id: Uuid) -> Result<Option<Session>, StoreError> {
        self.find("session", sql::SESSION_BY_ID, id.into(), rows::session).await
    }

    /// The grant with this id.
    pub async fn grant(&self, id: GrantId) -> Result<Option<Grant>, StoreError> {
        self.find("grant_family", sql::GRANT_BY_ID, id.uuid().into(), rows::grant).await
    }

    /// What a user agreed to for a client, a record for each resource.
    pub async fn consents(&self, user: Uuid, client: Uuid) -> Result<Vec<ConsentRecord>, StoreError> {
        let rows = self.read_all(sql::CONSENTS, vec![user.into(), client.into()]).await?;
        rows.iter().map(|row| rows::consent(row).ok_or(StoreError::Unreadable("consent"))).collect()
    }

    /// Failures counted under a key.
    pub async fn attempts(&self, realm: &Realm, key: &[u8]) -> Result<Attempts, StoreError> {
        let row = self.read_one(sql::ATTEMPTS, vec![realm.id.into(), key.to_vec().into()]).await?;
        row.map_or(Ok(Attempts::default()), |row| {
            rows::attempts(&row).ok_or(StoreError::Unreadable("login_attempt"))
        })
    }

    async fn find<T>(
        &self,
        table: &'static str,
        sql: &'static str,
        key: Value,
        read: impl Fn(&Row) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        self.row(table, sql, vec![key], read).await
    }

    /// The row that a statement answers, read by `read`.
    pub(crate) async fn row<T>(
        &self,
        table: &'static str,
        sql: &'static str,
        parameters: Vec<Value>,
        read: impl Fn(&Row) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let row = self.read_one(sql, parameters).await?;
        row.map(|row| read(&row).ok_or(StoreError::Unreadable(table))).transpose()
    }

    /// Every row that a statement answers, read by `read`.
    pub(crate) async fn rows<T>(
        &self,
        table: &'static str,
        sql: &'static str,
        parameters: Vec<Value>,
        read: impl Fn(&Row) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.read_all(sql, parameters).await?;
        rows.iter().map(|row| read(row).ok_or(StoreError::Unreadable(table))).collect()
    }

    pub(crate) async fn read_all(
        &self,
        sql: &'static str,
        parameters: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        Ok(self.engine.read(Statement::new(sql, parameters)).await?)
    }

    pub(crate) async fn read_one(
        &self,
        sql: &'static str,
        parameters: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.read_all(sql, parameters).await?.into_iter().next())
    }
}

fn client(realm: &Realm, row: &Row) -> Option<Client> {
    let config = keycloak::parse(row.text(3)?.as_bytes()).ok()?;
    let secrets = secrets::open(realm, row.bytes(4))?;
    let secret = secrets.get("/secret").map(|secret| Secret::new(secret.as_str()));
    let awaits_use = rows::at(row, 5).is_some() && rows::at(row, 6).is_none();
    let rotated_secret = secrets.get(ROTATED_SECRET).map(|secret| Secret::new(secret.as_str()));
    Some(Client { awaits_use, rotated_secret, ..read::client(rows::place(row)?, config, secret) })
}
