//! All conditions at once: that they are there, as a real Keycloak lists them, and vote as it does.

use sekisho_protocol::keycloak::ClientRepresentation;
use sekisho_protocol::{Params, Scopes};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::client::read::{self, Place};
use crate::policy::event::{EVENTS, Subject, Updater, UpdaterKind};
use crate::policy::tests::{Scene, rejecting, shown, vote};
use crate::policy::{Verdict, evaluate};
use crate::role::Role;

fn observed(file: &str) -> Vec<Value> {
    let path = format!("{}/../../tests/observed/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("recorded answers");
    let mut recorded: Value = serde_json::from_str(&text).expect("JSON");
    serde_json::from_value(recorded["cases"].take()).expect("cases")
}

#[test]
fn every_condition_is_there() {
    let ids: Vec<&str> = CONDITIONS.iter().map(|provider| provider.id).collect();
    assert_eq!(
        ids,
        [
            "acr-condition",
            "any-client",
            "client-access-type",
            "client-attributes",
            "client-id-uri",
            "client-roles",
            "client-scopes",
            "client-type",
            "client-updater-context",
            "client-updater-source-groups",
            "client-updater-source-host",
            "client-updater-source-roles",
            "grant-type",
            "identity-provider-alias",
        ]
    );
}

#[test]
fn properties_are_those_of_keycloak_in_its_order() {
    let cases = observed("serverinfo.json");
    let case = cases.iter().find(|case| case["id"] == "serverinfo.component.conditions").expect("the case");
    let listed = case["saw"][0]["json"].as_array().expect("conditions");
    assert_eq!(listed.len(), 13, "client-id-uri is behind a feature there");
    for expected in listed {
        let provider = CONDITIONS.iter().find(|provider| provider.id == expected["id"]).expect("a condition");
        let properties: Vec<Value> = provider.properties.iter().map(shown).collect();
        assert_eq!(json!(properties), expected["properties"], "{}", provider.id);
    }
}

/// Attack 42 (CVE-2026-9792): a condition abstained at one grant, and the policy was not about it.
#[test]
fn no_condition_about_the_client_abstains_at_a_grant() {
    let team = r#"[{"key":"team","value":"red"}]"#;
    let mut scene = Scene::default();
    scene.client.attributes.insert("team".to_owned(), "red".to_owned());
    scene.client.client_id = "https://app.example/c".to_owned();
    own_role(&mut scene);
    for (id, configuration) in [
        ("any-client", json!({})),
        ("client-access-type", json!({"type": ["confidential"]})),
        ("client-attributes", json!({"attributes": team})),
        (
            "client-id-uri",
            json!({"client-id-uri-scheme": ["https"], "client-id-uri-allow-permitted-domains": ["app.example"]}),
        ),
        ("client-roles", json!({"roles": ["marked"]})),
        ("client-type", json!({"protocol": "openid-connect"})),
    ] {
        let provider = CONDITIONS.iter().find(|provider| provider.id == id).expect("a condition");
        let mut negative = configuration.clone();
        negative["is-negative-logic"] = json!(true);
        for name in EVENTS.into_iter().filter(|name| !EventSet::DEVICE.contains(*name)) {
            let event = scene.event(name);
            if event.token_request().is_some() || event.token_response().is_some() {
                assert_eq!(vote(provider, &configuration, &event), Vote::Yes, "{id} {name:?}");
                assert_eq!(vote(provider, &negative, &event), Vote::No, "{id} {name:?}");
            }
        }
    }
}

/// Where tokens are about to be issued or used, the scopes behind them are known.
#[test]
fn a_condition_about_scopes_abstains_at_no_grant() {
    let provider = CONDITIONS.iter().find(|provider| provider.id == "client-scopes").expect("a condition");
    let mut scene = Scene { granted: Some(Scopes::parse("openid phone")), ..Scene::default() };
    scene.client.optional_scopes = vec!["phone".to_owned()];
    // Before the code is opened nothing is known of it; the others hand out nothing.
    let elsewhere = EventSet::DEVICE.and(EventSet::of(&[
        EventName::PreTokenRequest,
        EventName::TokenIntrospect,
        EventName::TokenRevoke,
        EventName::TokenRevokeResponse,
        EventName::LogoutRequest,
    ]));
    for name in EVENTS.into_iter().filter(|name| !elsewhere.contains(*name)) {
        let event = scene.event(name);
        if event.token_request().is_some() || event.token_response().is_some() {
            assert_eq!(vote(provider, &json!({"scopes": ["phone"]}), &event), Vote::Yes, "{name:?}");
        }
    }
}

fn own_role(scene: &mut Scene) {
    let (id, name) = (Uuid::from_u128(21), "marked".to_owned());
    let role = Role { id, name, client: Some(scene.client.id), composites: Vec::new() };
    scene.realm.roles.by_id.insert(id, role);
}

/// Cases that come out otherwise, and why. One that starts to come out the same fails the test.
const DIFFERENT: [(&str, &str); 2] = [
    ("condition.grant.ciba.ciba-token", "CIBA does not escape a policy about grants"),
    ("condition.grant.negative.ciba-token", "CIBA does not escape a policy about grants"),
];

/// Recorded cases whose outcome the conditions alone decide: `reject-request` is the only executor.
const GROUPS: &[&str] = &[
    "any-client",
    "none",
    "access-type",
    "attributes",
    "roles",
    "scopes",
    "protocol",
    "grant",
    "acr",
    "several",
    "idp",
    "updater-context",
    "updater-groups",
    "updater-roles",
    "updater-host",
];

#[test]
fn conditions_vote_as_recorded() {
    let (mut judged, mut different) = (0, Vec::new());
    for case in observed("policy-conditions.json") {
        let id = case["id"].as_str().expect("an id");
        let group = id.split('.').nth(1).expect("a group");
        let Some(events) = id.rsplit('.').next().and_then(events_of) else { continue };
        let saw = &case["saw"][0];
        let fault = saw["status"] == 500 || id == "condition.idp.none.jwt-bearer";
        let stored = saw["refused-to-set"].is_null();
        if !GROUPS.contains(&group) || case["conditions"].is_null() || fault || !stored {
            continue;
        }
        let as_recorded = saw["status"].as_u64() >= Some(400) || !saw["query"]["error"].is_null();
        let scene = scene_of(&case);
        let policies = rejecting(&case["conditions"]);
        let verdicts = events.iter().map(|event| evaluate(&policies, &scene.event(*event), &mut ()));
        let refuses = verdicts.into_iter().any(|verdict| matches!(verdict, Verdict::Refuse(_)));
        if refuses != as_recorded {
            different.push(id.to_owned());
        }
        judged += 1;
    }
    assert_eq!(different, DIFFERENT.map(|(id, _)| id));
    assert!(judged > 500, "{judged}");
}

/// What is raised on the way of a recorded request, as long as nothing refuses.
fn events_of(step: &str) -> Option<&'static [EventName]> {
    Some(match step {
        "register" | "dcr-register" => &[EventName::Register, EventName::Registered],
        "update" | "dcr-update" | "rat" => &[EventName::Update, EventName::Updated],
        "view" | "dcr-view" => &[EventName::View],
        "delete" | "dcr-delete" => &[EventName::Unregister],
        "authorize" => &[EventName::PreAuthorizationRequest, EventName::AuthorizationRequest],
        "par" => &[EventName::PushedAuthorizationRequest],
        "ciba" => &[EventName::BackchannelAuthenticationRequest],
        "device" => &[EventName::DeviceAuthorizationRequest],
        "token-code" => &[EventName::PreTokenRequest, EventName::TokenRequest, EventName::TokenResponse],
        "token-refresh" => &[EventName::TokenRefresh, EventName::TokenRefreshResponse],
        "token-password" => &[
            EventName::ResourceOwnerPasswordCredentialsRequest,
            EventName::ResourceOwnerPasswordCredentialsResponse,
        ],
        "token-client-credentials" => {
            &[EventName::ServiceAccountTokenRequest, EventName::ServiceAccountTokenResponse]
        }
        "token-exchange" => &[EventName::TokenExchangeRequest],
        "jwt-bearer" => &[EventName::JwtAuthorizationGrant],
        "device-token" => &[EventName::DeviceTokenRequest, EventName::DeviceTokenResponse],
        "ciba-token" => &[EventName::BackchannelTokenRequest, EventName::BackchannelTokenResponse],
        "introspect" => &[EventName::TokenIntrospect],
        "revoke" => &[EventName::TokenRevoke, EventName::TokenRevokeResponse],
        "userinfo" => &[EventName::UserInfoRequest],
        "logout-post" => &[EventName::LogoutRequest],
        "admin" | "manager" | "helper" | "service-account" | "iat" | "anonymous" | "dcr-manager" => {
            &[EventName::Register, EventName::Registered]
        }
        _ => return None,
    })
}

