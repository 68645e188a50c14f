//! The page that the browser shows after the redirect: self-contained, in English or Japanese, nothing from outside in it.

use aws_lc_rs::digest;
use axum::http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// What the page has to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Message {
    SignedIn,
    Refused,
    Foreign,
    NotFound,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Japanese,
}

struct Words {
    title: &'static str,
    text: &'static str,
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;min-height:100vh;display:grid;place-items:center;background:light-dark(#f0f3f4,#0f161c);\
color:light-dark(#14202a,#e7edf0);font:1rem/1.7 system-ui,\"Hiragino Sans\",\"Noto Sans JP\",sans-serif}\
main{box-sizing:border-box;width:min(27rem,100% - 2.5rem);padding:2.25rem;background:light-dark(#fff,#182129);\
border:1px solid light-dark(#d3dbde,#303d47);border-top:.4375rem solid light-dark(#1c6746,#7fcfa6)}\
main.shut{border-top-color:light-dark(#ad3018,#ff9d88)}\
h1{margin:0 0 .75rem;font-size:1.5rem;line-height:1.3}p{margin:0}\
h1,p{text-wrap:pretty;word-break:auto-phrase}";

/// The answer to the browser.
pub(crate) fn respond(message: Message, headers: &HeaderMap) -> Response {
    let accepted = headers.get("accept-language").and_then(|value| value.to_str().ok());
    let language = language(accepted.unwrap_or_default());
    let fields = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_LANGUAGE, language.tag().to_owned()),
        (CONTENT_SECURITY_POLICY, content_security_policy()),
        (CACHE_CONTROL, "no-store".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (VARY, "accept-language".to_owned()),
        (CONNECTION, "close".to_owned()),
    ];
    (message.status(), fields, render(message, language)).into_response()
}

/// The page may do nothing but look like something: its one style is named by its hash.
fn content_security_policy() -> String {
    let hash = BASE64_STANDARD.encode(digest::digest(&digest::SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

fn render(message: Message, language: Language) -> String {
    let Words { title, text } = words(message, language);
    let class = if message == Message::SignedIn { "open" } else { "shut" };
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} - Sekisho</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <main class=\"{class}\">\n<h1>{title}</h1>\n<p>{text}</p>\n</main>\n</body>\n</html>\n",
        language.tag()
    )
}

fn words(message: Message, language: Language) -> Words {
    let (title, text) = match (message, language) {
        (Message::SignedIn, Language::English) => {
            ("You are signed in", "You can close this window and go back to the terminal.")
        }
        (Message::SignedIn, Language::Japanese) => {
            ("ログインできました", "このウィンドウを閉じて、ターミナルに戻ってください。")
        }
        (Message::Refused, Language::English) => {
            ("You are not signed in", "The terminal says why. You can close this window.")
        }
        (Message::Refused, Language::Japanese) => (
            "ログインできませんでした",
            "理由はターミナルに表示されています。このウィンドウは閉じてかまいません。",
        ),
        (Message::Foreign, Language::English) => (
            "This is not the answer to the login",
            "It belongs to another login, or to an older one. Use the window that opened last.",
        ),
        (Message::Foreign, Language::Japanese) => (
            "今回のログインへの応答ではありません",
            "別のログインか、以前のログインのものです。最後に開いたウィンドウを使ってください。",
        ),
        (Message::NotFound, Language::English) => {
            ("There is nothing here", "Only the login comes back to this address.")
        }
        (Message::NotFound, Language::Japanese) => {
            ("ここには何もありません", "このアドレスにはログインの応答だけが届きます。")
        }
    };
    Words { title, text }
}

/// Japanese where it is asked for before English (RFC 9110 §12.5.4), else English.
fn language(accept_language: &str) -> Language {
    let mut best = (Language::English, 0.0);
    for entry in accept_language.split(',') {
        let (range, weight) = entry.split_once(';').unwrap_or((entry, "q=1"));
        let Some(language) = Language::of(range.trim()) else { continue };
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>().unwrap_or(0.0);
        if weight > best.1 {
            best = (language, weight);
        }
    }
    best.0
}

impl Message {
    fn status(self) -> StatusCode {
        match self {
            Self::SignedIn | Self::Refused => StatusCode::OK,
            Self::Foreign => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
        }
    }
}

impl Language {
    fn of(range: &str) -> Option<Self> {
        match range.split('-').next().map(str::to_ascii_lowercase).as_deref() {
            Some("ja") => Some(Self::Japanese),
            Some("en") => Some(Self::English),
            _ => None,
        }
    }

    fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_is_the_one_the_browser_prefers() {
        for (header, expected) in [
            ("", Language::English),
            ("ja", Language::Japanese),
            ("ja-JP,ja;q=0.9,en-US;q=0.8", Language::Japanese),
            ("en-US,en;q=0.9,ja;q=0.8", Language::English),
            ("fr, ja;q=0.5", Language::Japanese),
            ("fr", Language::English),
            ("en;q=0.1, JA;q=0.2", Language::Japanese),
            ("ja;q=0", Language::English),
        ] {
            assert_eq!(language(header), expected, "{header}");
        }
    }

    #[test]
    fn the_page_is_forbidden_everything_but_its_style() {
        let response = respond(Message::SignedIn, &HeaderMap::new());
        let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
    }

    #[test]
    fn every_message_is_there_in_both_languages() {
        for message in [Message::SignedIn, Message::Refused, Message::Foreign, Message::NotFound] {
            let (english, japanese) =
                (render(message, Language::English), render(message, Language::Japanese));
            assert!(english.is_ascii() && english.contains("lang=\"en\""), "{message:?}");
            assert!(!japanese.is_ascii() && japanese.contains("lang=\"ja\""), "{message:?}");
        }
    }
}
