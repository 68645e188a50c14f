//! The executors of `saml-security-profile`. SAML is not served here: they are known, so that the profile and what
//! was exported are whole, and have nothing to say.

use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Property, PropertyKind, Provider, Switch, Text};
use crate::policy::event::{Event, EventSet};

pub(super) const AVOID_REDIRECT: Provider<dyn Executor> = Provider {
    id: "saml-avoid-redirect",
    help: Text {
        en: "SAML messages do not travel in a query. Without effect here: SAML is not served.",
        ja: "SAMLのリダイレクトバインディングを禁止します。このサーバーはSAMLを提供しないため、効果はありません。",
    },
    ..SILENT
};

pub(super) const SECURE_CLIENT_URIS: Provider<dyn Executor> = Provider {
    id: "saml-secure-client-uris",
    help: Text {
        en: "Addresses of SAML clients are of https and without wildcards. Without effect here: SAML is not served.",
        ja: "SAMLクライアントのURIをワイルドカードのないhttpsに限定します。このサーバーはSAMLを提供しないため、効果はありません。",
    },
    properties: &[Property::new(
        "allow-wildcard-redirects",
        "Allow wildcard redirects",
        PropertyKind::Boolean,
        Text {
            en: "Lets redirect addresses end in a wildcard.",
            ja: "リダイレクトURIの末尾のワイルドカードを許可します。",
        },
    )],
    ..SILENT
};

pub(super) const SIGNATURE_ENFORCER: Provider<dyn Executor> = Provider {
    id: "saml-signature-enforcer",
    help: Text {
        en: "SAML messages are signed on both sides. Without effect here: SAML is not served.",
        ja: "SAMLメッセージの署名を双方に必須とします。このサーバーはSAMLを提供しないため、効果はありません。",
    },
    ..SILENT
};

/// What they have in common.
const SILENT: Provider<dyn Executor> = Provider {
    id: "",
    help: Text { en: "", ja: "" },
    properties: &[],
    events: EventSet::of(&[]),
    configure: configure::<Saml>,
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Saml {
    #[serde(rename = "allow-wildcard-redirects")]
    _allow_wildcard_redirects: Switch,
}

impl Executor for Saml {
    fn react(&self, _event: &Event<'_>) -> Reaction {
        Reaction::Pass
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::EVENTS;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn they_say_nothing_at_any_event() {
        let scene = Scene::default();
        for provider in [AVOID_REDIRECT, SECURE_CLIENT_URIS, SIGNATURE_ENFORCER] {
            for event in EVENTS {
                let configuration = json!({"allow-wildcard-redirects": "true"});
                assert_eq!(react(&provider, &configuration, &scene.event(event)), Reaction::Pass);
            }
            assert!((provider.configure)(&json!({"allow-wildcard-redirects": []})).is_err());
        }
    }
}
