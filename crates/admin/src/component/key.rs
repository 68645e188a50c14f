//! The key rows of key providers, changed in the work that changes the component.

use sekisho_core::access::{AdminRoles, Right};
use sekisho_core::ids::row_id;
use sekisho_core::keys::{KeyState, KeyUse};
use sekisho_core::work::{Deletion, Guard, Record, Work, Write};
use sekisho_protocol::Timestamp;
use sekisho_protocol::keycloak::{ComponentExportRepresentation, RealmRepresentation};
use sekisho_store::StoredKey;
use uuid::Uuid;

use super::provider::KEYS;
use crate::AdminError;
use crate::keys::new::NewKey;
use crate::permit::Admin;
use crate::place::Place;
use crate::realm::keys;

/// What decides which key of an algorithm signs, where nobody says: that of Keycloak's own providers.
const USUAL_PRIORITY: i64 = 100;

/// The entry of a provider's configuration that holds a secret which is a row: shown as stars where somebody sent it.
pub(super) fn hidden_entry(
    provider_type: &str,
    component: &ComponentExportRepresentation,
) -> Option<&'static str> {
    let is_given = component.provider_id.as_deref() == Some("rsa");
    keys::signer(component).filter(|_| provider_type == KEYS && is_given).map(|signer| signer.private)
}

/// The work in which a component is new or changed, with its key: made, read, or as it was.
pub(super) async fn changed(
    admin: &Admin<'_>,
    realm: &mut RealmRepresentation,
    provider_type: &str,
    component: &mut ComponentExportRepresentation,
    before: Option<&ComponentExportRepresentation>,
) -> Result<Work, AdminError> {
    if provider_type != KEYS {
        return Ok(admin.begin());
    }
    if is_brought(component) {
        // Whoever knows what a realm signs with makes every token of it, those of administrators too.
        admin.permit.require_right(Right::Over(&admin.realm.name, AdminRoles::REALM_ADMIN))?;
    }
    let mut rows = Rows::load(admin, realm).await?;
    let id = row_id(admin.realm.id, component.id.as_deref().unwrap_or_default());
    match rows.keys.iter_mut().find(|key| key.id == id) {
        Some(key) if before.is_some_and(|before| makes_same_key(before, component)) => {
            key.turn(keys::state(component));
            key.priority = keys::priority(component);
        }
        _ => rows.make(admin, id, component).await?,
    }
    rows.work(admin, realm).await
}

/// The work in which a component is gone, with its key.
pub(super) async fn removed(
    admin: &Admin<'_>,
    realm: &mut RealmRepresentation,
    component: &ComponentExportRepresentation,
) -> Result<Work, AdminError> {
    let mut rows = Rows::load(admin, realm).await?;
    rows.remove(row_id(admin.realm.id, component.id.as_deref().unwrap_or_default()));
    rows.work(admin, realm).await
}

/// Whether a key comes with the component, and is not made here.
fn is_brought(component: &ComponentExportRepresentation) -> bool {
    keys::signer(component).is_some_and(|signer| keys::entry(component, signer.private).is_some())
}

/// Whether nothing that makes the key what it is has changed.
fn makes_same_key(before: &ComponentExportRepresentation, after: &ComponentExportRepresentation) -> bool {
    let same_signer = match (keys::signer(before), keys::signer(after)) {
        (Some(before), Some(after)) => before.provider == after.provider,
        _ => false,
    };
    let made_of = |name: &str| keys::entry(before, name) == keys::entry(after, name);
    let algorithm = |component: &ComponentExportRepresentation| {
        keys::signer(component).map(|signer| keys::wanted(component, signer.kind))
    };
    same_signer
        && !is_brought(after)
        && algorithm(before) == algorithm(after)
        && ["keySize", "secretSize", "kid"].into_iter().all(made_of)
}

/// The keys that sign, as they will be.
struct Rows {
    keys: Vec<Ranked>,
    gone: Vec<Uuid>,
}

/// A key and where it stands among those of its algorithm.
struct Ranked {
    id: Uuid,
    priority: i64,
    purpose: KeyUse,
    algorithm: String,
    kid: String,
    state: KeyState,
    created: Timestamp,
    source: Source,
}

/// Where a key comes from.
enum Source {
    Stored { key: Box<StoredKey> },
    Fresh { key: Box<NewKey> },
}

impl Rows {
    async fn load(admin: &Admin<'_>, realm: &mut RealmRepresentation) -> Result<Self, AdminError> {
        let stored = admin.context.store.stored_keys(admin.realm.id, &admin.realm.name).await?;
        let providers: Vec<(Uuid, i64)> = keys::providers(realm)
            .iter()
            .map(|component| {
                let id = component.id.as_deref().unwrap_or_default();
                (row_id(admin.realm.id, id), keys::priority(component))
            })
            .collect();
        let priority = |id: Uuid| {
            providers.iter().find(|(known, _)| *known == id).map_or(USUAL_PRIORITY, |(_, priority)| *priority)
        };
        let signs = |key: &StoredKey| key.purpose != KeyUse::Seal;
        let keys =
            stored.into_iter().filter(signs).map(|key| Ranked::stored(priority(key.id), key)).collect();
        Ok(Self { keys, gone: Vec::new() })
    }

