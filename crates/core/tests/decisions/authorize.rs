//! The authorization request: every parameter left out, sent twice and garbled.

use sekisho_core::authorize::{AuthorizationRequest, Parameters, validate};
use sekisho_core::redirect::{ResponseMode, find_target};
use sekisho_core::{Client, Realm};
use sekisho_protocol::Cause;
use sekisho_testkit::builders::NewRealm;
use serde_json::{Value, json};

const CALLBACK: &str = "https://app.example/cb";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn realm() -> NewRealm {
    let mut realm = NewRealm::named("r");
    realm.add_resource("https://mcp.example/");
    realm.add_resource("https://other.example/");
    realm
}

fn client(changes: &Value) -> (Realm, Client) {
    let mut document = json!({"clientId": "c", "redirectUris": [CALLBACK]});
    let members = document.as_object_mut().expect("an object");
    members.extend(changes.as_object().expect("an object").clone());
    let mut realm = realm();
    realm.add_client(&document);
    (realm.snapshot(), realm.client("c"))
}

/// A complete request with these parameters in place of, or beside, the usual ones; `None` leaves one out.
fn query(changes: &[(&str, Option<&str>)]) -> String {
    let usual = [
        ("response_type", "code"),
        ("client_id", "c"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "st"),
        ("nonce", "n"),
    ];
    let kept = usual.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name)).copied();
    let added = changes.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept.chain(added)).finish()
}

fn check((realm, client): &(Realm, Client), query: &str) -> Result<AuthorizationRequest, Cause> {
    let target = find_target(client, Some(CALLBACK), &realm.issuer).expect("a registered address");
    validate(realm, client, target, &Parameters::parse(query.as_bytes()))
}

fn outcome(client: &(Realm, Client), changes: &[(&str, Option<&str>)]) -> Option<Cause> {
    check(client, &query(changes)).err()
}

#[test]
fn only_the_response_type_cannot_be_left_out_once_the_target_is_known() {
    let client = client(&json!({}));
    for (name, cause) in [
        ("response_type", Some(Cause::ParameterMissing("response_type"))),
        ("scope", None),
        ("state", None),
        ("nonce", None),
    ] {
        assert_eq!(outcome(&client, &[(name, None)]), cause, "{name}");
    }
    let parameters = Parameters::parse(query(&[("client_id", None)]).as_bytes());
    assert_eq!(parameters.client_id(), Err(Cause::ParameterMissing("client_id")));
}

#[test]
fn no_parameter_is_sent_twice_but_for_the_resource() {
    let client = client(&json!({}));
    let names = [
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "prompt",
        "max_age",
        "code_challenge",
        "code_challenge_method",
        "response_mode",
        "request",
        "unknown",
    ];
    for name in names {
        let twice = format!("{}&{name}=x&{name}=x", query(&[]));
        let cause = Cause::ParameterRepeated(name.to_owned());
        assert_eq!(check(&client, &twice).err(), Some(cause), "{name}");
    }
    let twice = "resource=https://mcp.example/&resource=https://other.example/&resource=https://mcp.example/";
    let request = check(&client, &format!("{}&{twice}", query(&[]))).expect("two resources");
    assert_eq!(request.resources, ["https://mcp.example/", "https://other.example/"]);
}

#[test]
fn values_that_cannot_be_meant_are_refused() {
    let client = client(&json!({}));
    let scope = |value: &str| Some(Cause::ScopeInvalid(value.to_owned()));
    let mode = Some(Cause::ParameterInvalid("response_mode"));
    for (name, value, cause) in [
        ("scope", "openid nothing", scope("openid nothing")),
        ("scope", "openid a\"b", scope("openid a\"b")),
        ("scope", "", scope("")),
        ("scope", "openid openid", None),
        ("scope", "profile", None),
        ("response_mode", "pigeon", mode.clone()),
        ("response_mode", "", mode.clone()),
        ("response_mode", "query.jwt", mode),
        ("response_mode", "form_post", None),
        ("max_age", "soon", Some(Cause::ParameterInvalid("max_age"))),
        ("max_age", "9223372036854775808", Some(Cause::ParameterInvalid("max_age"))),
        ("max_age", "-1", None),
        ("max_age", "", None),
        ("resource", "https://mcp.example", Some(Cause::ResourceUnknown)),
        ("resource", "", Some(Cause::ResourceUnknown)),
        ("resource", "https://mcp.example/", None),
        ("request", "x", Some(Cause::RequestObjectUnsupported)),
        ("request_uri", "urn:ietf:params:oauth:request_uri:x", Some(Cause::RequestUriUnsupported)),
        ("prompt", "dance", None),
        ("claims", "{", None),
        ("unknown", "x", None),
    ] {
        assert_eq!(outcome(&client, &[(name, Some(value))]), cause, "{name}={value}");
    }
}

