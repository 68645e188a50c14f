//! Identity providers and their mappers, as they stand in the realm's document.

mod check;
pub mod mapper;

use sekisho_core::event::OperationType;
use sekisho_core::ids::row_id;
use sekisho_core::secrets;
use sekisho_protocol::keycloak::{IdentityProviderRepresentation, RealmRepresentation};

use crate::AdminError;
use crate::error::What;
use crate::permit::{Admin, Done};
use crate::realm::settings;

const SECRET: &str = "clientSecret";
/// What a provider of OpenID Connect may be used for.
const USES: &[&str] = &[
    "USER_AUTHENTICATION",
    "CLIENT_ASSERTION",
    "TRUST_MATERIAL",
    "EXCHANGE_EXTERNAL_TOKEN",
    "JWT_AUTHORIZATION_GRANT",
];

/// How much of a provider a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    Brief,
    Whole,
}

/// The providers whose alias begins as `search` says, or is it where that stands in quotation marks; secrets as
/// stars.
pub async fn list(
    admin: &Admin<'_>,
    search: Option<&str>,
    detail: Detail,
) -> Result<Vec<IdentityProviderRepresentation>, AdminError> {
    let mut found = settings::hidden(admin).await?.identity_providers.unwrap_or_default();
    found.retain(|provider| search.is_none_or(|search| is_meant(provider, search)));
    found.sort_by(|one, other| one.alias.cmp(&other.alias));
    Ok(found.into_iter().map(|provider| shown(admin, provider, detail)).collect())
}

/// The provider with this alias, its secret as stars.
pub async fn find(admin: &Admin<'_>, alias: &str) -> Result<IdentityProviderRepresentation, AdminError> {
    let found = settings::hidden(admin).await?.identity_providers.unwrap_or_default();
    let found = found.into_iter().find(|provider| is_called(provider, alias));
    found.map(|provider| shown(admin, provider, Detail::Whole)).ok_or(AdminError::NotFound(What::Anything))
}

/// Adds a provider. Answers its alias.
pub async fn create(admin: &Admin<'_>, sent: IdentityProviderRepresentation) -> Result<String, AdminError> {
    let alias = check::alias(sent.alias.as_deref())?.to_owned();
    let mut provider = sent.clone();
    provider.internal_id.get_or_insert_with(|| admin.context.fresh_id().to_string());
    complete(&mut provider);
    let done = Done {
        operation: OperationType::Create,
        resource: "IDENTITY_PROVIDER",
        path: path(&alias),
        sent: Some(&sent),
    };
    settings::change_recorded(admin, &done, |realm| {
        check::provider(realm, &provider)?;
        check_free(realm, &alias)?;
        realm.identity_providers.get_or_insert_default().push(provider.clone());
        Ok(())
    })
    .await?;
    Ok(alias)
}

/// Puts a provider in the place of the one with this alias. A new alias goes to its mappers; stars for a secret leave
/// the one that is there.
pub async fn update(
    admin: &Admin<'_>,
    alias: &str,
    sent: &IdentityProviderRepresentation,
) -> Result<(), AdminError> {
    let done = Done {
        operation: OperationType::Update,
        resource: "IDENTITY_PROVIDER",
        path: path(alias),
        sent: Some(sent),
    };
    settings::change_recorded(admin, &done, |realm| replace(realm, alias, sent.clone())).await
}

fn replace(
    realm: &mut RealmRepresentation,
    alias: &str,
    mut provider: IdentityProviderRepresentation,
) -> Result<(), AdminError> {
    let before = realm.identity_providers.iter().flatten().find(|known| is_called(known, alias));
    let before = before.ok_or(AdminError::NotFound(What::Anything))?.clone();
    let name = check::alias(provider.alias.as_deref())?.to_owned();
    if name != alias {
        check_free(realm, &name)?;
    }
    provider.internal_id.clone_from(&before.internal_id);
    complete(&mut provider);
    keep_hidden_secret(&before, &mut provider);
    check::provider(realm, &provider)?;
    for mapper in realm.identity_provider_mappers.iter_mut().flatten() {
        if mapper.identity_provider_alias.as_deref() == Some(alias) {
            mapper.identity_provider_alias = Some(name.clone());
        }
    }
    for known in realm.identity_providers.iter_mut().flatten().filter(|known| is_called(known, alias)) {
        *known = provider.clone();
    }
    Ok(())
}

