//! `secure-signature-algorithm-signed-jwt`: the algorithm of an assertion that authenticates a client.

use serde::Deserialize;

use super::secure_signature_algorithm::ALGORITHMS;
use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Property, Provider, Switch, Text};
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-signature-algorithm-signed-jwt",
    help: Text {
        en: "Client assertions are signed with RSASSA-PSS or ECDSA.",
        ja: "クライアントアサーションの署名をRSASSA-PSSまたはECDSAに限定します。",
    },
    properties: &[REQUIRED],
    events: EventSet::of(&[
        EventName::TokenRequest,
        EventName::ServiceAccountTokenRequest,
        EventName::TokenRefresh,
        EventName::TokenRevoke,
        EventName::TokenIntrospect,
        EventName::LogoutRequest,
    ]),
    configure: configure::<SecureSignatureAlgorithmSignedJwt>,
};

const REQUIRED: Property = Property::switch(
    "require-client-assertion",
    "Require client assertion",
    false,
    Text {
        en: "Clients that do not authenticate by an assertion are refused.",
        ja: "アサーションで認証しないクライアントを拒否します。",
    },
);

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct SecureSignatureAlgorithmSignedJwt {
    require_client_assertion: Switch,
}

impl Executor for SecureSignatureAlgorithmSignedJwt {
    fn react(&self, event: &Event<'_>) -> Reaction {
        match event.proofs().and_then(|proofs| proofs.assertion) {
            None if self.require_client_assertion.0 => {
                Reaction::refuse("invalid_request", "client assertion is required.")
            }
            Some(assertion) if !ALGORITHMS.contains(&assertion.algorithm.as_str()) => {
                Reaction::refuse("invalid_request", "not allowed signature algorithm.")
            }
            None | Some(_) => Reaction::Pass,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::{Assertion, Proofs};
    use crate::policy::tests::{Scene, react};

    #[test]
    fn the_algorithm_is_one_that_is_allowed() {
        let refused = |text: &str| Reaction::refuse("invalid_request", text);
        let weak = refused("not allowed signature algorithm.");
        let missing = refused("client assertion is required.");
        for (algorithm, required, expected) in [
            (Some("PS256"), json!(false), &Reaction::Pass),
            (Some("PS512"), json!(true), &Reaction::Pass),
            (Some("ES256"), json!(false), &Reaction::Pass),
            (Some("RS256"), json!(false), &weak),
            (Some("RS512"), json!(true), &weak),
            (Some("HS256"), json!(false), &weak),
            (None, json!(false), &Reaction::Pass),
            (None, json!("true"), &missing),
        ] {
            let assertion = algorithm.map(|algorithm| {
                let claims = serde_json::Map::new();
                &*Box::leak(Box::new(Assertion { algorithm: algorithm.to_owned(), claims }))
            });
            let scene = Scene { proofs: Proofs { assertion, ..Proofs::default() }, ..Scene::default() };
            let configuration = json!({"require-client-assertion": required});
            for event in PROVIDER.events.iter() {
                let reaction = react(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(&reaction, expected, "{algorithm:?} {required} {event:?}");
            }
        }
    }
}
