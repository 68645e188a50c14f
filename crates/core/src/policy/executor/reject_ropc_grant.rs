//! `reject-ropc-grant`: no client sees a password (OAuth 2.1 §10: the password grant is gone).

use serde::Deserialize;

use super::{Executor, Reaction, auto_configure, configure};
use crate::policy::configuration::{Provider, Switch, Text};
use crate::policy::effect::{ClientEdit, Effect};
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "reject-ropc-grant",
    help: Text {
        en: "No client gets tokens for a user's name and password.",
        ja: "ユーザー名とパスワードによるトークンの取得（パスワードグラント）を禁止します。",
    },
    properties: &[auto_configure(false)],
    events: EventSet::PROPOSALS.and(EventSet::of(&[EventName::ResourceOwnerPasswordCredentialsRequest])),
    configure: configure::<RejectRopcGrant>,
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct RejectRopcGrant {
    auto_configure: Switch,
}

impl Executor for RejectRopcGrant {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let Some(proposal) = event.proposal() else {
            let text = "resource owner password credentials grant is prohibited.";
            return Reaction::refuse("invalid_grant", text);
        };
        if proposal.result.direct_access_grants_enabled != Some(true) {
            Reaction::Pass
        } else if self.auto_configure.0 {
            Reaction::Change(Effect::Client(ClientEdit::DirectAccessGrants(false)))
        } else {
            let text = "Invalid client metadata: resource owner password credentials grant enabled";
            Reaction::refuse("invalid_client_metadata", text)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn a_client_with_the_password_grant_is_refused_or_put_right() {
        let refused = Reaction::refuse(
            "invalid_client_metadata",
            "Invalid client metadata: resource owner password credentials grant enabled",
        );
        let changed = Reaction::Change(Effect::Client(ClientEdit::DirectAccessGrants(false)));
        for (configuration, grants, expected) in [
            (json!({}), Some(true), refused.clone()),
            (json!({"auto-configure": false}), Some(true), refused),
            (json!({"auto-configure": "true"}), Some(true), changed),
            (json!({"auto-configure": true}), None, Reaction::Pass),
            (json!({}), None, Reaction::Pass),
            (json!({}), Some(false), Reaction::Pass),
        ] {
            let mut scene = Scene::default();
            scene.result.direct_access_grants_enabled = grants;
            for event in [EventName::Register, EventName::Update] {
                let reaction = react(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(reaction, expected, "{configuration} {grants:?}");
            }
        }
    }

    #[test]
    fn the_password_grant_is_refused_and_no_other() {
        let scene = Scene::default();
        let refused =
            Reaction::refuse("invalid_grant", "resource owner password credentials grant is prohibited.");
        for (event, expected) in [
            (EventName::ResourceOwnerPasswordCredentialsRequest, refused),
            (EventName::ServiceAccountTokenRequest, Reaction::Pass),
            (EventName::TokenRequest, Reaction::Pass),
            (EventName::TokenRefresh, Reaction::Pass),
        ] {
            assert_eq!(react(&PROVIDER, &json!({}), &scene.event(event)), expected, "{event:?}");
        }
    }
}
