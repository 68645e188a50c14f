//! Which scopes a request gets.

use sekisho_core::scope::{GrantedScopes, check};
use sekisho_core::{Client, Realm};
use sekisho_protocol::{Cause, Scopes};
use sekisho_testkit::builders::NewRealm;
use serde_json::json;

fn given() -> (Realm, Client) {
    let mut realm = NewRealm::named("r");
    realm.add_client(&json!({
        "clientId": "c",
        "defaultClientScopes": ["basic", "profile", "gone"],
        "optionalClientScopes": ["email", "offline_access", "vanished"],
    }));
    (realm.snapshot(), realm.client("c"))
}

#[test]
fn defaults_are_always_there_and_options_when_asked_for() {
    let (realm, client) = given();
    for (asked, names, openid) in [
        (None, "basic profile", false),
        (Some("openid"), "basic profile", true),
        (Some("profile"), "basic profile", false),
        (Some("email"), "basic profile email", false),
        (Some("email openid offline_access"), "basic profile email offline_access", true),
        (Some("  email   email "), "basic profile email", false),
    ] {
        let granted = check(&realm, &client, asked).expect("scopes of the client");
        assert_eq!(granted.names.to_string(), names, "{asked:?}");
        assert_eq!(granted.openid, openid, "{asked:?}");
    }
}

#[test]
fn what_the_client_does_not_have_is_refused_whole() {
    let (realm, client) = given();
    // `phone` is a scope of the realm only; `gone` and `vanished` only the client still lists.
    for asked in ["phone", "openid phone", "gone", "vanished", "nothing", "Email", "a\"b", "é", "", " "] {
        let cause = Cause::ScopeInvalid(asked.to_owned());
        assert_eq!(check(&realm, &client, Some(asked)).err(), Some(cause), "{asked:?}");
    }
}

#[test]
fn scopes_come_back_from_the_grant_as_they_went() {
    let (realm, client) = given();
    for asked in ["openid email", "email", "openid offline_access"] {
        let granted = check(&realm, &client, Some(asked)).expect("scopes of the client");
        assert_eq!(GrantedScopes::from_stored(&granted.to_stored()), granted, "{asked}");
        assert_eq!(granted.offline(), asked.contains("offline_access"), "{asked}");
    }
}

#[test]
fn silent_scopes_are_in_force_and_not_in_the_token() {
    let (realm, client) = given();
    let granted = check(&realm, &client, Some("openid email")).expect("scopes of the client");
    assert_eq!(granted.in_token(&realm), Scopes::parse("openid profile email"));
    assert!(granted.names.contains("basic"));
}
