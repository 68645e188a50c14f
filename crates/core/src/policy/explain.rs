//! Why the policies say what they say: each condition's vote and what it compared, each executor's answer; and
//! which clients a policy is about at all.

use serde::Serialize;

use super::condition::{About, Vote};
use super::effect::Effect;
use super::event::Event;
use super::executor::Reaction;
use super::profile::{BoundCondition, Policies, Policy};
use super::{Application, Verdict, Witness, evaluate, notice};
use crate::client::BUILT_IN;
use crate::{Client, Realm};

/// What the policies of a realm say to one request, step by step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Keycloak's name of the event.
    pub event: &'static str,
    pub policies: Vec<ExplainedPolicy>,
    pub outcome: Outcome,
}

/// A policy that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedPolicy {
    pub policy: String,
    pub enabled: bool,
    /// It is the server's, not the realm's.
    pub global: bool,
    /// `yes`, `no` or `perhaps`: what cannot be established refuses and does not change.
    pub applies: &'static str,
    pub conditions: Vec<ExplainedCondition>,
    pub executors: Vec<ExplainedExecutor>,
}

/// A condition's vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedCondition {
    pub condition: String,
    /// `YES`, `NO`, `ABSTAIN` or `UNKNOWN`, after negative logic.
    pub vote: &'static str,
    pub negative: bool,
    pub why: String,
}

/// An executor's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedExecutor {
    pub profile: String,
    pub executor: String,
    /// `pass`, `change` or `refuse`; `unknown` when what it asks for was not looked up.
    pub answer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Outcome {
    Pass,
    Refuse {
        policy: String,
        profile: String,
        conditions: Vec<&'static str>,
        executor: String,
        error: &'static str,
        text: String,
    },
    /// It depends on what only the outside knows.
    Unknown,
}

/// Which clients a policy is about, and why it may be about none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reach {
    pub policy: String,
    pub enabled: bool,
    /// Clients all of whose requests it is about, by `client_id`.
    pub always: Vec<String>,
    /// Clients some of whose requests it may be about.
    pub sometimes: Vec<String>,
    /// Why it is about no client, and which of its executors wait for what is not here yet.
    pub warnings: Vec<String>,
    /// What is as it should be, and may look as if it were not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Explains an evaluation.
pub fn explain(policies: &Policies, event: &Event<'_>) -> Explanation {
    let mut listener = Listener { policies: policies.iter().map(|policy| entry(policy, event)).collect() };
    let outcome = match evaluate(policies, event, &mut listener) {
        Verdict::Pass(_) => Outcome::Pass,
        Verdict::Need(_) => Outcome::Unknown,
        Verdict::Refuse(refused) => Outcome::Refuse {
            policy: refused.policy,
            profile: refused.profile,
            conditions: refused.conditions,
            executor: refused.executor,
            error: refused.refusal.code,
            text: refused.refusal.text,
        },
    };
    Explanation { event: event.name().name(), policies: listener.policies, outcome }
}

fn entry(policy: &Policy, event: &Event<'_>) -> ExplainedPolicy {
    ExplainedPolicy {
        policy: policy.name.clone(),
        enabled: policy.enabled,
        global: policy.global,
        applies: "no",
        conditions: policy.conditions.iter().map(|condition| voted(condition, event)).collect(),
        executors: Vec::new(),
    }
}

fn voted(condition: &BoundCondition, event: &Event<'_>) -> ExplainedCondition {
    let vote = condition.vote(event);
    let why = match &vote {
        Vote::Abstain => format!("has nothing to say at {}", event.name().name()),
        _ => condition.seen(event).unwrap_or_else(|| "its configuration cannot be read".to_owned()),
    };
    let name = match vote {
        Vote::Yes => "YES",
        Vote::No => "NO",
        Vote::Abstain => "ABSTAIN",
        Vote::Unknown | Vote::Need(_) => "UNKNOWN",
    };
    ExplainedCondition { condition: condition.id.clone(), vote: name, negative: condition.negative, why }
}

struct Listener {
    policies: Vec<ExplainedPolicy>,
}

impl Listener {
    fn find(&mut self, policy: &str) -> Option<&mut ExplainedPolicy> {
        self.policies.iter_mut().find(|known| known.enabled && known.policy == policy)
    }
}

impl Witness for Listener {
    const THOROUGH: bool = true;

    fn vote(&mut self, _policy: &str, _condition: &str, _vote: &Vote) {}

    fn application(&mut self, policy: &str, application: Application) {
        if let Some(known) = self.find(policy) {
            known.applies = match application {
                Application::Applies => "yes",
                Application::Perhaps => "perhaps",
                Application::DoesNot => "no",
            };
        }
    }

