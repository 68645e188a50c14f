//! Consent per user, client, resource and scope.

use sekisho_core::authorize::{AuthorizationRequest, Parameters, validate};
use sekisho_core::consent::{choices, is_due, narrow, records, remember};
use sekisho_core::redirect::find_target;
use sekisho_core::work::{ConsentRecord, Guard, Write};
use sekisho_core::{Client, Realm};
use sekisho_protocol::Scopes;
use sekisho_testkit::builders::{NOW, NewRealm};
use serde_json::json;
use uuid::Uuid;

const USER: Uuid = Uuid::from_u128(1);
const RESOURCES: [&str; 2] = ["https://mcp.example/", "https://other.example/"];

fn given(consent_required: bool) -> (Realm, Client) {
    let mut realm = NewRealm::named("r");
    for uri in RESOURCES {
        realm.add_resource(uri);
    }
    for scope in realm.config.client_scopes.iter_mut().flatten() {
        let order = match scope.name.as_deref() {
            Some("email") => "1",
            Some("profile") => "2",
            Some("address") => "10",
            _ => continue,
        };
        let attributes = scope.attributes.get_or_insert_default();
        attributes.insert("gui.order".to_owned(), order.to_owned());
    }
    realm.add_client(&json!({
        "clientId": "c",
        "redirectUris": ["https://app.example/cb"],
        "consentRequired": consent_required,
        "defaultClientScopes": ["basic", "profile"],
        "optionalClientScopes": ["address", "email", "phone", "microprofile-jwt"],
    }));
    (realm.snapshot(), realm.client("c"))
}

fn request((realm, client): &(Realm, Client), more: &str) -> AuthorizationRequest {
    let target = find_target(client, Some("https://app.example/cb"), &realm.issuer).expect("registered");
    let query = format!("response_type=code&{more}");
    validate(realm, client, target, &Parameters::parse(query.as_bytes())).expect("valid")
}

fn agreed(resource: &str, scopes: &str) -> ConsentRecord {
    ConsentRecord {
        realm: Uuid::nil(),
        user: USER,
        client: Uuid::nil(),
        resource: resource.to_owned(),
        scopes: Scopes::parse(scopes),
        at: NOW,
    }
}

#[test]
fn choices_stand_in_their_order_then_by_name() {
    let given = given(true);
    let request = request(&given, "scope=openid+phone+address+email");
    let shown = choices(&given.0, &given.1, &request);
    let shown: Vec<_> = shown.iter().map(|choice| (choice.scope.name.as_str(), choice.optional)).collect();
    assert_eq!(shown, [("email", true), ("profile", false), ("address", true), ("phone", true)]);
}

#[test]
fn consent_is_due_until_all_is_agreed_to_for_each_resource() {
    let given = given(true);
    let (first, second) = (RESOURCES[0], RESOURCES[1]);
    let both = format!("scope=openid+email&resource={first}&resource={second}");
    for (asked, agreed, due) in [
        ("scope=openid", vec![], true),
        ("scope=openid", vec![agreed("", "profile")], false),
        ("scope=openid", vec![agreed("", "profile email")], false),
        ("scope=openid", vec![agreed(first, "profile")], true),
        ("scope=openid+email", vec![agreed("", "profile")], true),
        ("scope=openid+email", vec![agreed("", "email profile")], false),
        ("scope=openid+email", vec![agreed("", "profile"), agreed("", "email")], true),
        ("scope=openid&prompt=consent", vec![agreed("", "profile")], true),
        ("scope=openid&resource=https://mcp.example/", vec![agreed("", "profile")], true),
        ("scope=openid&resource=https://mcp.example/", vec![agreed(first, "profile")], false),
        (&both, vec![agreed(first, "profile email")], true),
        (&both, vec![agreed(first, "profile email"), agreed(second, "profile")], true),
        (&both, vec![agreed(first, "profile email"), agreed(second, "email profile")], false),
    ] {
        let request = request(&given, asked);
        assert_eq!(is_due(&given.0, &given.1, &request, &agreed), due, "{asked} {agreed:?}");
    }
}

#[test]
fn client_that_needs_no_consent_is_never_asked() {
    let given = given(false);
    let request = request(&given, "scope=openid+email&prompt=consent");
    assert!(!is_due(&given.0, &given.1, &request, &[]));
}

/// Attack 20: the form is the user's, but what it may say is decided by the page that was shown.
#[test]
fn boxes_narrow_what_was_asked_for_and_never_widen_it() {
    let given = given(true);
    for (asked, ticked, names) in [
        ("openid email address", vec!["email", "address"], "basic profile email address"),
        ("openid email address", vec!["email"], "basic profile email"),
        ("openid email address", vec![], "basic profile"),
        (
            "openid email",
            vec!["email", "address", "phone", "offline_access", "nothing"],
            "basic profile email",
        ),
        ("openid", vec!["email"], "basic profile"),
        // A default scope and one that is not shown have no box.
        ("openid microprofile-jwt", vec![], "basic profile microprofile-jwt"),
    ] {
        let request = request(&given, &format!("scope={}", asked.replace(' ', "+")));
        let granted = narrow(&given.0, &given.1, &request, &ticked);
        assert_eq!(granted.names, Scopes::parse(names), "{asked} {ticked:?}");
        assert!(granted.openid);
    }
}

#[test]
fn agreement_is_remembered_for_each_resource_and_only_what_was_shown() {
    let given = given(true);
    let both = format!("scope=openid+email+address&resource={}&resource={}", RESOURCES[0], RESOURCES[1]);
    let request = request(&given, &both);
    let granted = narrow(&given.0, &given.1, &request, &["email"]);
    let records = records(&given.0, &given.1, USER, &request, &granted, NOW);
    let told: Vec<_> =
        records.iter().map(|record| (record.resource.as_str(), record.scopes.to_string())).collect();
    let scopes = "email profile".to_owned();
    assert_eq!(told, [(RESOURCES[0], scopes.clone()), (RESOURCES[1], scopes)]);
    assert!(records.iter().all(|record| record.user == USER && record.client == given.1.id));

    // What was refused is asked again, what was agreed to is not.
    assert!(is_due(&given.0, &given.1, &request, &records));
    let less = self::request(&given, &both.replace("+address", ""));
    assert!(!is_due(&given.0, &given.1, &less, &records));

    let work = remember(records, USER, Uuid::from_u128(9));
    assert!(matches!(work.guards.as_slice(), [Guard::TouchUser { user: USER }]));
    assert!(matches!(work.writes.as_slice(), [Write::SaveConsent(_), Write::SaveConsent(_)]));
}
