//! Roles: who may change which, and what goes with them.

use sekisho_admin::client;
use sekisho_admin::role::{self, At, Of};
use sekisho_admin::scope_mapping::{self, Holder};
use sekisho_admin::{Admin, AdminError};
use sekisho_protocol::keycloak::{ClientRepresentation, RoleRepresentation};
use serde_json::json;

use super::documents::realm_of;
use super::place::Place;

const USERS: &[&str] = &["manage-realm", "manage-clients", "view-realm", "realm-admin"];

async fn place() -> Place {
    let place = Place::new().await;
    let user =
        |name: &&str| json!({"username": name, "enabled": true, "clientRoles": {"realm-management": [name]}});
    let users: Vec<_> = USERS.iter().map(user).collect();
    let document = json!({
        "realm": "r", "enabled": true, "users": users,
        "clients": [{"clientId": "web", "id": "6a1d5b6e-0000-4000-8000-000000000001", "fullScopeAllowed": false}],
        "roles": {"realm": [{"name": "reader"}, {"name": "writer", "composites": {"realm": ["reader"]}}]},
        "groups": [{"name": "staff", "realmRoles": ["reader"]}],
        "scopeMappings": [{"client": "web", "roles": ["reader", "writer"]}],
    });
    place.import(realm_of(&document)).await.expect("an import");
    place
}

fn at(name: &str) -> At<'_> {
    At::Name { client: None, name }
}

fn named(name: &str) -> RoleRepresentation {
    RoleRepresentation { name: Some(name.to_owned()), ..Default::default() }
}

async fn management(place: &Place) -> String {
    let realm = place.realm("r").await;
    let found = realm.roles.client_ids.iter().find(|(_, name)| *name == "realm-management");
    found.expect("the client").0.to_string()
}

/// The role as lists have it, by its name in the realm or in a client.
async fn role_of(admin: &Admin<'_>, client: Option<&str>, name: &str) -> RoleRepresentation {
    let all = role::list(admin, client, Some(name)).await.expect("a list");
    all.into_iter().find(|role| role.name.as_deref() == Some(name)).expect("the role")
}

/// Attack 80: a role that carries rights is put into another one only by whoever has them.
#[tokio::test]
async fn nobody_gives_a_right_that_they_lack() {
    let place = place().await;
    let (operator, owner) = (place.operator("r").await, management(&place).await);
    for (who, inside, allowed) in [
        ("manage-realm", "realm-admin", false),
        ("manage-realm", "view-realm", false),
        ("manage-clients", "manage-users", false),
        ("realm-admin", "manage-users", true),
    ] {
        let admin = place.administrator("r", who).await;
        let given = role_of(&operator, Some(&owner), inside).await;
        let into = At::Name { client: None, name: "writer" };
        let outcome = role::contain(&admin, into, &[given]).await;
        assert_eq!(outcome.is_ok(), allowed, "{who} {inside}");
        assert!(matches!(outcome, Ok(()) | Err(AdminError::Forbidden)), "{who} {inside}");
    }
}

/// What is an admin role is a matter of its name: making one, or giving its name to another, is giving its right.
#[tokio::test]
async fn nobody_makes_a_role_of_theirs_an_admin_role() {
    let place = place().await;
    let owner = management(&place).await;
    let client = Some(owner.as_str());
    let admin = place.administrator("r", "manage-clients").await;
    let made = role::create(&place.operator("r").await, client, named("mine")).await;
    made.expect("a role that means nothing");
    let of = |name| At::Name { client, name };
    for (before, after) in [("manage-users", "aside"), ("mine", "manage-users")] {
        let renamed = role::update(&admin, of(before), named(after)).await;
        assert!(matches!(renamed, Err(AdminError::Forbidden)), "{before} {after}");
    }
    let operator = place.operator("r").await;
    role::delete(&operator, of("manage-users")).await.expect("whoever may do all");
    let made = role::create(&admin, client, named("manage-users")).await;
    assert!(matches!(made, Err(AdminError::Forbidden)));
    let renamed = role::update(&admin, of("mine"), named("manage-users")).await;
    assert!(matches!(renamed, Err(AdminError::Forbidden)));
}

