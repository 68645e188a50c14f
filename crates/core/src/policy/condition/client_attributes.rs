//! `client-attributes`: the client has certain attributes.

use serde::{Deserialize, Deserializer};

use super::{ABOUT_THE_CLIENT, About, Condition, NEGATIVE, Vote, configure, listed};
use crate::policy::configuration::{Property, PropertyKind, Provider, Text};
use crate::policy::event::{Event, EventName, EventSet};
use crate::{Client, Realm};

pub(super) const PROVIDER: Provider<dyn Condition> = Provider {
    id: "client-attributes",
    help: Text {
        en: "Holds for clients that have all of these attributes with these values.",
        ja: "指定した属性をすべて指定した値で持つクライアントで成り立ちます。",
    },
    properties: &[NEGATIVE, ATTRIBUTES],
    // A client that is being registered is looked at once it is there, at REGISTERED.
    events: ABOUT_THE_CLIENT.without(EventSet::of(&[EventName::Register])),
    configure: configure::<ClientAttributes>,
};

const ATTRIBUTES: Property = Property::new(
    "attributes",
    "Client Attributes",
    PropertyKind::Map,
    Text {
        en: "Names and values of client attributes; each has to be there with exactly this value.",
        ja: "クライアント属性の名前と値。すべてが正確にこの値で存在する必要があります。",
    },
);

#[derive(Deserialize)]
struct ClientAttributes {
    #[serde(default, deserialize_with = "read_map")]
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
struct Attribute {
    key: String,
    value: String,
}

impl Condition for ClientAttributes {
    fn vote(&self, event: &Event<'_>) -> Vote {
        if event.client_kind().is_none() {
            return Vote::Abstain;
        }
        let mut wanted = self.attributes.iter();
        let has_all =
            wanted.all(|attribute| event.client_attribute(&attribute.key) == Some(attribute.value.as_str()));
        (has_all && !self.attributes.is_empty()).into()
    }

    fn seen(&self, event: &Event<'_>) -> String {
        let found = |attribute: &Attribute| {
            let value = event.client_attribute(&attribute.key).unwrap_or("not set");
            format!("{} is {value}, looks for {}", attribute.key, attribute.value)
        };
        listed(self.attributes.iter().map(found).collect::<Vec<_>>().iter().map(String::as_str))
    }

    fn about(&self, _realm: &Realm, client: &Client) -> About {
        let has = |attribute: &Attribute| client.attributes.get(&attribute.key) == Some(&attribute.value);
        About::exactly(!self.attributes.is_empty() && self.attributes.iter().all(has))
    }
}

/// Keycloak keeps a map as a text that is a JSON list of keys and values.
fn read_map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Attribute>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty());
    text.map_or(Ok(Vec::new()), |text| serde_json::from_str(&text).map_err(serde::de::Error::custom))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, vote};

    const RED: &str = r#"[{"key":"team","value":"red"},{"key":"tier","value":"1"}]"#;

    fn attributes(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn it_holds_where_every_attribute_has_its_value() {
        for (configured, pairs, expected) in [
            (RED, &[("team", "red"), ("tier", "1"), ("more", "x")][..], Vote::Yes),
            (RED, &[("team", "red"), ("tier", "2")], Vote::No),
            (RED, &[("team", "red")], Vote::No),
            (RED, &[("team", "Red"), ("tier", "1")], Vote::No),
            ("[]", &[("team", "red")], Vote::No),
            ("", &[("team", "red")], Vote::No),
        ] {
            let mut scene = Scene::default();
            scene.client.attributes = attributes(pairs);
            for event in [EventName::PreAuthorizationRequest, EventName::Registered, EventName::TokenRefresh]
            {
                let asked = vote(&PROVIDER, &json!({"attributes": configured}), &scene.event(event));
                assert_eq!(asked, expected, "{configured} {pairs:?} {event:?}");
            }
        }
    }

    #[test]
    fn an_update_is_judged_by_the_attributes_that_it_leaves() {
        for (before, after, expected) in [("blue", "red", Vote::Yes), ("red", "blue", Vote::No)] {
            let mut scene = Scene::default();
            scene.client.attributes = attributes(&[("team", before)]);
            scene.result.attributes = Some(attributes(&[("team", after)]).into_iter().collect());
            let configuration = json!({"attributes": r#"[{"key":"team","value":"red"}]"#});
            let asked = vote(&PROVIDER, &configuration, &scene.event(EventName::Update));
            assert_eq!(asked, expected, "{before} to {after}");
        }
    }

    #[test]
    fn it_abstains_before_the_client_is_registered() {
        let mut scene = Scene::default();
        scene.result.attributes = Some(attributes(&[("team", "red"), ("tier", "1")]).into_iter().collect());
        let asked = vote(&PROVIDER, &json!({"attributes": RED}), &scene.event(EventName::Register));
        assert_eq!(asked, Vote::Abstain);
    }

    #[test]
    fn what_is_no_list_of_keys_and_values_is_refused() {
        for value in [json!("x"), json!({"team": "red"}), json!("{\"team\":\"red\"}"), json!("[{\"key\":1}]")]
        {
            assert!((PROVIDER.configure)(&json!({"attributes": value})).is_err(), "{value}");
        }
    }
}
