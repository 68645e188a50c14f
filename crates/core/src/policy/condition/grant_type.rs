//! `grant-type`: which grant a request is part of.

use serde::Deserialize;

use super::{Condition, NEGATIVE, Vote, configure, listed, lists};
use crate::policy::configuration::{Property, PropertyKind, Provider, Text, Texts};
use crate::policy::event::{Authorization, Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Condition> = Provider {
    id: "grant-type",
    help: Text {
        en: "Holds for requests that are part of one of these grants.",
        ja: "指定したグラントのいずれかに属するリクエストで成り立ちます。",
    },
    properties: &[NEGATIVE, GRANT_TYPES],
    // The code grant is asked about where it begins, at the authorization request, as Keycloak does. CIBA, which
    // Keycloak leaves out, has no such place: it would escape every policy about grants (CVE-2026-9792).
    events: EventSet::of(&[
        EventName::AuthorizationRequest,
        EventName::TokenRefresh,
        EventName::ServiceAccountTokenRequest,
        EventName::ResourceOwnerPasswordCredentialsRequest,
        EventName::TokenExchangeRequest,
        EventName::JwtAuthorizationGrant,
        EventName::DeviceTokenRequest,
        EventName::BackchannelTokenRequest,
        // Their answers belong to the same grants.
        EventName::TokenRefreshResponse,
        EventName::ServiceAccountTokenResponse,
        EventName::ResourceOwnerPasswordCredentialsResponse,
        EventName::DeviceTokenResponse,
        EventName::BackchannelTokenResponse,
        EventName::ImplicitHybridTokenResponse,
    ]),
    configure: configure::<GrantTypeCondition>,
};

const GRANT_TYPES: Property = Property::new(
    "grant_types",
    "Grant Types",
    PropertyKind::MultivaluedList,
    Text {
        en: "Grants. The authorization code grant counts at the authorization request.",
        ja: "グラント。認可コードグラントは認可リクエストの時点で判定されます。",
    },
)
.options(&[
    AUTHORIZATION_CODE,
    IMPLICIT,
    REFRESH_TOKEN,
    PASSWORD,
    CLIENT_CREDENTIALS,
    TOKEN_EXCHANGE,
    DEVICE_CODE,
    JWT_BEARER,
]);

const AUTHORIZATION_CODE: &str = "authorization_code";
const IMPLICIT: &str = "implicit";
const REFRESH_TOKEN: &str = "refresh_token";
const PASSWORD: &str = "password";
const CLIENT_CREDENTIALS: &str = "client_credentials";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const CIBA: &str = "urn:openid:params:grant-type:ciba";

#[derive(Deserialize)]
struct GrantTypeCondition {
    #[serde(default)]
    grant_types: Texts,
}

impl Condition for GrantTypeCondition {
    fn vote(&self, event: &Event<'_>) -> Vote {
        if let Some(request) = event.authorization() {
            return begun(&request).any(|grant| lists(&self.grant_types, grant)).into();
        }
        match grant_of(event.name()) {
            None => Vote::Abstain,
            Some(grant) => lists(&self.grant_types, grant).into(),
        }
    }

    fn seen(&self, event: &Event<'_>) -> String {
        let found = match event.authorization() {
            Some(request) => listed(begun(&request)),
            None => grant_of(event.name()).unwrap_or("none").to_owned(),
        };
        format!("the grant is {found}; looks for {}", listed(self.grant_types.0.iter().map(String::as_str)))
    }
}

/// The grants that an authorization request begins: a hybrid one begins two.
fn begun<'a>(request: &Authorization<'a>) -> impl Iterator<Item = &'static str> + use<'a> {
    let words = request.params.find("response_type").unwrap_or_default().split(' ');
    words.filter_map(|word| match word {
        "code" => Some(AUTHORIZATION_CODE),
        "token" | "id_token" => Some(IMPLICIT),
        _ => None,
    })
}

