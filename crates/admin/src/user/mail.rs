//! Mails to users, which this server does not send: what is asked for wrongly is said first, as Keycloak says it.

use sekisho_protocol::keycloak::defaults::is_required_action;

use super::read::load;
use crate::AdminError;
use crate::permit::Admin;

/// What a mail shall have the user do, and where it shall lead.
#[derive(Clone, Copy, Debug, Default)]
pub struct Link<'a> {
    pub client_id: Option<&'a str>,
    pub redirect_uri: Option<&'a str>,
}

/// Asks a user by mail to verify the address.
pub async fn verify_email(admin: &Admin<'_>, user: &str, link: Link<'_>) -> Result<(), AdminError> {
    check(admin, user, link).await?;
    Err(unsent("verify email"))
}

/// Asks a user by mail to do these.
pub async fn execute_actions(
    admin: &Admin<'_>,
    user: &str,
    link: Link<'_>,
    actions: &[String],
) -> Result<(), AdminError> {
    load(admin, user).await?;
    if !actions.iter().all(|action| is_required_action(action)) {
        return Err(invalid("Provided invalid required actions"));
    }
    check(admin, user, link).await?;
    Err(unsent("execute actions email"))
}

async fn check(admin: &Admin<'_>, user: &str, link: Link<'_>) -> Result<(), AdminError> {
    let stored = load(admin, user).await?;
    if stored.record.email.is_none() {
        return Err(invalid("User email missing"));
    }
    if !stored.record.enabled {
        return Err(invalid("User is disabled"));
    }
    let Some(client_id) = link.client_id else {
        return if link.redirect_uri.is_some() { Err(invalid("Client id missing")) } else { Ok(()) };
    };
    let client = admin.context.store.client(&admin.realm, client_id).await?;
    let client = client.ok_or_else(|| invalid("Client doesn't exist"))?;
    if client.enabled { Ok(()) } else { Err(invalid("Client is not enabled")) }
}

fn invalid(text: &str) -> AdminError {
    AdminError::Invalid(text.to_owned())
}

fn unsent(what: &str) -> AdminError {
    AdminError::Invalid(format!("Failed to send {what}: this server does not send mail"))
}
