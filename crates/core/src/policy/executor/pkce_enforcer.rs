//! `pkce-enforcer`: every code is bound to its request with S256 (RFC 7636; RFC 9700 §2.1.1), of confidential clients
//! too.

use sekisho_protocol::Params;
use serde::Deserialize;

use super::{Executor, Reaction, auto_configure, configure};
use crate::authorize::is_challenge;
use crate::policy::configuration::{Provider, Switch, Text};
use crate::policy::effect::{ClientEdit, Effect};
use crate::policy::event::{Event, EventName, EventSet, TokenRequest};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "pkce-enforcer",
    help: Text {
        en: "Every client uses PKCE with S256: to ask for a code, and to redeem it.",
        ja: "すべてのクライアントに、認可コードの要求と引き換えでのPKCE（S256）の使用を必須とします。",
    },
    properties: &[auto_configure(false)],
    // Not at the pushed request, as recorded: what was pushed is judged when a browser brings it.
    events: EventSet::PROPOSALS
        .and(EventSet::of(&[EventName::AuthorizationRequest, EventName::TokenRequest])),
    configure: configure::<PkceEnforcer>,
};

/// The method that a client is held to.
const ATTRIBUTE: &str = "pkce.code.challenge.method";

const METHOD: &str = "S256";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct PkceEnforcer {
    auto_configure: Switch,
}

impl Executor for PkceEnforcer {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let attribute = event.client_attribute(ATTRIBUTE).filter(|method| !method.is_empty());
        if let Some(request) = event.authorization() {
            return react_to_request(request.params, attribute);
        }
        if let Some(request) = event.token_request() {
            return react_to_redemption(&request);
        }
        if attribute == Some(METHOD) {
            Reaction::Pass
        } else if self.auto_configure.0 {
            Reaction::Change(Effect::Client(ClientEdit::Attribute(ATTRIBUTE, METHOD.to_owned())))
        } else {
            Reaction::refuse("invalid_client_metadata", "Invalid client metadata: code_challenge_method")
        }
    }
}

fn react_to_request(params: &Params, registered: Option<&str>) -> Reaction {
    let text = match (params.find("code_challenge_method"), params.find("code_challenge")) {
        (None, _) => "Missing parameter: code_challenge_method",
        (Some(method), _) if method != METHOD => "Invalid parameter: invalid code_challenge_method",
        (Some(method), _) if registered.is_some_and(|registered| registered != method) => {
            "Invalid parameter: code challenge method is not matching the configured one"
        }
        (Some(_), None) => "Missing parameter: code_challenge",
        (Some(_), Some(challenge)) if !is_challenge(challenge) => "Invalid parameter: code_challenge",
        (Some(_), Some(_)) => return Reaction::Pass,
    };
    Reaction::refuse("invalid_request", text)
}

/// That there is a challenge and a verifier for it; whether they fit is checked with every code.
fn react_to_redemption(request: &TokenRequest<'_>) -> Reaction {
    let text = match (request.challenge, request.params.find("code_verifier")) {
        (_, None) => "PKCE code verifier not specified",
        (None, Some(_)) => "PKCE code verifier specified but challenge not present in authorization",
        (Some(_), Some(_)) => return Reaction::Pass,
    };
    Reaction::refuse("invalid_grant", text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, react};

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn a_client_without_s256_is_refused_or_put_right() {
        let refused =
            Reaction::refuse("invalid_client_metadata", "Invalid client metadata: code_challenge_method");
        let changed = Reaction::Change(Effect::Client(ClientEdit::Attribute(ATTRIBUTE, "S256".to_owned())));
        for (configuration, method, expected) in [
            (json!({}), None, refused.clone()),
            (json!({"auto-configure": false}), Some("plain"), refused),
            (json!({"auto-configure": "true"}), None, changed.clone()),
            (json!({"auto-configure": true}), Some("plain"), changed),
            (json!({}), Some("S256"), Reaction::Pass),
        ] {
            let mut scene = Scene::default();
            let method = method.map(|method| (ATTRIBUTE.to_owned(), method.to_owned()));
            scene.result.attributes = Some(method.clone().into_iter().collect());
            for event in [EventName::Register, EventName::Update] {
                let reaction = react(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(reaction, expected, "{configuration} {method:?}");
            }
        }
    }

    #[test]
    fn a_request_without_a_challenge_of_s256_is_refused() {
        let long = "a".repeat(129);
        let with = |challenge: &str, method: &str| {
            Params::from_pairs([("code_challenge", challenge), ("code_challenge_method", method)])
        };
        for (params, registered, refused) in [
            (with(CHALLENGE, "S256"), None, None),
            (with(CHALLENGE, "S256"), Some("S256"), None),
            (Params::empty(), None, Some("Missing parameter: code_challenge_method")),
            (
                Params::from_pairs([("code_challenge", CHALLENGE)]),
                None,
                Some("Missing parameter: code_challenge_method"),
            ),
            (
                Params::from_pairs([("code_challenge_method", "S256")]),
                None,
                Some("Missing parameter: code_challenge"),
            ),
            (with(CHALLENGE, "plain"), None, Some("Invalid parameter: invalid code_challenge_method")),
            (with(CHALLENGE, "s256"), None, Some("Invalid parameter: invalid code_challenge_method")),
            (
                with(CHALLENGE, "S256"),
                Some("plain"),
                Some("Invalid parameter: code challenge method is not matching the configured one"),
            ),
            (with("abc", "S256"), None, Some("Invalid parameter: code_challenge")),
            (with("", "S256"), None, Some("Invalid parameter: code_challenge")),
            (with(&long, "S256"), None, Some("Invalid parameter: code_challenge")),
        ] {
            let mut scene = Scene { params, ..Scene::default() };
            let registered = registered.map(|method: &str| (ATTRIBUTE.to_owned(), method.to_owned()));
            scene.client.attributes = registered.into_iter().collect();
            let reaction = react(&PROVIDER, &json!({}), &scene.event(EventName::AuthorizationRequest));
            let expected = refused.map_or(Reaction::Pass, |text| Reaction::refuse("invalid_request", text));
            assert_eq!(reaction, expected, "{:?}", scene.params.pairs().collect::<Vec<_>>());
            let pushed = react(&PROVIDER, &json!({}), &scene.event(EventName::PushedAuthorizationRequest));
            assert_eq!(pushed, Reaction::Pass);
        }
    }

    #[test]
    fn a_code_without_challenge_or_verifier_is_not_redeemed() {
        let unexpected = "PKCE code verifier specified but challenge not present in authorization";
        for (challenge, verifier, refused) in [
            (Some(CHALLENGE), Some("verifier"), None),
            // What is malformed is refused with every code, in the same words.
            (Some(CHALLENGE), Some(""), None),
            (Some(CHALLENGE), None, Some("PKCE code verifier not specified")),
            (None, None, Some("PKCE code verifier not specified")),
            (None, Some("verifier"), Some(unexpected)),
        ] {
            let params = Params::from_pairs(verifier.map(|verifier| ("code_verifier", verifier)));
            let challenge = challenge.map(str::to_owned);
            let scene = Scene { params, challenge, ..Scene::default() };
            let reaction = react(&PROVIDER, &json!({}), &scene.event(EventName::TokenRequest));
            let expected = refused.map_or(Reaction::Pass, |text| Reaction::refuse("invalid_grant", text));
            assert_eq!(reaction, expected, "{verifier:?}");
            let refresh = react(&PROVIDER, &json!({}), &scene.event(EventName::TokenRefresh));
            assert_eq!(refresh, Reaction::Pass);
        }
    }
}
