//! A password as it was typed, and as it is stored.

use zeroize::Zeroizing;

mod parameters;
mod stored;

pub use parameters::{
    Argon2Parameters, Digest, Parameters, ParametersError, Pbkdf2Parameters, Variant, Version,
};
pub use stored::{StoredPassword, StoredPasswordError, needs_upgrade};

/// Longer ones are refused before they are hashed: whoever sends megabytes shall not be paid in CPU.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// A password as it was typed; its bytes are overwritten when it is dropped. Nothing is normalised:
/// Keycloak hashes the characters as they come, and its hashes must go on to verify.
pub struct Password(Zeroizing<String>);

/// The password has more bytes than [`MAX_PASSWORD_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("password longer than {MAX_PASSWORD_BYTES} bytes")]
pub struct PasswordTooLong;

impl Password {
    /// Takes the typed text over, so that no second copy of it stays behind.
    pub fn parse(typed: String) -> Result<Self, PasswordTooLong> {
        let typed = Zeroizing::new(typed);
        if typed.len() > MAX_PASSWORD_BYTES { Err(PasswordTooLong) } else { Ok(Self(typed)) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_bytes() {
        assert!(Password::parse("p".repeat(1024)).is_ok());
        assert!(Password::parse("p".repeat(1025)).is_err());
        assert!(Password::parse("錠".repeat(341)).is_ok());
        assert!(Password::parse("錠".repeat(342)).is_err());
    }
}
