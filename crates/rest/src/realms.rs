//! `/admin/realms`: the realms themselves.

use sekisho_admin::realm::{self, settings};
use sekisho_admin::{Admin, Permit};
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::RealmRepresentation;

use crate::call::{Call, RealmCall};
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Handler, Needs, Route, Verb, route};

/// Whoever administers anything in a realm sees that it is there; what more, [`settings::find`] says.
const SEE: AdminRoles = AdminRoles::ALL.without(AdminRoles::IMPERSONATION);

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
    route!(Get "", SEE, find),
    route!(Put "", AdminRoles::MANAGE_REALM, update),
    route!(Delete "", AdminRoles::MANAGE_REALM, delete),
];

async fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let document: RealmRepresentation = call.body().map_err(|_| Problem::UnreadableRealm)?;
    let name = settings::create(&call.context(), document).await?;
    Ok(Reply::created([name.as_str()]))
}

/// Those that the caller may see.
async fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let mut seen = Vec::new();
    for name in realm::names(&call.context()).await? {
        let permit = Permit::of(call.caller, &name);
        if permit.has(SEE) {
            seen.push(settings::find(&Admin::open(call.context(), &name, permit).await?).await?);
        }
    }
    Reply::document(&seen)
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&settings::find(&call.admin).await?)
}

async fn update(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let sent: Box<RealmRepresentation> = Box::new(call.body()?);
    Box::pin(realm::update(&call.admin, &sent)).await?;
    Ok(Reply::NoContent)
}

async fn delete(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    settings::delete(&call.admin).await?;
    Ok(Reply::NoContent)
}
