//! Users made one by one.

use sekisho_admin::AdminError;
use sekisho_admin::user::{self, Duration};
use sekisho_protocol::keycloak::Sensitive;
use serde_json::{Value, json};

use super::documents::rich;
use super::place::Place;

async fn create(place: &Place, user: Value) -> Result<(), AdminError> {
    let user = serde_json::from_value(user).expect("a user");
    user::create(&place.context(), "rich", user).await.map(|_| ())
}

#[tokio::test]
async fn a_new_user_has_what_every_user_has() {
    let place = Place::new().await;
    place.import(rich()).await.expect("an import");
    let user = json!({
        "username": " Ivan", "enabled": true, "realmRoles": ["writer"], "clientRoles": {"web": ["editor"]},
        "credentials": [{"type": "password", "value": "long enough", "temporary": false}],
    });
    create(&place, user).await.expect("a user");
    assert!(place.signs_in("rich", "ivan", "long enough").await);
    let heir = json!({"username": "heir", "credentials": [{"type": "password", "value": "long enough", "temporary": true}]});
    create(&place, heir).await.expect("a user");
    let realm = place.realm("rich").await;
    let heir = place.store.user_by_login(&realm, "heir").await.expect("a read");
    assert_eq!(heir.expect("the user").required_actions, ["UPDATE_PASSWORD"]);
    let exported = place.export("rich").await.users.expect("users");
    let ivan = exported.iter().find(|user| user.username.as_deref() == Some("ivan")).expect("the user");
    assert_eq!(
        ivan.realm_roles.as_deref(),
        Some(["default-roles-rich", "writer"].map(str::to_owned).as_slice())
    );
    assert_eq!(ivan.client_roles.as_ref().expect("roles")["web"], ["editor"]);
    assert_eq!(ivan.groups.as_deref(), Some(["/everyone".to_owned()].as_slice()));
}

#[tokio::test]
async fn a_user_who_cannot_be_is_refused_with_the_reason() {
    let place = Place::new().await;
    place.import(rich()).await.expect("an import");
    for (user, expected) in [
        (json!({"username": "ALICE"}), r#"user "alice" exists already"#),
        (
            json!({"username": "x", "email": "Alice@example.org"}),
            r#"the address "Alice@example.org" is that of another user"#,
        ),
        (json!({"email": "x@example.org"}), "user.username: is missing"),
        (json!({"username": "x", "realmRoles": ["boss"]}), r#"user.realmRoles[0]: there is no role "boss""#),
        (
            json!({"username": "shortish", "credentials": [{"type": "password", "value": "short"}]}),
            "Invalid password: minimum length 8.",
        ),
        (
            json!({"username": "shortish", "credentials": [{"type": "password", "value": "shortish"}]}),
            "Invalid password: must not be equal to the username.",
        ),
    ] {
        let refused = create(&place, user).await.expect_err("a refusal");
        assert_eq!(refused.to_string(), expected);
    }
}

#[tokio::test]
async fn a_new_password_takes_the_place_of_the_old_one() {
    let place = Place::new().await;
    place.import(rich()).await.expect("an import");
    let set = async |name: &str, password: &str, duration| {
        user::set_password(&place.context(), "rich", name, Sensitive::new(password), duration).await
    };
    set("Carol", "another one", Duration::UntilChanged).await.expect("a change");
    assert!(place.signs_in("rich", "carol", "another one").await);
    assert!(!place.signs_in("rich", "carol", "carol-pbkdf2-sha256").await);

    set("carol", "for one time", Duration::OneSignIn).await.expect("a change");
    let realm = place.realm("rich").await;
    let actions = async || {
        let carol = place.store.user_by_login(&realm, "carol").await.expect("a read").expect("a user");
        carol.required_actions
    };
    assert_eq!(actions().await, ["UPDATE_PASSWORD"]);
    set("carol", "for all time", Duration::UntilChanged).await.expect("a change");
    assert_eq!(actions().await, [""; 0]);

    let refused = set("carol", "short", Duration::UntilChanged).await.expect_err("a refusal");
    assert!(matches!(refused, AdminError::PasswordRefused(_)), "{refused}");
    assert!(place.signs_in("rich", "carol", "for all time").await);
    let refused = set("nobody", "long enough", Duration::UntilChanged).await.expect_err("a refusal");
    assert_eq!(refused.to_string(), r#"there is no user "nobody""#);
}
