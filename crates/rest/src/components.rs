//! `components`: key providers, registration policies, and whatever else is configured so.

use sekisho_admin::component::{self, Filter};
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::ComponentRepresentation;

use crate::call::RealmCall;
use crate::contract::text;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

const VIEW: AdminRoles = AdminRoles::VIEW_REALM.and(AdminRoles::MANAGE_REALM);
const MANAGE: AdminRoles = AdminRoles::MANAGE_REALM;

pub(crate) const ROUTES: &[Route] = &[
    route!(
        Get "/components", VIEW, list;
        query = [text("parent"), text("type"), text("name")]; answers = Vec<ComponentRepresentation>
    ),
    route!(Post "/components", MANAGE, create; takes = ComponentRepresentation; creates),
    route!(Get "/components/{component}", VIEW, find; answers = ComponentRepresentation),
    route!(Put "/components/{component}", MANAGE, update; takes = ComponentRepresentation),
    route!(Delete "/components/{component}", MANAGE, delete; done),
];

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let text = |name| call.query(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let filter = Filter { parent: text("parent"), provider_type: text("type"), name: text("name") };
    Reply::document(&component::list(&call.admin, &filter).await?)
}

async fn create(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let id = component::create(&call.admin, call.body()?).await?;
    Ok(Reply::created([call.admin.realm.name.as_str(), "components", &id]))
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&component::find(&call.admin, call.part("component")).await?)
}

async fn update(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    component::update(&call.admin, call.part("component"), &call.body()?).await?;
    Ok(Reply::NoContent)
}

async fn delete(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    component::delete(&call.admin, call.part("component")).await?;
    Ok(Reply::NoContent)
}
