//! `client-updater-context`: how the one who makes or changes a client was let in.

use serde::Deserialize;

use super::{ABOUT_THE_UPDATER, Condition, NEGATIVE, Vote, configure, listed, lists};
use crate::policy::configuration::{Preset, Property, PropertyKind, Provider, Text, Texts};
use crate::policy::event::{Event, UpdaterKind};

pub(super) const PROVIDER: Provider<dyn Condition> = Provider {
    id: "client-updater-context",
    help: Text {
        en: "Holds when a client is made or changed by someone who was let in in one of these ways.",
        ja: "指定した方法で許可された者がクライアントを作成または変更する場合に成り立ちます。",
    },
    properties: &[NEGATIVE, SOURCE],
    events: ABOUT_THE_UPDATER,
    configure: configure::<ClientUpdaterContext>,
};

const SOURCE: Property = Property::new(
    "update-client-source",
    "Update Client Context",
    PropertyKind::MultivaluedList,
    Text {
        en: "By a user or service account, by nobody known, by an initial access token, or by the client's registration access token.",
        ja: "ユーザーまたはサービスアカウント、匿名、初期アクセストークン、クライアントの登録アクセストークン。",
    },
)
.preset(Preset::String("ByAuthenticatedUser"))
.options(&["ByAuthenticatedUser", "ByAnonymous", "ByInitialAccessToken", "ByRegistrationAccessToken"]);

#[derive(Deserialize)]
struct ClientUpdaterContext {
    #[serde(default, rename = "update-client-source")]
    sources: Texts,
}

const fn source(kind: UpdaterKind) -> &'static str {
    match kind {
        UpdaterKind::AuthenticatedUser => "ByAuthenticatedUser",
        UpdaterKind::Anonymous => "ByAnonymous",
        UpdaterKind::InitialAccessToken => "ByInitialAccessToken",
        UpdaterKind::RegistrationAccessToken => "ByRegistrationAccessToken",
    }
}

impl Condition for ClientUpdaterContext {
    fn vote(&self, event: &Event<'_>) -> Vote {
        let Some(updater) = event.updater() else { return Vote::Abstain };
        lists(&self.sources, source(updater.kind)).into()
    }

    fn seen(&self, event: &Event<'_>) -> String {
        let found = event.updater().map_or("nobody", |updater| source(updater.kind));
        format!("changed {found}; looks for {}", listed(self.sources.0.iter().map(String::as_str)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::EventName;
    use crate::policy::tests::{Scene, vote};

    #[test]
    fn it_holds_for_the_ways_it_lists() {
        let configuration = json!({"update-client-source": ["ByAnonymous", "ByInitialAccessToken"]});
        for (kind, expected) in [
            (UpdaterKind::AuthenticatedUser, Vote::No),
            (UpdaterKind::Anonymous, Vote::Yes),
            (UpdaterKind::InitialAccessToken, Vote::Yes),
            (UpdaterKind::RegistrationAccessToken, Vote::No),
        ] {
            let mut scene = Scene::default();
            scene.updater.kind = kind;
            for event in ABOUT_THE_UPDATER.iter() {
                let asked = vote(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(asked, expected, "{kind:?} {event:?}");
                assert_eq!(vote(&PROVIDER, &json!({}), &scene.event(event)), Vote::No, "{kind:?} {event:?}");
            }
        }
    }

    #[test]
    fn it_abstains_where_nobody_changes_a_client() {
        let scene = Scene::default();
        let configuration = json!({"update-client-source": ["ByAuthenticatedUser"]});
        for event in [EventName::View, EventName::Unregister, EventName::TokenRequest] {
            assert_eq!(vote(&PROVIDER, &configuration, &scene.event(event)), Vote::Abstain, "{event:?}");
        }
    }
}
