//! What is checked before profiles and policies are saved, in Keycloak's words. What cannot be read is refused
//! here, never later.

use std::collections::HashSet;

use sekisho_protocol::keycloak::{
    ClientPoliciesRepresentation, ClientPolicyRepresentation, ClientProfileRepresentation,
    ClientProfilesRepresentation, nearest,
};
use serde::Deserialize as _;
use serde_json::Value;

use super::condition::CONDITIONS;
use super::configuration::{Fault, Texts};
use super::executor::EXECUTORS;
use super::profile::{SecurityProfile, global_policies, global_profiles, is_negative};
use crate::Realm;

/// Why profiles or policies cannot be saved; the texts are Keycloak's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    #[error("client profile without its name not allowed.")]
    ProfileWithoutName,
    #[error("proposed client profile name duplicated.")]
    ProfileTwice,
    #[error("Proposed profile name '{0}' is duplicated as a global profile")]
    ProfileIsGlobal(String),
    #[error("Global profiles cannot be updated")]
    GlobalProfiles,
    #[error(
        "proposed client profile contains the executor, which does not have valid provider, or has invalid configuration."
    )]
    Executor { profile: String, executor: String, fault: Option<Fault>, at: (usize, usize) },
    #[error("client policy without name not allowed")]
    PolicyWithoutName,
    #[error("proposed client policy name duplicated")]
    PolicyTwice,
    #[error("Policy {policy} contains invalid condition {condition}")]
    Condition { policy: String, condition: String, fault: Option<Fault>, at: (usize, usize) },
    #[error("Policy {policy} contains invalid profile {profile}")]
    NoSuchProfile { policy: String, profile: String },
    #[error("Policy {0} contains duplicated profiles")]
    ProfilesTwice(String),
    #[error("Global policies cannot be updated")]
    GlobalPolicies,
    #[error("Invalid client-scopes configuration - Client scopes not allowed: [{0}]")]
    Scopes(String),
}

impl PolicyFault {
    /// Where in a realm's document it is.
    pub fn place(&self) -> String {
        let (list, entry, id) = match self {
            Self::Executor { at: (profile, executor), .. } => {
                ("clientProfiles", format!(".profiles[{profile}].executors[{executor}]"), ".executor")
            }
            Self::Condition { at: (policy, condition), .. } => {
                ("clientPolicies", format!(".policies[{policy}].conditions[{condition}]"), ".condition")
            }
            Self::ProfileWithoutName
            | Self::ProfileTwice
            | Self::ProfileIsGlobal(_)
            | Self::GlobalProfiles => {
                return "clientProfiles".to_owned();
            }
            _ => return "clientPolicies".to_owned(),
        };
        let member = match self {
            Self::Executor { fault: Some(fault), .. } | Self::Condition { fault: Some(fault), .. } => {
                match fault.member.as_str() {
                    "." => ".configuration".to_owned(),
                    member => format!(".configuration.{member}"),
                }
            }
            _ => id.to_owned(),
        };
        format!("{list}{entry}{member}")
    }

    /// The member that is wrong and why, where it is the configuration.
    pub const fn detail(&self) -> Option<&Fault> {
        match self {
            Self::Executor { fault, .. } | Self::Condition { fault, .. } => fault.as_ref(),
            _ => None,
        }
    }

    /// What Keycloak's words leave out: which member cannot be read, or which name nothing has.
    pub fn reason(&self) -> Option<String> {
        let nothing = |kind: &str, id: &str, known: &[&'static str]| {
            let meant = nearest(id, known.iter().copied());
            let meant = meant.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            format!("there is no {kind} {id:?}{meant}")
        };
        match self {
            Self::Executor { fault: Some(fault), .. } | Self::Condition { fault: Some(fault), .. } => {
                Some(fault.problem.clone())
            }
            Self::Executor { executor, .. } => {
                let known: Vec<&str> = EXECUTORS.iter().map(|provider| provider.id).collect();
                Some(nothing("executor", executor, &known))
            }
            Self::Condition { condition, .. } => {
                let known: Vec<&str> = CONDITIONS.iter().map(|provider| provider.id).collect();
                Some(nothing("condition", condition, &known))
            }
            _ => None,
        }
    }
}

/// Checks profiles before they are saved.
///
/// # Errors
/// The first thing that is wrong.
pub fn check_profiles(profiles: &ClientProfilesRepresentation) -> Result<(), PolicyFault> {
    let global = global_profiles();
    if profiles.global_profiles.as_deref().is_some_and(|sent| !sent.is_empty() && !same(sent, global)) {
        return Err(PolicyFault::GlobalProfiles);
    }
    let mut names = HashSet::new();
    for (index, profile) in profiles.profiles.iter().flatten().enumerate() {
        let name = profile.name.as_deref().filter(|name| !name.is_empty());
        let name = name.ok_or(PolicyFault::ProfileWithoutName)?;
        if !names.insert(name) {
            return Err(PolicyFault::ProfileTwice);
        }
        if global.iter().any(|known| known.name.as_deref() == Some(name)) {
            return Err(PolicyFault::ProfileIsGlobal(name.to_owned()));
        }
        check_executors(profile, index)?;
    }
    Ok(())
}

fn same<T: serde::Serialize>(sent: &[T], own: &[T]) -> bool {
    serde_json::to_value(sent).ok() == serde_json::to_value(own).ok()
}