/// Whoever reads a provider and sends it back has not seen the secret.
fn keep_hidden_secret(
    before: &IdentityProviderRepresentation,
    provider: &mut IdentityProviderRepresentation,
) {
    let Some(sent) = provider.config.as_mut().and_then(|config| config.get_mut(SECRET)) else { return };
    if secrets::is_hidden(sent) {
        let known = before.config.as_ref().and_then(|config| config.get(SECRET));
        known.cloned().unwrap_or_default().clone_into(sent);
    }
}

/// Removes a provider, with its mappers.
pub async fn delete(admin: &Admin<'_>, alias: &str) -> Result<(), AdminError> {
    let done: Done<'_, IdentityProviderRepresentation> = Done {
        operation: OperationType::Delete,
        resource: "IDENTITY_PROVIDER",
        path: path(alias),
        sent: None,
    };
    settings::change_recorded(admin, &done, |realm| {
        check_there(realm, alias)?;
        realm.identity_providers.get_or_insert_default().retain(|known| !is_called(known, alias));
        let mappers = realm.identity_provider_mappers.get_or_insert_default();
        mappers.retain(|mapper| mapper.identity_provider_alias.as_deref() != Some(alias));
        Ok(())
    })
    .await
}

fn path(alias: &str) -> String {
    format!("identity-provider/instances/{alias}")
}

fn is_called(provider: &IdentityProviderRepresentation, alias: &str) -> bool {
    provider.alias.as_deref() == Some(alias)
}

fn check_there(realm: &RealmRepresentation, alias: &str) -> Result<(), AdminError> {
    let is_there = realm.identity_providers.iter().flatten().any(|known| is_called(known, alias));
    if is_there { Ok(()) } else { Err(AdminError::NotFound(What::Anything)) }
}

fn check_free(realm: &RealmRepresentation, alias: &str) -> Result<(), AdminError> {
    match check_there(realm, alias) {
        Ok(()) => Err(AdminError::Exists(format!("Identity Provider {alias} already exists"))),
        Err(_) => Ok(()),
    }
}

fn is_meant(provider: &IdentityProviderRepresentation, search: &str) -> bool {
    let alias = provider.alias.as_deref().unwrap_or_default();
    if let Some(exact) = search.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return alias == exact;
    }
    let (alias, search) = (alias.to_lowercase(), search.to_lowercase());
    match search.strip_prefix('*') {
        Some(part) => alias.contains(part.trim_end_matches('*')),
        None => alias.starts_with(search.trim_end_matches('*')),
    }
}

/// Members that a document may leave out.
fn complete(provider: &mut IdentityProviderRepresentation) {
    provider.enabled.get_or_insert(true);
    provider.config.get_or_insert_default();
    provider.types = None;
}

fn shown(
    admin: &Admin<'_>,
    mut provider: IdentityProviderRepresentation,
    detail: Detail,
) -> IdentityProviderRepresentation {
    // A document may come without it.
    let derived = || row_id(admin.realm.id, &path(provider.alias.as_deref().unwrap_or_default())).to_string();
    provider.internal_id = Some(provider.internal_id.take().unwrap_or_else(derived));
    complete(&mut provider);
    if detail == Detail::Brief {
        let IdentityProviderRepresentation { alias, display_name, internal_id, provider_id, enabled, .. } =
            provider;
        let config = Some(std::collections::BTreeMap::new());
        return IdentityProviderRepresentation {
            alias,
            display_name,
            internal_id,
            provider_id,
            enabled,
            config,
            ..Default::default()
        };
    }
    let uses = if provider.provider_id.as_deref() == Some("oidc") { USES } else { &[] };
    provider.types = Some(uses.iter().copied().map(str::to_owned).collect());
    provider
}
