//! The real clock and the real randomness.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use sekisho_protocol::Entropy;

pub(crate) use sekisho_guard::SystemClock;

/// The random generator of the crypto library, seeded by the operating system.
pub(crate) struct SystemEntropy(SystemRandom);

impl SystemEntropy {
    /// The one generator.
    pub(crate) fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Entropy for SystemEntropy {
    #[expect(
        clippy::expect_used,
        reason = "without randomness no key and no cookie is safe: the process must end"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        self.0.fill(bytes).expect("the random generator of the system works");
    }
}
