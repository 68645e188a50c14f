//! `intent-client-bind-checker`: an authorization request names an intent (a payment, an account access) that
//! was lodged before, and whoever keeps the intents says that it is this client's.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Preset, Property, PropertyKind, Provider, Text};
use crate::policy::event::{Event, EventName, EventSet};
use crate::policy::lookup::{Finding, Lookup};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "intent-client-bind-checker",
    help: Text {
        en: "Authorization requests name an intent as an essential claim of the ID token, and the intent is the client's.",
        ja: "認可リクエストに、IDトークンの必須クレームとしてそのクライアントのインテントを指定させます。",
    },
    // `intent-name` is read and not offered, as in Keycloak 26.7.4.
    properties: &[ENDPOINT],
    events: EventSet::of(&[EventName::AuthorizationRequest]),
    configure: configure::<IntentClientBindChecker>,
};

const ENDPOINT: Property = Property::new(
    "intent-client-bind-check-endpoint",
    "Intent Client Bind Check Endpoint",
    PropertyKind::String,
    Text {
        en: "Is asked by POST with intent_id and client_id as JSON, and answers is_bound.",
        ja: "intent_idとclient_idをJSONとしてPOSTで受け取り、is_boundを返すエンドポイントです。",
    },
)
.preset(Preset::String("https://rs.keycloak-fapi.org/check-intent-client-bound"));

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct IntentClientBindChecker {
    intent_client_bind_check_endpoint: Option<String>,
    intent_name: Option<String>,
}

impl Executor for IntentClientBindChecker {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let Some(request) = event.authorization() else { return Reaction::Pass };
        let intent_id = match self.intent(request.params.find_filled("claims")) {
            Ok(intent_id) => intent_id,
            Err(text) => return Reaction::refuse("invalid_request", text),
        };
        let endpoint = self.intent_client_bind_check_endpoint.clone();
        let Some(endpoint) = endpoint.filter(|endpoint| !endpoint.is_empty()) else {
            return Reaction::refuse("server_error", "invalid Intent Client Bind Check Endpoint setting");
        };
        let lookup = Lookup::Intent { endpoint, intent_id, client_id: request.client.client_id.clone() };
        match event.findings.find(&lookup) {
            None => Reaction::Need(lookup),
            Some(Finding::Bound(true)) => Reaction::Pass,
            Some(Finding::Bound(false)) => {
                Reaction::refuse("invalid_request", "The intent is not bound with the client")
            }
            Some(_) => Reaction::refuse("invalid_request", "checking intent bound with client failed"),
        }
    }
}

impl IntentClientBindChecker {
    /// The intent that `claims` (OpenID Connect Core §5.5) asks to have in the ID token.
    fn intent(&self, claims: Option<&str>) -> Result<String, &'static str> {
        let claims = claims.ok_or("no claim for an intent value in an authorization request")?;
        let claims: Map<String, Value> =
            serde_json::from_str(claims).map_err(|_| "invalid claim for an intent value")?;
        let name = self.intent_name.as_deref().filter(|name| !name.is_empty());
        let name = name.ok_or("invalid intent name setting")?;
        let claim = claims.get("id_token").and_then(|claims| claims.get(name));
        let claim = claim.ok_or("no claim for an intent value for ID token")?;
        if claim.get("essential") != Some(&Value::Bool(true)) {
            return Err("not specifying a claim for an intent as essential claim");
        }
        let value = claim.get("value").and_then(Value::as_str).filter(|value| !value.is_empty());
        value.map(str::to_owned).ok_or("invalid intent value")
    }
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::Params;
    use serde_json::json;

    use super::*;
    use crate::policy::lookup::Findings;
    use crate::policy::tests::{Scene, react};

    const ASKED: EventName = EventName::AuthorizationRequest;

    fn configuration() -> Value {
        json!({"intent-client-bind-check-endpoint": "https://rs.example/intent", "intent-name": "intent"})
    }

    fn scene(claims: Option<&str>) -> Scene {
        let params = Params::from_pairs(claims.map(|claims| ("claims", claims)));
        Scene { params, ..Scene::default() }
    }

    const GOOD: &str = r#"{"id_token": {"intent": {"essential": true, "value": "i-1"}}}"#;

    #[test]
    fn a_request_without_an_essential_intent_is_refused() {
        for (claims, text) in [
            (None, "no claim for an intent value in an authorization request"),
            (Some("{"), "invalid claim for an intent value"),
            (Some("[]"), "invalid claim for an intent value"),
            (Some(r#"{"userinfo": {"intent": {}}}"#), "no claim for an intent value for ID token"),
            (Some(r#"{"id_token": {"other": {}}}"#), "no claim for an intent value for ID token"),
            (
                Some(r#"{"id_token": {"intent": {"value": "i-1"}}}"#),
                "not specifying a claim for an intent as essential claim",
            ),
            (
                Some(r#"{"id_token": {"intent": null}}"#),
                "not specifying a claim for an intent as essential claim",
            ),
            (Some(r#"{"id_token": {"intent": {"essential": true}}}"#), "invalid intent value"),
            (Some(r#"{"id_token": {"intent": {"essential": true, "value": 1}}}"#), "invalid intent value"),
        ] {
            let reaction = react(&PROVIDER, &configuration(), &scene(claims).event(ASKED));
            assert_eq!(reaction, Reaction::refuse("invalid_request", text), "{claims:?}");
        }
    }

    #[test]
    fn a_configuration_that_lacks_something_refuses() {
        for (configuration, code, text) in [
            (
                json!({"intent-client-bind-check-endpoint": "https://rs.example/intent"}),
                "invalid_request",
                "invalid intent name setting",
            ),
            (
                json!({"intent-name": "intent"}),
                "server_error",
                "invalid Intent Client Bind Check Endpoint setting",
            ),
        ] {
            let reaction = react(&PROVIDER, &configuration, &scene(Some(GOOD)).event(ASKED));
            assert_eq!(reaction, Reaction::refuse(code, text), "{configuration}");
        }
    }

    #[test]
    fn the_keeper_of_the_intents_decides() {
        let lookup = || Lookup::Intent {
            endpoint: "https://rs.example/intent".to_owned(),
            intent_id: "i-1".to_owned(),
            client_id: Scene::default().client.client_id,
        };
        let refused = |text: &str| Reaction::refuse("invalid_request", text);
        for (finding, expected) in [
            (None, Reaction::Need(lookup())),
            (Some(Finding::Bound(true)), Reaction::Pass),
            (Some(Finding::Bound(false)), refused("The intent is not bound with the client")),
            (Some(Finding::Failed), refused("checking intent bound with client failed")),
        ] {
            let mut scene = scene(Some(GOOD));
            scene.findings = Findings::default();
            if let Some(finding) = finding.clone() {
                scene.findings.add(lookup(), finding);
            }
            let reaction = react(&PROVIDER, &configuration(), &scene.event(ASKED));
            assert_eq!(reaction, expected, "{finding:?}");
        }
    }
}
