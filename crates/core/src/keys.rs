//! The keys of a realm, parsed once and kept ready (DESIGN §5.10).

use sekisho_jose::algorithm::Algorithm;
use sekisho_jose::key::SigningKey;
use sekisho_jose::seal::{self, Purpose, SealingKey};
use sekisho_jose::verify::Keys;
use uuid::Uuid;

/// What a stored key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// Signs tokens; its public half is in the JWK set.
    Signature,
    /// Signs refresh tokens (HS512).
    Refresh,
    /// Seals codes, interactions and secrets (AES-256-GCM-SIV), by epoch.
    Seal,
}

/// Where a signing key stands in its rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Shown in the JWK set, does not sign yet.
    Next,
    /// Signs.
    Active,
    /// Verifies what it signed.
    Passive,
    /// Neither shown nor used.
    Disabled,
}

/// The keys of one realm.
#[derive(Clone)]
pub struct RealmKeys {
    /// Keys that sign, the preferred one of an algorithm first.
    pub signing: Vec<SigningKey>,
    /// Public halves of all keys whose tokens are still good.
    pub verifying: Keys,
    /// The JWK set as served.
    pub jwks: String,
    /// Signs refresh tokens; the newest first, older ones verify.
    pub refresh: Vec<SigningKey>,
    /// The newest epoch first; the first seals, all open.
    pub sealing: Vec<(u32, SealingKey)>,
}

impl RealmKeys {
    /// The key that signs with this algorithm.
    pub fn signer(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        self.signing.iter().find(|key| key.algorithm() == algorithm)
    }

    /// Algorithms that this realm signs with, each once.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let mut algorithms: Vec<Algorithm> = Vec::new();
        for key in &self.signing {
            if !algorithms.contains(&key.algorithm()) {
                algorithms.push(key.algorithm());
            }
        }
        algorithms
    }

    /// Algorithms whose signatures are still good: those of every key that is shown, also of one that signs
    /// no more.
    pub fn verifiable(&self) -> Vec<Algorithm> {
        let known = |algorithm: &Algorithm| self.verifying.iter().any(|key| key.allows(*algorithm));
        Algorithm::ALL.into_iter().filter(known).collect()
    }

    /// Seals bytes for a purpose under the newest epoch; `None` when the realm has no sealing key.
    pub fn seal(&self, realm: Uuid, purpose: &str, nonce: [u8; 12], plaintext: &[u8]) -> Option<Vec<u8>> {
        let (epoch, key) = self.sealing.first()?;
        Some(seal::seal(key, *epoch, nonce, &Purpose { name: purpose, realm }, plaintext))
    }

    /// Opens what [`RealmKeys::seal`] made; `None` for anything else.
    pub fn open(&self, realm: Uuid, purpose: &str, blob: &[u8]) -> Option<Vec<u8>> {
        let epoch = seal::epoch(blob)?;
        let (_, key) = self.sealing.iter().find(|(known, _)| *known == epoch)?;
        seal::open(key, &Purpose { name: purpose, realm }, blob).ok()
    }
}

impl KeyUse {
    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature => "sig",
            Self::Refresh => "refresh",
            Self::Seal => "seal",
        }
    }

    /// From its stored name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Signature, Self::Refresh, Self::Seal].into_iter().find(|known| known.name() == name)
    }
}

impl KeyState {
    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Passive => "passive",
            Self::Disabled => "disabled",
        }
    }

    /// From its stored name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Next, Self::Active, Self::Passive, Self::Disabled]
            .into_iter()
            .find(|known| known.name() == name)
    }
}
