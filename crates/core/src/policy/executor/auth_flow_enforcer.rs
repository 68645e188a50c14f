//! `auth-flow-enforcer`: another authentication flow than the one of the realm, and the level that it reaches.
//!
//! There is one flow yet, so the authorization endpoint does not follow the effect. Keycloak fails with 500 where
//! no flow has the name.

use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Preset, Property, PropertyKind, Provider, Text, Whole};
use crate::policy::effect::Effect;
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "auth-flow-enforcer",
    help: Text {
        en: "Signs users in by the flow named here, whatever the realm or the client has chosen.",
        ja: "レルムやクライアントの設定に関わらず、ここで指定したフローでユーザーを認証します。",
    },
    properties: &[ALIAS, LEVEL],
    events: EventSet::of(&[EventName::AuthorizationRequest]),
    configure: configure::<AuthFlowEnforcer>,
};

const ALIAS: Property = Property::new(
    "auth-flow-alias",
    "Authentication flow alias",
    PropertyKind::String,
    Text { en: "Alias of the flow.", ja: "フローのエイリアスです。" },
);

const LEVEL: Property = Property::new(
    "auth-flow-loa",
    "Level of authentication",
    PropertyKind::Integer,
    Text {
        en: "The level of authentication that whoever passed the flow has.",
        ja: "フローを通過したユーザーに与えられる認証レベルです。",
    },
)
.preset(Preset::Integer(1));

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct AuthFlowEnforcer {
    auth_flow_alias: Option<String>,
    auth_flow_loa: Option<Whole>,
}

impl Executor for AuthFlowEnforcer {
    fn react(&self, _event: &Event<'_>) -> Reaction {
        let Some(alias) = self.auth_flow_alias.clone().filter(|alias| !alias.is_empty()) else {
            return Reaction::Pass;
        };
        let level = self.auth_flow_loa.map_or(1, |level| level.0);
        Reaction::Change(Effect::AuthenticationFlow { alias, level })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn the_flow_is_named_with_its_level() {
        let flow = |alias: &str, level| {
            Reaction::Change(Effect::AuthenticationFlow { alias: alias.to_owned(), level })
        };
        let scene = Scene::default();
        for (configuration, expected) in [
            (json!({"auth-flow-alias": "browser"}), flow("browser", 1)),
            (json!({"auth-flow-alias": "browser", "auth-flow-loa": 2}), flow("browser", 2)),
            (json!({"auth-flow-alias": "browser", "auth-flow-loa": "3"}), flow("browser", 3)),
            (json!({"auth-flow-alias": ""}), Reaction::Pass),
            (json!({}), Reaction::Pass),
        ] {
            let reaction = react(&PROVIDER, &configuration, &scene.event(EventName::AuthorizationRequest));
            assert_eq!(reaction, expected, "{configuration}");
        }
    }

    #[test]
    fn a_password_grant_has_its_own_flow() {
        let event = EventName::ResourceOwnerPasswordCredentialsRequest;
        let configuration = json!({"auth-flow-alias": "denied"});
        assert_eq!(react(&PROVIDER, &configuration, &Scene::default().event(event)), Reaction::Pass);
    }
}
