//! How a hash is made: algorithm and cost. Bounded, since stored hashes come from imports: one absurd
//! cost would hold a thread of the pool for minutes at every attempt.

/// What a hash is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameters {
    /// RFC 9106.
    Argon2(Argon2Parameters),
    /// RFC 8018 §5.2.
    Pbkdf2(Pbkdf2Parameters),
}

/// Argon2's (RFC 9106 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Parameters {
    pub(crate) variant: Variant,
    pub(crate) version: Version,
    pub(crate) memory_kib: u32,
    pub(crate) iterations: u32,
    pub(crate) parallelism: u32,
    pub(crate) hash_length: usize,
}

/// Which order Argon2 walks its memory in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Depends on the password.
    D,
    /// Independent of the password.
    I,
    /// The first half of the first pass independent, the rest dependent.
    Id,
}

/// Argon2's version as Keycloak writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 16, overwrites memory in later passes.
    V1_0,
    /// 19, that of RFC 9106.
    V1_3,
}

/// PBKDF2's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pbkdf2Parameters {
    pub(crate) digest: Digest,
    pub(crate) iterations: u32,
    pub(crate) hash_length: usize,
}

/// The hash under PBKDF2's HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    /// `pbkdf2`.
    Sha1,
    /// `pbkdf2-sha256`.
    Sha256,
    /// `pbkdf2-sha512`.
    Sha512,
}

/// Parameters that are not hashed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParametersError {
    /// Argon2 needs 8 KiB a lane, one pass and one lane, or more.
    #[error("cost below what the algorithm needs")]
    TooCheap,
    /// A single attempt would take seconds.
    #[error("cost above what this server computes")]
    TooCostly,
    /// A short hash is met by chance, an empty one by everything.
    #[error("hash shorter than {MIN_HASH_BYTES} or longer than {MAX_HASH_BYTES} bytes")]
    HashLength,
}

pub(crate) const MIN_HASH_BYTES: usize = 16;
pub(crate) const MAX_HASH_BYTES: usize = 128;
const MAX_MEMORY_KIB: u32 = 1 << 20;
/// Memory times passes: about 230 times Keycloak's default, two to three seconds.
const MAX_BLOCKS_FILLED: u64 = 1 << 23;
const MAX_LANES: u32 = 64;
const MAX_PBKDF2_ITERATIONS: u32 = 5_000_000;
/// Where Keycloak thinks that `hashIterations` was meant for PBKDF2 and takes its default.
const MAX_POLICY_PASSES: u32 = 100;

impl Parameters {
    /// Keycloak's default: Argon2id, 7 MiB, five passes, one lane.
    pub const KEYCLOAK: Self = Self::Argon2(Argon2Parameters::KEYCLOAK);

    /// Argon2id, version 1.3, 32 bytes, at this cost.
    pub fn argon2id(memory_kib: u32, iterations: u32, parallelism: u32) -> Result<Self, ParametersError> {
        let cost = Argon2Parameters { memory_kib, iterations, parallelism, ..Argon2Parameters::KEYCLOAK };
        Ok(Self::Argon2(cost.check()?))
    }

    /// What a realm's `hashAlgorithm(…)` and `hashIterations(…)` ask for, each `None` when its policy does
    /// not say. An algorithm that only a plugin knows gives the default, as does an absurd cost: the
    /// policy of a realm must never be what makes its passwords impossible to check.
    pub fn of_policy(algorithm: Option<&str>, iterations: Option<u32>) -> Self {
        let Some(digest) = algorithm.and_then(Digest::find) else {
            let passes = iterations.filter(|passes| *passes <= MAX_POLICY_PASSES);
            let iterations = passes.unwrap_or(Argon2Parameters::KEYCLOAK.iterations);
            let parameters = Argon2Parameters { iterations, ..Argon2Parameters::KEYCLOAK };
            return Self::Argon2(parameters.check().unwrap_or(Argon2Parameters::KEYCLOAK));
        };
        let default = Pbkdf2Parameters::of(digest);
        let parameters = Pbkdf2Parameters { iterations: iterations.unwrap_or(default.iterations), ..default };
        Self::Pbkdf2(parameters.check().unwrap_or(default))
    }
}

impl Default for Parameters {
    fn default() -> Self {
        Self::KEYCLOAK
    }
}

impl Argon2Parameters {
    const KEYCLOAK: Self = Self {
        variant: Variant::Id,
        version: Version::V1_3,
        memory_kib: 7168,
        iterations: 5,
        parallelism: 1,
        hash_length: 32,
    };

