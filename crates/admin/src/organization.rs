//! Organizations of a realm that came with its document. They are shown; nothing else knows them yet.

use sekisho_protocol::keycloak::OrganizationRepresentation;

use crate::AdminError;
use crate::permit::Admin;
use crate::realm::settings;

/// The organizations of a realm that has them switched on; without their members, which have rows of their own.
pub async fn list(admin: &Admin<'_>) -> Result<Vec<OrganizationRepresentation>, AdminError> {
    let realm = settings::hidden(admin).await?;
    if realm.organizations_enabled != Some(true) {
        return Err(AdminError::Absent("Organizations not enabled for this realm.".to_owned()));
    }
    let brief = |organization| OrganizationRepresentation {
        members: None,
        identity_providers: None,
        groups: None,
        ..organization
    };
    Ok(realm.organizations.unwrap_or_default().into_iter().map(brief).collect())
}

/// The organization with this id.
pub async fn find(admin: &Admin<'_>, id: &str) -> Result<OrganizationRepresentation, AdminError> {
    let mut found = list(admin).await?.into_iter();
    let absent = || AdminError::Absent("Organization not found.".to_owned());
    found.find(|organization| organization.id.as_deref() == Some(id)).ok_or_else(absent)
}
