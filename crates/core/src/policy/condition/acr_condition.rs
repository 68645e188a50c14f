//! `acr-condition`: a certain authentication context class is asked for (OpenID Connect Core 1.0 §3.1.2.1).

use serde::Deserialize;
use serde_json::Value;

use super::{Condition, Vote, configure, listed};
use crate::Client;
use crate::policy::configuration::{Property, PropertyKind, Provider, Text};
use crate::policy::event::{Authorization, Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Condition> = Provider {
    id: "acr-condition",
    help: Text {
        en: "Holds for authorization requests that ask for this authentication context class (acr).",
        ja: "この認証コンテキストクラス（acr）を要求する認可リクエストで成り立ちます。",
    },
    properties: &[ACR],
    // A pushed request is looked at when it is used. One to the user's device is not: nothing comes after it.
    events: EventSet::of(&[EventName::AuthorizationRequest, EventName::BackchannelAuthenticationRequest]),
    configure: configure::<AcrCondition>,
};

const ACR: Property = Property::new(
    "acr-property",
    "ACR",
    PropertyKind::String,
    Text {
        en: "The acr value. Asked for by acr_values, by the claims parameter, or by default of the client.",
        ja: "acrの値。acr_values、claimsパラメーター、またはクライアントのデフォルトで要求されるものです。",
    },
);

/// What separates the values of a client attribute that holds several.
const SEPARATOR: &str = "##";

#[derive(Deserialize)]
struct AcrCondition {
    #[serde(default, rename = "acr-property")]
    acr: Option<String>,
}

impl Condition for AcrCondition {
    fn vote(&self, event: &Event<'_>) -> Vote {
        let Some(request) = event.authorization() else { return Vote::Abstain };
        let Some(acr) = &self.acr else { return Vote::No };
        let asked = asked(&request);
        let wanted = if asked.is_empty() { by_default(request.client) } else { asked };
        wanted.contains(acr).into()
    }

    fn seen(&self, event: &Event<'_>) -> String {
        let asked = event.authorization().map(|request| asked(&request)).unwrap_or_default();
        let asked = listed(asked.iter().map(AsRef::as_ref));
        format!("asked for {asked}; looks for {}", self.acr.as_deref().unwrap_or("nothing"))
    }
}

/// What the request itself asks for, in either way.
fn asked(request: &Authorization<'_>) -> Vec<String> {
    let words = request.params.find("acr_values").unwrap_or_default().split(' ');
    let mut asked: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
    // Claims that cannot be read ask for nothing, here as in the request itself.
    let claims = request.params.find("claims").and_then(|text| serde_json::from_str::<Value>(text).ok());
    if let Some(acr) = claims.as_ref().and_then(|claims| claims.pointer("/id_token/acr")) {
        let several = acr.get("values").and_then(Value::as_array).into_iter().flatten();
        let values = several.chain(acr.get("value")).filter_map(Value::as_str);
        asked.extend(values.map(str::to_owned));
    }
    asked
}

fn by_default(client: &Client) -> Vec<String> {
    let values = client.attribute("default.acr.values").into_iter();
    values.flat_map(|values| values.split(SEPARATOR)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::Params;
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, vote};

    fn asking(pairs: &[(&str, &str)], default: Option<&str>) -> Scene {
        let mut scene = Scene { params: Params::from_pairs(pairs.iter().copied()), ..Scene::default() };
        if let Some(default) = default {
            scene.client.attributes.insert("default.acr.values".to_owned(), default.to_owned());
        }
        scene
    }

    #[test]
    fn it_holds_for_the_class_that_is_asked_for() {
        let claims = r#"{"id_token":{"acr":{"essential":true,"values":["silver","gold"]}}}"#;
        for (pairs, default, expected) in [
            (&[("acr_values", "gold")][..], None, Vote::Yes),
            (&[("acr_values", "silver gold")], None, Vote::Yes),
            (&[("acr_values", "silver golden")], None, Vote::No),
            (&[("claims", claims)], None, Vote::Yes),
            (&[("claims", claims), ("acr_values", "bronze")], None, Vote::Yes),
            (&[("claims", r#"{"id_token":{"acr":{"value":"gold"}}}"#)], None, Vote::Yes),
            (&[("claims", r#"{"id_token":{"acr":null}}"#)], Some("gold"), Vote::Yes),
            (&[("claims", "{")], Some("gold"), Vote::Yes),
            (&[("claims", "{")], None, Vote::No),
            (&[], Some("silver##gold"), Vote::Yes),
            (&[], Some("silver"), Vote::No),
            (&[("acr_values", "silver")], Some("gold"), Vote::No),
            (&[], None, Vote::No),
        ] {
            let scene = asking(pairs, default);
            let event = scene.event(EventName::AuthorizationRequest);
            assert_eq!(vote(&PROVIDER, &json!({"acr-property": "gold"}), &event), expected, "{pairs:?}");
        }
    }

    #[test]
    fn it_abstains_where_no_user_is_about_to_be_asked() {
        let scene = asking(&[("acr_values", "gold")], None);
        for (event, expected) in [
            (EventName::BackchannelAuthenticationRequest, Vote::Yes),
            (EventName::PushedAuthorizationRequest, Vote::Abstain),
            (EventName::TokenRequest, Vote::Abstain),
        ] {
            let asked = vote(&PROVIDER, &json!({"acr-property": "gold"}), &scene.event(event));
            assert_eq!(asked, expected, "{event:?}");
        }
    }

    #[test]
    fn without_a_class_it_holds_nowhere() {
        let scene = asking(&[("acr_values", "gold")], None);
        for configuration in [json!({}), json!({"acr-property": null})] {
            let event = scene.event(EventName::AuthorizationRequest);
            assert_eq!(vote(&PROVIDER, &configuration, &event), Vote::No, "{configuration}");
        }
    }
}