    fn reaction(&mut self, policy: &str, profile: &str, executor: &str, reaction: &Reaction) {
        let (answer, error, text) = match reaction {
            Reaction::Pass => ("pass", None, None),
            Reaction::Change(effect) => ("change", None, Some(described(effect))),
            Reaction::Refuse(refusal) => ("refuse", Some(refusal.code), Some(refusal.text.clone())),
            Reaction::Need(_) => ("unknown", None, Some("depends on what only the outside knows".to_owned())),
        };
        let (profile, executor) = (profile.to_owned(), executor.to_owned());
        if let Some(known) = self.find(policy) {
            known.executors.push(ExplainedExecutor { profile, executor, answer, error, text });
        }
    }
}

fn described(effect: &Effect) -> String {
    match effect {
        Effect::Client(edit) => format!("sets {edit:?}"),
        Effect::ClientMetadata(_) => {
            "takes the client from its metadata document; not carried out yet".to_owned()
        }
        Effect::AuthenticationFlow { alias, level } => {
            format!("wants flow {alias}, level {level}, to ask the user; not carried out yet")
        }
        Effect::LightweightAccessToken => "makes the access token lightweight".to_owned(),
        Effect::SuppressRefreshToken => "leaves out the refresh token".to_owned(),
        Effect::KeepRegistrationToken => "keeps the registration access token".to_owned(),
        Effect::BindOnlyRefreshToken => {
            "binds only the refresh token to the client's key; not carried out yet".to_owned()
        }
        Effect::RotateSecret { .. } => "keeps an eye on the age of the secret".to_owned(),
    }
}

/// Which of these clients each policy of the realm is about.
pub fn reach(policies: &Policies, realm: &Realm, clients: &[Client]) -> Vec<Reach> {
    policies.iter().map(|policy| reach_of(policy, realm, clients)).collect()
}

fn about(policy: &Policy, realm: &Realm, client: &Client) -> About {
    let conditions = policy.conditions.iter().map(|condition| condition.about(realm, client));
    conditions.fold(if policy.conditions.is_empty() { About::None } else { About::All }, About::and)
}

fn reach_of(policy: &Policy, realm: &Realm, clients: &[Client]) -> Reach {
    let named = |wanted: About| -> Vec<String> {
        clients
            .iter()
            .filter(|client| about(policy, realm, client) == wanted)
            .map(|client| client.client_id.clone())
            .collect()
    };
    let (always, sometimes) = (named(About::All), named(About::Some));
    let (mut warnings, mut notes) = (Vec::new(), Vec::new());
    if always.is_empty() && sometimes.is_empty() {
        if clients.iter().any(|client| spares(policy, realm, client)) {
            notes.push(format!("policy {:?} is about clients that are made from now on", policy.name));
        } else {
            warnings = why_nobody(policy, realm, clients);
        }
    } else if policy.profiles.iter().all(|profile| profile.executors.is_empty()) {
        warnings.push(format!("policy {:?} has no executor: it refuses and changes nothing", policy.name));
    }
    for profile in &policy.profiles {
        let notices =
            profile.executors.iter().map(|executor| notice::of_executor(&executor.id, &profile.name));
        warnings.extend(notices.flatten());
    }
    Reach { policy: policy.name.clone(), enabled: policy.enabled, always, sometimes, warnings, notes }
}

/// Whether the policy is not about this client only because every realm has it from the start.
fn spares(policy: &Policy, realm: &Realm, client: &Client) -> bool {
    let mut made = client.clone();
    made.attributes.remove(BUILT_IN).is_some() && about(policy, realm, &made) != About::None
}

fn why_nobody(policy: &Policy, realm: &Realm, clients: &[Client]) -> Vec<String> {
    let name = &policy.name;
    if policy.conditions.is_empty() {
        return vec![format!(
            "policy {name:?} is about no client: it has no condition; any-client is about all"
        )];
    }
    let nobody = |condition: &&BoundCondition| {
        clients.iter().all(|client| condition.about(realm, client) == About::None)
    };
    let mut reasons = Vec::new();
    for condition in policy.conditions.iter().filter(nobody) {
        let hint = if condition.negative { None } else { condition.hint(realm, clients) };
        let hint = hint.unwrap_or_else(|| "it holds for no client of the realm".to_owned());
        reasons.push(format!("policy {name:?} is about no client: condition {}: {hint}", condition.id));
    }
    if reasons.is_empty() {
        reasons.push(format!("policy {name:?} is about no client: no client meets all of its conditions"));
    }
    reasons
}

