//! `/admin/realms`: the realms themselves.

use sekisho_admin::realm::{self, Parts, settings};
use sekisho_admin::{Admin, Permit};
use sekisho_core::access::AdminRoles;
use sekisho_protocol::keycloak::{KeysMetadataRepresentation, RealmRepresentation};

use crate::call::{Call, RealmCall};
use crate::contract::switch;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Needs, Route, route};

/// Whoever administers anything in a realm sees that it is there; what more, [`settings::find`] says.
pub(crate) const SEE: AdminRoles = AdminRoles::ALL.without(AdminRoles::IMPERSONATION);

const VIEW: AdminRoles = AdminRoles::VIEW_REALM.and(AdminRoles::MANAGE_REALM);

pub(crate) const ROUTES: &[Route] = &[
    route!(
        server Post "/admin/realms", Needs::CreateRealm, create; takes = RealmRepresentation; creates
    ),
    route!(server Get "/admin/realms", Needs::Token, list; answers = Vec<RealmRepresentation>),
    route!(Get "", SEE, find; answers = RealmRepresentation),
    route!(Put "", AdminRoles::MANAGE_REALM, update; takes = RealmRepresentation),
    route!(Delete "", AdminRoles::MANAGE_REALM, delete; done),
    route!(Get "/keys", VIEW, keys; answers = KeysMetadataRepresentation),
    route!(
        Post "/partial-export", AdminRoles::MANAGE_REALM, export;
        query = [switch("exportClients"), switch("exportGroupsAndRoles")]; answers = RealmRepresentation
    ),
    route!(Get "/credential-registrators", VIEW, credential_registrators; answers = Vec<String>),
    route!(Post "/clear-realm-cache", AdminRoles::MANAGE_REALM, nothing_to_clear; done),
    route!(Post "/clear-user-cache", AdminRoles::MANAGE_REALM, nothing_to_clear; done),
    route!(Post "/clear-keys-cache", AdminRoles::MANAGE_REALM, nothing_to_clear; done),
    route!(Get "/client-types", VIEW, not_enabled),
    route!(Get "/users-management-permissions", VIEW, not_enabled),
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

async fn keys(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&sekisho_admin::keys::metadata(&call.admin).await?)
}

async fn export(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let parts =
        Parts { clients: call.is_on("exportClients"), groups_and_roles: call.is_on("exportGroupsAndRoles") };
    Reply::document(&realm::partial_export(&call.admin, parts).await?)
}

/// Required actions by which a user gets a credential.
async fn credential_registrators(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&settings::credential_registrators(&call.admin).await?)
}

/// Every commit that changes what a cache holds takes it out, on every node.
async fn nothing_to_clear(_: &RealmCall<'_>) -> Result<Reply, Problem> {
    Ok(Reply::NoContent)
}

async fn not_enabled(_: &RealmCall<'_>) -> Result<Reply, Problem> {
    Err(Problem::NotEnabled)
}
