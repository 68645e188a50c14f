//! What users may have to do after signing in: a list in the realm's document.

use sekisho_core::event::OperationType;
use sekisho_protocol::keycloak::RequiredActionProviderRepresentation;

use crate::AdminError;
use crate::error::What;
use crate::permit::{Admin, Done};
use crate::realm::settings;

/// The required actions in the order in which they are asked for.
pub async fn list(admin: &Admin<'_>) -> Result<Vec<RequiredActionProviderRepresentation>, AdminError> {
    let mut actions = settings::document(admin).await?.required_actions.unwrap_or_default();
    actions.sort_by_key(|action| action.priority);
    Ok(actions)
}

/// The required action with this alias.
pub async fn find(
    admin: &Admin<'_>,
    alias: &str,
) -> Result<RequiredActionProviderRepresentation, AdminError> {
    let mut found = list(admin).await?.into_iter();
    found
        .find(|action| action.alias.as_deref() == Some(alias))
        .ok_or(AdminError::NotFound(What::RequiredAction))
}

/// Changes what was sent of a required action. It stays with its alias and its provider.
pub async fn update(
    admin: &Admin<'_>,
    alias: &str,
    sent: &RequiredActionProviderRepresentation,
) -> Result<(), AdminError> {
    let done = Done {
        operation: OperationType::Update,
        resource: "REQUIRED_ACTION",
        path: format!("authentication/required-actions/{alias}"),
        sent: Some(sent),
    };
    settings::change_recorded(admin, &done, |realm| {
        let mut known = realm.required_actions.iter_mut().flatten();
        let known = known.find(|action| action.alias.as_deref() == Some(alias));
        overlay(sent, known.ok_or(AdminError::NotFound(What::RequiredAction))?);
        Ok(())
    })
    .await
}

fn overlay(sent: &RequiredActionProviderRepresentation, known: &mut RequiredActionProviderRepresentation) {
    let sent = sent.clone();
    known.name = sent.name.or(known.name.take());
    known.enabled = sent.enabled.or(known.enabled);
    known.default_action = sent.default_action.or(known.default_action);
    known.priority = sent.priority.or(known.priority);
    known.config = sent.config.or(known.config.take());
}
