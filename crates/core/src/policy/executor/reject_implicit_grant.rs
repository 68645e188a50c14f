//! `reject-implicit-grant`: no tokens from the authorization endpoint (OAuth 2.1 §10.1).

use serde::Deserialize;

use super::{Executor, Reaction, auto_configure, configure};
use crate::policy::configuration::{Provider, Switch, Text};
use crate::policy::effect::{ClientEdit, Effect};
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "reject-implicit-grant",
    help: Text {
        en: "No client gets tokens from the authorization endpoint: neither implicit nor hybrid flow.",
        ja: "インプリシットフローとハイブリッドフローを禁止し、認可エンドポイントからトークンを返しません。",
    },
    properties: &[auto_configure(false)],
    events: EventSet::PROPOSALS
        .and(EventSet::of(&[EventName::AuthorizationRequest, EventName::PushedAuthorizationRequest])),
    configure: configure::<RejectImplicitGrant>,
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct RejectImplicitGrant {
    auto_configure: Switch,
}

impl Executor for RejectImplicitGrant {
    fn react(&self, event: &Event<'_>) -> Reaction {
        if let Some(request) = event.authorization() {
            return react_to_request(request.params.find_filled("response_type"));
        }
        let implicit = event.proposal().and_then(|proposal| proposal.result.implicit_flow_enabled);
        if implicit != Some(true) {
            Reaction::Pass
        } else if self.auto_configure.0 {
            Reaction::Change(Effect::Client(ClientEdit::ImplicitFlow(false)))
        } else {
            Reaction::refuse("invalid_client_metadata", "Invalid client metadata: implicit flow enabled")
        }
    }
}

fn react_to_request(response_type: Option<&str>) -> Reaction {
    let Some(response_type) = response_type else {
        return Reaction::refuse("invalid_request", "No response type.");
    };
    if response_type.split_whitespace().any(|word| matches!(word, "token" | "id_token")) {
        return Reaction::refuse("invalid_request", "Implicit/Hybrid flow is prohibited.");
    }
    Reaction::Pass
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::Params;
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn a_client_with_implicit_flow_is_refused_or_put_right() {
        let refused =
            Reaction::refuse("invalid_client_metadata", "Invalid client metadata: implicit flow enabled");
        let changed = Reaction::Change(Effect::Client(ClientEdit::ImplicitFlow(false)));
        for (configuration, implicit, expected) in [
            (json!({}), Some(true), refused.clone()),
            (json!({"auto-configure": false}), Some(true), refused),
            (json!({"auto-configure": "true"}), Some(true), changed),
            (json!({"auto-configure": true}), None, Reaction::Pass),
            (json!({}), None, Reaction::Pass),
            (json!({}), Some(false), Reaction::Pass),
        ] {
            let mut scene = Scene::default();
            scene.result.implicit_flow_enabled = implicit;
            for event in [EventName::Register, EventName::Update] {
                let reaction = react(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(reaction, expected, "{configuration} {implicit:?}");
            }
        }
    }

    #[test]
    fn tokens_are_not_asked_for_at_the_authorization_endpoint() {
        let prohibited = Reaction::refuse("invalid_request", "Implicit/Hybrid flow is prohibited.");
        let missing = Reaction::refuse("invalid_request", "No response type.");
        for (query, expected) in [
            ("response_type=code", Reaction::Pass),
            ("response_type=none", Reaction::Pass),
            ("response_type=token", prohibited.clone()),
            ("response_type=id_token", prohibited.clone()),
            ("response_type=id_token+token", prohibited.clone()),
            ("response_type=code+id_token", prohibited.clone()),
            ("response_type=code+token", prohibited.clone()),
            ("response_type=code%09id_token++token", prohibited),
            ("response_type=", missing.clone()),
            ("scope=openid", missing),
        ] {
            let params = Params::parse(query.as_bytes()).expect("parameters");
            let scene = Scene { params, ..Scene::default() };
            for event in [EventName::AuthorizationRequest, EventName::PushedAuthorizationRequest] {
                assert_eq!(react(&PROVIDER, &json!({}), &scene.event(event)), expected, "{query} {event:?}");
            }
        }
    }
}
