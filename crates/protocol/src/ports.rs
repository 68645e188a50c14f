//! What the pure rooms may not have themselves: the clock and randomness. The real ones are in `cli`,
//! seeded ones in the test kit.

use crate::Timestamp;

/// Tells the time. Read once at the edge of a request and passed down as `now`.
pub trait Clock: Send + Sync {
    /// The time at this moment.
    fn now(&self) -> Timestamp;
}

/// Gives unpredictable bytes. Drawn at the edge and passed down as values.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// Draws `N` bytes.
pub fn draw<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}
