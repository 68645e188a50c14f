//! `secure-redirect-uris-enforcer`: what redirect URIs look like (OAuth 2.1 §2.3, RFC 8252 §7), those for the end of a
//! logout too. Nothing is looked up: addresses count as they are written, and `localhost` as a loopback address.

mod rules;

use serde_json::Value;

use self::rules::{Problem, Rules, Stage};
use super::{Executor, Reaction};
use crate::client::ClientKind;
use crate::policy::configuration::{Fault, Property, PropertyKind, Provider, Text, read};
use crate::policy::event::{Event, EventName, EventSet, PreAuthorization, Proposal};
use crate::redirect;

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-redirect-uris-enforcer",
    help: Text {
        en: "Redirect URIs are of https and without wildcards, but for what is allowed here. Checked when they are registered and when they are asked for. Host names are not looked up.",
        ja: "リダイレクトURIを、ここで許可したものを除きワイルドカードのないhttpsに限定します。登録時とリクエスト時に検査します。ホスト名の名前解決は行いません。",
    },
    properties: &[
        IPV4_LOOPBACK,
        IPV6_LOOPBACK,
        PRIVATE_USE,
        HTTP,
        WILDCARD,
        PERMITTED_DOMAINS,
        OAUTH_2_0,
        OAUTH_2_1,
        OPEN_REDIRECT,
        NATIVE_LOOPBACK,
    ],
    events: EventSet::PROPOSALS
        .and(EventSet::of(&[EventName::PreAuthorizationRequest, EventName::AuthorizationRequest])),
    configure,
};

const IPV4_LOOPBACK: Property = Property::switch(
    "allow-ipv4-loopback-address",
    "IPv4 loopback",
    false,
    Text {
        en: "Allows 127.0.0.0/8 and localhost, for programs on the user's own machine.",
        ja: "利用者の端末上のプログラムのために、127.0.0.0/8とlocalhostを許可します。",
    },
);

const IPV6_LOOPBACK: Property = Property::switch(
    "allow-ipv6-loopback-address",
    "IPv6 loopback",
    false,
    Text {
        en: "Allows [::1], for programs on the user's own machine.",
        ja: "利用者の端末上のプログラムのために、[::1]を許可します。",
    },
);

const PRIVATE_USE: Property = Property::switch(
    "allow-private-use-uri-scheme",
    "Private-use schemes",
    false,
    Text {
        en: "Allows schemes of apps, such as com.example.app.",
        ja: "com.example.appのようなアプリ固有のスキームを許可します。",
    },
);

const HTTP: Property = Property::switch(
    "allow-http-scheme",
    "http",
    false,
    Text {
        en: "Allows http; loopback addresses need this too. With OAuth 2.1, for loopback addresses only.",
        ja: "httpを許可します。ループバックアドレスにも必要です。OAuth 2.1準拠時はループバックアドレスに限ります。",
    },
);

const WILDCARD: Property = Property::switch(
    "allow-wildcard-context-path",
    "Wildcards",
    false,
    Text {
        en: "Allows * in what is registered; never with OAuth 2.1.",
        ja: "登録するURIの*を許可します。OAuth 2.1準拠時は許可されません。",
    },
);

const PERMITTED_DOMAINS: Property = Property::new(
    "allow-permitted-domains",
    "Permitted domains",
    PropertyKind::MultivaluedString,
    Text {
        en: "Regular expressions, one of which matches the whole host of an http or https address. None: any host.",
        ja: "httpまたはhttpsのURIのホスト全体に一致すべき正規表現。指定がなければ任意のホストを許可します。",
    },
);

const OAUTH_2_0: Property = Property::switch(
    "oauth-2-0-compliant",
    "OAuth 2.0",
    false,
    Text {
        en: "As OAuth 2.0 demands: no fragment (RFC 6749 §3.1.2).",
        ja: "OAuth 2.0（RFC 6749 §3.1.2）に従い、フラグメントを禁止します。",
    },
);

const OAUTH_2_1: Property = Property::switch(
    "oauth-2-1-compliant",
    "OAuth 2.1",
    false,
    Text {
        en: "As OAuth 2.1 demands: no fragment, no wildcard, https except on loopback addresses, which are literal, registered without a port and asked for with one; private-use schemes have a dot.",
        ja: "OAuth 2.1に従います。フラグメントとワイルドカードを禁止し、ループバック以外はhttpsに限ります。ループバックはIPアドレスで、ポートなしで登録しポート付きで要求します。アプリ固有のスキームはドットを含みます。",
    },
);

