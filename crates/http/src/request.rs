//! What a request says of itself: its peer, its body, its one `Authorization`.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, ORIGIN};
use axum::http::request::Parts;
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use sekisho_endpoints::Transport;
use sekisho_protocol::{Cause, Surface};

use crate::app::Settings;
use crate::{App, json};

/// No form of ours is longer.
const MAX_BODY: usize = 128 * 1024;
/// A body that is not there by then is not waited for.
const BODY_TIME: Duration = Duration::from_secs(10);
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// A request read whole: headers, query and body.
pub(crate) struct Whole {
    pub parts: Parts,
    pub body: Bytes,
    address: String,
    secure: bool,
}

impl FromRequest<App> for Whole {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        // RFC 9110 §11.6.2: one set of credentials. Two of them are two opinions of who is asking.
        if parts.headers.get_all(AUTHORIZATION).iter().nth(1).is_some() {
            return Err(json::refusal(Surface::Token, &Cause::RequestMalformed, false));
        }
        let body = read(body).await?;
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let (address, forwarded_secure) = forwarded(&parts.headers, peer, &app.settings);
        let secure = forwarded_secure.unwrap_or(false);
        Ok(Self { parts, body, address, secure })
    }
}

async fn read(body: Body) -> Result<Bytes, Response> {
    let collected = tokio::time::timeout(BODY_TIME, Limited::new(body, MAX_BODY).collect()).await;
    match collected {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(json::too_large()),
        Ok(Err(_)) | Err(_) => Err(json::refusal(Surface::Token, &Cause::RequestMalformed, false)),
    }
}

/// The peer's address and scheme, or what a listed proxy says of them. What cannot be read is not believed
/// (attack 75).
pub(crate) fn forwarded(
    headers: &HeaderMap,
    peer: Option<IpAddr>,
    settings: &Settings,
) -> (String, Option<bool>) {
    let own = peer.map(|peer| peer.to_canonical());
    let shown = |address: Option<IpAddr>| address.map(|address| address.to_string()).unwrap_or_default();
    if !own.is_some_and(|peer| settings.trusted_proxies.contains(&peer)) {
        return (shown(own), None);
    }
    // The last entry is the one that the listed proxy itself wrote.
    let last = headers.get_all(FORWARDED_FOR).iter().next_back().and_then(|value| value.to_str().ok());
    let client =
        last.and_then(|list| list.rsplit(',').next()).and_then(|entry| entry.trim().parse::<IpAddr>().ok());
    let secure = single(headers, &FORWARDED_PROTO).map(|scheme| scheme.eq_ignore_ascii_case("https"));
    (shown(client.or(own)), secure)
}

/// The value of a header that stands exactly once.
pub(crate) fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let only = values.next()?;
    if values.next().is_some() { None } else { only.to_str().ok() }
}

impl Whole {
    /// What endpoints may know.
    pub(crate) fn transport(&self) -> Transport<'_> {
        Transport {
            authorization: single(&self.parts.headers, &AUTHORIZATION),
            origin: self.origin(),
            address: &self.address,
            secure: self.secure,
        }
    }

    /// The page that sent the request.
    pub(crate) fn origin(&self) -> Option<&str> {
        single(&self.parts.headers, &ORIGIN)
    }

    /// The query, empty without one.
    pub(crate) fn query(&self) -> &[u8] {
        self.parts.uri.query().unwrap_or_default().as_bytes()
    }

    /// The peer's address.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The body, where it is a form; anything else reads as an empty one (OAuth 2.1 §3.2: parameters come as
    /// `application/x-www-form-urlencoded`).
    pub(crate) fn form(&self) -> &[u8] {
        let kind = single(&self.parts.headers, &CONTENT_TYPE).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") { &self.body } else { &[] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn forwarded_headers_are_believed_of_listed_proxies_only() {
        let proxy: IpAddr = "10.0.0.1".parse().expect("an address");
        let settings = Settings { trusted_proxies: vec![proxy], secure: false };
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, HeaderValue::from_static("6.6.6.6, 203.0.113.9"));
        headers.insert(FORWARDED_PROTO, HeaderValue::from_static("https"));
        let stranger = "198.51.100.1".parse().ok();
        assert_eq!(forwarded(&headers, Some(proxy), &settings), ("203.0.113.9".to_owned(), Some(true)));
        assert_eq!(forwarded(&headers, stranger, &settings), ("198.51.100.1".to_owned(), None));
        headers.insert(FORWARDED_FOR, HeaderValue::from_static("garbage"));
        assert_eq!(forwarded(&headers, Some(proxy), &settings).0, "10.0.0.1");
    }
}
