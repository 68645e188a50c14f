//! `client-access-type`: the client is confidential, public or bearer-only.

use serde::Deserialize;

use super::{ABOUT_THE_CLIENT, About, Condition, NEGATIVE, Vote, configure, listed, lists};
use crate::client::ClientKind;
use crate::policy::configuration::{Preset, Property, PropertyKind, Provider, Text, Texts};
use crate::policy::event::Event;
use crate::{Client, Realm};

pub(super) const PROVIDER: Provider<dyn Condition> = Provider {
    id: "client-access-type",
    help: Text {
        en: "Holds for clients of the chosen access types.",
        ja: "選択したアクセスタイプのクライアントで成り立ちます。",
    },
    properties: &[NEGATIVE, TYPE],
    // Keycloak does not look before the redirect URI is proven, which lets `secure-redirect-uris-enforcer` of its
    // own profiles never run there; the type is known, so it counts.
    events: ABOUT_THE_CLIENT,
    configure: configure::<ClientAccessType>,
};

const TYPE: Property = Property::new(
    "type",
    "Client Access Type",
    PropertyKind::MultivaluedList,
    Text {
        en: "Access types: confidential clients prove themselves, public ones cannot, bearer-only ones never ask for tokens.",
        ja: "アクセスタイプ。confidentialは自身を証明でき、publicは証明できず、bearer-onlyはトークンを要求しません。",
    },
)
.preset(Preset::String("confidential"))
.options(&["confidential", "public", "bearer-only"]);

#[derive(Deserialize)]
struct ClientAccessType {
    #[serde(default, rename = "type")]
    types: Texts,
}

const fn name(kind: ClientKind) -> &'static str {
    match kind {
        ClientKind::Confidential => "confidential",
        ClientKind::Public => "public",
        ClientKind::BearerOnly => "bearer-only",
    }
}

impl Condition for ClientAccessType {
    fn vote(&self, event: &Event<'_>) -> Vote {
        let Some(kind) = event.client_kind() else { return Vote::Abstain };
        lists(&self.types, name(kind)).into()
    }

    fn seen(&self, event: &Event<'_>) -> String {
        let kind = event.client_kind().map_or("not known", name);
        format!("the client is {kind}; looks for {}", listed(self.types.0.iter().map(String::as_str)))
    }

    fn about(&self, _realm: &Realm, client: &Client) -> About {
        About::exactly(lists(&self.types, name(client.kind)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::{EventName, EventSet};
    use crate::policy::tests::{Scene, vote};

    #[test]
    fn it_holds_for_the_types_it_lists() {
        let configuration = json!({"type": ["public", "bearer-only"]});
        for (kind, expected) in [
            (ClientKind::Public, Vote::Yes),
            (ClientKind::BearerOnly, Vote::Yes),
            (ClientKind::Confidential, Vote::No),
        ] {
            let mut scene = Scene::default();
            scene.client.kind = kind;
            let event = scene.event(EventName::PreAuthorizationRequest);
            assert_eq!(vote(&PROVIDER, &configuration, &event), expected, "{kind:?}");
        }
    }

    /// CVE-2026-18573: public before, confidential afterwards.
    #[test]
    fn an_update_is_judged_by_the_client_that_it_makes() {
        let mut scene = Scene::default();
        scene.client.kind = ClientKind::Public;
        scene.result.public_client = Some(false);
        let configuration = json!({"type": ["confidential"]});
        assert_eq!(vote(&PROVIDER, &configuration, &scene.event(EventName::Update)), Vote::Yes);
    }

    #[test]
    fn it_abstains_in_the_device_grant() {
        let scene = Scene::default();
        for event in EventSet::DEVICE.iter() {
            assert_eq!(vote(&PROVIDER, &json!({}), &scene.event(event)), Vote::Abstain, "{event:?}");
        }
    }
}
