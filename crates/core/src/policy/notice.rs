//! What an administrator should know of profiles and policies that may be saved: members that nobody reads, values
//! that stand for nothing, executors that wait for something that is not here yet.

use std::collections::HashSet;

use sekisho_protocol::keycloak::{
    ClientPoliciesRepresentation, ClientPolicyRepresentation, ClientProfileRepresentation,
    ClientProfilesRepresentation, nearest,
};
use serde::Deserialize as _;
use serde_json::Value;

use super::condition::CONDITIONS;
use super::configuration::{Property, Texts, Whole};
use super::executor::{AWAITED, Awaited, EXECUTORS};
use super::profile::global_profiles;

/// What is read and offered in no form, as in Keycloak.
const NOT_OFFERED: &[(&str, &str)] = &[("intent-client-bind-checker", "intent-name")];

/// What there is to know of profiles.
pub fn of_profiles(profiles: &ClientProfilesRepresentation) -> Vec<String> {
    profiles.profiles.iter().flatten().flat_map(of_profile).collect()
}

/// Policies that name a profile which is in neither list: as in Keycloak they refuse nothing.
pub fn of_missing_profiles(
    policies: &ClientPoliciesRepresentation,
    profiles: &ClientProfilesRepresentation,
) -> Vec<String> {
    let own = profiles.profiles.iter().flatten();
    let known: HashSet<&str> =
        own.chain(global_profiles()).filter_map(|profile| profile.name.as_deref()).collect();
    let mut notices = Vec::new();
    for policy in policies.policies.iter().flatten().filter(|policy| policy.enabled == Some(true)) {
        let named = policy.profiles.iter().flatten();
        for missing in named.filter(|name| !known.contains(name.as_str())) {
            let name = policy.name.as_deref().unwrap_or_default();
            notices.push(format!("policy {name:?} refuses nothing: its profile {missing:?} is not there"));
        }
    }
    notices
}

/// What there is to know of conditions.
pub fn of_policies(policies: &ClientPoliciesRepresentation) -> Vec<String> {
    policies.policies.iter().flatten().flat_map(of_policy).collect()
}

/// That an executor of a profile can do nothing, or nobody can do what it asks for.
pub fn of_executor(id: &str, profile: &str) -> Option<String> {
    let (_, awaited) = AWAITED.iter().find(|(known, _)| *known == id)?;
    let (does, what) = match awaited {
        Awaited::ToAct(what) => ("does nothing yet", what),
        Awaited::ToPass(what) => ("refuses whoever it is about", what),
    };
    Some(format!("executor {id} of profile {profile:?} {does}: this server has no {what}"))
}

fn of_profile(profile: &ClientProfileRepresentation) -> Vec<String> {
    let name = profile.name.as_deref().unwrap_or_default();
    let mut notices = Vec::new();
    for entry in profile.executors.iter().flatten() {
        let id = entry.executor.as_deref().unwrap_or_default();
        let Some(provider) = EXECUTORS.iter().find(|provider| provider.id == id) else { continue };
        let which = format!("executor {id} of profile {name:?}");
        notices.extend(of_members(&which, id, provider.properties, entry.configuration.as_ref()));
        notices.extend(of_executor(id, name));
    }
    notices
}

fn of_policy(policy: &ClientPolicyRepresentation) -> Vec<String> {
    let name = policy.name.as_deref().unwrap_or_default();
    let mut notices = Vec::new();
    for entry in policy.conditions.iter().flatten() {
        let id = entry.condition.as_deref().unwrap_or_default();
        let Some(provider) = CONDITIONS.iter().find(|provider| provider.id == id) else { continue };
        let which = format!("condition {id} of policy {name:?}");
        notices.extend(of_members(&which, id, provider.properties, entry.configuration.as_ref()));
    }
    notices
}

fn of_members(which: &str, id: &str, known: &[Property], configuration: Option<&Value>) -> Vec<String> {
    let mut notices = Vec::new();
    for (member, value) in configuration.and_then(Value::as_object).into_iter().flatten() {
        match known.iter().find(|property| property.name == member) {
            Some(property) => notices.extend(of_value(which, property, value)),
            None if NOT_OFFERED.contains(&(id, member)) => {}
            None => {
                let names = known.iter().map(|property| property.name);
                let meant = nearest(member, names).map(|name| format!("; did you mean {name}?"));
                notices.push(format!("{which} does not know {member:?}{}", meant.unwrap_or_default()));
            }
        }
    }
    notices
}

