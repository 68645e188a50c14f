//! Claims mappers, where the recorded tokens do not reach.

use sekisho_core::claims::{Destination, MAPPERS, Provider, is_known};
use sekisho_core::scope;
use sekisho_core::token::{Issue, SessionFacts, TokenPlan, effective_roles, plan, user_info};
use sekisho_core::{claims::Context, ids::GrantId};
use sekisho_protocol::GrantType;
use sekisho_testkit::builders::{NOW, NewRealm};
use serde_json::{Map, Value, json};
use uuid::Uuid;

const SID: Uuid = Uuid::from_u128(3);

/// A realm whose client has these mappers and no others. `alice` has a role of the realm, two roles of the
/// client `api.v1`, and is in the group `/staff/leads`.
fn realm(mappers: &Value, client: &Value) -> NewRealm {
    let mut realm = NewRealm::named("r");
    realm.add_role("reader");
    realm.add_client(&json!({"clientId": "api.v1"}));
    let roles = realm.config.roles.as_mut().expect("roles");
    let of_client = json!([
        {"id": Uuid::from_u128(71), "name": "read"},
        {"id": Uuid::from_u128(72), "name": "write"},
    ]);
    let of_client = serde_json::from_value(of_client).expect("roles");
    roles.client.get_or_insert_default().insert("api.v1".to_owned(), of_client);
    realm.add_group(&json!({
        "name": "staff",
        "attributes": {"team": ["red"], "floor": ["1"]},
        "subGroups": [{"name": "leads", "attributes": {"team": ["blue", "red"]}}],
    }));
    realm.add_user(&json!({
        "username": "alice", "email": "alice@example.org", "emailVerified": true,
        "realmRoles": ["reader"], "clientRoles": {"api.v1": ["read", "write"]}, "groups": ["/staff/leads"],
        "attributes": {"age": ["42"], "team": [], "shade": ["green"], "color": ["red", "red"], "broken": ["{"]},
    }));
    let mut document = json!({
        "clientId": "c", "redirectUris": ["https://app.example/cb"], "protocolMappers": mappers,
        "defaultClientScopes": [], "optionalClientScopes": [],
    });
    document.as_object_mut().expect("an object").extend(client.as_object().expect("an object").clone());
    realm.add_client(&document);
    realm
}

fn mapper(provider: &str, config: &Value) -> Value {
    let mut all = json!({"access.token.claim": "true"});
    all.as_object_mut().expect("an object").extend(config.as_object().expect("an object").clone());
    json!({"name": "m", "protocol": "openid-connect", "protocolMapper": provider, "config": all})
}

fn planned(realm: &NewRealm) -> TokenPlan {
    let (snapshot, client, user) = (realm.snapshot(), realm.client("c"), realm.user("alice"));
    let scopes = scope::check(&snapshot, &client, Some("openid")).expect("openid");
    plan(&Issue {
        realm: &snapshot,
        client: &client,
        user: &user,
        grant_type: GrantType::AuthorizationCode,
        scopes: &scopes,
        resources: &[],
        grant: GrantId::new(NOW, [1; 8]),
        number: 5,
        session: Some(SessionFacts { sid: SID, auth_time: NOW }),
        nonce: Some("n-1"),
        refresh: None,
        lightweight: false,
        address: "192.0.2.1",
        now: NOW,
    })
}

/// The access token that a client with these mappers gets.
fn access(mappers: &Value) -> Map<String, Value> {
    planned(&realm(mappers, &json!({}))).access
}

/// One claim of the access token that this one mapper makes.
fn claim(provider: &str, config: &Value, name: &str) -> Option<Value> {
    access(&json!([mapper(provider, config)])).get(name).cloned()
}

#[test]
fn ids_are_listed_once() {
    let mut ids: Vec<&str> = MAPPERS.iter().map(|provider| provider.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), MAPPERS.len());
}

