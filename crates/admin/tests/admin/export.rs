//! Realm documents out, and back in.

use sekisho_admin::realm::{self, ExportOptions};
use serde_json::Value;

use super::documents::{differences, differing, observed, rich, sorted};
use super::place::Place;

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
