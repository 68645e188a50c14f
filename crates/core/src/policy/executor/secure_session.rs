//! `secure-session`: an authorization request is bound to the browser's session, by `nonce` with OpenID
//! Connect, else by `state`.

use sekisho_protocol::Scopes;
use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Provider, Text};
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-session",
    help: Text {
        en: "OpenID Connect requests carry a nonce, and other authorization requests a state.",
        ja: "OpenID Connectのリクエストにはnonceを、それ以外の認可リクエストにはstateを必須にします。",
    },
    properties: &[],
    events: EventSet::of(&[EventName::AuthorizationRequest]),
    configure: configure::<SecureSession>,
};

#[derive(Deserialize)]
struct SecureSession {}

impl Executor for SecureSession {
    /// An empty parameter is one that was not sent (OAuth 2.1 §3.1); Keycloak takes an empty `nonce`.
    fn react(&self, event: &Event<'_>) -> Reaction {
        let Some(params) = event.params() else { return Reaction::Pass };
        let openid = Scopes::parse(params.find("scope").unwrap_or_default()).contains("openid");
        let wanted = if openid { "nonce" } else { "state" };
        match params.find_filled(wanted) {
            Some(_) => Reaction::Pass,
            None => Reaction::refuse("invalid_request", format!("Missing parameter: {wanted}")),
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
    fn a_request_is_bound_to_its_session() {
        for (query, missing) in [
            ("scope=openid&state=st&nonce=n", None),
            ("scope=openid&state=st", Some("nonce")),
            ("scope=openid", Some("nonce")),
            ("scope=openid&nonce=", Some("nonce")),
            ("scope=profile&state=st", None),
            ("scope=profile&nonce=n", Some("state")),
            ("state=st", None),
        ] {
            let scene =
                Scene { params: Params::parse(query.as_bytes()).expect("well formed"), ..Scene::default() };
            let reaction = react(&PROVIDER, &json!({}), &scene.event(EventName::AuthorizationRequest));
            let expected = missing.map_or(Reaction::Pass, |name| {
                Reaction::refuse("invalid_request", format!("Missing parameter: {name}"))
            });
            assert_eq!(reaction, expected, "{query}");
        }
    }

    #[test]
    fn a_pushed_request_is_asked_when_it_is_used() {
        let event = EventName::PushedAuthorizationRequest;
        assert_eq!(react(&PROVIDER, &json!({}), &Scene::default().event(event)), Reaction::Pass);
    }
}