/// Those of Keycloak that map nothing here, and why.
const MISSING: &[(&str, &str)] = &[
    ("oidc-claims-param-token-mapper", "the parameter `claims` is not read yet"),
    ("oidc-claims-param-value-idtoken-mapper", "the parameter `claims` is not read yet"),
    ("oidc-organization-group-membership-mapper", "there are no organizations yet"),
    ("oidc-organization-membership-mapper", "there are no organizations yet"),
];

/// `/admin/serverinfo` of a real Keycloak lists its mappers, with their order and switches.
#[test]
fn mappers_are_those_of_keycloak_in_its_order_but_for_those_that_are_missing() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/observed/serverinfo.json");
    let recorded: Value = serde_json::from_slice(&std::fs::read(path).expect("recorded")).expect("JSON");
    let answers = recorded["cases"].as_array().expect("cases").iter().map(|case| &case["saw"][0]["json"]);
    let listed = answers.filter_map(|answer| answer["openid-connect"].as_array());
    let theirs = listed.flatten().filter(|mapper| mapper["properties"].is_array());
    let mut found = 0;
    for mapper in theirs {
        let id = mapper["id"].as_str().expect("an id");
        let provider = Provider::find(id);
        assert_eq!(provider.is_none(), MISSING.iter().any(|(missing, _)| *missing == id), "{id}");
        let Some(provider) = provider else { continue };
        assert_eq!(json!(provider.priority), mapper["priority"], "{id}");
        let switches = mapper["properties"].as_array().expect("properties");
        let has_switch = switches.iter().any(|property| property["name"] == "access.token.claim");
        let is_newer = ["oidc-audience-resolve-mapper", "oidc-allowed-origins-mapper"].contains(&id);
        let unsaid = provider.unsaid.contains(&Destination::AccessToken);
        assert_eq!(unsaid, !has_switch || is_newer, "{id}");
        found += 1;
    }
    assert_eq!(found, MAPPERS.len());
}

#[test]
fn a_mapper_of_keycloak_is_kept_also_where_it_maps_nothing() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/observed/serverinfo.json");
    let recorded: Value = serde_json::from_slice(&std::fs::read(path).expect("recorded")).expect("JSON");
    let mut cases = recorded["cases"].as_array().expect("cases").iter();
    let case = cases.find(|case| case["id"] == "serverinfo.protocolMapperTypes").expect("the case");
    let protocols = case["saw"][0]["json"].as_object().expect("an object").values();
    let mappers: Vec<&Value> = protocols.flat_map(|mappers| mappers.as_array().expect("mappers")).collect();
    assert_eq!(mappers.len(), 39);
    for mapper in mappers {
        assert!(is_known(mapper["id"].as_str().expect("an id")), "{mapper}");
    }
    for unknown in ["", "nothing", "oidc-script-based-protocol-mapper"] {
        assert!(!is_known(unknown), "{unknown}");
    }
}

#[test]
fn values_take_the_type_that_the_mapper_says() {
    let attribute = |name: &str, more: Value| {
        let mut config = json!({"user.attribute": name, "claim.name": "x"});
        config.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        claim("oidc-usermodel-attribute-mapper", &config, "x")
    };
    for (name, more, value) in [
        ("age", json!({}), Some(json!("42"))),
        ("age", json!({"jsonType.label": "String"}), Some(json!("42"))),
        ("age", json!({"jsonType.label": "long"}), Some(json!(42))),
        ("age", json!({"jsonType.label": "int"}), Some(json!(42))),
        ("age", json!({"jsonType.label": "JSON"}), Some(json!(42))),
        ("age", json!({"jsonType.label": "boolean"}), Some(json!(false))),
        ("age", json!({"multivalued": "true", "jsonType.label": "long"}), Some(json!([42]))),
        ("shade", json!({"jsonType.label": "long"}), None),
        ("broken", json!({"jsonType.label": "JSON"}), None),
        ("nothing", json!({"multivalued": "true"}), None),
        ("emailVerified", json!({"jsonType.label": "boolean"}), Some(json!(true))),
        ("username", json!({}), Some(json!("alice"))),
        ("firstName", json!({}), None),
    ] {
        assert_eq!(attribute(name, more.clone()), value, "{name} {more}");
    }
}

