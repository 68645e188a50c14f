//! Scope values (OAuth 2.1 §1.4.1).

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Scope tokens in the order first seen, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Splits a `scope` value at its spaces.
    pub fn parse(value: &str) -> Self {
        value.split(' ').filter(|token| !token.is_empty()).collect()
    }

    /// Whether this token is among them.
    pub fn contains(&self, token: &str) -> bool {
        self.0.iter().any(|known| known == token)
    }

    /// The tokens in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a token unless it is there.
    pub fn insert(&mut self, token: &str) {
        if !self.contains(token) {
            self.0.push(token.to_owned());
        }
    }

    /// Whether every token here is in `other` too.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.iter().all(|token| other.contains(token))
    }

    /// Those that pass the test, in order.
    #[must_use]
    pub fn filter(&self, mut keep: impl FnMut(&str) -> bool) -> Self {
        self.iter().filter(|token| keep(token)).collect()
    }

    /// Whether the token may be written in a `scope` value: `%x21 / %x23-5B / %x5D-7E` (RFC 6749 §3.3).
    pub fn is_token(token: &str) -> bool {
        !token.is_empty() && token.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
    }
}

impl<'a> FromIterator<&'a str> for Scopes {
    fn from_iter<T: IntoIterator<Item = &'a str>>(tokens: T) -> Self {
        // A set beside the list: what a client sends may be long.
        let mut seen = HashSet::new();
        Self(tokens.into_iter().filter(|token| seen.insert(*token)).map(str::to_owned).collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

impl From<String> for Scopes {
    fn from(value: String) -> Self {
        Self::parse(&value)
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_keep_their_order_and_stand_once() {
        for (value, written) in [("b a  b", "b a"), ("", ""), (" ", ""), ("openid email", "openid email")] {
            assert_eq!(Scopes::parse(value).to_string(), written);
        }
    }

    #[test]
    fn characters_outside_the_grammar_are_no_token() {
        for (token, is_token) in
            [("a", true), ("a:b/c*", true), ("a\"b", false), ("a\\b", false), ("é", false), ("", false)]
        {
            assert_eq!(Scopes::is_token(token), is_token, "{token}");
        }
    }
}
