//! `confidential-client`: who asks for tokens can prove who it is.

use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::client::ClientKind;
use crate::policy::configuration::{Provider, Text};
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "confidential-client",
    help: Text {
        en: "Only confidential clients may send users here or get tokens.",
        ja: "コンフィデンシャルクライアントにだけ、認可とトークンのリクエストを許可します。",
    },
    properties: &[],
    events: EventSet::of(&[
        EventName::AuthorizationRequest,
        EventName::TokenRequest,
        EventName::ServiceAccountTokenRequest,
        EventName::BackchannelAuthenticationRequest,
        EventName::BackchannelTokenRequest,
    ]),
    configure: configure::<ConfidentialClient>,
};

#[derive(Deserialize)]
struct ConfidentialClient {}

impl Executor for ConfidentialClient {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let kind = match event.client_kind() {
            Some(ClientKind::Confidential) => return Reaction::Pass,
            Some(ClientKind::Public) => "public",
            Some(ClientKind::BearerOnly) => "bearer-only",
            None => "unknown",
        };
        Reaction::refuse("invalid_client", format!("invalid client access type: {kind}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::EVENTS;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn a_public_client_is_refused_where_keycloak_looks() {
        let refused = Reaction::refuse("invalid_client", "invalid client access type: public");
        let mut scene = Scene::default();
        scene.client.kind = ClientKind::Public;
        for event in EVENTS {
            let asked = PROVIDER.events.contains(event);
            let expected = if asked { refused.clone() } else { Reaction::Pass };
            assert_eq!(react(&PROVIDER, &json!({}), &scene.event(event)), expected, "{event:?}");
        }
        assert_eq!(PROVIDER.events.iter().count(), 5);
    }

    #[test]
    fn a_confidential_client_may_do_all_and_a_bearer_only_one_nothing() {
        let mut scene = Scene::default();
        for event in PROVIDER.events.iter() {
            assert_eq!(react(&PROVIDER, &json!({}), &scene.event(event)), Reaction::Pass, "{event:?}");
        }
        scene.client.kind = ClientKind::BearerOnly;
        let refused = Reaction::refuse("invalid_client", "invalid client access type: bearer-only");
        assert_eq!(react(&PROVIDER, &json!({}), &scene.event(EventName::TokenRequest)), refused);
    }
}
