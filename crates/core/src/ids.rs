//! Ids that carry meaning: a grant, and the tokens that came of it.

use std::fmt;

use sekisho_jose::hash::sha256;
use sekisho_protocol::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How many bits at the end of a grant's id are zero, for the number of a token.
const NUMBER_BITS: u32 = 24;
const NUMBER_MASK: u128 = (1 << NUMBER_BITS) - 1;

/// The id of a grant: a UUIDv8 (RFC 9562 §5.8) of 48 bits time, 50 random bits and 24 zero bits. A
/// token's `jti` is the same with its number in the zero bits, so that the grant behind any token is
/// known without a read (DESIGN §5.6).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantId(Uuid);

impl GrantId {
    /// A new id; sorted by time, which keeps index pages of the database warm.
    pub fn new(now: Timestamp, random: [u8; 8]) -> Self {
        let time = u128::from(now.0.max(0).unsigned_abs() & 0xFFFF_FFFF_FFFF) << 80;
        let noise = u128::from(u64::from_be_bytes(random));
        let high = (noise & 0xFFF) << 64;
        let low = ((noise >> 12) & ((1 << 38) - 1)) << NUMBER_BITS;
        let version = 8 << 76;
        let variant = 0b10 << 62;
        Self(Uuid::from_u128(time | version | high | variant | low))
    }

    /// The id of a row, as stored.
    pub const fn from_stored(id: Uuid) -> Self {
        Self(id)
    }

    /// The id as stored.
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// The `jti` of this grant's token with this number (its low 24 bits).
    pub const fn numbered(self, number: u32) -> Uuid {
        Uuid::from_u128(self.0.as_u128() | (number as u128 & NUMBER_MASK))
    }

    /// The grant and the number that a `jti` carries; `None` when it is not one of ours.
    pub fn of_jti(jti: Uuid) -> Option<(Self, u32)> {
        if jti.get_version_num() != 8 {
            return None;
        }
        let bits = jti.as_u128();
        let number = u32::try_from(bits & NUMBER_MASK).ok()?;
        Some((Self(Uuid::from_u128(bits & !NUMBER_MASK)), number))
    }
}

impl fmt::Debug for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GrantId({})", self.0)
    }
}

/// A UUIDv7 (RFC 9562 §5.7) of this time and these bytes.
pub fn time_ordered(now: Timestamp, random: [u8; 10]) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(now.0.max(0).unsigned_abs(), &random).into_uuid()
}

/// A UUIDv4 (RFC 9562 §5.4) of these bytes: one that tells nothing.
pub fn random(random: [u8; 16]) -> Uuid {
    uuid::Builder::from_random_bytes(random).into_uuid()
}

/// The row's id for an id as a document writes it. Keycloak takes any text for one; what is no UUID becomes
/// one that follows from it, so that the same document always means the same rows.
pub fn row_id(realm: Uuid, text: &str) -> Uuid {
    if text.len() == 36
        && let Ok(id) = Uuid::parse_str(text)
    {
        return id;
    }
    let hash = sha256(format!("{realm} {text}").as_bytes());
    let half = hash.first_chunk().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(half).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jti_leads_back_to_its_grant() {
        let grant = GrantId::new(Timestamp(1_790_000_000_000), [0xFF; 8]);
        for number in [0, 1, 0xFF_FFFF] {
            assert_eq!(GrantId::of_jti(grant.numbered(number)), Some((grant, number)));
        }
        assert_eq!(grant.uuid().get_version_num(), 8);
        assert_eq!(grant.uuid().get_variant(), uuid::Variant::RFC4122);
    }

    #[test]
    fn other_ids_are_no_jti_of_ours() {
        assert_eq!(GrantId::of_jti(time_ordered(Timestamp(1), [0; 10])), None);
    }

    #[test]
    fn later_grants_sort_later() {
        let earlier = GrantId::new(Timestamp(1_000), [0xFF; 8]);
        assert!(GrantId::new(Timestamp(1_001), [0; 8]).uuid() > earlier.uuid());
    }
}
