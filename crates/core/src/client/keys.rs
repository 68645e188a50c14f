//! The public keys of a client, from the attributes where Keycloak keeps them. They are read with the client, so once
//! for each of its versions.

use std::collections::HashMap;
use std::sync::Arc;

use sekisho_jose::{Jwk, JwkSet, Keys, VerifyingKey, spki};

const CERTIFICATE: &str = "jwt.credential.certificate";
const PUBLIC_KEY: &str = "jwt.credential.public.key";
const KID: &str = "jwt.credential.kid";

/// Where the keys of a client are.
#[derive(Clone, Debug, Default)]
pub enum ClientKeys {
    /// It has none, or none that can be read.
    #[default]
    None,
    /// With the client.
    Held(Arc<Keys>),
    /// At an address that the client named (`jwks_uri`), so one for `Foreign` only (attack 45).
    At(String),
}

impl ClientKeys {
    /// An address goes before a set, a set before a certificate, and that before a bare key, as in Keycloak.
    pub fn of(attributes: &HashMap<String, String>) -> Self {
        let text = |name: &str| attributes.get(name).map(String::as_str).filter(|text| !text.is_empty());
        let is_on = |name: &str| text(name) == Some("true");
        if is_on("use.jwks.url") {
            return text("jwks.url").map_or(Self::None, |url| Self::At(url.to_owned()));
        }
        if is_on("use.jwks.string") {
            let set = text("jwks.string").and_then(|set| JwkSet::parse(set.as_bytes()).ok());
            return set.map_or(Self::None, |set| Self::held(Keys::from_set(&set)));
        }
        let jwk = match (text(CERTIFICATE), text(PUBLIC_KEY)) {
            (Some(certificate), _) => spki::from_certificate(certificate).ok(),
            (None, Some(key)) => spki::from_public_key(key).ok(),
            (None, None) => None,
        };
        let named = |jwk: Jwk| Jwk { kid: text(KID).map(str::to_owned).or(jwk.kid), ..jwk };
        let key = jwk.and_then(|jwk| VerifyingKey::from_jwk(&named(jwk)).ok());
        key.map_or(Self::None, |key| Self::held(Keys::new(vec![key])))
    }

    fn held(keys: Keys) -> Self {
        Self::Held(Arc::new(keys))
    }
}

#[cfg(test)]
mod tests {
    use sekisho_jose::{Algorithm, SigningKey};
    use serde_json::json;

    use super::*;

    fn keys(attributes: &[(&str, &str)]) -> ClientKeys {
        ClientKeys::of(&attributes.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect())
    }

    #[test]
    fn keys_come_from_the_place_that_is_switched_on() {
        let key = SigningKey::generate(Algorithm::Es256).expect("a key");
        let set = json!({"keys": [key.public()]}).to_string();
        let string = ("jwks.string", set.as_str());
        let url = ("jwks.url", "https://c.example/keys");
        for (attributes, expected) in [
            (&[("use.jwks.string", "true"), string, url][..], "held"),
            (&[("use.jwks.url", "true"), string, url], "at"),
            (&[("use.jwks.url", "true"), ("use.jwks.string", "true"), string, url], "at"),
            (&[("use.jwks.url", "true"), string], "none"),
            (&[("use.jwks.string", "false"), ("use.jwks.url", "false"), string, url], "none"),
            (&[("use.jwks.string", "true"), ("jwks.string", "{")], "none"),
            (&[], "none"),
        ] {
            let found = match keys(attributes) {
                ClientKeys::Held(keys) if keys.knows(key.kid()) => "held",
                ClientKeys::At(url) if url == "https://c.example/keys" => "at",
                ClientKeys::None => "none",
                other => panic!("{other:?}"),
            };
            assert_eq!(found, expected, "{attributes:?}");
        }
    }

    #[test]
    fn a_bare_key_has_the_name_that_it_is_given() {
        const KEY: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
        for (attributes, kid) in [
            (&[(PUBLIC_KEY, KEY)][..], "oekVYFTgT6yJmunydRMs3Ael28TqLCrTof_G4NJTaB8"),
            (&[(PUBLIC_KEY, KEY), (KID, "mine")], "mine"),
        ] {
            let ClientKeys::Held(keys) = keys(attributes) else { panic!("{attributes:?}") };
            assert!(keys.knows(kid), "{attributes:?}");
        }
        assert!(matches!(keys(&[(CERTIFICATE, KEY)]), ClientKeys::None));
    }
}
