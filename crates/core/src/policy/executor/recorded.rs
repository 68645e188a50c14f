//! Executors and the global profiles against what a real Keycloak answered (`tests/observed/policy-executors.json`):
//! clients made and changed by Admin REST, and requests. Dynamic registration hides the words, so that its cases are
//! left to the replay.

use std::collections::BTreeMap;

use sekisho_protocol::Params;
use sekisho_protocol::keycloak::ClientRepresentation;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::EXECUTORS;
use crate::client::read::{self, Place};
use crate::policy::effect::Effect;
use crate::policy::event::EventName;
use crate::policy::profile::global_profiles;
use crate::policy::tests::{Scene, policies, realm, shown};
use crate::policy::{Verdict, evaluate};

/// Executors whose cases are compared whole; of others, and of profiles, what is said of clients is.
const WHOLE: &[&str] = &[
    "confidential-client",
    "consent-required",
    "full-scope-disabled",
    "pkce-enforcer",
    "reject-implicit-grant",
    "reject-ropc-grant",
    "secure-ciba-req-sig-algorithm",
    "secure-client-authenticator",
    "secure-client-uris",
    "secure-client-uris-pattern",
    "secure-logout",
    "secure-redirect-uris-enforcer",
    "secure-response-type",
    "secure-signature-algorithm",
    "tls-client-auth-ca-subject-dn",
];

/// Where we answer otherwise, and why.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "executor.secure-client-uris.update",
        "the client as it would be is judged, not what an update mentions",
    ),
    ("executor.secure-logout.update.front.refused", "the client as it would be is judged"),
    ("executor.secure-client-uris-pattern.register.bad-pattern", "it is refused when the profile is saved"),
    ("profile.oauth-2-1-for-confidential-client.update", "what is not mentioned is not taken for empty"),
    ("profile.oauth-2-1-for-public-client.update", "what is not mentioned is not taken for empty"),
];

/// What endpoints and the administration say of their own accord.
const NOT_BY_POLICY: &[&str] = &[
    "A redirect URI must not contain an URL fragment",
    "A redirect URI uses an illegal scheme",
    "Invalid parameter: code_challenge_method",
    "Invalid parameter: redirect_uri",
    "Missing parameter: response_type",
    "PKCE verification failed: Code mismatch",
    "PKCE verification failed: Invalid code verifier",
    "unsupported_response_type",
];

/// Behind features of Keycloak, which the recorded one had off.
const BEHIND_FEATURES: &[&str] = &["client-id-metadata-document", "secret-rotation"];

/// Switches of our own, which stand after those of Keycloak.
const OURS: &[&str] = &["allow-native-loopback"];

