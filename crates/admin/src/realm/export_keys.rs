//! Keys back into the components that they came from, or into new ones. The key that is shown but does not
//! sign yet stays behind: Keycloak has no such state.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sekisho_core::keys::{KeyState, KeyUse};
use sekisho_jose::algorithm::Algorithm;
use sekisho_jose::base64url;
use sekisho_jose::key::SigningKey;
use sekisho_protocol::keycloak::{ComponentExportRepresentation, RealmRepresentation};
use sekisho_store::StoredKey;
use uuid::Uuid;

use super::keys::{self, Kind, Signer};
use crate::AdminError;
use crate::keys::public;
use sekisho_core::ids::row_id;

/// What a component has of its key. Keycloak leaves all of it out where it hides secrets, so that whoever
/// imports the document gets keys of their own.
const MATERIAL: &[&str] = &[
    "kid",
    "keyUse",
    "secret",
    "privateKey",
    "certificate",
    "ecdsaPrivateKey",
    "ecdsaPublicKey",
    "ecdhPrivateKey",
    "ecdhPublicKey",
    "eddsaPrivateKey",
    "eddsaPublicKey",
];

/// Leaves the keys out of components that can generate others.
pub(super) fn leave_out(realm: &mut RealmRepresentation) {
    let generates = |component: &&mut ComponentExportRepresentation| {
        component.provider_id.as_deref().is_some_and(|provider| provider.ends_with("-generated"))
    };
    for component in keys::providers(realm).iter_mut().filter(generates) {
        component.config.get_or_insert_default().retain(|name, _| !MATERIAL.contains(&name.as_str()));
    }
}

/// Writes every key of the realm that signs or verifies.
pub(super) fn write(
    realm: &mut RealmRepresentation,
    id: Uuid,
    stored: &[StoredKey],
) -> Result<(), AdminError> {
    let exported = stored.iter().filter(|key| key.purpose != KeyUse::Seal && key.state != KeyState::Next);
    for key in exported.rev() {
        let algorithm = Algorithm::parse(&key.algorithm).ok_or(AdminError::Unwritable("key"))?;
        let providers = keys::providers(realm);
        let is_its_own = |component: &ComponentExportRepresentation| {
            component.id.as_deref().is_some_and(|text| row_id(id, text) == key.id)
        };
        let position = providers.iter().position(is_its_own);
        if position.is_none() {
            providers.extend(keys::component(algorithm, key.id));
        }
        let component = position.map_or_else(|| providers.len().checked_sub(1), Some);
        if let Some(component) = component.and_then(|position| providers.get_mut(position))
            && let Some(signer) = keys::signer(component)
        {
            write_key(component, signer, key, algorithm)?;
        }
    }
    Ok(())
}

fn write_key(
    component: &mut ComponentExportRepresentation,
    signer: &Signer,
    key: &StoredKey,
    algorithm: Algorithm,
) -> Result<(), AdminError> {
    let state = keys::state(component);
    let config = component.config.get_or_insert_default();
    let mut set = |name: &str, value: String| config.insert(name.to_owned(), vec![value]);
    match signer.kind {
        Kind::Hmac => {
            set("kid", key.kid.clone());
            set(signer.private, base64url::encode(&key.material));
        }
        kind => {
            let pair = SigningKey::from_pkcs8(algorithm, &key.material)?;
            let public =
                pair.public().and_then(|jwk| public::info(&jwk)).map(|der| BASE64_STANDARD.encode(der));
            // As Keycloak writes them: RSA as PKCS#1, the others as PKCS#8 with the public half beside.
            let private = match kind {
                Kind::Rsa => public::inside_pkcs8(&key.material),
                _ => Some(key.material.as_slice()),
            };
            set(signer.private, BASE64_STANDARD.encode(private.ok_or(AdminError::Unwritable("key"))?));
            if let (Some(name), Some(public)) = (signer.public, public) {
                set(name, public);
            }
            if public::identified(pair).kid() != key.kid {
                set("kid", key.kid.clone());
            }
        }
    }
    if state != key.state {
        set("enabled", (key.state != KeyState::Disabled).to_string());
        set("active", (key.state == KeyState::Active).to_string());
    }
    Ok(())
}
