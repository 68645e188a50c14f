//! The two tokens of dynamic registration, as Keycloak writes them: the one that lets register (RFC 7591 §3), and the
//! one with which a client reads and changes its own registration (RFC 7592).

use sekisho_jose::hash::{constant_time_eq, sha256};
use sekisho_jose::{UnverifiedToken, jws, verify_signature};
use sekisho_protocol::ports::draw;
use sekisho_protocol::{Entropy, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Realm;
use crate::ids;
use crate::work::{InitialAccessRecord, Registration};

/// Whose registration policies are asked: of those who came without a token, or with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    Anonymous,
    Authenticated,
}

/// Where a registration access token is good. A client registered by metadata must not be widened by a document that
/// has more members (attack 44).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Client metadata (RFC 7591).
    OpenidConnect,
    /// Keycloak's own representation of a client.
    Default,
}

/// A token of this realm, by what it is for. Made by [`read`] only.
pub enum Presented {
    /// Lets clients be registered; whether it still does only the store knows.
    InitialAccess(Uuid),
    Registration(RegistrationToken),
}

/// A registration access token whose signature is ours; whether it is the one that is good now,
/// [`RegistrationToken::is_of`] says.
pub struct RegistrationToken {
    jti: Uuid,
    pub standing: Standing,
    /// Origins whose pages may use it.
    pub origins: Vec<String>,
}

/// A new registration access token, and what is kept of it.
pub struct Issued {
    pub token: String,
    pub digest: Vec<u8>,
}

/// Keycloak's `typ` of these tokens.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    InitialAccessToken,
    RegistrationAccessToken,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    /// 0: never.
    exp: i64,
    iat: i64,
    jti: Uuid,
    iss: String,
    aud: String,
    typ: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registration_auth: Option<Standing>,
    #[serde(default, rename = "allowed-origins", skip_serializing_if = "Option::is_none")]
    allowed_origins: Option<Vec<String>>,
}

/// Reads a token: of this realm, of one of these two kinds and within its life; `None` for anything else.
pub fn read(realm: &Realm, token: &str, now: Timestamp) -> Option<Presented> {
    let token = UnverifiedToken::parse(token).ok()?;
    let kid = token.header().kid.as_deref()?;
    let key = realm.keys.refresh.iter().find(|key| key.kid() == kid)?;
    let claims: Claims = verify_signature(&token, &key.verifying()).ok()?.parse().ok()?;
    let is_over = claims.exp != 0 && now >= Timestamp::from_seconds(claims.exp);
    if is_over || claims.iss != realm.issuer || claims.aud != realm.issuer {
        return None;
    }
    Some(match claims.typ {
        Kind::InitialAccessToken => Presented::InitialAccess(claims.jti),
        Kind::RegistrationAccessToken => Presented::Registration(RegistrationToken {
            jti: claims.jti,
            standing: claims.registration_auth?,
            origins: claims.allowed_origins.unwrap_or_default(),
        }),
    })
}

/// The token that stands for a record; `None` when the realm cannot sign: a defect.
pub fn initial_access(realm: &Realm, record: &InitialAccessRecord) -> Option<String> {
    let exp = record.expires.map_or(0, Timestamp::seconds);
    sign(realm, record.created, Kind::InitialAccessToken, |claims| {
        claims.exp = exp;
        claims.jti = record.id;
    })
}

