//! Which pages may call from a browser (MCP transports, "Security Warning": DNS rebinding). A request
//! without `Origin` is from no page.

use std::net::IpAddr;

use http::header::ORIGIN;
use http::{HeaderMap, HeaderValue};
use url::{Host, Url};

use crate::refusal::Refusal;

/// The origins that may call.
#[derive(Clone, Debug)]
pub(crate) struct Origins {
    listed: Vec<String>,
    /// Any port of any loopback host: good while the resource itself is there, where tools such as the MCP
    /// Inspector run on ports of their own.
    loopback: bool,
}

impl Origins {
    pub(crate) fn new(resource: &Url) -> Self {
        Self { listed: vec![resource.origin().ascii_serialization()], loopback: is_loopback(resource) }
    }

    /// Adds one, in the spelling that browsers send: scheme and host, port when not the usual one.
    pub(crate) fn allow(&mut self, origin: &str) -> bool {
        let complete = origin.split_once("://").is_some_and(|(scheme, rest)| {
            !scheme.is_empty() && !rest.is_empty() && !rest.contains(['/', '?', '#', '@', '*', ' '])
        });
        if complete {
            self.listed.push(origin.to_ascii_lowercase());
        }
        complete
    }

    /// The origin of the page that calls, once it is allowed; nothing when no page does.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<Option<HeaderValue>, Refusal> {
        let mut values = headers.get_all(ORIGIN).iter();
        let Some(value) = values.next() else { return Ok(None) };
        let allowed = values.next().is_none() && value.to_str().is_ok_and(|origin| self.allows(origin));
        if allowed { Ok(Some(value.clone())) } else { Err(Refusal::OriginNotAllowed) }
    }

    fn allows(&self, origin: &str) -> bool {
        self.listed.iter().any(|listed| listed == origin)
            || (self.loopback
                && Url::parse(origin)
                    .is_ok_and(|url| is_loopback(&url) && url.origin().ascii_serialization() == origin))
    }
}

fn is_loopback(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
            None => false,
        }
}
