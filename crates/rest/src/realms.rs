//! `/admin/realms`: the realms themselves.

use sekisho_admin::realm::{self, ImportOptions, settings};
use sekisho_admin::{Admin, Permit};
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::RealmRepresentation;

use crate::call::{Call, RealmCall};
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Handler, Needs, Route, Verb, route};

const VIEW: AdminRoles = AdminRoles::VIEW_REALM.and(AdminRoles::MANAGE_REALM);

pub(crate) const ROUTES: &[Route] = &[
    Route {
        method: Verb::Post,
        path: "/admin/realms",
        needs: Needs::CreateRealm,
        handler: Handler::Server(|call| Box::pin(create(call))),
    },
    Route {
        method: Verb::Get,
        path: "/admin/realms",
        needs: Needs::Token,
        handler: Handler::Server(|call| Box::pin(list(call))),
    },
    route!(Get "", VIEW, find),
    route!(Delete "", AdminRoles::MANAGE_REALM, delete),
];

async fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let document: RealmRepresentation = call.body()?;
    let name = document.realm.clone().unwrap_or_default();
    realm::import(&call.context(), document, ImportOptions::default()).await?;
    Ok(Reply::created([name.as_str()]))
}

/// Those that the caller may see.
async fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let mut seen = Vec::new();
    for name in realm::names(&call.context()).await? {
        let permit = Permit::of(call.caller, &name);
        if permit.has(VIEW) {
            seen.push(settings::find(&Admin::open(call.context(), &name, permit).await?).await?);
        }
    }
    Reply::document(&seen)
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&settings::find(&call.admin).await?)
}

async fn delete(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    settings::delete(&call.admin).await?;
    Ok(Reply::NoContent)
}
