//! `holder-of-key-enforcer`: tokens are bound to the client's certificate (RFC 8705 §3).

use serde::Deserialize;

use super::{Executor, Reaction, auto_configure, configure};
use crate::policy::configuration::{Provider, Switch, Text};
use crate::policy::effect::{ClientEdit, Effect};
use crate::policy::event::{Binding, Event, EventName, EventSet, Occasion, Proposal, TokenRequest};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "holder-of-key-enforcer",
    help: Text {
        en: "Tokens are bound to the client's TLS certificate, and used over connections that present it.",
        ja: "トークンをクライアントのTLS証明書に結び付け、その証明書を提示する接続でのみ使えるようにします。",
    },
    properties: &[auto_configure(false)],
    events: EventSet::of(&[
        EventName::Register,
        EventName::Update,
        EventName::TokenRequest,
        EventName::ServiceAccountTokenRequest,
        EventName::BackchannelTokenRequest,
        EventName::TokenRefresh,
        EventName::TokenRevoke,
        EventName::UserInfoRequest,
        EventName::LogoutRequest,
    ]),
    configure: configure::<HolderOfKeyEnforcer>,
};

/// What a client says of itself: its tokens are bound.
const BOUND: &str = "tls.client.certificate.bound.access.tokens";

const MISMATCH: &str = "Client certificate missing, or its thumbprint and one in the token did NOT match";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct HolderOfKeyEnforcer {
    auto_configure: Switch,
}

impl Executor for HolderOfKeyEnforcer {
    fn react(&self, event: &Event<'_>) -> Reaction {
        match &event.occasion {
            Occasion::Register(proposal) | Occasion::Update(proposal) => self.propose(proposal),
            Occasion::TokenRequest(request)
            | Occasion::ServiceAccountTokenRequest(request)
            | Occasion::BackchannelTokenRequest(request) => match request.proofs.certificate {
                Some(_) => Reaction::Pass,
                None => Reaction::refuse(
                    "invalid_request",
                    "Client Certification missing for MTLS HoK Token Binding",
                ),
            },
            Occasion::TokenRefresh(request) if !is_held(request) => {
                Reaction::refuse("invalid_grant", MISMATCH)
            }
            Occasion::TokenRevoke(request) | Occasion::LogoutRequest(request) if !is_held(request) => {
                Reaction::unauthorized("not_allowed", MISMATCH)
            }
            // RFC 6750 §3.1; Keycloak fails with 500 where the token is not bound at all.
            Occasion::UserInfoRequest(request) if !is_held(request) => {
                Reaction::unauthorized("invalid_token", MISMATCH)
            }
            _ => Reaction::Pass,
        }
    }
}

impl HolderOfKeyEnforcer {
    fn propose(&self, proposal: &Proposal<'_>) -> Reaction {
        let attributes = proposal.result.attributes.as_ref();
        if attributes.and_then(|attributes| attributes.get(BOUND)).is_some_and(|value| value == "true") {
            Reaction::Pass
        } else if self.auto_configure.0 {
            Reaction::Change(Effect::Client(ClientEdit::Attribute(BOUND, "true".to_owned())))
        } else {
            // The word is Keycloak's.
            Reaction::refuse("invalid_client_metadata", "Invalid client metadata: MTLS token in disabled")
        }
    }
}

/// Whether the token comes over a connection with the certificate that it is bound to.
fn is_held(request: &TokenRequest<'_>) -> bool {
    let presented = request.proofs.certificate;
    presented.is_some_and(|thumbprint| request.bound_to == Some(Binding::Certificate(thumbprint)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::Proofs;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn a_client_without_bound_tokens_is_refused_or_put_right() {
        let refused =
            Reaction::refuse("invalid_client_metadata", "Invalid client metadata: MTLS token in disabled");
        let changed = Reaction::Change(Effect::Client(ClientEdit::Attribute(BOUND, "true".to_owned())));
        for (configuration, attribute, expected) in [
            (json!({}), None, &refused),
            (json!({"auto-configure": "false"}), Some("false"), &refused),
            (json!({"auto-configure": true}), Some("false"), &changed),
            (json!({"auto-configure": "true"}), None, &changed),
            (json!({}), Some("true"), &Reaction::Pass),
        ] {
            let mut scene = Scene::default();
            let attributes = attribute.map(|value| (BOUND.to_owned(), value.to_owned()));
            scene.result.attributes = Some(attributes.into_iter().collect());
            for event in [EventName::Register, EventName::Update] {
                let reaction = react(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(&reaction, expected, "{configuration} {attribute:?}");
            }
        }
    }

    #[test]
    fn tokens_are_issued_to_a_certificate() {
        let refused =
            Reaction::refuse("invalid_request", "Client Certification missing for MTLS HoK Token Binding");
        for (event, checked) in [
            (EventName::TokenRequest, true),
            (EventName::ServiceAccountTokenRequest, true),
            (EventName::BackchannelTokenRequest, true),
            (EventName::ResourceOwnerPasswordCredentialsRequest, false),
            (EventName::DeviceTokenRequest, false),
            (EventName::TokenExchangeRequest, false),
        ] {
            let mut scene = Scene::default();
            let expected = if checked { &refused } else { &Reaction::Pass };
            assert_eq!(&react(&PROVIDER, &json!({}), &scene.event(event)), expected, "{event:?}");
            scene.proofs = Proofs { certificate: Some("a"), ..Proofs::default() };
            assert_eq!(react(&PROVIDER, &json!({}), &scene.event(event)), Reaction::Pass, "{event:?}");
        }
    }

    #[test]
    fn a_token_is_used_with_the_certificate_that_it_is_bound_to() {
        for (certificate, bound, held) in [
            (Some("a"), Some(Binding::Certificate("a")), true),
            (Some("b"), Some(Binding::Certificate("a")), false),
            (None, Some(Binding::Certificate("a")), false),
            (Some("a"), None, false),
            (Some("a"), Some(Binding::Dpop("a")), false),
            (None, None, false),
        ] {
            let proofs = Proofs { certificate, ..Proofs::default() };
            let scene = Scene { proofs, bound_to: bound, ..Scene::default() };
            for (event, refused) in [
                (EventName::TokenRefresh, Reaction::refuse("invalid_grant", MISMATCH)),
                (EventName::TokenRevoke, Reaction::unauthorized("not_allowed", MISMATCH)),
                (EventName::LogoutRequest, Reaction::unauthorized("not_allowed", MISMATCH)),
                (EventName::UserInfoRequest, Reaction::unauthorized("invalid_token", MISMATCH)),
            ] {
                let expected = if held { Reaction::Pass } else { refused };
                let reaction = react(&PROVIDER, &json!({}), &scene.event(event));
                assert_eq!(reaction, expected, "{event:?} {certificate:?} {bound:?}");
            }
        }
    }
}
