//! `secure-response-type`: the answer of the authorization endpoint is signed (FAPI 1.0 Part 2 §5.2.2).

use serde::Deserialize;

use super::{Executor, Reaction, auto_configure, configure};
use crate::policy::configuration::{Property, Provider, Switch, Text};
use crate::policy::effect::{ClientEdit, Effect};
use crate::policy::event::{Authorization, Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-response-type",
    help: Text {
        en: "Answers of the authorization endpoint are signed: an ID token comes with the code, or a JWT holds the answer.",
        ja: "認可エンドポイントの応答を署名付きにします。コードとともにIDトークンを返すか、応答をJWTで返します。",
    },
    properties: &[auto_configure(false), ALLOW_TOKEN],
    events: EventSet::PROPOSALS.and(EventSet::of(&[EventName::AuthorizationRequest])),
    configure: configure::<SecureResponseType>,
};

const ALLOW_TOKEN: Property = Property::switch(
    "allow-token-response-type",
    "Allow access tokens",
    false,
    Text {
        en: "Lets an access token come with the code and the ID token (`code id_token token`).",
        ja: "コードとIDトークンに加えてアクセストークンを返すこと（code id_token token）を許可します。",
    },
);

/// Whether the client takes the ID token of the authorization endpoint for a signature only.
const ATTRIBUTE: &str = "id.token.as.detached.signature";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct SecureResponseType {
    auto_configure: Switch,
    allow_token_response_type: Switch,
}

impl Executor for SecureResponseType {
    fn react(&self, event: &Event<'_>) -> Reaction {
        if let Some(request) = event.authorization() {
            return self.react_to_request(&request);
        }
        if event.client_attribute(ATTRIBUTE) == Some("true") {
            Reaction::Pass
        } else if self.auto_configure.0 {
            Reaction::Change(Effect::Client(ClientEdit::Attribute(ATTRIBUTE, "true".to_owned())))
        } else {
            let text = "Invalid client metadata: ID Token as detached signature in disabled";
            Reaction::refuse("invalid_client_metadata", text)
        }
    }
}

impl SecureResponseType {
    fn react_to_request(&self, request: &Authorization<'_>) -> Reaction {
        let response_type = request.params.find("response_type").unwrap_or_default();
        let mut words: Vec<&str> = response_type.split_whitespace().collect();
        words.sort_unstable();
        let secure = match words.as_slice() {
            ["code", "id_token"] => true,
            ["code", "id_token", "token"] => self.allow_token_response_type.0,
            ["code"] => {
                let mode = request.params.find("response_mode");
                matches!(mode, Some("jwt" | "query.jwt" | "fragment.jwt" | "form_post.jwt"))
            }
            _ => false,
        };
        if secure { Reaction::Pass } else { Reaction::refuse("invalid_request", "invalid response_type") }
    }
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::Params;
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn a_client_without_detached_signatures_is_refused_or_put_right() {
        let refused = Reaction::refuse(
            "invalid_client_metadata",
            "Invalid client metadata: ID Token as detached signature in disabled",
        );
        let changed = Reaction::Change(Effect::Client(ClientEdit::Attribute(ATTRIBUTE, "true".to_owned())));
        for (configuration, attribute, expected) in [
            (json!({}), None, refused.clone()),
            (json!({"auto-configure": false}), Some("false"), refused),
            (json!({"auto-configure": "true"}), None, changed.clone()),
            (json!({"auto-configure": true}), Some("false"), changed),
            (json!({}), Some("true"), Reaction::Pass),
        ] {
            let mut scene = Scene::default();
            let attribute = attribute.map(|value| (ATTRIBUTE.to_owned(), value.to_owned()));
            scene.result.attributes = Some(attribute.clone().into_iter().collect());
            for event in [EventName::Register, EventName::Update] {
                let reaction = react(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(reaction, expected, "{configuration} {attribute:?}");
            }
        }
    }

    #[test]
    fn only_signed_answers_are_asked_for() {
        for (query, lax, strict) in [
            ("response_type=code", false, false),
            ("response_type=token", false, false),
            ("response_type=id_token", false, false),
            ("response_type=id_token+token", false, false),
            ("response_type=code+id_token", true, true),
            ("response_type=id_token+code", true, true),
            ("response_type=code+token", false, false),
            ("response_type=code+id_token+token", true, false),
            ("response_type=none", false, false),
            ("scope=openid", false, false),
            ("response_type=code&response_mode=jwt", true, true),
            ("response_type=code&response_mode=query.jwt", true, true),
            ("response_type=code&response_mode=fragment.jwt", true, true),
            ("response_type=code&response_mode=form_post.jwt", true, true),
            ("response_type=code&response_mode=query", false, false),
            ("response_type=code&response_mode=form_post", false, false),
        ] {
            let params = Params::parse(query.as_bytes()).expect("parameters");
            let scene = Scene { params, ..Scene::default() };
            for (allowed, passes) in [(true, lax), (false, strict)] {
                let configuration = json!({ "allow-token-response-type": allowed });
                let reaction =
                    react(&PROVIDER, &configuration, &scene.event(EventName::AuthorizationRequest));
                let refused = Reaction::refuse("invalid_request", "invalid response_type");
                assert_eq!(reaction, if passes { Reaction::Pass } else { refused }, "{query} {allowed}");
            }
        }
    }
}
