//! `users/{user}/credentials` and `reset-password`.

use sekisho_admin::user::{credential, read};
use sekisho_protocol::keycloak::CredentialRepresentation;

use crate::call::RealmCall;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};
use crate::users::{MANAGE, VIEW};

pub(crate) const ROUTES: &[Route] = &[
    route!(Put "/users/{user}/reset-password", MANAGE, reset_password; takes = CredentialRepresentation),
    route!(Get "/users/{user}/credentials", VIEW, list; answers = Vec<CredentialRepresentation>),
    route!(Delete "/users/{user}/credentials/{credential}", MANAGE, delete; done),
    route!(Put "/users/{user}/credentials/{credential}/userLabel", MANAGE, label; takes = String),
    route!(Post "/users/{user}/credentials/{credential}/moveToFirst", MANAGE, move_to_first; done),
    route!(Post "/users/{user}/credentials/{credential}/moveAfter/{other}", MANAGE, move_after; done),
    route!(Put "/users/{user}/disable-credential-types", MANAGE, disable; takes = Vec<String>),
    route!(
        Get "/users/{user}/configured-user-storage-credential-types", VIEW, of_user_storage;
        answers = Vec<String>
    ),
];

async fn reset_password(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    read::find(&call.admin, call.part("user"), false).await?;
    let sent = call.optional_body::<CredentialRepresentation>()?;
    credential::reset_password(&call.admin, call.part("user"), sent).await?;
    Ok(Reply::NoContent)
}

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&credential::list(&call.admin, call.part("user")).await?)
}

async fn delete(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    credential::delete(&call.admin, call.part("user"), call.part("credential")).await?;
    Ok(Reply::NoContent)
}

async fn label(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let label = call.text()?;
    credential::label(&call.admin, call.part("user"), call.part("credential"), &label).await?;
    Ok(Reply::NoContent)
}

async fn move_to_first(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    credential::move_behind(&call.admin, call.part("user"), call.part("credential"), None).await?;
    Ok(Reply::NoContent)
}

async fn move_after(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let other = call.path("other");
    credential::move_behind(&call.admin, call.part("user"), call.part("credential"), other).await?;
    Ok(Reply::NoContent)
}

/// Credentials of this server are deleted, not disabled: as in Keycloak nothing happens.
async fn disable(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    read::find(&call.admin, call.part("user"), false).await?;
    call.body::<Vec<String>>()?;
    Ok(Reply::NoContent)
}

/// There are no users but our own.
async fn of_user_storage(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    read::find(&call.admin, call.part("user"), false).await?;
    Reply::document::<[String; 0]>(&[])
}
