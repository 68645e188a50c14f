//! `jwt-claim-enforcer`: a token handed in has a claim, with a value that matches.

use serde::Deserialize;
use serde_json::Value;

use super::{Executor, Reaction, claims};
use crate::pattern::Pattern;
use crate::policy::configuration::{self, Fault, Property, PropertyKind, Provider, Text};
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "jwt-claim-enforcer",
    help: Text {
        en: "A token that is exchanged, or brought as an assertion, must have a claim and may need a certain value.",
        ja: "交換されるトークンやアサーションに、指定したクレームと許可された値があることを必須にします。",
    },
    properties: &[NAME, VALUE],
    events: EventSet::of(&[EventName::JwtAuthorizationGrant, EventName::TokenExchangeRequest]),
    configure,
};

const NAME: Property = Property::new(
    "claim-name",
    "Claim name",
    PropertyKind::String,
    Text {
        en: "Name of the claim; it is not looked for inside other claims.",
        ja: "クレームの名前です。入れ子のクレームは対象になりません。",
    },
);

const VALUE: Property = Property::new(
    "allowed-value",
    "Allowed value",
    PropertyKind::String,
    Text {
        en: "Regular expression for the whole value of a text or a number; without one any value will do.",
        ja: "文字列または数値の値全体に対する正規表現です。指定しない場合は任意の値が許可されます。",
    },
);

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Configuration {
    claim_name: Option<String>,
    allowed_value: Option<String>,
}

struct JwtClaimEnforcer {
    name: Option<String>,
    allowed: Option<Pattern>,
}

fn configure(configuration: &Value) -> Result<Box<dyn Executor>, Fault> {
    let Configuration { claim_name, allowed_value } = configuration::read(configuration)?;
    let allowed = match allowed_value.filter(|value| !value.is_empty()) {
        None => None,
        Some(value) => {
            let unreadable = || Fault::new("allowed-value", "not a regular expression");
            Some(Pattern::parse(&value).ok_or_else(unreadable)?)
        }
    };
    Ok(Box::new(JwtClaimEnforcer { name: claim_name.filter(|name| !name.is_empty()), allowed }))
}

impl Executor for JwtClaimEnforcer {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let Some(name) = &self.name else {
            return Reaction::refuse("invalid_request", "Invalid configuration");
        };
        let claims = match claims::of_subject(event, "JWT is not valid") {
            Ok(claims) => claims,
            Err(refusal) => return refusal,
        };
        let Some(value) = claims.get(name).filter(|value| !value.is_null()) else {
            let text = format!("Required claim '{name}' is missing from the token");
            return Reaction::refuse("invalid_request", text);
        };
        let Some(allowed) = &self.allowed else { return Reaction::Pass };
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => {
                let text = format!("Value type for claim '{name}' not allowed");
                return Reaction::refuse("invalid_request", text);
            }
        };
        if allowed.matches(&text) {
            Reaction::Pass
        } else {
            Reaction::refuse("invalid_request", format!("Value for claim '{name}' not allowed"))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::Subject;
    use crate::policy::tests::{Scene, react};

    fn scene(claims: &Value) -> Scene {
        let claims = claims.as_object().cloned();
        let subject = Some(Subject { claims, access_token: true, identity_provider: None });
        Scene { subject, ..Scene::default() }
    }

    #[test]
    fn the_claim_must_be_there_and_match_whole() {
        let claims = json!({
            "name": "alice", "iat": 1_700_000_000, "verified": true, "list": ["red"], "access": {"roles": []},
            "null": null
        });
        for (name, allowed, refusal) in [
            ("name", None, None),
            ("name", Some("al.*"), None),
            ("name", Some("al"), Some("Value for claim 'name' not allowed")),
            ("name", Some("bob"), Some("Value for claim 'name' not allowed")),
            ("iat", Some("[0-9]+"), None),
            ("list", None, None),
            ("list", Some("red"), Some("Value type for claim 'list' not allowed")),
            ("verified", Some("true"), Some("Value type for claim 'verified' not allowed")),
            ("access", Some(".*"), Some("Value type for claim 'access' not allowed")),
            ("access.roles", None, Some("Required claim 'access.roles' is missing from the token")),
            ("null", None, Some("Required claim 'null' is missing from the token")),
            ("", None, Some("Invalid configuration")),
        ] {
            let configuration = json!({"claim-name": name, "allowed-value": allowed});
            let expected = refusal.map_or(Reaction::Pass, |text| Reaction::refuse("invalid_request", text));
            for event in [EventName::JwtAuthorizationGrant, EventName::TokenExchangeRequest] {
                let reaction = react(&PROVIDER, &configuration, &scene(&claims).event(event));
                assert_eq!(reaction, expected, "{configuration}");
            }
        }
    }

    #[test]
    fn what_is_no_token_of_ours_is_refused() {
        let mut scene = scene(&json!({"sub": "x"}));
        scene.subject.as_mut().expect("a subject").access_token = false;
        let text = "Parameter 'subject_token' should be access_token for the executor";
        let configuration = json!({"claim-name": "sub"});
        let exchange = scene.event(EventName::TokenExchangeRequest);
        assert_eq!(react(&PROVIDER, &configuration, &exchange), Reaction::refuse("invalid_request", text));
        scene.subject = None;
        let assertion = scene.event(EventName::JwtAuthorizationGrant);
        let refused = Reaction::refuse("invalid_request", "JWT is not valid");
        assert_eq!(react(&PROVIDER, &configuration, &assertion), refused);
    }

    #[test]
    fn an_expression_that_does_not_compile_is_refused_when_it_is_saved() {
        let fault = configure(&json!({"claim-name": "a", "allowed-value": "("})).err().expect("refused");
        assert_eq!(fault.member, "allowed-value");
    }
}