#[test]
fn attributes_come_from_the_user_else_from_the_nearest_group() {
    let attribute = |name: &str, aggregate: &str, multivalued: &str| {
        let config = json!({
            "user.attribute": name, "claim.name": "x", "multivalued": multivalued, "aggregate.attrs": aggregate,
        });
        claim("oidc-usermodel-attribute-mapper", &config, "x")
    };
    for (name, aggregate, multivalued, value) in [
        ("shade", "false", "true", json!(["green"])),
        ("team", "false", "true", json!(["blue", "red"])),
        ("team", "false", "false", json!("blue")),
        ("floor", "false", "true", json!(["1"])),
        ("team", "true", "true", json!(["blue", "red"])),
        ("color", "true", "true", json!(["red"])),
    ] {
        assert_eq!(attribute(name, aggregate, multivalued), Some(value), "{name} {aggregate} {multivalued}");
    }
}

#[test]
fn claim_names_nest_and_escape() {
    for (name, at, value) in [
        ("a", "/a", "v"),
        ("a.b.c", "/a/b/c", "v"),
        ("https://ns\\.example/a", "/https:~1~1ns.example~1a", "v"),
        ("a\\\\b", "/a\\b", "v"),
    ] {
        let config = json!({"claim.name": name, "claim.value": value});
        let token = Value::Object(access(&json!([mapper("oidc-hardcoded-claim-mapper", &config)])));
        assert_eq!(token.pointer(at), Some(&json!(value)), "{name}");
    }
}

#[test]
fn names_that_are_the_servers_own_cannot_be_set() {
    let names =
        ["iss", "exp", "iat", "nbf", "jti", "typ", "azp", "sid", "cnf", "aud", "at_hash", "nonce", "scope"];
    let hardcoded = |name: &&str| {
        let config = json!({"claim.name": name, "claim.value": "mine", "id.token.claim": "true"});
        mapper("oidc-hardcoded-claim-mapper", &config)
    };
    let mappers: Vec<Value> = names.iter().map(hardcoded).collect();
    let plan = planned(&realm(&json!(mappers), &json!({})));
    for token in [&plan.access, plan.id.as_ref().expect("openid")] {
        assert!(!token.values().any(|value| value == "mine"), "{token:?}");
    }
}

#[test]
fn lists_of_two_mappers_add_up() {
    let groups = mapper("oidc-group-membership-mapper", &json!({"claim.name": "x", "full.path": "true"}));
    let roles = mapper("oidc-usermodel-realm-role-mapper", &json!({"claim.name": "x"}));
    let together = json!(["/staff/leads", "reader"]);
    assert_eq!(access(&json!([groups, roles])).get("x"), Some(&together));
    assert_eq!(access(&json!([groups, roles, groups, roles])).get("x"), Some(&together), "each item once");
}

#[test]
fn roles_have_prefixes_and_places() {
    let realm_roles = json!({"claim.name": "x", "usermodel.realmRoleMapping.rolePrefix": "r:"});
    assert_eq!(claim("oidc-usermodel-realm-role-mapper", &realm_roles, "x"), Some(json!(["r:reader"])));
    let client_roles = |more: Value| {
        let mut config = json!({"claim.name": "x.${client_id}.roles"});
        config.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        claim("oidc-usermodel-client-role-mapper", &config, "x")
    };
    for (more, value) in [
        (json!({}), Some(json!({"api.v1": {"roles": ["read", "write"]}}))),
        (
            json!({"usermodel.clientRoleMapping.rolePrefix": "c:"}),
            Some(json!({"api.v1": {"roles": ["c:read", "c:write"]}})),
        ),
        (json!({"usermodel.clientRoleMapping.clientId": "other"}), None),
    ] {
        assert_eq!(client_roles(more.clone()), value, "{more}");
    }
}

