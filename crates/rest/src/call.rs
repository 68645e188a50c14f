//! A call as a handler sees it: what was sent, read on demand.

use std::ops::Deref;

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::request::Parts;
use sekisho_admin::{Admin, Context};
use sekisho_core::access::Caller;
use sekisho_http::App;
use sekisho_protocol::keycloak;
use serde::de::DeserializeOwned;

use crate::contract::Contract;
use crate::refusal::Problem;
use crate::route;

/// A call of the whole server.
pub(crate) struct Call<'a> {
    pub(crate) app: &'a App,
    pub(crate) caller: &'a Caller,
    contract: Contract,
    path: Vec<(String, String)>,
    query: Vec<(String, String)>,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

/// A call of one realm, by somebody with a permission in it.
pub(crate) struct RealmCall<'a> {
    pub(crate) call: &'a Call<'a>,
    pub(crate) admin: Admin<'a>,
}

impl<'a> Deref for RealmCall<'a> {
    type Target = Call<'a>;

    fn deref(&self) -> &Call<'a> {
        self.call
    }
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        contract: Contract,
        (app, caller): (&'a App, &'a Caller),
        parts: &'a Parts,
        path: Vec<(String, String)>,
        body: &'a [u8],
    ) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self { app, caller, contract, path, query, headers: &parts.headers, body }
    }

    /// What acts of administration work with.
    pub(crate) fn context(&self) -> Context<'a> {
        route::context(self.app)
    }

    /// A part of the path.
    pub(crate) fn path(&self, name: &str) -> Option<&str> {
        self.path.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A part of the path that the route has.
    pub(crate) fn part(&self, name: &str) -> &str {
        self.path(name).unwrap_or_default()
    }

    /// A parameter of the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// What a route reads stands in its contract, or it would be missing from the documentation.
    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        debug_assert!(self.contract.reads(name), "the contract of the route lacks the parameter {name}");
        self.query.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a parameter that may be repeated.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.values(name).map(str::to_owned).collect()
    }

    /// A header that is a text.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether a switch of the query is on.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.query(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A switch of the query that may be left out; what is neither on nor off is left out too.
    pub(crate) fn switch(&self, name: &str) -> Option<bool> {
        let value = self.query(name)?;
        let is = |text: &str| value.eq_ignore_ascii_case(text);
        (is("true") || is("false")).then(|| is("true"))
    }

    /// `key:value` pairs of the query, blanks between them; a word without a colon is none. Quotation marks hold
    /// what has blanks or colons of its own.
    pub(crate) fn pairs(&self, name: &str) -> Vec<(String, String)> {
        let mut rest = self.query(name).unwrap_or_default().trim_start();
        let mut pairs = Vec::new();
        while !rest.is_empty() {
            let (key, after) = term(rest, &[':', ' ']);
            rest = after.trim_start();
            if let Some(after) = after.strip_prefix(':') {
                let (value, after) = term(after, &[' ']);
                rest = after.trim_start();
                pairs.push((key, value));
            }
        }
        pairs
    }

    /// A number of the query.
    ///
    /// # Errors
    /// [`Problem::QueryNumber`]: Keycloak does not find such a path.
    pub(crate) fn number(&self, name: &str) -> Result<Option<i64>, Problem> {
        self.query(name)
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().map_err(|_| Problem::QueryNumber))
            .transpose()
    }

    /// `q`: attributes with the value that each must have, as `name:value` parted by spaces. A part without a colon
    /// says nothing.
    pub(crate) fn attributes(&self) -> Vec<(String, String)> {
        let parts = self.query("q").unwrap_or_default().split_whitespace();
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        parts.filter_map(|part| part.split_once(':')).map(owned).collect()
    }

    /// `first` and `max` of a list; less than nothing is not said.
    pub(crate) fn page(&self) -> Result<(i64, Option<i64>), Problem> {
        let first = self.number("first")?.unwrap_or(0).max(0);
        Ok((first, self.number("max")?.filter(|max| *max >= 0)))
    }

    /// The page of a list that is at hand whole.
    pub(crate) fn paged<T>(&self, list: Vec<T>) -> Result<Vec<T>, Problem> {
        let (first, max) = self.page()?;
        let skipped = list.into_iter().skip(usize::try_from(first).unwrap_or(usize::MAX));
        let max = max.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
        Ok(skipped.take(max).collect())
    }

    /// The body as a document.
    ///
    /// # Errors
    /// [`Problem::Unreadable`] with the member; [`Problem::MediaType`] where the body says that it is no JSON.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if self.header(&CONTENT_TYPE).is_some_and(|kind| !is_json(kind)) {
            return Err(Problem::MediaType);
        }
        debug_assert!(self.contract.has_body(), "the contract of the route lacks the document that it takes");
        Ok(keycloak::parse(self.body)?)
    }

    /// The body as a document, where there is one.
    ///
    /// # Errors
    /// As [`Self::body`].
    pub(crate) fn optional_body<T: DeserializeOwned>(&self) -> Result<Option<T>, Problem> {
        if self.body.trim_ascii().is_empty() { Ok(None) } else { self.body().map(Some) }
    }

    /// The body as it was sent.
    ///
    /// # Errors
    /// [`Problem::NoText`]: not UTF-8.
    pub(crate) fn plain_text(&self) -> Result<String, Problem> {
        debug_assert!(self.contract.has_body(), "the contract of the route lacks the text that it takes");
        std::str::from_utf8(self.body).map(str::to_owned).map_err(|_| Problem::NoText)
    }

    /// The body as a text, plain or in JSON.
    ///
    /// # Errors
    /// As [`Self::body`].
    pub(crate) fn text(&self) -> Result<String, Problem> {
        debug_assert!(self.contract.has_body(), "the contract of the route lacks the text that it takes");
        match std::str::from_utf8(self.body) {
            Ok(text) if !text.starts_with('"') => Ok(text.to_owned()),
            _ => Ok(keycloak::parse(self.body)?),
        }
    }
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}

/// A word, or what stands between quotation marks, and what follows it.
fn term<'a>(text: &'a str, ends: &[char]) -> (String, &'a str) {
    if let Some((quoted, rest)) = text.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        return (quoted.to_owned(), rest);
    }
    let (word, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
    (word.to_owned(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_json_by_whatever_name() {
        for (media_type, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/merge-patch+json", true),
            ("text/plain", false),
            ("application/jsonp", false),
            ("", false),
        ] {
            assert_eq!(is_json(media_type), expected, "{media_type:?}");
        }
    }

    #[test]
    fn a_term_ends_where_it_is_written_to_end() {
        for (text, word, rest) in [
            ("team:red", "team", ":red"),
            ("red other:x", "red", " other:x"),
            ("\"a b\":c", "a b", ":c"),
            ("\"a:b\"", "a:b", ""),
            ("\"open", "\"open", ""),
            ("関所:箱根", "関所", ":箱根"),
            ("", "", ""),
        ] {
            assert_eq!(term(text, &[':', ' ']), (word.to_owned(), rest), "{text}");
        }
    }
}
