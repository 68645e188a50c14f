//! What is sent: a method, an address, at most one credential and one body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use http::{HeaderValue, Method, Uri};
use url::form_urlencoded;

use crate::address::{Address, Reach};
use crate::error::OutboundError;

/// A request before it is sent. Does not print: headers and body hold secrets.
pub struct Request<'a> {
    pub(crate) uri: &'a Uri,
    pub(crate) reach: Reach,
    method: Method,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

/// A credential for the `Authorization` header. Does not print.
pub struct Authorization(String);

impl<'a> Request<'a> {
    /// GET of `address`.
    pub fn get(address: &'a impl Address) -> Self {
        Self::new(address, Method::GET, Bytes::new())
    }

    /// POST of names and values as `application/x-www-form-urlencoded`.
    pub fn post_form(address: &'a impl Address, form: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        Self::post(address, HeaderValue::from_static("application/x-www-form-urlencoded"), body)
    }

    /// POST of any body.
    pub fn post(address: &'a impl Address, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        let mut request = Self::new(address, Method::POST, body.into());
        request.headers.push((CONTENT_TYPE, content_type));
        request
    }

    /// Names the media types wanted in the answer.
    #[must_use]
    pub fn accept(mut self, media_types: &'static str) -> Self {
        self.headers.push((ACCEPT, HeaderValue::from_static(media_types)));
        self
    }

    /// Adds a header that is not secret.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Adds a credential, marked as sensitive.
    pub fn authorization(mut self, credential: &Authorization) -> Result<Self, OutboundError> {
        let mut value = HeaderValue::from_str(&credential.0).map_err(|_| OutboundError::Header)?;
        value.set_sensitive(true);
        self.headers.push((AUTHORIZATION, value));
        Ok(self)
    }

    fn new(address: &'a impl Address, method: Method, body: Bytes) -> Self {
        let user_agent = HeaderValue::from_static(concat!("sekisho/", env!("CARGO_PKG_VERSION")));
        Self {
            uri: address.uri(),
            reach: address.reach(),
            method,
            headers: vec![(USER_AGENT, user_agent)],
            body,
        }
    }

    pub(crate) fn into_http(self) -> http::Request<http_body_util::Full<Bytes>> {
        let mut request = http::Request::new(http_body_util::Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri.clone();
        request.headers_mut().extend(self.headers);
        request
    }
}

impl Authorization {
    /// HTTP Basic with user and password as they are (RFC 7617).
    pub fn basic(user: &str, password: &str) -> Self {
        Self(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
    }

    /// `client_secret_basic`: identifier and secret are form-encoded first (RFC 6749 §2.3.1).
    pub fn client_secret_basic(client_id: &str, client_secret: &str) -> Self {
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        Self::basic(&encode(client_id), &encode(client_secret))
    }

    /// A bearer token (RFC 6750 §2.1).
    pub fn bearer(token: &str) -> Self {
        Self(format!("Bearer {token}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_identifiers_are_encoded_before_basic() {
        // "a:b" would otherwise end the identifier at its colon.
        assert_eq!(
            Authorization::client_secret_basic("a:b", "s+ %").0,
            format!("Basic {}", STANDARD.encode("a%3Ab:s%2B+%25"))
        );
        assert_eq!(Authorization::basic("Aladdin", "open sesame").0, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }

    #[test]
    fn a_credential_cannot_smuggle_a_header() {
        let address = crate::Configured::parse("http://127.0.0.1/").unwrap();
        let refused = Request::get(&address).authorization(&Authorization::bearer("x\r\nHost: evil"));
        assert_eq!(refused.err(), Some(OutboundError::Header));
    }
}
