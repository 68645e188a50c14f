//! Users and groups under an administrator who may not do everything, and under two at once.

use std::sync::Arc;

use sekisho_admin::group::{self, Sent};
use sekisho_admin::role_mapping::{self, Holder, Owner};
use sekisho_admin::user::read::{self, Detail, Filter, Page};
use sekisho_admin::user::{credential, membership, write};
use sekisho_admin::{Admin, AdminError, Permit, attempt, session};
use sekisho_core::scope::GrantedScopes;
use sekisho_core::session::SessionState;
use sekisho_core::work::{Outcome, Record, Work};
use sekisho_core::{Session, access};
use sekisho_protocol::keycloak::{
    CredentialRepresentation, GroupRepresentation, RoleRepresentation, UserRepresentation,
};
use sekisho_protocol::{Clock, Scopes};
use serde_json::{Value, json};
use uuid::Uuid;

use super::documents::realm_of;
use super::place::Place;

async fn place() -> Place {
    let place = Place::new().await;
    let document = json!({
        "realm": "r", "enabled": true, "passwordPolicy": "passwordHistory(3)",
        "roles": {"realm": [
            {"name": "reader"},
            {"name": "boss", "composites": {"client": {"realm-management": ["realm-admin"]}}},
        ]},
        "groups": [
            {"name": "staff", "subGroups": [{"name": "leads", "subGroups": [{"name": "first"}]}]},
            {"name": "bosses", "realmRoles": ["boss"], "subGroups": [{"name": "near"}]},
        ],
        "defaultGroups": ["/staff/leads"],
        "users": [
            {"username": "manager", "enabled": true, "clientRoles": {"realm-management": ["manage-users"]}},
            {"username": "carol", "enabled": true, "email": "carol@example.org", "firstName": "Carol",
                "attributes": {"hidden": ["h"]}, "groups": ["/staff/leads/first"],
                "credentials": [{"type": "password", "value": "one"}]},
        ],
    });
    place.import(realm_of(&document)).await.expect("an import");
    place
}

/// Whoever may do all.
async fn operator(place: &Place) -> Admin<'_> {
    Admin::open(place.context(), "r", Permit::operator()).await.expect("the realm")
}

/// Whoever manages users, and nothing else.
async fn manager(place: &Place) -> Admin<'_> {
    let realm = place.realm("r").await;
    let client = place.store.client(&realm, "admin-cli").await.expect("a read").expect("the client");
    let user = place.store.user_by_login(&realm, "manager").await.expect("a read").expect("the user");
    let scopes = GrantedScopes::from_stored(&Scopes::default());
    let caller = access::check(realm, client, Arc::new(user), &scopes, "127.0.0.1".to_owned());
    Admin::open(place.context(), "r", Permit::of(&caller, "r")).await.expect("the realm")
}

fn user(value: Value) -> UserRepresentation {
    serde_json::from_value(value).expect("a user")
}

async fn id_of(admin: &Admin<'_>, username: &str) -> String {
    let mut filter = Filter::default();
    (filter.stored.username, filter.stored.exact) = (Some(username.to_owned()), true);
    let found = read::list(admin, &filter, Page::default(), Detail::Brief).await.expect("a list");
    found.into_iter().next().and_then(|user| user.id).expect("the user")
}

fn group_at(admin: &Admin<'_>, path: &str) -> String {
    group::at_path(&admin.realm, path).expect("the group").id.to_string()
}

async fn role(admin: &Admin<'_>, user: &str, owner: Owner<'_>, name: &str) -> RoleRepresentation {
    let all = role_mapping::available(admin, Holder::User(user), owner).await.expect("roles");
    all.into_iter().find(|role| role.name.as_deref() == Some(name)).expect("the role")
}

#[tokio::test]
async fn nobody_gives_others_more_than_they_have() {
    let place = place().await;
    let (all, few) = (operator(&place).await, manager(&place).await);
    let carol = id_of(&all, "carol").await;
    let management = place.store.client(&all.realm, "realm-management").await.expect("a read");
    let management = management.expect("the client").id.to_string();
    let management = Owner::Client(&management);
    for (owner, name, may) in [
        (Owner::Realm, "reader", true),
        (management, "view-users", true),
        (Owner::Realm, "boss", false),
        (management, "realm-admin", false),
        (management, "manage-realm", false),
    ] {
        let sent = [role(&all, &carol, owner, name).await];
        let given = role_mapping::give(&few, Holder::User(&carol), owner, &sent).await;
        assert_eq!(given.is_ok(), may, "{name}");
        let offered = role_mapping::available(&few, Holder::User(&carol), owner).await.expect("roles");
        assert!(offered.iter().all(|role| role.name.as_deref() != Some(name)), "{name}");
        let group = group_at(&all, "/staff");
        let given = role_mapping::give(&few, Holder::Group(&group), owner, &sent).await;
        assert_eq!(given.is_ok(), may, "{name} to a group");
    }
    let forbidden = |outcome: Result<(), AdminError>| matches!(outcome, Err(AdminError::Forbidden));
    for path in ["/bosses", "/bosses/near"] {
        assert!(forbidden(membership::join(&few, &carol, &group_at(&all, path)).await), "{path}");
        let new = user(json!({"username": "dave", "groups": [path]}));
        assert!(forbidden(write::create(&few, new).await.map(|_| ())), "{path}");
    }
    let moved: GroupRepresentation =
        serde_json::from_value(json!({"id": group_at(&all, "/staff"), "name": "staff"})).expect("a group");
    let moved = group::create(&few, Some(&group_at(&all, "/bosses")), moved).await;
    assert!(forbidden(moved.map(|_| ())));
}

