//! A realm's `passwordPolicy`, as Keycloak writes it: `length(8) and digits(1) and notUsername`.

use sekisho_core::pattern::Pattern;

use crate::password::{Parameters, Password};

/// The rules of a realm, in their order.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<Rule>);

/// One rule. The lengths and counts are the least that is asked for, but for [`Rule::MaxLength`].
#[derive(Clone, Debug)]
enum Rule {
    Length(u32),
    MaxLength(u32),
    Digits(u32),
    LowerCase(u32),
    UpperCase(u32),
    SpecialChars(u32),
    NotUsername,
    NotContainsUsername,
    NotEmail,
    RegexPattern(Pattern),
    HashAlgorithm(String),
    HashIterations(Option<u32>),
    PasswordHistory(u32),
    /// Kept, and named by [`Rules::unenforced`]: nothing here looks at it.
    Kept(&'static str),
}

/// What [`check`] does not look at, since it takes more than the password to know.
const UNENFORCED: &[&str] = &[
    "passwordHistory",
    "passwordAge",
    "passwordBlacklist",
    "forceExpiredPasswordChange",
    "maxAuthAge",
    "recoveryCodesWarningThreshold",
];

/// Why a policy is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// No rule of Keycloak itself; what its plugins add is not known here.
    #[error("Unsupported policy: {0}")]
    Unknown(String),
    /// An opening parenthesis that nothing closes.
    #[error("policy {0} is not closed")]
    Unclosed(String),
    /// The configuration is not a number where one is wanted.
    #[error("policy {0} wants a number")]
    NotANumber(&'static str),
    /// The pattern is missing or none that is understood.
    #[error("policy regexPattern wants a regular expression")]
    Pattern,
}

/// What a password lacks. Its [`Display`](std::fmt::Display) is the sentence Keycloak answers with in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Fewer characters than this.
    #[error("Invalid password: minimum length {0}.")]
    MinLength(u32),
    /// More characters than this.
    #[error("Invalid password: maximum length {0}.")]
    MaxLength(u32),
    /// Fewer digits than this.
    #[error("Invalid password: must contain at least {0} numerical digits.")]
    Digits(u32),
    /// Fewer lower-case letters than this.
    #[error("Invalid password: must contain at least {0} lower case characters.")]
    LowerCase(u32),
    /// Fewer upper-case letters than this.
    #[error("Invalid password: must contain at least {0} upper case characters.")]
    UpperCase(u32),
    /// Fewer characters that are neither letter nor digit than this.
    #[error("Invalid password: must contain at least {0} special characters.")]
    SpecialChars(u32),
    /// Is the username.
    #[error("Invalid password: must not be equal to the username.")]
    NotUsername,
    /// Has the username in it.
    #[error("Invalid password: Can not contain the username.")]
    NotContainsUsername,
    /// Is the email address.
    #[error("Invalid password: must not be equal to the email.")]
    NotEmail,
    /// Not what the regular expression describes.
    #[error("Invalid password: fails to match regex pattern(s).")]
    RegexPattern,
    /// One of this many earlier ones. Found by who can hash, see [`Rules::history`].
    #[error("Invalid password: must not be equal to any of last {0} passwords.")]
    History(u32),
}

impl Violation {
    /// The key of Keycloak's message, which its REST answers have in `error`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::MinLength(_) => "invalidPasswordMinLengthMessage",
            Self::MaxLength(_) => "invalidPasswordMaxLengthMessage",
            Self::Digits(_) => "invalidPasswordMinDigitsMessage",
            Self::LowerCase(_) => "invalidPasswordMinLowerCaseCharsMessage",
            Self::UpperCase(_) => "invalidPasswordMinUpperCaseCharsMessage",
            Self::SpecialChars(_) => "invalidPasswordMinSpecialCharsMessage",
            Self::NotUsername => "invalidPasswordNotUsernameMessage",
            Self::NotContainsUsername => "invalidPasswordNotContainsUsernameMessage",
            Self::NotEmail => "invalidPasswordNotEmailMessage",
            Self::RegexPattern => "invalidPasswordRegexPatternMessage",
            Self::History(_) => "invalidPasswordHistoryMessage",
        }
    }
}

impl Rules {
    /// Reads the policy; an empty one has no rules.
    pub fn parse(policy: &str) -> Result<Self, RulesError> {
        let rules = policy.split(" and ").map(str::trim).filter(|rule| !rule.is_empty());
        rules.map(Rule::parse).collect::<Result<_, _>>().map(Self)
    }

    /// What the realm hashes new passwords with.
    pub fn parameters(&self) -> Parameters {
        let algorithm = self.find(|rule| match rule {
            Rule::HashAlgorithm(name) => Some(name.as_str()),
            _ => None,
        });
        let iterations = self.find(|rule| match rule {
            Rule::HashIterations(iterations) => *iterations,
            _ => None,
        });
        Parameters::of_policy(algorithm, iterations)
    }

    /// How many earlier passwords a new one must differ from. [`check`] cannot know them: the caller
    /// verifies the new password against each of their hashes on the pool.
    pub fn history(&self) -> Option<u32> {
        self.find(|rule| match rule {
            Rule::PasswordHistory(count) => Some(*count),
            _ => None,
        })
    }

