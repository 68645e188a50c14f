//! `secure-ciba-req-sig-algorithm`: signed requests of CIBA are signed by PSS or ECDSA (FAPI-CIBA §5.2.2).

use serde_json::Value;

use super::secure_signature_algorithm::{DEFAULT_ALGORITHM, SecureSignatureAlgorithm};
use super::{Executor, Reaction};
use crate::policy::configuration::{Fault, Provider, Text, read};
use crate::policy::event::{Event, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-ciba-req-sig-algorithm",
    help: Text {
        en: "A client signs its backchannel authentication requests by PSS or ECDSA only.",
        ja: "バックチャネル認証リクエストの署名をPSSかECDSAに限定します。",
    },
    properties: &[DEFAULT_ALGORITHM],
    events: EventSet::PROPOSALS,
    configure,
};

/// Where a client names the algorithm.
const ATTRIBUTE: &str = "ciba.backchannel.auth.request.signing.alg";

struct SecureCibaReqSigAlgorithm(SecureSignatureAlgorithm);

fn configure(configuration: &Value) -> Result<Box<dyn Executor>, Fault> {
    Ok(Box::new(SecureCibaReqSigAlgorithm(read(configuration)?)))
}

impl Executor for SecureCibaReqSigAlgorithm {
    fn react(&self, event: &Event<'_>) -> Reaction {
        self.0.demand(event, &[ATTRIBUTE])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::effect::{ClientEdit, Effect};
    use crate::policy::event::EventName;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn the_algorithm_is_set_where_none_is_named_and_refused_where_it_is_not_allowed() {
        let set = |algorithm: &str| {
            let edit = ClientEdit::Attribute(ATTRIBUTE, algorithm.to_owned());
            Reaction::Change(Effect::Client(ClientEdit::Several(vec![edit])))
        };
        let refused = Reaction::refuse("invalid_request", "not allowed signature algorithm.");
        for (configuration, algorithm, expected) in [
            (json!({}), None, set("PS256")),
            (json!({"default-algorithm": "ES256"}), None, set("ES256")),
            (json!({}), Some("PS256"), Reaction::Pass),
            (json!({"default-algorithm": "PS256"}), Some("ES256"), Reaction::Pass),
            (json!({}), Some("RS256"), refused.clone()),
            (json!({"default-algorithm": "PS256"}), Some("HS256"), refused),
        ] {
            let mut scene = Scene::default();
            let algorithm = algorithm.map(|algorithm| (ATTRIBUTE.to_owned(), algorithm.to_owned()));
            scene.result.attributes = Some(algorithm.clone().into_iter().collect());
            for event in [EventName::Register, EventName::Update] {
                let reaction = react(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(reaction, expected, "{configuration} {algorithm:?}");
            }
        }
        let unreadable = (PROVIDER.configure)(&json!({"default-algorithm": ["PS256"]})).err();
        assert_eq!(unreadable.expect("a fault").member, "default-algorithm");
    }
}
