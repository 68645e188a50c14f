//! `client-id-uri`: the client's id is the address of its metadata document (Client ID Metadata Document).

use serde::Deserialize;
use url::Url;

use super::{ABOUT_THE_CLIENT, About, Condition, NEGATIVE, Vote, configure, is_within, listed};
use crate::policy::configuration::{Property, PropertyKind, Provider, Text, Texts};
use crate::policy::event::{Event, Occasion};
use crate::{Client, Realm};

pub(super) const PROVIDER: Provider<dyn Condition> = Provider {
    id: "client-id-uri",
    help: Text {
        en: "Holds for clients whose id is a URI of one of these schemes and domains.",
        ja: "クライアントIDが指定したスキームとドメインのURIであるクライアントで成り立ちます。",
    },
    properties: &[NEGATIVE, SCHEMES, DOMAINS],
    // Keycloak looks before the authorization request alone, and leaves the grants of such a client that have
    // none to nobody; an id is known wherever there is a client.
    events: ABOUT_THE_CLIENT,
    configure: configure::<ClientIdUri>,
};

const SCHEMES: Property = Property::new(
    "client-id-uri-scheme",
    "Client ID URI Scheme",
    PropertyKind::MultivaluedString,
    Text {
        en: "Schemes that the client id may have, such as https. Without any the condition never holds.",
        ja: "クライアントIDのスキーム（httpsなど）。指定がなければ条件は成り立ちません。",
    },
);

const DOMAINS: Property = Property::new(
    "client-id-uri-allow-permitted-domains",
    "Permitted Domains",
    PropertyKind::MultivaluedString,
    Text {
        en: "Hosts that the client id may have; *.example.org is example.org and all under it. Without any the condition never holds.",
        ja: "クライアントIDのホスト。*.example.orgはexample.orgとその配下すべてを表します。指定がなければ条件は成り立ちません。",
    },
);

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct ClientIdUri {
    #[serde(rename = "client-id-uri-scheme")]
    schemes: Texts,
    #[serde(rename = "client-id-uri-allow-permitted-domains")]
    domains: Texts,
}

impl Condition for ClientIdUri {
    fn vote(&self, event: &Event<'_>) -> Vote {
        client_id(event).is_some_and(|id| self.covers(id)).into()
    }

    fn seen(&self, event: &Event<'_>) -> String {
        let schemes = listed(self.schemes.0.iter().map(String::as_str));
        let domains = listed(self.domains.0.iter().map(String::as_str));
        format!(
            "client_id is {}; looks for schemes {schemes} at {domains}",
            client_id(event).unwrap_or("not known")
        )
    }

    fn about(&self, _realm: &Realm, client: &Client) -> About {
        About::exactly(self.covers(&client.client_id))
    }
}

impl ClientIdUri {
    fn covers(&self, client_id: &str) -> bool {
        let Ok(url) = Url::parse(client_id) else { return false };
        let Some(host) = url.host_str() else { return false };
        let of_scheme = self.schemes.0.iter().any(|scheme| scheme.eq_ignore_ascii_case(url.scheme()));
        let of_domain = self.domains.0.iter().any(|domain| match domain.strip_prefix("*.") {
            Some(parent) => is_within(host, parent),
            None => domain.eq_ignore_ascii_case(host),
        });
        of_scheme && of_domain
    }
}

/// The id as it is claimed, as it would be, or as it stands.
fn client_id<'a>(event: &Event<'a>) -> Option<&'a str> {
    match (&event.occasion, event.proposal()) {
        (Occasion::PreAuthorizationRequest(request), _) => Some(request.client_id),
        (_, Some(proposal)) => proposal.result.client_id.as_deref(),
        _ => event.client().map(|client| client.client_id.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::EventName;
    use crate::policy::tests::{Scene, vote};

    #[test]
    fn it_holds_for_ids_of_these_schemes_and_domains() {
        let configuration = json!({
            "client-id-uri-scheme": ["https"],
            "client-id-uri-allow-permitted-domains": ["localhost", "app.example", "*.example.org"],
        });
        for (client_id, expected) in [
            ("https://app.example/client.json", Vote::Yes),
            ("HTTPS://APP.EXAMPLE:8443/client.json", Vote::Yes),
            ("https://a.b.example.org/client.json", Vote::Yes),
            ("https://example.org/client.json", Vote::Yes),
            ("http://app.example/client.json", Vote::No),
            ("https://sub.app.example/client.json", Vote::No),
            ("https://badexample.org/client.json", Vote::No),
            ("https://app.example@evil.example/client.json", Vote::No),
            ("https:app", Vote::No),
            ("app.example", Vote::No),
            ("", Vote::No),
        ] {
            let mut scene = Scene { client_id: client_id.to_owned(), ..Scene::default() };
            scene.client.client_id = client_id.to_owned();
            scene.result.client_id = Some(client_id.to_owned());
            let events = [
                EventName::PreAuthorizationRequest,
                EventName::Register,
                EventName::ServiceAccountTokenRequest,
            ];
            for event in events {
                let asked = vote(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(asked, expected, "{client_id} {event:?}");
            }
        }
    }

    #[test]
    fn without_schemes_or_without_domains_it_never_holds() {
        let scene = Scene { client_id: "https://app.example/c".to_owned(), ..Scene::default() };
        for configuration in [
            json!({}),
            json!({"client-id-uri-scheme": ["https"]}),
            json!({"client-id-uri-allow-permitted-domains": ["app.example"]}),
            json!({"client-id-uri-scheme": [], "client-id-uri-allow-permitted-domains": "*."}),
            json!({"client-id-uri-scheme": "https", "client-id-uri-allow-permitted-domains": "*."}),
        ] {
            let event = scene.event(EventName::PreAuthorizationRequest);
            assert_eq!(vote(&PROVIDER, &configuration, &event), Vote::No, "{configuration}");
        }
    }

    #[test]
    fn it_abstains_in_the_device_grant() {
        let scene = Scene::default();
        let asked = vote(&PROVIDER, &json!({}), &scene.event(EventName::DeviceTokenRequest));
        assert_eq!(asked, Vote::Abstain);
    }
}