#[test]
fn code_is_the_only_response_type() {
    let client = client(&json!({}));
    let unknown = Some(Cause::ResponseTypeUnsupported);
    let refused = Some(Cause::ResponseTypeNotAllowed);
    for (value, cause) in [
        ("code", None),
        ("code code", None),
        ("", unknown.clone()),
        ("tokens", unknown.clone()),
        ("code tokens", unknown.clone()),
        ("CODE", unknown.clone()),
        ("none", unknown),
        ("token", refused.clone()),
        ("id_token", refused.clone()),
        ("id_token token", refused.clone()),
        ("code id_token", refused.clone()),
        ("code token", refused.clone()),
        ("code none", refused),
    ] {
        assert_eq!(outcome(&client, &[("response_type", Some(value))]), cause, "{value}");
    }
}

#[test]
fn standard_flow_that_is_switched_off_is_refused() {
    let client = client(&json!({"standardFlowEnabled": false}));
    assert_eq!(outcome(&client, &[]), Some(Cause::StandardFlowDisabled));
}

/// RFC 7636 §4.3 and DESIGN §5.16: public clients always, others where their setting says so, S256 only.
#[test]
fn pkce_by_client_and_by_what_was_sent() {
    let public = client(&json!({"publicClient": true}));
    let confidential = client(&json!({"publicClient": false}));
    let required = client(&json!({"attributes": {"pkce.code.challenge.method": "S256"}}));
    let missing = |name| Some(Cause::ParameterMissing(name));
    let invalid = |name| Some(Cause::ParameterInvalid(name));
    let (method, challenge) = ("code_challenge_method", "code_challenge");
    let long = "a".repeat(44);
    for (sent_challenge, sent_method, of_public, of_confidential, of_required) in [
        (None, None, missing(method), None, missing(method)),
        (None, Some("S256"), missing(challenge), missing(challenge), missing(challenge)),
        (Some(CHALLENGE), None, missing(method), missing(method), missing(method)),
        (Some(CHALLENGE), Some("S256"), None, None, None),
        (Some(CHALLENGE), Some("plain"), invalid(method), invalid(method), invalid(method)),
        (Some(CHALLENGE), Some("s256"), invalid(method), invalid(method), invalid(method)),
        (Some(CHALLENGE), Some("S512"), invalid(method), invalid(method), invalid(method)),
        (Some(CHALLENGE), Some(""), invalid(method), invalid(method), invalid(method)),
        (Some(""), Some("S256"), invalid(challenge), invalid(challenge), invalid(challenge)),
        (Some("abc"), Some("S256"), invalid(challenge), invalid(challenge), invalid(challenge)),
        (Some(long.as_str()), Some("S256"), invalid(challenge), invalid(challenge), invalid(challenge)),
        (
            Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"),
            Some("S256"),
            invalid(challenge),
            invalid(challenge),
            invalid(challenge),
        ),
    ] {
        let parameters = [(challenge, sent_challenge), (method, sent_method)];
        for (client, cause) in
            [(&public, of_public), (&confidential, of_confidential), (&required, of_required)]
        {
            assert_eq!(outcome(client, &parameters), cause, "{parameters:?} of {:?}", client.1.kind);
        }
    }
}

