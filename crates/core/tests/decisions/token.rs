//! What tokens say beyond the recorded ones: resources, lives, roles within scopes.

use sekisho_core::grant::{Grant, MAX_ACCESS_TOKEN_LIFE};
use sekisho_core::ids::GrantId;
use sekisho_core::scope;
use sekisho_core::token::{Issue, SessionFacts, TokenPlan, effective_roles, plan};
use sekisho_protocol::{GrantType, Timestamp};
use sekisho_testkit::builders::{self, NOW, NewRealm};
use serde_json::{Value, json};
use uuid::Uuid;

fn realm(client: &Value) -> NewRealm {
    let mut realm = NewRealm::named("r");
    realm.add_role("reader");
    realm.add_role("writer");
    realm.add_role("admin");
    realm.add_group(&json!({"name": "staff", "realmRoles": ["writer"], "subGroups": [{"name": "leads"}]}));
    realm.add_user(&json!({
        "username": "alice", "realmRoles": ["reader", "default-roles-r"], "groups": ["/staff/leads"],
    }));
    let mut document = json!({"clientId": "c", "redirectUris": ["https://app.example/cb"]});
    document.as_object_mut().expect("an object").extend(client.as_object().expect("an object").clone());
    realm.add_client(&document);
    realm
}

struct Asked<'a> {
    scope: &'a str,
    resources: &'a [&'a str],
    /// Seconds until the family ends.
    family_ends: Option<i64>,
    offline: bool,
    now: Timestamp,
}

const USUAL: Asked<'static> =
    Asked { scope: "openid", resources: &[], family_ends: Some(1800), offline: false, now: NOW };

fn planned(realm: &NewRealm, asked: &Asked<'_>) -> TokenPlan {
    let (snapshot, client, user) = (realm.snapshot(), realm.client("c"), realm.user("alice"));
    let scopes = scope::check(&snapshot, &client, Some(asked.scope)).expect("scopes of the client");
    let session = builders::session(&snapshot, user.id, 3);
    let family = Grant {
        offline: asked.offline,
        expires: asked.family_ends.map(|seconds| NOW.plus_seconds(seconds)),
        generation: 7,
        ..builders::grant(&session, client.id, 4)
    };
    let resources: Vec<String> = asked.resources.iter().map(|uri| (*uri).to_owned()).collect();
    plan(&Issue {
        realm: &snapshot,
        client: &client,
        user: &user,
        grant_type: GrantType::AuthorizationCode,
        scopes: &scopes,
        resources: &resources,
        grant: family.id,
        number: 5,
        session: Some(SessionFacts { sid: session.id, auth_time: session.auth_time }),
        nonce: None,
        refresh: Some(&family),
        lightweight: false,
        address: "192.0.2.1",
        now: asked.now,
    })
}

/// RFC 8707 §2.2: a token for a resource is for nobody else.
#[test]
fn resources_that_were_asked_for_are_the_audience_and_nothing_else_is() {
    let realm = realm(&json!({}));
    for (resources, audience) in [
        (vec![], json!("account")),
        (vec!["https://mcp.example/"], json!("https://mcp.example/")),
        (
            vec!["https://mcp.example/", "https://b.example/"],
            json!(["https://mcp.example/", "https://b.example/"]),
        ),
    ] {
        let plan = planned(&realm, &Asked { resources: &resources, ..USUAL });
        assert_eq!(plan.access.get("aud"), Some(&audience));
        assert_eq!(plan.id.expect("openid").get("aud"), Some(&json!("c")), "the ID token is for the client");
    }
}

#[test]
fn access_token_lives_as_long_as_client_realm_and_family_let_it() {
    let life = |lifespan: Option<&str>, family_ends: Option<i64>, offline: bool| {
        let attributes = lifespan.map(|seconds| json!({"access.token.lifespan": seconds}));
        let realm = realm(&json!({"attributes": attributes.unwrap_or(json!({}))}));
        let plan = planned(&realm, &Asked { family_ends, offline, ..USUAL });
        assert_eq!(plan.access.get("exp"), Some(&json!(NOW.seconds() + plan.expires_in)));
        assert_eq!(plan.id.expect("openid").get("exp"), Some(&json!(NOW.seconds() + plan.expires_in)));
        plan.expires_in
    };
    for (lifespan, family_ends, offline, seconds) in [
        (None, Some(1800), false, 300),
        (Some("60"), Some(1800), false, 60),
        (Some("7200"), Some(1800), false, 1800),
        (Some("7200"), Some(1800), true, 7200),
        (Some("7200"), None, true, 7200),
        (Some("0"), Some(1800), false, 300),
        (Some("-1"), Some(1800), false, 300),
        (Some("soon"), Some(1800), false, 300),
        (Some("99999999"), None, true, MAX_ACCESS_TOKEN_LIFE),
        (None, Some(0), false, 1),
    ] {
        assert_eq!(life(lifespan, family_ends, offline), seconds, "{lifespan:?} {family_ends:?} {offline}");
    }
}