    fn remove(&mut self, id: Uuid) {
        if self.keys.iter().any(|key| key.id == id) {
            self.keys.retain(|key| key.id != id);
            self.gone.push(id);
        }
    }

    /// A new key, in place of the one that the component had.
    async fn make(
        &mut self,
        admin: &Admin<'_>,
        id: Uuid,
        component: &mut ComponentExportRepresentation,
    ) -> Result<(), AdminError> {
        self.remove(id);
        let Some(signer) = keys::signer(component) else { return Ok(()) };
        let place = Place::Top("component");
        let Some(mut key) = keys::read(&admin.context, component, signer, id, &place).await? else {
            return Ok(());
        };
        key.state = keys::state(component);
        if self.keys.iter().any(|known| known.kid == key.kid && known.purpose == key.purpose) {
            return Err(AdminError::Invalid("the realm has this key already".to_owned()));
        }
        self.keys.push(Ranked::fresh(keys::priority(component), key));
        Ok(())
    }

    /// What must be written, and what it takes for the realm to have a key for everything that it signs.
    async fn work(mut self, admin: &Admin<'_>, realm: &mut RealmRepresentation) -> Result<Work, AdminError> {
        self.rank();
        let active = |key: &&Ranked| key.state == KeyState::Active;
        let signing: Vec<&str> = self.keys.iter().filter(active).map(|key| key.algorithm.as_str()).collect();
        let missing = keys::missing(admin, realm, &signing).await?;
        let mut work = admin.begin();
        for key in &self.gone {
            work = work.write(Write::Delete(Deletion::Key { key: *key }));
        }
        for key in self.keys {
            work = key.write(admin, work, &self.gone)?;
        }
        for key in missing {
            work = work.insert(Record::Key(key.record(&admin.context, admin.realm.id)?));
        }
        Ok(work)
    }

    /// The store prefers the newest key of an algorithm: one that comes behind another is dated before it.
    fn rank(&mut self) {
        self.keys.sort_by_key(|key| std::cmp::Reverse((key.priority, key.created, key.id)));
        let mut oldest: Vec<(KeyUse, String, Timestamp)> = Vec::new();
        for key in &mut self.keys {
            let ahead = oldest
                .iter_mut()
                .find(|(purpose, algorithm, _)| *purpose == key.purpose && *algorithm == key.algorithm);
            match ahead {
                Some((_, _, ahead)) => {
                    key.created = key.created.min(Timestamp(ahead.0.saturating_sub(1)));
                    *ahead = key.created;
                }
                None => oldest.push((key.purpose, key.algorithm.clone(), key.created)),
            }
        }
    }
}

impl Ranked {
    fn stored(priority: i64, key: StoredKey) -> Self {
        Self {
            id: key.id,
            priority,
            purpose: key.purpose,
            algorithm: key.algorithm.clone(),
            kid: key.kid.clone(),
            state: key.state,
            created: key.created,
            source: Source::Stored { key: Box::new(key) },
        }
    }

    fn fresh(priority: i64, key: NewKey) -> Self {
        Self {
            id: key.id,
            priority,
            purpose: key.purpose,
            algorithm: key.algorithm.clone(),
            kid: key.kid.clone(),
            state: key.state,
            created: key.created,
            source: Source::Fresh { key: Box::new(key) },
        }
    }

    /// One that is announced and does not sign yet keeps waiting.
    fn turn(&mut self, state: KeyState) {
        if (self.state, state) != (KeyState::Next, KeyState::Active) {
            self.state = state;
        }
    }

    fn write(self, admin: &Admin<'_>, work: Work, gone: &[Uuid]) -> Result<Work, AdminError> {
        let key = match self.source {
            Source::Fresh { key } => *key,
            Source::Stored { key } if key.created != self.created => {
                let work = work.write(Write::Delete(Deletion::Key { key: self.id }));
                let dated = NewKey {
                    id: self.id,
                    purpose: self.purpose,
                    algorithm: self.algorithm,
                    kid: self.kid,
                    state: self.state,
                    epoch: key.epoch,
                    created: self.created,
                    material: key.material,
                };
                return Ok(work.insert(Record::Key(dated.record(&admin.context, admin.realm.id)?)));
            }
            Source::Stored { key } if key.state != self.state => {
                let (key, state) = (self.id, self.state.name());
                return Ok(work.write(Write::SetKeyState { key, state, at: admin.context.now() }));
            }
            Source::Stored { .. } => return Ok(work),
        };
        let key = NewKey { created: self.created, ..key };
        let record = Record::Key(key.record(&admin.context, admin.realm.id)?);
        // A row that takes the place of another one cannot be guarded: guards come first.
        let replaces = gone.contains(&self.id);
        Ok(if replaces { work.insert(record) } else { work.guard(Guard::Insert(Box::new(record))) })
    }
}
