//! Sealing: AES-256-GCM-SIV (RFC 8452) for what is stored or handed out and must come back unread and
//! unchanged. A nonce that comes twice tells only that the same was sealed twice.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use uuid::Uuid;

/// First byte of every blob.
const VERSION: u8 = 1;
const EPOCH_LENGTH: usize = 4;
const NONCE_LENGTH: usize = 12;
const TAG_LENGTH: usize = 16;
const HEAD_LENGTH: usize = 1 + EPOCH_LENGTH + NONCE_LENGTH;

/// A key that seals and opens. Cloning shares it.
#[derive(Clone)]
pub struct SealingKey(Arc<LessSafeKey>);

/// What a blob is for. One that was sealed for another purpose or realm does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purpose<'a> {
    /// The use, one name for one place in the code.
    pub name: &'a str,
    /// The realm.
    pub realm: Uuid,
}

/// Why a blob does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not a blob of a version that we know.
    #[error("sealed value is not well-formed")]
    Malformed,
    /// Another key, epoch, purpose or realm, or changed on the way: there is no telling which.
    #[error("sealed value does not open")]
    Refused,
}

impl SealingKey {
    /// The key with these bytes.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "the array has the length of the key")]
    pub fn new(key: [u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM_SIV, &key).expect("32 bytes are a key of AES-256");
        Self(Arc::new(LessSafeKey::new(key)))
    }
}

/// Seals: version, epoch, nonce, ciphertext and tag. The epoch says which key it was; the nonce is drawn by
/// the caller.
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "what is sealed is under the 64 GiB of RFC 8452 §6"
)]
pub fn seal(
    key: &SealingKey,
    epoch: u32,
    nonce: [u8; NONCE_LENGTH],
    purpose: &Purpose<'_>,
    plaintext: &[u8],
) -> Vec<u8> {
    let associated = associated_data(epoch, purpose);
    let mut sealed = plaintext.to_vec();
    key.0
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(associated), &mut sealed)
        .expect("a plaintext of this size can be sealed");
    let mut blob = Vec::with_capacity(HEAD_LENGTH + sealed.len());
    blob.push(VERSION);
    blob.extend_from_slice(&epoch.to_be_bytes());
    blob.extend_from_slice(&nonce);
    blob.append(&mut sealed);
    blob
}

/// The epoch a blob says it was sealed in, for finding the key. Not verified before [`open`].
pub fn epoch(blob: &[u8]) -> Option<u32> {
    split(blob).map(|(epoch, _, _)| epoch)
}

/// Opens.
pub fn open(key: &SealingKey, purpose: &Purpose<'_>, blob: &[u8]) -> Result<Vec<u8>, SealError> {
    let (epoch, nonce, sealed) = split(blob).ok_or(SealError::Malformed)?;
    let mut opened = sealed.to_vec();
    let associated = Aad::from(associated_data(epoch, purpose));
    let nonce = Nonce::assume_unique_for_key(nonce);
    let length = key.0.open_in_place(nonce, associated, &mut opened).map_err(|_| SealError::Refused)?.len();
    opened.truncate(length);
    Ok(opened)
}

/// Lengths are fixed but for the last part, so no two purposes have the same bytes.
fn associated_data(epoch: u32, purpose: &Purpose<'_>) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(&epoch.to_be_bytes());
    bytes.extend_from_slice(purpose.realm.as_bytes());
    bytes.extend_from_slice(purpose.name.as_bytes());
    bytes
}

fn split(blob: &[u8]) -> Option<(u32, [u8; NONCE_LENGTH], &[u8])> {
    let (&version, rest) = blob.split_first()?;
    let (epoch, rest) = rest.split_first_chunk::<EPOCH_LENGTH>()?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_LENGTH>()?;
    (version == VERSION && sealed.len() >= TAG_LENGTH).then(|| (u32::from_be_bytes(*epoch), *nonce, sealed))
}

#[cfg(test)]
mod tests;
