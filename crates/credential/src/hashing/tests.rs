//! Hashes of published vectors, and what a pool thread keeps.

use std::fmt::Write as _;

use argon2::{AssociatedData, ParamsBuilder};

use super::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// RFC 9106 §5.1, §5.2 and §5.3; the last three are the same inputs for version 1.0. Memory of an earlier
/// hash is left in the blocks on purpose.
#[test]
fn argon2_gives_the_tags_of_the_rfc_from_used_blocks() {
    use argon2::Version::{V0x10, V0x13};
    let cases = [
        (Algorithm::Argon2d, V0x13, "512b391b6f1162975371d30919734294f868e3be3984f3c1a13a4db9fabe4acb"),
        (Algorithm::Argon2i, V0x13, "c814d9d1dc7f37aa13f0d77f2494bda1c8de6b016dd388d29952a4c4672b6ce8"),
        (Algorithm::Argon2id, V0x13, "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"),
        (Algorithm::Argon2d, V0x10, "96a9d4e5a1734092c85e29f410a45914a5dd1f5cbf08b2670da68a0285abf32b"),
        (Algorithm::Argon2i, V0x10, "87aeedd6517ab830cd9765cd8231abb2e647a5dee08f7c05e02fcb763335d0fd"),
        (Algorithm::Argon2id, V0x10, "b64615f07789b66b645b67ee9ed3b377ae350b6bfcbb0fc95141ea8f322613c0"),
    ];
    let associated = AssociatedData::new(&[4; 12]).unwrap();
    let params = ParamsBuilder::new().m_cost(32).t_cost(3).p_cost(4).data(associated).build().unwrap();
    let mut blocks = Blocks::new();
    for (algorithm, version, tag) in cases {
        let argon2 = Argon2::new_with_secret(&[3; 8], algorithm, version, params.clone()).unwrap();
        let mut value = [0; 32];
        blocks.hash(&argon2, &[1; 32], &[2; 16], &mut value).unwrap();
        assert_eq!(hex(&value), tag, "{algorithm} {version:?}");
    }
}

#[test]
fn parameters_choose_variant_and_version() {
    let of = |variant, version| {
        let parameters = Argon2Parameters {
            variant,
            version,
            memory_kib: 64,
            iterations: 2,
            parallelism: 1,
            hash_length: 32,
        };
        hex(&derive(&Parameters::Argon2(parameters), b"password", b"somesalt", &mut Blocks::new()).unwrap())
    };
    let direct = |algorithm, version| {
        let argon2 = Argon2::new(algorithm, version, Params::new(64, 2, 1, Some(32)).unwrap());
        let mut value = [0; 32];
        argon2.hash_password_into(b"password", b"somesalt", &mut value).unwrap();
        hex(&value)
    };
    let cases = [
        (Variant::D, Algorithm::Argon2d),
        (Variant::I, Algorithm::Argon2i),
        (Variant::Id, Algorithm::Argon2id),
    ];
    for (variant, algorithm) in cases {
        assert_eq!(of(variant, Version::V1_0), direct(algorithm, argon2::Version::V0x10));
        assert_eq!(of(variant, Version::V1_3), direct(algorithm, argon2::Version::V0x13));
    }
}

/// RFC 6070 §2 (SHA-1) and RFC 7914 §11 (SHA-256); for SHA-512 no RFC has any.
#[test]
fn pbkdf2_gives_the_keys_of_the_rfcs() {
    let cases = [
        (Digest::Sha1, "password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
        (Digest::Sha1, "password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1"),
        (
            Digest::Sha1,
            "passwordPASSWORDpassword",
            "saltSALTsaltSALTsaltSALTsaltSALTsalt",
            4096,
            "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
        ),
        (Digest::Sha1, "pass\0word", "sa\0lt", 4096, "56fa6aa75548099dcc37d7f03425e0c3"),
        (
            Digest::Sha256,
            "passwd",
            "salt",
            1,
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
             49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
        ),
    ];
    for (digest, password, salt, iterations, key) in cases {
        let parameters = Pbkdf2Parameters { digest, iterations, hash_length: key.len() / 2 };
        let value = derive_pbkdf2(&parameters, password.as_bytes(), salt.as_bytes()).unwrap();
        assert_eq!(hex(&value), key, "{digest:?} {iterations}");
    }
}

#[test]
fn large_blocks_are_given_back() {
    let mut blocks = Blocks::new();
    for (memory, kept) in [(64, 64), (32, 64), (64 * 1024 + 4, 0), (128, 128)] {
        let parameters = Parameters::argon2id(memory, 1, 1).unwrap();
        derive(&parameters, b"password", b"somesalt", &mut blocks).unwrap();
        assert_eq!(blocks.len(), kept, "{memory} KiB");
    }
}
