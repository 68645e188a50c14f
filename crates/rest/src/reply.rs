//! Answers of handlers.

use std::fmt::Write as _;

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use axum::response::Response;
use sekisho_http::{App, administration};
use serde::Serialize;
use serde_json::Value;

use crate::refusal::Problem;

/// What an administrator should know of what was saved; ours.
const WARNING: HeaderName = HeaderName::from_static("sekisho-warning");

/// Warnings of one answer.
const MOST: usize = 20;
/// Bytes of a text in a header, before any is encoded.
const LONGEST: usize = 500;

/// What a handler answers.
pub(crate) enum Reply {
    Document(Value),
    /// A document that is written already, in the language that the reader prefers.
    Worded(&'static str),
    /// 201 with the new thing's address, below the server's own; a body where Keycloak has one.
    Created {
        path: Vec<String>,
        document: Option<Value>,
    },
    NoContent,
    /// 204, and what there is to know of what was saved, in a header for each.
    Saved {
        warnings: Vec<String>,
    },
    /// The same answer, with the word to caches that Keycloak has there.
    Uncached(Box<Self>),
    /// The same answer with a media type that names no charset, as Keycloak has it there.
    Plain(Box<Self>),
    /// A file to be read by people and kept.
    Text(String),
}

impl Reply {
    /// A document.
    pub(crate) fn document<T: Serialize>(value: &T) -> Result<Self, Problem> {
        serde_json::to_value(value).map(Self::Document).map_err(|_| Problem::Unwritable)
    }

    /// 201 and the address of what was made.
    pub(crate) fn created<'p>(path: impl IntoIterator<Item = &'p str>) -> Self {
        Self::Created { path: path.into_iter().map(str::to_owned).collect(), document: None }
    }

    /// The same, with the new thing itself.
    pub(crate) fn created_document<'p, T: Serialize>(
        path: impl IntoIterator<Item = &'p str>,
        value: &T,
    ) -> Result<Self, Problem> {
        let document = Some(serde_json::to_value(value).map_err(|_| Problem::Unwritable)?);
        Ok(Self::Created { path: path.into_iter().map(str::to_owned).collect(), document })
    }

    pub(crate) fn respond(self, app: &App) -> Response {
        match self {
            Self::Document(document) => administration::document(StatusCode::OK, &document),
            Self::Worded(text) => administration::worded(text),
            Self::NoContent => administration::empty(StatusCode::NO_CONTENT),
            Self::Uncached(reply) => {
                let mut response = reply.respond(app);
                administration::no_cache(response.headers_mut());
                response
            }
            Self::Plain(reply) => {
                let mut response = reply.respond(app);
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            Self::Text(text) => administration::text(text),
            Self::Saved { warnings } => {
                let mut response = administration::empty(StatusCode::NO_CONTENT);
                for text in warnings.iter().take(MOST).filter_map(|text| in_header(text)) {
                    response.headers_mut().append(WARNING, text);
                }
                response
            }
            Self::Created { path, document } => {
                let mut response = match document {
                    Some(document) => administration::document(StatusCode::CREATED, &document),
                    None => administration::empty(StatusCode::CREATED),
                };
                // No cache keeps an answer to a change (RFC 9111 §4.4).
                response.headers_mut().remove(CACHE_CONTROL);
                if let Some(location) = location(app, &path) {
                    response.headers_mut().insert(LOCATION, location);
                }
                response
            }
        }
    }
}

/// A text as a header can have it: printable ASCII as it is, and every other byte of its UTF-8 as `%` and two digits, as
/// is `%` itself (RFC 3986 §2.1). What is longer than a header should be is cut off.
pub(crate) fn in_header(text: &str) -> Option<HeaderValue> {
    let mut written = String::new();
    for byte in text.bytes().take(LONGEST) {
        match byte {
            b' '..=b'~' if byte != b'%' => written.push(char::from(byte)),
            _ => {
                let _infallible = write!(written, "%{byte:02X}");
            }
        }
    }
    HeaderValue::from_str(&written).ok()
}

/// Below the public address of the server, never below what a request says it is (attack 84).
fn location(app: &App, path: &[String]) -> Option<HeaderValue> {
    let mut url = url::Url::parse(app.server.store.urls().hostname()).ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().extend(["admin", "realms"]).extend(path);
    HeaderValue::from_str(url.as_str()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_reads_as_it_is_where_it_is_ascii() {
        for (text, expected) in [
            ("policy \"x\" is about no client", "policy \"x\" is about no client"),
            ("policy \"関\"", "policy \"%E9%96%A2\""),
            ("100% \\ a\r\nset-cookie: x", "100%25 \\ a%0D%0Aset-cookie: x"),
        ] {
            assert_eq!(in_header(text).expect("a header"), expected);
        }
    }
}