/// A new registration access token, good at one provider, or at both where an administrator makes it. `None` when
/// the realm cannot sign: a defect.
pub fn registration_access(
    realm: &Realm,
    provider: Option<Provider>,
    (standing, origins): (Standing, Vec<String>),
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Option<Issued> {
    let jti = ids::random(draw(entropy));
    let token = sign(realm, now, Kind::RegistrationAccessToken, |claims| {
        claims.jti = jti;
        claims.registration_auth = Some(standing);
        claims.allowed_origins = Some(origins);
    })?;
    Some(Issued { token, digest: digest(provider, jti) })
}

fn sign(realm: &Realm, now: Timestamp, typ: Kind, fill: impl FnOnce(&mut Claims)) -> Option<String> {
    let mut claims = Claims {
        exp: 0,
        iat: now.seconds(),
        jti: Uuid::nil(),
        iss: realm.issuer.clone(),
        aud: realm.issuer.clone(),
        typ,
        registration_auth: None,
        allowed_origins: None,
    };
    fill(&mut claims);
    jws::sign(realm.keys.refresh.first()?, "JWT", &claims).ok()
}

/// What is kept of a token: where it is good is part of what is hashed.
fn digest(provider: Option<Provider>, jti: Uuid) -> Vec<u8> {
    let provider = provider.map_or("", Provider::name);
    sha256(format!("{provider} {jti}").as_bytes()).to_vec()
}

impl RegistrationToken {
    /// Whether it is the one that is good now for a client, at this provider.
    pub fn is_of(&self, registration: &Registration, provider: Provider) -> bool {
        let Some(kept) = &registration.token else { return false };
        let [here, anywhere] = [Some(provider), None].map(|provider| digest(provider, self.jti));
        constant_time_eq(kept, &here) | constant_time_eq(kept, &anywhere)
    }
}

impl Provider {
    /// As paths have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenidConnect => "openid-connect",
            Self::Default => "default",
        }
    }

    /// From the path.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::OpenidConnect, Self::Default].into_iter().find(|provider| provider.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use sekisho_jose::Algorithm;
    use sekisho_jose::key::SigningKey;
    use sekisho_testkit::SeededEntropy;
    use serde_json::json;

    use super::*;
    use crate::policy::tests::realm;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn signing(issuer: &str) -> Realm {
        let key = SigningKey::symmetric(Algorithm::Hs512, "k", &[7; 64]).expect("a key");
        let mut realm = realm(&json!({"realm": "r"}));
        realm.keys.refresh = vec![key];
        issuer.clone_into(&mut realm.issuer);
        realm
    }

    fn registration(realm: &Realm, provider: Option<Provider>) -> (RegistrationToken, Registration) {
        let about = (Standing::Anonymous, vec!["https://a".to_owned()]);
        let entropy = SeededEntropy::new(1);
        let issued = registration_access(realm, provider, about, &entropy, NOW).expect("signed");
        let Some(Presented::Registration(token)) = read(realm, &issued.token, NOW) else {
            panic!("unreadable")
        };
        (token, Registration { token: Some(issued.digest), ..Registration::default() })
    }

    /// Attack 44: a token of one provider must not widen fields at the other.
    #[test]
    fn a_token_is_good_where_it_was_made_for() {
        let realm = signing("https://as/r");
        for (made_for, at_metadata, at_documents) in [
            (Some(Provider::OpenidConnect), true, false),
            (Some(Provider::Default), false, true),
            (None, true, true),
        ] {
            let (token, kept) = registration(&realm, made_for);
            assert_eq!(token.is_of(&kept, Provider::OpenidConnect), at_metadata, "{made_for:?}");
            assert_eq!(token.is_of(&kept, Provider::Default), at_documents, "{made_for:?}");
            assert!(!token.is_of(&Registration::default(), Provider::OpenidConnect));
        }
    }

    #[test]
    fn a_token_of_another_realm_or_past_its_life_is_none() {
        let realm = signing("https://as/r");
        let record = InitialAccessRecord {
            id: Uuid::from_u128(5),
            realm: realm.id,
            created: NOW,
            expires: Some(NOW.plus_seconds(60)),
            count: 1,
            remaining: 1,
            web_origins: Vec::new(),
        };
        let token = initial_access(&realm, &record).expect("signed");
        assert!(matches!(read(&realm, &token, NOW), Some(Presented::InitialAccess(id)) if id == record.id));
        assert!(read(&realm, &token, NOW.plus_seconds(60)).is_none());
        assert!(read(&signing("https://as/other"), &token, NOW).is_none());
        // A refresh token is signed with the same key, and is none either.
        assert!(crate::refresh::parse(&realm, &token, NOW).is_err());
    }
}
