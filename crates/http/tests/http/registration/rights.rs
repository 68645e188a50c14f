//! What a sender may say of a client, and an administrator may do by registration.

use sekisho_core::client::BUILT_IN;
use sekisho_testkit::builders::NewRealm;
use serde_json::{Value, json};

use super::super::support::answer::Answer;
use super::super::support::town::{realm, town};
use super::super::support::world::World;
use super::{DOCUMENTS, METADATA, call, initial_access, open_realm, text, tool};

/// Somebody who has just these roles of administration.
fn add_clerk(realm: &mut NewRealm, roles: &[&str]) {
    realm.add_user(&json!({
        "username": "clerk", "email": "clerk@example.org", "emailVerified": true,
        "firstName": "Clerk", "lastName": "Example",
        "credentials": [{"type": "password", "value": "clerk"}],
        "realmRoles": ["default-roles-r"], "clientRoles": {"realm-management": roles},
    }));
}

async fn token_of_clerk(world: &World) -> String {
    let form =
        [("grant_type", "password"), ("client_id", "script"), ("username", "clerk"), ("password", "clerk")];
    let tokens = world.post(&world.endpoint("/token"), &form).await.json();
    text(&tokens, "access_token").to_owned()
}

async fn town_with(roles: &[&str]) -> (World, String) {
    let mut realm = realm();
    add_clerk(&mut realm, roles);
    let world = World::with(realm).await;
    let token = token_of_clerk(&world).await;
    (world, token)
}

async fn statuses(world: &World, token: &str, client_id: &str, change: &Value) -> [u16; 2] {
    let path = format!("{DOCUMENTS}/{client_id}");
    let put = call(world, "PUT", &path, Some(token), change).await.status();
    [put, call(world, "DELETE", &path, Some(token), &Value::Null).await.status()]
}

/// Attack 80: whoever manages clients does not get at the roles of administrators by this way either.
#[tokio::test]
async fn clients_that_administer_are_nobodys_to_register_change_or_remove() {
    let (world, token) = town_with(&["manage-clients"]).await;
    let change = json!({"clientId": "realm-management", "enabled": true, "directAccessGrantsEnabled": true});
    assert_eq!(statuses(&world, &token, "realm-management", &change).await, [401, 401]);
    let made = json!({"clientId": "realm-management"});
    assert_eq!(call(&world, "POST", DOCUMENTS, Some(&token), &made).await.status(), 403);
    for client_id in ["account", "broker", "admin-cli"] {
        let path = format!("{DOCUMENTS}/{client_id}");
        let removed = call(&world, "DELETE", &path, Some(&token), &Value::Null).await;
        assert_eq!(removed.status(), 401, "{client_id}");
    }
    let change = json!({"clientId": "web", "enabled": true, "name": "W"});
    assert_eq!(statuses(&world, &token, "web", &change).await, [200, 204], "others are theirs");
}

#[tokio::test]
async fn whoever_may_only_look_sees_no_secret() {
    for (roles, secret) in [(["view-clients"], "**********"), (["manage-clients"], "web secret")] {
        let (world, token) = town_with(&roles).await;
        for (provider, member) in [(METADATA, "client_secret"), (DOCUMENTS, "secret")] {
            let read = call(&world, "GET", &format!("{provider}/web"), Some(&token), &Value::Null).await;
            assert_eq!(read.status(), 200, "{}", read.text);
            assert_eq!(text(&read.json(), member), secret, "{roles:?} {provider}");
        }
    }
}

/// The starting policy is not about clients that came with the realm: nobody is one of them by saying so.
#[tokio::test]
async fn nobody_says_of_a_client_that_it_came_with_the_realm() {
    let world = town().await;
    let access = initial_access(&world, 1, &[]).await;
    let sent = json!({"clientId": "new", "attributes": {BUILT_IN: "true", "own": "kept"}});
    let made = call(&world, "POST", DOCUMENTS, Some(&access), &sent).await.json();
    assert_eq!((&made["attributes"][BUILT_IN], &made["attributes"]["own"]), (&Value::Null, &json!("kept")));
    let token = text(&made, "registrationAccessToken");
    let changed = call(&world, "PUT", &format!("{DOCUMENTS}/new"), Some(token), &sent).await.json();
    assert_eq!(changed["attributes"][BUILT_IN], Value::Null);
}