#[test]
fn roles_are_renamed_then_added_then_written() {
    let write = json!([
        mapper("oidc-usermodel-realm-role-mapper", &json!({"claim.name": "realm"})),
        mapper("oidc-usermodel-client-role-mapper", &json!({"claim.name": "client.${client_id}"})),
        mapper("oidc-audience-resolve-mapper", &json!({})),
    ]);
    let rename =
        |from: &str, to: &str| mapper("oidc-role-name-mapper", &json!({"role": from, "new.role.name": to}));
    let add = |role: &str| mapper("oidc-hardcoded-role-mapper", &json!({"role": role}));
    let all = json!({"api.v1": ["read", "write"]});
    for (changes, of_realm, of_clients, audience) in [
        (vec![], json!(["reader"]), all.clone(), json!("api.v1")),
        (vec![rename("reader", "viewer")], json!(["viewer"]), all.clone(), json!("api.v1")),
        (vec![rename("absent", "viewer")], json!(["reader"]), all.clone(), json!("api.v1")),
        (
            vec![rename("api.v1.read", "view")],
            json!(["reader", "view"]),
            json!({"api.v1": ["write"]}),
            json!("api.v1"),
        ),
        (
            vec![rename("api.v1.read", "other.read"), rename("api.v1.write", "other.write")],
            json!(["reader"]),
            json!({"other": ["read", "write"]}),
            json!("other"),
        ),
        (vec![add("writer")], json!(["reader", "writer"]), all.clone(), json!("api.v1")),
        // What is added is not renamed: renaming comes first, whatever the order of the mappers.
        (
            vec![add("reader2"), rename("reader2", "x")],
            json!(["reader", "reader2"]),
            all.clone(),
            json!("api.v1"),
        ),
        // Its own roles do not make a client an audience of itself.
        (
            vec![add("c.x")],
            json!(["reader"]),
            json!({"api.v1": ["read", "write"], "c": ["x"]}),
            json!("api.v1"),
        ),
        (
            vec![add("other.x")],
            json!(["reader"]),
            json!({"api.v1": ["read", "write"], "other": ["x"]}),
            json!(["api.v1", "other"]),
        ),
    ] {
        let mappers: Vec<Value> = write.as_array().expect("a list").iter().chain(&changes).cloned().collect();
        let token = access(&json!(mappers));
        assert_eq!(token.get("realm"), Some(&of_realm), "{changes:?}");
        assert_eq!(token.get("client"), Some(&of_clients), "{changes:?}");
        assert_eq!(token.get("aud"), Some(&audience), "{changes:?}");
    }
}