const fn grant_of(event: EventName) -> Option<&'static str> {
    Some(match event {
        EventName::TokenRefresh | EventName::TokenRefreshResponse => REFRESH_TOKEN,
        EventName::ServiceAccountTokenRequest | EventName::ServiceAccountTokenResponse => CLIENT_CREDENTIALS,
        EventName::ResourceOwnerPasswordCredentialsRequest
        | EventName::ResourceOwnerPasswordCredentialsResponse => PASSWORD,
        EventName::TokenExchangeRequest => TOKEN_EXCHANGE,
        EventName::JwtAuthorizationGrant => JWT_BEARER,
        EventName::DeviceTokenRequest | EventName::DeviceTokenResponse => DEVICE_CODE,
        EventName::BackchannelTokenRequest | EventName::BackchannelTokenResponse => CIBA,
        EventName::ImplicitHybridTokenResponse => IMPLICIT,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::Params;
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, vote};

    #[test]
    fn each_grant_has_its_event() {
        let scene = Scene::default();
        for (event, grant) in [
            (EventName::TokenRefresh, "refresh_token"),
            (EventName::ServiceAccountTokenRequest, "client_credentials"),
            (EventName::ResourceOwnerPasswordCredentialsRequest, "password"),
            (EventName::ResourceOwnerPasswordCredentialsResponse, "password"),
            (EventName::TokenExchangeRequest, "urn:ietf:params:oauth:grant-type:token-exchange"),
            (EventName::JwtAuthorizationGrant, "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            (EventName::DeviceTokenRequest, "urn:ietf:params:oauth:grant-type:device_code"),
            (EventName::BackchannelTokenRequest, "urn:openid:params:grant-type:ciba"),
        ] {
            for (configured, expected) in [(grant, Vote::Yes), ("authorization_code", Vote::No)] {
                let configuration = json!({"grant_types": ["implicit", configured]});
                assert_eq!(vote(&PROVIDER, &configuration, &scene.event(event)), expected, "{event:?}");
            }
            assert_eq!(vote(&PROVIDER, &json!({}), &scene.event(event)), Vote::No, "{event:?}");
        }
    }

    #[test]
    fn an_authorization_request_begins_what_its_response_type_says() {
        for (response_type, grant, expected) in [
            ("code", "authorization_code", Vote::Yes),
            ("code", "implicit", Vote::No),
            ("id_token token", "implicit", Vote::Yes),
            ("id_token token", "authorization_code", Vote::No),
            ("code id_token", "implicit", Vote::Yes),
            ("code id_token", "authorization_code", Vote::Yes),
            ("none", "authorization_code", Vote::No),
        ] {
            let params = Params::from_pairs([("response_type", response_type)]);
            let scene = Scene { params, ..Scene::default() };
            let event = scene.event(EventName::AuthorizationRequest);
            let asked = vote(&PROVIDER, &json!({"grant_types": [grant]}), &event);
            assert_eq!(asked, expected, "{response_type} {grant}");
        }
    }

    #[test]
    fn it_abstains_where_no_grant_begins() {
        let scene = Scene::default();
        let configuration = json!({"grant_types": ["password"], "is-negative-logic": true});
        for event in [
            EventName::Register,
            EventName::PushedAuthorizationRequest,
            EventName::DeviceAuthorizationRequest,
            EventName::PreTokenRequest,
            EventName::TokenRequest,
            EventName::TokenIntrospect,
        ] {
            assert_eq!(vote(&PROVIDER, &configuration, &scene.event(event)), Vote::Abstain, "{event:?}");
        }
    }

    #[test]
    fn no_event_that_it_votes_at_is_without_a_grant() {
        let begun = EventSet::of(&[EventName::AuthorizationRequest]);
        for event in PROVIDER.events.without(begun).iter() {
            assert!(grant_of(event).is_some(), "{event:?}");
        }
    }
}
