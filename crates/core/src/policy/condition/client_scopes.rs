//! `client-scopes`: the client has certain scopes, or asks for them.

use std::borrow::Cow;

use sekisho_protocol::Scopes;
use serde::Deserialize;

use super::{About, Condition, NEGATIVE, Vote, configure, listed};
use crate::policy::configuration::{Preset, Property, PropertyKind, Provider, Text, Texts};
use crate::policy::event::{Event, EventName, EventSet};
use crate::{Client, Realm};

pub(super) const PROVIDER: Provider<dyn Condition> = Provider {
    id: "client-scopes",
    help: Text {
        en: "Holds for requests in which one of these client scopes is in play.",
        ja: "指定したクライアントスコープのいずれかが関わるリクエストで成り立ちます。",
    },
    properties: &[NEGATIVE, SCOPES, TYPE],
    events: EventSet::of(&[
        EventName::AuthorizationRequest,
        EventName::PushedAuthorizationRequest,
        EventName::BackchannelAuthenticationRequest,
        EventName::TokenRequest,
        EventName::TokenRefresh,
        EventName::ServiceAccountTokenRequest,
        EventName::ResourceOwnerPasswordCredentialsRequest,
        EventName::TokenExchangeRequest,
        EventName::JwtAuthorizationGrant,
        EventName::BackchannelTokenRequest,
        EventName::UserInfoRequest,
        EventName::IdentityBrokeringApi,
        EventName::TokenResponse,
        EventName::TokenRefreshResponse,
        EventName::ServiceAccountTokenResponse,
        // These two Keycloak leaves out; what the tokens are for is known.
        EventName::ResourceOwnerPasswordCredentialsResponse,
        EventName::ImplicitHybridTokenResponse,
        EventName::BackchannelTokenResponse,
    ]),
    configure: configure::<ClientScopes>,
};

const SCOPES: Property = Property::new(
    "scopes",
    "Client Scopes",
    PropertyKind::MultivaluedString,
    Text {
        en: "Names of client scopes, one of which is enough.",
        ja: "クライアントスコープの名前。いずれか1つがあれば成り立ちます。",
    },
)
.preset(Preset::String("offline_access"));

const TYPE: Property = Property::new(
    "type",
    "Scope Type",
    PropertyKind::List,
    Text {
        en: "Default: the client always has the scope. Optional: the client may have it and it is asked for. Any: one or the other.",
        ja: "Default：クライアントが常に持つスコープ。Optional：クライアントが持つことができ、要求されたスコープ。Any：そのどちらか。",
    },
)
.preset(Preset::String("Optional"))
.options(&["Default", "Optional", "Any"]);

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct ClientScopes {
    scopes: Texts,
    /// Keycloak fails at every request when it is missing; a form shows `Optional`.
    #[serde(rename = "type")]
    kind: Option<Kind>,
}

#[derive(Clone, Copy, Deserialize)]
enum Kind {
    Default,
    Optional,
    Any,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Default => "Default",
            Self::Optional => "Optional",
            Self::Any => "Any",
        }
    }
}

impl Condition for ClientScopes {
    fn vote(&self, event: &Event<'_>) -> Vote {
        let Some(client) = event.client() else { return Vote::Abstain };
        match self.kind.unwrap_or(Kind::Optional) {
            Kind::Default => self.by_default(client).into(),
            Kind::Any if self.by_default(client) => Vote::Yes,
            Kind::Optional | Kind::Any => self.on_demand(client, event),
        }
    }

    fn seen(&self, event: &Event<'_>) -> String {
        let Some(client) = event.client() else { return "no client is known".to_owned() };
        let texts = |texts: &[String]| listed(texts.iter().map(String::as_str));
        let asked = match asked(event) {
            None => "scopes that are not known".to_owned(),
            Some(asked) => listed(asked.iter()),
        };
        format!(
            "default scopes {}; optional ones {}; asked for {asked}; looks for {} as {}",
            texts(&client.default_scopes),
            texts(&client.optional_scopes),
            texts(&self.scopes.0),
            self.kind.unwrap_or(Kind::Optional).name(),
        )
    }

    fn about(&self, _realm: &Realm, client: &Client) -> About {
        let optional = self.scopes.0.iter().any(|scope| client.optional_scopes.contains(scope));
        match self.kind.unwrap_or(Kind::Optional) {
            Kind::Default => About::exactly(self.by_default(client)),
            Kind::Any if self.by_default(client) => About::All,
            Kind::Optional | Kind::Any if optional => About::Some,
            Kind::Optional | Kind::Any => About::None,
        }
    }

    /// The classic: `Default` on a scope that clients have as an optional one, or the reverse.
    fn hint(&self, _realm: &Realm, clients: &[Client]) -> Option<String> {
        let having = |lists: fn(&Client) -> &[String]| {
            let has = |client: &&Client| self.scopes.0.iter().any(|scope| lists(client).contains(scope));
            clients.iter().filter(has).count()
        };
        let (by_default, optional) =
            (having(|client| &client.default_scopes), having(|client| &client.optional_scopes));
        let scopes = listed(self.scopes.0.iter().map(String::as_str));
        match self.kind.unwrap_or(Kind::Optional) {
            Kind::Default if optional > 0 => Some(format!(
                "no client has {scopes} as a default scope, but {optional} as an optional one: type Optional is about those"
            )),
            Kind::Optional if by_default > 0 => Some(format!(
                "no client has {scopes} as an optional scope, but {by_default} as a default one: type Default is about those"
            )),
            _ => Some(format!("no client has {scopes} as a scope")),
        }
    }
}

