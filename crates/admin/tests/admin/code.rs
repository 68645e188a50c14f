//! Policies, clients and client scopes as code: what differs, and what applying a file makes of a realm.

use sekisho_admin::realm::apply::{Outcome, Plan, apply, plan};
use sekisho_admin::realm::diff::reference::{Reference, resolve};
use sekisho_admin::realm::diff::{self, Desired, Stored, Unnamed};
use sekisho_admin::realm::{self, ImportOptions};
use sekisho_admin::{Admin, AdminError, Permit};
use sekisho_core::policy::SecurityProfile;
use sekisho_protocol::keycloak::RealmRepresentation;
use serde_json::{Value, json};

use super::place::Place;

fn document(value: &Value) -> RealmRepresentation {
    diff::parse(value.to_string().as_bytes()).expect("a realm")
}

fn desired(value: &Value) -> Result<Desired, AdminError> {
    Desired::of(document(value))
}

fn stored(value: &Value) -> Stored {
    let realm = document(value);
    Stored {
        realm: "shop".to_owned(),
        profiles: realm.client_profiles.unwrap_or_default(),
        policies: realm.client_policies.unwrap_or_default(),
        scopes: realm.client_scopes.unwrap_or_default(),
        clients: realm.clients.unwrap_or_default(),
    }
}

/// What differs, as JSON.
fn compared(file: &Value, realm: &Value, unnamed: Unnamed) -> Result<Value, AdminError> {
    let changes = diff::compare(&desired(file)?, &stored(realm), unnamed, SecurityProfile::None)?;
    Ok(serde_json::to_value(changes).expect("JSON"))
}

fn client(members: &Value) -> Value {
    let mut client = json!({"clientId": "web", "id": "1"});
    client.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
    json!({ "clients": [client] })
}

/// File, realm, members that differ.
#[test]
fn a_client_differs_in_what_the_file_says_of_it() {
    let mapper = |config: &str| json!({"name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-acr-mapper", "config": {"a": config}});
    let mut stored_mapper = mapper("1");
    stored_mapper["id"] = json!("m1");
    for (file, realm, expected) in [
        (json!({}), json!({"name": "n", "secret": "hush"}), json!([])),
        (json!({"name": "n"}), json!({}), json!([{"member": "name", "after": "n"}])),
        (
            json!({"redirectUris": ["b", "a"], "webOrigins": []}),
            json!({"redirectUris": ["a", "b"], "webOrigins": []}),
            json!([]),
        ),
        (
            json!({"redirectUris": ["b"]}),
            json!({"redirectUris": ["a", "b"]}),
            json!([{"member": "redirectUris", "before": ["a", "b"], "after": ["b"]}]),
        ),
        (
            json!({"attributes": {"a": "2", "b": "", "c": ""}}),
            json!({"attributes": {"a": "1", "b": "1", "d": "1"}}),
            json!([{"member": "attributes.a", "before": "1", "after": "2"}, {"member": "attributes.b", "before": "1"}]),
        ),
        (
            json!({"secret": "other"}),
            json!({"secret": "hush"}),
            json!([{"member": "secret", "secret": "changed"}]),
        ),
        (json!({"secret": "other"}), json!({}), json!([{"member": "secret", "secret": "set"}])),
        (json!({"secret": "**********"}), json!({"secret": "hush"}), json!([])),
        (
            json!({"attributes": {"client.secret.rotated": "other"}}),
            json!({"attributes": {"client.secret.rotated": "hush"}}),
            json!([{"member": "attributes.client.secret.rotated", "secret": "changed"}]),
        ),
        (json!({"protocolMappers": [mapper("1")]}), json!({"protocolMappers": [stored_mapper]}), json!([])),
        (
            json!({"protocolMappers": [mapper("2")]}),
            json!({"protocolMappers": [stored_mapper]}),
            json!([{"member": "protocolMappers[m].config.a", "before": "1", "after": "2"}]),
        ),
    ] {
        let changes = compared(&client(&file), &client(&realm), Unnamed::Stay).expect("comparable");
        let members = changes.get(0).map_or_else(|| json!([]), |change| change["members"].clone());
        assert_eq!(members, expected, "{file} {realm}");
        assert!(!changes.to_string().contains("hush") && !changes.to_string().contains("other"), "{changes}");
    }
}

