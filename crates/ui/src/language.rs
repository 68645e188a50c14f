//! Languages we have, and which of them to speak (OpenID Connect Core §3.1.2.1 `ui_locales`, RFC 4647 §3.4).

use serde::{Serialize, Serializer};

/// A language with a complete catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Japanese,
}

impl Language {
    /// Every language, the default first.
    pub const ALL: &'static [Self] = &[Self::English, Self::Japanese];

    /// The first of these that names a language we have: the client's wish, the reader's earlier choice,
    /// the browser's settings. English otherwise.
    pub fn negotiate(ui_locales: Option<&str>, cookie: Option<&str>, accept_language: Option<&str>) -> Self {
        let wishes = ui_locales.and_then(|list| list.split_ascii_whitespace().find_map(Self::find));
        wishes
            .or_else(|| cookie.and_then(Self::find))
            .or_else(|| accept_language.and_then(most_preferred))
            .unwrap_or(Self::English)
    }

    /// Lookup of one language range. No catalogue of ours has a region or a script, so dropping subtags
    /// until one matches comes down to the primary one.
    pub fn find(range: &str) -> Option<Self> {
        let primary = range.trim().split('-').next()?;
        Self::ALL.iter().copied().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// BCP 47.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    /// What its speakers call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Japanese => "日本語",
        }
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.tag())
    }
}

/// `Accept-Language` (RFC 9110 §12.5.4): the heaviest range we have, the first of equals.
fn most_preferred(header: &str) -> Option<Language> {
    let mut best: Option<(u16, Language)> = None;
    for (weight, range) in header.split(',').filter_map(weighted) {
        let Some(language) = lookup_any(range) else { continue };
        if weight > best.map_or(0, |(weight, _)| weight) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// `*` is any language, so the default.
fn lookup_any(range: &str) -> Option<Language> {
    if range == "*" { Some(Language::English) } else { Language::find(range) }
}

/// A range and its weight in thousandths; 1 without one. A weight nobody can read takes the range out.
fn weighted(item: &str) -> Option<(u16, &str)> {
    let (range, parameters) = item.split_once(';').unwrap_or((item, ""));
    let weight = match parameters.trim() {
        "" => 1000,
        quality => thousandths(quality.strip_prefix("q=").or_else(|| quality.strip_prefix("Q="))?)?,
    };
    Some((weight, range.trim()))
}

/// `qvalue` of RFC 9110 §12.4.2: 0 to 1 with at most three decimals.
fn thousandths(quality: &str) -> Option<u16> {
    let (whole, decimals) = quality.trim().split_once('.').unwrap_or((quality.trim(), ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Case = (Option<&'static str>, Option<&'static str>, Option<&'static str>, &'static str);

    #[test]
    fn first_wish_we_can_meet_wins() {
        let cases: &[Case] = &[
            (None, None, None, "en"),
            (Some("fr ja en"), Some("en"), Some("en"), "ja"),
            (Some("JA-jp"), None, Some("en"), "ja"),
            (Some("fr"), Some("ja"), Some("en"), "ja"),
            (Some(""), Some("fr"), Some("ja"), "ja"),
            (None, Some("../../ja"), None, "en"),
            (None, None, Some("fr-CH, fr;q=0.9, ja;q=0.4, en;q=0.3, *;q=0.1"), "ja"),
            (None, None, Some("en;q=0.2,ja-JP;q=0.21"), "ja"),
            (None, None, Some("ja;q=0, en;q=0.1"), "en"),
            (None, None, Some("ja;q=0"), "en"),
            (None, None, Some("ja;q=2, fr"), "en"),
            (None, None, Some("ja;q=0.1234"), "en"),
            (None, None, Some("en, ja"), "en"),
            (None, None, Some("ja, en"), "ja"),
            (None, None, Some("*, ja;q=0.9"), "en"),
            (None, None, Some(";;,,=q,ja ; q=0.5"), "ja"),
            (None, None, Some("jav, x-ja"), "en"),
        ];
        for (ui_locales, cookie, header, expected) in cases {
            let language = Language::negotiate(*ui_locales, *cookie, *header);
            assert_eq!(language.tag(), *expected, "{ui_locales:?} {cookie:?} {header:?}");
        }
    }
}
