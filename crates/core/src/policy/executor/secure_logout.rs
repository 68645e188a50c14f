//! `secure-logout`: no logout by frames in the browser (OpenID Connect Front-Channel Logout), which third-party
//! storage rules break silently.

use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Property, Provider, Switch, Text};
use crate::policy::event::{Event, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-logout",
    help: Text {
        en: "No client is logged out through frames in the browser; back-channel logout is left.",
        ja: "フロントチャネルログアウトを禁止します。バックチャネルログアウトは使用できます。",
    },
    properties: &[Property::switch(
        "allow-front-channel-logout",
        "Allow front-channel logout",
        false,
        Text {
            en: "Lets clients use front-channel logout all the same.",
            ja: "クライアントにフロントチャネルログアウトを許可します。",
        },
    )],
    // Not at a logout, as recorded: whoever wants to leave is let go.
    events: EventSet::PROPOSALS,
    configure: configure::<SecureLogout>,
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct SecureLogout {
    allow_front_channel_logout: Switch,
}

impl Executor for SecureLogout {
    /// The client as it would be: Keycloak looks at what was sent, so that any update that does not mention
    /// the switch passes there.
    fn react(&self, event: &Event<'_>) -> Reaction {
        let Some(proposal) = event.proposal() else { return Reaction::Pass };
        if self.allow_front_channel_logout.0 || proposal.result.frontchannel_logout != Some(true) {
            return Reaction::Pass;
        }
        let text = "Front-channel logout is not allowed for this client";
        Reaction::refuse("invalid_registration", text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::EventName;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn a_client_with_front_channel_logout_is_refused_unless_allowed() {
        let refused =
            Reaction::refuse("invalid_registration", "Front-channel logout is not allowed for this client");
        for (configuration, front, expected) in [
            (json!({}), Some(true), refused.clone()),
            (json!({"allow-front-channel-logout": "false"}), Some(true), refused),
            (json!({"allow-front-channel-logout": true}), Some(true), Reaction::Pass),
            (json!({"allow-front-channel-logout": "true"}), Some(true), Reaction::Pass),
            (json!({}), Some(false), Reaction::Pass),
            (json!({}), None, Reaction::Pass),
        ] {
            let mut scene = Scene::default();
            scene.result.frontchannel_logout = front;
            for event in [EventName::Register, EventName::Update] {
                let reaction = react(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(reaction, expected, "{configuration} {front:?}");
            }
            let logout = react(&PROVIDER, &configuration, &scene.event(EventName::LogoutRequest));
            assert_eq!(logout, Reaction::Pass);
        }
    }
}
