//! `secure-par-content`: an authorization request was pushed before, and the browser adds nothing to it
//! (RFC 9126 §4).

use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Provider, Text};
use crate::policy::event::{Event, EventName, EventSet, Occasion};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-par-content",
    help: Text {
        en: "Authorization requests are pushed, and the query names no parameter that was not pushed.",
        ja: "認可リクエストの事前送信(PAR)を必須とし、事前に送信されていないパラメーターを拒否します。",
    },
    properties: &[],
    events: EventSet::of(&[EventName::PreAuthorizationRequest]),
    configure: configure::<SecureParContent>,
};

/// What the address of a pushed request begins with.
const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";

#[derive(Deserialize)]
struct SecureParContent {}

impl Executor for SecureParContent {
    /// A name that was pushed too is no harm: what was pushed counts.
    fn react(&self, event: &Event<'_>) -> Reaction {
        let Occasion::PreAuthorizationRequest(request) = &event.occasion else { return Reaction::Pass };
        if !request.sent.find("request_uri").is_some_and(|uri| uri.starts_with(PUSHED)) {
            return Reaction::refuse("invalid_request", "PAR request_uri not included.");
        }
        let Some(pushed) = request.pushed else {
            let text = "PAR not found, not issued or used multiple times.";
            return Reaction::refuse("invalid_request", text);
        };
        let may_be_sent = |name| matches!(name, "client_id" | "request_uri") || pushed.find(name).is_some();
        if request.sent.pairs().all(|(name, _)| may_be_sent(name)) {
            Reaction::Pass
        } else {
            Reaction::refuse("invalid_request", "PAR request did not include query parameter")
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
    fn everything_was_pushed_before() {
        let pushed = "client_id=c&response_type=code&redirect_uri=https://app.example/cb&state=st";
        let own = "client_id=c&request_uri=urn:ietf:params:oauth:request_uri:1";
        for (sent, pushed, refusal) in [
            (own.to_owned(), Some(pushed), None),
            (format!("{own}&response_type=code&state=st"), Some(pushed), None),
            (format!("{own}&state=other"), Some(pushed), None),
            (format!("{own}&nonce=n"), Some(pushed), Some("PAR request did not include query parameter")),
            (format!("{own}&foo=bar"), Some(pushed), Some("PAR request did not include query parameter")),
            (own.to_owned(), None, Some("PAR not found, not issued or used multiple times.")),
            ("client_id=c&response_type=code".to_owned(), None, Some("PAR request_uri not included.")),
            (
                "client_id=c&request_uri=https://app.example/r".to_owned(),
                None,
                Some("PAR request_uri not included."),
            ),
        ] {
            let read = |text: &str| Params::parse(text.as_bytes()).expect("well formed");
            let scene = Scene { params: read(&sent), pushed: pushed.map(read), ..Scene::default() };
            let reaction = react(&PROVIDER, &json!({}), &scene.event(EventName::PreAuthorizationRequest));
            let expected = refusal.map_or(Reaction::Pass, |text| Reaction::refuse("invalid_request", text));
            assert_eq!(reaction, expected, "{sent}");
        }
    }
}
