//! The keys of a realm as Admin REST shows them: without their private halves.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sekisho_core::ids::row_id;
use sekisho_core::keys::{KeyState, KeyUse};
use sekisho_jose::algorithm::Algorithm;
use sekisho_jose::key::SigningKey;
use sekisho_protocol::keycloak::{KeyMetadataRepresentation, KeysMetadataRepresentation};
use sekisho_store::StoredKey;
use uuid::Uuid;

use super::public;
use crate::AdminError;
use crate::permit::Admin;
use crate::realm::{keys, settings};

/// Every key that signs or did, the preferred of an algorithm first. What seals is nobody's to see.
pub async fn metadata(admin: &Admin<'_>) -> Result<KeysMetadataRepresentation, AdminError> {
    let stored = admin.context.store.stored_keys(admin.realm.id, &admin.realm.name).await?;
    let mut realm = settings::document(admin).await?;
    let providers: Vec<(Uuid, String, i64)> = keys::providers(&mut realm)
        .iter()
        .map(|component| {
            let id = component.id.clone().unwrap_or_default();
            (row_id(admin.realm.id, &id), id, keys::priority(component))
        })
        .collect();
    let mut active = BTreeMap::new();
    let mut shown = Vec::new();
    for key in stored.iter().filter(|key| key.purpose != KeyUse::Seal) {
        if key.state == KeyState::Active {
            active.entry(key.algorithm.clone()).or_insert_with(|| key.kid.clone());
        }
        let provider = providers.iter().find(|(row, ..)| *row == key.id);
        let mut described = describe(key)?;
        described.provider_id = provider.map(|(_, id, _)| id.clone()).or_else(|| Some(key.id.to_string()));
        described.provider_priority = provider.map(|(.., priority)| *priority);
        shown.push(described);
    }
    Ok(KeysMetadataRepresentation { active: Some(active), keys: Some(shown) })
}

fn describe(key: &StoredKey) -> Result<KeyMetadataRepresentation, AdminError> {
    let algorithm = Algorithm::parse(&key.algorithm).ok_or(AdminError::Unwritable("key"))?;
    let public = if key.purpose == KeyUse::Signature {
        SigningKey::from_pkcs8(algorithm, &key.material)?.public()
    } else {
        None
    };
    let kind = public.as_ref().map_or_else(|| "OCT".to_owned(), |jwk| jwk.kty.clone());
    let status = match key.state {
        KeyState::Active => "ACTIVE",
        // Keycloak knows no key that is shown before it signs.
        KeyState::Next | KeyState::Passive => "PASSIVE",
        KeyState::Disabled => "DISABLED",
    };
    Ok(KeyMetadataRepresentation {
        kid: Some(key.kid.clone()),
        status: Some(status.to_owned()),
        r#type: Some(kind),
        algorithm: Some(key.algorithm.clone()),
        public_key: public.and_then(|jwk| public::info(&jwk)).map(|der| BASE64_STANDARD.encode(der)),
        r#use: Some("SIG".to_owned()),
        ..Default::default()
    })
}
