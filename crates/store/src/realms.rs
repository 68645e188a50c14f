//! Realm snapshots: loaded when first asked, replaced when the revision moves (DESIGN §5.7).

use std::collections::HashMap;
use std::sync::Arc;

use sekisho_core::Realm;
use sekisho_core::keys::{KeyState, KeyUse, RealmKeys};
use sekisho_core::realm::Resource;
use sekisho_core::realm::assemble::{Stored, assemble};
use sekisho_core::rotation::{self, Standing};
use sekisho_core::work::{Guard, Outcome, Work};
use sekisho_jose::algorithm::Algorithm;
use sekisho_jose::jwk::JwkSet;
use sekisho_jose::key::SigningKey;
use sekisho_jose::seal::SealingKey;
use sekisho_jose::verify::Keys;
use sekisho_protocol::Timestamp;
use sekisho_protocol::keycloak::{self, RealmRepresentation};
use serde::Deserialize;
use uuid::Uuid;

use crate::engine::Row;
use crate::{Store, StoreError, rows, sql};

/// A key as stored, unwrapped.
pub struct StoredKey {
    pub id: Uuid,
    pub purpose: KeyUse,
    pub algorithm: String,
    pub kid: String,
    pub state: KeyState,
    pub epoch: u32,
    pub created: Timestamp,
    /// When the state last changed.
    pub changed: Timestamp,
    pub material: Vec<u8>,
}

/// What a `resource` row's config says.
#[derive(Deserialize, Default)]
#[serde(default)]
struct ResourceConfig {
    name: Option<String>,
    scopes: Vec<String>,
}

impl StoredKey {
    /// What decides when it signs.
    pub fn standing(&self) -> Standing {
        let (id, purpose, state, changed) = (self.id, self.purpose, self.state, self.changed);
        Standing { id, purpose, algorithm: self.algorithm.clone(), state, changed }
    }
}

impl Store {
    /// Lets every key of a realm sign that was shown long enough; answers how many keys changed. Where another
    /// node or an administrator was faster, none: the next look decides anew.
    pub async fn advance_keys(&self, name: &str, work: Uuid) -> Result<usize, StoreError> {
        let Some(realm) = self.stored_realm(name).await? else { return Ok(0) };
        let id = realm.record.id;
        let standings: Vec<Standing> =
            self.stored_keys(id, name).await?.iter().map(StoredKey::standing).collect();
        let writes = rotation::due(&standings, self.clock.now());
        let changed = writes.len();
        if changed == 0 {
            return Ok(0);
        }
        let guards = vec![Guard::MoveRealmFrom { realm: id, revision: realm.revision }];
        let outcome = self.commit(Work { id: work, guards, writes }).await?;
        Ok(if outcome == Outcome::Won { changed } else { 0 })
    }

    /// The realm with this name: the snapshot in memory, or loaded now. A realm that is not in memory is
    /// always asked of the database, so one that another process made is there at once.
    pub async fn realm(&self, name: &str) -> Result<Option<Arc<Realm>>, StoreError> {
        if let Some(realm) = self.realms.load().get(name) {
            return Ok(Some(realm.clone()));
        }
        self.reload_realm(name).await
    }

    /// Loads the realm anew and publishes it; one load at a time.
    pub async fn reload_realm(&self, name: &str) -> Result<Option<Arc<Realm>>, StoreError> {
        let _one_at_a_time = self.loading.lock().await;
        let loaded = self.load_realm(name).await?.map(Arc::new);
        self.realms.rcu(|realms| {
            let mut realms = HashMap::clone(realms);
            match &loaded {
                Some(realm) => realms.insert(name.to_owned(), realm.clone()),
                None => realms.remove(name),
            };
            realms
        });
        Ok(loaded)
    }

    async fn load_realm(&self, name: &str) -> Result<Option<Realm>, StoreError> {
        let Some(row) = self.read_one(sql::REALM_BY_NAME, vec![name.into()]).await? else { return Ok(None) };
        let unreadable = || StoreError::Unreadable("realm");
        let id = row.id(0).ok_or_else(unreadable)?;
        let text = row.text(4).ok_or_else(unreadable)?;
        let representation: RealmRepresentation =
            keycloak::parse(text.as_bytes()).map_err(|_| unreadable())?;
        let realm = assemble(Stored {
            id,
            name: name.to_owned(),
            revision: row.int(2).ok_or_else(unreadable)?,
            importing: row.bool(3).ok_or_else(unreadable)?,
            issuer: self.urls.issuer(name, &representation),
            representation,
            security: self.security,
            keys: self.load_keys(id, name).await?,
            scopes: self.load_scopes(id).await?,
            roles: self.read_as("role", sql::ROLES_OF_REALM, id, |row| rows::role(row, id)).await?,
            groups: self.read_as("user_group", sql::GROUPS_OF_REALM, id, rows::group).await?,
            resources: self.read_as("resource", sql::RESOURCES_OF_REALM, id, resource).await?,
            client_ids: self.load_role_owners(id).await?,
        });
        Ok(Some(realm))
    }

