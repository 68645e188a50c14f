//! A realm that nobody has changed yet, against what Keycloak recorded of one.

use sekisho_admin::realm::{self, ExportOptions};
use serde_json::{Value, json};

use super::documents::{differences, observed, realm_of, sorted};
use super::place::Place;

/// What a recording replaces: ids.
fn level(value: &mut Value) {
    match value {
        Value::String(text) if uuid::Uuid::try_parse(text).is_ok() => *value = "<uuid>".into(),
        Value::Array(elements) => elements.iter_mut().for_each(level),
        Value::Object(members) => members.values_mut().for_each(level),
        _ => {}
    }
}

#[tokio::test]
async fn it_is_what_keycloak_makes() {
    let place = Place::new().await;
    place.import(realm_of(&json!({"realm": "r", "enabled": true}))).await.expect("an import");
    let options = ExportOptions { users: false, secrets: false };
    let exported = realm::export(&place.context(), "r", options).await.expect("an export");
    let recorded: Value = serde_json::from_slice(&observed("realm-new.json")).expect("JSON");
    let cases = recorded["cases"].as_array().expect("cases");
    let case = cases.iter().find(|case| case["id"] == "realm-new.partial-export-all").expect("the case");
    let (mut ours, mut theirs) =
        (serde_json::to_value(exported).expect("JSON"), case["saw"][0]["json"].clone());
    level(&mut ours);
    level(&mut theirs);
    let mut found = Vec::new();
    differences(&sorted(theirs), &sorted(ours), "", &mut found);
    assert_eq!(found, [""; 0]);
}
