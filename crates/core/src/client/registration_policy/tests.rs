//! Every registration policy against clients that it is about.

use serde_json::{Value, json};

use super::*;
use crate::policy::tests::realm;

fn client(document: &Value) -> ClientRepresentation {
    serde_json::from_value(document.clone()).expect("a client")
}

fn policy(id: &str, config: &Value) -> Arc<dyn RegistrationPolicy> {
    configure(id, &serde_json::from_value(config.clone()).expect("a configuration"))
        .map_err(|_| ())
        .expect(id)
}

fn judged(
    policy: &dyn RegistrationPolicy,
    current: Option<&Value>,
    sent: &Value,
) -> Result<Option<ClientEdit>, String> {
    let realm = realm(&json!({
        "realm": "r",
        "defaultDefaultClientScopes": ["basic"], "defaultOptionalClientScopes": ["phone"],
    }));
    let (current, sent) = (current.map(client), client(sent));
    policy.judge(&Asked { realm: &realm, current: current.as_ref(), sent: &sent, result: &sent })
}

#[test]
fn a_new_client_is_put_right_and_stays_so() {
    for (id, edit, member, good, bad) in [
        ("consent-required", ClientEdit::ConsentRequired(true), "consentRequired", true, false),
        ("scope", ClientEdit::FullScopeAllowed(false), "fullScopeAllowed", false, true),
        ("client-disabled", ClientEdit::Enabled(false), "enabled", false, true),
    ] {
        let policy = policy(id, &json!({}));
        assert_eq!(judged(policy.as_ref(), None, &json!({member: bad})), Ok(Some(edit)), "{id}");
        let current = json!({member: good});
        assert_eq!(judged(policy.as_ref(), Some(&current), &current), Ok(None), "{id}");
        assert!(judged(policy.as_ref(), Some(&current), &json!({member: bad})).is_err(), "{id}");
    }
}

#[test]
fn hosts_are_those_that_are_named() {
    let hosts = json!({"trusted-hosts": ["127.0.0.1", "2001:db8::1", "app.example", "*.example.org"]});
    let policy = policy("trusted-hosts", &hosts);
    for (address, admitted) in [
        ("127.0.0.1", true),
        ("::ffff:127.0.0.1", true),
        ("2001:db8:0::1", true),
        ("127.0.0.2", false),
        ("", false),
    ] {
        let outcome = policy.admit(address, &Findings::default());
        // A name may still be that of any address; what is left is looked up.
        assert_eq!(outcome == Admission::Open, admitted, "{address}: {outcome:?}");
    }
    for (redirect, trusted) in [
        ("https://app.example/cb", true),
        ("https://APP.example:8443/cb", true),
        ("https://a.example.org/cb", true),
        ("https://example.org/cb", true),
        ("http://127.0.0.1:3000/cb", true),
        ("http://[2001:db8::1]/cb", true),
        ("https://evilexample.org/cb", false),
        ("https://app.example.evil/cb", false),
        ("https://app.example@evil.example/cb", false),
        ("com.example.app:/cb", false),
        ("*", false),
    ] {
        let outcome = judged(policy.as_ref(), None, &json!({"redirectUris": [redirect]}));
        assert_eq!(outcome.is_ok(), trusted, "{redirect}");
    }
    assert!(judged(policy.as_ref(), None, &json!({"baseUrl": "https://evil.example"})).is_err());
}

#[test]
fn nobody_is_trusted_by_an_empty_list() {
    let nobody = policy("trusted-hosts", &json!({"trusted-hosts": [""]}));
    assert!(matches!(nobody.admit("127.0.0.1", &Findings::default()), Admission::Closed(_)));
}

#[test]
fn scopes_are_the_realms_own_defaults_and_those_that_are_named() {
    let defaults = policy("allowed-client-templates", &json!({"allowed-client-scopes": ["special"]}));
    let none = policy("allowed-client-templates", &json!({"allow-default-scopes": ["false"]}));
    for (scope, by_default, without) in
        [("basic", true, false), ("phone", true, false), ("special", true, false), ("openid", false, false)]
    {
        let sent = json!({"optionalClientScopes": [scope]});
        assert_eq!(judged(defaults.as_ref(), None, &sent).is_ok(), by_default, "{scope}");
        assert_eq!(judged(none.as_ref(), None, &sent).is_ok(), without, "{scope}");
        assert!(judged(none.as_ref(), Some(&sent), &sent).is_ok(), "{scope} is there already");
    }
}

/// Attack 43 (CVE-2026-15572): an update must not turn one mapper into another.
#[test]
fn a_mapper_that_may_stay_may_not_change() {
    let policy = policy(
        "allowed-protocol-mappers",
        &json!({"allowed-protocol-mapper-types": ["oidc-address-mapper"]}),
    );
    let client = |kind: &str, role: &str| {
        let mapper = json!({"id": "m", "name": "m", "protocolMapper": kind, "config": {"role": role}});
        json!({"protocolMappers": [mapper]})
    };
    let (mine, given) = (client("oidc-address-mapper", "a"), client("oidc-hardcoded-role-mapper", "a"));
    assert!(judged(policy.as_ref(), None, &mine).is_ok());
    assert!(judged(policy.as_ref(), None, &given).is_err());
    assert!(judged(policy.as_ref(), Some(&given), &given).is_ok(), "an administrator gave it");
    assert!(judged(policy.as_ref(), Some(&mine), &given).is_err(), "another type");
    let other = client("oidc-hardcoded-role-mapper", "b");
    assert!(judged(policy.as_ref(), Some(&given), &other).is_err(), "another role");
}

#[test]
fn the_lowest_limit_counts_and_what_cannot_be_read_lets_nobody_pass() {
    let component = |name: &str, id: &str, most: &str| json!({"name": name, "providerId": id, "subType": "anonymous", "config": {"max-clients": [most]}});
    let policies = |list: Value| {
        let document = json!({"realm": "r", "components": {PROVIDER_TYPE: list}});
        RegistrationPolicies::of(&serde_json::from_value(document).expect("a realm"))
    };
    let limited = policies(json!([component("A", "max-clients", "5"), component("B", "max-clients", "3")]));
    let (most, refusal) = limited.most_clients(Standing::Anonymous).expect("a limit");
    assert_eq!((most, refusal.policy.as_str()), (3, "B"));
    assert!(limited.most_clients(Standing::Authenticated).is_none());
    assert!(limited.admit(Standing::Anonymous, "192.0.2.1", &Findings::default()).is_ok());
    for broken in [component("A", "max-clients", "many"), component("A", "unknown", "")] {
        assert!(
            policies(json!([broken])).admit(Standing::Anonymous, "192.0.2.1", &Findings::default()).is_err()
        );
    }
}
