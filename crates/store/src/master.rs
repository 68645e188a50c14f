//! The master key: wraps the keys of realms, and nothing else (DESIGN §5.11).

use sekisho_jose::hash::sha256;
use sekisho_jose::seal::{self, Purpose, SealingKey};
use uuid::Uuid;

const PURPOSE: &str = "realm-key";

/// Master keys; the first wraps, all unwrap, so that one can take the place of another.
#[derive(Clone)]
pub struct MasterKeys {
    keys: Vec<(u32, SealingKey)>,
}

impl MasterKeys {
    /// Master keys in order of preference; `None` without one.
    pub fn new(keys: &[[u8; 32]]) -> Option<Self> {
        let keys: Vec<(u32, SealingKey)> =
            keys.iter().map(|key| (name_of(key), SealingKey::new(*key))).collect();
        (!keys.is_empty()).then_some(Self { keys })
    }

    /// Wraps a key of a realm; `None` only without any master key.
    pub fn wrap(&self, realm: Uuid, nonce: [u8; 12], key: &[u8]) -> Option<Vec<u8>> {
        let (name, master) = self.keys.first()?;
        Some(seal::seal(master, *name, nonce, &Purpose { name: PURPOSE, realm }, key))
    }

    /// Unwraps what [`MasterKeys::wrap`] made; `None` under another master key.
    pub fn unwrap(&self, realm: Uuid, wrapped: &[u8]) -> Option<Vec<u8>> {
        let name = seal::epoch(wrapped)?;
        let (_, master) = self.keys.iter().find(|(known, _)| *known == name)?;
        seal::open(master, &Purpose { name: PURPOSE, realm }, wrapped).ok()
    }
}

/// A name for a key that tells nothing of it.
fn name_of(key: &[u8; 32]) -> u32 {
    let [a, b, c, d, ..] = sha256(key);
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_master_key_still_unwraps_after_a_change() {
        let old = MasterKeys::new(&[[1; 32]]).expect("one key");
        let wrapped = old.wrap(Uuid::nil(), [0; 12], b"key").expect("wraps");
        let both = MasterKeys::new(&[[2; 32], [1; 32]]).expect("two keys");
        assert_eq!(both.unwrap(Uuid::nil(), &wrapped).as_deref(), Some(b"key".as_slice()));
        assert_eq!(MasterKeys::new(&[[2; 32]]).expect("one key").unwrap(Uuid::nil(), &wrapped), None);
        assert_eq!(both.unwrap(Uuid::from_u128(1), &wrapped), None);
    }
}