/// The scene of a recorded case: its client, what its request says, and what the realm gives every client.
fn scene_of(case: &Value) -> Scene {
    let step = &case["steps"][0];
    let mut scene = Scene::default();
    let client = case["clients"][0].clone();
    let registered = [&step["register"], &step["json"]].into_iter().find(|made| made.is_object());
    let new = case["id"].as_str().is_some_and(|id| id.ends_with("register") || id.contains(".dcr-"));
    let subject = if new { registered.cloned().unwrap_or_default() } else { client };
    let mut subject = serde_json::from_value::<ClientRepresentation>(subject).unwrap_or_default();
    if case["id"].as_str().is_some_and(|id| id.contains("public")) {
        subject.public_client = subject.public_client.or(case["clients"][0]["publicClient"].as_bool());
    }
    scene.result = subject.clone();
    let place = Place { id: scene.client.id, realm: scene.client.realm, version: 1 };
    scene.client = read::client(place, subject, None);
    scene.client.default_scopes = ["email", "profile"].map(str::to_owned).to_vec();
    scene.client.optional_scopes = ["phone", "offline_access"].map(str::to_owned).to_vec();
    if case["id"].as_str().is_some_and(|id| id.contains("roles.")) && !new {
        own_role(&mut scene);
    }
    let asked = [&step["form"], &step["login"], &step["query"]].into_iter().find_map(Value::as_object);
    scene.params = Params::from_pairs(asked.into_iter().flatten().map(|(name, value)| {
        (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }));
    scene.updater = updater(case["id"].as_str().unwrap_or_default());
    scene.granted = Some(granted(case, &scene));
    let identity_provider = Some("issuer".to_owned());
    scene.subject = Some(Subject { claims: None, access_token: false, identity_provider });
    scene
}

/// What the code or the tokens of a case are for.
fn granted(case: &Value, scene: &Scene) -> Scopes {
    let before = case["before"].as_array().into_iter().flatten();
    let asked = before.flat_map(|step| [&step["form"]["scope"], &step["login"]["scope"]]);
    let asked = asked.filter_map(Value::as_str).chain(scene.params.find("scope")).last();
    let defaults = scene.client.default_scopes.iter().map(String::as_str);
    asked.unwrap_or_default().split(' ').chain(defaults).collect()
}

/// Who made or changed the client of a case: the users of the recorded realm, an administrator of another one,
/// and those who are no user.
fn updater(id: &str) -> Updater {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let (kind, roles, groups) = match id.rsplit('.').next().unwrap_or_default() {
        "iat" => (UpdaterKind::InitialAccessToken, &[][..], &[][..]),
        "rat" => (UpdaterKind::RegistrationAccessToken, &[][..], &[][..]),
        "anonymous" => (UpdaterKind::Anonymous, &[][..], &[][..]),
        "manager" | "dcr-manager" => (
            UpdaterKind::AuthenticatedUser,
            &["writer", "realm-management.manage-clients", "realm-management.create-client"][..],
            &["staff"][..],
        ),
        "helper" => {
            (UpdaterKind::AuthenticatedUser, &["realm-management.manage-clients"][..], &["guests"][..])
        }
        _ => (UpdaterKind::AuthenticatedUser, &[][..], &[][..]),
    };
    Updater { kind, address: "127.0.0.1".to_owned(), roles: names(roles), groups: names(groups) }
}
