//! `client-roles`: the client owns a role of one of these names.

use serde::Deserialize;

use super::{ABOUT_THE_CLIENT, About, Condition, NEGATIVE, Vote, configure, listed, lists};
use crate::policy::configuration::{Property, PropertyKind, Provider, Text, Texts};
use crate::policy::event::{Event, EventName, EventSet};
use crate::{Client, Realm};

pub(super) const PROVIDER: Provider<dyn Condition> = Provider {
    id: "client-roles",
    help: Text {
        en: "Holds for clients that own at least one client role of these names.",
        ja: "指定した名前のクライアントロールを1つ以上持つクライアントで成り立ちます。",
    },
    properties: &[NEGATIVE, ROLES],
    // Before it is registered, a client cannot own a role.
    events: ABOUT_THE_CLIENT.without(EventSet::of(&[EventName::Register])),
    configure: configure::<ClientRoles>,
};

const ROLES: Property = Property::new(
    "roles",
    "Client Roles",
    PropertyKind::MultivaluedString,
    Text {
        en: "Names of roles that the client itself owns, one of which is enough.",
        ja: "クライアント自身が持つロールの名前。いずれか1つがあれば成り立ちます。",
    },
);

#[derive(Deserialize)]
struct ClientRoles {
    #[serde(default)]
    roles: Texts,
}

fn owned<'a>(realm: &'a Realm, client: &'a Client) -> impl Iterator<Item = &'a str> {
    let of_client = realm.roles.by_id.values().filter(|role| role.client == Some(client.id));
    of_client.map(|role| role.name.as_str())
}

impl Condition for ClientRoles {
    fn vote(&self, event: &Event<'_>) -> Vote {
        let Some(client) = event.client() else { return Vote::Abstain };
        owned(event.realm, client).any(|role| lists(&self.roles, role)).into()
    }

    fn seen(&self, event: &Event<'_>) -> String {
        let roles = event.client().map(|client| listed(owned(event.realm, client))).unwrap_or_default();
        format!("the client has roles {roles}; looks for {}", listed(self.roles.0.iter().map(String::as_str)))
    }

    fn about(&self, realm: &Realm, client: &Client) -> About {
        About::exactly(owned(realm, client).any(|role| lists(&self.roles, role)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::policy::tests::{Scene, vote};
    use crate::role::Role;

    const FOREIGN: Uuid = Uuid::from_u128(99);

    #[test]
    fn it_holds_where_the_client_owns_one_of_the_roles() {
        let own = Scene::default().client.id;
        for (roles, name, owner, expected) in [
            (json!(["marked"]), "marked", Some(own), Vote::Yes),
            (json!(["other", "marked"]), "marked", Some(own), Vote::Yes),
            (json!("marked"), "marked", Some(own), Vote::Yes),
            (json!(["other"]), "marked", Some(own), Vote::No),
            (json!(["marked"]), "marked", Some(FOREIGN), Vote::No),
            (json!(["marked"]), "marked", None, Vote::No),
            (json!([]), "marked", Some(own), Vote::No),
        ] {
            let mut scene = Scene::default();
            let id = Uuid::from_u128(20);
            let role = Role { id, name: name.to_owned(), client: owner, composites: Vec::new() };
            scene.realm.roles.by_id.insert(id, role);
            for event in [EventName::PreAuthorizationRequest, EventName::Update, EventName::Registered] {
                let asked = vote(&PROVIDER, &json!({"roles": roles}), &scene.event(event));
                assert_eq!(asked, expected, "{roles} {owner:?} {event:?}");
            }
        }
    }

    #[test]
    fn it_abstains_before_the_client_is_registered() {
        let scene = Scene::default();
        for event in [EventName::Register, EventName::DeviceAuthorizationRequest] {
            assert_eq!(vote(&PROVIDER, &json!({}), &scene.event(event)), Vote::Abstain, "{event:?}");
        }
    }
}
