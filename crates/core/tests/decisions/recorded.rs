//! Tokens against those of a real Keycloak, decoded (`tests/observed/tokens.json`).

use std::collections::BTreeSet;

use sekisho_core::grant::Grant;
use sekisho_core::ids::GrantId;
use sekisho_core::token::{Issue, SessionFacts, TokenPlan, plan};
use sekisho_core::{refresh, scope};
use sekisho_protocol::GrantType;
use sekisho_testkit::builders::{self, NOW, NewRealm};
use serde_json::{Map, Value, json};
use uuid::Uuid;

const BASE: &str = "https://as.example";
const SESSION: u128 = 3;

/// Cases that come out otherwise, and why. One that starts to come out the same fails the test.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "tokens.code.all-scopes",
        "`organization` names nothing in a realm without organizations, and we show it",
    ),
    ("tokens.code.dpop", "tokens are not bound to a DPoP key yet"),
    ("tokens.code.dpop-public", "tokens are not bound to a DPoP key yet"),
    ("tokens.code.mtls", "tokens are not bound to a certificate yet"),
    ("tokens.code.id-token-encrypted", "ID tokens are not encrypted yet"),
    ("tokens.service-account.dpop", "tokens are not bound to a DPoP key yet"),
    ("tokens.service-account.mtls", "tokens are not bound to a certificate yet"),
    ("tokens.service-account.refresh", "client credentials never give a refresh token (OAuth 2.1 §4.2.3)"),
];

/// Members whose order Keycloak's classes give; that of the others is an accident of its hash tables.
const ORDERED: &[&str] = &[
    "exp",
    "iat",
    "auth_time",
    "jti",
    "iss",
    "aud",
    "sub",
    "typ",
    "azp",
    "nonce",
    "sid",
    "at_hash",
    "acr",
    "allowed-origins",
    "realm_access",
    "resource_access",
    "scope",
    "aud_x",
    "prov",
];

