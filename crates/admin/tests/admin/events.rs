//! What events tell of what administrators did.

use sekisho_admin::user::{membership, write};
use sekisho_admin::{Admin, Permit, event, group};
use sekisho_protocol::keycloak::{AdminEventRepresentation, GroupRepresentation};
use sekisho_store::AdminEventFilter;
use serde_json::{Value, json};

use super::documents::realm_of;
use super::place::Place;

async fn operator(place: &Place) -> Admin<'_> {
    Admin::open(place.context(), "r", Permit::operator()).await.expect("the realm")
}

async fn switch(place: &Place, on: bool) {
    let sent = json!({"adminEventsEnabled": on, "adminEventsDetailsEnabled": on});
    let sent = serde_json::from_value(sent).expect("settings");
    event::save_config(&operator(place).await, &sent).await.expect("a change");
}

async fn acts(place: &Place) -> Vec<AdminEventRepresentation> {
    event::admin_events(&operator(place).await, &AdminEventFilter::default()).await.expect("events")
}

fn told(act: &AdminEventRepresentation) -> Value {
    act.representation.as_deref().map_or(Value::Null, |text| serde_json::from_str(text).expect("JSON"))
}

#[tokio::test]
async fn that_acts_are_recorded_and_no_more_is_recorded() {
    let place = Place::new().await;
    place.import(realm_of(&json!({"realm": "r", "enabled": true}))).await.expect("an import");
    switch(&place, false).await;
    assert_eq!(acts(&place).await.len(), 0, "nothing was recorded before or after");
    switch(&place, true).await;
    switch(&place, false).await;
    switch(&place, false).await;
    let acts = acts(&place).await;
    let mut enabled: Vec<bool> =
        acts.iter().filter_map(|act| told(act)["adminEventsEnabled"].as_bool()).collect();
    enabled.sort_unstable();
    assert_eq!(enabled, [false, true]);
}

#[tokio::test]
async fn a_membership_names_who_and_an_end_names_what_went() {
    let place = Place::new().await;
    let document = json!({"realm": "r", "enabled": true, "adminEventsEnabled": true,
        "adminEventsDetailsEnabled": true, "users": [{"username": "carol", "enabled": true}]});
    place.import(realm_of(&document)).await.expect("an import");
    let realm = place.realm("r").await;
    let carol = place.store.user_by_login(&realm, "carol").await.expect("a read").expect("the user");
    let carol = carol.id.to_string();
    let staff: GroupRepresentation = serde_json::from_value(json!({"name": "staff"})).expect("a group");
    group::create(&operator(&place).await, None, staff).await.expect("a group");
    let staff = group::at_path(&*place.realm("r").await, "/staff").expect("it is there").id.to_string();
    membership::join(&operator(&place).await, &carol, &staff).await.expect("a member");
    write::delete(&operator(&place).await, &carol).await.expect("an end");
    group::delete(&operator(&place).await, &staff).await.expect("an end");

    // They happened at one moment, so that they have no order.
    let acts = acts(&place).await;
    assert_eq!(acts.len(), 4);
    let act = |operation: &str, resource: &str| {
        let is = |act: &&AdminEventRepresentation| {
            act.operation_type.as_deref() == Some(operation) && act.resource_type.as_deref() == Some(resource)
        };
        acts.iter().find(is).expect("the act")
    };
    let (made, joined) = (act("CREATE", "GROUP"), act("CREATE", "GROUP_MEMBERSHIP"));
    let (gone, ended) = (act("DELETE", "USER"), act("DELETE", "GROUP"));
    let group = json!({"id": staff, "name": "staff", "subGroups": []});
    assert_eq!(told(made), group);
    let details = joined.details.as_ref().and_then(|details| details.get("username"));
    assert_eq!(details.map(String::as_str), Some("carol"));
    assert_eq!(told(joined)["path"], "/staff");
    assert_eq!(told(gone), json!({"id": carol, "username": "carol"}));
    assert_eq!(told(ended), group);
}
