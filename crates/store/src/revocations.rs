//! What was revoked, in the memory of every node (DESIGN §5.6).

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use sekisho_core::work::RevokedKind;
use sekisho_protocol::Timestamp;
use uuid::Uuid;

type Key = (Uuid, RevokedKind, Vec<u8>);

/// The revocations that still matter.
#[derive(Default)]
pub struct Revocations {
    entries: RwLock<HashMap<Key, Timestamp>>,
}

impl Revocations {
    /// Whether this was revoked.
    pub fn contains(&self, realm: Uuid, kind: RevokedKind, key: &[u8]) -> bool {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        !entries.is_empty() && entries.contains_key(&(realm, kind, key.to_vec()))
    }

    /// Remembers a revocation until it matters no more.
    pub fn insert(&self, realm: Uuid, kind: RevokedKind, key: Vec<u8>, expires: Timestamp) {
        self.entries.write().unwrap_or_else(PoisonError::into_inner).insert((realm, kind, key), expires);
    }

    /// Forgets what no token can meet any more.
    pub fn purge(&self, now: Timestamp) {
        self.entries.write().unwrap_or_else(PoisonError::into_inner).retain(|_, expires| *expires >= now);
    }
}
