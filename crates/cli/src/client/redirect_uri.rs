//! The loopback redirect URI (RFC 8252 §7.3; OAuth 2.1 §8.4.2): where the browser brings the code back.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use url::{Host, Url};

use super::address;

/// A redirect URI on this machine. Sent exactly as it was written, since servers compare strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedirectUri {
    text: String,
    url: Url,
}

/// Why a redirect URI cannot be listened on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotLoopback {
    #[error("not a URL")]
    NotUrl,
    #[error("must be http:// on localhost, 127.0.0.1 or [::1], where this command listens")]
    Elsewhere,
    #[error("must not have a user name, a query or a fragment")]
    Extra,
}

impl RedirectUri {
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The path that the browser asks for.
    pub(crate) fn path(&self) -> &str {
        self.url.path()
    }

    /// The port to listen on; 0 stands for any that is free.
    pub(crate) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }

    /// The same redirect URI with the port that was found free.
    pub(crate) fn with_port(&self, port: u16) -> Self {
        if self.port() == port {
            return self.clone();
        }
        let mut url = self.url.clone();
        let _http_has_ports = url.set_port(Some(port));
        Self { text: url.to_string(), url }
    }

    /// Where to listen. A browser takes `localhost` for either family, so both are served.
    pub(crate) fn addresses(&self) -> Vec<IpAddr> {
        match self.url.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            Some(Host::Domain(_)) | None => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        }
    }
}

impl FromStr for RedirectUri {
    type Err = NotLoopback;

    fn from_str(text: &str) -> Result<Self, NotLoopback> {
        let url = Url::parse(text).map_err(|_| NotLoopback::NotUrl)?;
        if url.scheme() != "http" || !address::is_loopback(&url) {
            return Err(NotLoopback::Elsewhere);
        }
        let named = !url.username().is_empty() || url.password().is_some();
        if named || url.query().is_some() || url.fragment().is_some() {
            return Err(NotLoopback::Extra);
        }
        Ok(Self { text: text.to_owned(), url })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_listened_on() {
        for (text, expected) in [
            ("http://localhost:8888/callback", Ok(())),
            ("http://127.0.0.1/", Ok(())),
            ("http://[::1]:0/callback", Ok(())),
            ("https://localhost:8888/callback", Err(NotLoopback::Elsewhere)),
            ("http://example.com/callback", Err(NotLoopback::Elsewhere)),
            ("http://0.0.0.0:8888/callback", Err(NotLoopback::Elsewhere)),
            ("myapp://localhost/callback", Err(NotLoopback::Elsewhere)),
            ("http://localhost:8888/callback?a=b", Err(NotLoopback::Extra)),
            ("http://localhost:8888/callback#a", Err(NotLoopback::Extra)),
            ("http://a@localhost:8888/callback", Err(NotLoopback::Extra)),
            ("localhost", Err(NotLoopback::NotUrl)),
        ] {
            assert_eq!(text.parse::<RedirectUri>().map(drop), expected, "{text}");
        }
    }

    #[test]
    fn it_is_sent_as_it_was_written() {
        for text in ["http://localhost:8888", "http://LOCALHOST:80/Callback"] {
            assert_eq!(text.parse::<RedirectUri>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn port_zero_becomes_the_port_that_was_free() {
        let any = "http://127.0.0.1:0/callback".parse::<RedirectUri>().unwrap();
        assert_eq!(any.with_port(40123).as_str(), "http://127.0.0.1:40123/callback");
        let fixed = "http://localhost/callback".parse::<RedirectUri>().unwrap();
        assert_eq!((fixed.port(), fixed.with_port(80).as_str()), (80, "http://localhost/callback"));
    }

    #[test]
    fn localhost_is_served_on_both_families() {
        let addresses = |text: &str| {
            text.parse::<RedirectUri>().unwrap().addresses().iter().map(IpAddr::to_string).collect()
        };
        let both: Vec<String> = addresses("http://localhost:8888/");
        assert_eq!(both, ["127.0.0.1", "::1"]);
        let one: Vec<String> = addresses("http://127.0.0.2:8888/");
        assert_eq!(one, ["127.0.0.2"]);
    }
}