/// File, realm, changes as `kind what name`.
#[test]
fn lists_of_profiles_and_policies_are_the_realms_whole_lists() {
    let profile = |name: &str, auto: bool| json!({"name": name, "executors": [{"executor": "pkce-enforcer", "configuration": {"auto-configure": auto}}]});
    let policy = |name: &str, profile: &str| json!({"name": name, "enabled": true, "conditions": [{"condition": "any-client", "configuration": {}}], "profiles": [profile]});
    let profiles = |list: Value| json!({"clientProfiles": {"profiles": list}});
    let both = |profiles: Value, policies: Value| json!({"clientProfiles": {"profiles": profiles}, "clientPolicies": {"policies": policies}});
    let realm = both(json!([profile("p", true)]), json!([policy("a", "p"), policy("b", "p")]));
    for (file, expected) in [
        (json!({}), json!([])),
        (realm.clone(), json!([])),
        (profiles(json!([profile("p", false)])), json!(["update client-profile p"])),
        (profiles(json!([profile("q", true), profile("p", true)])), json!(["create client-profile q"])),
        (json!({"clientPolicies": {}}), json!(["delete client-policy a", "delete client-policy b"])),
        (
            both(json!([profile("p", true)]), json!([policy("b", "p"), policy("a", "p")])),
            json!(["update client-policies order"]),
        ),
    ] {
        let changes = compared(&file, &realm, Unnamed::Stay).expect("comparable");
        let said: Vec<String> = changes.as_array().expect("a list").iter().map(line).collect();
        assert_eq!(json!(said), expected, "{file}");
    }
    let refused = compared(&profiles(json!([])), &realm, Unnamed::Stay);
    assert!(matches!(refused, Err(AdminError::PolicyFault(_))), "a policy would lose its profile");
}

fn line(change: &Value) -> String {
    format!("{} {} {}", change["kind"], change["what"], change["name"]).replace('"', "")
}

#[test]
fn only_what_a_list_leaves_out_and_no_realm_needs_is_removed() {
    let realm = json!({
        "clients": [{"clientId": "account"}, {"clientId": "admin-cli"}, {"clientId": "old"}, {"clientId": "web"}],
        "clientScopes": [{"name": "profile"}, {"name": "dust", "protocol": "openid-connect"}],
    });
    for (file, unnamed, expected) in [
        (json!({"clients": [{"clientId": "web"}]}), Unnamed::Stay, json!([])),
        (json!({"clients": [{"clientId": "web"}]}), Unnamed::Go, json!(["delete client old"])),
        (
            json!({"clients": [], "clientScopes": []}),
            Unnamed::Go,
            json!(["delete client old", "delete client web", "delete client-scope dust"]),
        ),
        (json!({}), Unnamed::Go, json!([])),
    ] {
        let changes = compared(&file, &realm, unnamed).expect("comparable");
        let said: Vec<String> = changes.as_array().expect("a list").iter().map(line).collect();
        assert_eq!(json!(said), expected, "{file}");
    }
}

