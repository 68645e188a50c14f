//! Keys made fresh, and keys as rows: the private half wrapped by the master key.

use sekisho_core::keys::{KeyState, KeyUse};
use sekisho_core::work::KeyRecord;
use sekisho_jose::algorithm::Algorithm;
use sekisho_jose::key::SigningKey;
use sekisho_protocol::Timestamp;
use sekisho_protocol::ports::draw;
use uuid::Uuid;

use super::public;
use crate::{AdminError, Context};

/// What seals and opens codes, interactions and secrets.
const SEALING: &str = "A256GCMSIV";

/// A key on its way into the table.
pub(crate) struct NewKey {
    pub(crate) id: Uuid,
    pub(crate) purpose: KeyUse,
    pub(crate) algorithm: String,
    pub(crate) kid: String,
    pub(crate) state: KeyState,
    pub(crate) epoch: u32,
    pub(crate) created: Timestamp,
    pub(crate) material: Vec<u8>,
}

impl NewKey {
    /// A key pair that signs tokens; RSA takes a moment, so it is made apart from those who serve requests.
    pub(crate) async fn signature(
        context: &Context<'_>,
        id: Uuid,
        algorithm: Algorithm,
    ) -> Result<Self, AdminError> {
        let generated = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm)).await;
        let key = generated.map_err(|_| AdminError::Unwritable("key"))??;
        Self::of_pair(context, id, key)
    }

    /// A key pair that is there already, under the id that Keycloak gives it.
    pub(crate) fn of_pair(context: &Context<'_>, id: Uuid, key: SigningKey) -> Result<Self, AdminError> {
        let key = public::identified(key);
        Ok(Self {
            id,
            purpose: KeyUse::Signature,
            algorithm: key.algorithm().name().to_owned(),
            kid: key.kid().to_owned(),
            state: KeyState::Active,
            epoch: 0,
            created: context.now(),
            material: key.to_pkcs8()?,
        })
    }

    /// What signs refresh tokens.
    pub(crate) fn refresh(context: &Context<'_>, id: Uuid) -> Self {
        let secret: [u8; 64] = draw(context.entropy);
        Self::of_secret(context, id, context.fresh_id().to_string(), secret.to_vec())
    }

    /// A secret that is there already.
    pub(crate) fn of_secret(context: &Context<'_>, id: Uuid, kid: String, secret: Vec<u8>) -> Self {
        Self {
            id,
            purpose: KeyUse::Refresh,
            algorithm: Algorithm::Hs512.name().to_owned(),
            kid,
            state: KeyState::Active,
            epoch: 0,
            created: context.now(),
            material: secret,
        }
    }

    /// What seals, in the first epoch.
    pub(crate) fn sealing(context: &Context<'_>) -> (Self, [u8; 32]) {
        let secret: [u8; 32] = draw(context.entropy);
        let key = Self {
            id: context.fresh_id(),
            purpose: KeyUse::Seal,
            algorithm: SEALING.to_owned(),
            kid: "1".to_owned(),
            state: KeyState::Active,
            epoch: 1,
            created: context.now(),
            material: secret.to_vec(),
        };
        (key, secret)
    }

    /// The row.
    pub(crate) fn record(self, context: &Context<'_>, realm: Uuid) -> Result<KeyRecord, AdminError> {
        let master = context.store.master();
        let wrapped =
            master.wrap(realm, draw(context.entropy), &self.material).ok_or(AdminError::NoMasterKey)?;
        Ok(KeyRecord {
            id: self.id,
            realm,
            purpose: self.purpose.name(),
            algorithm: self.algorithm,
            kid: self.kid,
            state: self.state.name(),
            created: self.created,
            epoch: self.epoch.into(),
            wrapped,
        })
    }
}
