//! Which shapes of redirect URIs a configuration allows. What no registration makes acceptable, such as schemes that
//! run code, is refused by [`crate::redirect`] whatever is allowed here.

use std::net::Ipv4Addr;

use serde::Deserialize;
use url::{Host, Url};

use crate::policy::configuration::{Patterns, Switch};
use crate::redirect::{authority, split_port};

/// What is allowed.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Rules {
    allow_ipv4_loopback_address: Switch,
    allow_ipv6_loopback_address: Switch,
    allow_private_use_uri_scheme: Switch,
    allow_http_scheme: Switch,
    allow_wildcard_context_path: Switch,
    allow_permitted_domains: Patterns,
    #[serde(rename = "oauth-2-0-compliant")]
    oauth_2_0: Switch,
    #[serde(rename = "oauth-2-1-compliant")]
    oauth_2_1: Switch,
    allow_open_redirect: Switch,
    allow_native_loopback: Switch,
}

/// Where an address comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Registered,
    Asked,
}

/// What is wrong with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Uri,
    Loopback,
    PrivateUse,
}

/// Each kind of address has rules of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Ipv4Loopback,
    Ipv6Loopback,
    PrivateUse,
    Web,
}

impl Rules {
    /// Whether an absolute address is allowed.
    pub(super) fn check(&self, uri: &str, stage: Stage) -> Result<(), Problem> {
        if self.allow_open_redirect.0 {
            return Ok(());
        }
        let plain = uri.bytes().all(|byte| byte.is_ascii_graphic()) && !uri.contains('\\');
        let url = Url::parse(uri).ok().filter(|_| plain).ok_or(Problem::Uri)?;
        let class = Class::of(&url);
        let (allowed, problem) = match class {
            Class::Ipv4Loopback | Class::Ipv6Loopback => {
                (self.allows_loopback(uri, &url, class, stage), Problem::Loopback)
            }
            Class::PrivateUse => (self.allows_private_use(&url), Problem::PrivateUse),
            Class::Web => (self.allows_web(&url), Problem::Uri),
        };
        if allowed && self.allows_parts(uri) { Ok(()) } else { Err(problem) }
    }

    /// RFC 8252 §7.3 and §8.3: literal addresses, whose port is chosen at run time. That is for `http` alone;
    /// nobody picks a free port for a certificate.
    fn allows_loopback(&self, uri: &str, url: &Url, class: Class, stage: Stage) -> bool {
        let ipv4 = class == Class::Ipv4Loopback;
        let allowed =
            if ipv4 { self.allow_ipv4_loopback_address.0 } else { self.allow_ipv6_loopback_address.0 };
        let http = url.scheme() == "http";
        if !allowed || (http && !self.allow_http_scheme.0) {
            return false;
        }
        if !self.oauth_2_1.0 {
            return true;
        }
        let (host, port) = split_port(authority(uri));
        let literal = if ipv4 { host.parse::<Ipv4Addr>().is_ok() } else { host == "[::1]" };
        if self.allow_native_loopback.0 {
            return literal || host == "localhost";
        }
        let fits = match stage {
            Stage::Registered => port.is_none(),
            Stage::Asked => port.is_some() || !http,
        };
        literal && fits
    }

    /// RFC 8252 §7.1: the reversed name of a domain, so with a dot.
    fn allows_private_use(&self, url: &Url) -> bool {
        self.allow_private_use_uri_scheme.0 && (!self.oauth_2_1.0 || url.scheme().contains('.'))
    }

    fn allows_web(&self, url: &Url) -> bool {
        let secure = url.scheme() == "https" || (self.allow_http_scheme.0 && !self.oauth_2_1.0);
        let domains = &self.allow_permitted_domains.0;
        let host = url.host_str().unwrap_or_default();
        secure && (domains.is_empty() || domains.iter().any(|domain| domain.matches(host)))
    }

