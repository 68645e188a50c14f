//! Documents that cannot be taken over: the error names the member and its place.

use serde_json::{Value, json};

use super::documents::realm_of;
use super::place::Place;

fn document(changes: &Value) -> Value {
    let mut document = json!({"realm": "r", "enabled": true});
    let members = document.as_object_mut().expect("an object");
    members.extend(changes.as_object().expect("an object").clone());
    document
}

/// Imports a small document with each change, which must be refused in these words.
async fn refused(cases: &[(Value, &str)]) {
    let place = Place::new().await;
    for (changes, expected) in cases {
        let refused = place.import(realm_of(&document(changes))).await.expect_err("a refusal");
        assert_eq!(refused.to_string(), *expected);
    }
    assert_eq!(place.store.realm_names().await.expect("a read"), [""; 0], "nothing was stored");
}

#[tokio::test]
async fn clients_roles_and_groups_are_named_with_their_place() {
    refused(&[
        (
            json!({"clients": [{"clientId": "a"}, {"clientId": "b", "defaultClientScopes": ["email", "mail"]}]}),
            r#"clients[1].defaultClientScopes[1]: there is no client scope "mail""#,
        ),
        (json!({"clients": [{"name": "a"}]}), "clients[0].clientId: is missing"),
        (
            json!({"clients": [{"clientId": "a"}, {"clientId": "a"}]}),
            r#"clients[1].clientId: client "a" is there twice"#,
        ),
        (
            json!({"roles": {"realm": [{"name": "a", "composites": {"realm": ["b"]}}]}}),
            r#"roles.realm[0].composites.realm[0]: there is no role "b""#,
        ),
        (
            json!({"roles": {"client": {"web": [{"name": "a"}]}}}),
            r#"roles.client.web: there is no client "web""#,
        ),
        (
            json!({"groups": [{"name": "a", "subGroups": [{"name": "b"}, {"name": "b"}]}]}),
            r#"groups[0].subGroups[1].name: group "/a/b" is there twice"#,
        ),
        (
            json!({"scopeMappings": [{"clientScope": "gone", "roles": []}]}),
            r#"scopeMappings[0].clientScope: there is no client scope "gone""#,
        ),
    ])
    .await;
}

#[tokio::test]
async fn users_are_named_with_their_place() {
    refused(&[
        (
            json!({"users": [{"username": "ann"}, {"username": "Ann"}]}),
            r#"users[1].username: user "ann" is there twice"#,
        ),
        (
            json!({"users": [{"username": "ann", "email": "a@b.c"}, {"username": "bob", "email": "A@b.c"}]}),
            r#"users[1].email: address "a@b.c" is there twice"#,
        ),
        (
            json!({"users": [{"username": "ann", "realmRoles": ["boss"]}]}),
            r#"users[0].realmRoles[0]: there is no role "boss""#,
        ),
        (
            json!({"users": [{"username": "ann", "clientRoles": {"account": ["view-profile", "boss"]}}]}),
            r#"users[0].clientRoles.account[1]: there is no role "boss""#,
        ),
        (
            json!({"users": [{"username": "ann", "groups": ["/staff"]}]}),
            r#"users[0].groups[0]: there is no group "/staff""#,
        ),
        (
            json!({"users": [{"username": "ann", "credentials": [{"type": "password",
                "credentialData": r#"{"algorithm":"scrypt","hashIterations":1}"#,
                "secretData": r#"{"value":"aaaa","salt":"aaaa"}"#}]}]}),
            r#"users[0].credentials[0]: password hash algorithm "scrypt" is not known"#,
        ),
        (
            json!({"users": [{"username": "ann", "credentials": [{"type": "otp"}]}]}),
            "users[0].credentials[0].secretData: is missing",
        ),
    ])
    .await;
}

#[tokio::test]
async fn settings_and_keys_are_named_with_their_place() {
    let key = |provider: &str, config: Value| json!({"components": {"org.keycloak.keys.KeyProvider": [{"name": "k", "providerId": provider, "config": config}]}});
    refused(&[
        (
            json!({"defaultDefaultClientScopes": ["gone"]}),
            r#"defaultDefaultClientScopes[0]: there is no client scope "gone""#,
        ),
        (json!({"defaultGroups": ["/gone"]}), r#"defaultGroups[0]: there is no group "/gone""#),
        (json!({"passwordPolicy": "long(8)"}), "passwordPolicy: Unsupported policy: long"),
        (
            json!({"attributes": {"sekisho.resources": "https://a.example"}}),
            "attributes.sekisho.resources: not a JSON list of resources",
        ),
        (
            key("rsa-generated", json!({"privateKey": ["bm90IGEga2V5"]})),
            "components.org.keycloak.keys.KeyProvider[0].config.privateKey: \
             the key cannot be read: key is not acceptable for this algorithm",
        ),
        (
            key("eddsa-generated", json!({"eddsaEllipticCurveKey": ["Ed448"]})),
            "components.org.keycloak.keys.KeyProvider[0].config.eddsaPrivateKey: \
             the key cannot be read: algorithm of the key is not supported",
        ),
        (json!({"realm": "a/b"}), "realm: not a name that can stand in a path"),
    ])
    .await;
}