const OPEN_REDIRECT: Property = Property::switch(
    "allow-open-redirect",
    "Open redirects",
    false,
    Text {
        en: "Allows everything. For tests only.", ja: "すべてを許可します。テスト専用です。"
    },
);

/// Ours: Keycloak's rules for OAuth 2.1 are stricter than RFC 8252 §7.3 and §8.3, which say SHOULD where programs
/// that people use do otherwise.
const NATIVE_LOOPBACK: Property = Property::switch(
    "allow-native-loopback",
    "Native loopback",
    false,
    Text {
        en: "With OAuth 2.1, localhost is allowed too, and a loopback address may be registered with a port and asked for without one, as MCP clients do.",
        ja: "OAuth 2.1準拠時でも、MCPクライアントのようにlocalhostを使うこと、ポート付きで登録すること、ポートなしで要求することを許可します。",
    },
);

struct SecureRedirectUrisEnforcer(Rules);

fn configure(configuration: &Value) -> Result<Box<dyn Executor>, Fault> {
    Ok(Box::new(SecureRedirectUrisEnforcer(read(configuration)?)))
}

impl Executor for SecureRedirectUrisEnforcer {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let checked = if let Some(proposal) = event.proposal() {
            self.check_proposal(&proposal, &event.realm.issuer)
        } else if let Some(request) = event.authorization() {
            self.check_asked(request.redirect_uri)
        } else if let Some(request) = event.pre_authorization() {
            self.check_claimed(&request)
        } else {
            Ok(())
        };
        match checked {
            Ok(()) => Reaction::Pass,
            Err(problem) => {
                Reaction::refuse("invalid_request", format!("Invalid Redirect Uri: {}", problem.text()))
            }
        }
    }
}

impl SecureRedirectUrisEnforcer {
    /// All that the client would have. Keycloak takes what an update does not mention for an empty list, and
    /// refuses it.
    fn check_proposal(&self, proposal: &Proposal<'_>, issuer: &str) -> Result<(), Problem> {
        let client = proposal.result;
        let registered = client.redirect_uris.as_deref().unwrap_or_default();
        if registered.is_empty() && is_redirected(proposal) {
            return Err(Problem::Uri);
        }
        let attributes = client.attributes.as_ref();
        let logout = attributes.and_then(|attributes| attributes.get("post.logout.redirect.uris"));
        let logout = logout.map_or("", String::as_str).split("##");
        let logout = logout.filter(|uri| !matches!(*uri, "" | "+" | "-"));
        registered.iter().map(String::as_str).chain(logout).try_for_each(|uri| {
            let absolute = redirect::absolute(client.root_url.as_deref(), uri, issuer);
            self.0.check(&absolute, Stage::Registered)
        })
    }

    fn check_asked(&self, asked: Option<&str>) -> Result<(), Problem> {
        self.0.check(asked.ok_or(Problem::Uri)?, Stage::Asked)
    }

    /// Before anything is proven, so that a refusal is a page and nobody is sent to a bad address. What a request
    /// object says is judged once that is open.
    fn check_claimed(&self, request: &PreAuthorization<'_>) -> Result<(), Problem> {
        let params = request.pushed.unwrap_or(request.sent);
        let asked = params.find("redirect_uri");
        let elsewhere = ["request", "request_uri"].iter().any(|name| params.find(name).is_some());
        if asked.is_none() && elsewhere { Ok(()) } else { self.check_asked(asked) }
    }
}

