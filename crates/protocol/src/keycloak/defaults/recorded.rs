//! A new realm of ours against what a real Keycloak has in a new realm (`tests/observed/realm-new.json`).

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    super::{ClientRepresentation, UPConfig, parse, recorded::saw},
    *,
};

/// Members of the export that we do not make, and why.
const DIFFERENCES: &[(&str, &str)] =
    &[("keycloakVersion", "says who wrote the export, so whoever writes one adds it")];

fn realm(name: &str) -> RealmRepresentation {
    new_realm(name, &mut counted())
}

/// Ids that are counted.
fn counted() -> impl FnMut() -> Uuid {
    let mut drawn = 0;
    move || {
        drawn += 1;
        Uuid::from_u128(drawn)
    }
}

/// As the recording has it: ids are `<uuid>`, lists are sorted.
fn as_recorded(value: &impl Serialize) -> Value {
    let mut json = serde_json::to_value(value).unwrap();
    level(&mut json);
    json
}

fn level(json: &mut Value) {
    match json {
        Value::String(text) if Uuid::try_parse(text).is_ok() => *json = "<uuid>".into(),
        Value::Array(elements) => {
            elements.iter_mut().for_each(level);
            elements.sort_by_cached_key(ToString::to_string);
        }
        Value::Object(members) => {
            members.values_mut().for_each(level);
            members.sort_keys();
        }
        _ => {}
    }
}

fn recorded(case: &str, step: usize) -> Value {
    as_recorded(&saw(case, step))
}

/// The elements of a list with only these members.
fn pick(list: &Value, members: &[&str]) -> Value {
    let element = |element: &Value| {
        members.iter().map(|member| ((*member).to_owned(), element[member].clone())).collect::<Value>()
    };
    as_recorded(&list.as_array().unwrap().iter().map(element).collect::<Vec<_>>())
}

#[test]
fn a_new_realm_exports_what_keycloak_exports() {
    let mut expected = recorded("partial-export-all", 0);
    let ours = as_recorded(&realm("r"));
    for (member, reason) in DIFFERENCES {
        let theirs = expected.as_object_mut().unwrap().remove(*member);
        assert_ne!(theirs.as_ref(), ours.get(member), "{member} is no difference any more ({reason})");
    }
    for (member, value) in expected.as_object().unwrap() {
        assert_eq!(&ours[member], value, "{member}");
    }
    assert_eq!(ours, expected);
}

#[test]
fn the_settings_are_those_of_the_realm_document() {
    let ours = as_recorded(&realm("r"));
    for (member, value) in recorded("representation", 0).as_object().unwrap() {
        assert_eq!(&ours[member], value, "{member}");
    }
}

#[test]
fn scopes_flows_and_actions_are_those_that_admin_rest_lists() {
    let ours = as_recorded(&realm("r"));
    assert_eq!(ours["clientScopes"], recorded("client-scopes", 0));
    assert_eq!(ours["requiredActions"], recorded("required-actions", 0));
    // Admin REST lists top flows only, and hides the one that nothing can be bound to.
    let mut flows = ours["authenticationFlows"].clone();
    flows.as_array_mut().unwrap().retain(|flow| flow["topLevel"] == true && flow["alias"] != "saml ecp");
    assert_eq!(flows, recorded("flows", 0));
    for (case, member) in
        [("default-scopes", "defaultDefaultClientScopes"), ("optional-scopes", "defaultOptionalClientScopes")]
    {
        let names = recorded(case, 0)
            .as_array()
            .unwrap()
            .iter()
            .map(|scope| scope["name"].clone())
            .collect::<Value>();
        assert_eq!(ours[member], as_recorded(&names), "{case}");
    }
}

const MEMBERS: &[&str] = &["name", "composite", "description"];

#[test]
fn the_roles_of_built_in_clients_are_those_that_admin_rest_lists() {
    let ours = as_recorded(&realm("r"));
    for client in
        ["account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"]
    {
        let expected = pick(&recorded(&format!("client.{client}"), 0), MEMBERS);
        assert_eq!(pick(&ours["roles"]["client"][client], MEMBERS), expected, "{client}");
    }
}

#[test]
fn the_user_profile_is_the_one_of_a_realm_without_a_component_for_it() {
    assert_eq!(as_recorded(&user_profile()), recorded("user-profile", 0));
    let read: UPConfig = parse(&serde_json::to_vec(&user_profile()).unwrap()).unwrap();
    assert!(read == user_profile());
}

#[test]
fn a_realm_adds_a_client_to_master_whose_roles_administer_it() {
    let (client, roles) = administration("r", &mut counted());
    let mut expected = recorded("master-client", 0)[0].clone();
    expected.as_object_mut().unwrap().remove("access");
    assert_eq!(as_recorded(&client), expected);
    assert!(roles.iter().all(|role| role.container_id == client.id));

    let master = realm(MASTER);
    let of_master = &master.roles.as_ref().unwrap().client.as_ref().unwrap()["master-realm"];
    let names = |roles: &[RoleRepresentation]| roles.iter().map(|role| role.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(of_master), names(&roles));
}

#[test]
fn master_has_what_administers_all_realms_in_place_of_realm_management() {
    let clients = |name: &str| {
        let clients = realm(name).clients.unwrap();
        clients.into_iter().filter_map(|client| client.client_id).collect::<BTreeSet<_>>()
    };
    let differ: Vec<String> = clients("r").symmetric_difference(&clients(MASTER)).cloned().collect();
    assert_eq!(differ, ["master-realm", "realm-management"]);

    let master = as_recorded(&realm(MASTER));
    let roles = master["roles"]["realm"].as_array().unwrap();
    let admin = roles.iter().find(|role| role["name"] == "admin").unwrap();
    assert_eq!(admin["composites"]["realm"], json!(["create-realm"]));
    assert_eq!(admin["composites"]["client"]["master-realm"].as_array().unwrap().len(), 21);
    assert!(roles.iter().any(|role| role["name"] == "create-realm"));
    assert_eq!(master["accessTokenLifespan"], 60);
}

#[test]
fn roles_know_the_client_or_realm_they_belong_to_and_no_id_is_used_twice() {
    let realm = realm("r");
    let roles = realm.roles.as_ref().unwrap();
    for client in realm.clients.as_ref().unwrap() {
        let ClientRepresentation { id, client_id: Some(client_id), .. } = client else {
            panic!("no client id")
        };
        for role in &roles.client.as_ref().unwrap()[client_id] {
            assert_eq!(&role.container_id, id, "{client_id}");
        }
    }
    for role in roles.realm.as_ref().unwrap() {
        assert_eq!(role.container_id, realm.id);
    }
    let default_role = realm.default_role.as_ref().unwrap();
    assert!(roles.realm.as_ref().unwrap().iter().any(|role| role.id == default_role.id));

    let mut ids = Vec::new();
    let realm = RealmRepresentation { default_role: None, ..realm };
    collect_ids(&serde_json::to_value(&realm).unwrap(), &mut ids);
    assert!(ids.len() > 100, "{} ids", ids.len());
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
}

fn collect_ids(json: &Value, ids: &mut Vec<String>) {
    match json {
        Value::Array(elements) => elements.iter().for_each(|element| collect_ids(element, ids)),
        Value::Object(members) => {
            ids.extend(members.get("id").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| collect_ids(value, ids));
        }
        _ => {}
    }
}
