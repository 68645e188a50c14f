//! Randomness that is the same in every run.

use std::sync::{Mutex, PoisonError};

use sekisho_protocol::Entropy;

/// Draws that follow from the seed: SplitMix64, whose words never repeat within a test, so that ids and
/// keys drawn one after the other differ. Predictable by design.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<u64>);

impl SeededEntropy {
    /// Another seed gives another sequence.
    pub const fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Default for SeededEntropy {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            let word = next(&mut state).to_le_bytes();
            chunk.iter_mut().zip(word).for_each(|(byte, drawn)| *byte = drawn);
        }
    }
}

/// Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators" (2014), figure 16.
const fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::ports::draw;

    use super::*;

    /// The first words of seed 1234567, as other implementations of SplitMix64 give them.
    #[test]
    fn words_are_those_of_the_published_generator() {
        let entropy = SeededEntropy::new(1_234_567);
        let expected = [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        for word in expected {
            assert_eq!(u64::from_le_bytes(draw(&entropy)), word);
        }
    }

    #[test]
    fn seed_decides_and_draws_differ() {
        let drawn = |seed| {
            let entropy = SeededEntropy::new(seed);
            [draw::<16>(&entropy), draw::<16>(&entropy)]
        };
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        let [first, second] = drawn(1);
        assert_ne!(first, second);
    }

    #[test]
    fn every_byte_is_filled() {
        let entropy = SeededEntropy::default();
        for length in [0, 1, 7, 8, 9, 20] {
            let mut seen = vec![0_u8; length];
            for _ in 0..64 {
                let mut bytes = vec![0; length];
                entropy.fill(&mut bytes);
                seen.iter_mut().zip(bytes).for_each(|(seen, byte)| *seen |= byte);
            }
            assert!(seen.iter().all(|byte| *byte != 0), "{length}");
        }
    }
}
