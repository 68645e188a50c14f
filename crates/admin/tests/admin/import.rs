//! Realm documents in.

use sekisho_core::Realm;
use sekisho_credential::{Parameters, Password, StoredPassword, Verdict};
use sekisho_jose::algorithm::Algorithm;

use super::place::{Place, rich};

async fn password_of(place: &Place, realm: &Realm, name: &str, password: &str) -> Verdict {
    let user = place.store.user_by_login(realm, name).await.expect("a read").expect("a user");
    let stored = place.store.credentials(user.id).await.expect("a read");
    let stored = stored.iter().find(|credential| credential.kind == "password");
    let stored = stored
        .map(|stored| StoredPassword::parse(&stored.credential_data, &stored.secret_data).expect("a hash"));
    let password = Password::parse(password.to_owned()).expect("short enough");
    place.passwords.verify(password, stored, Parameters::KEYCLOAK).await.expect("an answer")
}

#[tokio::test]
async fn a_rich_realm_of_keycloak_comes_over_whole() {
    let place = Place::new().await;
    let imported = place.import(rich()).await.expect("an import");
    assert_eq!(
        imported.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "client policies are kept, but not enforced yet (1 of them are enabled)",
            "password policy passwordHistory is kept, but not enforced yet",
        ]
    );
    let realm = place.store.realm("rich").await.expect("a read").expect("the realm");
    assert!(realm.enabled);
    assert_eq!(
        realm.keys.signer(Algorithm::Rs256).expect("a key").kid(),
        "-iPkG3uU8wEmE6E1d53RlPaAA9oInFANNIitGSvBYCs"
    );
    assert_eq!(realm.keys.refresh.len(), 1);
    for (name, password) in [
        ("alice", "alice-argon2"),
        ("BOB@example.org", "bob-pbkdf2-sha512"),
        ("carol", "carol-pbkdf2-sha256"),
        ("dave", "dave-pbkdf2"),
        ("erin", "erin-temporary"),
        ("frank", "frank-disabled"),
        ("hanako", "パスワード"),
    ] {
        let verdict = password_of(&place, &realm, name, password).await;
        assert!(matches!(verdict, Verdict::Match { .. }), "{name}");
        assert_eq!(password_of(&place, &realm, name, "wrong").await, Verdict::Mismatch, "{name}");
    }
    let web = place.store.client(&realm, "web").await.expect("a read").expect("the client");
    assert!(web.secret.as_ref().expect("a secret").matches("web-secret"));
}
