//! `use-lightweight-access-token`: access tokens tell resource servers no more than they must.

use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Provider, Text};
use crate::policy::effect::Effect;
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "use-lightweight-access-token",
    help: Text {
        en: "Access tokens have only the claims of mappers that are marked for lightweight tokens.",
        ja: "軽量アクセストークン用に指定されたマッパーのクレームだけをアクセストークンに含めます。",
    },
    properties: &[],
    events: EventSet::of(&[
        EventName::TokenRequest,
        EventName::TokenRefresh,
        EventName::ResourceOwnerPasswordCredentialsRequest,
        EventName::ServiceAccountTokenRequest,
        EventName::BackchannelTokenRequest,
        EventName::DeviceTokenRequest,
    ]),
    configure: configure::<UseLightweightAccessToken>,
};

#[derive(Deserialize)]
struct UseLightweightAccessToken {}

impl Executor for UseLightweightAccessToken {
    fn react(&self, _event: &Event<'_>) -> Reaction {
        Reaction::Change(Effect::LightweightAccessToken)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn every_grant_but_the_exchange_gives_light_tokens() {
        let scene = Scene::default();
        let light = Reaction::Change(Effect::LightweightAccessToken);
        for (event, expected) in [
            (EventName::TokenRequest, &light),
            (EventName::TokenRefresh, &light),
            (EventName::ResourceOwnerPasswordCredentialsRequest, &light),
            (EventName::ServiceAccountTokenRequest, &light),
            (EventName::BackchannelTokenRequest, &light),
            (EventName::DeviceTokenRequest, &light),
            (EventName::TokenExchangeRequest, &Reaction::Pass),
            (EventName::PreTokenRequest, &Reaction::Pass),
        ] {
            assert_eq!(&react(&PROVIDER, &json!({}), &scene.event(event)), expected, "{event:?}");
        }
    }
}