    pub(crate) fn check(self) -> Result<Self, ParametersError> {
        check_length(self.hash_length)?;
        if self.parallelism > MAX_LANES || self.memory_kib > MAX_MEMORY_KIB {
            return Err(ParametersError::TooCostly);
        }
        if self.iterations == 0 || self.parallelism == 0 || self.memory_kib < 8 * self.parallelism {
            return Err(ParametersError::TooCheap);
        }
        if u64::from(self.memory_kib) * u64::from(self.iterations) > MAX_BLOCKS_FILLED {
            return Err(ParametersError::TooCostly);
        }
        Ok(self)
    }
}

impl Pbkdf2Parameters {
    /// Keycloak's for this digest.
    const fn of(digest: Digest) -> Self {
        match digest {
            Digest::Sha1 => Self { digest, iterations: 1_300_000, hash_length: 64 },
            Digest::Sha256 => Self { digest, iterations: 600_000, hash_length: 32 },
            Digest::Sha512 => Self { digest, iterations: 210_000, hash_length: 64 },
        }
    }

    pub(crate) fn check(self) -> Result<Self, ParametersError> {
        check_length(self.hash_length)?;
        match self.iterations {
            0 => Err(ParametersError::TooCheap),
            1..=MAX_PBKDF2_ITERATIONS => Ok(self),
            _ => Err(ParametersError::TooCostly),
        }
    }
}

fn check_length(bytes: usize) -> Result<(), ParametersError> {
    if (MIN_HASH_BYTES..=MAX_HASH_BYTES).contains(&bytes) { Ok(()) } else { Err(ParametersError::HashLength) }
}

impl Variant {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::D => "d",
            Self::I => "i",
            Self::Id => "id",
        }
    }

    pub(crate) fn find(name: &str) -> Option<Self> {
        [Self::D, Self::I, Self::Id].into_iter().find(|variant| variant.name() == name)
    }
}

impl Version {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_3 => "1.3",
        }
    }

    pub(crate) fn find(name: &str) -> Option<Self> {
        [Self::V1_0, Self::V1_3].into_iter().find(|version| version.name() == name)
    }
}

impl Digest {
    /// The name of Keycloak's provider.
    pub(crate) const fn algorithm(self) -> &'static str {
        match self {
            Self::Sha1 => "pbkdf2",
            Self::Sha256 => "pbkdf2-sha256",
            Self::Sha512 => "pbkdf2-sha512",
        }
    }

    pub(crate) fn find(algorithm: &str) -> Option<Self> {
        [Self::Sha1, Self::Sha256, Self::Sha512].into_iter().find(|digest| digest.algorithm() == algorithm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_chooses_algorithm_and_cost() {
        let pbkdf2 = |digest, iterations, hash_length| {
            Parameters::Pbkdf2(Pbkdf2Parameters { digest, iterations, hash_length })
        };
        let cases = [
            (None, None, Parameters::KEYCLOAK),
            (Some("argon2"), None, Parameters::KEYCLOAK),
            (Some("argon2"), Some(3), Parameters::argon2id(7168, 3, 1).unwrap()),
            (None, Some(27_500), Parameters::KEYCLOAK),
            (None, Some(0), Parameters::KEYCLOAK),
            (Some("scrypt-of-a-plugin"), None, Parameters::KEYCLOAK),
            (Some("pbkdf2"), None, pbkdf2(Digest::Sha1, 1_300_000, 64)),
            (Some("pbkdf2-sha256"), None, pbkdf2(Digest::Sha256, 600_000, 32)),
            (Some("pbkdf2-sha512"), Some(1000), pbkdf2(Digest::Sha512, 1000, 64)),
            (Some("pbkdf2-sha512"), Some(u32::MAX), pbkdf2(Digest::Sha512, 210_000, 64)),
        ];
        for (algorithm, iterations, expected) in cases {
            assert_eq!(
                Parameters::of_policy(algorithm, iterations),
                expected,
                "{algorithm:?} {iterations:?}"
            );
        }
    }

    #[test]
    fn cost_is_bounded() {
        let cases = [
            (8, 1, 1, Ok(())),
            (7, 1, 1, Err(ParametersError::TooCheap)),
            (15, 1, 2, Err(ParametersError::TooCheap)),
            (8, 0, 1, Err(ParametersError::TooCheap)),
            (8, 1, 0, Err(ParametersError::TooCheap)),
            (u32::MAX, 1, 1, Err(ParametersError::TooCostly)),
            (8, u32::MAX, 1, Err(ParametersError::TooCostly)),
            (u32::MAX, 1, u32::MAX, Err(ParametersError::TooCostly)),
            (1 << 20, 8, 1, Ok(())),
            (1 << 20, 9, 1, Err(ParametersError::TooCostly)),
        ];
        for (memory, iterations, lanes, expected) in cases {
            let checked = Parameters::argon2id(memory, iterations, lanes).map(|_| ());
            assert_eq!(checked, expected, "m={memory} t={iterations} p={lanes}");
        }
    }
}
