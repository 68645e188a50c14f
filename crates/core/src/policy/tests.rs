//! What tests of conditions and executors start from, and the rules of evaluation.

use sekisho_jose::verify::Keys;
use sekisho_protocol::keycloak::{ClientRepresentation, RealmRepresentation};
use sekisho_protocol::{Params, Scopes, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::condition::{CONDITIONS, Condition, Vote};
use super::configuration::{Preset, Property, Provider};
use super::effect::{ClientEdit, Effect};
use super::event::{
    Authorization, Event, EventName, Occasion, PreAuthorization, Proofs, Proposal, RequestObject, Standing,
    Subject, TokenRequest, TokenResponse, Updater,
};
use super::executor::{EXECUTORS, Executor, Reaction};
use super::lookup::Findings;
use super::profile::{
    BoundCondition, BoundExecutor, Policies, SecurityProfile, global_policies, global_profiles,
};
use super::{Verdict, evaluate};
use crate::client::tests::confidential;
use crate::keys::RealmKeys;
use crate::realm::assemble::{Stored, assemble};
use crate::{Client, Realm};

/// Everything an event may know. A test changes what it is about and asks for the event.
pub(crate) struct Scene {
    pub realm: Realm,
    pub at: Timestamp,
    /// As it is stored.
    pub client: Client,
    /// What was sent to make or change it.
    pub sent: ClientRepresentation,
    /// What it would be.
    pub result: ClientRepresentation,
    pub updater: Updater,
    pub client_id: String,
    pub params: Params,
    pub pushed: Option<Params>,
    pub redirect_uri: Option<String>,
    pub object: Option<RequestObject>,
    pub granted: Option<Scopes>,
    pub challenge: Option<String>,
    pub proofs: Proofs<'static>,
    pub bound_to: Option<super::event::Binding<'static>>,
    pub subject: Option<Subject>,
    pub findings: Findings,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            realm: realm(&json!({})),
            at: Timestamp(1_767_225_600_000),
            client: confidential("s"),
            sent: ClientRepresentation::default(),
            result: ClientRepresentation::default(),
            updater: Updater::operator(),
            client_id: "c".to_owned(),
            params: Params::empty(),
            pushed: None,
            redirect_uri: Some("https://app.example/cb".to_owned()),
            object: None,
            granted: None,
            challenge: None,
            proofs: Proofs::default(),
            bound_to: None,
            subject: None,
            findings: Findings::default(),
        }
    }
}

/// A realm with these settings and no keys.
pub(crate) fn realm(settings: &Value) -> Realm {
    let representation: RealmRepresentation = serde_json::from_value(settings.clone()).expect("a realm");
    let (signing, refresh, sealing) = (Vec::new(), Vec::new(), Vec::new());
    assemble(Stored {
        id: Uuid::from_u128(1),
        name: "r".to_owned(),
        revision: 1,
        importing: false,
        issuer: "https://as.example/realms/r".to_owned(),
        representation,
        security: SecurityProfile::None,
        keys: RealmKeys { signing, verifying: Keys::new(Vec::new()), jwks: String::new(), refresh, sealing },
        scopes: Vec::new(),
        roles: Vec::new(),
        groups: Vec::new(),
        resources: Vec::new(),
        client_ids: std::collections::HashMap::new(),
    })
}

