//! `client-type`: the client is registered for a certain protocol.

use serde::Deserialize;

use super::{ABOUT_THE_CLIENT, About, Condition, Vote, configure};
use crate::policy::configuration::{Preset, Property, PropertyKind, Provider, Text};
use crate::policy::event::Event;
use crate::{Client, Realm};

pub(super) const PROVIDER: Provider<dyn Condition> = Provider {
    id: "client-type",
    help: Text {
        en: "Holds for clients of this protocol.",
        ja: "指定したプロトコルのクライアントで成り立ちます。",
    },
    properties: &[PROTOCOL],
    events: ABOUT_THE_CLIENT,
    configure: configure::<ClientType>,
};

const PROTOCOL: Property = Property::new(
    "protocol",
    "Client Protocol",
    PropertyKind::List,
    Text {
        en: "The protocol that the client is registered for.",
        ja: "クライアントが登録されているプロトコル。",
    },
)
.preset(Preset::String("saml"))
.options(&["saml", "openid-connect"]);

#[derive(Deserialize)]
struct ClientType {
    #[serde(default)]
    protocol: Option<String>,
}

impl Condition for ClientType {
    fn vote(&self, event: &Event<'_>) -> Vote {
        match event.client_protocol() {
            None => Vote::Abstain,
            Some(protocol) => (self.protocol.as_deref() == Some(protocol)).into(),
        }
    }

    fn seen(&self, event: &Event<'_>) -> String {
        let protocol = event.client_protocol().unwrap_or("not known");
        format!(
            "the client's protocol is {protocol}; looks for {}",
            self.protocol.as_deref().unwrap_or("nothing")
        )
    }

    fn about(&self, _realm: &Realm, client: &Client) -> About {
        About::exactly(self.protocol.as_deref() == Some(client.protocol.name()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::ClientProtocol;
    use crate::policy::event::EventName;
    use crate::policy::tests::{Scene, vote};

    #[test]
    fn it_holds_for_clients_of_the_protocol() {
        for (configuration, protocol, expected) in [
            (json!({"protocol": "openid-connect"}), None, Vote::Yes),
            (json!({"protocol": "openid-connect"}), Some("openid-connect"), Vote::Yes),
            (json!({"protocol": "saml"}), Some("openid-connect"), Vote::No),
            (json!({"protocol": "saml"}), Some("saml"), Vote::Yes),
            (json!({"protocol": "saml"}), Some("docker-v2"), Vote::No),
            (json!({"protocol": "docker-v2"}), Some("docker-v2"), Vote::Yes),
            (json!({"protocol": "saml", "is-negative-logic": true}), None, Vote::Yes),
            (json!({}), None, Vote::No),
        ] {
            let mut scene = Scene::default();
            scene.client.protocol = ClientProtocol::of(protocol);
            scene.result.protocol = protocol.map(str::to_owned);
            for event in [EventName::Register, EventName::PreAuthorizationRequest, EventName::TokenIntrospect]
            {
                let asked = vote(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(asked, expected, "{configuration} {protocol:?} {event:?}");
            }
        }
    }

    #[test]
    fn it_abstains_in_the_device_grant() {
        let scene = Scene::default();
        let configuration = json!({"protocol": "openid-connect"});
        let asked = vote(&PROVIDER, &configuration, &scene.event(EventName::DeviceAuthorizationRequest));
        assert_eq!(asked, Vote::Abstain);
    }
}
