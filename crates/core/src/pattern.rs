//! Regular expressions that administrators write. They are written for Java: look-ahead is common in them
//! (`(?=.*\d)`), which is why the expressions are run by an engine that backtracks, with a limit.

use std::fmt::Write;

use fancy_regex::{Regex, RegexBuilder};

/// Matches a whole text.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

/// What is matched is short; a pattern that needs more steps is one that explodes.
const MAX_STEPS: usize = 200_000;

impl Pattern {
    /// Reads an expression; `None` when it is empty or none that is understood.
    pub fn parse(java: &str) -> Option<Self> {
        if java.trim().is_empty() {
            return None;
        }
        let ours = translate(java);
        // Alone first: `a)|(b` would only become an expression inside our parentheses.
        Regex::new(&ours).ok()?;
        let whole = format!(r"\A(?:{ours})\z");
        RegexBuilder::new(&whole).backtrack_limit(MAX_STEPS).build().ok().map(Self)
    }

    /// A pattern that cannot be decided is not matched: the text is refused, not waved through.
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text).unwrap_or(false)
    }
}

/// Java's classes are those of ASCII, ours those of Unicode: `\d` must not take `１` for a digit.
const CLASSES: &[(char, &str)] = &[('d', "0-9"), ('w', "A-Za-z0-9_"), ('s', r" \t\n\x0B\f\r")];

/// Java's `\p{…}` of POSIX, and their names in brackets.
const POSIX: &[(&str, &str)] = &[
    ("Lower", "lower"),
    ("Upper", "upper"),
    ("ASCII", "ascii"),
    ("Alpha", "alpha"),
    ("Digit", "digit"),
    ("Alnum", "alnum"),
    ("Punct", "punct"),
    ("Graph", "graph"),
    ("Print", "print"),
    ("Blank", "blank"),
    ("Cntrl", "cntrl"),
    ("XDigit", "xdigit"),
    ("Space", "space"),
];

/// Only what means something else here; what is not understood fails to build.
fn translate(java: &str) -> String {
    let mut ours = String::with_capacity(java.len());
    let mut rest = java;
    while let Some((before, after)) = rest.split_once('\\') {
        ours.push_str(before);
        rest = escape(after, &mut ours);
    }
    ours.push_str(rest);
    ours
}

/// Translates the escape whose backslash was just read and gives back what follows it.
fn escape<'a>(after: &'a str, ours: &mut String) -> &'a str {
    let mut characters = after.chars();
    let Some(kind) = characters.next() else {
        ours.push('\\');
        return after;
    };
    let negation = if kind.is_uppercase() { "^" } else { "" };
    let rest = characters.as_str();
    if let Some((_, class)) = CLASSES.iter().find(|(name, _)| *name == kind.to_ascii_lowercase()) {
        let _ = write!(ours, "[{negation}{class}]");
        return rest;
    }
    if let Some((class, rest)) = posix(kind, rest) {
        let _ = write!(ours, "[[:{negation}{class}:]]");
        return rest;
    }
    let _ = write!(ours, "\\{kind}");
    rest
}

fn posix(kind: char, rest: &str) -> Option<(&'static str, &str)> {
    let (name, rest) = rest.strip_prefix('{').filter(|_| matches!(kind, 'p' | 'P'))?.split_once('}')?;
    POSIX.iter().find(|(java, _)| *java == name).map(|(_, class)| (*class, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_java_mean_what_they_mean_there() {
        let cases = [
            (r"^a.*$", "abc", true),
            (r"^a.*$", "bbb", false),
            (r"a", "ab", false),
            (r"a|b", "bx", false),
            (r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d).{8,}$", "abcDEF12", true),
            (r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d).{8,}$", "abcDEFgh", false),
            (r"(?!.*(.)\1\1).*", "abbbc", false),
            (r"(?!.*(.)\1\1).*", "abbc", true),
            (r"\d+", "１２", false),
            (r"[\d.]+", "1.2", true),
            (r"[^\s]+", "a b", false),
            (r"\D+", "１２", true),
            (r"\w+", "é", false),
            (r"\p{Punct}+", "$+<=>", true),
            (r"[\p{Punct}\p{Alnum}]+", "a$1", true),
            (r"\P{Punct}+", "a$", false),
            (r"\p{L}+", "パスワード", true),
            (r"\\d", r"\d", true),
            (r"a\.b", "a.b", true),
        ];
        for (java, text, expected) in cases {
            assert_eq!(Pattern::parse(java).unwrap().matches(text), expected, "{java} {text}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for java in ["", " ", "(", "[a", "a)|(b", "*", r"\", r"\p{Nonsense}"] {
            assert!(Pattern::parse(java).is_none(), "{java}");
        }
    }

    #[test]
    fn exploding_pattern_matches_nothing() {
        let pattern = Pattern::parse(r"(?:(a)|a|\1)*b").unwrap();
        let text = "a".repeat(1000);
        assert!(pattern.0.is_match(&text).is_err());
        assert!(!pattern.matches(&text));
    }
}
