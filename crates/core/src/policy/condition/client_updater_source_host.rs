//! `client-updater-source-host`: the address from which a client is made or changed.

use std::net::IpAddr;

use serde::Deserialize;

use super::{ABOUT_THE_UPDATER, Condition, NEGATIVE, Vote, configure, is_within, listed};
use crate::policy::configuration::{Property, PropertyKind, Provider, Text, Texts};
use crate::policy::event::Event;
use crate::policy::lookup::{Finding, Findings, Lookup};

pub(super) const PROVIDER: Provider<dyn Condition> = Provider {
    id: "client-updater-source-host",
    help: Text {
        en: "Holds when a client is made or changed from one of these hosts.",
        ja: "指定したホストのいずれかからクライアントが作成または変更される場合に成り立ちます。",
    },
    properties: &[NEGATIVE, HOSTS],
    events: ABOUT_THE_UPDATER,
    configure: configure::<ClientUpdaterSourceHost>,
};

const HOSTS: Property = Property::new(
    "trusted-hosts",
    "Trusted Hosts",
    PropertyKind::MultivaluedString,
    Text {
        en: "IP addresses, host names, or *.example.org for every host whose address is registered under that domain. Names are looked up at each change.",
        ja: "IPアドレス、ホスト名、または*.example.org（そのドメインに逆引き登録されたすべてのホスト）。名前は変更のたびに検索されます。",
    },
);

const LOCALHOST: &str = "localhost";

#[derive(Deserialize)]
struct ClientUpdaterSourceHost {
    #[serde(default, rename = "trusted-hosts")]
    hosts: Texts,
}

impl Condition for ClientUpdaterSourceHost {
    fn vote(&self, event: &Event<'_>) -> Vote {
        let Some(updater) = event.updater() else { return Vote::Abstain };
        // Whoever works on the machine itself comes from no host.
        if updater.address.is_empty() {
            return Vote::No;
        }
        let Ok(address) = updater.address.parse::<IpAddr>() else { return Vote::Unknown };
        self.any_is(address.to_canonical(), event.findings)
    }

    fn seen(&self, event: &Event<'_>) -> String {
        let address = event.updater().map_or("nowhere", |updater| updater.address.as_str());
        format!("comes from {address}; looks for {}", listed(self.hosts.0.iter().map(String::as_str)))
    }
}

impl ClientUpdaterSourceHost {
    /// One that is it is enough; what one lookup leaves open, another may settle.
    fn any_is(&self, address: IpAddr, findings: &Findings) -> Vote {
        let mut outcome = Vote::No;
        for host in &self.hosts.0 {
            match (is(host, address, findings), &outcome) {
                (Vote::Yes, _) => return Vote::Yes,
                (need @ Vote::Need(_), Vote::No | Vote::Unknown) => outcome = need,
                (Vote::Unknown, Vote::No) => outcome = Vote::Unknown,
                _ => {}
            }
        }
        outcome
    }
}

/// Whether a configured host is this address.
pub(crate) fn is(host: &str, address: IpAddr, findings: &Findings) -> Vote {
    if let Some(domain) = host.strip_prefix("*.") {
        is_registered_under(domain, address, findings)
    } else if let Ok(literal) = host.parse::<IpAddr>() {
        (literal.to_canonical() == address).into()
    } else if host.eq_ignore_ascii_case(LOCALHOST) {
        // RFC 6761 §6.3: this name is never looked up.
        address.is_loopback().into()
    } else {
        has_address(host, address, findings)
    }
}

fn has_address(host: &str, address: IpAddr, findings: &Findings) -> Vote {
    let lookup = Lookup::Addresses { host: host.to_owned() };
    match findings.find(&lookup) {
        None => Vote::Need(lookup),
        Some(Finding::Addresses(found)) => found.iter().any(|known| known.to_canonical() == address).into(),
        Some(_) => Vote::Unknown,
    }
}

