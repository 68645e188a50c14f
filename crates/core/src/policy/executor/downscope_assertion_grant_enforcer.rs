//! `downscope-assertion-grant-enforcer`: an exchange asks for no scope that the token handed in does not have.

use sekisho_protocol::Scopes;
use serde::Deserialize;
use serde_json::Value;

use super::{Executor, Reaction, claims, configure};
use crate::policy::configuration::{Provider, Text};
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "downscope-assertion-grant-enforcer",
    help: Text {
        en: "Token exchange and JWT authorization grant give no scope that the token handed in does not hold.",
        ja: "トークン交換とJWT認可グラントで、渡されたトークンが持たないスコープの要求を拒否します。",
    },
    properties: &[],
    events: EventSet::of(&[EventName::TokenExchangeRequest, EventName::JwtAuthorizationGrant]),
    configure: configure::<DownscopeAssertionGrantEnforcer>,
};

#[derive(Deserialize)]
struct DownscopeAssertionGrantEnforcer {}

impl Executor for DownscopeAssertionGrantEnforcer {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let claims = match claims::of_subject(event, "Assertion contains an invalid access token") {
            Ok(claims) => claims,
            Err(refusal) => return refusal,
        };
        let held = Scopes::parse(claims.get("scope").and_then(Value::as_str).unwrap_or_default());
        let asked = event.params().and_then(|params| params.find("scope")).unwrap_or_default();
        let missing = Scopes::parse(asked).filter(|scope| !held.contains(scope));
        if missing.is_empty() {
            return Reaction::Pass;
        }
        let text =
            format!("Scopes [{}] not present in the initial access token [{}]", list(&missing), list(&held));
        Reaction::refuse("invalid_scope", text)
    }
}

fn list(scopes: &Scopes) -> String {
    scopes.iter().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::Params;
    use serde_json::json;

    use super::*;
    use crate::policy::event::Subject;
    use crate::policy::tests::{Scene, react};

    fn subject(claims: Option<Value>, access_token: bool) -> Subject {
        let claims = claims.and_then(|claims| claims.as_object().cloned());
        Subject { claims, access_token, identity_provider: None }
    }

    #[test]
    fn scopes_may_only_become_fewer() {
        let more = |missing: &str, held: &str| {
            let text = format!("Scopes [{missing}] not present in the initial access token [{held}]");
            Reaction::refuse("invalid_scope", text)
        };
        for (held, asked, expected) in [
            (json!({"scope": "openid profile"}), Some("openid profile"), Reaction::Pass),
            (json!({"scope": "openid profile phone"}), Some("openid"), Reaction::Pass),
            (json!({"scope": "openid"}), None, Reaction::Pass),
            (json!({"scope": "openid email"}), Some("openid phone"), more("phone", "openid, email")),
            (json!({"scope": "openid"}), Some("openid nothing"), more("nothing", "openid")),
            (json!({}), Some("openid"), more("openid", "")),
        ] {
            let params = Params::from_pairs(asked.map(|scope| ("scope", scope)));
            let scene =
                Scene { params, subject: Some(subject(Some(held.clone()), true)), ..Scene::default() };
            for event in [EventName::TokenExchangeRequest, EventName::JwtAuthorizationGrant] {
                let reaction = react(&PROVIDER, &json!({}), &scene.event(event));
                assert_eq!(reaction, expected, "{held} {asked:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let invalid = Reaction::refuse("invalid_request", "Assertion contains an invalid access token");
        let other = Reaction::refuse(
            "invalid_request",
            "Parameter 'subject_token' should be access_token for the executor",
        );
        for (event, subject, expected) in [
            (EventName::JwtAuthorizationGrant, None, &invalid),
            (EventName::JwtAuthorizationGrant, Some(subject(None, false)), &invalid),
            (EventName::TokenExchangeRequest, None, &other),
            (EventName::TokenExchangeRequest, Some(subject(Some(json!({"scope": "a"})), false)), &other),
            (EventName::TokenExchangeRequest, Some(subject(None, true)), &invalid),
        ] {
            let scene = Scene { subject, ..Scene::default() };
            assert_eq!(&react(&PROVIDER, &json!({}), &scene.event(event)), expected, "{event:?}");
        }
    }
}
