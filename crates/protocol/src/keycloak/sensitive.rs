//! A text that must not end in a log.

use std::fmt;

use serde::{Serialize, Serializer};

/// A secret inside a representation: serialized like a text, never printed. Equality is for comparing
/// documents; whoever authenticates compares in constant time.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sensitive(String);

impl Sensitive {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself. The one way to read it, so that a search finds every reader.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The secret itself, moved out.
    pub fn into_revealed(self) -> String {
        self.0
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sensitive(…)")
    }
}

impl Serialize for Sensitive {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Some(Sensitive::new("hush"))), "Some(Sensitive(…))");
    }
}
