//! `users`: the users of a realm.

use std::collections::BTreeMap;

use sekisho_admin::user::read::{self, Detail, Filter, Page, UserFilter};
use sekisho_admin::user::{mail, profile, write};
use sekisho_core::access::AdminRoles;
use sekisho_protocol::Timestamp;
use sekisho_protocol::keycloak::{FederatedIdentityRepresentation, UPConfig, UserRepresentation};
use serde_json::Value;

use crate::call::RealmCall;
use crate::contract::{BRIEF, FIRST, MAX, Parameter, number, switch, text};
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

pub(crate) const VIEW: AdminRoles = read::VIEW;
pub(crate) const MANAGE: AdminRoles = AdminRoles::MANAGE_USERS;
const QUERY: AdminRoles = VIEW.and(AdminRoles::QUERY_USERS);
const PROFILE: AdminRoles = QUERY.and(AdminRoles::VIEW_REALM).and(AdminRoles::MANAGE_REALM);
/// As many users as come when nobody says how many.
const PAGE: i64 = 100;

const SEARCH: [Parameter; 12] = [
    text("search"),
    text("username"),
    text("email"),
    text("firstName"),
    text("lastName"),
    switch("exact"),
    text("q"),
    switch("enabled"),
    switch("emailVerified"),
    number("createdAfter"),
    number("createdBefore"),
    text("idpAlias"),
];
const LINK: [Parameter; 2] = [text("client_id"), text("redirect_uri")];

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/users", QUERY, list; query = [FIRST, MAX, BRIEF] & SEARCH; answers = Vec<UserRepresentation>),
    route!(Post "/users", MANAGE, create; takes = UserRepresentation; creates),
    route!(Get "/users/count", QUERY, count; query = SEARCH; answers = i64),
    route!(Get "/users/profile", PROFILE, user_profile; answers = UPConfig),
    route!(Get "/users/profile/metadata", PROFILE, user_profile_metadata; answers = Value),
    route!(
        Get "/users/{user}", VIEW, find;
        query = [switch("userProfileMetadata")]; answers = UserRepresentation
    ),
    route!(Put "/users/{user}", MANAGE, update; takes = UserRepresentation),
    route!(Delete "/users/{user}", MANAGE, delete; done),
    route!(
        Get "/users/{user}/unmanagedAttributes", VIEW, unmanaged_attributes;
        answers = BTreeMap<String, Vec<String>>
    ),
    route!(
        Get "/users/{user}/federated-identity", VIEW, federated_identities;
        answers = Vec<FederatedIdentityRepresentation>
    ),
    route!(Put "/users/{user}/send-verify-email", MANAGE, send_verify_email; query = LINK; done),
    route!(
        Put "/users/{user}/execute-actions-email", MANAGE, execute_actions_email;
        query = LINK; takes = Vec<String>
    ),
    route!(Put "/users/{user}/reset-password-email", MANAGE, reset_password_email; query = LINK; done),
];

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let (first, max) = call.page()?;
    // Whoever may only ask for users sees none; nobody here is of another identity provider.
    if !call.admin.permit.has(VIEW) || call.query("idpAlias").is_some() {
        return Reply::document::<[UserRepresentation; 0]>(&[]);
    }
    let detail = if call.is_on("briefRepresentation") { Detail::Brief } else { Detail::Whole };
    let page = Page { first, max: Some(max.unwrap_or(PAGE)) };
    Reply::document(&read::list(&call.admin, &filter(call)?, page, detail).await?)
}

async fn count(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    if !call.admin.permit.has(VIEW) || call.query("idpAlias").is_some() {
        return Reply::document(&0);
    }
    Reply::document(&read::count(&call.admin, &filter(call)?).await?)
}

/// `search` comes alone; users that stand for clients are found by what they are called, not listed.
fn filter(call: &RealmCall<'_>) -> Result<Filter, Problem> {
    let text = |name: &str| call.query(name).map(str::to_owned);
    let enabled = call.switch("enabled");
    if let Some(search) = text("search") {
        let ids = search.strip_prefix("id:").map(|ids| ids.split_whitespace().map(str::to_owned).collect());
        let stored = UserFilter { search: Some(search), enabled, ..UserFilter::default() };
        return Ok(Filter { stored, ids, ..Filter::default() });
    }
    let attributes = call.pairs("q");
    let named = ["username", "email", "firstName", "lastName", "enabled", "emailVerified", "exact"];
    let is_narrowed = !attributes.is_empty() || named.iter().any(|name| call.query(name).is_some());
    let stored = UserFilter {
        username: text("username"),
        email: text("email"),
        first_name: text("firstName"),
        last_name: text("lastName"),
        exact: call.is_on("exact"),
        enabled,
        service_accounts: is_narrowed,
        ..UserFilter::default()
    };
    Ok(Filter {
        stored,
        ids: None,
        email_verified: call.switch("emailVerified"),
        attributes,
        created_after: call.number("createdAfter")?.map(Timestamp),
        created_before: call.number("createdBefore")?.map(Timestamp),
    })
}

async fn create(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let id = write::create(&call.admin, call.body::<UserRepresentation>()?).await?;
    Ok(Reply::created([call.admin.realm.name.as_str(), "users", &id]))
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let metadata = call.is_on("userProfileMetadata");
    Reply::document(&read::find(&call.admin, call.part("user"), metadata).await?)
}

async fn update(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    // Who is not there is told before what was sent is read.
    read::find(&call.admin, call.part("user"), false).await?;
    write::update(&call.admin, call.part("user"), call.body()?).await?;
    Ok(Reply::NoContent)
}

async fn delete(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    write::delete(&call.admin, call.part("user")).await?;
    Ok(Reply::Uncached(Box::new(Reply::NoContent)))
}

async fn user_profile(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&profile::find(&call.admin).await?)
}

async fn user_profile_metadata(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&profile::metadata(&call.admin).await?)
}

/// Attributes that the profile does not list, where it lets administrators see them.
async fn unmanaged_attributes(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let user = read::find(&call.admin, call.part("user"), false).await?;
    let mut attributes = user.attributes.unwrap_or_default();
    attributes.retain(|name, _| !call.admin.realm.users.profile.lists(name));
    Reply::document(&attributes)
}

/// Nobody signs in by another identity provider yet.
async fn federated_identities(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    read::find(&call.admin, call.part("user"), false).await?;
    Reply::document::<[UserRepresentation; 0]>(&[])
}

async fn send_verify_email(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    mail::verify_email(&call.admin, call.part("user"), link(call)).await?;
    Ok(Reply::NoContent)
}

async fn execute_actions_email(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let actions: Vec<String> = call.body()?;
    mail::execute_actions(&call.admin, call.part("user"), link(call), &actions).await?;
    Ok(Reply::NoContent)
}

async fn reset_password_email(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let actions = ["UPDATE_PASSWORD".to_owned()];
    mail::execute_actions(&call.admin, call.part("user"), link(call), &actions).await?;
    Ok(Reply::NoContent)
}

fn link<'a>(call: &'a RealmCall<'_>) -> mail::Link<'a> {
    mail::Link { client_id: call.query("client_id"), redirect_uri: call.query("redirect_uri") }
}