#[test]
fn what_was_sent_is_what_the_request_says() {
    let client = client(&json!({}));
    let sent = query(&[
        ("response_mode", Some("fragment")),
        ("resource", Some("https://mcp.example/")),
        ("code_challenge", Some(CHALLENGE)),
        ("code_challenge_method", Some("S256")),
        ("prompt", Some("login consent")),
        ("max_age", Some("60")),
        ("login_hint", Some("alice")),
        ("acr_values", Some("gold 1")),
    ]);
    let request = check(&client, &sent).expect("valid");
    assert_eq!(request.target.uri(), CALLBACK);
    assert_eq!(request.mode, ResponseMode::Fragment);
    assert_eq!(request.state.as_deref(), Some("st"));
    assert_eq!(request.nonce.as_deref(), Some("n"));
    assert!(request.scopes.openid);
    assert_eq!(request.resources, ["https://mcp.example/"]);
    assert_eq!(request.code_challenge.as_deref(), Some(CHALLENGE));
    assert!(request.prompt.login && request.prompt.consent && !request.prompt.none);
    assert_eq!(request.max_age, Some(60));
    assert_eq!(request.login_hint.as_deref(), Some("alice"));
    assert_eq!(request.acr_values, ["gold", "1"]);
}

#[test]
fn what_was_not_sent_is_not_there() {
    let client = client(&json!({}));
    let request = check(&client, &query(&[("state", None), ("nonce", None)])).expect("valid");
    assert_eq!(request.mode, ResponseMode::Query);
    assert_eq!((&request.state, &request.nonce, &request.max_age), (&None, &None, &None));
    assert_eq!((&request.code_challenge, &request.login_hint, &request.id_token_hint), (&None, &None, &None));
    assert!(request.resources.is_empty() && request.acr_values.is_empty());
    assert!(!request.prompt.none && !request.prompt.login && !request.prompt.consent);
}

#[test]
fn state_and_nonce_that_are_too_long_are_dropped() {
    let client = client(&json!({}));
    for (name, longest) in [("state", 4000), ("nonce", 2000)] {
        for (length, is_kept) in [(longest, true), (longest + 1, false)] {
            let value = "x".repeat(length);
            let request = check(&client, &query(&[(name, Some(&value))])).expect("valid");
            let kept = if name == "state" { request.state } else { request.nonce };
            assert_eq!(kept.is_some(), is_kept, "{name} of {length}");
        }
    }
}

#[test]
fn max_age_comes_from_the_request_then_from_the_client() {
    let with_default = client(&json!({"attributes": {"default.max.age": "300"}}));
    for (sent, seconds) in
        [(None, Some(300)), (Some("60"), Some(60)), (Some("0"), Some(0)), (Some("-1"), None)]
    {
        let request = check(&with_default, &query(&[("max_age", sent)])).expect("valid");
        assert_eq!(request.max_age, seconds, "{sent:?}");
    }
}

#[test]
fn error_is_answered_as_the_response_type_and_mode_ask() {
    for (changes, mode, state) in [
        (vec![], ResponseMode::Query, Some("st")),
        (vec![("response_type", None)], ResponseMode::Query, Some("st")),
        (vec![("response_type", Some("token"))], ResponseMode::Fragment, Some("st")),
        (vec![("response_type", Some("code id_token"))], ResponseMode::Fragment, Some("st")),
        (vec![("response_mode", Some("form_post"))], ResponseMode::FormPost, Some("st")),
        (vec![("response_mode", Some("pigeon"))], ResponseMode::Query, Some("st")),
        (
            vec![("response_type", Some("token")), ("response_mode", Some("x"))],
            ResponseMode::Fragment,
            Some("st"),
        ),
        (vec![("state", None)], ResponseMode::Query, None),
    ] {
        let parameters = Parameters::parse(query(&changes).as_bytes());
        assert_eq!(parameters.error_answer(), (mode, state.map(str::to_owned)), "{changes:?}");
    }
}

/// What is sealed into an interaction must come back as it went in.
#[test]
fn request_survives_its_interaction() {
    let sent = query(&[("state", Some("a&b=c d+é")), ("resource", Some("https://mcp.example/"))]);
    let once = Parameters::parse(sent.as_bytes()).to_query();
    assert_eq!(Parameters::parse(once.as_bytes()).to_query(), once);
    let state = Parameters::parse(once.as_bytes()).error_answer().1;
    assert_eq!(state.as_deref(), Some("a&b=c d+é"));
}
