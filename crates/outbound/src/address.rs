//! Addresses by where they come from. Parsing follows the WHATWG rules of the `url` crate, so that
//! `0x7f.1`, `2130706433` and `[::ffff:127.0.0.1]` are the numbers they mean before anything is compared.

use std::fmt;

use http::Uri;
use url::Url;

use crate::allow::Allow;

pub(crate) use sealed::Reach;

/// An address out of the operator's configuration: may lead anywhere, and may be plain HTTP.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Configured(Checked);

/// An address that a client, a document or a token named: HTTPS unless the operator said otherwise, and only to
/// public addresses or those on the allow list.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Foreign(Checked);

/// What both kinds have in common. Sealed: there is no third kind.
pub trait Address: sealed::Sealed {
    /// The address as it was read, normalized.
    fn as_str(&self) -> &str;
}

/// Why a text is not an address we call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an absolute URL with a host.
    #[error("not an absolute URL with a host")]
    Unreadable,
    /// Neither `https` nor, where it may be, `http`.
    #[error("the scheme may not be used here")]
    Scheme,
    /// `user:password@`: credentials have their own place, and hosts hide behind it.
    #[error("an address has no user information")]
    UserInformation,
    /// A fragment is never sent; one in an address is a mistake or a trick.
    #[error("an address has no fragment")]
    Fragment,
}

impl Configured {
    /// Reads an address of the configuration.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        Checked::parse(text, &["https", "http"]).map(Self)
    }
}

impl Foreign {
    /// Reads an address that came from outside.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        Checked::parse(text, &["https"]).map(Self)
    }

    /// The same, and plain HTTP too where the host is on the operator's list.
    pub fn parse_within(text: &str, allow: &[Allow]) -> Result<Self, AddressError> {
        let checked = Checked::parse(text, &["https", "http"])?;
        let host = checked.url.host_str().unwrap_or_default();
        let may = checked.url.scheme() == "https" || allow.iter().any(|allow| allow.names(host));
        if may { Ok(Self(checked)) } else { Err(AddressError::Scheme) }
    }

    /// The same where the operator said that plain HTTP will do. It reaches no further than HTTPS does.
    pub fn parse_with_http(text: &str) -> Result<Self, AddressError> {
        Checked::parse(text, &["https", "http"]).map(Self)
    }
}

impl Address for Configured {
    fn as_str(&self) -> &str {
        self.0.url.as_str()
    }
}

impl Address for Foreign {
    fn as_str(&self) -> &str {
        self.0.url.as_str()
    }
}

impl sealed::Sealed for Configured {
    fn uri(&self) -> &Uri {
        &self.0.uri
    }

    fn reach(&self) -> Reach {
        Reach::Anywhere
    }
}

impl sealed::Sealed for Foreign {
    fn uri(&self) -> &Uri {
        &self.0.uri
    }

    fn reach(&self) -> Reach {
        Reach::Public
    }
}

impl fmt::Display for Configured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Configured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Configured({})", self.0)
    }
}

impl fmt::Debug for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Foreign({})", self.0)
    }
}

pub(crate) mod sealed {
    /// What the client needs of an address, and nobody else sees.
    pub trait Sealed {
        fn uri(&self) -> &http::Uri;
        fn reach(&self) -> Reach;
    }

    /// Where a connection may lead.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Reach {
        Anywhere,
        Public,
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Checked {
    url: Url,
    uri: Uri,
}

impl Checked {
    fn parse(text: &str, schemes: &[&str]) -> Result<Self, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError::Unreadable)?;
        if !schemes.contains(&url.scheme()) {
            return Err(AddressError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::UserInformation);
        }
        if url.fragment().is_some() {
            return Err(AddressError::Fragment);
        }
        let uri = url.as_str().parse::<Uri>().map_err(|_| AddressError::Unreadable)?;
        // The connection goes to the URI's host: both readers must agree on it.
        if uri.host() != url.host_str() || url.host_str().is_none_or(str::is_empty) {
            return Err(AddressError::Unreadable);
        }
        Ok(Self { url, uri })
    }
}

/// Without the query, which may hold a secret.
impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.url.origin().ascii_serialization();
        write!(f, "{origin}{}", self.url.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_refused_for_what_is_wrong_with_them() {
        let cases = [
            ("ftp://example.com/", AddressError::Scheme),
            ("http://example.com/", AddressError::Scheme),
            ("file:///etc/passwd", AddressError::Scheme),
            ("example.com/x", AddressError::Unreadable),
            ("https://", AddressError::Unreadable),
            ("https://user@example.com/", AddressError::UserInformation),
            ("https://:secret@example.com/", AddressError::UserInformation),
            ("https://example.com/#top", AddressError::Fragment),
        ];
        for (text, expected) in cases {
            assert_eq!(Foreign::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn only_configuration_may_name_plain_http() {
        assert!(Configured::parse("http://idp.internal:8080/realms/a").is_ok());
        assert_eq!(Foreign::parse("http://idp.internal:8080/realms/a"), Err(AddressError::Scheme));
    }

    #[test]
    fn plain_http_may_stay_among_the_hosts_that_the_operator_listed() {
        let allow = ["keys.internal", "10.0.0.0/8", "fd00::/8"].map(|text| text.parse().unwrap());
        for (text, may) in [
            ("https://example.com/", true),
            ("http://example.com/", false),
            ("http://keys.internal:8080/", true),
            ("http://keys.internal.example/", false),
            ("http://10.1.2.3/", true),
            ("http://11.1.2.3/", false),
            ("http://[fd00::1]/", true),
            ("ftp://10.1.2.3/", false),
        ] {
            assert_eq!(Foreign::parse_within(text, &allow).is_ok(), may, "{text}");
        }
    }

    #[test]
    fn hosts_are_read_as_the_numbers_they_mean() {
        for text in ["https://0x7f.1/", "https://2130706433/", "https://0177.0.0.1/", "https://127.1/"] {
            assert_eq!(Foreign::parse(text).unwrap().as_str(), "https://127.0.0.1/", "{text}");
        }
    }

    #[test]
    fn a_query_is_never_printed() {
        let address = Foreign::parse("https://example.com:8443/cb?ticket=hidden").unwrap();
        assert_eq!(address.to_string(), "https://example.com:8443/cb");
        assert_eq!(format!("{address:?}"), "Foreign(https://example.com:8443/cb)");
        assert_eq!(address.as_str(), "https://example.com:8443/cb?ticket=hidden");
    }
}
