//! Redirect URIs as recorded (`authorize.redirect-*`, `authorize.wildcard.*`, `authorize.client.*`).

use sekisho_core::redirect::find_target;
use sekisho_testkit::builders::NewRealm;
use serde_json::Value;

#[test]
fn redirect_uris_are_taken_and_refused_as_recorded() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/observed/protocol.json");
    let recorded: Value = serde_json::from_slice(&std::fs::read(path).expect("recorded")).expect("JSON");
    let mut compared = 0;
    for case in recorded["cases"].as_array().expect("cases") {
        let id = case["id"].as_str().expect("an id");
        let about_redirects = ["authorize.redirect-", "authorize.wildcard.", "authorize.client."];
        let login = &case["steps"][0]["login"];
        let client = &case["clients"][0];
        let is_other =
            client["protocol"] == "saml" || client["enabled"] == false || client["bearerOnly"] == true;
        if !about_redirects.iter().any(|prefix| id.starts_with(prefix)) || login.is_null() || is_other {
            continue;
        }
        let message = &case["saw"][0]["message"][0];
        let taken = message != "Invalid parameter: redirect_uri";
        assert_eq!(is_taken(client, login["redirect_uri"].as_str()), taken, "{id}");
        compared += 1;
    }
    assert!(compared > 20, "{compared}");
}

fn is_taken(client: &Value, asked: Option<&str>) -> bool {
    let mut realm = NewRealm::named("obp");
    realm.add_client(client);
    let client = realm.client(client["clientId"].as_str().expect("an id"));
    find_target(&client, asked, &realm.snapshot().issuer).is_ok()
}