impl Scene {
    /// The event of this name.
    pub(crate) fn event(&self, name: EventName) -> Event<'_> {
        Event { realm: &self.realm, at: self.at, occasion: self.occasion(name), findings: &self.findings }
    }

    fn occasion(&self, name: EventName) -> Occasion<'_> {
        let (standing, request) = (self.standing(), self.token_request());
        let (authorization, response) = (self.authorization(), self.response());
        match name {
            EventName::Register => Occasion::Register(self.proposal(None)),
            EventName::Update => Occasion::Update(self.proposal(Some(&self.client))),
            EventName::Registered => Occasion::Registered(standing),
            EventName::Updated => Occasion::Updated(standing),
            EventName::View => Occasion::View(standing),
            EventName::Unregister => Occasion::Unregister(standing),
            EventName::PreAuthorizationRequest => Occasion::PreAuthorizationRequest(PreAuthorization {
                client_id: &self.client_id,
                client: Some(&self.client),
                sent: &self.params,
                pushed: self.pushed.as_ref(),
            }),
            EventName::AuthorizationRequest => Occasion::AuthorizationRequest(authorization),
            EventName::PushedAuthorizationRequest => Occasion::PushedAuthorizationRequest(authorization),
            EventName::BackchannelAuthenticationRequest => {
                Occasion::BackchannelAuthenticationRequest(authorization)
            }
            EventName::DeviceAuthorizationRequest => Occasion::DeviceAuthorizationRequest(authorization),
            EventName::PreTokenRequest => Occasion::PreTokenRequest(request),
            EventName::TokenRequest => Occasion::TokenRequest(request),
            EventName::TokenRefresh => Occasion::TokenRefresh(request),
            EventName::ServiceAccountTokenRequest => Occasion::ServiceAccountTokenRequest(request),
            EventName::ResourceOwnerPasswordCredentialsRequest => {
                Occasion::ResourceOwnerPasswordCredentialsRequest(request)
            }
            EventName::TokenExchangeRequest => Occasion::TokenExchangeRequest(request),
            EventName::JwtAuthorizationGrant => Occasion::JwtAuthorizationGrant(request),
            EventName::DeviceTokenRequest => Occasion::DeviceTokenRequest(request),
            EventName::BackchannelTokenRequest => Occasion::BackchannelTokenRequest(request),
            EventName::TokenIntrospect => Occasion::TokenIntrospect(request),
            EventName::TokenRevoke => Occasion::TokenRevoke(request),
            EventName::UserInfoRequest => Occasion::UserInfoRequest(request),
            EventName::LogoutRequest => Occasion::LogoutRequest(request),
            EventName::IdentityBrokeringApi => Occasion::IdentityBrokeringApi(request),
            EventName::TokenResponse => Occasion::TokenResponse(response),
            EventName::TokenRefreshResponse => Occasion::TokenRefreshResponse(response),
            EventName::ServiceAccountTokenResponse => Occasion::ServiceAccountTokenResponse(response),
            EventName::ResourceOwnerPasswordCredentialsResponse => {
                Occasion::ResourceOwnerPasswordCredentialsResponse(response)
            }
            EventName::DeviceTokenResponse => Occasion::DeviceTokenResponse(response),
            EventName::BackchannelTokenResponse => Occasion::BackchannelTokenResponse(response),
            EventName::ImplicitHybridTokenResponse => Occasion::ImplicitHybridTokenResponse(response),
            EventName::TokenRevokeResponse => Occasion::TokenRevokeResponse(response),
        }
    }

    const fn proposal<'a>(&'a self, current: Option<&'a Client>) -> Proposal<'a> {
        Proposal { current, sent: &self.sent, result: &self.result, updater: &self.updater }
    }

    const fn standing(&self) -> Standing<'_> {
        Standing { client: &self.client, updater: &self.updater }
    }

    fn authorization(&self) -> Authorization<'_> {
        Authorization {
            client: &self.client,
            params: self.pushed.as_ref().unwrap_or(&self.params),
            sent: &self.params,
            redirect_uri: self.redirect_uri.as_deref(),
            object: self.object.as_ref(),
            pushed: self.pushed.is_some(),
            proofs: self.proofs,
        }
    }

    fn token_request(&self) -> TokenRequest<'_> {
        TokenRequest {
            client: &self.client,
            params: &self.params,
            proofs: self.proofs,
            granted: self.granted.as_ref(),
            challenge: self.challenge.as_deref(),
            bound_to: self.bound_to,
            subject: self.subject.as_ref(),
        }
    }

    const fn response(&self) -> TokenResponse<'_> {
        TokenResponse { client: &self.client, plan: None, granted: self.granted.as_ref() }
    }
}

/// A member of a configuration as `serverinfo` shows it, without the words.
pub(crate) fn shown(property: &Property) -> Value {
    let mut shown = serde_json::Map::new();
    shown.insert("name".to_owned(), json!(property.name));
    shown.insert("type".to_owned(), json!(property.kind.name()));
    match property.preset {
        Preset::None => None,
        Preset::Boolean(preset) => shown.insert("defaultValue".to_owned(), json!(preset)),
        Preset::Integer(preset) => shown.insert("defaultValue".to_owned(), json!(preset)),
        Preset::String(preset) => shown.insert("defaultValue".to_owned(), json!(preset)),
    };
    if !property.options.is_empty() {
        shown.insert("options".to_owned(), json!(property.options));
    }
    shown.insert("required".to_owned(), json!(property.required));
    Value::Object(shown)
}