    async fn load_scopes(
        &self,
        realm: Uuid,
    ) -> Result<Vec<(Uuid, keycloak::ClientScopeRepresentation)>, StoreError> {
        let scope = |row: &Row| Some((row.id(0)?, keycloak::parse(row.text(1)?.as_bytes()).ok()?));
        self.read_as("client_scope", sql::SCOPES_OF_REALM, realm, scope).await
    }

    async fn load_role_owners(&self, realm: Uuid) -> Result<HashMap<Uuid, String>, StoreError> {
        let owner = |row: &Row| Some((row.id(0)?, row.text(1)?.to_owned()));
        Ok(self.read_as("client", sql::ROLE_OWNERS, realm, owner).await?.into_iter().collect())
    }

    /// Every row of a realm's table, read by `read`.
    pub(crate) async fn read_as<T>(
        &self,
        table: &'static str,
        sql: &'static str,
        realm: Uuid,
        read: impl Fn(&Row) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.rows(table, sql, vec![realm.into()], read).await
    }

    async fn load_keys(&self, realm: Uuid, name: &str) -> Result<RealmKeys, StoreError> {
        realm_keys(&self.stored_keys(realm, name).await?).ok_or_else(|| StoreError::Sealed(name.to_owned()))
    }

    /// The keys of a realm with their private halves, the newest first; for rotation and export.
    pub async fn stored_keys(&self, realm: Uuid, name: &str) -> Result<Vec<StoredKey>, StoreError> {
        let rows = self.read_all(sql::KEYS_OF_REALM, vec![realm.into()]).await?;
        let read = |row: &Row| self.stored_key(row, realm).ok_or_else(|| StoreError::Sealed(name.to_owned()));
        rows.iter().map(read).collect()
    }

    fn stored_key(&self, row: &Row, realm: Uuid) -> Option<StoredKey> {
        Some(StoredKey {
            id: row.id(0)?,
            purpose: KeyUse::parse(row.text(1)?)?,
            algorithm: row.text(2)?.to_owned(),
            kid: row.text(3)?.to_owned(),
            state: KeyState::parse(row.text(4)?)?,
            epoch: u32::try_from(row.int(5)?).ok()?,
            created: rows::at(row, 6)?,
            material: self.master.unwrap(realm, row.bytes(7)?)?,
            changed: rows::at(row, 8)?,
        })
    }
}

/// Parses each key once; `None` when one cannot be.
fn realm_keys(stored: &[StoredKey]) -> Option<RealmKeys> {
    let mut keys = RealmKeys {
        signing: Vec::new(),
        verifying: Keys::new(Vec::new()),
        jwks: String::new(),
        refresh: Vec::new(),
        sealing: Vec::new(),
    };
    let (mut verifying, mut public) = (Vec::new(), Vec::new());
    for key in stored.iter().filter(|key| key.state != KeyState::Disabled) {
        match key.purpose {
            KeyUse::Seal => {
                keys.sealing.push((key.epoch, SealingKey::new(key.material.as_slice().try_into().ok()?)));
            }
            KeyUse::Refresh => {
                keys.refresh.push(SigningKey::symmetric(Algorithm::Hs512, &key.kid, &key.material).ok()?);
            }
            KeyUse::Signature => {
                let algorithm = Algorithm::parse(&key.algorithm)?;
                let parsed = SigningKey::from_pkcs8(algorithm, &key.material).ok()?.with_kid(&key.kid);
                verifying.push(parsed.verifying());
                public.extend(parsed.public());
                if key.state == KeyState::Active {
                    keys.signing.push(parsed);
                }
            }
        }
    }
    keys.verifying = Keys::new(verifying);
    keys.jwks = serde_json::to_string(&JwkSet { keys: public }).ok()?;
    Some(keys)
}

fn resource(row: &Row) -> Option<Resource> {
    let config: ResourceConfig = serde_json::from_str(row.text(2)?).ok()?;
    Some(Resource { id: row.id(0)?, uri: row.text(1)?.to_owned(), name: config.name, scopes: config.scopes })
}
