//! Clients and their scopes as administrators change them: who sees what, and what holds when two change the same.

use sekisho_admin::client::{self, node, scope, secret};
use sekisho_admin::client_scope::{self, Kind};
use sekisho_admin::protocol_mapper::{self, Owner};
use sekisho_admin::scope_mapping::{self, Holder, Of, Which};
use sekisho_admin::{Admin, AdminError, Permit};
use sekisho_core::access;
use sekisho_core::scope::GrantedScopes;
use sekisho_protocol::Scopes;
use sekisho_protocol::keycloak::{
    ClientRepresentation, ProtocolMapperRepresentation, RoleRepresentation, Sensitive,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::documents::realm_of;
use super::place::Place;

const WEB: &str = "5d1f9b1e-0f0c-4f0e-9d0a-000000000001";
const HELLO: &str = "5d1f9b1e-0f0c-4f0e-9d0a-000000000002";

async fn small(policies: &Value) -> Place {
    let place = Place::new().await;
    let realm = json!({
        "realm": "small", "enabled": true,
        "clientProfiles": {"profiles": [{"name": "no", "executors": [{"executor": "reject-request", "configuration": {}}]}]},
        "clientPolicies": {"policies": policies},
        "clients": [{
            "id": WEB, "clientId": "web", "secret": "hush", "serviceAccountsEnabled": true,
            "attributes": {"client.secret.rotated": "hushed before"},
        }],
        "users": [{"username": "viewer", "enabled": true, "clientRoles": {"realm-management": ["view-clients"]}}],
    });
    place.import(realm_of(&realm)).await.expect("an import");
    place
}

async fn operator(place: &Place) -> Admin<'_> {
    Admin::open(place.context(), "small", Permit::operator()).await.expect("the realm")
}

/// Somebody with the role `view-clients` and no other.
async fn viewer(place: &Place) -> Admin<'_> {
    let realm = place.realm("small").await;
    let client = place.store.client(&realm, "admin-cli").await.expect("a read").expect("the client");
    let user = place.store.user_by_login(&realm, "viewer").await.expect("a read").expect("the user");
    let scopes = GrantedScopes { names: Scopes::default(), openid: true };
    let caller = access::check(realm, client, user.into(), &scopes, "127.0.0.1".to_owned());
    Admin::open(place.context(), "small", Permit::of(&caller, "small")).await.expect("the realm")
}

fn document<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).expect("a document")
}

fn mapper(name: &str) -> ProtocolMapperRepresentation {
    document(
        json!({"name": name, "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper"}),
    )
}

/// The client as it is stored.
async fn web(place: &Place) -> ClientRepresentation {
    let clients = place.export("small").await.clients.expect("clients");
    clients.into_iter().find(|client| client.client_id.as_deref() == Some("web")).expect("the client")
}

#[tokio::test]
async fn whoever_may_only_look_sees_stars_and_stars_change_nothing() {
    let place = small(&json!([])).await;
    let (viewer, operator) = (viewer(&place).await, operator(&place).await);
    let seen = client::find(&viewer, WEB).await.expect("a client");
    let listed = client::list(&viewer, &client::Filter::default()).await.expect("clients");
    let credentials = [
        secret::find(&viewer, WEB).await.expect("a secret"),
        secret::rotated(&viewer, WEB).await.expect("a secret"),
    ];
    for seen in [json!(seen), json!(listed), json!(credentials)] {
        assert!(!seen.to_string().contains("hush"), "{seen}");
        assert!(seen.to_string().contains("**********"), "{seen}");
    }
    assert_eq!(json!(seen.access), json!({"view": true, "configure": false, "manage": false}));

    client::update(&operator, WEB, seen).await.expect("a change");
    let web = web(&place).await;
    assert_eq!(web.secret.as_ref().map(Sensitive::reveal), Some("hush"));
    assert_eq!(web.attributes.expect("attributes")["client.secret.rotated"], "hushed before");
}

/// Attack 43: what hangs on a client and has a path of its own is judged as the client is.
#[tokio::test]
async fn policies_judge_every_way_to_change_a_client() {
    let policy = json!([{
        "name": "no", "enabled": true, "profiles": ["no"],
        "conditions": [{"condition": "any-client", "configuration": {}}],
    }]);
    let place = small(&policy).await;
    let admin = operator(&place).await;
    let new: Value = json!({"name": "hello", "protocol": "openid-connect", "id": HELLO});
    client_scope::create(&admin, document(new)).await.expect("a scope is no client's yet");
    let before = web(&place).await;
    let owner = Owner::Client(WEB);
    let role = [RoleRepresentation { name: Some("offline_access".to_owned()), ..Default::default() }];
    let (holder, of) = (Holder::Client(WEB), Of::Realm);
    for (what, outcome) in [
        ("role to carry", scope_mapping::add(&admin, holder, of, &role).await),
        ("role to carry no longer", scope_mapping::remove(&admin, holder, of, &role).await),
        ("mapper", protocol_mapper::create(&admin, owner, mapper("m")).await.map(drop)),
        ("mappers", protocol_mapper::add(&admin, owner, vec![mapper("m")]).await),
        ("scope", scope::assign(&admin, WEB, HELLO, Kind::Optional).await),
        ("secret", secret::regenerate(&admin, WEB).await.map(drop)),
        ("rotated secret", secret::forget_rotated(&admin, WEB).await),
        ("node", node::register(&admin, WEB, "n").await),
        ("client", client::update(&admin, WEB, document(json!({"name": "n"}))).await),
    ] {
        assert!(matches!(outcome, Err(AdminError::PolicyRefused(_))), "{what}");
    }
    assert!(web(&place).await == before, "a change that was refused is there");
    let carried = scope_mapping::list(&admin, holder, of, Which::Mapped).await.expect("a list");
    assert_eq!(carried, [], "a change that was refused is there");
}

