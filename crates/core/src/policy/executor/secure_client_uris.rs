//! `secure-client-uris`: every address of a client is of https and exact (FAPI 1.0 Part 1 §5.2.2).

use serde::Deserialize;

use super::client_uris::Place;
use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Provider, Text};
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-client-uris",
    help: Text {
        en: "All addresses of a client begin with https:// and have no wildcard.",
        ja: "クライアントのすべてのURIを、ワイルドカードのないhttpsに限定します。",
    },
    properties: &[],
    events: EventSet::PROPOSALS.and(EventSet::of(&[EventName::AuthorizationRequest])),
    configure: configure::<SecureClientUris>,
};

/// What is judged, by the names that refusals give.
const FIELDS: &[(&str, Place)] = &[
    ("rootUrl", Place::Root),
    ("adminUrl", Place::Admin),
    ("baseUrl", Place::Base),
    ("redirectUris", Place::Redirects),
    ("webOrigins", Place::WebOrigins),
    ("jwksUri", Place::Attribute("jwks.url")),
    ("requestUris", Place::Attribute("request.uris")),
    ("logoutUrl", Place::Attribute("backchannel.logout.url")),
    ("postLogoutUris", Place::Attribute("post.logout.redirect.uris")),
    ("cibaClientNotificationEndpoint", Place::Attribute("ciba.backchannel.client.notification.endpoint")),
    ("logoUri", Place::Attribute("logoUri")),
    ("policyUri", Place::Attribute("policyUri")),
    ("tosUri", Place::Attribute("tosUri")),
];

#[derive(Deserialize)]
struct SecureClientUris {}

impl Executor for SecureClientUris {
    /// The client as it would be: Keycloak looks at what was sent, and leaves an address alone that an update does
    /// not mention.
    fn react(&self, event: &Event<'_>) -> Reaction {
        if let Some(request) = event.authorization() {
            return react_to_request(request.redirect_uri);
        }
        let Some(proposal) = event.proposal() else { return Reaction::Pass };
        let insecure = |place: &Place| place.uris(proposal.result).into_iter().any(|uri| !is_secure(uri));
        match FIELDS.iter().find(|(_, place)| insecure(place)) {
            Some((field, _)) => Reaction::refuse("invalid_client_metadata", format!("Invalid {field}")),
            None => Reaction::Pass,
        }
    }
}

fn react_to_request(redirect_uri: Option<&str>) -> Reaction {
    match redirect_uri {
        None => Reaction::refuse("invalid_request", "no redirect_uri specified."),
        Some(uri) if !is_secure(uri) => Reaction::refuse("invalid_request", "Invalid redirect_uri"),
        Some(_) => Reaction::Pass,
    }
}

fn is_secure(uri: &str) -> bool {
    uri.starts_with("https://") && !uri.contains('*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, react};

    fn scene(client: serde_json::Value) -> Scene {
        let result = serde_json::from_value(client).expect("a client");
        Scene { result, ..Scene::default() }
    }

    #[test]
    fn each_address_must_be_secure() {
        let attribute = |name: &str| json!({ "attributes": { name: "http://a.example/x" } });
        for (client, field) in [
            (json!({"rootUrl": "http://a.example"}), "rootUrl"),
            (json!({"adminUrl": "http://a.example"}), "adminUrl"),
            (json!({"baseUrl": "/base"}), "baseUrl"),
            (json!({"redirectUris": ["https://a.example/cb", "http://b.example/cb"]}), "redirectUris"),
            (json!({"redirectUris": ["https://a.example/*"]}), "redirectUris"),
            (json!({"redirectUris": ["http://127.0.0.1/cb"]}), "redirectUris"),
            (json!({"redirectUris": ["com.example.app:/cb"]}), "redirectUris"),
            (json!({"redirectUris": ["/cb"]}), "redirectUris"),
            (json!({"webOrigins": ["http://a.example"]}), "webOrigins"),
            (json!({"webOrigins": ["*"]}), "webOrigins"),
            (attribute("post.logout.redirect.uris"), "postLogoutUris"),
            (attribute("request.uris"), "requestUris"),
            (attribute("jwks.url"), "jwksUri"),
            (attribute("backchannel.logout.url"), "logoutUrl"),
            (attribute("logoUri"), "logoUri"),
            (attribute("policyUri"), "policyUri"),
            (attribute("tosUri"), "tosUri"),
            (attribute("ciba.backchannel.client.notification.endpoint"), "cibaClientNotificationEndpoint"),
            (
                json!({"attributes": {"post.logout.redirect.uris": "https://a.example/##http://b.example/"}}),
                "postLogoutUris",
            ),
        ] {
            let scene = scene(client);
            for event in [EventName::Register, EventName::Update] {
                let refused = Reaction::refuse("invalid_client_metadata", format!("Invalid {field}"));
                assert_eq!(react(&PROVIDER, &json!({}), &scene.event(event)), refused, "{field}");
            }
        }
    }

    #[test]
    fn a_client_with_secure_addresses_or_none_passes() {
        for client in [
            json!({}),
            json!({"rootUrl": "", "redirectUris": [], "attributes": {"jwks.url": ""}}),
            json!({"rootUrl": "https://a.example", "baseUrl": "https://a.example/b", "adminUrl": "https://a.example/a",
                "redirectUris": ["https://a.example/cb"], "webOrigins": ["https://a.example"]}),
            json!({"webOrigins": ["+"], "attributes": {"post.logout.redirect.uris": "+"}}),
            json!({"attributes": {"post.logout.redirect.uris": "-", "sectorIdentifierUri": "http://a.example/s"}}),
        ] {
            let scene = scene(client);
            for event in [EventName::Register, EventName::Update] {
                assert_eq!(react(&PROVIDER, &json!({}), &scene.event(event)), Reaction::Pass);
            }
        }
    }

    #[test]
    fn browsers_are_sent_to_secure_addresses_only() {
        for (uri, refused) in [
            (Some("https://app.example/cb"), None),
            (Some("http://app.example/cb"), Some("Invalid redirect_uri")),
            (Some("http://127.0.0.1:999/cb"), Some("Invalid redirect_uri")),
            (None, Some("no redirect_uri specified.")),
        ] {
            let scene = Scene { redirect_uri: uri.map(str::to_owned), ..Scene::default() };
            let reaction = react(&PROVIDER, &json!({}), &scene.event(EventName::AuthorizationRequest));
            let expected = refused.map_or(Reaction::Pass, |text| Reaction::refuse("invalid_request", text));
            assert_eq!(reaction, expected, "{uri:?}");
        }
    }
}