/// The vote of a condition with this configuration, through everything that stands before it.
pub(crate) fn vote(provider: &Provider<dyn Condition>, configuration: &Value, event: &Event<'_>) -> Vote {
    let representation = json!({"condition": provider.id, "configuration": configuration});
    BoundCondition::of(&serde_json::from_value(representation).expect("a condition")).vote(event)
}

/// The reaction of an executor with this configuration, through everything that stands before it.
pub(crate) fn react(provider: &Provider<dyn Executor>, configuration: &Value, event: &Event<'_>) -> Reaction {
    let representation = json!({"executor": provider.id, "configuration": configuration});
    BoundExecutor::of(&serde_json::from_value(representation).expect("an executor")).react(event)
}

/// The policies of a realm with these profiles of its own.
pub(crate) fn policies(profiles: &Value, policies: &Value) -> Policies {
    let profiles = serde_json::from_value(json!({ "profiles": profiles })).expect("profiles");
    let policies = serde_json::from_value(json!({ "policies": policies })).expect("policies");
    Policies::of(Some(&profiles), Some(&policies), SecurityProfile::None)
}

pub(crate) fn rejecting(conditions: &Value) -> Policies {
    policies(
        &json!([{"name": "p", "executors": [{"executor": "reject-request"}]}]),
        &json!([{"name": "x", "enabled": true, "conditions": conditions, "profiles": ["p"]}]),
    )
}

const YES: &str = "any-client";
/// No condition of that name: UNKNOWN.
const UNKNOWN: &str = "of-another-version";

fn conditions(votes: &[Vote]) -> Value {
    let condition = |vote: &Vote| match vote {
        Vote::Yes => json!({"condition": YES}),
        Vote::No => json!({"condition": YES, "configuration": {"is-negative-logic": true}}),
        // Nothing is known of the access type of a client at the device endpoint.
        Vote::Abstain => {
            json!({"condition": "client-access-type", "configuration": {"type": ["confidential"]}})
        }
        Vote::Unknown | Vote::Need(_) => json!({"condition": UNKNOWN}),
    };
    votes.iter().map(condition).collect()
}

/// DESIGN §5.3: four votes, executors that refuse and those that change.
#[test]
fn what_is_unknown_refuses_and_does_not_change() {
    use Vote::{Abstain, No, Unknown, Yes};
    for (votes, refuses, changes) in [
        (vec![Yes], true, true),
        (vec![No], false, false),
        (vec![Abstain], false, false),
        (vec![Unknown], true, false),
        (vec![Yes, No], false, false),
        (vec![Yes, Abstain], true, true),
        (vec![Yes, Unknown], true, false),
        (vec![No, Unknown], false, false),
        (vec![Abstain, Unknown], true, false),
        (vec![], false, false),
    ] {
        let scene = Scene::default();
        let device = scene.event(EventName::DeviceAuthorizationRequest);
        let verdict = evaluate(&rejecting(&conditions(&votes)), &device, &mut ());
        assert_eq!(matches!(verdict, Verdict::Refuse(_)), refuses, "{votes:?}");

        // At registration nothing abstains but what is about the updater's event; the rest is the same.
        if !votes.contains(&Abstain) {
            let changing = policies(
                &json!([{"name": "p", "executors":
                    [{"executor": "consent-required", "configuration": {"auto-configure": true}}]}]),
                &json!([{"name": "x", "enabled": true, "conditions": conditions(&votes), "profiles": ["p"]}]),
            );
            let effects = match evaluate(&changing, &scene.event(EventName::Register), &mut ()) {
                Verdict::Pass(effects) => effects,
                other => panic!("{other:?}"),
            };
            let expected = changes.then_some(Effect::Client(ClientEdit::ConsentRequired(true)));
            assert_eq!(effects, expected.into_iter().collect::<Vec<_>>(), "{votes:?}");
        }
    }
}

#[test]
fn a_refusal_names_policy_profile_conditions_and_executor() {
    let scene = Scene::default();
    let refusing = rejecting(&json!([{"condition": "any-client"}]));
    let verdict = evaluate(&refusing, &scene.event(EventName::View), &mut ());
    let Verdict::Refuse(refused) = verdict else { panic!("{verdict:?}") };
    assert_eq!((refused.policy.as_str(), refused.profile.as_str()), ("x", "p"));
    assert_eq!(
        (refused.conditions.as_slice(), refused.executor.as_str()),
        (&["any-client"][..], "reject-request")
    );
}

