//! The hash functions themselves. Slow on purpose: called on the threads of the pool only.

use std::num::NonZeroU32;

use argon2::{Algorithm, Argon2, Block, Params};
use aws_lc_rs::pbkdf2;

use crate::password::{Argon2Parameters, Digest, Parameters, Pbkdf2Parameters, Variant, Version};

/// Why a hash could not be computed. The password is then neither right nor wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The memory Argon2 wants is not to be had.
    #[error("not enough memory to hash the password")]
    OutOfMemory,
    /// The algorithm refuses what it was given.
    #[error("the hash algorithm refused its parameters")]
    Refused,
}

/// Argon2's memory, kept from one hash to the next: fresh pages cost up to 1.5 times the hashing itself.
/// Not wiped in between: what is left in it is of no more use than the hash it led to, and the next hash
/// overwrites it.
pub(crate) struct Blocks(Vec<Block>);

/// 64 MiB a thread; a larger one, which only an import brings, is given back after its hash.
const KEPT_BLOCKS: usize = 64 * 1024;

impl Blocks {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    fn lend(&mut self, count: usize) -> Result<&mut [Block], HashError> {
        if let Some(missing) = count.checked_sub(self.0.len()) {
            self.0.try_reserve_exact(missing).map_err(|_| HashError::OutOfMemory)?;
            self.0.resize(self.0.len() + missing, Block::new());
        }
        self.0.get_mut(..count).ok_or(HashError::OutOfMemory)
    }

    fn give_back(&mut self) {
        if self.0.len() > KEPT_BLOCKS {
            self.0 = Vec::new();
        }
    }

    fn hash(
        &mut self,
        argon2: &Argon2<'_>,
        password: &[u8],
        salt: &[u8],
        value: &mut [u8],
    ) -> Result<(), HashError> {
        let blocks = self.lend(argon2.params().block_count())?;
        let hashed = argon2.hash_password_into_with_memory(password, salt, value, blocks);
        self.give_back();
        hashed.map_err(|_| HashError::Refused)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// The hash of `password`.
pub(crate) fn derive(
    parameters: &Parameters,
    password: &[u8],
    salt: &[u8],
    blocks: &mut Blocks,
) -> Result<Vec<u8>, HashError> {
    match parameters {
        Parameters::Argon2(parameters) => derive_argon2(parameters, password, salt, blocks),
        Parameters::Pbkdf2(parameters) => derive_pbkdf2(parameters, password, salt),
    }
}

fn derive_argon2(
    parameters: &Argon2Parameters,
    password: &[u8],
    salt: &[u8],
    blocks: &mut Blocks,
) -> Result<Vec<u8>, HashError> {
    let algorithm = match parameters.variant {
        Variant::D => Algorithm::Argon2d,
        Variant::I => Algorithm::Argon2i,
        Variant::Id => Algorithm::Argon2id,
    };
    let version = match parameters.version {
        Version::V1_0 => argon2::Version::V0x10,
        Version::V1_3 => argon2::Version::V0x13,
    };
    let Argon2Parameters { memory_kib, iterations, parallelism, hash_length, .. } = *parameters;
    let costs = Params::new(memory_kib, iterations, parallelism, Some(hash_length));
    let argon2 = Argon2::new(algorithm, version, costs.map_err(|_| HashError::Refused)?);
    let mut value = vec![0; hash_length];
    blocks.hash(&argon2, password, salt, &mut value)?;
    Ok(value)
}

fn derive_pbkdf2(parameters: &Pbkdf2Parameters, password: &[u8], salt: &[u8]) -> Result<Vec<u8>, HashError> {
    let algorithm = match parameters.digest {
        Digest::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
        Digest::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        Digest::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
    };
    let iterations = NonZeroU32::new(parameters.iterations).ok_or(HashError::Refused)?;
    let mut value = vec![0; parameters.hash_length];
    pbkdf2::derive(algorithm, iterations, salt, password, &mut value);
    Ok(value)
}

#[cfg(test)]
mod tests;
