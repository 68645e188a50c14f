//! `secure-ciba-session`: the user can tell whose request it is (CIBA Core §7.1, `binding_message`).

use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Provider, Text};
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-ciba-session",
    help: Text {
        en: "Backchannel authentication requests carry a message that both devices show.",
        ja: "バックチャネル認証リクエストに、両方のデバイスに表示されるメッセージを必須にします。",
    },
    properties: &[],
    events: EventSet::of(&[EventName::BackchannelAuthenticationRequest]),
    configure: configure::<SecureCibaSession>,
};

#[derive(Deserialize)]
struct SecureCibaSession {}

impl Executor for SecureCibaSession {
    fn react(&self, event: &Event<'_>) -> Reaction {
        match event.params().and_then(|params| params.find_filled("binding_message")) {
            Some(_) => Reaction::Pass,
            None => Reaction::refuse("invalid_request", "Missing parameter: binding_message"),
        }
    }
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::Params;
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn a_request_without_a_message_is_refused() {
        let refused = Reaction::refuse("invalid_request", "Missing parameter: binding_message");
        for (form, expected) in [
            ("scope=openid", &refused),
            ("scope=openid&binding_message=", &refused),
            ("scope=openid&binding_message=7-11", &Reaction::Pass),
        ] {
            let scene =
                Scene { params: Params::parse(form.as_bytes()).expect("well formed"), ..Scene::default() };
            let event = scene.event(EventName::BackchannelAuthenticationRequest);
            assert_eq!(&react(&PROVIDER, &json!({}), &event), expected, "{form}");
        }
    }
}