/// Whether browsers are ever sent to the client: a service account needs no redirect URI.
fn is_redirected(proposal: &Proposal<'_>) -> bool {
    let client = proposal.result;
    let flows = client.standard_flow_enabled != Some(false) || client.implicit_flow_enabled == Some(true);
    flows && ClientKind::of(client) != ClientKind::BearerOnly
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::Params;
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, react};

    fn refused(problem: &str) -> Reaction {
        Reaction::refuse("invalid_request", format!("Invalid Redirect Uri: {problem}"))
    }

    #[test]
    fn the_client_as_it_would_be_is_judged() {
        for (result, expected) in [
            (json!({"redirectUris": ["https://app.example/cb"]}), Reaction::Pass),
            (
                json!({"redirectUris": ["https://app.example/cb", "http://b.example/"]}),
                refused("invalid uri"),
            ),
            (json!({"redirectUris": ["/cb"], "rootUrl": "https://app.example"}), Reaction::Pass),
            (json!({"redirectUris": ["/cb"], "rootUrl": "http://app.example"}), refused("invalid uri")),
            // On the server's own address.
            (json!({"redirectUris": ["/cb"]}), Reaction::Pass),
            (json!({"redirectUris": []}), refused("invalid uri")),
            (json!({}), refused("invalid uri")),
            (json!({"standardFlowEnabled": false}), Reaction::Pass),
            (json!({"standardFlowEnabled": false, "implicitFlowEnabled": true}), refused("invalid uri")),
            (json!({"bearerOnly": true}), Reaction::Pass),
        ] {
            let text = result.to_string();
            let result = serde_json::from_value(result).expect("a client");
            let scene = Scene { result, ..Scene::default() };
            for event in [EventName::Register, EventName::Update] {
                assert_eq!(react(&PROVIDER, &json!({}), &scene.event(event)), expected, "{text}");
            }
        }
    }

    #[test]
    fn addresses_for_the_end_of_a_logout_are_judged_too() {
        for (setting, expected) in [
            ("+", Reaction::Pass),
            ("-", Reaction::Pass),
            ("", Reaction::Pass),
            ("https://app.example/out##https://app.example/bye", Reaction::Pass),
            ("+##http://app.example/out", refused("invalid uri")),
            ("http://127.0.0.1/out", refused("invalid loopback address")),
        ] {
            let mut scene = Scene::default();
            scene.result.redirect_uris = Some(vec!["https://app.example/cb".to_owned()]);
            let attribute = ("post.logout.redirect.uris".to_owned(), setting.to_owned());
            scene.result.attributes = Some([attribute].into());
            let reaction = react(&PROVIDER, &json!({}), &scene.event(EventName::Update));
            assert_eq!(reaction, expected, "{setting}");
        }
    }

    #[test]
    fn a_claimed_address_is_judged_before_it_is_trusted() {
        let plain = |uri: &str| Params::from_pairs([("redirect_uri", uri)]);
        let (good, bad) = ("https://app.example/cb", "http://app.example/cb");
        let object = Params::from_pairs([("request", "e30")]);
        let reference = Params::from_pairs([("request_uri", "urn:ietf:params:oauth:request_uri:1")]);
        for (params, pushed, expected) in [
            (plain(good), None, Reaction::Pass),
            (plain(bad), None, refused("invalid uri")),
            (Params::empty(), None, refused("invalid uri")),
            (object, None, Reaction::Pass),
            (reference.clone(), None, Reaction::Pass),
            (reference.clone(), Some(plain(good)), Reaction::Pass),
            (reference, Some(plain(bad)), refused("invalid uri")),
            (plain(good), Some(plain(bad)), refused("invalid uri")),
        ] {
            let scene = Scene { params, pushed, ..Scene::default() };
            let event = scene.event(EventName::PreAuthorizationRequest);
            assert_eq!(
                react(&PROVIDER, &json!({}), &event),
                expected,
                "{:?}",
                scene.params.find("redirect_uri")
            );
        }
    }

    #[test]
    fn a_proven_address_is_judged_as_well() {
        for (uri, expected) in [
            (Some("https://app.example/cb"), Reaction::Pass),
            (Some("com.example.app:/cb"), refused("invalid private use scheme")),
            (None, refused("invalid uri")),
        ] {
            let scene = Scene { redirect_uri: uri.map(str::to_owned), ..Scene::default() };
            let event = scene.event(EventName::AuthorizationRequest);
            assert_eq!(react(&PROVIDER, &json!({}), &event), expected, "{uri:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (configuration, member) in [
            (json!({"allow-permitted-domains": ["("]}), "allow-permitted-domains"),
            (json!({"allow-permitted-domains": [""]}), "allow-permitted-domains"),
            (json!({"oauth-2-1-compliant": "perhaps"}), "oauth-2-1-compliant"),
        ] {
            let fault = (PROVIDER.configure)(&configuration).err().expect("a fault");
            assert_eq!(fault.member, member, "{fault}");
        }
    }
}
