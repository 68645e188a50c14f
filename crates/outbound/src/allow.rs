//! The operator's exceptions: non-public hosts and networks that foreign addresses may lead to.

use std::net::IpAddr;
use std::str::FromStr;

use crate::special_use::within;

/// One exception: a network (`10.1.0.0/16`, `fd00::/8`), an address, or the exact name of a host.
///
/// A host on the list may resolve to anything, so list only names whose zone you trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allow {
    /// Every address that shares the first `length` bits.
    Network {
        /// Any address in the network.
        base: IpAddr,
        /// How many leading bits are compared.
        length: u32,
    },
    /// The host of that name, in lower case, whatever it resolves to.
    Host(String),
}

/// Why a text is neither a network, nor an address, nor a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllowError {
    /// The part before or after the slash is not what belongs there.
    #[error("not a network such as 10.1.0.0/16")]
    Network,
    /// Neither an address nor a host name alone (no scheme, no port, no path).
    #[error("not a host name or an address alone")]
    Host,
}

impl Allow {
    /// Whether the exception covers a host as an address has it, be it a name or a number.
    pub(crate) fn names(&self, host: &str) -> bool {
        let number = host.trim_start_matches('[').trim_end_matches(']').parse();
        self.covers_host(host) || number.is_ok_and(|address| self.covers_address(address))
    }

    /// Whether the exception covers `host`, however it resolves.
    pub(crate) fn covers_host(&self, host: &str) -> bool {
        matches!(self, Self::Host(name) if name.eq_ignore_ascii_case(host))
    }

    /// Whether the exception covers `address`.
    pub(crate) fn covers_address(&self, address: IpAddr) -> bool {
        match self {
            Self::Network { base, length } => within((*base).into(), address.into(), *length),
            Self::Host(_) => false,
        }
    }
}

impl FromStr for Allow {
    type Err = AllowError;

    fn from_str(text: &str) -> Result<Self, AllowError> {
        if let Some((base, length)) = text.split_once('/') {
            return network(base, length);
        }
        if let Ok(base) = text.parse::<IpAddr>() {
            return Ok(Self::Network { base, length: widest(base) });
        }
        match url::Host::parse(text) {
            Ok(url::Host::Domain(name)) => Ok(Self::Host(name)),
            Ok(url::Host::Ipv4(_) | url::Host::Ipv6(_)) | Err(_) => Err(AllowError::Host),
        }
    }
}

fn network(base: &str, length: &str) -> Result<Allow, AllowError> {
    let base = base.parse::<IpAddr>().map_err(|_| AllowError::Network)?;
    let length = length.parse::<u32>().map_err(|_| AllowError::Network)?;
    if length > widest(base) {
        return Err(AllowError::Network);
    }
    Ok(Allow::Network { base, length })
}

fn widest(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_cover_their_addresses_and_no_others() {
        let cases = [
            ("127.0.0.0/8", "127.1.2.3", true),
            ("127.0.0.0/8", "128.0.0.1", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("0.0.0.0/0", "10.0.0.1", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "fe80::1", true),
            ("::1", "::1", true),
            // A mapped address is not the address it carries: it must be listed itself.
            ("127.0.0.1", "::ffff:127.0.0.1", false),
        ];
        for (allow, address, expected) in cases {
            let covered = allow.parse::<Allow>().unwrap().covers_address(address.parse().unwrap());
            assert_eq!(covered, expected, "{allow} {address}");
        }
    }

    #[test]
    fn hosts_are_compared_whole() {
        let allow = "IdP.internal".parse::<Allow>().unwrap();
        assert!(allow.covers_host("idp.internal"));
        assert!(!allow.covers_host("evil-idp.internal"));
        assert!(!allow.covers_host("idp.internal.evil.com"));
    }

    #[test]
    fn what_is_neither_is_refused() {
        let cases = [
            ("10.0.0.0/33", AllowError::Network),
            ("10.0.0/8", AllowError::Network),
            ("example.com/8", AllowError::Network),
            ("https://example.com", AllowError::Network),
            ("example.com:443", AllowError::Host),
            ("0x7f.1", AllowError::Host),
            ("", AllowError::Host),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Allow>(), Err(expected), "{text}");
        }
    }
}
