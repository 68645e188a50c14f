//! Clients under client policies: the policy that a realm of ours starts with, and changes that race.

use sekisho_admin::realm::{self, ImportOptions};
use sekisho_admin::{Admin, AdminError, Permit, client, event};
use sekisho_protocol::keycloak::{AdminEventRepresentation, ClientRepresentation, RealmRepresentation};
use sekisho_store::AdminEventFilter;
use serde_json::{Value, json};

use super::documents::realm_of;
use super::place::Place;
use sekisho_testkit::log;

fn document(value: &Value) -> ClientRepresentation {
    serde_json::from_value(value.clone()).expect("a client")
}

async fn desk<'a>(place: &'a Place, realm: &str) -> Admin<'a> {
    Admin::open(place.context(), realm, Permit::operator()).await.expect("the realm")
}

fn pkce(client: &ClientRepresentation) -> Option<&str> {
    client.attributes.as_ref()?.get("pkce.code.challenge.method").map(String::as_str)
}

#[tokio::test]
async fn a_realm_of_ours_holds_clients_made_in_it_to_oauth_2_1() {
    let place = Place::new().await;
    realm::create(&place.context(), "ours", ImportOptions::ours()).await.expect("a realm");
    let desk = desk(&place, "ours").await;
    // A native client as MCP clients are.
    let native = json!({"clientId": "native", "publicClient": true,
        "redirectUris": ["http://localhost:6274/oauth/callback", "http://127.0.0.1/cb", "com.example.app:/cb"],
        "directAccessGrantsEnabled": true});
    let id = client::create(&desk, document(&native)).await.expect("a client");
    let made = client::find(&desk, &id).await.expect("the client");
    assert_eq!((pkce(&made), made.direct_access_grants_enabled), (Some("S256"), Some(false)));

    for uri in ["http://app.example/cb", "https://app.example/*", "myapp:/cb"] {
        let refused = client::create(&desk, document(&json!({"clientId": "x", "redirectUris": [uri]}))).await;
        let Err(AdminError::PolicyRefused(refusal)) = refused else { panic!("{uri} was let pass") };
        assert_eq!(
            (refusal.policy.as_str(), refusal.executor.as_str()),
            ("oauth-2-1", "secure-redirect-uris-enforcer"),
            "{uri}"
        );
        // The same by a change, and nothing of it is stored.
        let change = document(&json!({"redirectUris": [uri], "name": "changed"}));
        let refused = client::update(&desk, &id, change).await;
        assert!(matches!(refused, Err(AdminError::PolicyRefused(_))), "{uri}");
        assert_eq!(client::find(&desk, &id).await.expect("the client").name, None);
    }
}

#[tokio::test]
async fn built_in_clients_and_realms_of_others_start_without_a_policy() {
    let place = Place::new().await;
    realm::create(&place.context(), "ours", ImportOptions::ours()).await.expect("a realm");
    let ours = place.export("ours").await;
    let admin_cli =
        ours.clients.iter().flatten().find(|client| client.client_id.as_deref() == Some("admin-cli"));
    let id = admin_cli.and_then(|client| client.id.clone()).expect("admin-cli");
    let desk_of_ours = desk(&place, "ours").await;
    client::update(&desk_of_ours, &id, document(&json!({"name": "n"}))).await.expect("not under the policy");
    let after = client::find(&desk_of_ours, &id).await.expect("the client");
    assert_eq!((after.direct_access_grants_enabled, pkce(&after)), (Some(true), None));

    let imported =
        RealmRepresentation { realm: Some("rest".to_owned()), enabled: Some(true), ..Default::default() };
    place.import(imported).await.expect("a realm");
    let desk_of_rest = desk(&place, "rest").await;
    let wild = json!({"clientId": "x", "redirectUris": ["https://app.example/*"]});
    client::create(&desk_of_rest, document(&wild)).await.expect("no policy");
    assert!(
        place
            .export("rest")
            .await
            .client_policies
            .and_then(|all| all.policies)
            .is_none_or(|all| all.is_empty())
    );
}

/// Two administrators at once: each change is there whole.
#[tokio::test]
async fn changes_that_race_are_all_there_and_none_in_half() {
    let place = Place::new().await;
    realm::create(&place.context(), "r", ImportOptions::default()).await.expect("a realm");
    let desk = desk(&place, "r").await;
    let id = client::create(&desk, document(&json!({"clientId": "c"}))).await.expect("a client");
    let change = |number: usize| {
        let mut attributes = serde_json::Map::new();
        attributes.insert(format!("a{number}"), json!("1"));
        attributes.insert(format!("b{number}"), json!("1"));
        document(&json!({ "attributes": attributes }))
    };
    let (first, second, third) = tokio::join!(
        client::update(&desk, &id, change(1)),
        client::update(&desk, &id, change(2)),
        client::update(&desk, &id, change(3)),
    );
    for outcome in [first, second, third] {
        outcome.expect("decided anew when another was faster");
    }
    let attributes = client::find(&desk, &id).await.expect("the client").attributes.expect("attributes");
    for number in 1..=3 {
        assert!(
            attributes.contains_key(&format!("a{number}")) && attributes.contains_key(&format!("b{number}"))
        );
    }
}