/// The client that owns the admin roles may not be changed, and neither may they: not by whoever lacks some of them.
#[tokio::test]
async fn admin_roles_are_changed_by_nobody_who_lacks_them() {
    let place = place().await;
    let owner = management(&place).await;
    let client = Some(owner.as_str());
    let operator = place.operator("r").await;
    let (users, own) = (
        role_of(&operator, client, "manage-users").await,
        role_of(&operator, client, "manage-clients").await,
    );
    let id = role_of(&operator, client, "realm-admin").await.id.expect("an id");
    let of = |name| At::Name { client, name };
    let described = RoleRepresentation { description: Some("mine".to_owned()), ..named("manage-clients") };
    for (who, allowed) in [("manage-clients", false), ("realm-admin", true)] {
        let admin = place.administrator("r", who).await;
        let taken_out = [users.clone()];
        for (what, outcome) in [
            ("make", role::create(&admin, client, named("custom")).await.map(drop)),
            ("describe", role::update(&admin, of("manage-clients"), described.clone()).await),
            ("fill", role::contain(&admin, of("view-users"), std::slice::from_ref(&own)).await),
            ("empty", role::release(&admin, At::Id(&id), &taken_out).await),
            ("remove", role::delete(&admin, of("manage-clients")).await),
            ("remove by id", role::delete(&admin, At::Id(&id)).await),
        ] {
            assert_eq!(outcome.is_ok(), allowed, "{who} {what}: {outcome:?}");
            assert!(matches!(outcome, Ok(()) | Err(AdminError::Forbidden)), "{who} {what}: {outcome:?}");
        }
    }
}

/// What holds rights through what is inside it is emptied and removed only by whoever could fill it.
#[tokio::test]
async fn nobody_takes_a_right_that_they_lack() {
    let place = place().await;
    let (operator, owner) = (place.operator("r").await, management(&place).await);
    let inside = role_of(&operator, Some(&owner), "manage-users").await;
    let reader = role_of(&operator, None, "reader").await;
    role::contain(&operator, at("writer"), std::slice::from_ref(&inside)).await.expect("whoever may do all");
    let admin = place.administrator("r", "manage-realm").await;
    role::release(&admin, at("writer"), &[reader]).await.expect("a role that means nothing");
    for outcome in
        [role::release(&admin, at("writer"), &[inside]).await, role::delete(&admin, at("writer")).await]
    {
        assert!(matches!(outcome, Err(AdminError::Forbidden)), "{outcome:?}");
    }
    role::delete(&admin, at("reader")).await.expect("a role that means nothing");
}

/// Nor is a client of theirs made the one whose roles carry rights.
#[tokio::test]
async fn nobody_puts_a_client_in_the_place_of_the_one_that_manages() {
    let place = place().await;
    let owner = management(&place).await;
    let web = "6a1d5b6e-0000-4000-8000-000000000001";
    for (id, name, allowed) in
        [(owner.as_str(), "aside", false), (web, "realm-management", false), (web, "web2", true)]
    {
        let admin = place.administrator("r", "manage-clients").await;
        let sent = ClientRepresentation { client_id: Some(name.to_owned()), ..Default::default() };
        let outcome = Box::pin(client::update(&admin, id, sent)).await;
        assert_eq!(outcome.is_ok(), allowed, "{name}");
        assert!(matches!(outcome, Ok(()) | Err(AdminError::Forbidden)), "{name}");
    }
}

#[tokio::test]
async fn whose_role_it_is_says_who_may_see_and_change_it() {
    let place = place().await;
    let operator = place.operator("r").await;
    let of_realm = role_of(&operator, None, "reader").await.id.expect("an id");
    let web = "6a1d5b6e-0000-4000-8000-000000000001";
    role::create(&operator, Some(web), named("caller")).await.expect("a role");
    let of_client = role_of(&operator, Some(web), "caller").await.id.expect("an id");
    for (who, id, seen, changed) in [
        ("view-realm", &of_realm, true, false),
        ("view-realm", &of_client, false, false),
        ("manage-realm", &of_client, false, false),
        ("manage-clients", &of_realm, false, false),
        ("manage-clients", &of_client, true, true),
        ("manage-realm", &of_realm, true, true),
    ] {
        let admin = place.administrator("r", who).await;
        let found = role::find(&admin, At::Id(id)).await;
        assert_eq!(found.is_ok(), seen, "{who} sees {id}");
        assert_eq!(role::composites(&admin, At::Id(id), Of::Anybody).await.is_ok(), seen, "{who} {id}");
        let description = RoleRepresentation { description: Some(who.to_owned()), ..Default::default() };
        assert_eq!(
            role::update(&admin, At::Id(id), description).await.is_ok(),
            changed,
            "{who} changes {id}"
        );
        assert_eq!(role::contain(&admin, At::Id(id), &[]).await.is_ok(), changed, "{who} fills {id}");
        // Seeing a role is not seeing who has it.
        assert!(matches!(role::groups(&admin, At::Id(id)).await, Err(AdminError::Forbidden)), "{who} {id}");
    }
}

