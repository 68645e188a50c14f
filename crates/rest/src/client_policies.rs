//! `client-policies`: profiles and policies.

use sekisho_admin::AdminError;
use sekisho_admin::client_policy::{self, Globals};
use sekisho_admin::policy::{self, Proposed};
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::{
    ClientPoliciesRepresentation, ClientProfilesRepresentation, PolicyDryRunRequest, PolicyExplainRequest,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::call::RealmCall;
use crate::contract::switch;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

/// Days of recorded events, where nobody says how many.
const DAYS: i64 = 7;

const VIEW: AdminRoles = AdminRoles::VIEW_REALM.and(AdminRoles::MANAGE_REALM);
/// A dry run tells of events.
const VIEW_EVENTS: AdminRoles = AdminRoles::VIEW_EVENTS.and(AdminRoles::MANAGE_EVENTS);
const MANAGE: AdminRoles = AdminRoles::MANAGE_REALM;

pub(crate) const ROUTES: &[Route] = &[
    route!(
        Get "/client-policies/profiles", VIEW, profiles;
        query = [switch("include-global-profiles")]; answers = ClientProfilesRepresentation
    ),
    route!(Put "/client-policies/profiles", MANAGE, save_profiles; takes = ClientProfilesRepresentation),
    route!(
        Get "/client-policies/policies", VIEW, policies;
        query = [switch("include-global-policies")]; answers = ClientPoliciesRepresentation
    ),
    route!(Put "/client-policies/policies", MANAGE, save_policies; takes = ClientPoliciesRepresentation),
    route!(Post "/client-policies/explain", VIEW, explain; takes = PolicyExplainRequest; answers = Value),
    route!(Get "/client-policies/reach", VIEW, reach; answers = Vec<Value>),
    route!(Post "/client-policies/dry-run", VIEW_EVENTS, dry_run; takes = PolicyDryRunRequest; answers = Value),
];

fn globals(call: &RealmCall<'_>, name: &str) -> Globals {
    if call.is_on(name) { Globals::Shown } else { Globals::LeftOut }
}

async fn profiles(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let globals = globals(call, "include-global-profiles");
    Reply::document(&client_policy::profiles(&call.admin, globals).await?)
}

async fn save_profiles(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let sent = sent(call, "clientProfiles")?;
    Ok(Reply::Saved { warnings: client_policy::save_profiles(&call.admin, sent).await? })
}

async fn policies(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let globals = globals(call, "include-global-policies");
    Reply::document(&client_policy::policies(&call.admin, globals).await?)
}

async fn save_policies(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let sent = sent(call, "clientPolicies")?;
    Ok(Reply::Saved { warnings: client_policy::save_policies(&call.admin, sent).await? })
}

/// What was sent, in Keycloak's words where that is nothing.
fn sent<T: DeserializeOwned>(call: &RealmCall<'_>, what: &str) -> Result<T, Problem> {
    let sent = call.optional_body::<Option<T>>()?.flatten();
    Ok(sent.ok_or_else(|| AdminError::Invalid(format!("Passing null {what} not allowed")))?)
}

/// Why a request that is described would be let pass or refused; ours, not Keycloak's.
async fn explain(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let question: PolicyExplainRequest = call.body()?;
    Reply::document(&policy::explain(&call.admin, policy::question(question)?).await?)
}

/// Which clients each policy is about; ours.
async fn reach(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&policy::reach(&call.admin).await?)
}

/// What changed profiles and policies would have done to what was recorded; ours.
async fn dry_run(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let PolicyDryRunRequest { profiles, policies, days } = call.body()?;
    let proposed = Proposed { profiles, policies };
    Reply::document(&policy::dry_run(&call.admin, &proposed, days.unwrap_or(DAYS)).await?)
}