/// An operator who looks for what was refused finds acts of administration where they find requests.
/// A secret tells more of a client than its document does.
#[tokio::test]
async fn where_a_look_is_refused_so_is_the_secret() {
    const WEB: &str = "6a1d5b6e-0000-4000-8000-000000000001";
    let place = Place::new().await;
    place.import(realm_of(&refusing(WEB))).await.expect("an import");
    let admin = place.operator("r").await;
    for outcome in [
        client::find(&admin, WEB).await.map(drop),
        client::secret::find(&admin, WEB).await.map(drop),
        client::secret::rotated(&admin, WEB).await.map(drop),
        client::registration::regenerate(&admin, WEB).await.map(drop),
    ] {
        assert!(matches!(outcome, Err(AdminError::PolicyRefused(_))));
    }
}

#[tokio::test]
async fn a_refused_act_is_told_in_the_log_and_in_an_event() {
    const WEB: &str = "6a1d5b6e-0000-4000-8000-000000000001";
    let place = Place::new().await;
    place.import(realm_of(&refusing(WEB))).await.expect("an import");
    let admin = place.administrator("r", "clara").await;
    for (kind, operation, path) in [
        ("CLIENT_REGISTER", "CREATE", "clients".to_owned()),
        ("CLIENT_UPDATE", "UPDATE", format!("clients/{WEB}")),
        ("CLIENT_DELETE", "DELETE", format!("clients/{WEB}")),
        ("CLIENT_INFO", "", String::new()),
    ] {
        log::listen();
        let sent = document(&json!({"clientId": "web", "secret": "hushed"}));
        let outcome = match kind {
            "CLIENT_REGISTER" => Box::pin(client::create(&admin, sent)).await.map(drop),
            "CLIENT_UPDATE" => Box::pin(client::update(&admin, WEB, sent)).await,
            "CLIENT_DELETE" => Box::pin(client::delete(&admin, WEB)).await,
            _ => client::find(&admin, WEB).await.map(drop),
        };
        let heard = log::heard();
        assert!(matches!(outcome, Err(AdminError::PolicyRefused(_))), "{kind}");
        let mut warnings = heard.lines().filter(|line| line.contains(" WARN "));
        let (line, other) = (warnings.next().unwrap_or_default(), warnings.next());
        let actor = admin.permit.actor().expect("somebody");
        for part in [
            format!("{kind} refused"),
            format!("event.kind=\"{kind}\""),
            "realm.name=r ".to_owned(),
            "client.id=\"web\"".to_owned(),
            "client.address=\"127.0.0.1\"".to_owned(),
            format!("user.id=\"{}\"", actor.user.as_deref().expect("a user")),
            "error.cause=\"PolicyRefused\"".to_owned(),
            "policy.name=\"nothing\"".to_owned(),
            "policy.profile=\"no\"".to_owned(),
            "policy.conditions=\"any-client\"".to_owned(),
            "policy.executor=\"reject-request\"".to_owned(),
        ] {
            assert!(line.contains(&part), "{kind}, {part}: {heard}");
        }
        assert!(other.is_none() && !heard.contains("hushed"), "{heard}");
        let acts = event::admin_events(&place.operator("r").await, &AdminEventFilter::default()).await;
        let of_kind = |act: &AdminEventRepresentation| act.operation_type.as_deref() == Some(operation);
        let act = acts.expect("events").into_iter().find(of_kind);
        assert_eq!(act.is_some(), kind != "CLIENT_INFO", "{kind}");
        let Some(act) = act else { continue };
        assert_eq!((act.resource_type.as_deref(), act.resource_path), (Some("CLIENT"), Some(path)));
        assert!(act.error.is_some(), "{kind}");
        let user = act.auth_details.and_then(|actor| actor.user_id);
        assert_eq!(user, actor.user, "{kind}");
        let told = act.details.expect("details");
        for (name, value) in [("client_policy", "nothing"), ("client_policy_executor", "reject-request")] {
            assert_eq!(told.get(name).map(String::as_str), Some(value), "{kind}");
        }
    }
}

/// A realm that records what administrators do, and in which nobody may do anything with a client.
fn refusing(web: &str) -> Value {
    json!({
        "realm": "r", "enabled": true, "adminEventsEnabled": true, "adminEventsDetailsEnabled": true,
        "clientProfiles": {"profiles": [
            {"name": "no", "executors": [{"executor": "reject-request", "configuration": {}}]}
        ]},
        "clientPolicies": {"policies": [{"name": "nothing", "enabled": true, "profiles": ["no"],
            "conditions": [{"condition": "any-client", "configuration": {}}]}]},
        "clients": [{"clientId": "web", "id": web}],
        "users": [{"username": "clara", "enabled": true, "clientRoles": {"realm-management": ["manage-clients"]}}],
    })
}
