//! `authentication/flows`: shown as the realm's document has them. Ours cannot be changed: what they would say of
//! signing in, this server does not do.

use sekisho_admin::flow;
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::{
    AuthenticationExecutionInfoRepresentation, AuthenticationFlowRepresentation,
};

use crate::call::RealmCall;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

const VIEW: AdminRoles = AdminRoles::VIEW_REALM.and(AdminRoles::MANAGE_REALM);
const MANAGE: AdminRoles = AdminRoles::MANAGE_REALM;
/// A client may be bound to flows of its own, so that its form lists them.
const LIST: AdminRoles = VIEW.and(AdminRoles::VIEW_CLIENTS).and(AdminRoles::QUERY_CLIENTS);

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/authentication/flows", LIST, list; answers = Vec<AuthenticationFlowRepresentation>),
    route!(Post "/authentication/flows", MANAGE, create),
    // An id; below it stands an alias, as in Keycloak.
    route!(Get "/authentication/flows/{flow}", VIEW, find; answers = AuthenticationFlowRepresentation),
    route!(Put "/authentication/flows/{flow}", MANAGE, not_enabled),
    route!(Delete "/authentication/flows/{flow}", MANAGE, not_enabled),
    route!(Post "/authentication/flows/{flow}/copy", MANAGE, not_enabled),
    route!(
        Get "/authentication/flows/{flow}/executions", VIEW, executions;
        answers = Vec<AuthenticationExecutionInfoRepresentation>
    ),
    route!(Put "/authentication/flows/{flow}/executions", MANAGE, not_enabled),
    route!(Post "/authentication/flows/{flow}/executions/execution", MANAGE, not_enabled),
    route!(Post "/authentication/flows/{flow}/executions/flow", MANAGE, not_enabled),
];

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&flow::list(&call.admin).await?)
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&flow::find(&call.admin, call.part("flow")).await?)
}

async fn executions(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&flow::executions(&call.admin, call.part("flow")).await?)
}

async fn create(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    flow::check_new(&call.admin, &call.body::<AuthenticationFlowRepresentation>()?).await?;
    Err(Problem::NotEnabled)
}

async fn not_enabled(_: &RealmCall<'_>) -> Result<Reply, Problem> {
    Err(Problem::NotEnabled)
}