#[test]
fn mapper_goes_where_its_switches_say() {
    let hardcoded = |switches: Value| {
        let mut config = json!({"claim.name": "x", "claim.value": "v"});
        config.as_object_mut().expect("an object").extend(switches.as_object().expect("an object").clone());
        json!([{"name": "m", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": config}])
    };
    let on = |switch: &str| json!({switch: "true"});
    for (switches, places) in [
        (json!({}), ""),
        (on("access.token.claim"), "access"),
        (on("lightweight.claim"), "lightweight"),
        (on("id.token.claim"), "id userinfo"),
        (json!({"id.token.claim": "true", "userinfo.token.claim": "false"}), "id"),
        (on("userinfo.token.claim"), "userinfo"),
        (on("access.tokenResponse.claim"), "response"),
        (json!({"access.token.claim": "false", "id.token.claim": "TRUE"}), ""),
    ] {
        let mappers = hardcoded(switches.clone());
        let usual = realm(&mappers, &json!({}));
        let short = json!({"attributes": {"client.use.lightweight.access.token.enabled": "true"}});
        let (plan, lightweight) = (planned(&usual), planned(&realm(&mappers, &short)));
        let found = [
            ("access", &plan.access),
            ("lightweight", &lightweight.access),
            ("id", plan.id.as_ref().expect("openid")),
            ("userinfo", &told(&usual)),
            ("response", &plan.response),
        ];
        let found = found.iter().filter(|(_, claims)| claims.contains_key("x")).map(|(place, _)| *place);
        assert_eq!(found.collect::<Vec<_>>().join(" "), places, "{switches}");
    }
}

fn told(realm: &NewRealm) -> Map<String, Value> {
    let (snapshot, client, user) = (realm.snapshot(), realm.client("c"), realm.user("alice"));
    let scopes = scope::check(&snapshot, &client, Some("openid")).expect("openid");
    let roles = effective_roles(&snapshot, &client, &user, &scopes);
    user_info(&Context {
        realm: &snapshot,
        client: &client,
        user: &user,
        scopes: &scopes,
        roles: &roles,
        auth_time: None,
        grant_type: GrantType::AuthorizationCode,
        address: "192.0.2.1",
    })
}

#[test]
fn mapper_that_is_not_listed_maps_nothing() {
    let token =
        access(&json!([mapper("oidc-dance-mapper", &json!({"claim.name": "x", "claim.value": "v"}))]));
    assert_eq!(token.get("x"), None);
}

#[test]
fn nonce_and_session_state_are_told_to_those_that_still_read_them() {
    let nonce =
        json!({"name": "m", "protocolMapper": "oidc-nonce-backwards-compatible-mapper", "config": {}});
    assert_eq!(access(&json!([nonce])).get("nonce"), Some(&json!("n-1")));
    assert_eq!(claim("oidc-session-state-mapper", &json!({}), "session_state"), Some(json!(SID)));
    assert_eq!(access(&json!([])).get("nonce"), None);
    assert_eq!(access(&json!([])).get("session_state"), None);
}

#[test]
fn level_of_authentication_takes_the_name_that_the_client_gives_it() {
    for (levels, name) in [
        ("{\"silver\":\"1\",\"gold\":\"2\"}", "silver"),
        ("{\"silver\":1}", "silver"),
        ("{\"gold\":2}", "1"),
        ("{", "1"),
    ] {
        let mappers = json!([mapper("oidc-acr-mapper", &json!({}))]);
        let realm = realm(&mappers, &json!({"attributes": {"acr.loa.map": levels}}));
        assert_eq!(planned(&realm).access.get("acr"), Some(&json!(name)), "{levels}");
    }
}

/// The value for sector `app.example`, salt `salt` and this user was computed apart from this program:
/// the MD5 of the SHA-256 of all three as a UUIDv3.
#[test]
fn pairwise_subject_is_that_of_keycloak() {
    let pairwise = |config: Value, client: &Value| {
        let mapper =
            json!({"name": "m", "protocolMapper": "oidc-sha256-pairwise-sub-mapper", "config": config});
        let mut realm = realm(&json!([mapper]), client);
        let alice =
            realm.config.users.iter_mut().flatten().find(|user| user.username.as_deref() == Some("alice"));
        alice.expect("alice").id = Some("11111111-2222-4333-8444-555555555555".to_owned());
        let plan = planned(&realm);
        let subject =
            |token: &Map<String, Value>| token.get("sub").and_then(Value::as_str).map(str::to_owned);
        let everywhere =
            [subject(&plan.access), subject(plan.id.as_ref().expect("openid")), subject(&told(&realm))];
        assert!(everywhere.iter().all(|found| *found == everywhere[0]), "{everywhere:?}");
        everywhere[0].clone().expect("a subject")
    };
    let salt = json!({"pairwiseSubAlgorithmSalt": "salt"});
    let usual = pairwise(salt.clone(), &json!({}));
    assert_eq!(usual, "e8ec2fc4-afc6-3348-8651-e356625fad17");
    let same = json!({"redirectUris": ["https://app.example/other/*", "/relative"], "rootUrl": "https://app.example"});
    assert_eq!(pairwise(salt.clone(), &same), usual, "one host is one sector");
    let named =
        json!({"pairwiseSubAlgorithmSalt": "salt", "sectorIdentifierUri": "https://app.example/sector.json"});
    let elsewhere = json!({"redirectUris": ["https://a.example/", "https://b.example/"]});
    assert_eq!(pairwise(named, &elsewhere), usual, "the sector identifier says which");
    assert_eq!(
        pairwise(salt, &elsewhere),
        "3f634c34-6e39-35f0-b691-dd43be8f770b",
        "several hosts: the sector is `c`"
    );
    assert_ne!(pairwise(json!({"pairwiseSubAlgorithmSalt": "pepper"}), &json!({})), usual);
}
