//! `any-client`: holds always.

use serde::Deserialize;

use super::{About, Condition, NEGATIVE, Vote, configure};
use crate::policy::configuration::{Provider, Text};
use crate::policy::event::{Event, EventSet};
use crate::{Client, Realm};

pub(super) const PROVIDER: Provider<dyn Condition> = Provider {
    id: "any-client",
    help: Text {
        en: "Holds for every client and at every event.",
        ja: "すべてのクライアント、すべてのイベントで成り立ちます。",
    },
    properties: &[NEGATIVE],
    events: EventSet::ALL,
    configure: configure::<AnyClient>,
};

#[derive(Deserialize)]
struct AnyClient {}

impl Condition for AnyClient {
    fn vote(&self, _event: &Event<'_>) -> Vote {
        Vote::Yes
    }

    fn seen(&self, _event: &Event<'_>) -> String {
        "holds always".to_owned()
    }

    fn about(&self, _realm: &Realm, _client: &Client) -> About {
        About::All
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::EVENTS;
    use crate::policy::tests::{Scene, vote};

    #[test]
    fn it_holds_at_every_event_and_negative_nowhere() {
        let scene = Scene::default();
        for event in EVENTS {
            assert_eq!(vote(&PROVIDER, &json!({}), &scene.event(event)), Vote::Yes, "{event:?}");
            let negative = json!({"is-negative-logic": "true"});
            assert_eq!(vote(&PROVIDER, &negative, &scene.event(event)), Vote::No, "{event:?}");
        }
    }
}
