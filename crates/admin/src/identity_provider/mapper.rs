//! What is taken over from an identity provider's claims.

use sekisho_core::event::OperationType;
use sekisho_protocol::keycloak::{IdentityProviderMapperRepresentation, RealmRepresentation};

use super::{check_there, find as find_provider, path};
use crate::AdminError;
use crate::error::What;
use crate::permit::{Admin, Done};
use crate::realm::settings;

/// The mappers of a provider.
pub async fn list(
    admin: &Admin<'_>,
    alias: &str,
) -> Result<Vec<IdentityProviderMapperRepresentation>, AdminError> {
    find_provider(admin, alias).await?;
    let mut found = settings::hidden(admin).await?.identity_provider_mappers.unwrap_or_default();
    found.retain(|mapper| mapper.identity_provider_alias.as_deref() == Some(alias));
    Ok(found)
}

/// The mapper of a provider with this id.
pub async fn find(
    admin: &Admin<'_>,
    alias: &str,
    id: &str,
) -> Result<IdentityProviderMapperRepresentation, AdminError> {
    let mut found = list(admin, alias).await?.into_iter();
    found.find(|mapper| mapper.id.as_deref() == Some(id)).ok_or(AdminError::NotFound(What::Mapper))
}

/// Adds a mapper to a provider. Answers its id.
pub async fn create(
    admin: &Admin<'_>,
    alias: &str,
    sent: IdentityProviderMapperRepresentation,
) -> Result<String, AdminError> {
    let id = sent.id.clone().unwrap_or_else(|| admin.context.fresh_id().to_string());
    let mapper = belonging(&sent, alias, &id);
    change(admin, alias, &id, OperationType::Create, Some(&sent), |realm| {
        let mappers = realm.identity_provider_mappers.get_or_insert_default();
        let is_taken = mappers.iter().any(|known| known.id == mapper.id || is_twin(known, &mapper));
        if mapper.name.as_deref().is_none_or(str::is_empty) || is_taken {
            let name = mapper.name.as_deref().unwrap_or("null");
            return Err(AdminError::Invalid(format!(
                "Failed to add mapper '{name}' to identity provider [{}].",
                provider_id(realm, alias)
            )));
        }
        mappers.push(mapper.clone());
        Ok(())
    })
    .await?;
    Ok(id)
}

/// Puts a mapper in the place of the one with this id.
pub async fn update(
    admin: &Admin<'_>,
    alias: &str,
    id: &str,
    sent: &IdentityProviderMapperRepresentation,
) -> Result<(), AdminError> {
    let mapper = belonging(sent, alias, id);
    change(admin, alias, id, OperationType::Update, Some(sent), |realm| {
        let mappers = realm.identity_provider_mappers.get_or_insert_default();
        if mappers.iter().any(|known| known.id != mapper.id && is_twin(known, &mapper)) {
            return Err(AdminError::Duplicate);
        }
        let known = mappers.iter_mut().find(|known| known.id == mapper.id && is_of(known, alias));
        known.ok_or(AdminError::NotFound(What::Mapper))?.clone_from(&mapper);
        Ok(())
    })
    .await
}

/// Removes a mapper.
pub async fn delete(admin: &Admin<'_>, alias: &str, id: &str) -> Result<(), AdminError> {
    change(admin, alias, id, OperationType::Delete, None, |realm| {
        let mappers = realm.identity_provider_mappers.get_or_insert_default();
        let place = mappers.iter().position(|known| known.id.as_deref() == Some(id) && is_of(known, alias));
        mappers.remove(place.ok_or(AdminError::NotFound(What::Mapper))?);
        Ok(())
    })
    .await
}

async fn change(
    admin: &Admin<'_>,
    alias: &str,
    id: &str,
    operation: OperationType,
    sent: Option<&IdentityProviderMapperRepresentation>,
    change: impl Fn(&mut RealmRepresentation) -> Result<(), AdminError>,
) -> Result<(), AdminError> {
    let path = format!("{}/mappers/{id}", path(alias));
    let done = Done { operation, resource: "IDENTITY_PROVIDER_MAPPER", path, sent };
    settings::change_recorded(admin, &done, |realm| {
        check_there(realm, alias)?;
        change(realm)
    })
    .await
}

/// The mapper as it stands in the document: of the provider that the path names, whatever the body says.
fn belonging(
    sent: &IdentityProviderMapperRepresentation,
    alias: &str,
    id: &str,
) -> IdentityProviderMapperRepresentation {
    let mut mapper = sent.clone();
    mapper.id = Some(id.to_owned());
    mapper.identity_provider_alias = Some(alias.to_owned());
    mapper.config.get_or_insert_default();
    mapper
}

fn is_of(mapper: &IdentityProviderMapperRepresentation, alias: &str) -> bool {
    mapper.identity_provider_alias.as_deref() == Some(alias)
}

fn is_twin(one: &IdentityProviderMapperRepresentation, other: &IdentityProviderMapperRepresentation) -> bool {
    one.identity_provider_alias == other.identity_provider_alias && one.name == other.name
}

fn provider_id(realm: &RealmRepresentation, alias: &str) -> String {
    let mut providers = realm.identity_providers.iter().flatten();
    let provider = providers.find(|provider| provider.alias.as_deref() == Some(alias));
    provider.and_then(|provider| provider.provider_id.clone()).unwrap_or_default()
}