#[tokio::test]
async fn only_an_administrator_lets_tokens_live_longer() {
    let sent = json!({
        "clientId": "new", "attributes": {"access.token.lifespan": "86400", "client.session.max.lifespan": "86400"},
        "authenticationFlowBindingOverrides": {"browser": "none"},
    });
    let (world, clerk) = town_with(&["manage-clients"]).await;
    let access = initial_access(&world, 1, &[]).await;
    let humble = call(&world, "POST", DOCUMENTS, Some(&access), &sent).await.json();
    let own = text(&humble, "registrationAccessToken");
    let path = format!("{DOCUMENTS}/new");
    let changed = call(&world, "PUT", &path, Some(own), &sent).await.json();
    let flows = ("authenticationFlowBindingOverrides", "browser");
    for document in [&humble, &changed] {
        assert_eq!(document["attributes"]["access.token.lifespan"], Value::Null);
        assert_eq!(document["attributes"]["client.session.max.lifespan"], Value::Null);
        assert_eq!(document[flows.0][flows.1], Value::Null);
    }
    let changed = call(&world, "PUT", &path, Some(&clerk), &sent).await.json();
    assert_eq!(changed["attributes"]["access.token.lifespan"], "86400");
}

#[tokio::test]
async fn an_address_that_no_answer_is_sent_to_is_not_registered() {
    let world = town().await;
    let access = initial_access(&world, 9, &[]).await;
    let register = async |uri: &str| -> Answer {
        let sent = json!({"redirect_uris": [uri]});
        call(&world, "POST", METADATA, Some(&access), &sent).await
    };
    for uri in [
        "*",
        "https://*",
        "https://user:word@app.example/cb",
        "about:blank",
        "file:///etc/hosts",
        "blob:https://app.example/x",
        "view-source:https://app.example",
        " https://app.example/cb",
        "https://app.example/c\u{0}b",
    ] {
        let refused = register(uri).await;
        let (status, code, _) = refused.error();
        assert_eq!((status, code.as_str()), (400, "invalid_redirect_uri"), "{uri:?} {}", refused.text);
    }
    for uri in
        ["https://app.example/cb", "https://app.example/*", "com.example.app:/cb", "http://127.0.0.1/cb"]
    {
        assert_eq!(register(uri).await.status(), 201, "{uri}");
    }
}

/// What somebody would join must be what they registered.
#[tokio::test]
async fn nobody_joins_a_client_that_an_administrator_changed() {
    let mut realm = open_realm(200);
    add_clerk(&mut realm, &["manage-clients"]);
    let world = World::with(realm).await;
    let sent = tool("https://app.example/cb");
    let first = call(&world, "POST", METADATA, None, &sent).await.json();
    let clerk = token_of_clerk(&world).await;
    let path = format!("{DOCUMENTS}/{}", text(&first, "client_id"));
    let off = json!({"clientId": first["client_id"], "enabled": false});
    assert_eq!(call(&world, "PUT", &path, Some(&clerk), &off).await.status(), 200);
    let other = call(&world, "POST", METADATA, None, &sent).await.json();
    assert_ne!(text(&other, "client_id"), text(&first, "client_id"));
}

/// Whoever knows the secret of an account with more rights has them.
#[tokio::test]
async fn a_client_that_may_do_more_is_not_taken_over() {
    for (roles, status, secret) in
        [(["manage-clients"], 403, "**********"), (["realm-admin"], 200, "robot secret")]
    {
        let mut realm = realm();
        add_clerk(&mut realm, &roles);
        realm.add_client(
            &json!({"clientId": "robot", "secret": "robot secret", "serviceAccountsEnabled": true}),
        );
        let accounts = realm.config.users.iter_mut().flatten();
        let mut robots = accounts.filter(|user| user.service_account_client_id.as_deref() == Some("robot"));
        let rights = ("realm-management".to_owned(), vec!["realm-admin".to_owned()]);
        robots.next().expect("the account").client_roles = Some([rights].into());
        let world = World::with(realm).await;
        let token = token_of_clerk(&world).await;
        let path = format!("{DOCUMENTS}/robot");
        let read = call(&world, "GET", &path, Some(&token), &Value::Null).await.json();
        assert_eq!(text(&read, "secret"), secret, "{roles:?}");
        let change = json!({"clientId": "robot", "secret": "a secret that the clerk knows"});
        assert_eq!(call(&world, "PUT", &path, Some(&token), &change).await.status(), status, "{roles:?}");
    }
}
