//! The client policy that a realm of ours starts with: visible and editable like any other. It is about every
//! client but the built-in ones, which carry an attribute that says so.

use sekisho_core::access::MASTER;
use sekisho_core::client::BUILT_IN;
use sekisho_protocol::keycloak::{
    ClientPoliciesRepresentation, ClientPolicyConditionRepresentation, ClientPolicyRepresentation,
    RealmRepresentation,
};
use serde_json::{Value, json};

use super::StartingPolicy;

const BUILT_IN_CLIENTS: &[&str] =
    &["account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"];

/// Gives the realm its policy, if it has none and is not master.
pub(super) fn start(realm: &mut RealmRepresentation, policy: StartingPolicy) {
    let has = realm
        .client_policies
        .as_ref()
        .is_some_and(|all| all.policies.as_ref().is_some_and(|policies| !policies.is_empty()));
    if policy == StartingPolicy::None || has || realm.realm.as_deref() == Some(MASTER) {
        return;
    }
    for client in realm.clients.iter_mut().flatten() {
        if client.client_id.as_deref().is_some_and(|name| BUILT_IN_CLIENTS.contains(&name)) {
            client.attributes.get_or_insert_default().insert(BUILT_IN.to_owned(), "true".to_owned());
        }
    }
    let policies = Some(vec![oauth_2_1()]);
    realm.client_policies = Some(ClientPoliciesRepresentation { policies, global_policies: None });
}

fn oauth_2_1() -> ClientPolicyRepresentation {
    ClientPolicyRepresentation {
        name: Some("oauth-2-1".to_owned()),
        description: Some(
            "OAuth 2.1 for every client of this realm but the built-in ones. Change it or switch it off as you need."
                .to_owned(),
        ),
        enabled: Some(true),
        conditions: Some(vec![
            condition("any-client", json!({})),
            condition(
                "client-attributes",
                json!({"is-negative-logic": true, "attributes": json!([{"key": BUILT_IN, "value": "true"}]).to_string()}),
            ),
        ]),
        profiles: Some(vec!["oauth-2-1-native".to_owned()]),
    }
}

fn condition(id: &str, configuration: Value) -> ClientPolicyConditionRepresentation {
    ClientPolicyConditionRepresentation { condition: Some(id.to_owned()), configuration: Some(configuration) }
}