/// Whoever owns an address may register any name for it: it counts once the name leads back to the address.
fn is_registered_under(domain: &str, address: IpAddr, findings: &Findings) -> Vote {
    if address.is_loopback() {
        return is_within(LOCALHOST, domain).into();
    }
    let lookup = Lookup::HostName { address: address.to_string() };
    match findings.find(&lookup) {
        None => Vote::Need(lookup),
        Some(Finding::HostName(name)) => {
            let name = name.trim_end_matches('.');
            if is_within(name, domain) { has_address(name, address, findings) } else { Vote::No }
        }
        Some(_) => Vote::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::policy::event::EventName;
    use crate::policy::tests::{Scene, vote};

    const PEER: &str = "192.0.2.7";

    fn scene(address: &str, found: &[(Lookup, Finding)]) -> Scene {
        let mut scene = Scene::default();
        address.clone_into(&mut scene.updater.address);
        for (lookup, finding) in found {
            scene.findings.add(lookup.clone(), finding.clone());
        }
        scene
    }

    fn asked(hosts: &Value, scene: &Scene) -> Vote {
        vote(&PROVIDER, &json!({"trusted-hosts": hosts}), &scene.event(EventName::Register))
    }

    fn addresses(host: &str, found: &[&str]) -> (Lookup, Finding) {
        let found = found.iter().map(|address| address.parse().expect("an address")).collect();
        (Lookup::Addresses { host: host.to_owned() }, Finding::Addresses(found))
    }

    fn host_name(name: &str) -> (Lookup, Finding) {
        (Lookup::HostName { address: PEER.to_owned() }, Finding::HostName(name.to_owned()))
    }

    #[test]
    fn addresses_are_compared_at_once() {
        for (hosts, address, expected) in [
            (json!(["127.0.0.1"]), "127.0.0.1", Vote::Yes),
            (json!(["127.0.0.1"]), "::ffff:127.0.0.1", Vote::Yes),
            (json!(["192.0.2.1", "2001:db8::1"]), "2001:db8:0:0::1", Vote::Yes),
            (json!(["192.0.2.1"]), "127.0.0.1", Vote::No),
            (json!(["localhost"]), "127.0.0.1", Vote::Yes),
            (json!(["localhost"]), "::1", Vote::Yes),
            (json!(["localhost"]), PEER, Vote::No),
            (json!(["*.example.org"]), "127.0.0.1", Vote::No),
            (json!([]), PEER, Vote::No),
            (json!(["app.example", PEER]), PEER, Vote::Yes),
            (json!([PEER]), "", Vote::No),
            (json!([PEER]), "unknown", Vote::Unknown),
        ] {
            assert_eq!(asked(&hosts, &scene(address, &[])), expected, "{hosts} {address}");
        }
    }

    #[test]
    fn a_name_is_the_addresses_it_has() {
        let hosts = json!(["a.example", "b.example"]);
        let wanted = |host: &str| Vote::Need(Lookup::Addresses { host: host.to_owned() });
        let failed = (Lookup::Addresses { host: "a.example".to_owned() }, Finding::Failed);
        let (other, right) = (addresses("a.example", &["192.0.2.1"]), addresses("b.example", &["::1", PEER]));
        for (found, expected) in [
            (vec![], wanted("a.example")),
            (vec![other.clone()], wanted("b.example")),
            (vec![other.clone(), right.clone()], Vote::Yes),
            (vec![other.clone(), addresses("b.example", &[])], Vote::No),
            (vec![failed.clone()], wanted("b.example")),
            (vec![failed.clone(), right], Vote::Yes),
            (vec![failed, addresses("b.example", &[])], Vote::Unknown),
        ] {
            assert_eq!(asked(&hosts, &scene(PEER, &found)), expected, "{found:?}");
        }
    }

    #[test]
    fn a_name_under_the_domain_counts_once_it_leads_back() {
        let hosts = json!(["*.example.org"]);
        let name = host_name("a.example.org.");
        let confirmation = Vote::Need(Lookup::Addresses { host: "a.example.org".to_owned() });
        let failed = (Lookup::HostName { address: PEER.to_owned() }, Finding::Failed);
        for (found, expected) in [
            (vec![], Vote::Need(Lookup::HostName { address: PEER.to_owned() })),
            (vec![host_name("a.example.com")], Vote::No),
            (vec![host_name("badexample.org")], Vote::No),
            (vec![name.clone()], confirmation),
            (vec![name.clone(), addresses("a.example.org", &[PEER])], Vote::Yes),
            (vec![name, addresses("a.example.org", &["192.0.2.1"])], Vote::No),
            (vec![failed], Vote::Unknown),
        ] {
            assert_eq!(asked(&hosts, &scene(PEER, &found)), expected, "{found:?}");
        }
    }

    #[test]
    fn it_abstains_where_nobody_changes_a_client() {
        let scene = scene(PEER, &[]);
        for event in [EventName::View, EventName::TokenRequest] {
            let configuration = json!({"trusted-hosts": [PEER]});
            assert_eq!(vote(&PROVIDER, &configuration, &scene.event(event)), Vote::Abstain, "{event:?}");
        }
    }
}
