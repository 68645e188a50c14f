//! Client secrets that have an end: what the executor `secret-rotation` wants is carried out here, and asked
//! for when a client authenticates. Attributes and their meaning are Keycloak's; times are in seconds.

use sekisho_protocol::keycloak::{ClientRepresentation, Sensitive};
use sekisho_protocol::{Entropy, Timestamp};

use super::Client;
use super::complete::fresh_secret;
use super::register::SECRET_CREATED;
use crate::secret::Secret;

/// When the secret ends.
pub const ENDS: &str = "client.secret.expiration.time";
/// The secret that was good before.
pub const ROTATED: &str = "client.secret.rotated";
/// When that one was made.
pub const ROTATED_CREATED: &str = "client.secret.rotated.creation.time";
/// When that one ends.
pub const ROTATED_ENDS: &str = "client.secret.rotated.expiration.time";

/// How long secrets are good, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretLife {
    pub expiration: i64,
    /// For how long the one before goes on.
    pub rotated: i64,
    /// How long before its end a change of the client makes a new one.
    pub remaining: i64,
}

/// Gives the secret its end. One that is near it makes way for a new one, and whatever was good before goes on
/// for a while.
pub(super) fn renew(
    client: &mut ClientRepresentation,
    before: Option<&Secret>,
    life: SecretLife,
    entropy: &dyn Entropy,
    now: Timestamp,
) {
    let Some(mut secret) = client.secret.clone() else { return };
    let attributes = client.attributes.get_or_insert_default();
    let seconds = |attributes: &std::collections::BTreeMap<String, String>, name: &str| {
        attributes.get(name).and_then(|text| text.parse::<i64>().ok())
    };
    let near = seconds(attributes, ENDS).is_some_and(|ends| now.seconds() >= ends - life.remaining);
    let changed = before.is_some_and(|before| before.reveal() != secret.reveal());
    if near && !changed {
        secret = Sensitive::new(fresh_secret(entropy));
    }
    let created = attributes.get(SECRET_CREATED).cloned();
    let mut set = |name: &str, value: String| attributes.insert(name.to_owned(), value);
    match before {
        Some(before) if near || changed => {
            set(ROTATED, before.reveal().to_owned());
            set(ROTATED_ENDS, (now.seconds() + life.rotated).to_string());
            set(ENDS, (now.seconds() + life.expiration).to_string());
            if let Some(created) = created {
                set(ROTATED_CREATED, created);
            }
            set(SECRET_CREATED, now.seconds().to_string());
        }
        _ if seconds(attributes, ENDS).is_none() => {
            let ends = now.seconds() + life.expiration;
            attributes.insert(ENDS.to_owned(), ends.to_string());
        }
        _ => {}
    }
    client.secret = Some(secret);
}

/// Whether this is a secret of the client that is good now. All are compared whatever comes of the first, so that time
/// tells nothing.
pub(super) fn is_good(client: &Client, offered: &str, now: Timestamp) -> bool {
    good(client, now).fold(false, |found, secret| secret.matches(offered) | found)
}

/// The secrets that are good now: the client's own until its end, and the one before for as long as that goes on.
pub(super) fn good(client: &Client, now: Timestamp) -> impl Iterator<Item = &Secret> {
    let current = client.seconds(ENDS).is_none_or(|ends| now.seconds() < ends);
    let rotated = client.seconds(ROTATED_ENDS).is_some_and(|ends| now.seconds() < ends);
    let current = client.secret.as_ref().filter(|_| current);
    let rotated = client.rotated_secret.as_ref().filter(|_| rotated);
    current.into_iter().chain(rotated).filter(|secret| !secret.reveal().is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::client::tests::confidential;

    const LIFE: SecretLife = SecretLife { expiration: 1000, rotated: 500, remaining: 100 };
    const NOW: Timestamp = Timestamp(1_000_000_000);

    /// Drawn bytes are all the same here: a fresh secret is known by not being the old one.
    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    fn renewed(secret: &str, before: Option<&str>, ends: Option<i64>) -> (String, BTreeMap<String, String>) {
        let attributes = ends.map(|ends| (ENDS.to_owned(), ends.to_string())).into_iter().collect();
        let mut client = ClientRepresentation {
            secret: Some(Sensitive::new(secret.to_owned())),
            attributes: Some(attributes),
            ..ClientRepresentation::default()
        };
        renew(&mut client, before.map(Secret::new).as_ref(), LIFE, &Zeros, NOW);
        let secret = client.secret.expect("a secret").into_revealed();
        (secret, client.attributes.expect("attributes"))
    }

    #[test]
    fn a_secret_gets_its_end_and_makes_way_shortly_before_it() {
        let now = NOW.seconds();
        let (secret, attributes) = renewed("s", None, None);
        assert_eq!((secret.as_str(), attributes[ENDS].as_str()), ("s", (now + 1000).to_string().as_str()));
        let (secret, attributes) = renewed("s", Some("s"), Some(now + 101));
        assert_eq!((secret.as_str(), attributes.len()), ("s", 1), "fresh enough");
        for ends in [now + 100, now, now - 1] {
            let (secret, attributes) = renewed("s", Some("s"), Some(ends));
            assert_ne!(secret, "s", "{ends}");
            assert_eq!(attributes[ROTATED], "s");
            assert_eq!(attributes[ROTATED_ENDS], (now + 500).to_string());
            assert_eq!(attributes[ENDS], (now + 1000).to_string());
        }
    }

    #[test]
    fn a_secret_that_was_replaced_goes_on_for_a_while() {
        let (secret, attributes) = renewed("new", Some("old"), Some(NOW.seconds() + 900));
        assert_eq!((secret.as_str(), attributes[ROTATED].as_str()), ("new", "old"));
        let mut client = confidential("new");
        client.rotated_secret = Some(Secret::new("old"));
        client.attributes = attributes.into_iter().filter(|(name, _)| name != ROTATED).collect();
        for (offered, seconds, good) in [
            ("new", 0, true),
            ("new", 999, true),
            ("new", 1000, false),
            ("old", 499, true),
            ("old", 500, false),
            ("", 0, false),
            ("other", 0, false),
        ] {
            assert_eq!(
                is_good(&client, offered, NOW.plus_seconds(seconds)),
                good,
                "{offered} after {seconds}"
            );
        }
    }

    #[test]
    fn the_secret_before_is_not_good_without_an_end() {
        let mut client = confidential("s");
        client.rotated_secret = Some(Secret::new("old"));
        assert!(!is_good(&client, "old", NOW));
    }
}
