//! Profiles and policies of a file: each list takes the place of the realm's, as a PUT does.

use sekisho_core::policy::{SecurityProfile, save};
use sekisho_protocol::keycloak::{ClientPoliciesRepresentation, ClientProfilesRepresentation};
use serde::Serialize;
use serde_json::Value;

use super::member::{Difference, MemberChange};
use super::{Change, Desired, Kind, Stored, Subject, change, name_of, values};
use crate::AdminError;

/// The lists as they will be.
pub(crate) fn resulting(
    desired: &Desired,
    stored: &Stored,
) -> (ClientProfilesRepresentation, ClientPoliciesRepresentation) {
    let mut profiles = desired.profiles.clone().unwrap_or_else(|| stored.profiles.clone());
    profiles.global_profiles = None;
    profiles.profiles.get_or_insert_default();
    let mut policies = desired.policies.clone().unwrap_or_else(|| stored.policies.clone());
    policies.global_policies = None;
    for policy in policies.policies.get_or_insert_default() {
        policy.enabled.get_or_insert(false);
    }
    (profiles, policies)
}

/// What changes, first of the profiles. What cannot be saved is refused here already, and so is a profile that
/// goes while a policy names it: that policy would no longer hold anybody to it.
pub(crate) fn changes(
    desired: &Desired,
    stored: &Stored,
    security: SecurityProfile,
) -> Result<Vec<Change>, AdminError> {
    let (profiles, policies) = resulting(desired, stored);
    let before = &stored.profiles.profiles;
    let mut changes = of_list(Subject::ClientProfile, before.as_deref(), profiles.profiles.as_deref())?;
    let before = &stored.policies.policies;
    changes.extend(of_list(Subject::ClientPolicy, before.as_deref(), policies.policies.as_deref())?);
    changes.extend(order(before.as_deref(), policies.policies.as_deref())?);
    if let Some(profiles) = &desired.profiles {
        save::check_profiles(profiles)?;
    }
    if let Some(policies) = &desired.policies {
        save::check_policies(policies, Some(&profiles), security)?;
    }
    if !changes.is_empty() {
        save::check_policies(&policies, Some(&profiles), security)?;
    }
    Ok(changes)
}

fn of_list<T: Serialize>(
    what: Subject,
    before: Option<&[T]>,
    after: Option<&[T]>,
) -> Result<Vec<Change>, AdminError> {
    let (before, after) = (values(before.unwrap_or_default())?, values(after.unwrap_or_default())?);
    let mut changes = Vec::new();
    for document in &after {
        let known = before.iter().find(|known| name_of(what, known) == name_of(what, document));
        changes.extend(change(what, known.map(meant).as_ref(), &meant(document)));
    }
    for document in &before {
        let name = name_of(what, document).to_owned();
        if !after.iter().any(|known| name_of(what, known) == name) {
            changes.push(Change { kind: Kind::Delete, what, name, members: Vec::new() });
        }
    }
    Ok(changes)
}

/// What it means: configurations say `true` and `60` as they are or as texts, and both are read alike.
fn meant(document: &Value) -> Value {
    let mut document = document.clone();
    for list in ["executors", "conditions"] {
        let entries = document.get_mut(list).and_then(Value::as_array_mut);
        for entry in entries.into_iter().flatten() {
            let members = entry.get_mut("configuration").and_then(Value::as_object_mut);
            members.into_iter().flatten().for_each(|(_, value)| simplify(value));
        }
    }
    document
}

fn simplify(value: &mut Value) {
    let Value::String(text) = value else { return };
    if let Ok(number) = text.parse::<i64>()
        && number.to_string() == *text
    {
        *value = number.into();
    } else if let Ok(switch) = text.parse::<bool>() {
        *value = switch.into();
    }
}

/// Policies are asked in their order, and the first refusal is the one that is told.
fn order<T: Serialize>(before: Option<&[T]>, after: Option<&[T]>) -> Result<Option<Change>, AdminError> {
    let what = Subject::ClientPolicies;
    let (before, after) = (values(before.unwrap_or_default())?, values(after.unwrap_or_default())?);
    let among = |list: &[Value], others: &[Value]| -> Vec<Value> {
        let stays = |name: &&str| others.iter().any(|other| name_of(what, other) == *name);
        list.iter().map(|one| name_of(what, one)).filter(stays).map(Value::from).collect()
    };
    let (before, after) = (among(&before, &after), among(&after, &before));
    if before == after {
        return Ok(None);
    }
    let difference = Difference::Value { before: Some(before.into()), after: Some(after.into()) };
    let members = vec![MemberChange { member: "policies".to_owned(), difference }];
    Ok(Some(Change { kind: Kind::Update, what, name: "order".to_owned(), members }))
}
