//! `secure-signature-algorithm`: what a client signs and gets signed is PSS or ECDSA (FAPI 1.0 Part 2 §8.6).

use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Preset, Property, PropertyKind, Provider, Text};
use crate::policy::effect::{ClientEdit, Effect};
use crate::policy::event::{Event, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-signature-algorithm",
    help: Text {
        en: "Tokens, answers, request objects and assertions of a client are signed by PSS or ECDSA only.",
        ja: "クライアントのトークン、応答、リクエストオブジェクト、アサーションの署名をPSSかECDSAに限定します。",
    },
    properties: &[DEFAULT_ALGORITHM],
    events: EventSet::PROPOSALS,
    configure: configure::<SecureSignatureAlgorithm>,
};

/// The algorithms that are allowed.
pub(super) const ALGORITHMS: &[&str] = &["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

/// What stands where a configuration names none, or one that is not allowed.
const FALLBACK: &str = "PS256";

pub(super) const DEFAULT_ALGORITHM: Property = Property::new(
    "default-algorithm",
    "Default algorithm",
    PropertyKind::List,
    Text {
        en: "Set where a client names no algorithm.",
        ja: "クライアントにアルゴリズムの指定がない場合に設定されます。",
    },
)
.preset(Preset::String(FALLBACK))
.options(ALGORITHMS);

/// Where a client names algorithms. Keycloak leaves the last alone at dynamic registration.
const ATTRIBUTES: &[&str] = &[
    "user.info.response.signature.alg",
    "request.object.signature.alg",
    "id.token.signed.response.alg",
    "token.endpoint.auth.signing.alg",
    "access.token.signed.response.alg",
];

/// The configuration of this executor and of `secure-ciba-req-sig-algorithm`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct SecureSignatureAlgorithm {
    default_algorithm: Option<String>,
}

impl Executor for SecureSignatureAlgorithm {
    fn react(&self, event: &Event<'_>) -> Reaction {
        self.demand(event, ATTRIBUTES)
    }
}

impl SecureSignatureAlgorithm {
    /// Refuses a client that names an algorithm which is not allowed in one of these attributes, and sets
    /// those that name none.
    pub(super) fn demand(&self, event: &Event<'_>, attributes: &[&'static str]) -> Reaction {
        let named = |name: &str| event.client_attribute(name).filter(|algorithm| !algorithm.is_empty());
        let is_allowed = |algorithm: &str| ALGORITHMS.contains(&algorithm);
        if attributes.iter().filter_map(|name| named(name)).any(|algorithm| !is_allowed(algorithm)) {
            return Reaction::refuse("invalid_request", "not allowed signature algorithm.");
        }
        let default = self.default_algorithm.as_deref().filter(|algorithm| is_allowed(algorithm));
        let default = default.unwrap_or(FALLBACK);
        let edits: Vec<ClientEdit> = attributes
            .iter()
            .filter(|name| named(name).is_none())
            .map(|name| ClientEdit::Attribute(name, default.to_owned()))
            .collect();
        if edits.is_empty() {
            return Reaction::Pass;
        }
        Reaction::Change(Effect::Client(ClientEdit::Several(edits)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::EventName;
    use crate::policy::tests::{Scene, react};

    fn scene(attributes: &[(&str, &str)]) -> Scene {
        let mut scene = Scene::default();
        let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        scene.result.attributes = Some(attributes.collect());
        scene
    }

    fn set(attributes: &[&'static str], algorithm: &str) -> Reaction {
        let edits = attributes.iter().map(|name| ClientEdit::Attribute(name, algorithm.to_owned()));
        Reaction::Change(Effect::Client(ClientEdit::Several(edits.collect())))
    }

    #[test]
    fn a_client_that_names_no_algorithm_gets_the_default() {
        for (configuration, algorithm) in [
            (json!({}), "PS256"),
            (json!({"default-algorithm": "ES256"}), "ES256"),
            // Recorded: a default that is not allowed gives way.
            (json!({"default-algorithm": "RS256"}), "PS256"),
        ] {
            for event in [EventName::Register, EventName::Update] {
                let scene = scene(&[("id.token.signed.response.alg", "")]);
                let reaction = react(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(reaction, set(ATTRIBUTES, algorithm), "{configuration}");
            }
        }
        let all: Vec<(&str, &str)> = ATTRIBUTES.iter().map(|name| (*name, "ES384")).collect();
        let scene = scene(&all);
        assert_eq!(react(&PROVIDER, &json!({}), &scene.event(EventName::Update)), Reaction::Pass);
    }

    #[test]
    fn each_algorithm_that_is_named_must_be_allowed() {
        for name in ATTRIBUTES {
            for algorithm in ["RS256", "HS256", "none", "any", "ps256", "EdDSA"] {
                let scene = scene(&[(name, algorithm)]);
                let reaction = react(&PROVIDER, &json!({}), &scene.event(EventName::Register));
                let refused = Reaction::refuse("invalid_request", "not allowed signature algorithm.");
                assert_eq!(reaction, refused, "{name} {algorithm}");
            }
            let others: Vec<&str> = ATTRIBUTES.iter().copied().filter(|other| other != name).collect();
            let scene = scene(&[(name, "ES512")]);
            let reaction = react(&PROVIDER, &json!({}), &scene.event(EventName::Register));
            assert_eq!(reaction, set(&others, "PS256"), "{name}");
        }
    }
}