#[test]
fn tokens_are_those_that_keycloak_made() {
    let recorded = recorded();
    let mut wrong = Vec::new();
    for case in list(&recorded["cases"]) {
        let id = text(&case["id"]);
        let Some(grant_type) = grant_type(id) else { continue };
        let found = differences(&recorded, case, grant_type);
        let accepted = DIFFERENT.iter().any(|(different, _)| *different == id);
        if accepted == found.is_empty() {
            wrong.push(format!("{id}, accepted: {accepted}, {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_accepted_difference_names_a_case() {
    let recorded = recorded();
    let ids: Vec<&str> = list(&recorded["cases"]).iter().map(|case| text(&case["id"])).collect();
    for (id, reason) in DIFFERENT {
        assert!(ids.contains(id) && !reason.is_empty(), "{id}");
    }
}

fn grant_type(id: &str) -> Option<GrantType> {
    [
        ("tokens.code.", GrantType::AuthorizationCode),
        ("tokens.password.", GrantType::Password),
        ("tokens.service-account.", GrantType::ClientCredentials),
    ]
    .into_iter()
    .find_map(|(prefix, grant_type)| id.starts_with(prefix).then_some(grant_type))
}

fn recorded() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/observed/tokens.json");
    serde_json::from_slice(&std::fs::read(path).expect("recorded tokens")).expect("JSON")
}

/// The realm of the recording, with the client of this case.
fn realm(recorded: &Value, client: &Value) -> NewRealm {
    let mut realm = NewRealm::named("obt");
    let document = &recorded["realm"];
    for role in list(&document["roles"]["realm"]) {
        realm.add_role(text(&role["name"]));
    }
    for group in list(&document["groups"]) {
        realm.add_group(group);
    }
    for user in list(&document["users"]) {
        realm.add_user(user);
    }
    realm.add_client(client);
    realm
}

fn differences(recorded: &Value, case: &Value, grant_type: GrantType) -> Vec<String> {
    let mut client = case["clients"][0].clone();
    // Keys as text are made at run time.
    client["attributes"].as_object_mut().and_then(|attributes| attributes.shift_remove("jwks.string"));
    let realm = realm(recorded, &client);
    let username = match grant_type {
        GrantType::ClientCredentials => "service-account-c",
        _ => "alice",
    };
    let request = match grant_type {
        GrantType::AuthorizationCode => &case["before"][0]["login"],
        _ => &case["steps"][0]["form"],
    };
    let plan = issue(&realm, username, request, grant_type);
    let answer = &case["saw"][0];
    let mut found = differences_of_answer(&plan, answer);
    for (name, ours) in [
        ("access_token", Some(&plan.access)),
        ("id_token", plan.id.as_ref()),
        ("refresh_token", plan.refresh.as_ref()),
    ] {
        let claims = &answer["tokens"][name]["claims"];
        let user = realm.user("alice").id.to_string();
        found
            .extend(differences_of_token(ours, claims, &user).iter().map(|found| format!("{name}: {found}")));
    }
    found
}

fn differences_of_answer(plan: &TokenPlan, answer: &Value) -> Vec<String> {
    let mut ours = plan.response.clone();
    let header = |token: &str, member: &str| answer["tokens"][token]["header"][member].clone();
    for (name, value) in [
        ("expires_in", json!(plan.expires_in)),
        ("refresh_expires_in", json!(plan.refresh_expires_in)),
        ("token_type", json!(plan.token_type)),
        ("not-before-policy", json!(plan.not_before)),
        ("scope", json!(plan.scope.to_string())),
    ] {
        ours.insert(name.to_owned(), value);
    }
    let tokens = ["access_token", "refresh_token", "id_token", "session_state"];
    let theirs = answer["json"].as_object().expect("an answer");
    // Where a case picks some members, the others were not recorded.
    let picked = !theirs.contains_key("access_token");
    let mut found = Vec::new();
    let names: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
    for name in names.into_iter().filter(|name| !tokens.contains(&name.as_str())) {
        let unrecorded = picked && !theirs.contains_key(name);
        let same = same(name, ours.get(name), theirs.get(name).unwrap_or(&Value::Null), "");
        if !same && !unrecorded {
            found.push(format!("answer.{name}: {:?}, not {:?}", ours.get(name), theirs.get(name)));
        }
    }
    for (what, ours, theirs) in [
        ("typ", plan.access_type, header("access_token", "typ")),
        ("alg", plan.access_algorithm.name(), header("access_token", "alg")),
        ("alg of the ID token", plan.id_algorithm.name(), header("id_token", "alg")),
    ] {
        if theirs.as_str().is_some_and(|theirs| theirs != ours) {
            found.push(format!("{what}: {ours}, not {theirs}"));
        }
    }
    found
}

fn differences_of_token(ours: Option<&Map<String, Value>>, recorded: &Value, user: &str) -> Vec<String> {
    let nothing = Map::new();
    let (ours, theirs) = (ours.unwrap_or(&nothing), recorded.as_object().unwrap_or(&nothing));
    let mut found = Vec::new();
    for name in theirs.keys().chain(ours.keys().filter(|name| !theirs.contains_key(*name))) {
        if !same(name, ours.get(name), theirs.get(name).unwrap_or(&Value::Null), user) {
            found.push(format!("{name}: {:?}, not {:?}", ours.get(name), theirs.get(name)));
        }
    }
    if found.is_empty() && order(ours) != order(theirs) {
        found.push(format!("order: {:?}, not {:?}", order(ours), order(theirs)));
    }
    found
}

fn order(token: &Map<String, Value>) -> Vec<&str> {
    token.keys().map(String::as_str).filter(|name| ORDERED.contains(name)).collect()
}

/// Whether a member is what was recorded. Sets were sorted when they were recorded.
fn same(name: &str, ours: Option<&Value>, theirs: &Value, user: &str) -> bool {
    let Some(ours) = ours else { return theirs.is_null() };
    match (name, theirs.as_str()) {
        ("aud" | "aud_x", _) => sorted(ours) == sorted(theirs),
        ("scope", Some(theirs)) => words(text(ours)) == words(theirs),
        ("at_hash", Some("<at_hash>")) => ours.is_null(),
        (_, Some("<epoch>")) => *ours == json!(NOW.seconds()),
        (_, Some("<sid>" | "<session_state>")) => *ours == json!(Uuid::from_u128(SESSION)),
        (_, Some("<uuid>")) => is_uuid(text(ours)) && text(ours) != user,
        ("jti", Some(theirs)) => {
            let prefix = theirs.strip_suffix("<uuid>").expect("a recorded jti ends so");
            text(ours).strip_prefix(prefix).is_some_and(is_uuid)
        }
        ("exp", Some(theirs)) => {
            let life = theirs.strip_prefix("<iat+").and_then(|life| life.strip_suffix('>'));
            life.and_then(|life| life.parse::<i64>().ok()).map(|life| json!(NOW.seconds() + life)).as_ref()
                == Some(ours)
        }
        (_, Some("<=alice>")) => text(ours) == user,
        ("iss", Some(theirs)) => text(ours) == theirs.replace("{base}", BASE),
        _ => ours == theirs,
    }
}

fn sorted(audience: &Value) -> Vec<String> {
    let names = audience.as_array().map_or_else(|| vec![audience.clone()], Clone::clone);
    let mut names: Vec<String> = names.iter().map(|name| text(name).replace("{base}", BASE)).collect();
    names.sort();
    names
}

fn words(scope: &str) -> Vec<&str> {
    let mut words: Vec<&str> = scope.split(' ').collect();
    words.sort_unstable();
    words
}

fn is_uuid(text: &str) -> bool {
    text.parse::<Uuid>().is_ok()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn issue(new: &NewRealm, username: &str, request: &Value, grant_type: GrantType) -> TokenPlan {
    let (realm, client, user) = (new.snapshot(), new.client("c"), new.user(username));
    let scopes = scope::check(&realm, &client, request["scope"].as_str()).expect("scopes of the client");
    let session = builders::session(&realm, user.id, SESSION);
    let family =
        (grant_type != GrantType::ClientCredentials && client.uses_refresh_tokens()).then(|| Grant {
            scopes: scopes.to_stored(),
            offline: scopes.offline(),
            expires: refresh::expires(&realm, scopes.offline(), Some(session.expires), NOW, NOW),
            ..builders::grant(&session, client.id, 4)
        });
    let browser = grant_type != GrantType::ClientCredentials;
    plan(&Issue {
        realm: &realm,
        client: &client,
        user: &user,
        grant_type,
        scopes: &scopes,
        resources: &[],
        grant: GrantId::new(NOW, [1; 8]),
        number: 5,
        session: browser.then_some(SessionFacts { sid: session.id, auth_time: session.auth_time }),
        nonce: request["nonce"].as_str(),
        refresh: family.as_ref(),
        lightweight: false,
        address: "127.0.0.1",
        now: NOW,
    })
}
