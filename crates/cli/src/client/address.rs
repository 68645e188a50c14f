//! Which addresses a secret, a code or a token may be sent to (OAuth 2.1 §1.5).

use url::{Host, Url};

/// An address that cannot be used, and why.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("{0:?} is not a URL")]
    NotUrl(String),
    #[error("{0} must be https (http is for loopback addresses only)")]
    Plain(String),
    #[error("{0} must not carry a user name or password")]
    Credentials(String),
}

/// Parses an address that must be https, or http on this very machine.
pub(crate) fn parse(text: &str) -> Result<Url, Unusable> {
    let url = Url::parse(text).map_err(|_| Unusable::NotUrl(text.to_owned()))?;
    if !(url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url)) {
        return Err(Unusable::Plain(text.to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Unusable::Credentials(text.to_owned()));
    }
    Ok(url)
}

/// Whether the host is this machine: `localhost` or a loopback address.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_travel_over_tls_or_stay_on_the_machine() {
        for (text, usable) in [
            ("https://as.example/realms/a", true),
            ("http://localhost:8080/realms/a", true),
            ("http://127.0.0.2/x", true),
            ("http://[::1]:8080/x", true),
            ("http://as.example/realms/a", false),
            ("http://localhost.example/", false),
            ("http://127.0.0.1.example/", false),
            ("https://user@as.example/", false),
            ("https://:secret@as.example/", false),
            ("javascript:alert(1)", false),
            ("file:///etc/passwd", false),
            ("as.example", false),
        ] {
            assert_eq!(parse(text).is_ok(), usable, "{text}");
        }
    }
}
