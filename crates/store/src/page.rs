//! Parts of long lists, and the patterns that search them.

use crate::engine::Value;

/// The longest text that is looked for, in bytes: further than any name, address or path that is stored. Engines
/// refuse patterns that are much longer (SQLite those of more than 50,000 bytes, and escaping doubles a text).
const MAX_SEARCHED: usize = 4_096;

/// A part of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// How many are passed over.
    pub first: i64,
    /// How many come at most; all when `None` or negative, as Keycloak has it.
    pub max: Option<i64>,
}

impl Page {
    /// For `LIMIT` and `OFFSET`, in this order.
    pub(crate) fn parameters(self) -> [Value; 2] {
        let max = self.max.filter(|max| *max >= 0).unwrap_or(i64::MAX);
        [max.into(), self.first.max(0).into()]
    }
}

/// Whether the text can be in anything that is stored; if not, nothing is found and nobody has to be asked.
pub(crate) fn is_searchable(text: &str) -> bool {
    text.len() <= MAX_SEARCHED
}

/// For `LIKE … ESCAPE '\'`: the text and nothing else.
pub(crate) fn exactly(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut pattern, letter| {
        if matches!(letter, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(letter);
        pattern
    })
}

/// The text anywhere.
pub(crate) fn infix(text: &str) -> String {
    format!("%{}%", exactly(text))
}

/// The text, with a star for whatever there may be.
pub(crate) fn with_stars(text: &str) -> String {
    exactly(text).replace('*', "%")
}

/// A word of Keycloak's `search`: `"x"` is the whole value, `*x*` is found anywhere, `x` and `x*` begin it.
pub(crate) fn word(word: &str) -> String {
    match word.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(whole) => exactly(whole),
        None if word.ends_with('*') => with_stars(word),
        None => with_stars(word) + "%",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_searched_as_it_is_written() {
        for (written, pattern) in [
            ("ali", "ali%"),
            ("ali*", "ali%"),
            ("*li*", "%li%"),
            ("*ce", "%ce%"),
            ("a*e", "a%e%"),
            ("\"alice\"", "alice"),
            ("\"a*\"", "a*"),
            ("\"", "\"%"),
            ("50%", "50\\%%"),
            ("a_b", "a\\_b%"),
            ("\\*", "\\\\%"),
            ("関所", "関所%"),
        ] {
            assert_eq!(word(written), pattern, "{written}");
        }
    }

    #[test]
    fn a_part_of_a_list_is_never_negative() {
        for (first, max, parameters) in
            [(0, Some(10), [10, 0]), (-3, Some(0), [0, 0]), (7, None, [i64::MAX, 7])]
        {
            assert!(Page { first, max }.parameters() == parameters.map(Value::from));
        }
        assert!(Page { first: 0, max: Some(-1) }.parameters() == [i64::MAX, 0].map(Value::from));
    }
}
