//! `client-policies`: profiles and policies.

use sekisho_admin::client_policy::{self, Globals};
use sekisho_core::access::AdminRoles;

use crate::call::RealmCall;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

const VIEW: AdminRoles = AdminRoles::VIEW_REALM.and(AdminRoles::MANAGE_REALM);
const MANAGE: AdminRoles = AdminRoles::MANAGE_REALM;

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/client-policies/profiles", VIEW, profiles),
    route!(Put "/client-policies/profiles", MANAGE, save_profiles),
    route!(Get "/client-policies/policies", VIEW, policies),
    route!(Put "/client-policies/policies", MANAGE, save_policies),
];

fn globals(call: &RealmCall<'_>, name: &str) -> Globals {
    if call.is_on(name) { Globals::Shown } else { Globals::LeftOut }
}

async fn profiles(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let globals = globals(call, "include-global-profiles");
    Reply::document(&client_policy::profiles(&call.admin, globals).await?)
}

async fn save_profiles(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    client_policy::save_profiles(&call.admin, call.body()?).await?;
    Ok(Reply::NoContent)
}

async fn policies(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let globals = globals(call, "include-global-policies");
    Reply::document(&client_policy::policies(&call.admin, globals).await?)
}

async fn save_policies(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    client_policy::save_policies(&call.admin, call.body()?).await?;
    Ok(Reply::NoContent)
}
