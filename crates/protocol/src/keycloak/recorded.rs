//! The representations against what a real Keycloak wrote (`tests/observed`).

use std::fs;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::*;

/// A document of `tests/observed`.
pub(super) fn read(name: &str) -> Vec<u8> {
    let path = format!("{}/../../tests/observed/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The JSON that a step of a case of `realm-new.json` saw.
pub(super) fn saw(case: &str, step: usize) -> Value {
    let suite: Value = serde_json::from_slice(&read("realm-new.json")).unwrap();
    let cases = suite["cases"].as_array().unwrap();
    let id = format!("realm-new.{case}");
    let found = cases.iter().find(|case| case["id"] == *id).unwrap_or_else(|| panic!("no case {id}"));
    let mut json = found["saw"][step]["json"].clone();
    times_are_numbers(&mut json);
    json
}

/// The recording has words in place of times.
fn times_are_numbers(json: &mut Value) {
    match json {
        Value::String(text) if text == "<epoch-ms>" => *json = 1.into(),
        Value::Array(elements) => elements.iter_mut().for_each(times_are_numbers),
        Value::Object(members) => members.values_mut().for_each(times_are_numbers),
        _ => {}
    }
}

fn round_trip<T: DeserializeOwned + Serialize>(json: &Value) -> Result<Value, String> {
    let read: T = parse(&serde_json::to_vec(json).unwrap()).map_err(|error| error.to_string())?;
    Ok(serde_json::to_value(read).unwrap())
}

type RoundTrip = fn(&Value) -> Result<Value, String>;

#[test]
fn a_realm_export_comes_back_unchanged() {
    let bytes = read("realm-rich.json");
    let realm: RealmRepresentation = parse(&bytes).unwrap();
    let expected: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(serde_json::to_value(realm).unwrap(), expected);
}

#[test]
fn what_a_new_realm_has_comes_back_unchanged() {
    const CASES: &[(&str, usize, RoundTrip)] = &[
        ("representation", 0, round_trip::<RealmRepresentation>),
        ("partial-export", 0, round_trip::<RealmRepresentation>),
        ("partial-export-all", 0, round_trip::<RealmRepresentation>),
        ("client-scopes", 0, round_trip::<Vec<ClientScopeRepresentation>>),
        ("default-scopes", 0, round_trip::<Vec<ClientScopeRepresentation>>),
        ("clients", 0, round_trip::<Vec<ClientRepresentation>>),
        ("master-client", 0, round_trip::<Vec<ClientRepresentation>>),
        ("roles", 0, round_trip::<Vec<RoleRepresentation>>),
        ("client.realm-management", 0, round_trip::<Vec<RoleRepresentation>>),
        ("client.account-console", 1, round_trip::<MappingsRepresentation>),
        ("flows", 0, round_trip::<Vec<AuthenticationFlowRepresentation>>),
        ("executions.browser", 0, round_trip::<Vec<AuthenticationExecutionInfoRepresentation>>),
        ("executions.first-broker-login", 0, round_trip::<Vec<AuthenticationExecutionInfoRepresentation>>),
        ("required-actions", 0, round_trip::<Vec<RequiredActionProviderRepresentation>>),
        ("components", 0, round_trip::<Vec<ComponentRepresentation>>),
        ("keys", 0, round_trip::<KeysMetadataRepresentation>),
        ("user-profile", 0, round_trip::<UPConfig>),
        ("events-config", 0, round_trip::<RealmEventsConfigRepresentation>),
        ("client-policies", 0, round_trip::<ClientPoliciesRepresentation>),
        ("client-profiles", 0, round_trip::<ClientProfilesRepresentation>),
        ("new-user", 0, round_trip::<UserRepresentation>),
        ("new-user", 1, round_trip::<MappingsRepresentation>),
    ];
    for (case, step, round_trip) in CASES {
        let json = saw(case, *step);
        assert_eq!(round_trip(&json), Ok(json), "{case}");
    }
}

#[test]
fn an_unknown_member_is_answered_in_keycloaks_words() {
    const SUITES: [&str; 2] = ["admin.json", "client-policies.json"];
    let mut compared = 0;
    for suite in SUITES {
        let suite: Value = serde_json::from_slice(&read(suite)).unwrap();
        for case in suite["cases"].as_array().unwrap() {
            let steps = case["steps"].as_array().unwrap().iter().filter(|step| step.get("do").is_some());
            for (step, saw) in steps.zip(case["saw"].as_array().unwrap()) {
                let Some(expected) =
                    saw["json"]["error"].as_str().filter(|text| text.contains("Unrecognized"))
                else {
                    continue;
                };
                assert_eq!(
                    refusal(expected, &spaced(&step["json"])).as_deref(),
                    Some(expected),
                    "{}",
                    case["id"]
                );
                compared += 1;
            }
        }
    }
    assert!(compared >= 15, "only {compared} recorded refusals were found");
}

/// The error that the representation named by `expected` makes of `json`.
fn refusal(expected: &str, json: &[u8]) -> Option<String> {
    const NESTED: [&str; 2] = ["ClientProfileRepresentation", "ClientPolicyExecutorRepresentation"];
    let name = expected.split("for ").nth(1)?.split('.').next()?;
    let error = match name {
        "RealmRepresentation" => parse::<RealmRepresentation>(json).err(),
        "ClientRepresentation" => parse::<ClientRepresentation>(json).err(),
        "ProtocolMapperRepresentation" => parse::<ProtocolMapperRepresentation>(json).err(),
        "RoleRepresentation" => parse::<RoleRepresentation>(json).err(),
        "GroupRepresentation" => parse::<GroupRepresentation>(json).err(),
        "UserRepresentation" => parse::<UserRepresentation>(json).err(),
        "UPConfig" => parse::<UPConfig>(json).err(),
        "ComponentRepresentation" => parse::<ComponentRepresentation>(json).err(),
        "RealmEventsConfigRepresentation" => parse::<RealmEventsConfigRepresentation>(json).err(),
        "IdentityProviderRepresentation" => parse::<IdentityProviderRepresentation>(json).err(),
        "AuthenticationFlowRepresentation" => parse::<AuthenticationFlowRepresentation>(json).err(),
        "OrganizationRepresentation" => parse::<OrganizationRepresentation>(json).err(),
        "ClientPoliciesRepresentation" | "ClientPolicyRepresentation" => {
            parse::<ClientPoliciesRepresentation>(json).err()
        }
        name if name == "ClientProfilesRepresentation" || NESTED.contains(&name) => {
            parse::<ClientProfilesRepresentation>(json).err()
        }
        _ => panic!("{name} is not compared"),
    };
    error?.unrecognized_field()
}

/// The bytes as they were sent: a space behind every colon and comma.
fn spaced(json: &Value) -> Vec<u8> {
    let list = |parts: Vec<Vec<u8>>| parts.join(&b", "[..]);
    match json {
        Value::Array(elements) => [b"[", &*list(elements.iter().map(spaced).collect()), b"]"].concat(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                [&*spaced(&name.as_str().into()), b": ", &*spaced(value)].concat()
            };
            [b"{", &*list(members.iter().map(member).collect()), b"}"].concat()
        }
        scalar => serde_json::to_vec(scalar).unwrap(),
    }
}
