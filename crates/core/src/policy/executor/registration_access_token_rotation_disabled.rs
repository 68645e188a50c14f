//! `registration-access-token-rotation-disabled`: a client keeps the token that it manages itself with.

use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Provider, Text};
use crate::policy::effect::Effect;
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "registration-access-token-rotation-disabled",
    help: Text {
        en: "A registration access token goes on working after a client was read or updated with it.",
        ja: "クライアントの参照や更新の後も、登録アクセストークンを引き続き有効にします。",
    },
    properties: &[],
    // Keycloak reacts everywhere; only these use the token.
    events: EventSet::of(&[EventName::View, EventName::Update, EventName::Updated]),
    configure: configure::<RegistrationAccessTokenRotationDisabled>,
};

#[derive(Deserialize)]
struct RegistrationAccessTokenRotationDisabled {}

impl Executor for RegistrationAccessTokenRotationDisabled {
    fn react(&self, _event: &Event<'_>) -> Reaction {
        Reaction::Change(Effect::KeepRegistrationToken)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn the_token_stays_where_it_is_used() {
        let scene = Scene::default();
        let kept = Reaction::Change(Effect::KeepRegistrationToken);
        for (event, expected) in [
            (EventName::View, &kept),
            (EventName::Update, &kept),
            (EventName::Updated, &kept),
            (EventName::Register, &Reaction::Pass),
            (EventName::TokenRequest, &Reaction::Pass),
        ] {
            assert_eq!(&react(&PROVIDER, &json!({}), &scene.event(event)), expected, "{event:?}");
        }
    }
}