/// Without its group an account would have no rights, and be anybody's who manages users.
#[tokio::test]
async fn nobody_takes_an_account_out_of_a_group_with_more_rights() {
    let place = place().await;
    let carol = id_of(&operator(&place).await, "carol").await;
    let all = operator(&place).await;
    let (bosses, near) = (group_at(&all, "/bosses"), group_at(&all, "/bosses/near"));
    membership::join(&all, &carol, &near).await.expect("a member");
    let few = manager(&place).await;
    let forbidden = |outcome: Result<(), AdminError>| matches!(outcome, Err(AdminError::Forbidden));
    assert!(forbidden(membership::leave(&few, &carol, &near).await));
    for group in [&bosses, &near] {
        assert!(forbidden(group::delete(&few, group).await));
    }
    let staff = group_at(&few, "/staff/leads/first");
    membership::leave(&few, &carol, &staff).await.expect("a group without rights");
    membership::leave(&operator(&place).await, &carol, &near).await.expect("by who may do all");
    group::delete(&operator(&place).await, &bosses).await.expect("by who may do all");
}

#[tokio::test]
async fn a_body_names_a_role_of_the_path_or_none() {
    let place = place().await;
    let admin = operator(&place).await;
    let carol = id_of(&admin, "carol").await;
    let (reader, boss) = (
        role(&admin, &carol, Owner::Realm, "reader").await,
        role(&admin, &carol, Owner::Realm, "boss").await,
    );
    let management = place.store.client(&admin.realm, "realm-management").await.expect("a read");
    let management = management.expect("the client").id.to_string();
    for (owner, sent) in [
        (Owner::Realm, RoleRepresentation { id: boss.id.clone(), ..reader.clone() }),
        (Owner::Realm, RoleRepresentation { id: None, ..reader.clone() }),
        (Owner::Client(&management), reader),
    ] {
        let given = role_mapping::give(&admin, Holder::User(&carol), owner, &[sent]).await;
        assert!(matches!(given, Err(AdminError::NotFound(_))));
    }
    let held = role_mapping::given(&admin, Holder::User(&carol), Owner::Realm).await.expect("roles");
    assert!(held.iter().all(|role| role.name.as_deref() == Some("default-roles-r")), "{held:?}");
}

#[tokio::test]
async fn of_administrators_at_once_none_is_half() {
    let place = place().await;
    let admin = operator(&place).await;
    let carol = id_of(&admin, "carol").await;
    let first = write::update(&admin, &carol, user(json!({"firstName": "First"})));
    let last = write::update(&admin, &carol, user(json!({"lastName": "Last"})));
    let staff = group_at(&admin, "/staff");
    let joined = membership::join(&admin, &carol, &staff);
    let (first, last, joined) = tokio::join!(first, last, joined);
    first.and(last).and(joined).expect("three changes");
    let found = read::find(&admin, &carol, false).await.expect("the user");
    assert_eq!((found.first_name.as_deref(), found.last_name.as_deref()), (Some("First"), Some("Last")));
    let groups = membership::list(&admin, &carol, None, group::Detail::Brief).await.expect("groups");
    assert_eq!(groups.len(), 2);
    let both = tokio::join!(
        write::create(&admin, user(json!({"username": "twin"}))),
        write::create(&admin, user(json!({"username": "Twin"}))),
    );
    assert!(both.0.is_ok() != both.1.is_ok());
}

#[tokio::test]
async fn a_change_that_is_refused_changes_nothing() {
    let place = place().await;
    let admin = operator(&place).await;
    let carol = id_of(&admin, "carol").await;
    let before = format!("{:?}", read::find(&admin, &carol, false).await.expect("the user").email);
    for (sent, expected) in [
        (json!({"email": "x", "lastName": "L"}), "1 value(s) are not as the user profile wants them"),
        (json!({"username": "manager", "lastName": "L"}), "User exists with same username"),
        (
            json!({"lastName": "L", "credentials": [{"type": "password", "value": "one"}]}),
            "Password policy not met",
        ),
    ] {
        let refused = write::update(&admin, &carol, user(sent)).await.expect_err("a refusal");
        assert_eq!(refused.to_string(), expected);
        let found = read::find(&admin, &carol, false).await.expect("the user");
        assert_eq!((format!("{:?}", found.email), found.last_name), (before.clone(), None));
    }
}

