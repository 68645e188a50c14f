//! Realm documents in.

use sekisho_admin::AdminError;
use sekisho_admin::realm::{
    self, Finding, IfExists, ImportOptions, ImportOutcome, NewKeys, NewResource, Warning,
};
use sekisho_jose::algorithm::Algorithm;
use sekisho_jose::key::SigningKey;
use serde_json::json;

use super::documents::{realm_of, rich};
use super::place::Place;

#[tokio::test]
async fn a_rich_realm_of_keycloak_comes_over_whole() {
    let place = Place::new().await;
    let imported = place.import(rich()).await.expect("an import");
    assert_eq!(
        imported.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "refreshTokenMaxReuse is kept, but not enforced yet",
            "password policy passwordHistory is kept, but not enforced yet",
        ]
    );
    let realm = place.realm("rich").await;
    assert!(realm.enabled);
    let web = place.store.client(&realm, "web").await.expect("a read").expect("the client");
    assert!(web.secret.as_ref().expect("a secret").matches("web-secret"));
}

#[tokio::test]
async fn users_sign_in_with_the_passwords_they_had() {
    let place = Place::new().await;
    place.import(rich()).await.expect("an import");
    for (name, password) in [
        ("alice", "alice-argon2"),
        ("BOB@example.org", "bob-pbkdf2-sha512"),
        ("carol", "carol-pbkdf2-sha256"),
        ("dave", "dave-pbkdf2"),
        ("erin", "erin-temporary"),
        ("frank", "frank-disabled"),
        ("hanako", "パスワード"),
    ] {
        assert!(place.signs_in("rich", name, password).await, "{name}");
        assert!(!place.signs_in("rich", name, "wrong").await, "{name}");
    }
    assert!(!place.signs_in("rich", "grace", "").await, "grace has no password");
}

#[tokio::test]
async fn a_realm_keeps_the_ids_and_the_order_of_its_keys() {
    let place = Place::new().await;
    place.import(rich()).await.expect("an import");
    let keys = &place.realm("rich").await.keys;
    for (algorithm, kid) in [
        (Algorithm::Rs256, "-iPkG3uU8wEmE6E1d53RlPaAA9oInFANNIitGSvBYCs"),
        (Algorithm::Es256, "i5r9PIN2UagCIps1hl0EyGTssFCokIm67pfH1ZxM_7U"),
        (Algorithm::EdDsa, "iPuBP_vk1F5Ytd9n793c7cJcf5o5pJdRqQmVFKOK6lc"),
    ] {
        assert_eq!(keys.signer(algorithm).expect("a key").kid(), kid);
    }
    // By priority: 200, 100, 50.
    assert_eq!(keys.algorithms(), [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa]);
    let refresh: Vec<&str> = keys.refresh.iter().map(SigningKey::kid).collect();
    assert_eq!(refresh, ["a3b805d9-2ea8-4a17-ae79-066868ef4f9d"]);
}

#[tokio::test]
async fn a_short_document_becomes_a_whole_realm() {
    let place = Place::new().await;
    let document = json!({
        "realm": "small", "enabled": true,
        "clients": [{"clientId": "web", "redirectUris": ["https://web.example/cb"], "serviceAccountsEnabled": true}],
        "users": [{"username": "Ann", "enabled": true, "credentials": [{"value": "hush", "temporary": true}]}],
    });
    let imported = place.import(realm_of(&document)).await.expect("an import");
    assert_eq!(imported.warnings, [Warning::TemporaryPassword("Ann".to_owned())]);
    let realm = place.realm("small").await;
    let web = place.store.client(&realm, "web").await.expect("a read").expect("the client");
    assert_eq!(
        web.default_scopes,
        ["acr", "basic", "email", "profile", "roles", "web-origins", "service_account",]
    );
    assert_eq!(web.web_origins, ["https://web.example"]);
    assert!(web.secret.is_some());
    let account = place.store.service_account(&web).await.expect("a read").expect("a user");
    assert_eq!(account.username, "service-account-web");
    let built_in = place.store.client(&realm, "account").await.expect("a read");
    assert!(built_in.is_some());
    let ann = place.store.user_by_login(&realm, "ann").await.expect("a read").expect("a user");
    // As Keycloak does it (case `authorize.imported-temporary-password`).
    assert_eq!(ann.required_actions, [""; 0]);
    assert!(place.signs_in("small", "ann", "hush").await);
    assert_eq!(realm.keys.algorithms(), [Algorithm::Rs256]);
}

