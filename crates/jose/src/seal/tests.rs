//! What the neighbouring file promises, rule by rule.

use super::*;

const REALM: Uuid = Uuid::from_u128(7);
const PURPOSE: Purpose<'_> = Purpose { name: "client secret", realm: REALM };

fn blob() -> Vec<u8> {
    seal(&SealingKey::new([1; 32]), 3, [9; 12], &PURPOSE, b"plain")
}

#[test]
fn what_was_sealed_opens() {
    let key = SealingKey::new([1; 32]);
    for plaintext in [&b""[..], b"plain", &[0; 5000]] {
        let blob = seal(&key, 3, [9; 12], &PURPOSE, plaintext);
        assert_eq!(open(&key, &PURPOSE, &blob).as_deref(), Ok(plaintext));
        assert_eq!(epoch(&blob), Some(3));
        assert_eq!(blob.len(), 1 + 4 + 12 + plaintext.len() + 16);
    }
}

#[test]
fn the_cipher_is_the_one_of_rfc_8452() {
    // Appendix C.2, the first AES-256 vector: no plaintext and no associated data, key 01 00…, nonce 03 00….
    let (mut key, mut nonce) = ([0; 32], [0; 12]);
    (key[0], nonce[0]) = (1, 3);
    let mut sealed = Vec::new();
    let nonce = Nonce::assume_unique_for_key(nonce);
    SealingKey::new(key).0.seal_in_place_append_tag(nonce, Aad::empty(), &mut sealed).unwrap();
    assert_eq!(u128::from_be_bytes(sealed.try_into().unwrap()), 0x07f5_f416_9bbf_55a8_400c_d47e_a6fd_400f);
}

#[test]
fn the_blob_shows_nothing_of_the_plaintext() {
    assert!(!blob().windows(5).any(|window| window == b"plain"));
}

#[test]
fn a_blob_with_any_bit_changed_does_not_open() {
    let key = SealingKey::new([1; 32]);
    for position in 0..blob().len() {
        for bit in 0..8 {
            let mut changed = blob();
            changed[position] ^= 1 << bit;
            let expected = if position == 0 { SealError::Malformed } else { SealError::Refused };
            assert_eq!(open(&key, &PURPOSE, &changed), Err(expected), "{position} {bit}");
        }
    }
}

#[test]
fn a_blob_that_is_cut_or_extended_does_not_open() {
    let key = SealingKey::new([1; 32]);
    for length in 0..blob().len() {
        assert!(open(&key, &PURPOSE, &blob()[..length]).is_err(), "{length}");
        assert!(open(&key, &PURPOSE, &blob()[length + 1..]).is_err(), "{length}");
    }
    assert_eq!(open(&key, &PURPOSE, &[blob(), vec![0]].concat()), Err(SealError::Refused));
    assert_eq!(epoch(&blob()[..32]), None);
}

#[test]
fn another_key_purpose_realm_or_epoch_does_not_open() {
    let key = SealingKey::new([1; 32]);
    assert_eq!(open(&SealingKey::new([2; 32]), &PURPOSE, &blob()), Err(SealError::Refused));
    for purpose in [
        Purpose { name: "client secreT", realm: REALM },
        Purpose { name: "", realm: REALM },
        Purpose { name: "client secret ", realm: REALM },
        Purpose { name: PURPOSE.name, realm: Uuid::from_u128(8) },
    ] {
        assert_eq!(open(&key, &purpose, &blob()), Err(SealError::Refused), "{purpose:?}");
    }
    let mut moved = blob();
    moved[1..5].copy_from_slice(&4_u32.to_be_bytes());
    assert_eq!(epoch(&moved), Some(4));
    assert_eq!(open(&key, &PURPOSE, &moved), Err(SealError::Refused));
}

#[test]
fn another_nonce_makes_another_blob() {
    let key = SealingKey::new([1; 32]);
    let other = seal(&key, 3, [8; 12], &PURPOSE, b"plain");
    assert_ne!(other[17..], blob()[17..]);
    assert_eq!(seal(&key, 3, [9; 12], &PURPOSE, b"plain"), blob());
}