#[tokio::test]
async fn what_two_administrators_change_at_once_is_all_there() {
    let place = small(&json!([])).await;
    let admin = operator(&place).await;
    let owner = Owner::Client(WEB);
    let (one, two, three, renamed) = tokio::join!(
        protocol_mapper::create(&admin, owner, mapper("one")),
        protocol_mapper::create(&admin, owner, mapper("two")),
        node::register(&admin, WEB, "n"),
        client::update(&admin, WEB, document(json!({"name": "Web"}))),
    );
    for outcome in [one.map(drop), two.map(drop), three, renamed] {
        outcome.expect("a change");
    }
    let (again, and_again) = tokio::join!(
        protocol_mapper::create(&admin, owner, mapper("three")),
        protocol_mapper::create(&admin, owner, mapper("three")),
    );
    assert!(again.is_ok() != and_again.is_ok(), "two mappers have one name");
    let web = web(&place).await;
    let names = web.protocol_mappers.iter().flatten().filter_map(|mapper| mapper.name.as_deref());
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    assert_eq!(names, ["one", "three", "two"]);
    assert!(web.registered_nodes.is_some_and(|nodes| nodes.contains_key("n")));
    assert_eq!(web.name.as_deref(), Some("Web"));
}

/// Wherever the realm's documents name a scope.
async fn named(place: &Place, name: &str) -> Vec<&'static str> {
    let realm = place.export("small").await;
    let web = web(place).await;
    let has = |list: &Option<Vec<String>>| list.iter().flatten().any(|known| known == name);
    let mappings = realm.scope_mappings.iter().flatten();
    let scopes = realm.client_scopes.iter().flatten();
    let found = [
        ("row", scopes.into_iter().any(|scope| scope.name.as_deref() == Some(name))),
        ("realm", has(&realm.default_optional_client_scopes) || has(&realm.default_default_client_scopes)),
        ("client", has(&web.optional_client_scopes) || has(&web.default_client_scopes)),
        ("roles", mappings.into_iter().any(|mapping| mapping.client_scope.as_deref() == Some(name))),
    ];
    found.into_iter().filter(|(_, there)| *there).map(|(place, _)| place).collect()
}

#[tokio::test]
async fn a_scope_changes_its_name_and_goes_everywhere_at_once() {
    let place = small(&json!([])).await;
    let admin = operator(&place).await;
    let everywhere = ["row", "realm", "client", "roles"];
    assert_eq!(named(&place, "offline_access").await, everywhere);
    let scopes = client_scope::all(&admin).await.expect("scopes");
    let id = |name: &str| {
        let found = scopes.iter().find(|scope| scope.name.as_deref() == Some(name)).expect("the scope");
        found.id.clone().expect("an id")
    };
    let offline = id("offline_access");
    let rename = |to: &str| client_scope::update(&admin, &offline, document(json!({"name": to})));
    let taken = rename("email").await.expect_err("a refusal");
    assert_eq!(taken.to_string(), "Client Scope email already exists");
    let space = rename("a b").await.expect_err("a refusal");
    assert_eq!(space.to_string(), "Unexpected name \"a b\" for ClientScope");
    assert_eq!(named(&place, "offline_access").await, everywhere);
    rename("away").await.expect("a change");
    assert_eq!(named(&place, "away").await, everywhere);
    assert!(named(&place, "offline_access").await.is_empty());
    client_scope::delete(&admin, &offline).await.expect("a change");
    assert!(named(&place, "away").await.is_empty());
}

/// Or whoever makes a scope of that name later would give it to the client unawares.
#[tokio::test]
async fn a_scope_that_goes_while_it_is_given_is_nobodys() {
    let place = small(&json!([])).await;
    let admin = operator(&place).await;
    for round in 0..8 {
        let new: Value = json!({"name": "hello", "protocol": "openid-connect", "id": HELLO});
        client_scope::create(&admin, document(new)).await.expect("a scope");
        let give = async {
            if round % 2 == 0 {
                scope::assign(&admin, WEB, HELLO, Kind::Default).await
            } else {
                client_scope::offer(&admin, HELLO, Kind::Optional).await
            }
        };
        let (given, gone) = tokio::join!(give, client_scope::delete(&admin, HELLO));
        gone.expect("a change");
        assert!(matches!(given, Ok(()) | Err(AdminError::NotFound(_))), "{given:?}");
        assert!(named(&place, "hello").await.is_empty(), "round {round}");
    }
}

#[tokio::test]
async fn what_administrators_stand_on_stays() {
    let place = small(&json!([])).await;
    let admin = operator(&place).await;
    let clients = client::list(&admin, &client::Filter::default()).await.expect("clients");
    let id = |name: &str| {
        let found = clients.iter().find(|client| client.client_id.as_deref() == Some(name));
        found.and_then(|client| client.id.clone()).expect("the client")
    };
    let management = id("realm-management");
    for outcome in [
        client::update(&admin, &management, document(json!({"publicClient": true}))).await,
        protocol_mapper::add(&admin, Owner::Client(&management), vec![mapper("m")]).await,
        client::delete(&admin, &management).await,
    ] {
        assert!(matches!(outcome, Err(AdminError::Forbidden)), "{outcome:?}");
    }
    let account = client::delete(&admin, &id("account")).await;
    assert!(matches!(account, Err(AdminError::BuiltInClient)), "{account:?}");
}