#[test]
fn what_a_file_cannot_say_is_refused_with_its_place() {
    let realm = json!({"clients": [{"clientId": "web", "id": "1", "publicClient": true}, {"clientId": "x", "id": "2"}]});
    for (file, place) in [
        (json!({"users": []}), "users: is not applied: users are not code"),
        (json!({"enabled": true}), "enabled: is not applied: settings"),
        (json!({"components": {}}), "components: is not applied"),
        (json!({"clients": [{"name": "n"}]}), "clients[0].clientId: is missing"),
        (
            json!({"clients": [{"clientId": "a"}, {"clientId": "a"}]}),
            r#"clients[1].clientId: client "a" is there"#,
        ),
        (json!({"clients": [{"clientId": "web", "id": "2"}]}), "clients[0].id:"),
        (json!({"clients": [{"clientId": "new", "id": "2"}]}), "clients[0].id:"),
        (json!({"clients": [{"clientId": "web", "secret": "s"}]}), "clients[0].secret: the client is public"),
        (json!({"clients": [{"clientId": "web", "access": {}}]}), "clients[0].access:"),
        (
            json!({"clients": [{"clientId": "web", "defaultClientScopes": ["nothing"]}]}),
            r#"clients[0].defaultClientScopes: there is no client scope "nothing""#,
        ),
        (
            json!({"clients": [{"clientId": "x", "protocolMappers": [{"name": "m", "protocolMapper": "nothing"}]}]}),
            "clients[0].protocolMappers: there is no kind of protocol mapper",
        ),
        (json!({"clientScopes": [{"protocol": "saml"}]}), "clientScopes[0].name: is missing"),
    ] {
        let error = compared(&file, &realm, Unnamed::Stay).expect_err("refused").to_string();
        assert!(error.starts_with(place), "{file}: {error}");
    }
    let unknown = diff::parse(br#"{"clientScopes":[{"name":"a","protocl":"saml"}]}"#);
    assert_eq!(unknown.expect_err("refused").to_string(), "clientScopes[0].protocl: unknown member");
}

#[test]
fn a_secret_comes_from_where_the_file_refers_to() {
    let find = |reference: Reference<'_>| match reference {
        Reference::Environment("THERE") => Ok("hush".to_owned()),
        Reference::File("a/b") => Ok("still".to_owned()),
        _ => Err("is not set".to_owned()),
    };
    let of = |secret: &str| document(&json!({"clients": [{"clientId": "web", "secret": secret}]}));
    for (secret, found, literal) in [
        ("${env:THERE}", "hush", 0),
        ("${file:a/b}", "still", 0),
        ("literal", "literal", 1),
        ("**********", "**********", 0),
    ] {
        let (resolved, warned) = resolve(&of(secret), find).expect("found");
        let client = resolved.clients.expect("clients").remove(0);
        assert_eq!(client.secret.expect("a secret").reveal(), found);
        assert_eq!(warned.len(), literal, "{secret}");
    }
    for (secret, text) in [
        ("${env:GONE}", "clients[0].secret: ${env:GONE}: is not set"),
        ("${vault:x}", "clients[0].secret: a reference is ${env:NAME} or ${file:path}"),
        ("${env:}", "clients[0].secret: a reference is"),
        ("x${env:THERE}", "clients[0].secret: a reference stands alone"),
    ] {
        let error = resolve(&of(secret), find).expect_err("refused").to_string();
        assert!(error.starts_with(text), "{secret}: {error}");
    }
    let elsewhere = document(&json!({"clients": [{"clientId": "web", "name": "${env:THERE}"}]}));
    let error = resolve(&elsewhere, find).expect_err("refused").to_string();
    assert!(error.starts_with("clients[0].name: ${env:THERE}: only a secret"), "{error}");
}

async fn desk(place: &Place) -> Admin<'_> {
    Admin::open(place.context(), "shop", Permit::operator()).await.expect("the realm")
}

async fn planned(place: &Place, file: &Value) -> Plan {
    plan(&desk(place).await, &desired(file).expect("code"), Unnamed::Stay).await.expect("a plan")
}

/// Plans and applies; what became of each change.
async fn applied(place: &Place, file: &Value) -> Vec<String> {
    let changes = planned(place, file).await.changes;
    let mut said = Vec::new();
    let mut tell = |change: &diff::Change, outcome: &Outcome| {
        let outcome = match outcome {
            Outcome::Done => "done".to_owned(),
            Outcome::Failed(error) => format!("failed {}", error.explained()),
            Outcome::Left => "left".to_owned(),
        };
        said.push(format!("{} {} {outcome}", change.what, change.name));
    };
    apply(&desk(place).await, &desired(file).expect("code"), &changes, &mut tell).await;
    said
}

fn shop() -> Value {
    json!({
        "clientScopes": [{"name": "orders", "protocolMappers": [
            {"name": "aud", "protocolMapper": "oidc-audience-mapper", "config": {"included.custom.audience": "o"}}]}],
        "clientProfiles": {"profiles": [{"name": "p", "executors": [
            {"executor": "pkce-enforcer", "configuration": {"auto-configure": true}}]}]},
        "clientPolicies": {"policies": [{"name": "all", "enabled": true, "profiles": ["p"],
            "conditions": [{"condition": "any-client", "configuration": {}}]}]},
        "clients": [{"clientId": "web", "redirectUris": ["https://shop.example/cb"], "secret": "hush",
            "serviceAccountsEnabled": true, "defaultClientScopes": ["orders"],
            "attributes": {"pkce.code.challenge.method": "plain"}}],
    })
}