#[tokio::test]
async fn our_own_realms_sign_access_tokens_with_es256() {
    let place = Place::new().await;
    realm::create(&place.context(), "ours", ImportOptions::ours()).await.expect("a realm");
    let realm = place.realm("ours").await;
    assert_eq!(realm.tokens.access_token_algorithm, Algorithm::Es256);
    assert_eq!(realm.tokens.id_token_algorithm, Algorithm::Rs256);
    assert!(realm.keys.signer(Algorithm::Es256).is_some() && realm.keys.signer(Algorithm::Rs256).is_some());
    // One that brings keys keeps to them.
    let options = ImportOptions { new_keys: NewKeys::Ours, ..ImportOptions::default() };
    realm::import(&place.context(), rich(), options).await.expect("an import");
    assert_eq!(place.realm("rich").await.tokens.access_token_algorithm, Algorithm::Rs256);
}

#[tokio::test]
async fn resources_come_from_clients_the_attribute_and_the_options() {
    let place = Place::new().await;
    let listed = r#"[{"uri":"https://listed.example/","name":"Listed","scopes":["hello"]}]"#;
    let document = json!({
        "realm": "r", "enabled": true,
        "attributes": {"sekisho.resources": listed},
        "clients": [{"clientId": "api", "bearerOnly": true, "attributes": {"resource_url": "https://client.example/"}}],
    });
    let added = NewResource { uri: "https://added.example/".to_owned(), name: None, scopes: Vec::new() };
    let options = ImportOptions { resources: vec![added], ..ImportOptions::default() };
    realm::import(&place.context(), realm_of(&document), options).await.expect("an import");
    let realm = place.realm("r").await;
    assert_eq!(realm.resource("https://listed.example/").expect("a resource").scopes, ["hello"]);
    assert_eq!(realm.resource("https://client.example/").expect("a resource").name.as_deref(), Some("api"));
    assert!(realm.resource("https://added.example/").is_some());
    let exported = place.export("r").await.attributes.expect("attributes");
    let both = format!(r#"[{{"uri":"https://added.example/"}},{}]"#, &listed[1..listed.len() - 1]);
    assert_eq!(exported["sekisho.resources"], both);
}

#[tokio::test]
async fn a_realm_that_is_there_is_left_alone_refused_or_replaced() {
    let place = Place::new().await;
    let document = |title: &str| realm_of(&json!({"realm": "r", "enabled": true, "displayName": title}));
    let first = place.import(document("first")).await.expect("an import");
    assert_eq!(first.outcome, ImportOutcome::Created);
    let skip = ImportOptions { if_exists: IfExists::Skip, ..ImportOptions::default() };
    let skipped = realm::import(&place.context(), document("second"), skip).await.expect("an answer");
    assert_eq!((skipped.outcome, skipped.realm), (ImportOutcome::Skipped, first.realm));
    let refused = place.import(document("second")).await.expect_err("a refusal");
    assert!(matches!(refused, AdminError::RealmExists(name) if name == "r"));
    assert_eq!(place.realm("r").await.title(), "first");
    assert_eq!(
        place.overwrite(document("second")).await.expect("an import").outcome,
        ImportOutcome::Replaced
    );
    assert_eq!(place.realm("r").await.title(), "second");
}

#[tokio::test]
async fn weak_clients_are_found() {
    let place = Place::new().await;
    let clients = json!([
        {"clientId": "open", "publicClient": true, "redirectUris": ["https://a.example/*", "https://b.example/cb"]},
        {"clientId": "plain", "redirectUris": ["https://c.example/cb"]},
        {"clientId": "sound", "redirectUris": ["https://d.example/cb"], "attributes": {"pkce.code.challenge.method": "S256"}},
        {"clientId": "off", "enabled": false, "redirectUris": ["*"]},
        {"clientId": "saml", "protocol": "saml", "redirectUris": ["https://e.example/*"]},
    ]);
    place.import(realm_of(&json!({"realm": "r", "clients": clients}))).await.expect("an import");
    let findings = realm::review(&place.context(), "r").await.expect("an answer");
    assert_eq!(
        findings,
        [
            Finding::Wildcard { client: "open".to_owned(), uri: "https://a.example/*".to_owned() },
            Finding::WithoutPkce { client: "plain".to_owned() },
        ]
    );
}

#[tokio::test]
async fn ids_that_are_no_uuids_are_kept_and_mean_the_same_rows() {
    let place = Place::new().await;
    let document = json!({
        "id": "r", "realm": "r", "enabled": true,
        "clients": [{"id": "web-id", "clientId": "web", "publicClient": true}],
        "users": [{"id": "ann-id", "username": "ann"}],
    });
    place.import(realm_of(&document)).await.expect("an import");
    let first = place.realm("r").await;
    let exported = place.export("r").await;
    assert_eq!(exported.id.as_deref(), Some("r"));
    assert_eq!(exported.users.as_ref().expect("users")[0].id.as_deref(), Some("ann-id"));
    place.overwrite(exported).await.expect("an import");
    assert_eq!(place.realm("r").await.id, first.id);
}
