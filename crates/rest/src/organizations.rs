//! `organizations`: shown as they came with the realm's document.

use sekisho_admin::organization;
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::OrganizationRepresentation;

use crate::call::RealmCall;
use crate::contract::{FIRST, MAX};
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

const MANAGE: AdminRoles = AdminRoles::MANAGE_ORGANIZATIONS.and(AdminRoles::MANAGE_REALM);
const VIEW: AdminRoles = MANAGE.and(AdminRoles::VIEW_ORGANIZATIONS);

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/organizations", VIEW, list; query = [FIRST, MAX]; answers = Vec<OrganizationRepresentation>),
    route!(Post "/organizations", MANAGE, not_enabled),
    route!(Get "/organizations/count", VIEW, count; answers = i64),
    route!(Get "/organizations/{organization}", VIEW, find; answers = OrganizationRepresentation),
    route!(Put "/organizations/{organization}", MANAGE, not_enabled),
    route!(Delete "/organizations/{organization}", MANAGE, not_enabled),
];

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&call.paged(organization::list(&call.admin).await?)?)
}

async fn count(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&organization::list(&call.admin).await?.len())
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&organization::find(&call.admin, call.part("organization")).await?)
}

/// Where a realm has them switched off, that comes first.
async fn not_enabled(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    organization::list(&call.admin).await?;
    Err(Problem::NotEnabled)
}