fn check_executors(profile: &ClientProfileRepresentation, index: usize) -> Result<(), PolicyFault> {
    for (number, entry) in profile.executors.iter().flatten().enumerate() {
        let id = entry.executor.as_deref().unwrap_or_default();
        let refused = |fault| PolicyFault::Executor {
            profile: profile.name.clone().unwrap_or_default(),
            executor: id.to_owned(),
            fault,
            at: (index, number),
        };
        let provider = EXECUTORS.iter().find(|provider| provider.id == id).ok_or_else(|| refused(None))?;
        let configuration = entry.configuration.as_ref().unwrap_or(&Value::Null);
        (provider.configure)(configuration).map_err(|fault| refused(Some(fault)))?;
    }
    Ok(())
}

/// Checks policies before they are saved; `profiles` are those that the realm will have.
///
/// # Errors
/// The first thing that is wrong.
pub fn check_policies(
    policies: &ClientPoliciesRepresentation,
    profiles: Option<&ClientProfilesRepresentation>,
    security: SecurityProfile,
) -> Result<(), PolicyFault> {
    let global = global_policies(security);
    if policies.global_policies.as_deref().is_some_and(|sent| !sent.is_empty() && !same(sent, &global)) {
        return Err(PolicyFault::GlobalPolicies);
    }
    let own = profiles.and_then(|profiles| profiles.profiles.as_ref()).into_iter().flatten();
    let known: HashSet<&str> =
        own.chain(global_profiles()).filter_map(|profile| profile.name.as_deref()).collect();
    let mut names = HashSet::new();
    for (index, policy) in policies.policies.iter().flatten().enumerate() {
        let name = policy.name.as_deref().ok_or(PolicyFault::PolicyWithoutName)?;
        if !names.insert(name) {
            return Err(PolicyFault::PolicyTwice);
        }
        check_conditions(policy, name, index)?;
        check_profile_names(policy, name, &known)?;
    }
    Ok(())
}

fn check_conditions(
    policy: &ClientPolicyRepresentation,
    name: &str,
    index: usize,
) -> Result<(), PolicyFault> {
    for (number, entry) in policy.conditions.iter().flatten().enumerate() {
        // Keycloak's word for one that has none.
        let id = entry.condition.as_deref().unwrap_or("null");
        let (policy, at) = (name.to_owned(), (index, number));
        let refused =
            |fault| PolicyFault::Condition { policy: policy.clone(), condition: id.to_owned(), fault, at };
        let provider = CONDITIONS.iter().find(|provider| provider.id == id).ok_or_else(|| refused(None))?;
        let configuration = entry.configuration.as_ref().unwrap_or(&Value::Null);
        (provider.configure)(configuration).map_err(|fault| refused(Some(fault)))?;
        is_negative(configuration).map_err(|fault| refused(Some(fault)))?;
    }
    Ok(())
}

fn check_profile_names(
    policy: &ClientPolicyRepresentation,
    name: &str,
    known: &HashSet<&str>,
) -> Result<(), PolicyFault> {
    let mut seen = HashSet::new();
    for profile in policy.profiles.iter().flatten() {
        if !known.contains(profile.as_str()) {
            return Err(PolicyFault::NoSuchProfile { policy: name.to_owned(), profile: profile.clone() });
        }
        if !seen.insert(profile.as_str()) {
            return Err(PolicyFault::ProfilesTwice(name.to_owned()));
        }
    }
    Ok(())
}

/// Checks that the scopes which conditions name are scopes of the realm.
///
/// # Errors
/// [`PolicyFault::Scopes`] with the first that is not.
pub fn check_scopes(policies: &ClientPoliciesRepresentation, realm: &Realm) -> Result<(), PolicyFault> {
    let conditions = policies.policies.iter().flatten().flat_map(|policy| policy.conditions.iter().flatten());
    for condition in conditions.filter(|condition| condition.condition.as_deref() == Some("client-scopes")) {
        let named = condition.configuration.as_ref().and_then(|value| value.get("scopes"));
        let Texts(named) = named.and_then(|named| Texts::deserialize(named).ok()).unwrap_or_default();
        let unknown: Vec<&str> =
            named.iter().map(String::as_str).filter(|scope| !realm.scopes.contains_key(*scope)).collect();
        if !unknown.is_empty() {
            return Err(PolicyFault::Scopes(unknown.join(", ")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::tests::realm;

    fn of(condition: &str, configuration: &Value) -> ClientPoliciesRepresentation {
        let conditions = json!([{"condition": condition, "configuration": configuration}]);
        let policy = json!({"name": "x", "conditions": conditions, "profiles": []});
        serde_json::from_value(json!({"policies": [policy]})).expect("policies")
    }

    #[test]
    fn a_scope_that_the_realm_does_not_have_is_refused() {
        for (condition, scopes, refused) in [
            ("client-scopes", json!(["nothing"]), true),
            ("client-scopes", json!("nothing"), true),
            ("client-scopes", json!([]), false),
            ("client-scopes", json!(null), false),
            ("client-roles", json!(["nothing"]), false),
        ] {
            let outcome = check_scopes(&of(condition, &json!({ "scopes": scopes })), &realm(&json!({})));
            let expected = refused.then(|| PolicyFault::Scopes("nothing".to_owned()));
            assert_eq!(outcome.err(), expected, "{condition} {scopes}");
        }
    }

    #[test]
    fn a_condition_that_cannot_be_read_is_refused() {
        for (condition, configuration) in [
            ("of-another-version", json!({})),
            ("client-attributes", json!({"attributes": "x"})),
            ("client-scopes", json!({"scopes": ["email"], "type": "Some"})),
            ("grant-type", json!({"grant_types": {"password": true}})),
            ("client-type", json!({"protocol": "saml", "is-negative-logic": "perhaps"})),
        ] {
            let outcome = check_policies(&of(condition, &configuration), None, SecurityProfile::None);
            assert!(matches!(outcome, Err(PolicyFault::Condition { .. })), "{condition} {configuration}");
        }
    }
}
