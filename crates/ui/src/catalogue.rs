//! Words in one language, from Fluent files compiled in.
//!
//! A message may hold markup, because its author is us; what is put into it is escaped before. Anything
//! that does not fit (no such message, a variable without a value) is an error, never half a sentence.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::{LanguageIdentifier, langid};

use crate::language::Language;
use crate::render::UiError;

pub(crate) struct Catalogue {
    bundle: FluentBundle<FluentResource>,
}

impl Catalogue {
    pub(crate) fn load(language: Language) -> Result<Self, UiError> {
        let unreadable = |problem: String| UiError::Catalogue { language: language.tag(), problem };
        let mut bundle = FluentBundle::new_concurrent(vec![identifier(language)]);
        // Names are isolated by <bdi> where markup may stand; marks would end up in titles and values.
        bundle.set_use_isolating(false);
        bundle.add_function("SPACED", spaced).map_err(|error| unreadable(error.to_string()))?;
        for source in sources(language) {
            let resource = FluentResource::try_new(source.to_owned())
                .map_err(|(_, problems)| unreadable(format!("{problems:?}")))?;
            bundle.add_resource(resource).map_err(|problems| unreadable(format!("{problems:?}")))?;
        }
        Ok(Self { bundle })
    }

    /// The text called `id`, which is a message or `message.attribute`; on failure, what is wrong.
    pub(crate) fn text(&self, id: &str, values: &FluentArgs) -> Result<String, String> {
        let (name, attribute) = parts(id);
        let missing = || format!("no text {id}");
        let message = self.bundle.get_message(name).ok_or_else(missing)?;
        let pattern = match attribute {
            Some(attribute) => message.get_attribute(attribute).map(|attribute| attribute.value()),
            None => message.value(),
        };
        let mut problems = Vec::new();
        let text = self.bundle.format_pattern(pattern.ok_or_else(missing)?, Some(values), &mut problems);
        if problems.is_empty() { Ok(text.into_owned()) } else { Err(format!("text {id}: {problems:?}")) }
    }

    /// Whether there is a text called `id`.
    pub(crate) fn has(&self, id: &str) -> bool {
        let (name, attribute) = parts(id);
        self.bundle.get_message(name).is_some_and(|message| match attribute {
            Some(attribute) => message.get_attribute(attribute).is_some(),
            None => message.value().is_some(),
        })
    }
}

/// Every file of `locales/`, by language.
fn sources(language: Language) -> [&'static str; 5] {
    match language {
        Language::English => [
            include_str!("../locales/en/frame.ftl"),
            include_str!("../locales/en/login.ftl"),
            include_str!("../locales/en/consent.ftl"),
            include_str!("../locales/en/error.ftl"),
            include_str!("../locales/en/ending.ftl"),
        ],
        Language::Japanese => [
            include_str!("../locales/ja/frame.ftl"),
            include_str!("../locales/ja/login.ftl"),
            include_str!("../locales/ja/consent.ftl"),
            include_str!("../locales/ja/error.ftl"),
            include_str!("../locales/ja/ending.ftl"),
        ],
    }
}

fn identifier(language: Language) -> LanguageIdentifier {
    match language {
        Language::English => langid!("en"),
        Language::Japanese => langid!("ja"),
    }
}

fn parts(id: &str) -> (&str, Option<&str>) {
    id.split_once('.').map_or((id, None), |(name, attribute)| (name, Some(attribute)))
}

/// `SPACED($name)`: a name amid Japanese, with a space on each side that is written in a narrow script.
/// The one behind does not break, because a particle follows.
fn spaced<'a>(positional: &[FluentValue<'a>], _named: &FluentArgs) -> FluentValue<'a> {
    let [FluentValue::String(value)] = positional else { return FluentValue::Error };
    let text = without_tags(value);
    let before = if text.chars().next().is_some_and(is_narrow) { " " } else { "" };
    let behind = if text.chars().next_back().is_some_and(is_narrow) { "\u{a0}" } else { "" };
    FluentValue::from(format!("{before}{value}{behind}"))
}

/// What of escaped HTML is read.
fn without_tags(html: &str) -> String {
    let mut inside = false;
    let visible = html.chars().filter(|character| {
        inside = (inside || *character == '<') && *character != '>';
        !inside && *character != '>'
    });
    visible.collect()
}

/// Letters and digits below the scripts of East Asia; their punctuation and kana have room of their own.
fn is_narrow(character: char) -> bool {
    !character.is_whitespace() && character < '\u{2e80}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spaced_by_the_script_they_end_in() {
        let cases = [
            ("Acme Works", " Acme Works\u{a0}"),
            ("<b><bdi>Claude Code</bdi></b>", " <b><bdi>Claude Code</bdi></b>\u{a0}"),
            ("東京商事", "東京商事"),
            ("経理 Helper", "経理 Helper\u{a0}"),
            ("「Ledger Helper」", "「Ledger Helper」"),
            ("“Ledger Helper”", " “Ledger Helper”\u{a0}"),
            ("", ""),
        ];
        for (name, expected) in cases {
            let FluentValue::String(result) = spaced(&[FluentValue::from(name)], &FluentArgs::new()) else {
                panic!("{name} gave no string")
            };
            assert_eq!(result, expected);
        }
    }

    #[test]
    fn half_a_sentence_is_an_error() {
        for language in Language::ALL {
            let catalogue = Catalogue::load(*language).expect("catalogue is readable");
            let none = FluentArgs::new();
            for id in ["login-question", "no-such-text", "login-title.no-such", "error-not-found.no-such"] {
                assert!(catalogue.text(id, &none).is_err(), "{id}");
            }
            assert!(catalogue.text("login-title", &none).is_ok());
        }
    }
}