    /// The rules that [`check`] passes over, by their names in Keycloak.
    pub fn unenforced(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().filter_map(|rule| match rule {
            Rule::PasswordHistory(_) => Some("passwordHistory"),
            Rule::Kept(name) => Some(*name),
            _ => None,
        })
    }

    fn find<'a, T>(&'a self, pick: impl FnMut(&'a Rule) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(pick)
    }
}

/// What speaks against a new password, in the order of the rules.
pub fn check(rules: &Rules, password: &Password, username: &str, email: Option<&str>) -> Vec<Violation> {
    let person = Person { username, email };
    rules.0.iter().filter_map(|rule| rule.check(password.as_str(), &person)).collect()
}

struct Person<'a> {
    username: &'a str,
    email: Option<&'a str>,
}

impl Rule {
    fn parse(text: &str) -> Result<Self, RulesError> {
        let (name, value) = match text.split_once('(') {
            Some((name, rest)) => {
                let value = rest.strip_suffix(')').ok_or_else(|| RulesError::Unclosed(name.to_owned()))?;
                (name.trim(), Some(value))
            }
            None => (text, None),
        };
        let number = |name, default| number(name, value, default);
        Ok(match name {
            "length" => Self::Length(number("length", 8)?),
            "maxLength" => Self::MaxLength(number("maxLength", 64)?),
            "digits" => Self::Digits(number("digits", 1)?),
            "lowerCase" => Self::LowerCase(number("lowerCase", 1)?),
            "upperCase" => Self::UpperCase(number("upperCase", 1)?),
            "specialChars" => Self::SpecialChars(number("specialChars", 1)?),
            // The console writes `undefined` into those that take no value.
            "notUsername" => Self::NotUsername,
            "notContainsUsername" => Self::NotContainsUsername,
            "notEmail" => Self::NotEmail,
            "regexPattern" => Self::RegexPattern(value.and_then(Pattern::parse).ok_or(RulesError::Pattern)?),
            "hashAlgorithm" => Self::HashAlgorithm(value.unwrap_or("argon2").to_owned()),
            "hashIterations" => Self::HashIterations(iterations(value)?),
            "passwordHistory" => Self::PasswordHistory(number("passwordHistory", 3)?),
            other => Self::Kept(kept(other)?),
        })
    }

    fn check(&self, password: &str, person: &Person<'_>) -> Option<Violation> {
        let (violated, violation) = match self {
            Self::Length(min) => (length(password) < *min as usize, Violation::MinLength(*min)),
            Self::MaxLength(max) => (length(password) > *max as usize, Violation::MaxLength(*max)),
            Self::Digits(min) => (fewer(password, *min, char::is_numeric), Violation::Digits(*min)),
            Self::LowerCase(min) => (fewer(password, *min, char::is_lowercase), Violation::LowerCase(*min)),
            Self::UpperCase(min) => (fewer(password, *min, char::is_uppercase), Violation::UpperCase(*min)),
            Self::SpecialChars(min) => {
                (fewer(password, *min, |c| !c.is_alphanumeric()), Violation::SpecialChars(*min))
            }
            Self::NotUsername => (same(password, person.username), Violation::NotUsername),
            Self::NotContainsUsername => {
                (contains(password, person.username), Violation::NotContainsUsername)
            }
            Self::NotEmail => (person.email.is_some_and(|email| same(password, email)), Violation::NotEmail),
            Self::RegexPattern(pattern) => (!pattern.matches(password), Violation::RegexPattern),
            Self::HashAlgorithm(_) | Self::HashIterations(_) | Self::PasswordHistory(_) | Self::Kept(_) => {
                return None;
            }
        };
        violated.then_some(violation)
    }
}

fn number(name: &'static str, value: Option<&str>, default: u32) -> Result<u32, RulesError> {
    value.map_or(Ok(default), |value| value.parse().map_err(|_| RulesError::NotANumber(name)))
}

/// `-1`, Keycloak's default, leaves it to the algorithm.
fn iterations(value: Option<&str>) -> Result<Option<u32>, RulesError> {
    match value {
        None | Some("-1") => Ok(None),
        Some(value) => value.parse().map(Some).map_err(|_| RulesError::NotANumber("hashIterations")),
    }
}

fn kept(name: &str) -> Result<&'static str, RulesError> {
    let known = UNENFORCED.iter().find(|known| **known == name);
    known.copied().ok_or_else(|| RulesError::Unknown(name.to_owned()))
}

/// Keycloak counts as Java does: a character outside the basic plane is two.
fn length(password: &str) -> usize {
    password.encode_utf16().count()
}

fn fewer(password: &str, min: u32, wanted: impl Fn(char) -> bool) -> bool {
    password.chars().filter(|c| wanted(*c)).count() < min as usize
}

/// Regardless of case: a username in capitals is no better secret.
fn same(password: &str, word: &str) -> bool {
    password.to_lowercase() == word.to_lowercase()
}

/// The empty word is in everything, and nobody is called by it.
fn contains(password: &str, word: &str) -> bool {
    !word.is_empty() && password.to_lowercase().contains(&word.to_lowercase())
}

#[cfg(test)]
mod tests;
