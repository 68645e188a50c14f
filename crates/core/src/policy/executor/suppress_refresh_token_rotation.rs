//! `suppress-refresh-token-rotation`: a refresh gives an access token and no other refresh token.

use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Provider, Text};
use crate::policy::effect::Effect;
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "suppress-refresh-token-rotation",
    help: Text {
        en: "The answer to a refresh holds no refresh token; the client goes on with the one it has.",
        ja: "リフレッシュの応答にリフレッシュトークンを含めず、クライアントは手元のものを使い続けます。",
    },
    properties: &[],
    events: EventSet::of(&[EventName::TokenRefreshResponse]),
    configure: configure::<SuppressRefreshTokenRotation>,
};

#[derive(Deserialize)]
struct SuppressRefreshTokenRotation {}

impl Executor for SuppressRefreshTokenRotation {
    fn react(&self, _event: &Event<'_>) -> Reaction {
        Reaction::Change(Effect::SuppressRefreshToken)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn only_a_refresh_is_answered_without_a_refresh_token() {
        let scene = Scene::default();
        for (event, expected) in [
            (EventName::TokenRefreshResponse, Reaction::Change(Effect::SuppressRefreshToken)),
            (EventName::TokenResponse, Reaction::Pass),
            (EventName::ResourceOwnerPasswordCredentialsResponse, Reaction::Pass),
        ] {
            assert_eq!(react(&PROVIDER, &json!({}), &scene.event(event)), expected, "{event:?}");
        }
    }
}
