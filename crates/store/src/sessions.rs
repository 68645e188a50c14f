//! Sessions and grants that live, by user and by client: what an administrator sees of them.

use sekisho_core::Realm;
use sekisho_core::grant::Grant;
use sekisho_core::session::{Session, idle_life};
use sekisho_protocol::Timestamp;
use uuid::Uuid;

use crate::engine::{Row, Value};
use crate::{Page, Store, StoreError, rows, sql};

/// How many sessions and offline grants a client has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientSessions {
    pub client: Uuid,
    /// Sessions under which it has a grant.
    pub active: i64,
    /// Grants that outlive their session.
    pub offline: i64,
}

impl Store {
    /// Sessions of a user that live now, the oldest first.
    pub async fn sessions_of_user(&self, realm: &Realm, user: Uuid) -> Result<Vec<Session>, StoreError> {
        let parameters = self.living(realm, user);
        self.rows("session", sql::SESSIONS_OF_USER, parameters, rows::session).await
    }

    /// Living sessions under which a client has a grant, with the name of each user, the oldest first.
    pub async fn sessions_of_client(
        &self,
        realm: &Realm,
        client: Uuid,
        page: Page,
    ) -> Result<Vec<(Session, String)>, StoreError> {
        let mut parameters = self.living(realm, client);
        parameters.extend(page.parameters());
        let read = |row: &Row| rows::session(row).zip(row.text(12).map(str::to_owned));
        self.rows("session", sql::SESSIONS_OF_CLIENT, parameters, read).await
    }

    /// How many those are.
    pub async fn session_count_of_client(&self, realm: &Realm, client: Uuid) -> Result<i64, StoreError> {
        self.count("session", sql::SESSION_COUNT_OF_CLIENT, self.living(realm, client)).await
    }

    /// Offline grants of a client, with the name of each user, the oldest first.
    pub async fn offline_grants_of_client(
        &self,
        client: Uuid,
        page: Page,
    ) -> Result<Vec<(Grant, String)>, StoreError> {
        let mut parameters = vec![client.into(), self.clock.now().into()];
        parameters.extend(page.parameters());
        let read = |row: &Row| rows::grant(row).zip(row.text(16).map(str::to_owned));
        self.rows("grant_family", sql::OFFLINE_GRANTS_OF_CLIENT, parameters, read).await
    }

    /// How many those are.
    pub async fn offline_count_of_client(&self, client: Uuid) -> Result<i64, StoreError> {
        let parameters = vec![client.into(), self.clock.now().into()];
        self.count("grant_family", sql::OFFLINE_COUNT_OF_CLIENT, parameters).await
    }

    /// Every client of the realm that has any.
    pub async fn client_session_stats(&self, realm: &Realm) -> Result<Vec<ClientSessions>, StoreError> {
        let read = |row: &Row| {
            Some(ClientSessions { client: row.id(0)?, active: row.int(1)?, offline: row.int(2)? })
        };
        let parameters = self.living(realm, realm.id);
        let mut stats = self.rows("grant_family", sql::CLIENT_SESSIONS, parameters, read).await?;
        stats.retain(|of| of.active > 0 || of.offline > 0);
        Ok(stats)
    }

    /// Grants of a user that live now, at every client, the oldest first.
    pub async fn grants_of_user(&self, user: Uuid) -> Result<Vec<Grant>, StoreError> {
        let parameters = vec![user.into(), self.clock.now().into()];
        self.rows("grant_family", sql::GRANTS_OF_USER, parameters, rows::grant).await
    }

    /// The same at one client: those that outlive their session, or those that do not.
    pub async fn grants_of_user_at_client(
        &self,
        user: Uuid,
        client: Uuid,
        offline: bool,
    ) -> Result<Vec<Grant>, StoreError> {
        let mut grants = self.grants_of_user(user).await?;
        grants.retain(|grant| grant.client == client && grant.offline == offline);
        Ok(grants)
    }

    /// Grants that hang on a session and live now: which clients it is used at.
    pub async fn grants_of_session(&self, session: Uuid) -> Result<Vec<Grant>, StoreError> {
        let parameters = vec![session.into(), self.clock.now().into()];
        self.rows("grant_family", sql::GRANTS_OF_SESSION, parameters, rows::grant).await
    }

    /// `$1` to `$5` of every statement that asks for living sessions: of what, and what `session::check` says of
    /// them now.
    fn living(&self, realm: &Realm, of: Uuid) -> Vec<Value> {
        let now = self.clock.now();
        let seen = |remember_me| now.plus_seconds(-idle_life(&realm.lifespans, remember_me));
        let not_before = Timestamp::from_seconds(realm.not_before);
        vec![of.into(), now.into(), not_before.into(), seen(true).into(), seen(false).into()]
    }
}
