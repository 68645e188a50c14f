//! What `/admin/serverinfo` says, against what Keycloak said, and against the slices of the code.

use std::collections::HashSet;

use sekisho_admin::server_info::{self, Words};
use sekisho_core::client::registration_policy;
use sekisho_core::policy::condition::CONDITIONS;
use sekisho_core::policy::executor::EXECUTORS;
use serde_json::{Value, json};

use super::documents::{differences, observed};

const CONDITION: &str = "org.keycloak.services.clientpolicy.condition.ClientPolicyConditionProvider";
const EXECUTOR: &str = "org.keycloak.services.clientpolicy.executor.ClientPolicyExecutorProvider";

/// What a default Keycloak keeps behind features is always here, and a switch is ours.
const MORE: &[&str] =
    &["client-id-metadata-document", "client-id-uri", "secret-rotation", "allow-native-loopback"];

/// Members that are our own.
const OURS: &[&str] = &["features", "profileInfo", "themes"];

fn document(words: Words) -> Value {
    serde_json::from_str(server_info::text(words).expect("a document")).expect("JSON")
}

/// What the recording left out.
fn without_words(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !["helpText", "label", "readOnly", "secret"].contains(&name.as_str()));
            members.values_mut().for_each(without_words);
        }
        Value::Array(elements) => elements.iter_mut().for_each(without_words),
        _ => {}
    }
}

fn without_more(value: &mut Value) {
    if let Value::Array(elements) = value {
        let is_more = |named: &Value| named.as_str().is_some_and(|name| MORE.contains(&name));
        elements.retain(|element| !is_more(&element["id"]) && !is_more(&element["name"]));
        elements.iter_mut().filter_map(|element| element.get_mut("properties")).for_each(without_more);
    }
}

fn sorted(value: &Value) -> Vec<String> {
    let mut elements: Vec<String> =
        value.as_array().into_iter().flatten().map(|element| element["id"].to_string()).collect();
    elements.sort_unstable();
    elements
}

#[test]
fn what_is_listed_is_what_keycloak_lists_and_in_its_order() {
    let recorded: Value = serde_json::from_slice(&observed("serverinfo.json")).expect("JSON");
    let mut ours = document(Words::English);
    without_words(&mut ours);
    let mut compared = 0;
    for case in recorded["cases"].as_array().expect("cases") {
        let (step, saw) = (&case["steps"][0], &case["saw"][0]["json"]);
        let Some(at) = step["at"].as_str().filter(|at| !OURS.contains(at)) else { continue };
        let mut here = match at.split_once('/') {
            Some((member, kind)) => ours[member][kind].clone(),
            None => ours[at].clone(),
        };
        if at.ends_with(CONDITION) || at.ends_with(EXECUTOR) {
            without_more(&mut here);
        }
        if step["sort"] == true {
            assert_eq!(sorted(&here), sorted(saw), "{at}");
        } else {
            let mut found = Vec::new();
            differences(&here, saw, "", &mut found);
            assert_eq!(found, [""; 0], "{at}");
        }
        compared += 1;
    }
    assert_eq!(compared, 19);
}

#[test]
fn what_has_a_slice_is_listed_exactly_as_there() {
    fn ids<T>(slice: &[T], id: impl Fn(&T) -> &'static str) -> Vec<&'static str> {
        let mut ids: Vec<&str> = slice.iter().map(id).collect();
        ids.sort_unstable();
        ids
    }
    let document = document(Words::English);
    for (kind, slice) in [
        (CONDITION, ids(CONDITIONS, |provider| provider.id)),
        (EXECUTOR, ids(EXECUTORS, |provider| provider.id)),
        (registration_policy::PROVIDER_TYPE, ids(registration_policy::PROVIDERS, |provider| provider.id)),
    ] {
        let types = document["componentTypes"][kind].as_array().expect("types");
        let named: Vec<&str> = types.iter().map(|listed| listed["id"].as_str().expect("an id")).collect();
        assert_eq!(named, slice);
    }
}

/// The Terraform provider refuses a password policy, a required action or a theme that it does not find.
#[test]
fn tools_find_what_they_look_up_first() {
    let document = document(Words::English);
    for (interface, id) in [
        ("password-policy", "length"),
        ("required-action", "CONFIGURE_TOTP"),
        ("client-policy-executor", "pkce-enforcer"),
        ("identity_provider", "oidc"),
        ("social", "github"),
        ("keys", "rsa-generated"),
    ] {
        assert_eq!(document["providers"][interface]["providers"][id]["order"], 0, "{interface} {id}");
    }
    assert_eq!(document["themes"]["login"][0], json!({"name": "keycloak", "locales": ["en", "ja"]}));
    assert_eq!(document["systemInfo"], json!({"version": "26.7.4"}));
}

#[test]
fn only_the_words_depend_on_the_language() {
    let (mut english, mut japanese) = (document(Words::English), document(Words::Japanese));
    let helps = |document: &Value| -> HashSet<String> {
        let types = document["componentTypes"][EXECUTOR].as_array().expect("types");
        types.iter().map(|listed| listed["helpText"].as_str().expect("a help text").to_owned()).collect()
    };
    assert!(helps(&english).is_disjoint(&helps(&japanese)));
    without_words(&mut english);
    without_words(&mut japanese);
    assert_eq!(english, japanese);
}
