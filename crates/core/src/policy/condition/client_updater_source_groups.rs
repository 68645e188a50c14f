//! `client-updater-source-groups`: the one who makes or changes a client is in a group.

use serde::Deserialize;

use super::{ABOUT_THE_UPDATER, Condition, NEGATIVE, Vote, configure, listed, lists};
use crate::policy::configuration::{Preset, Property, PropertyKind, Provider, Text, Texts};
use crate::policy::event::Event;

pub(super) const PROVIDER: Provider<dyn Condition> = Provider {
    id: "client-updater-source-groups",
    help: Text {
        en: "Holds when a client is made or changed by a member of one of these groups.",
        ja: "指定したグループのいずれかのメンバーがクライアントを作成または変更する場合に成り立ちます。",
    },
    properties: &[NEGATIVE, GROUPS],
    events: ABOUT_THE_UPDATER,
    configure: configure::<ClientUpdaterSourceGroups>,
};

const GROUPS: Property = Property::new(
    "groups",
    "Groups",
    PropertyKind::MultivaluedString,
    Text {
        en: "Simple names of groups, without a path; one membership is enough.",
        ja: "グループの名前（パスなし）。いずれか1つのメンバーであれば成り立ちます。",
    },
)
.preset(Preset::String("topGroup"));

#[derive(Deserialize)]
struct ClientUpdaterSourceGroups {
    #[serde(default)]
    groups: Texts,
}

impl Condition for ClientUpdaterSourceGroups {
    fn vote(&self, event: &Event<'_>) -> Vote {
        match event.updater() {
            None => Vote::Abstain,
            // Who comes with a token of registration, or with nothing, is in no group.
            Some(updater) => updater.groups.iter().any(|group| lists(&self.groups, group)).into(),
        }
    }

    fn seen(&self, event: &Event<'_>) -> String {
        let found = event.updater().map(|updater| listed(updater.groups.iter().map(String::as_str)));
        let found = found.unwrap_or_else(|| "nobody".to_owned());
        format!(
            "the caller's groups: {found}; looks for {}",
            listed(self.groups.0.iter().map(String::as_str))
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::EventName;
    use crate::policy::tests::{Scene, vote};

    #[test]
    fn it_holds_for_members_by_the_simple_name() {
        for (groups, configuration, expected) in [
            (&["staff", "all"][..], json!({"groups": ["staff"]}), Vote::Yes),
            (&["staff"], json!({"groups": ["guests", "staff"]}), Vote::Yes),
            (&["staff"], json!({"groups": ["guests"]}), Vote::No),
            (&["staff"], json!({"groups": ["/staff"]}), Vote::No),
            (&["staff"], json!({}), Vote::No),
            (&[], json!({"groups": ["staff"]}), Vote::No),
            (&[], json!({"groups": ["staff"], "is-negative-logic": true}), Vote::Yes),
        ] {
            let mut scene = Scene::default();
            scene.updater.groups = groups.iter().map(|&group| group.to_owned()).collect();
            for event in ABOUT_THE_UPDATER.iter() {
                let asked = vote(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(asked, expected, "{groups:?} {configuration} {event:?}");
            }
        }
    }

    #[test]
    fn it_abstains_where_nobody_changes_a_client() {
        let scene = Scene::default();
        for event in [EventName::View, EventName::TokenRequest] {
            assert_eq!(vote(&PROVIDER, &json!({}), &scene.event(event)), Vote::Abstain, "{event:?}");
        }
    }
}
