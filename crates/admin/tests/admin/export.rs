//! Realm documents out, and back in.

use sekisho_admin::realm::{self, ExportOptions};
use sekisho_protocol::keycloak::RealmRepresentation;
use serde_json::Value;

use super::place::{Place, observed, rich};

/// Places at which two documents differ, as JSON pointers.
fn differences(left: &Value, right: &Value, at: &str, found: &mut Vec<String>) {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let mut names: Vec<&String> = left.keys().chain(right.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let of =
                    |side: &serde_json::Map<String, Value>| side.get(name).cloned().unwrap_or(Value::Null);
                differences(&of(left), &of(right), &format!("{at}/{name}"), found);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                differences(left, right, &format!("{at}/{index}"), found);
            }
        }
        _ if left == right => {}
        _ => found.push(at.to_owned()),
    }
}

/// Keycloak lists in the order of its tables; what is a set is compared as one.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(elements) => {
            let mut elements: Vec<Value> = elements.into_iter().map(sorted).collect();
            let key = |element: &Value| {
                let members = ["clientId", "username", "name", "alias", "id", "client", "clientScope"];
                let named = members.iter().find_map(|name| element.get(name)).unwrap_or(element);
                (named.to_string(), element["id"].to_string())
            };
            elements.sort_by_key(key);
            Value::Array(elements)
        }
        Value::Object(members) => members.into_iter().map(|(name, member)| (name, sorted(member))).collect(),
        other => other,
    }
}

#[tokio::test]
async fn an_export_is_the_file_that_was_imported() {
    let place = Place::new().await;
    place.import(rich()).await.expect("an import");
    let exported = sorted(serde_json::to_value(place.export("rich").await).expect("JSON"));
    let file: Value = serde_json::from_slice(&observed("realm-rich.json")).expect("JSON");
    let mut found = Vec::new();
    differences(&sorted(file), &exported, "", &mut found);
    // The file lacks it; every realm has one.
    assert_eq!(found, ["/otpPolicyAlgorithm"]);
}

fn differing(left: &RealmRepresentation, right: &RealmRepresentation) -> Vec<String> {
    let json = |realm| serde_json::to_value(realm).expect("JSON");
    let mut found = Vec::new();
    differences(&json(left), &json(right), "", &mut found);
    found
}

#[tokio::test]
async fn an_export_imports_as_the_same_realm() {
    let place = Place::new().await;
    place.import(rich()).await.expect("an import");
    let first = place.export("rich").await;
    place.overwrite(place.export("rich").await).await.expect("an import");
    assert_eq!(differing(&first, &place.export("rich").await), [""; 0]);
}

#[tokio::test]
async fn exactly_what_was_changed_differs() {
    let place = Place::new().await;
    place.import(rich()).await.expect("an import");
    let first = place.export("rich").await;

    let mut changed = place.export("rich").await;
    let user = changed.users.as_mut().and_then(|users| users.first_mut()).expect("a user");
    user.last_name = Some("Renamed".to_owned());
    let clients = changed.clients.as_mut().expect("clients");
    clients[4].redirect_uris = Some(vec!["https://changed.example/".to_owned()]);
    let mapper = clients.last_mut().and_then(|client| client.protocol_mappers.as_mut()).expect("mappers");
    mapper[0].name = Some("renamed".to_owned());
    let roles = changed.roles.as_mut().and_then(|roles| roles.realm.as_mut()).expect("roles");
    roles[0].description = Some("May audit".to_owned());
    place.overwrite(changed).await.expect("an import");

    let found = differing(&first, &place.export("rich").await);
    assert_eq!(
        found,
        [
            "/clients/4/redirectUris",
            "/clients/18/protocolMappers/0/name",
            "/roles/realm/0/description",
            "/users/0/lastName",
        ]
    );
}

#[tokio::test]
async fn an_export_without_secrets_holds_none() {
    let place = Place::new().await;
    place.import(rich()).await.expect("an import");
    let options = ExportOptions { users: true, secrets: false };
    let exported = realm::export(&place.context(), "rich", options).await.expect("an export");
    let text = serde_json::to_string(&exported).expect("JSON");
    let file: Value = serde_json::from_slice(&observed("realm-rich.json")).expect("JSON");
    let keys = &file["components"]["org.keycloak.keys.KeyProvider"];
    for secret in [
        "gh-secret",
        "op-secret",
        "web-secret",
        keys[0]["config"]["eddsaPrivateKey"][0].as_str().expect("a key"),
        keys[5]["config"]["secret"][0].as_str().expect("a key"),
        "secretData",
    ] {
        assert!(serde_json::to_string(&file).expect("JSON").contains(secret), "{secret} is in the file");
        assert!(!text.contains(secret), "{secret}");
    }
}
