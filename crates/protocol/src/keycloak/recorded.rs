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

/// The steps of a case, each with what it saw; none of a case with steps that were not recorded.
fn steps(case: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    let (steps, saw) = (case["steps"].as_array().unwrap(), case["saw"].as_array().unwrap());
    let recorded = if steps.len() == saw.len() { steps.len() } else { 0 };
    steps.iter().zip(saw).take(recorded)
}

/// The recording has words in place of times.
fn times_are_numbers(json: &mut Value) {
    match json {
        Value::String(text) if text.starts_with("<epoch") => *json = 1.into(),
        Value::Array(elements) => elements.iter_mut().for_each(times_are_numbers),
        // A client's attributes are texts, the time its secret was made is one of them.
        Value::Object(members) => {
            members
                .iter_mut()
                .filter(|(name, _)| *name != "attributes")
                .for_each(|(_, value)| times_are_numbers(value));
        }
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
fn what_admin_rest_answers_comes_back_unchanged() {
    const ANSWERS: &[(&str, RoundTrip)] = &[
        ("", round_trip::<RealmRepresentation>),
        ("/authentication/flows/*", round_trip::<AuthenticationFlowRepresentation>),
        ("/authentication/required-actions", round_trip::<Vec<RequiredActionProviderRepresentation>>),
        ("/client-policies/policies", round_trip::<ClientPoliciesRepresentation>),
        ("/client-policies/profiles", round_trip::<ClientProfilesRepresentation>),
        ("/client-scopes", round_trip::<Vec<ClientScopeRepresentation>>),
        ("/client-scopes/*", round_trip::<ClientScopeRepresentation>),
        ("/client-scopes/*/protocol-mappers/models/*", round_trip::<ProtocolMapperRepresentation>),
        ("/client-scopes/*/scope-mappings", round_trip::<MappingsRepresentation>),
        ("/clients", round_trip::<Vec<ClientRepresentation>>),
        ("/clients-initial-access", round_trip::<Vec<ClientInitialAccessPresentation>>),
        ("/clients/*", round_trip::<ClientRepresentation>),
        ("/clients/*/client-secret", round_trip::<CredentialRepresentation>),
        ("/clients/*/roles/nr", round_trip::<RoleRepresentation>),
        ("/clients/*/service-account-user", round_trip::<UserRepresentation>),
        ("/clients/*/user-sessions", round_trip::<Vec<UserSessionRepresentation>>),
        ("/components", round_trip::<Vec<ComponentRepresentation>>),
        ("/components/*", round_trip::<ComponentRepresentation>),
        ("/events", round_trip::<Vec<EventRepresentation>>),
        ("/events/config", round_trip::<RealmEventsConfigRepresentation>),
        ("/groups", round_trip::<Vec<GroupRepresentation>>),
        ("/groups/*", round_trip::<GroupRepresentation>),
        ("/groups/*/role-mappings", round_trip::<MappingsRepresentation>),
        ("/identity-provider/instances", round_trip::<Vec<IdentityProviderRepresentation>>),
        ("/identity-provider/instances/np", round_trip::<IdentityProviderRepresentation>),
        ("/identity-provider/instances/np/mappers", round_trip::<Vec<IdentityProviderMapperRepresentation>>),
        ("/organizations", round_trip::<Vec<OrganizationRepresentation>>),
        ("/organizations/*", round_trip::<OrganizationRepresentation>),
        ("/roles", round_trip::<Vec<RoleRepresentation>>),
        ("/roles/nr", round_trip::<RoleRepresentation>),
        ("/users", round_trip::<Vec<UserRepresentation>>),
        ("/users/*", round_trip::<UserRepresentation>),
        ("/users/*/consents", round_trip::<Vec<UserConsentRepresentation>>),
        ("/users/*/credentials", round_trip::<Vec<CredentialRepresentation>>),
        ("/users/*/federated-identity", round_trip::<Vec<FederatedIdentityRepresentation>>),
        ("/users/*/sessions", round_trip::<Vec<UserSessionRepresentation>>),
        ("/users/profile", round_trip::<UPConfig>),
    ];
    let mut unused: Vec<&str> = ANSWERS.iter().map(|(path, _)| *path).collect();
    for suite in ["admin.json", "client-policies.json", "realm-import.json"] {
        let suite: Value = serde_json::from_slice(&read(suite)).unwrap();
        for case in suite["cases"].as_array().unwrap() {
            for (path, mut json) in steps(case).filter_map(|(step, saw)| whole_answer(step, saw)) {
                let Some((path, round_trip)) = ANSWERS.iter().find(|(known, _)| *known == path) else {
                    continue;
                };
                times_are_numbers(&mut json);
                assert_eq!(round_trip(&json), Ok(json), "{}: {path}", case["id"]);
                unused.retain(|unused| unused != path);
            }
        }
    }
    assert_eq!(unused, [""; 0], "these were not compared with anything");
}

/// The path below the realm and the JSON, of a GET whose answer was recorded whole.
fn whole_answer(step: &Value, saw: &Value) -> Option<(String, Value)> {
    const PARTS: [&str; 5] = ["pick", "each", "keys", "drop", "without"];
    let path = step["do"].as_str()?.strip_prefix("GET $admin")?.split('?').next()?;
    let whole = saw["status"] == 200 && PARTS.iter().all(|part| step.get(part).is_none());
    let segment = |segment: &str| if segment.starts_with("{{") { "*".to_owned() } else { segment.to_owned() };
    let path = path.split('/').map(segment).collect::<Vec<_>>().join("/");
    let json = saw.get("json").filter(|_| whole)?;
    Some((path, json.clone()))
}

#[test]
fn an_unknown_member_is_answered_in_keycloaks_words() {
    const SUITES: [&str; 2] = ["admin.json", "client-policies.json"];
    let mut compared = 0;
    for suite in SUITES {
        let suite: Value = serde_json::from_slice(&read(suite)).unwrap();
        for case in suite["cases"].as_array().unwrap() {
            for (step, saw) in steps(case) {
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