#[test]
fn id_of_a_token_says_its_kind_and_leads_to_its_grant() {
    for (changes, offline, prefix) in [
        (json!({}), false, "onrtac:"),
        (json!({}), true, "ofrtac:"),
        (json!({"attributes": {"client.use.lightweight.access.token.enabled": "true"}}), false, "onltac:"),
    ] {
        let plan = planned(&realm(&changes), &Asked { offline, ..USUAL });
        let id = plan.access.get("jti").and_then(Value::as_str).expect("an id");
        let (grant, number) =
            GrantId::of_jti(id.strip_prefix(prefix).expect(prefix).parse().expect("a UUID")).expect("ours");
        assert_eq!(number, 5);
        let refresh = plan.refresh.expect("a family");
        let of_refresh = refresh.get("jti").and_then(Value::as_str).expect("an id").parse().expect("a UUID");
        assert_eq!(GrantId::of_jti(of_refresh), Some((grant, 7)), "the generation of the family");
    }
}

/// DESIGN §5.13: the same successor, byte for byte, however much later it is asked for.
#[test]
fn repeated_rotation_gives_the_same_refresh_token() {
    let realm = realm(&json!({}));
    let first = planned(&realm, &USUAL).refresh.expect("a family");
    let again = planned(&realm, &Asked { now: NOW.plus_seconds(9), ..USUAL }).refresh.expect("a family");
    assert_eq!(json!(first).to_string(), json!(again).to_string());
}

#[test]
fn scope_that_maps_roles_is_only_for_users_who_have_one() {
    let mut realm = realm(&json!({}));
    let plan = planned(&realm, &Asked { scope: "openid offline_access", ..USUAL });
    assert!(plan.scope.contains("offline_access"), "default-roles-r contains offline_access");
    let alice =
        realm.config.users.iter_mut().flatten().find(|user| user.username.as_deref() == Some("alice"));
    alice.expect("alice").realm_roles = Some(vec!["reader".to_owned()]);
    let plan = planned(&realm, &Asked { scope: "openid offline_access", ..USUAL });
    assert!(!plan.scope.contains("offline_access"));
    assert_eq!(plan.access.get("scope"), Some(&json!(plan.scope.to_string())));
}

#[test]
fn roles_come_from_the_user_its_groups_and_what_is_in_them() {
    let realm = realm(&json!({}));
    let roles = &planned(&realm, &USUAL).access["realm_access"]["roles"];
    assert_eq!(*roles, json!(["default-roles-r", "offline_access", "reader", "uma_authorization", "writer"]));
}

#[test]
fn client_without_full_scope_sees_its_own_roles_and_those_mapped_to_it() {
    let mut realm = realm(&json!({"fullScopeAllowed": false}));
    let own = json!([{"id": Uuid::from_u128(71), "name": "own"}]);
    let roles = realm.config.roles.as_mut().expect("roles");
    let own = serde_json::from_value(own).expect("roles");
    roles.client.get_or_insert_default().insert("c".to_owned(), own);
    let alice =
        realm.config.users.iter_mut().flatten().find(|user| user.username.as_deref() == Some("alice"));
    alice.expect("alice").client_roles = serde_json::from_value(json!({"c": ["own"]})).expect("roles");

    let names = |realm: &NewRealm| {
        let (snapshot, client, user) = (realm.snapshot(), realm.client("c"), realm.user("alice"));
        let scopes = scope::check(&snapshot, &client, None).expect("defaults");
        let roles = effective_roles(&snapshot, &client, &user, &scopes);
        let mut names: Vec<String> = roles.iter().map(|id| snapshot.roles.by_id[id].name.clone()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&realm), ["own"]);

    let mapping = json!([{"client": "c", "roles": ["writer", "uma_authorization", "admin"]}]);
    let mapped: Vec<_> = serde_json::from_value(mapping).expect("mappings");
    realm.config.scope_mappings.get_or_insert_default().extend(mapped);
    assert_eq!(
        names(&realm),
        ["own", "uma_authorization", "writer"],
        "what is mapped, as far as the user has it"
    );
}
