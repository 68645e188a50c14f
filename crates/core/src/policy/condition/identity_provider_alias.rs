//! `identity-provider-alias`: a request is about one of these identity providers.

use serde::Deserialize;

use super::{Condition, NEGATIVE, Vote, configure, listed, lists};
use crate::policy::configuration::{Property, PropertyKind, Provider, Text, Texts};
use crate::policy::event::{Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Condition> = Provider {
    id: "identity-provider-alias",
    help: Text {
        en: "Holds for requests about a user of one of these identity providers: assertions that it issued, tokens that are kept from it.",
        ja: "指定したアイデンティティプロバイダーのユーザーに関するリクエスト（発行されたアサーション、保存されたトークン）で成り立ちます。",
    },
    properties: &[ALIASES, NEGATIVE],
    events: EventSet::of(&[EventName::JwtAuthorizationGrant, EventName::IdentityBrokeringApi]),
    configure: configure::<IdentityProviderAlias>,
};

const ALIASES: Property = Property::new(
    "identity_provider_aliases",
    "Identity Providers",
    PropertyKind::IdentityProviderMultiList,
    Text {
        en: "Aliases of identity providers.", ja: "アイデンティティプロバイダーのエイリアス。"
    },
)
.required();

#[derive(Deserialize)]
struct IdentityProviderAlias {
    #[serde(default, rename = "identity_provider_aliases")]
    aliases: Texts,
}

impl Condition for IdentityProviderAlias {
    fn vote(&self, event: &Event<'_>) -> Vote {
        let subject = event.token_request().and_then(|request| request.subject);
        match subject.and_then(|subject| subject.identity_provider.as_deref()) {
            None => Vote::Unknown,
            Some(alias) => lists(&self.aliases, alias).into(),
        }
    }

    fn seen(&self, event: &Event<'_>) -> String {
        let subject = event.token_request().and_then(|request| request.subject);
        let found = subject.and_then(|subject| subject.identity_provider.as_deref()).unwrap_or("not known");
        format!(
            "the identity provider is {found}; looks for {}",
            listed(self.aliases.0.iter().map(String::as_str))
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::Subject;
    use crate::policy::tests::{Scene, vote};

    fn scene(alias: Option<&str>) -> Scene {
        let identity_provider = alias.map(str::to_owned);
        let subject = Subject { claims: None, access_token: false, identity_provider };
        Scene { subject: Some(subject), ..Scene::default() }
    }

    #[test]
    fn it_holds_for_the_providers_it_lists() {
        for (configuration, alias, expected) in [
            (json!({"identity_provider_aliases": ["issuer"]}), Some("issuer"), Vote::Yes),
            (json!({"identity_provider_aliases": ["elsewhere"]}), Some("issuer"), Vote::No),
            (
                json!({"identity_provider_aliases": ["elsewhere"], "is-negative-logic": true}),
                Some("issuer"),
                Vote::Yes,
            ),
            (json!({}), Some("issuer"), Vote::No),
            (json!({"identity_provider_aliases": ["issuer"]}), None, Vote::Unknown),
        ] {
            for event in PROVIDER.events.iter() {
                let asked = vote(&PROVIDER, &configuration, &scene(alias).event(event));
                assert_eq!(asked, expected, "{configuration} {alias:?} {event:?}");
            }
        }
    }

    #[test]
    fn it_abstains_elsewhere() {
        let configuration = json!({"identity_provider_aliases": ["issuer"]});
        for event in [EventName::Register, EventName::TokenExchangeRequest, EventName::TokenRequest] {
            let asked = vote(&PROVIDER, &configuration, &scene(Some("issuer")).event(event));
            assert_eq!(asked, Vote::Abstain, "{event:?}");
        }
    }
}
