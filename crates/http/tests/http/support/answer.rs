//! An answer, read whole.

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http_body_util::BodyExt;
use serde_json::Value;

use super::page::Page;

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// Tokens as the token endpoint gave them.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        Self { status: parts.status, headers: parts.headers, text }
    }

    pub(crate) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// A header that stands once; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next().map_or("", |value| value.to_str().expect("plain text"));
        assert!(values.next().is_none(), "{name} stands twice");
        first
    }

    /// Every value of a header.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|value| value.to_str().expect("plain text")).collect()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|_| panic!("no JSON: {} {:?}", self.status, self.text))
    }

    pub(crate) fn page(&self) -> Page {
        assert_eq!(self.header("content-type"), "text/html;charset=utf-8", "{} {}", self.status, self.text);
        Page::read(&self.text)
    }

    /// Status, code and description of an error.
    pub(crate) fn error(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (self.status(), text("error"), text("error_description"))
    }

    /// What a successful token request gave.
    pub(crate) fn tokens(&self) -> Tokens {
        assert_eq!(self.status(), 200, "{}", self.text);
        Tokens { body: self.json() }
    }
}

impl Tokens {
    fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.body))
    }

    pub(crate) fn access(&self) -> &str {
        self.text("access_token")
    }

    pub(crate) fn refresh(&self) -> &str {
        self.text("refresh_token")
    }

    pub(crate) fn id(&self) -> &str {
        self.text("id_token")
    }

    pub(crate) fn scope(&self) -> &str {
        self.text("scope")
    }

    /// What the access token says.
    pub(crate) fn claims(&self) -> Value {
        claims(self.access())
    }
}

/// What a token says; its signature is looked at elsewhere.
pub(crate) fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The header of a token.
pub(crate) fn header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).expect("a signed token");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}