#[tokio::test]
async fn a_file_applied_twice_changes_nothing_the_second_time() {
    let place = Place::new().await;
    realm::create(&place.context(), "shop", ImportOptions::default()).await.expect("a realm");
    let done =
        ["client scope orders done", "client profile p done", "client policy all done", "client web done"];
    assert_eq!(applied(&place, &shop()).await, done);
    let plan = planned(&place, &shop()).await;
    assert!(plan.changes.is_empty(), "{:?}", plan.changes);
    // The policy has the last word, and that is said.
    assert_eq!(plan.kept.len(), 1, "{:?}", plan.kept);
    let web = place.export("shop").await.clients.expect("clients");
    let web = web.into_iter().find(|client| client.client_id.as_deref() == Some("web")).expect("web");
    assert_eq!(
        web.default_client_scopes,
        Some(vec!["orders".to_owned()]),
        "as the file says, not as a new client"
    );
    assert_eq!(web.attributes.expect("attributes")["pkce.code.challenge.method"], "S256");

    let exported = diff::as_code(place.export("shop").await);
    let again = serde_json::to_value(exported).expect("JSON");
    assert!(planned(&place, &again).await.changes.is_empty(), "what was exported is what there is");
}

#[tokio::test]
async fn mappers_of_a_scope_come_change_and_go_with_the_file() {
    let place = Place::new().await;
    realm::create(&place.context(), "shop", ImportOptions::default()).await.expect("a realm");
    let file = |mappers: Value| json!({"clientScopes": [{"name": "orders", "protocolMappers": mappers}]});
    let mapper = |name: &str, to: &str| json!({"name": name, "protocolMapper": "oidc-audience-mapper", "config": {"included.custom.audience": to}});
    for mappers in [
        json!([mapper("a", "1")]),
        json!([mapper("a", "2"), mapper("b", "1")]),
        json!([mapper("b", "1")]),
        json!([]),
    ] {
        assert_eq!(applied(&place, &file(mappers.clone())).await, ["client scope orders done"], "{mappers}");
        assert!(planned(&place, &file(mappers.clone())).await.changes.is_empty(), "{mappers}");
    }
}

#[tokio::test]
async fn what_a_policy_refuses_is_told_and_the_rest_is_done() {
    let place = Place::new().await;
    realm::create(&place.context(), "shop", ImportOptions::ours()).await.expect("a realm");
    let file = json!({"clients": [
        {"clientId": "bad", "redirectUris": ["https://shop.example/*"]},
        {"clientId": "good", "redirectUris": ["https://shop.example/cb"]},
    ]});
    let said = applied(&place, &file).await;
    assert!(said[0].starts_with("client bad failed "), "{said:?}");
    for part in ["oauth-2-1", "secure-redirect-uris-enforcer", "condition"] {
        assert!(said[0].contains(part), "{said:?}");
    }
    assert_eq!(said[1], "client good done");
}

/// Clients of a file whose policies failed would be judged by others than those it wants.
#[tokio::test]
async fn clients_are_left_alone_when_the_policies_cannot_be_saved() {
    let place = Place::new().await;
    realm::create(&place.context(), "shop", ImportOptions::default()).await.expect("a realm");
    let mut file = shop();
    file["clientPolicies"]["policies"][0]["conditions"] =
        json!([{"condition": "client-scopes", "configuration": {"scopes": ["nothing"], "type": "Any"}}]);
    let said = applied(&place, &file).await;
    assert_eq!(said[0], "client scope orders done");
    assert!(said[1].starts_with("client profile p failed "), "{said:?}");
    assert_eq!(said[2..], ["client policy all left", "client web left"]);
}

/// A policy that came after the plan was made must not go with the list that is replaced.
#[tokio::test]
async fn policies_that_changed_since_they_were_shown_are_not_replaced() {
    let place = Place::new().await;
    realm::create(&place.context(), "shop", ImportOptions::default()).await.expect("a realm");
    let changes =
        planned(&place, &json!({"clientProfiles": {"profiles": [{"name": "mine", "executors": []}]}})).await;
    let theirs = json!({"clientProfiles": {"profiles": [{"name": "theirs", "executors": []}]}});
    applied(&place, &theirs).await;
    let mine =
        desired(&json!({"clientProfiles": {"profiles": [{"name": "mine", "executors": []}]}})).expect("code");
    let mut failures = 0;
    let mut tell = |_: &diff::Change, outcome: &Outcome| {
        failures += usize::from(matches!(outcome, Outcome::Failed(AdminError::Raced(_))));
    };
    assert!(!apply(&desk(&place).await, &mine, &changes.changes, &mut tell).await);
    assert_eq!(failures, 1);
    assert!(planned(&place, &theirs).await.changes.is_empty());
}