#[test]
fn later_executors_judge_what_earlier_ones_made_of_the_client() {
    let executors = json!([
        {"executor": "consent-required", "configuration": {"auto-configure": true}},
        {"executor": "consent-required", "configuration": {"auto-configure": false}},
    ]);
    let chained = policies(
        &json!([{"name": "p", "executors": executors}]),
        &json!([{"name": "x", "enabled": true, "conditions": [{"condition": YES}], "profiles": ["p"]}]),
    );
    let scene = Scene::default();
    let verdict = evaluate(&chained, &scene.event(EventName::Register), &mut ());
    assert_eq!(verdict, Verdict::Pass(vec![Effect::Client(ClientEdit::ConsentRequired(true))]));
}

#[test]
fn a_policy_that_is_off_or_has_a_profile_that_is_gone_refuses_nothing() {
    let scene = Scene::default();
    for policy in [
        json!({"name": "x", "enabled": false, "conditions": [{"condition": YES}], "profiles": ["p"]}),
        json!({"name": "x", "conditions": [{"condition": YES}], "profiles": ["p"]}),
        json!({"name": "x", "enabled": true, "conditions": [{"condition": YES}], "profiles": ["gone"]}),
    ] {
        let harmless = policies(
            &json!([{"name": "p", "executors": [{"executor": "reject-request"}]}]),
            &json!([policy]),
        );
        assert_eq!(evaluate(&harmless, &scene.event(EventName::View), &mut ()), Verdict::Pass(Vec::new()));
    }
}

#[test]
fn an_executor_that_cannot_be_read_refuses() {
    let scene = Scene::default();
    for executor in [
        json!({"executor": "consent-required", "configuration": {"auto-configure": "maybe"}}),
        json!({"executor": "of-another-version"}),
    ] {
        let unreadable = policies(
            &json!([{"name": "p", "executors": [executor]}]),
            &json!([{"name": "x", "enabled": true, "conditions": [{"condition": YES}], "profiles": ["p"]}]),
        );
        let verdict = evaluate(&unreadable, &scene.event(EventName::Register), &mut ());
        assert!(matches!(verdict, Verdict::Refuse(_)), "{executor}");
    }
}

#[test]
fn every_provider_stands_once_in_order_and_explains_itself_in_both_languages() {
    fn check<T: ?Sized>(providers: &[Provider<T>]) {
        assert!(providers.is_sorted_by(|left, right| left.id < right.id));
        for provider in providers {
            assert!(provider.help.en.ends_with('.') && provider.help.ja.ends_with('。'), "{}", provider.id);
            for property in provider.properties {
                assert!(!property.label.is_empty(), "{}: {}", provider.id, property.name);
                let help = property.help;
                assert!(
                    help.en.ends_with('.') && help.ja.ends_with('。'),
                    "{}: {}",
                    provider.id,
                    property.name
                );
            }
        }
    }
    check(CONDITIONS);
    check(EXECUTORS);
}

#[test]
fn global_profiles_and_policies_name_what_there_is() {
    assert_eq!(global_profiles().len(), 12);
    for security in SecurityProfile::ALL {
        for policy in global_policies(security) {
            for profile in policy.profiles.iter().flatten() {
                let known = global_profiles().iter().any(|known| known.name.as_ref() == Some(profile));
                assert!(known, "{profile}");
            }
        }
    }
    assert_eq!(SecurityProfile::ALL.map(|security| global_policies(security).len()), [0, 2, 3]);
}

#[test]
fn a_realm_may_ask_for_a_stricter_security_profile_than_the_server() {
    for (attribute, expected) in [
        (None, SecurityProfile::None),
        (Some(""), SecurityProfile::None),
        (Some("lax"), SecurityProfile::Lax),
        (Some("strict"), SecurityProfile::Strict),
        // A word that is none is a typing error of somebody who wanted one.
        (Some("strikt"), SecurityProfile::Strict),
    ] {
        let settings = json!({"attributes": {"sekisho.security-profile": attribute}});
        let realm = realm(&settings);
        assert_eq!(realm.security, expected, "{attribute:?}");
        let global = realm.policies.iter().filter(|policy| policy.global).count();
        assert_eq!(global, global_policies(expected).len(), "{attribute:?}");
    }
}
