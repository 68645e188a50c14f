//! Passwords of a realm that a real Keycloak exported: they verify, and go back byte for byte.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use std::{fs, num::NonZeroUsize};

use sekisho_credential::{HashingPool, Parameters, Password, StoredPassword, Verdict};
use serde_json::Value;

const REALM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/observed/realm-rich.json");

struct Exported {
    username: String,
    credential_data: String,
    secret_data: String,
}

#[tokio::test]
async fn passwords_of_a_keycloak_export_verify() {
    let cases = [
        ("alice", "alice-argon2", false),
        ("bob", "bob-pbkdf2-sha512", true),
        ("carol", "carol-pbkdf2-sha256", true),
        ("dave", "dave-pbkdf2", true),
        ("erin", "erin-temporary", false),
        ("frank", "frank-disabled", false),
        ("hanako", "パスワード", false),
    ];
    let exported = exported();
    assert_eq!(exported.len(), cases.len(), "every password of the export is tried");
    let pool = HashingPool::new(NonZeroUsize::MIN, NonZeroUsize::MIN).unwrap();
    for (username, typed, upgrade) in cases {
        let credential = exported.iter().find(|credential| credential.username == username).unwrap();
        for (typed, expected) in [
            (typed.to_owned(), Verdict::Match { upgrade }),
            (format!("{typed} "), Verdict::Mismatch),
            (typed.to_uppercase() + "0", Verdict::Mismatch),
        ] {
            let password = Password::parse(typed).unwrap();
            let verdict = pool.verify(password, Some(stored(credential)), Parameters::KEYCLOAK).await;
            assert_eq!(verdict, Ok(expected), "{username}");
        }
    }
}

#[test]
fn what_keycloak_exported_is_written_back_byte_for_byte() {
    for credential in exported() {
        let stored = stored(&credential);
        assert_eq!(stored.credential_data(), credential.credential_data, "{}", credential.username);
        assert_eq!(stored.secret_data(), credential.secret_data, "{}", credential.username);
    }
}

#[tokio::test]
async fn new_hash_has_the_form_of_keycloaks() {
    let pool = HashingPool::new(NonZeroUsize::MIN, NonZeroUsize::MIN).unwrap();
    let password = Password::parse("alice-argon2".to_owned()).unwrap();
    let made = pool.hash(password, Parameters::KEYCLOAK, [7; 16]).await.unwrap();
    let exported = exported();
    assert_eq!(made.credential_data(), exported.first().unwrap().credential_data);
    assert!(made.secret_data().ends_with(r#","salt":"BwcHBwcHBwcHBwcHBwcHBw==","additionalParameters":{}}"#));
}

fn stored(credential: &Exported) -> StoredPassword {
    StoredPassword::parse(&credential.credential_data, &credential.secret_data).unwrap()
}

fn exported() -> Vec<Exported> {
    let realm: Value = serde_json::from_str(&fs::read_to_string(REALM).unwrap()).unwrap();
    let users = realm["users"].as_array().unwrap().iter();
    users.flat_map(|user| user["credentials"].as_array().unwrap().iter().map(move |c| of(user, c))).collect()
}

fn of(user: &Value, credential: &Value) -> Exported {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Exported {
        username: text(&user["username"]),
        credential_data: text(&credential["credentialData"]),
        secret_data: text(&credential["secretData"]),
    }
}