fn observed(file: &str) -> Vec<Value> {
    let path = format!("{}/../../tests/observed/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("recorded answers");
    let mut recorded: Value = serde_json::from_str(&text).expect("JSON");
    serde_json::from_value(recorded["cases"].take()).expect("cases")
}

#[test]
fn properties_are_those_of_keycloak_in_its_order() {
    let cases = observed("serverinfo.json");
    let case = cases.iter().find(|case| case["id"] == "serverinfo.component.executors").expect("the case");
    let listed = case["saw"][0]["json"].as_array().expect("executors");
    for provider in EXECUTORS.iter().filter(|provider| !BEHIND_FEATURES.contains(&provider.id)) {
        let properties = provider.properties.iter().filter(|property| !OURS.contains(&property.name));
        let properties: Vec<Value> = properties.map(shown).collect();
        let expected = listed.iter().find(|expected| expected["id"] == provider.id).expect("an executor");
        assert_eq!(json!(properties), expected["properties"], "{}", provider.id);
    }
}

#[test]
fn executors_answer_as_recorded() {
    let recorded = observed("policy-executors.json");
    let mut compared: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in &recorded {
        let id = text(&case["id"]);
        if case["saw"][0]["status"] == 500 || !is_known(case) {
            continue;
        }
        let Some(outcome) = compare(case) else { continue };
        *compared.entry(subject(case)).or_default() += 1;
        let listed = DIFFERENT.iter().any(|(different, _)| *different == id);
        match outcome {
            Err(difference) if !listed => wrong.push(format!("{id}: {difference}")),
            Ok(()) if listed => wrong.push(format!("{id}: is listed as different and is the same")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(WHOLE.iter().all(|executor| compared.contains_key(executor)), "{compared:?}");
    assert!(compared.values().sum::<usize>() > 450, "{compared:?}");
}

/// The executor or the profile that a case is about.
fn subject(case: &Value) -> &str {
    text(&case["id"]).split('.').nth(1).unwrap_or_default()
}

/// Whether there is all that the case needs.
fn is_known(case: &Value) -> bool {
    let profile = global_profiles().iter().find(|profile| profile.name.as_deref() == Some(subject(case)));
    let executors = profile.and_then(|profile| profile.executors.as_ref()).into_iter().flatten();
    let of_profile = executors.filter_map(|executor| executor.executor.as_deref());
    let of_case =
        case["executors"].as_array().into_iter().flatten().map(|executor| text(&executor["executor"]));
    of_profile.chain(of_case).all(|id| EXECUTORS.iter().any(|provider| provider.id == id))
}

/// `None` for a case that is about something else.
fn compare(case: &Value) -> Option<Result<(), String>> {
    let step = &case["steps"][0];
    if let Some(sent) = step.get("register") {
        return Some(compare_proposal(case, None, sent));
    }
    let path = text(&step["do"]);
    if path == "PUT $admin/clients/{{c.id}}" {
        return Some(compare_proposal(case, Some(&case["clients"][0]), &step["json"]));
    }
    if !WHOLE.contains(&subject(case)) {
        return None;
    }
    if let Some(login) = step.get("login") {
        return Some(compare_login(case, login));
    }
    event_at(path, &step["form"]).map(|event| compare_request(case, event, &step["form"]))
}

fn compare_proposal(case: &Value, current: Option<&Value>, sent: &Value) -> Result<(), String> {
    let before = completed(current.unwrap_or(sent));
    let mut result = serde_json::to_value(&before).expect("JSON");
    merge(&mut result, sent);
    let realm = realm_there();
    let (sent, result) = (representation(sent), representation(&result));
    let scene = Scene { realm, sent, result, ..Scene::default() };
    let event = if current.is_some() { EventName::Update } else { EventName::Register };
    let verdict = ask(case, &scene, event);
    expect(case, &verdict)?;
    let saw = case["saw"].as_array().expect("answers").iter().find_map(|answer| answer.get("changed"));
    let (Some(expected), Verdict::Pass(effects)) = (saw, verdict) else { return Ok(()) };
    let mut after = scene.result;
    for effect in effects {
        if let Effect::Client(edit) = effect {
            edit.apply(&mut after);
        }
    }
    let changed = difference(&before, &after);
    if changed == *expected { Ok(()) } else { Err(format!("changed {changed}, recorded {expected}")) }
}

fn compare_login(case: &Value, login: &Value) -> Result<(), String> {
    let params = params(login);
    let redirect_uri = params.find("redirect_uri").map(str::to_owned);
    let mut scene = Scene { params, redirect_uri, ..Scene::default() };
    scene.client = client(&case["clients"][0]);
    let verdict = match ask(case, &scene, EventName::PreAuthorizationRequest) {
        Verdict::Pass(_) => ask(case, &scene, EventName::AuthorizationRequest),
        refused => refused,
    };
    expect(case, &verdict)
}

fn compare_request(case: &Value, event: EventName, form: &Value) -> Result<(), String> {
    let challenge = case["before"][0]["login"].get("code_challenge").map(value);
    let mut scene = Scene { params: params(form), challenge, ..Scene::default() };
    scene.client = client(&case["clients"][0]);
    expect(case, &ask(case, &scene, event))
}

/// The Keycloak that was recorded stood on a loopback address, which relative addresses hang on.
fn realm_there() -> crate::Realm {
    let mut realm = realm(&json!({}));
    "http://localhost:8080/realms/r".clone_into(&mut realm.issuer);
    realm
}

/// Profile `p` of the case's executors, or the global profile of that name, for every client.
fn ask(case: &Value, scene: &Scene, event: EventName) -> Verdict {
    let own = case.get("executors");
    let profiles: Vec<Value> =
        own.iter().map(|executors| json!({"name": "p", "executors": executors})).collect();
    let profile = if own.is_some() { "p" } else { subject(case) };
    let applied = json!([{
        "name": "x", "enabled": true, "conditions": [{"condition": "any-client"}], "profiles": [profile],
    }]);
    evaluate(&policies(&json!(profiles), &applied), &scene.event(event), &mut ())
}

/// The recorded refusal, in the words that policies give, or none.
fn expect(case: &Value, verdict: &Verdict) -> Result<(), String> {
    let saw = &case["saw"][0];
    let answers = [&saw["json"], &saw["query"], &saw["fragment"], &saw["form"]["fields"]];
    let described = answers.iter().find_map(|answer| answer.get("error_description"));
    let described = described.or_else(|| answers.iter().find_map(|answer| answer.get("error")));
    let message = saw.get("message").filter(|_| saw["page"] == "error").and_then(|message| message.get(0));
    let refused = described.or(message).map(text);
    // The pushed request endpoint looks at the challenge too.
    let pushed = text(&case["steps"][0]["do"]) == "POST $par";
    let by_others = refused.is_some_and(|words| {
        NOT_BY_POLICY.contains(&words) || (pushed && words.ends_with("parameter: code_challenge"))
    });
    match (refused, verdict) {
        _ if by_others => Ok(()),
        (None, Verdict::Pass(_)) => Ok(()),
        (Some(words), Verdict::Refuse(refused)) if refused.refusal.text == words => {
            let code = answers.iter().find_map(|answer| answer.get("error")).map(text);
            // The grants of codes make every refusal an `invalid_grant`; pages have no code.
            let same = code.is_none_or(|code| code == refused.refusal.code || code == "invalid_grant");
            if same { Ok(()) } else { Err(format!("{}, recorded {code:?}", refused.refusal.code)) }
        }
        (refused, verdict) => Err(format!("{verdict:?}, recorded {refused:?}")),
    }
}

fn event_at(path: &str, form: &Value) -> Option<EventName> {
    Some(match (path, text(&form["grant_type"])) {
        ("POST $token", "authorization_code") => EventName::TokenRequest,
        ("POST $token", "refresh_token") => EventName::TokenRefresh,
        ("POST $token", "client_credentials") => EventName::ServiceAccountTokenRequest,
        ("POST $token", "password") => EventName::ResourceOwnerPasswordCredentialsRequest,
        ("POST $token", grant) if grant.ends_with(":token-exchange") => EventName::TokenExchangeRequest,
        ("POST $token", grant) if grant.ends_with(":device_code") => EventName::DeviceTokenRequest,
        ("POST $token", grant) if grant.ends_with(":ciba") => EventName::BackchannelTokenRequest,
        ("POST $par", _) => EventName::PushedAuthorizationRequest,
        ("POST $ciba", _) => EventName::BackchannelAuthenticationRequest,
        ("POST $device", _) => EventName::DeviceAuthorizationRequest,
        ("POST $introspect", _) => EventName::TokenIntrospect,
        ("POST $revoke", _) => EventName::TokenRevoke,
        ("POST $logout", _) => EventName::LogoutRequest,
        ("GET $userinfo", _) => EventName::UserInfoRequest,
        _ => return None,
    })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A parameter; those that are made at run time only need the right shape.
fn value(value: &Value) -> String {
    match (value.get("$challenge"), value.get("$long")) {
        (Some(_), _) => "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
        (_, Some(long)) => {
            "a".repeat(long[1].as_u64().and_then(|n| usize::try_from(n).ok()).expect("a length"))
        }
        _ => text(value).to_owned(),
    }
}

fn params(object: &Value) -> Params {
    let pairs = object.as_object().into_iter().flatten();
    Params::from_pairs(pairs.map(|(name, parameter)| (name.clone(), value(parameter))))
}

/// Attributes that are made at run time are left out: no executor of these looks at keys.
fn representation(client: &Value) -> ClientRepresentation {
    let mut client = client.clone();
    if let Some(attributes) = client.get_mut("attributes").and_then(Value::as_object_mut) {
        attributes.retain(|_, attribute| attribute.is_string());
    }
    serde_json::from_value(client).expect("a client")
}

/// With what Keycloak fills in.
fn completed(client: &Value) -> ClientRepresentation {
    let mut client = representation(client);
    let consent = *client.consent_required.get_or_insert(false);
    client.full_scope_allowed.get_or_insert(!consent);
    client.client_authenticator_type.get_or_insert_with(|| "client-secret".to_owned());
    for (switch, default) in [
        (&mut client.standard_flow_enabled, true),
        (&mut client.implicit_flow_enabled, false),
        (&mut client.direct_access_grants_enabled, false),
        (&mut client.public_client, false),
        (&mut client.bearer_only, false),
        (&mut client.frontchannel_logout, false),
    ] {
        switch.get_or_insert(default);
    }
    client
}

fn client(client: &Value) -> crate::Client {
    let place = Place { id: Uuid::from_u128(7), realm: Uuid::from_u128(1), version: 1 };
    read::client(place, completed(client), None)
}

/// As an update changes a client: what is not mentioned stays.
fn merge(client: &mut Value, sent: &Value) {
    for (name, member) in sent.as_object().into_iter().flatten() {
        match (client.get_mut(name), member) {
            (Some(Value::Object(attributes)), Value::Object(sent)) => attributes.extend(sent.clone()),
            _ => client[name] = member.clone(),
        }
    }
}

/// What is not the same, as the recording writes it.
fn difference(before: &ClientRepresentation, after: &ClientRepresentation) -> Value {
    let (before, after) = (members(before), members(after));
    let names = before.keys().chain(after.keys());
    let changed = names.filter(|name| before.get(*name) != after.get(*name)).map(|name| {
        let old = before.get(name).cloned().unwrap_or_else(|| json!("<absent>"));
        (name.clone(), json!([old, after.get(name)]))
    });
    Value::Object(changed.collect())
}

fn members(client: &ClientRepresentation) -> Map<String, Value> {
    let mut client = serde_json::to_value(client).expect("JSON");
    let attributes = client.as_object_mut().and_then(|members| members.remove("attributes"));
    let mut members = client.as_object().cloned().unwrap_or_default();
    for (name, attribute) in attributes.as_ref().and_then(Value::as_object).into_iter().flatten() {
        members.insert(format!("attributes/{name}"), attribute.clone());
    }
    members
}
