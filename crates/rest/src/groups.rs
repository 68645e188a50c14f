//! `groups`: the groups of a realm, who is in them, and those that every new user is put into.

use std::collections::BTreeMap;

use sekisho_admin::group::{self, Detail, Filter, Level, Sent};
use sekisho_admin::user::membership;
use sekisho_admin::user::read::{self, Page};
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::{GroupRepresentation, UserRepresentation};
use serde_json::json;

use crate::call::RealmCall;
use crate::contract::{BRIEF, FIRST, MAX, Parameter, switch, text};
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};
use crate::users::{MANAGE, VIEW};

const QUERY: AdminRoles = VIEW.and(AdminRoles::QUERY_GROUPS);
const VIEW_REALM: AdminRoles = AdminRoles::VIEW_REALM.and(AdminRoles::MANAGE_REALM);
/// As many members as come when nobody says how many.
const PAGE: i64 = 100;

const GROUPS: [Parameter; 7] =
    [FIRST, MAX, text("search"), switch("exact"), text("q"), BRIEF, switch("populateHierarchy")];
const CHILDREN: [Parameter; 6] = [FIRST, MAX, text("search"), switch("exact"), text("q"), BRIEF];

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/groups", QUERY, list; query = GROUPS; answers = Vec<GroupRepresentation>),
    route!(Post "/groups", MANAGE, create; takes = GroupRepresentation; creates | done),
    route!(
        Get "/groups/count", QUERY, count;
        query = [text("search"), switch("exact"), text("q"), switch("top")]; answers = BTreeMap<String, i64>
    ),
    route!(Get "/groups/{group}", VIEW, find; answers = GroupRepresentation),
    route!(Put "/groups/{group}", MANAGE, update; takes = GroupRepresentation),
    route!(Delete "/groups/{group}", MANAGE, delete; done),
    route!(
        Get "/groups/{group}/children", VIEW, children;
        query = CHILDREN; answers = Vec<GroupRepresentation>
    ),
    route!(
        Post "/groups/{group}/children", MANAGE, create_child;
        takes = GroupRepresentation; creates = GroupRepresentation | done
    ),
    route!(
        Get "/groups/{group}/members", VIEW, members;
        query = [FIRST, MAX, BRIEF]; answers = Vec<UserRepresentation>
    ),
    route!(Get "/group-by-path/{*path}", VIEW, find_at; answers = GroupRepresentation),
    route!(Get "/default-groups", VIEW_REALM, defaults; answers = Vec<GroupRepresentation>),
    route!(Put "/default-groups/{group}", AdminRoles::MANAGE_REALM, add_default; done),
    route!(Delete "/default-groups/{group}", AdminRoles::MANAGE_REALM, remove_default; done),
    route!(
        Get "/users/{user}/groups", VIEW, of_user;
        query = [FIRST, MAX, text("search"), BRIEF]; answers = Vec<GroupRepresentation>
    ),
    route!(
        Get "/users/{user}/groups/count", VIEW, count_of_user;
        query = [text("search")]; answers = BTreeMap<String, i64>
    ),
    route!(Put "/users/{user}/groups/{group}", MANAGE, join; done),
    route!(Delete "/users/{user}/groups/{group}", MANAGE, leave; done),
];

fn filter(call: &RealmCall<'_>) -> Filter {
    let search =
        call.query("search").map(|search| search.trim().to_owned()).filter(|search| !search.is_empty());
    Filter { search, exact: call.is_on("exact"), attributes: call.pairs("q") }
}

/// Brief unless it is said otherwise.
fn detail(call: &RealmCall<'_>) -> Detail {
    if call.switch("briefRepresentation") == Some(false) { Detail::Whole } else { Detail::Brief }
}

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    // Whoever may only ask for groups sees none.
    if !call.admin.permit.has(VIEW) {
        return Reply::document::<[GroupRepresentation; 0]>(&[]);
    }
    let level = if call.switch("populateHierarchy") == Some(false) { Level::Any } else { Level::Top };
    let groups = group::list(&call.admin, &filter(call), level, detail(call)).await?;
    Reply::document(&call.paged(groups)?)
}

async fn count(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    if !call.admin.permit.has(VIEW) {
        return Reply::document(&json!({ "count": 0 }));
    }
    let level = if call.is_on("top") { Level::Top } else { Level::Any };
    Reply::document(&json!({ "count": group::count(&call.admin, &filter(call), level).await? }))
}

async fn create(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    match group::create(&call.admin, None, call.body()?).await? {
        Sent::Made(made) => Ok(Reply::created(address(call, &made))),
        Sent::Moved => Ok(Reply::NoContent),
    }
}

/// What was made inside a group is answered whole.
async fn create_child(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    match group::create(&call.admin, call.path("group"), call.body()?).await? {
        Sent::Made(made) => {
            let created = Reply::created_document(address(call, &made), &made)?;
            Ok(Reply::Uncached(Box::new(Reply::Plain(Box::new(created)))))
        }
        Sent::Moved => Ok(Reply::NoContent),
    }
}

fn address<'a>(call: &'a RealmCall<'_>, made: &'a GroupRepresentation) -> [&'a str; 3] {
    [call.admin.realm.name.as_str(), "groups", made.id.as_deref().unwrap_or_default()]
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&group::find(&call.admin, call.part("group")).await?)
}

async fn find_at(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&group::find_at(&call.admin, call.part("path")).await?)
}

async fn update(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    group::update(&call.admin, call.part("group"), call.body()?).await?;
    Ok(Reply::NoContent)
}

async fn delete(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    group::delete(&call.admin, call.part("group")).await?;
    Ok(Reply::NoContent)
}

/// Whole unless it is said otherwise, other than a list.
async fn children(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let detail = if call.is_on("briefRepresentation") { Detail::Brief } else { Detail::Whole };
    let groups = group::children(&call.admin, call.part("group"), &filter(call), detail).await?;
    Reply::document(&call.paged(groups)?)
}

async fn members(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let (first, max) = call.page()?;
    let page = Page { first, max: Some(max.unwrap_or(PAGE)) };
    let brief = call.is_on("briefRepresentation");
    let detail = if brief { read::Detail::Brief } else { read::Detail::Whole };
    Reply::document(&group::members(&call.admin, call.part("group"), page, detail).await?)
}

async fn defaults(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&group::default::list(&call.admin).await?)
}

async fn add_default(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    group::default::add(&call.admin, call.part("group")).await?;
    Ok(Reply::NoContent)
}

async fn remove_default(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    group::default::remove(&call.admin, call.part("group")).await?;
    Ok(Reply::NoContent)
}

async fn of_user(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let groups = membership::list(&call.admin, call.part("user"), call.query("search"), detail(call)).await?;
    Reply::document(&call.paged(groups)?)
}

async fn count_of_user(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let search = call.query("search");
    let groups = membership::list(&call.admin, call.part("user"), search, Detail::Brief).await?;
    Reply::document(&json!({ "count": groups.len() }))
}

async fn join(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    membership::join(&call.admin, call.part("user"), call.part("group")).await?;
    Ok(Reply::NoContent)
}

async fn leave(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    membership::leave(&call.admin, call.part("user"), call.part("group")).await?;
    Ok(Reply::NoContent)
}