impl ClientScopes {
    fn by_default(&self, client: &Client) -> bool {
        self.scopes.0.iter().any(|scope| client.default_scopes.contains(scope))
    }

    fn on_demand(&self, client: &Client, event: &Event<'_>) -> Vote {
        let mut optional =
            self.scopes.0.iter().filter(|scope| client.optional_scopes.contains(scope)).peekable();
        if optional.peek().is_none() {
            return Vote::No;
        }
        let Some(asked) = asked(event) else { return Vote::Unknown };
        optional.any(|scope| asked.contains(scope)).into()
    }
}

/// What is asked for. Where a code or a token says it, `scope` of the request says nothing: it would otherwise
/// lead out of a policy that is turned round.
fn asked<'a>(event: &Event<'a>) -> Option<Cow<'a, Scopes>> {
    if let Some(response) = event.token_response() {
        return response.granted.map(Cow::Borrowed);
    }
    if let Some(granted) = event.token_request().and_then(|request| request.granted) {
        return Some(Cow::Borrowed(granted));
    }
    let says_itself = event.authorization().is_some() || BY_PARAMETER.contains(event.name());
    let scope = event.params().filter(|_| says_itself)?.find("scope");
    Some(Cow::Owned(Scopes::parse(scope.unwrap_or_default())))
}

/// The grants that start with what the request asks for.
const BY_PARAMETER: EventSet = EventSet::of(&[
    EventName::ServiceAccountTokenRequest,
    EventName::ResourceOwnerPasswordCredentialsRequest,
    EventName::TokenExchangeRequest,
    EventName::JwtAuthorizationGrant,
]);

#[cfg(test)]
mod tests {
    use sekisho_protocol::Params;
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, vote};

    fn scene(asked: &str, granted: Option<&str>) -> Scene {
        let mut scene = Scene {
            params: Params::from_pairs([("scope", asked)]),
            granted: granted.map(Scopes::parse),
            ..Scene::default()
        };
        scene.client.default_scopes = vec!["email".to_owned()];
        scene.client.optional_scopes = vec!["phone".to_owned()];
        scene
    }

    #[test]
    fn scopes_count_by_default_on_demand_or_either_way() {
        for (scope, kind, asked, expected) in [
            ("email", "Default", "openid", Vote::Yes),
            ("phone", "Default", "openid phone", Vote::No),
            ("phone", "Optional", "openid phone", Vote::Yes),
            ("phone", "Optional", "openid phones", Vote::No),
            ("email", "Optional", "openid email", Vote::No),
            ("email", "Any", "openid", Vote::Yes),
            ("phone", "Any", "phone", Vote::Yes),
            ("phone", "Any", "openid", Vote::No),
            ("profile", "Any", "profile", Vote::No),
        ] {
            let configuration = json!({"scopes": [scope], "type": kind});
            for event in BY_PARAMETER.iter().chain([
                EventName::AuthorizationRequest,
                EventName::PushedAuthorizationRequest,
                EventName::BackchannelAuthenticationRequest,
            ]) {
                let scene = scene(asked, None);
                let said = vote(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(said, expected, "{scope} {kind} {asked} {event:?}");
            }
            for event in [EventName::TokenRequest, EventName::TokenRefresh, EventName::TokenResponse] {
                let scene = scene("", Some(asked));
                let said = vote(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(said, expected, "{scope} {kind} {asked} {event:?}");
            }
        }
    }

    /// `scope` beside a code changes nothing of what the code is for.
    #[test]
    fn a_parameter_that_has_no_effect_does_not_lead_out_of_the_policy() {
        let configuration = json!({"scopes": ["phone"], "type": "Optional", "is-negative-logic": true});
        for event in [EventName::TokenRequest, EventName::TokenRefresh] {
            let scene = scene("phone", Some("openid email"));
            assert_eq!(vote(&PROVIDER, &configuration, &scene.event(event)), Vote::Yes, "{event:?}");
        }
    }

    #[test]
    fn it_is_unknown_where_the_scopes_of_a_token_are() {
        let configuration = json!({"scopes": ["phone"]});
        for event in [EventName::TokenRequest, EventName::UserInfoRequest, EventName::TokenRefreshResponse] {
            let scene = scene("phone", None);
            assert_eq!(vote(&PROVIDER, &configuration, &scene.event(event)), Vote::Unknown, "{event:?}");
        }
    }

    #[test]
    fn without_a_type_it_is_about_optional_scopes() {
        let event_of = |asked| {
            vote(
                &PROVIDER,
                &json!({"scopes": ["phone", "email"]}),
                &scene(asked, None).event(EventName::AuthorizationRequest),
            )
        };
        assert_eq!((event_of("phone"), event_of("openid")), (Vote::Yes, Vote::No));
        assert!((PROVIDER.configure)(&json!({"scopes": ["phone"], "type": "Some"})).is_err());
    }

    #[test]
    fn it_abstains_where_no_scope_is_in_play() {
        let scene = scene("phone", Some("phone"));
        let elsewhere = EventSet::ALL.without(PROVIDER.events);
        for event in
            [EventName::Register, EventName::View, EventName::PreTokenRequest, EventName::TokenRevoke]
        {
            assert!(elsewhere.contains(event));
            let said = vote(&PROVIDER, &json!({"scopes": ["phone"]}), &scene.event(event));
            assert_eq!(said, Vote::Abstain, "{event:?}");
        }
    }
}
