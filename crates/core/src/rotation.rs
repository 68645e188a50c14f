//! Rotation of signing keys (DESIGN §5.10): a key is shown before it signs, signs, and is shown as long as
//! what it signed may be looked at.

use sekisho_protocol::Timestamp;
use uuid::Uuid;

use crate::keys::{KeyState, KeyUse};
use crate::work::Write;

/// Seconds for which others may keep the key set before they look again.
pub const KEY_SET_MAX_AGE: i64 = 600;
/// Seconds for which a key is shown before it signs: nobody may meet a signature by a key not seen yet.
pub const SHOWN_BEFORE_SIGNING: i64 = KEY_SET_MAX_AGE + 10;

/// Where a stored key stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub id: Uuid,
    pub purpose: KeyUse,
    pub algorithm: String,
    pub state: KeyState,
    /// Since when.
    pub changed: Timestamp,
}

/// What must change now: each key that was shown long enough signs, and the one before it only verifies.
/// Nothing while no key is due.
pub fn due(keys: &[Standing], now: Timestamp) -> Vec<Write> {
    let waited = |key: &&Standing| {
        key.state == KeyState::Next && now.seconds_since(key.changed) >= SHOWN_BEFORE_SIGNING
    };
    keys.iter().filter(waited).flat_map(|next| promote(keys, next, KeyState::Passive, now)).collect()
}

/// Makes a key sign in place of every other of its kind, which get the state `before`.
pub fn promote(keys: &[Standing], next: &Standing, before: KeyState, now: Timestamp) -> Vec<Write> {
    let same =
        |key: &&Standing| key.id != next.id && key.purpose == next.purpose && key.algorithm == next.algorithm;
    let ends = |key: &&Standing| match key.state {
        KeyState::Active => true,
        KeyState::Next | KeyState::Passive => before == KeyState::Disabled,
        KeyState::Disabled => false,
    };
    let change = |key: Uuid, state: KeyState| Write::SetKeyState { key, state: state.name(), at: now };
    let mut writes = vec![change(next.id, KeyState::Active)];
    writes.extend(keys.iter().filter(same).filter(ends).map(|key| change(key.id, before)));
    writes
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn key(id: u128, algorithm: &str, state: KeyState, seconds_ago: i64) -> Standing {
        let changed = NOW.plus_seconds(-seconds_ago);
        Standing {
            id: Uuid::from_u128(id),
            purpose: KeyUse::Signature,
            algorithm: algorithm.to_owned(),
            state,
            changed,
        }
    }

    fn changes(writes: &[Write]) -> Vec<(u128, &'static str)> {
        let change = |write: &Write| match write {
            Write::SetKeyState { key, state, at: NOW } => Some((key.as_u128(), *state)),
            _ => None,
        };
        writes.iter().map(|write| change(write).expect("a change of state")).collect()
    }

    #[test]
    fn a_key_signs_only_after_every_key_set_kept_elsewhere_has_ended() {
        for (seconds_ago, expected) in [
            (0, vec![]),
            (609, vec![]),
            (610, vec![(2, "active"), (1, "passive")]),
            (100_000, vec![(2, "active"), (1, "passive")]),
        ] {
            let keys = [
                key(1, "ES256", KeyState::Active, 1_000_000),
                key(2, "ES256", KeyState::Next, seconds_ago),
                key(3, "RS256", KeyState::Active, 1_000_000),
                key(4, "ES256", KeyState::Passive, 1_000_000),
            ];
            assert_eq!(changes(&due(&keys, NOW)), expected, "{seconds_ago}");
        }
    }

    #[test]
    fn after_a_compromise_no_other_key_of_the_kind_verifies() {
        let keys = [
            key(1, "ES256", KeyState::Active, 10),
            key(2, "ES256", KeyState::Passive, 10),
            key(3, "ES256", KeyState::Next, 10),
            key(4, "RS256", KeyState::Active, 10),
        ];
        let next = key(5, "ES256", KeyState::Next, 0);
        let writes = promote(&keys, &next, KeyState::Disabled, NOW);
        assert_eq!(changes(&writes), [(5, "active"), (1, "disabled"), (2, "disabled"), (3, "disabled")]);
    }

    #[test]
    fn a_clock_set_back_promotes_nothing() {
        let keys = [key(1, "ES256", KeyState::Next, -5)];
        assert!(due(&keys, NOW).is_empty());
    }
}
