//! `secure-client-authentication-assertion`: an assertion that authenticates a client is meant for this realm
//! and nobody else (RFC 7523 §3; FAPI 2.0 §5.3.2.1).

use serde::Deserialize;

use super::{Executor, Reaction, claims, configure};
use crate::policy::configuration::{Provider, Text};
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-client-authentication-assertion",
    help: Text {
        en: "The only audience of a client assertion is the issuer of the realm.",
        ja: "クライアントアサーションのaudを、レルムの発行者(issuer)ひとつだけに限定します。",
    },
    properties: &[],
    events: EventSet::of(&[
        EventName::PushedAuthorizationRequest,
        EventName::TokenRequest,
        EventName::TokenRefresh,
        EventName::TokenIntrospect,
        EventName::TokenRevoke,
    ]),
    configure: configure::<SecureClientAuthenticationAssertion>,
};

#[derive(Deserialize)]
struct SecureClientAuthenticationAssertion {}

impl Executor for SecureClientAuthenticationAssertion {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let Some(assertion) = event.proofs().and_then(|proofs| proofs.assertion) else {
            return Reaction::Pass;
        };
        if claims::audiences(&assertion.claims).as_deref() == Some(&[event.realm.issuer.as_str()]) {
            Reaction::Pass
        } else {
            Reaction::refuse("invalid_request", "invalid audience in client assertion")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::policy::event::{Assertion, Proofs};
    use crate::policy::tests::{Scene, react};

    fn reaction(audience: Option<&Value>, event: EventName) -> Reaction {
        let claims = audience.map(|audience| ("aud".to_owned(), audience.clone())).into_iter().collect();
        let assertion = Assertion { algorithm: "ES256".to_owned(), claims };
        let proofs = Proofs { assertion: Some(Box::leak(Box::new(assertion))), ..Proofs::default() };
        let scene = Scene { proofs, ..Scene::default() };
        react(&PROVIDER, &json!({}), &scene.event(event))
    }

    #[test]
    fn the_issuer_is_the_only_audience() {
        let refused = Reaction::refuse("invalid_request", "invalid audience in client assertion");
        let issuer = Scene::default().realm.issuer;
        let token_endpoint = format!("{issuer}/protocol/openid-connect/token");
        for (audience, expected) in [
            (Some(json!(issuer)), &Reaction::Pass),
            (Some(json!([issuer])), &Reaction::Pass),
            (Some(json!(token_endpoint)), &refused),
            (Some(json!([issuer, token_endpoint])), &refused),
            (Some(json!([issuer, issuer])), &refused),
            (Some(json!(format!("{issuer}/"))), &refused),
            (Some(json!([])), &refused),
            (Some(json!([issuer, 1])), &refused),
            (None, &refused),
        ] {
            for event in PROVIDER.events.iter() {
                assert_eq!(&reaction(audience.as_ref(), event), expected, "{audience:?} {event:?}");
            }
        }
    }

    #[test]
    fn grants_that_keycloak_does_not_ask_at_pass() {
        let audience = json!("https://other.example");
        for event in
            [EventName::ServiceAccountTokenRequest, EventName::ResourceOwnerPasswordCredentialsRequest]
        {
            assert_eq!(reaction(Some(&audience), event), Reaction::Pass, "{event:?}");
        }
    }

    /// Attack 40: what was merely sent along says nothing.
    #[test]
    fn a_client_that_authenticates_otherwise_passes() {
        let event = Scene::default();
        assert_eq!(react(&PROVIDER, &json!({}), &event.event(EventName::TokenRequest)), Reaction::Pass);
    }
}