#[cfg(test)]
mod agreement;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::policy::SecurityProfile;
    use crate::policy::event::EventName;
    use crate::policy::tests::Scene;

    fn policies(conditions: &Value) -> Policies {
        let profiles = json!({"profiles": [{"name": "p", "executors": [
            {"executor": "consent-required", "configuration": {"auto-configure": true}},
            {"executor": "reject-request"},
        ]}]});
        let policies = json!({"policies": [
            {"name": "off", "enabled": false, "conditions": [{"condition": "any-client"}], "profiles": ["p"]},
            {"name": "x", "enabled": true, "conditions": conditions, "profiles": ["p"]},
        ]});
        let (profiles, policies) = (serde_json::from_value(profiles), serde_json::from_value(policies));
        let (profiles, policies) = (profiles.expect("profiles"), policies.expect("policies"));
        Policies::of(Some(&profiles), Some(&policies), SecurityProfile::None)
    }

    #[test]
    fn each_vote_and_each_answer_is_told_with_its_reason() {
        let scene = Scene::default();
        let conditions = json!([
            {"condition": "client-access-type", "configuration": {"type": ["confidential"]}},
            {"condition": "client-scopes", "configuration": {"scopes": ["hello"]}},
        ]);
        let explained = explain(&policies(&conditions), &scene.event(EventName::PreTokenRequest));
        let [off, x] = explained.policies.as_slice() else { panic!("{explained:?}") };
        assert_eq!((off.enabled, off.applies, off.executors.len()), (false, "no", 0));
        assert_eq!(x.applies, "yes");
        let votes: Vec<_> =
            x.conditions.iter().map(|condition| (condition.vote, condition.why.as_str())).collect();
        assert_eq!(
            votes,
            [
                ("YES", "the client is confidential; looks for confidential"),
                ("ABSTAIN", "has nothing to say at PRE_TOKEN_REQUEST"),
            ]
        );
        let answers: Vec<_> =
            x.executors.iter().map(|executor| (executor.executor.as_str(), executor.answer)).collect();
        assert_eq!(answers, [("consent-required", "pass"), ("reject-request", "refuse")]);
        assert!(matches!(explained.outcome, Outcome::Refuse { .. }));
    }

    /// The classic: the scope is there, but as an optional one.
    #[test]
    fn a_policy_that_is_about_no_client_says_why() {
        let mut scene = Scene::default();
        scene.client.optional_scopes = vec!["hello".to_owned()];
        for (conditions, warning) in [
            (
                json!([{"condition": "client-scopes", "configuration": {"type": "Default", "scopes": ["hello"]}}]),
                Some(
                    "policy \"x\" is about no client: condition client-scopes: no client has hello as a default scope, \
                     but 1 as an optional one: type Optional is about those",
                ),
            ),
            (
                json!([{"condition": "client-access-type", "configuration": {"type": ["public"]}}]),
                Some(
                    "policy \"x\" is about no client: condition client-access-type: it holds for no client of the realm",
                ),
            ),
            (
                json!([]),
                Some("policy \"x\" is about no client: it has no condition; any-client is about all"),
            ),
            (json!([{"condition": "client-scopes", "configuration": {"scopes": ["hello"]}}]), None),
            (
                json!([{"condition": "client-access-type",
                    "configuration": {"type": ["public"], "is-negative-logic": true}}]),
                None,
            ),
        ] {
            let reached = reach(&policies(&conditions), &scene.realm, std::slice::from_ref(&scene.client));
            let x = reached.iter().find(|reach| reach.policy == "x").expect("the policy");
            assert_eq!(x.warnings.first().map(String::as_str), warning, "{conditions}");
        }
    }

    /// As in a fresh realm, whose policy spares what came with it.
    #[test]
    fn a_policy_that_spares_only_built_in_clients_is_about_those_to_come() {
        let built_in = r#"[{"key":"sekisho.built-in","value":"true"}]"#;
        let spares = json!({"condition": "client-attributes",
            "configuration": {"is-negative-logic": true, "attributes": built_in}});
        for (attribute, warns) in [("sekisho.built-in", false), ("team", true)] {
            let mut scene = Scene::default();
            scene.client.attributes.insert(attribute.to_owned(), "true".to_owned());
            let kind = if warns { "public" } else { "confidential" };
            let policies = policies(&json!([
                {"condition": "client-access-type", "configuration": {"type": [kind]}}, spares,
            ]));
            let reached = reach(&policies, &scene.realm, std::slice::from_ref(&scene.client));
            let x = reached.iter().find(|reach| reach.policy == "x").expect("the policy");
            assert_eq!(!x.warnings.is_empty(), warns, "{attribute}: {:?}", x.warnings);
            let note = "policy \"x\" is about clients that are made from now on".to_owned();
            assert_eq!(x.notes, if warns { vec![] } else { vec![note] }, "{attribute}");
        }
    }

    #[test]
    fn an_executor_that_waits_is_told_with_its_policy() {
        let profiles = json!({"profiles": [{"name": "p", "executors": [{"executor": "auth-flow-enforcer",
            "configuration": {"auth-flow-alias": "x", "auth-flow-loa": 1}}]}]});
        let policies = json!({"policies": [{"name": "x", "enabled": true,
            "conditions": [{"condition": "any-client"}], "profiles": ["p"]}]});
        let (profiles, policies) = (serde_json::from_value(profiles), serde_json::from_value(policies));
        let (profiles, policies) = (profiles.expect("profiles"), policies.expect("policies"));
        let policies = Policies::of(Some(&profiles), Some(&policies), SecurityProfile::None);
        let scene = Scene::default();
        let [x] =
            reach(&policies, &scene.realm, std::slice::from_ref(&scene.client)).try_into().expect("one");
        assert!(x.warnings[0].contains("executor auth-flow-enforcer of profile \"p\" does nothing yet"));
    }
}
