//! `reject-request`: refuses everything.

use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Provider, Text};
use crate::policy::event::{Event, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "reject-request",
    help: Text {
        en: "Refuses every request that the policy is about.",
        ja: "ポリシーの対象となるリクエストをすべて拒否します。",
    },
    properties: &[],
    events: EventSet::ALL,
    configure: configure::<RejectRequest>,
};

#[derive(Deserialize)]
struct RejectRequest {}

impl Executor for RejectRequest {
    fn react(&self, _event: &Event<'_>) -> Reaction {
        Reaction::refuse("invalid_request", "Request not allowed")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::EVENTS;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn it_refuses_at_every_event() {
        let scene = Scene::default();
        for event in EVENTS {
            let reaction = react(&PROVIDER, &json!({}), &scene.event(event));
            assert_eq!(reaction, Reaction::refuse("invalid_request", "Request not allowed"), "{event:?}");
        }
    }
}