/// Attack 79: an id of another realm is none here.
#[tokio::test]
async fn a_role_of_another_realm_is_not_found() {
    let place = place().await;
    place
        .import(realm_of(&json!({"realm": "other", "roles": {"realm": [{"name": "theirs"}]}})))
        .await
        .expect("an import");
    let theirs = role_of(&place.operator("other").await, None, "theirs").await;
    let admin = place.operator("r").await;
    let refused = role::contain(&admin, at("reader"), std::slice::from_ref(&theirs)).await;
    assert_eq!(refused.expect_err("a refusal").to_string(), "Could not find composite role");
    let (holder, of) = (Holder::Client("6a1d5b6e-0000-4000-8000-000000000001"), scope_mapping::Of::Realm);
    let refused = scope_mapping::add(&admin, holder, of, std::slice::from_ref(&theirs)).await;
    assert_eq!(refused.expect_err("a refusal").to_string(), "Role not found");
    let id = theirs.id.expect("an id");
    let refused = role::delete(&admin, At::Id(&id)).await;
    assert_eq!(refused.expect_err("a refusal").to_string(), "Could not find role with id");
}

async fn mapped(admin: &Admin<'_>) -> Vec<String> {
    let holder = Holder::Client("6a1d5b6e-0000-4000-8000-000000000001");
    let found = scope_mapping::mappings(admin, holder).await.expect("an answer");
    found.realm_mappings.into_iter().flatten().filter_map(|role| role.name).collect()
}

#[tokio::test]
async fn a_new_name_and_the_end_of_a_role_reach_everything_that_has_it() {
    let place = place().await;
    let admin = place.operator("r").await;
    role::update(&admin, at("reader"), named("lector")).await.expect("another name");
    assert_eq!(mapped(&place.operator("r").await).await, ["lector", "writer"]);
    role::update(&admin, at("default-roles-r"), named("usual")).await.expect("another name");
    let realm = place.realm("r").await;
    assert_eq!(realm.default_role, realm.roles.realm_role("usual").map(|role| role.id));
    assert!(realm.default_role.is_some());

    role::delete(&place.operator("r").await, at("lector")).await.expect("an end");
    let admin = place.operator("r").await;
    assert_eq!(mapped(&admin).await, ["writer"]);
    assert_eq!(role::composites(&admin, at("writer"), Of::Anybody).await.expect("a list"), []);
    assert_eq!(role::find(&admin, at("writer")).await.expect("the role").composite, Some(false));
    assert!(place.realm("r").await.groups.by_id.values().all(|group| group.roles.is_empty()));
    let refused = role::delete(&admin, at("usual")).await.expect_err("a refusal").to_string();
    assert_eq!(refused, "usual is default role of the realm and cannot be removed.");
}

/// The second of two administrators decides on what the first has left.
#[tokio::test]
async fn of_two_administrators_neither_undoes_what_the_other_did() {
    let place = place().await;
    let (one, two) = (place.operator("r").await, place.operator("r").await);
    let (reader, writer) = (role_of(&one, None, "reader").await, role_of(&one, None, "writer").await);
    role::contain(&one, at("uma_authorization"), &[reader]).await.expect("the first");
    role::contain(&two, at("uma_authorization"), &[writer])
        .await
        .expect("the second, on a realm that it read before");
    let admin = place.operator("r").await;
    let inside = role::composites(&admin, at("uma_authorization"), Of::Anybody).await.expect("a list");
    assert_eq!(
        inside.iter().filter_map(|role| role.name.as_deref()).collect::<Vec<_>>(),
        ["reader", "writer"]
    );

    let made = tokio::join!(role::create(&one, None, named("new")), role::create(&two, None, named("new")));
    let errors: Vec<_> = [made.0.err(), made.1.err()].into_iter().flatten().collect();
    assert_eq!(errors.len(), 1, "one of them");
    assert_eq!(errors[0].to_string(), "Role with name new already exists");
}
