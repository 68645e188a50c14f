//! `client-updater-source-roles`: the one who makes or changes a client has a role.

use serde::Deserialize;

use super::{ABOUT_THE_UPDATER, Condition, NEGATIVE, Vote, configure, listed, lists};
use crate::policy::configuration::{Preset, Property, PropertyKind, Provider, Text, Texts};
use crate::policy::event::Event;

pub(super) const PROVIDER: Provider<dyn Condition> = Provider {
    id: "client-updater-source-roles",
    help: Text {
        en: "Holds when a client is made or changed by someone who has one of these roles.",
        ja: "指定したロールのいずれかを持つ者がクライアントを作成または変更する場合に成り立ちます。",
    },
    properties: &[NEGATIVE, ROLES],
    events: ABOUT_THE_UPDATER,
    configure: configure::<ClientUpdaterSourceRoles>,
};

const ROLES: Property = Property::new(
    "roles",
    "Roles",
    PropertyKind::MultivaluedString,
    Text {
        en: "Roles of the realm by name, roles of a client as client-id.role; one is enough.",
        ja: "レルムロールは名前、クライアントロールは「クライアントID.ロール名」。いずれか1つがあれば成り立ちます。",
    },
)
.preset(Preset::String("admin"));

#[derive(Deserialize)]
struct ClientUpdaterSourceRoles {
    #[serde(default)]
    roles: Texts,
}

impl Condition for ClientUpdaterSourceRoles {
    fn vote(&self, event: &Event<'_>) -> Vote {
        match event.updater() {
            None => Vote::Abstain,
            // Who comes with a token of registration, or with nothing, has no role.
            Some(updater) => updater.roles.iter().any(|role| lists(&self.roles, role)).into(),
        }
    }

    fn seen(&self, event: &Event<'_>) -> String {
        let found = event.updater().map(|updater| listed(updater.roles.iter().map(String::as_str)));
        let found = found.unwrap_or_else(|| "nobody".to_owned());
        format!("the caller's roles: {found}; looks for {}", listed(self.roles.0.iter().map(String::as_str)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::EventName;
    use crate::policy::tests::{Scene, vote};

    #[test]
    fn it_holds_for_roles_of_the_realm_and_of_clients() {
        let manager = &["writer", "realm-management.create-client"][..];
        for (roles, configuration, expected) in [
            (manager, json!({"roles": ["writer"]}), Vote::Yes),
            (manager, json!({"roles": "writer"}), Vote::Yes),
            (manager, json!({"roles": ["nobody", "realm-management.create-client"]}), Vote::Yes),
            (manager, json!({"roles": ["create-client"]}), Vote::No),
            (manager, json!({"roles": []}), Vote::No),
            (&[], json!({"roles": ["writer"]}), Vote::No),
            (&[], json!({"roles": ["writer"], "is-negative-logic": true}), Vote::Yes),
        ] {
            let mut scene = Scene::default();
            scene.updater.roles = roles.iter().map(|&role| role.to_owned()).collect();
            for event in ABOUT_THE_UPDATER.iter() {
                let asked = vote(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(asked, expected, "{roles:?} {configuration} {event:?}");
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
