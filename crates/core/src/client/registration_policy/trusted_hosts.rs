//! `trusted-hosts`: who may register from where, and with addresses of whom.

use std::net::IpAddr;
use std::sync::Arc;

use sekisho_protocol::keycloak::ClientRepresentation;
use url::{Host, Url};

use super::{Admission, Asked, Options, Preset, Property, Provider, RegistrationPolicy, switch, texts};
use crate::policy::condition::{Vote, client_updater_source_host};
use crate::policy::effect::ClientEdit;
use crate::policy::lookup::Findings;

pub(super) const PROVIDER: Provider = Provider {
    id: "trusted-hosts",
    help: "Hosts that may register clients, and that addresses of such clients may be on.",
    properties: &[
        Property {
            name: HOSTS,
            key: HOSTS,
            kind: "MultivaluedString",
            preset: Preset::None,
            options: Options::None,
        },
        Property {
            name: SENDER,
            key: SENDER,
            kind: "boolean",
            preset: Preset::Text("true"),
            options: Options::None,
        },
        Property {
            name: URIS,
            key: URIS,
            kind: "boolean",
            preset: Preset::Text("true"),
            options: Options::None,
        },
    ],
    configure: |config| {
        Ok(Arc::new(TrustedHosts {
            hosts: texts(config, HOSTS),
            sender: switch(config, SENDER, true)?,
            uris: switch(config, URIS, true)?,
        }))
    },
};

const HOSTS: &str = "trusted-hosts";
const SENDER: &str = "host-sending-registration-request-must-match";
const URIS: &str = "client-uris-must-match";

struct TrustedHosts {
    /// Addresses, names, and `*.example.org` for every host under it.
    hosts: Vec<String>,
    sender: bool,
    uris: bool,
}

impl RegistrationPolicy for TrustedHosts {
    fn admit(&self, address: &str, findings: &Findings) -> Admission {
        let closed = || Admission::Closed("Host not trusted.".to_owned());
        if !self.sender {
            return Admission::Open;
        }
        let Ok(address) = address.parse::<IpAddr>() else { return closed() };
        let mut need = None;
        for host in &self.hosts {
            match client_updater_source_host::is(host, address.to_canonical(), findings) {
                Vote::Yes => return Admission::Open,
                Vote::Need(lookup) => need = need.or(Some(lookup)),
                Vote::No | Vote::Unknown | Vote::Abstain => {}
            }
        }
        need.map_or_else(closed, Admission::Need)
    }

    fn judge(&self, asked: &Asked<'_>) -> Result<Option<ClientEdit>, String> {
        if self.uris {
            self.check_addresses(asked.result)?;
        }
        Ok(None)
    }
}

impl TrustedHosts {
    fn check_addresses(&self, client: &ClientRepresentation) -> Result<(), String> {
        let own = [&client.root_url, &client.base_url, &client.admin_url];
        let own = own.into_iter().flatten().filter(|text| !text.is_empty() && !text.starts_with('/'));
        if !own.into_iter().all(|address| self.trusts(address)) {
            return Err("URL doesn't match any trusted host or trusted domain".to_owned());
        }
        // One that begins with a slash is below the root, which was just looked at, or below this server.
        let mut redirects = client.redirect_uris.iter().flatten().filter(|uri| !uri.starts_with('/'));
        if redirects.all(|uri| self.trusts(uri)) {
            Ok(())
        } else {
            Err("URI doesn't match any trusted host or trusted domain".to_owned())
        }
    }

    /// Whether the host of an address is one of them. What has no host, as the scheme of an app, is none.
    fn trusts(&self, address: &str) -> bool {
        let Ok(url) = Url::parse(address) else { return false };
        let named = |host: &str| self.hosts.iter().any(|known| is(known, host));
        match url.host() {
            Some(Host::Domain(domain)) => named(domain),
            Some(Host::Ipv4(literal)) => named(&literal.to_string()),
            Some(Host::Ipv6(literal)) => named(&literal.to_string()),
            None => false,
        }
    }
}

fn is(known: &str, host: &str) -> bool {
    match known.strip_prefix("*.") {
        Some(domain) => {
            let (host, domain) = (host.to_ascii_lowercase(), domain.to_ascii_lowercase());
            host.strip_suffix(&domain).is_some_and(|above| above.is_empty() || above.ends_with('.'))
        }
        None => known.eq_ignore_ascii_case(host),
    }
}
