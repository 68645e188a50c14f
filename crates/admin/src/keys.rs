//! Keys of realms: which there are, and new ones in their place (DESIGN §5.10).

mod metadata;
pub(crate) mod new;
pub(crate) mod public;

use sekisho_core::keys::{KeyState, KeyUse};
use sekisho_core::rotation::{self, Standing};
use sekisho_core::work::{Guard, Record, Work};
pub use sekisho_jose::algorithm::Algorithm;
use sekisho_protocol::Timestamp;
use sekisho_store::{StoredKey, StoredRealm};
use uuid::Uuid;

use crate::error::won;
use crate::{AdminError, Context};
pub use metadata::metadata;
use new::NewKey;

/// A key without its private half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub id: Uuid,
    pub kid: String,
    pub purpose: KeyUse,
    pub algorithm: String,
    pub state: KeyState,
    pub created: Timestamp,
    /// When its state last changed.
    pub changed: Timestamp,
}

/// How a new key takes the place of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It is shown first, and signs when nobody can hold a key set without it; the one before verifies on.
    Announced,
    /// At once, for a compromise: what other keys of the kind have signed is no longer good.
    Now,
}

/// Every key of a realm, the newest first.
pub async fn list(context: &Context<'_>, realm: &str) -> Result<Vec<Key>, AdminError> {
    let (_, stored) = load(context, realm).await?;
    Ok(stored.iter().map(Key::of).collect())
}

/// Makes new signing keys: of the algorithm, or of each that the realm signs with. Where one is announced
/// already, an announced rotation changes nothing. Refresh tokens are nobody's to verify but ours, so their
/// key (HS512) needs no announcement.
pub async fn rotate(
    context: &Context<'_>,
    realm: &str,
    algorithm: Option<Algorithm>,
    rotation: Rotation,
) -> Result<Vec<Key>, AdminError> {
    let (found, stored) = load(context, realm).await?;
    let id = found.record.id;
    let chosen = choose(&stored, algorithm, rotation)?;
    let standings: Vec<Standing> = stored.iter().map(StoredKey::standing).collect();
    let guard = Guard::MoveRealmFrom { realm: id, revision: found.revision };
    let mut work = Work::new(context.fresh_id()).guard(guard);
    let mut made = Vec::new();
    for algorithm in chosen {
        let mut key = fresh(context, algorithm).await?;
        key.state = KeyState::Next;
        let next = Standing {
            id: key.id,
            purpose: key.purpose,
            algorithm: key.algorithm.clone(),
            state: key.state,
            changed: key.created,
        };
        made.push(next.id);
        work = work.insert(Record::Key(key.record(context, id)?));
        let before = match rotation {
            Rotation::Now => Some(KeyState::Disabled),
            Rotation::Announced if next.purpose == KeyUse::Refresh => Some(KeyState::Passive),
            Rotation::Announced => None,
        };
        if let Some(before) = before {
            work.writes.extend(rotation::promote(&standings, &next, before, context.now()));
        }
    }
    if !made.is_empty() {
        won(context.store.commit(work).await?, |_| AdminError::Raced(realm.to_owned()))?;
    }
    Ok(list(context, realm).await?.into_iter().filter(|key| made.contains(&key.id)).collect())
}

/// Algorithms to make keys for.
fn choose(
    stored: &[StoredKey],
    algorithm: Option<Algorithm>,
    rotation: Rotation,
) -> Result<Vec<Algorithm>, AdminError> {
    let mut chosen = Vec::new();
    for key in stored.iter().filter(|key| key.purpose != KeyUse::Seal && key.state == KeyState::Active) {
        if let Some(signs) = Algorithm::parse(&key.algorithm)
            && algorithm.is_none_or(|wanted| wanted == signs)
            && !chosen.contains(&signs)
        {
            chosen.push(signs);
        }
    }
    if let (Some(wanted), true) = (algorithm, chosen.is_empty()) {
        return Err(AdminError::NoSuchKey(wanted));
    }
    if rotation == Rotation::Announced {
        let announced = |signs: &Algorithm| {
            stored.iter().any(|key| key.state == KeyState::Next && key.algorithm == signs.name())
        };
        chosen.retain(|signs| !announced(signs));
    }
    Ok(chosen)
}

async fn fresh(context: &Context<'_>, algorithm: Algorithm) -> Result<NewKey, AdminError> {
    match algorithm {
        Algorithm::Hs512 => Ok(NewKey::refresh(context, context.fresh_id())),
        pair => NewKey::signature(context, context.fresh_id(), pair).await,
    }
}

async fn load(context: &Context<'_>, realm: &str) -> Result<(StoredRealm, Vec<StoredKey>), AdminError> {
    let unknown = || AdminError::NoSuchRealm(realm.to_owned());
    let found = context.store.stored_realm(realm).await?.ok_or_else(unknown)?;
    let keys = context.store.stored_keys(found.record.id, realm).await?;
    Ok((found, keys))
}

impl Key {
    fn of(stored: &StoredKey) -> Self {
        Self {
            id: stored.id,
            kid: stored.kid.clone(),
            purpose: stored.purpose,
            algorithm: stored.algorithm.clone(),
            state: stored.state,
            created: stored.created,
            changed: stored.changed,
        }
    }
}
