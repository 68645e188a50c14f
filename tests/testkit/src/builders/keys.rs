//! Keys of realms under test, made once in a process.

use std::sync::OnceLock;

use sekisho_core::keys::{KeyState, KeyUse, RealmKeys};
use sekisho_core::work::KeyRecord;
use sekisho_jose::algorithm::Algorithm;
use sekisho_jose::jwk::JwkSet;
use sekisho_jose::key::SigningKey;
use sekisho_jose::seal::SealingKey;
use sekisho_jose::verify::Keys;
use sekisho_store::MasterKeys;
use uuid::Uuid;

use super::NOW;

const REFRESH: ([u8; 64], &str) = ([1; 64], "refresh");
const SEALING: ([u8; 32], u32) = ([2; 32], 1);

/// One key for access tokens, one for the others, as in a realm of the console.
fn signing() -> &'static [SigningKey; 2] {
    static SIGNING: OnceLock<[SigningKey; 2]> = OnceLock::new();
    let make = |algorithm| SigningKey::generate(algorithm).expect("a key can be made");
    SIGNING.get_or_init(|| [make(Algorithm::Es256), make(Algorithm::Rs256)])
}

pub(super) fn ready() -> RealmKeys {
    let (secret, kid) = REFRESH;
    let public = signing().iter().filter_map(SigningKey::public).collect();
    RealmKeys {
        signing: signing().to_vec(),
        verifying: Keys::new(signing().iter().map(SigningKey::verifying).collect()),
        jwks: serde_json::to_string(&JwkSet { keys: public }).expect("keys can be written"),
        refresh: vec![SigningKey::symmetric(Algorithm::Hs512, kid, &secret).expect("long enough")],
        sealing: vec![(SEALING.1, SealingKey::new(SEALING.0))],
    }
}

/// The same as rows, wrapped.
pub(super) fn records(realm: Uuid, master: &MasterKeys) -> Vec<KeyRecord> {
    let wrap = |(n, (purpose, algorithm, kid, epoch, material)): (u128, Row)| KeyRecord {
        id: Uuid::from_u128(realm.as_u128() ^ (n + 1)),
        realm,
        purpose: purpose.name(),
        algorithm,
        kid,
        state: KeyState::Active.name(),
        created: NOW,
        epoch: i64::from(epoch),
        wrapped: master.wrap(realm, [0; 12], &material).expect("there is a master key"),
    };
    (0..).zip(rows()).map(wrap).collect()
}

type Row = (KeyUse, String, String, u32, Vec<u8>);

fn rows() -> Vec<Row> {
    let signing = signing().iter().map(|key| {
        let material = key.to_pkcs8().expect("a key pair can be written");
        (KeyUse::Signature, key.algorithm().name().to_owned(), key.kid().to_owned(), 0, material)
    });
    let refresh = (KeyUse::Refresh, "HS512".to_owned(), REFRESH.1.to_owned(), 0, REFRESH.0.to_vec());
    let sealing = (KeyUse::Seal, "A256GCM-SIV".to_owned(), "seal".to_owned(), SEALING.1, SEALING.0.to_vec());
    signing.chain([refresh, sealing]).collect()
}
