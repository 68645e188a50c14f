//! `authentication/required-actions`.

use sekisho_admin::required_action;
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::RequiredActionProviderRepresentation;

use crate::call::RealmCall;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

/// A user may have actions to do, so that the form of a user lists them.
const VIEW: AdminRoles =
    MANAGE.and(AdminRoles::VIEW_REALM).and(AdminRoles::VIEW_USERS).and(AdminRoles::QUERY_USERS);
const MANAGE: AdminRoles = AdminRoles::MANAGE_REALM;

pub(crate) const ROUTES: &[Route] = &[
    route!(
        Get "/authentication/required-actions", VIEW, list;
        answers = Vec<RequiredActionProviderRepresentation>
    ),
    route!(
        Get "/authentication/required-actions/{action}", VIEW, find;
        answers = RequiredActionProviderRepresentation
    ),
    route!(
        Put "/authentication/required-actions/{action}", MANAGE, update;
        takes = RequiredActionProviderRepresentation
    ),
];

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&required_action::list(&call.admin).await?)
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&required_action::find(&call.admin, call.part("action")).await?)
}

async fn update(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    required_action::update(&call.admin, call.part("action"), &call.body()?).await?;
    Ok(Reply::NoContent)
}