fn of_value(which: &str, property: &Property, value: &Value) -> Option<String> {
    let name = property.name;
    if let Some(least) = property.least
        && let Ok(Whole(number)) = Whole::deserialize(value)
        && number < least
    {
        return Some(format!("{which}: {name} is {number}, and nothing can meet less than {least}"));
    }
    let Texts(texts) = Texts::deserialize(value).ok().filter(|_| !property.options.is_empty())?;
    let stranger =
        texts.iter().find(|text| !text.is_empty() && !property.options.contains(&text.as_str()))?;
    let offered = property.options.join(", ");
    Some(format!("{which}: {name} has {stranger:?}, which is none of {offered}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn profile(executor: &str, configuration: &Value) -> ClientProfilesRepresentation {
        let executors = json!([{"executor": executor, "configuration": configuration}]);
        serde_json::from_value(json!({"profiles": [{"name": "p", "executors": executors}]}))
            .expect("profiles")
    }

    #[test]
    fn what_nobody_reads_and_what_nothing_is_are_told() {
        for (executor, configuration, notice) in [
            (
                "secure-redirect-uris-enforcer",
                json!({"allow-ipv4-loopback-addres": "true"}),
                Some(
                    "does not know \"allow-ipv4-loopback-addres\"; did you mean allow-ipv4-loopback-address?",
                ),
            ),
            ("pkce-enforcer", json!({"zork": 1}), Some("does not know \"zork\"")),
            (
                "secure-client-authenticator",
                json!({"allowed-client-authenticators": ["zork"]}),
                Some(
                    "allowed-client-authenticators has \"zork\", which is none of client-jwt, client-secret, federated-jwt",
                ),
            ),
            (
                "secure-signature-algorithm",
                json!({"default-algorithm": "none"}),
                Some("default-algorithm has \"none\", which is none of PS256"),
            ),
            ("secret-rotation", json!({"expiration-period": "60", "rotated-expiration-period": 0}), None),
            ("intent-client-bind-checker", json!({"intent-name": "x"}), None),
            ("pkce-enforcer", json!({"auto-configure": "true"}), None),
        ] {
            let notices = of_profiles(&profile(executor, &configuration)).join("\n");
            match notice {
                None => assert_eq!(notices, "", "{configuration}"),
                Some(notice) => {
                    assert!(
                        notices.starts_with(&format!("executor {executor} of profile \"p\"")),
                        "{notices}"
                    );
                    assert!(notices.contains(notice), "{notices}");
                }
            }
        }
        let period = of_profiles(&profile("secure-request-object", &json!({"available-period": "-1"})));
        assert!(period.iter().any(|notice| notice.contains("available-period is -1")), "{period:?}");
        let policies = json!({"policies": [{"name": "x", "conditions": [
            {"condition": "client-access-type", "configuration": {"typ": ["public"], "is-negative-logic": true}},
        ]}]});
        assert_eq!(
            of_policies(&serde_json::from_value(policies).expect("policies")),
            ["condition client-access-type of policy \"x\" does not know \"typ\"; did you mean type?"],
        );
    }

    #[test]
    fn a_policy_whose_profile_went_is_told() {
        let policies = json!({"policies": [
            {"name": "x", "enabled": true, "profiles": ["p", "gone", "fapi-1-baseline"]},
            {"name": "off", "enabled": false, "profiles": ["gone"]},
        ]});
        assert_eq!(
            of_missing_profiles(
                &serde_json::from_value(policies).expect("policies"),
                &profile("pkce-enforcer", &json!({})),
            ),
            ["policy \"x\" refuses nothing: its profile \"gone\" is not there"],
        );
    }

    #[test]
    fn an_executor_that_waits_for_what_is_not_here_says_so() {
        assert_eq!(
            of_profiles(&profile("auth-flow-enforcer", &json!({"auth-flow-alias": "x", "auth-flow-loa": 1}))),
            [
                "executor auth-flow-enforcer of profile \"p\" does nothing yet: this server has no authentication flow of one's own"
            ],
        );
        assert_eq!(
            of_executor("dpop-bind-enforcer", "p").expect("a notice"),
            "executor dpop-bind-enforcer of profile \"p\" refuses whoever it is about: this server has no DPoP",
        );
        assert_eq!(of_executor("secret-rotation", "p"), None);
        for (id, _) in AWAITED {
            assert!(EXECUTORS.iter().any(|provider| provider.id == *id), "{id}");
        }
    }

    #[test]
    fn the_servers_own_profiles_have_no_member_that_nobody_reads() {
        for profile in global_profiles() {
            let waits = |notice: &String| notice.contains("this server has no");
            let others: Vec<String> =
                of_profile(profile).into_iter().filter(|notice| !waits(notice)).collect();
            assert_eq!(others, [""; 0], "{:?}", profile.name);
        }
    }
}
