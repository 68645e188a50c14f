//! The realm of those who administer all realms.

use std::collections::BTreeSet;

use sekisho_admin::realm::{self, Administrator, Bootstrapped, FirstAdministrator, ImportOptions};
use sekisho_admin::{AdminError, client};
use sekisho_protocol::keycloak::{ClientRepresentation, Sensitive};
use serde_json::json;

use super::documents::realm_of;
use super::place::Place;

fn first() -> Administrator {
    Administrator { username: "admin".to_owned(), password: Sensitive::new("admin") }
}

/// Roles that the administrator has in the end.
async fn roles_of_admin(place: &Place) -> BTreeSet<String> {
    let master = place.realm("master").await;
    let admin = place.store.user_by_login(&master, "admin").await.expect("a read").expect("a user");
    let named = |id| {
        let role = master.roles.by_id.get(&id).expect("a role");
        let owner = role.client.and_then(|client| master.roles.client_ids.get(&client));
        format!("{}/{}", owner.map_or("", String::as_str), role.name)
    };
    master.roles.expand(admin.roles).into_iter().map(named).collect()
}

#[tokio::test]
async fn an_empty_database_gets_master_and_an_administrator() {
    let place = Place::new().await;
    let made = realm::bootstrap_master(&place.context(), Some(first())).await.expect("a start");
    assert_eq!(made, Bootstrapped { master_made: true, administrator: FirstAdministrator::Made });
    assert!(place.signs_in("master", "admin", "admin").await);
    let roles = roles_of_admin(&place).await;
    for role in ["/admin", "/create-realm", "master-realm/manage-users", "account/view-profile"] {
        assert!(roles.contains(role), "{role}");
    }
    let again = realm::bootstrap_master(&place.context(), Some(first())).await.expect("a start");
    assert_eq!(again, Bootstrapped { master_made: false, administrator: FirstAdministrator::There });
}

#[tokio::test]
async fn nodes_that_start_together_agree_on_one_master() {
    let place = Place::new().await;
    let context = place.context();
    let start = || realm::bootstrap_master(&context, Some(first()));
    let (one, two) = tokio::join!(start(), start());
    let made = [one.expect("a start"), two.expect("a start")].map(|made| made.administrator);
    assert!(
        made.contains(&FirstAdministrator::Made) && made.contains(&FirstAdministrator::There),
        "{made:?}"
    );
    assert!(roles_of_admin(&place).await.contains("/admin"));
}

#[tokio::test]
async fn a_start_without_an_administrator_says_so() {
    let place = Place::new().await;
    let made = realm::bootstrap_master(&place.context(), None).await.expect("a start");
    assert_eq!(made.administrator, FirstAdministrator::Missing);
}

#[tokio::test]
async fn master_administers_realms_made_before_and_after_it() {
    let place = Place::new().await;
    place.import(realm_of(&json!({"realm": "before", "enabled": true}))).await.expect("an import");
    realm::bootstrap_master(&place.context(), Some(first())).await.expect("a start");
    place.import(realm_of(&json!({"realm": "after", "enabled": true}))).await.expect("an import");
    let roles = roles_of_admin(&place).await;
    for realm in ["before", "after", "master"] {
        let of_realm = roles.iter().filter(|role| role.starts_with(&format!("{realm}-realm/"))).count();
        assert_eq!(of_realm, 21, "{realm}");
    }
    place.overwrite(realm_of(&json!({"realm": "after", "enabled": true}))).await.expect("an import");
    assert_eq!(roles_of_admin(&place).await, roles);
}

#[tokio::test]
async fn realms_made_at_the_same_time_are_all_administered() {
    let place = Place::new().await;
    realm::bootstrap_master(&place.context(), Some(first())).await.expect("a start");
    let context = place.context();
    let create = |name: &'static str| realm::create(&context, name, ImportOptions::default());
    let (a, b, c, d) = tokio::join!(create("a"), create("b"), create("c"), create("d"));
    for made in [a, b, c, d] {
        made.expect("a realm");
    }
    let roles = roles_of_admin(&place).await;
    for realm in ["a", "b", "c", "d"] {
        assert!(roles.contains(&format!("{realm}-realm/manage-realm")), "{realm}");
    }
}

/// A client of that name would be taken for the one that comes with the realm, which nobody could administer then.
#[tokio::test]
async fn no_client_takes_the_place_of_the_one_that_comes_with_a_realm() {
    let place = Place::new().await;
    realm::bootstrap_master(&place.context(), Some(first())).await.expect("a start");
    for admin in [place.administrator("master", "admin").await, place.operator("master").await] {
        let sent = ClientRepresentation { client_id: Some("future-realm".to_owned()), ..Default::default() };
        let made = Box::pin(client::create(&admin, sent)).await;
        assert!(matches!(&made, Err(AdminError::Invalid(text)) if text.contains("clientId")), "{made:?}");
    }
}

/// One may be there all the same: registered by itself, or of a document.
#[tokio::test]
async fn a_realm_that_nobody_could_administer_is_not_made() {
    let place = Place::new().await;
    let id = "6a1d5b6e-0000-4000-8000-000000000001";
    let of_document = json!({
        "realm": "master", "enabled": true, "clients": [{"clientId": "future-realm", "id": id}],
    });
    place.import(realm_of(&of_document)).await.expect("an import");
    realm::bootstrap_master(&place.context(), Some(first())).await.expect("a start");
    let future = json!({"realm": "future", "enabled": true});
    let refused = place.import(realm_of(&future)).await;
    assert!(
        matches!(&refused, Err(AdminError::Exists(text)) if text.contains("future-realm")),
        "{refused:?}"
    );
    assert!(place.store.realm("future").await.expect("a read").is_none(), "nothing is left of it");
    Box::pin(client::delete(&place.administrator("master", "admin").await, id))
        .await
        .expect("it is in the way");
    place.import(realm_of(&future)).await.expect("an import");
    assert!(roles_of_admin(&place).await.contains("future-realm/manage-realm"));
    let admin = place.administrator("master", "admin").await;
    let standing = place.store.stored_client(admin.realm.id, "future-realm").await.expect("a read");
    let standing = standing.expect("the client").record.id.to_string();
    let removed = Box::pin(client::delete(&admin, &standing)).await;
    assert!(matches!(removed, Err(AdminError::Forbidden)), "{removed:?}");
}