    /// Fragments and wildcards, whatever the class.
    fn allows_parts(&self, uri: &str) -> bool {
        let fragment = !self.oauth_2_0.0 && !self.oauth_2_1.0;
        let wildcard = self.allow_wildcard_context_path.0 && !self.oauth_2_1.0;
        (fragment || !uri.contains('#')) && (wildcard || !uri.contains('*'))
    }
}

impl Class {
    /// By what is written. Names under `localhost` are the machine itself (RFC 6761 §6.3), and so is an IPv4 address
    /// inside an IPv6 one; the parser has read unusual spellings (`127.1`) before.
    fn of(url: &Url) -> Self {
        if !matches!(url.scheme(), "http" | "https") {
            return Self::PrivateUse;
        }
        match url.host() {
            Some(Host::Domain(name)) if is_localhost(name) => Self::Ipv4Loopback,
            Some(Host::Ipv4(address)) if address.is_loopback() => Self::Ipv4Loopback,
            Some(Host::Ipv6(address)) if address.is_loopback() => Self::Ipv6Loopback,
            Some(Host::Ipv6(address))
                if address.to_ipv4_mapped().is_some_and(|inner| inner.is_loopback()) =>
            {
                Self::Ipv4Loopback
            }
            _ => Self::Web,
        }
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

impl Problem {
    /// Keycloak's words.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Uri => "invalid uri",
            Self::Loopback => "invalid loopback address",
            Self::PrivateUse => "invalid private use scheme",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Problem::{Loopback, PrivateUse, Uri};
    use super::*;
    use crate::policy::configuration::read;

    fn check(configuration: &Value, uri: &str, stage: Stage) -> Option<Problem> {
        read::<Rules>(configuration).expect("rules").check(uri, stage).err()
    }

    fn oauth_2_1() -> Value {
        json!({
            "allow-ipv4-loopback-address": "true",
            "allow-ipv6-loopback-address": "true",
            "allow-private-use-uri-scheme": "true",
            "allow-http-scheme": "true",
            "oauth-2-1-compliant": "true",
        })
    }

    #[test]
    fn only_https_without_wildcards_is_allowed_by_default() {
        for (uri, problem) in [
            ("https://app.example/cb", None),
            ("https://app.example", None),
            ("https://app.example:8443/cb?a=1", None),
            ("https://10.0.0.1/cb", None),
            ("http://app.example/cb", Some(Uri)),
            ("https://app.example/*", Some(Uri)),
            ("https://*.example/cb", Some(Uri)),
            ("https://app.example/c b", Some(Uri)),
            ("https://app.example\\@evil.example/", Some(Uri)),
            ("https://", Some(Uri)),
            ("*", Some(Uri)),
            ("", Some(Uri)),
            ("https://127.0.0.1/cb", Some(Loopback)),
            ("https://127.1/cb", Some(Loopback)),
            ("https://0x7f000001/cb", Some(Loopback)),
            ("https://[::ffff:127.0.0.1]/cb", Some(Loopback)),
            ("https://localhost./cb", Some(Loopback)),
            ("https://a.localhost/cb", Some(Loopback)),
            ("https://LOCALHOST/cb", Some(Loopback)),
            ("https://localhost.example/cb", None),
            ("myapp://localhost/cb", Some(PrivateUse)),
            ("javascript:alert(1)", Some(PrivateUse)),
        ] {
            assert_eq!(check(&json!({}), uri, Stage::Registered), problem, "{uri}");
        }
    }

    #[test]
    fn oauth_2_1_takes_literal_loopback_addresses_registered_without_a_port_and_asked_for_with_one() {
        for (uri, registered, asked) in [
            ("http://127.0.0.1/cb", None, Some(Loopback)),
            ("http://127.0.0.1:80/cb", Some(Loopback), None),
            ("http://127.0.0.1:49152/cb", Some(Loopback), None),
            ("http://127.0.0.2/cb", None, Some(Loopback)),
            ("https://127.0.0.1/cb", None, None),
            ("http://[::1]/cb", None, Some(Loopback)),
            ("http://[::1]:49152/cb", Some(Loopback), None),
            ("http://[0:0:0:0:0:0:0:1]:1/cb", Some(Loopback), Some(Loopback)),
            ("http://127.1:1/cb", Some(Loopback), Some(Loopback)),
            ("http://u@127.0.0.1:1/cb", Some(Loopback), Some(Loopback)),
            ("http://localhost:1/cb", Some(Loopback), Some(Loopback)),
            ("http://127.0.0.1:1/cb#f", Some(Loopback), Some(Loopback)),
            ("http://127.0.0.1:1/*", Some(Loopback), Some(Loopback)),
            ("com.example.app:/cb", None, None),
            ("com.example.app:/cb#f", Some(PrivateUse), Some(PrivateUse)),
            ("myapp:/cb", Some(PrivateUse), Some(PrivateUse)),
            ("http://app.example/cb", Some(Uri), Some(Uri)),
            ("https://app.example/cb", None, None),
            ("https://app.example/cb#f", Some(Uri), Some(Uri)),
        ] {
            assert_eq!(check(&oauth_2_1(), uri, Stage::Registered), registered, "registered {uri}");
            assert_eq!(check(&oauth_2_1(), uri, Stage::Asked), asked, "asked {uri}");
        }
    }

    #[test]
    fn native_clients_may_say_localhost_and_register_their_port() {
        let mut native = oauth_2_1();
        native["allow-native-loopback"] = json!(true);
        for (uri, problem) in [
            ("http://localhost:6274/oauth/callback", None),
            ("http://localhost/cb", None),
            ("http://127.0.0.1:33418/", None),
            ("http://127.0.0.1/cb", None),
            ("http://[::1]:1/cb", None),
            ("com.example.app:/cb", None),
            ("http://a.localhost/cb", Some(Loopback)),
            ("http://127.1:1/cb", Some(Loopback)),
            ("http://localhost:1/*", Some(Loopback)),
            ("http://app.example/cb", Some(Uri)),
            ("myapp:/cb", Some(PrivateUse)),
        ] {
            for stage in [Stage::Registered, Stage::Asked] {
                assert_eq!(check(&native, uri, stage), problem, "{stage:?} {uri}");
            }
        }
    }

    #[test]
    fn each_switch_allows_one_thing() {
        for (configuration, uri, problem) in [
            (json!({"allow-ipv4-loopback-address": true}), "https://127.0.0.1:1/cb", None),
            (json!({"allow-ipv4-loopback-address": true}), "https://localhost/cb", None),
            (json!({"allow-ipv4-loopback-address": true}), "http://127.0.0.1/cb", Some(Loopback)),
            (json!({"allow-ipv4-loopback-address": true}), "https://[::1]/cb", Some(Loopback)),
            (json!({"allow-ipv6-loopback-address": true}), "https://[::1]/cb", None),
            (json!({"allow-ipv6-loopback-address": true}), "https://127.0.0.1/cb", Some(Loopback)),
            (json!({"allow-private-use-uri-scheme": true}), "myapp:/cb", None),
            (json!({"allow-http-scheme": true}), "http://app.example/cb", None),
            (json!({"allow-http-scheme": true}), "http://127.0.0.1/cb", Some(Loopback)),
            (json!({"allow-wildcard-context-path": true}), "https://app.example/*", None),
            (json!({"oauth-2-0-compliant": true}), "https://app.example/cb#f", Some(Uri)),
            (json!({"oauth-2-0-compliant": true}), "https://app.example/cb", None),
            (json!({"allow-permitted-domains": ["app\\.example"]}), "https://app.example:1/cb", None),
            (json!({"allow-permitted-domains": ["a", ".*\\.example"]}), "https://app.example/cb", None),
            (json!({"allow-permitted-domains": ["app\\.example"]}), "https://app.example.evil/cb", Some(Uri)),
            (json!({"allow-permitted-domains": ["example"]}), "https://app.example/cb", Some(Uri)),
            (json!({"allow-open-redirect": true}), "*", None),
        ] {
            assert_eq!(check(&configuration, uri, Stage::Registered), problem, "{configuration} {uri}");
        }
    }
}
