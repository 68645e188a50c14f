//! A realm that nobody has changed yet, and one that was imported, against what Keycloak answered of them.

use sekisho_admin::realm::{self, ExportOptions};
use serde_json::{Value, json};

use super::documents::{differences, observed, realm_of, rich, sorted};
use super::place::Place;

/// Ends of the places at which an import of ours may differ from Keycloak's, and why.
const DIFFERENCES: &[(&str, &str)] = &[
    ("/attributes/post.logout.redirect.uris", "Keycloak writes the + that a missing one means here"),
    ("/config/userinfo.token.claim", "Keycloak writes out what a missing one means"),
    ("/attributes/clientOfflineSessionIdleTimeout", "a setting that Keycloak says twice"),
    ("/attributes/clientOfflineSessionMaxLifespan", "a setting that Keycloak says twice"),
    ("/attributes/clientSessionIdleTimeout", "a setting that Keycloak says twice"),
    ("/attributes/clientSessionMaxLifespan", "a setting that Keycloak says twice"),
    ("/attributes/scimApiEnabled", "a setting that Keycloak says twice"),
    ("/attributes/client.secret.creation.time", "the recording has no times"),
    ("/attributes/saml.signing.certificate", "the recording has no certificates"),
    ("/attributes/saml.signing.private.key", "a private key is a secret here"),
    ("/secret", "Keycloak gives secrets to built-in clients that cannot use one"),
    ("/subType", "two components have one name, and the recording has no ids to sort them by"),
    ("/otpPolicyAlgorithm", "the file has none; every realm has one"),
    ("/organizations", "Admin REST leaves them out"),
    ("/users", "Admin REST leaves all out but service accounts"),
];

/// What a recording replaces: ids.
fn level(value: &mut Value) {
    match value {
        Value::String(text) if uuid::Uuid::try_parse(text).is_ok() => *value = "<uuid>".into(),
        Value::Array(elements) => elements.iter_mut().for_each(level),
        Value::Object(members) => members.values_mut().for_each(level),
        _ => {}
    }
}

/// What a case of a file of recordings saw last.
fn saw(file: &str, id: &str) -> Value {
    let recorded: Value = serde_json::from_slice(&observed(file)).expect("JSON");
    let cases = recorded.get("cases").and_then(Value::as_array).expect("cases");
    let is_it = |case: &&Value| case.get("id").and_then(Value::as_str) == Some(id);
    let saw = cases.iter().find(is_it).and_then(|case| case.get("saw")).and_then(Value::as_array);
    let answer = saw.and_then(|saw| saw.last()).and_then(|answer| answer.get("json"));
    answer.expect("something seen").clone()
}

/// Places at which an export without secrets differs from what Keycloak answered.
async fn differing_from(place: &Place, name: &str, mut theirs: Value) -> Vec<String> {
    let options = ExportOptions { users: false, secrets: false };
    let exported = realm::export(&place.context(), name, options).await.expect("an export");
    let mut ours = serde_json::to_value(exported).expect("JSON");
    level(&mut ours);
    level(&mut theirs);
    let mut found = Vec::new();
    differences(&sorted(theirs), &sorted(ours), "", &mut found);
    found
}

#[tokio::test]
async fn an_imported_realm_is_what_keycloak_makes_of_it() {
    let place = Place::new().await;
    place.import(rich()).await.expect("an import");
    let recorded = saw("realm-import.json", "realm-import.partial-export");
    let found = differing_from(&place, "rich", recorded).await;
    for place in &found {
        assert!(DIFFERENCES.iter().any(|(end, _)| place.ends_with(end)), "{place} differs");
    }
    for (end, reason) in DIFFERENCES {
        assert!(found.iter().any(|place| place.ends_with(end)), "{end} no longer differs ({reason})");
    }
}

#[tokio::test]
async fn a_new_realm_is_what_keycloak_makes() {
    let place = Place::new().await;
    place.import(realm_of(&json!({"realm": "r", "enabled": true}))).await.expect("an import");
    let recorded = saw("realm-new.json", "realm-new.partial-export-all");
    assert_eq!(differing_from(&place, "r", recorded).await, [""; 0]);
}
