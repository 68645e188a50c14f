//! Which addresses a secret, a code or a token may be sent to (OAuth 2.1 §1.5).

use url::{Host, Url};

/// An address that cannot be used, and why.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("{0:?} is not a URL")]
    NotUrl(String),
    #[error("{0:?} must be https (http is for loopback addresses only)")]
    Plain(String),
    #[error("{0:?} must not carry a user name or password")]
    Credentials(String),
    #[error("{from} points to this very machine ({url}), where it has no business")]
    Inward { from: String, url: String },
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

/// Parses an address that another server named. One from elsewhere may not name this machine: what listens here is
/// not for it to reach, and a login is not for what listens here.
pub(crate) fn parse_named_by(from: &Url, text: &str) -> Result<Url, Unusable> {
    let url = parse(text)?;
    if is_loopback(&url) && !is_loopback(from) {
        return Err(Unusable::Inward { from: from.to_string(), url: url.to_string() });
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

    #[test]
    fn servers_elsewhere_do_not_name_this_machine() {
        for (from, text, usable) in [
            ("https://rs.example/mcp", "https://as.example/", true),
            ("http://localhost:3001/mcp", "http://127.0.0.1:8080/", true),
            ("http://localhost:3001/mcp", "https://as.example/", true),
            ("https://rs.example/mcp", "http://localhost:8080/", false),
            ("https://rs.example/mcp", "https://[::1]/", false),
            ("http://localhost:3001/mcp", "http://as.example/", false),
        ] {
            let from = Url::parse(from).unwrap();
            assert_eq!(parse_named_by(&from, text).is_ok(), usable, "{from} {text}");
        }
    }
}