fn profile(configuration: &Value) -> Value {
    let executors = json!([{"executor": "pkce-enforcer", "configuration": configuration}]);
    json!({"clientProfiles": {"profiles": [{"name": "p", "executors": executors}]}})
}

#[tokio::test]
async fn configurations_of_policies_are_compared_by_what_they_mean() {
    let place = Place::new().await;
    realm::create(&place.context(), "shop", ImportOptions::default()).await.expect("a realm");
    applied(&place, &profile(&json!({"auto-configure": "true"}))).await;
    for (configuration, changes) in [
        (json!({"auto-configure": true}), 0),
        (json!({"auto-configure": "true"}), 0),
        (json!({"auto-configure": false}), 1),
    ] {
        let plan = planned(&place, &profile(&configuration)).await;
        assert_eq!(plan.changes.len(), changes, "{configuration}: {:?}", plan.changes);
    }
}

#[tokio::test]
async fn a_client_that_nobody_may_change_is_told_before_anything_is_done() {
    let place = Place::new().await;
    realm::create(&place.context(), "shop", ImportOptions::default()).await.expect("a realm");
    let held_back = |name: Option<&str>| {
        let mut client = json!({"clientId": "realm-management"});
        client["name"] = json!(name);
        json!({"clients": [{"clientId": "web"}, client]})
    };
    let file = desired(&held_back(Some("x"))).expect("code");
    let error = plan(&desk(&place).await, &file, Unnamed::Stay).await.expect_err("refused").explained();
    assert_eq!(
        error,
        "clients[1]: client realm-management holds the roles of administrators and cannot be changed (name); leave it out"
    );
    assert_eq!(planned(&place, &held_back(None)).await.changes.len(), 1, "as it is it may stand there");
}

#[tokio::test]
async fn what_is_exported_to_apply_fits_another_realm() {
    let place = Place::new().await;
    for name in ["shop", "other"] {
        realm::create(&place.context(), name, ImportOptions::default()).await.expect("a realm");
    }
    applied(&place, &json!({"clients": [{"clientId": "web", "secret": "correct horse"}]})).await;
    let exported = serde_json::to_value(diff::as_code(place.export("shop").await)).expect("JSON");
    let other = Admin::open(place.context(), "other", Permit::operator()).await.expect("the realm");
    let mut file = exported.clone();
    file["clients"][0]["secret"] = json!("**********");
    let plan = plan(&other, &desired(&file).expect("code"), Unnamed::Stay).await.expect("a plan");
    let changed: Vec<&str> = plan.changes.iter().map(|change| change.name.as_str()).collect();
    assert_eq!(changed, ["web"]);
    assert!(
        plan.notices[0].starts_with("client \"web\" is new, and stars are no secret"),
        "{:?}",
        plan.notices
    );
    let same = planned(&place, &file).await;
    assert!(same.changes.is_empty() && same.notices.is_empty(), "{:?} {:?}", same.changes, same.notices);
}

#[tokio::test]
async fn two_that_apply_the_same_at_once_both_come_to_the_end() {
    let place = Place::new().await;
    realm::create(&place.context(), "shop", ImportOptions::default()).await.expect("a realm");
    let clients: Vec<Value> = (0..8).map(|n| json!({"clientId": format!("c{n}")})).collect();
    let file = json!({"clientScopes": [{"name": "orders"}], "clients": clients});
    let changes = planned(&place, &file).await.changes;
    assert_eq!(changes.len(), 9);
    let whole = async || {
        let mut failed = Vec::new();
        let mut tell = |change: &diff::Change, outcome: &Outcome| {
            if !matches!(outcome, Outcome::Done) {
                failed.push(format!("{}: {outcome:?}", change.name));
            }
        };
        apply(&desk(&place).await, &desired(&file).expect("code"), &changes, &mut tell).await;
        failed
    };
    let (one, other) = tokio::join!(whole(), whole());
    assert_eq!((one, other), (vec![], vec![]));
}