#[tokio::test]
async fn attributes_take_the_place_of_all_that_were_shown() {
    let place = place().await;
    let admin = operator(&place).await;
    let carol = id_of(&admin, "carol").await;
    write::update(&admin, &carol, user(json!({"attributes": {"b": ["2"]}}))).await.expect("a change");
    let found = read::find(&admin, &carol, false).await.expect("the user");
    assert_eq!((found.email, found.first_name, found.attributes), (None, None, None));
    let stored = place.export("r").await.users.expect("users");
    let carol = stored.iter().find(|user| user.username.as_deref() == Some("carol")).expect("carol");
    // What no administrator is shown cannot be meant to go.
    assert_eq!(json!(carol.attributes), json!({"hidden": ["h"]}));
}

#[tokio::test]
async fn earlier_passwords_are_refused_until_they_are_old() {
    let place = place().await;
    let admin = operator(&place).await;
    let carol = id_of(&admin, "carol").await;
    let set = async |value: &str| {
        let sent: CredentialRepresentation = serde_json::from_value(json!({"value": value})).expect("one");
        place.clock.advance(1000);
        credential::reset_password(&admin, &carol, Some(sent)).await.is_ok()
    };
    for (value, taken) in [
        ("one", false),
        ("two", true),
        ("one", false),
        ("three", true),
        ("one", false),
        ("two", false),
        ("four", true),
        ("one", true),
    ] {
        assert_eq!(set(value).await, taken, "{value}");
    }
    assert!(place.signs_in("r", "carol", "one").await);
    let shown = credential::list(&admin, &carol).await.expect("credentials");
    assert_eq!(shown.len(), 1, "earlier ones are nobody's to see");
    assert!(shown[0].secret_data.is_none());
}

#[tokio::test]
async fn a_user_who_goes_leaves_no_session() {
    let place = place().await;
    let admin = operator(&place).await;
    let carol = id_of(&admin, "carol").await;
    let user = Uuid::parse_str(&carol).expect("an id");
    let begin = async |id: u128| {
        let now = place.clock.now();
        let session = Session {
            id: Uuid::from_u128(id),
            realm: admin.realm.id,
            user,
            cookie_hash: [u8::try_from(id).expect("a small number"); 32],
            state: SessionState::Active,
            created: now,
            auth_time: now,
            seen: now,
            expires: now.plus_seconds(600),
            remember_me: false,
            amr: Vec::new(),
            ip_address: "127.0.0.1".to_owned(),
        };
        let work = Work::new(Uuid::from_u128(id)).insert(Record::Session(session));
        assert_eq!(place.store.commit(work).await.expect("a commit"), Outcome::Won);
    };
    begin(1).await;
    assert_eq!(session::of_user(&admin, &carol).await.expect("sessions").len(), 1);
    session::end(&admin, &Uuid::from_u128(1).to_string()).await.expect("an end");
    assert!(session::end(&admin, &Uuid::from_u128(1).to_string()).await.is_err(), "it ended");
    begin(2).await;
    session::log_out(&admin, &carol).await.expect("an end");
    assert_eq!(session::of_user(&admin, &carol).await.expect("sessions").len(), 0);
    begin(3).await;
    write::delete(&admin, &carol).await.expect("a deletion");
    let left = place.store.session(Uuid::from_u128(3)).await.expect("a read");
    assert!(left.is_none_or(|session| session.state == SessionState::Ended));
    assert!(matches!(read::find(&admin, &carol, false).await, Err(AdminError::NotFound(_))));
    assert_eq!(attempt::of_user(&admin, &carol).await.expect("a count")["numFailures"], 0);
}

#[tokio::test]
async fn what_is_inside_a_group_goes_where_it_goes() {
    let place = place().await;
    let admin = operator(&place).await;
    let carol = id_of(&admin, "carol").await;
    let staff = group_at(&admin, "/staff");
    let renamed: GroupRepresentation = serde_json::from_value(json!({"name": "crew"})).expect("a group");
    group::update(&admin, &staff, renamed).await.expect("a change");
    let admin = operator(&place).await;
    let (leads, first) = (group_at(&admin, "/crew/leads"), group_at(&admin, "/crew/leads/first"));
    let paths = async |admin: &Admin<'_>| {
        let groups = group::default::list(admin).await.expect("groups");
        groups.into_iter().filter_map(|group| group.path).collect::<Vec<_>>()
    };
    assert_eq!(paths(&admin).await, ["/crew/leads"], "a default group follows its name");
    let into_itself: GroupRepresentation =
        serde_json::from_value(json!({"id": staff, "name": "crew"})).expect("a group");
    assert!(group::create(&admin, Some(&first), into_itself).await.is_err());
    let to_top: GroupRepresentation =
        serde_json::from_value(json!({"id": leads, "name": "leads"})).expect("a group");
    assert!(matches!(group::create(&admin, None, to_top).await, Ok(Sent::Moved)));
    let admin = operator(&place).await;
    assert_eq!(group_at(&admin, "/leads/first"), first);
    assert_eq!(paths(&admin).await, ["/leads"]);
    group::delete(&admin, &leads).await.expect("a deletion");
    let admin = operator(&place).await;
    assert_eq!(paths(&admin).await, [""; 0]);
    let groups = membership::list(&admin, &carol, None, group::Detail::Brief).await.expect("groups");
    assert_eq!(groups.len(), 0, "carol was in a group inside it");
}
