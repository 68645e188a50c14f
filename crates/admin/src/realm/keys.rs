//! The keys of a realm document: components of type `org.keycloak.keys.KeyProvider`. Those that sign become
//! rows, with the component's id; their private halves leave the document. A provider that generates and
//! has no key gets one. What is for encryption is kept as it stands.

use std::collections::BTreeMap;

use sekisho_core::keys::{KeyState, KeyUse};
use sekisho_core::secrets;
use sekisho_jose::algorithm::Algorithm;
use sekisho_jose::base64url;
use sekisho_jose::key::{KeyError, SigningKey};
use sekisho_protocol::Timestamp;
use sekisho_protocol::keycloak::{ComponentExportRepresentation, RealmRepresentation};
use uuid::Uuid;

use super::{NewKeys, Warning};
use crate::keys::new::NewKey;
use crate::permit::Admin;
use crate::place::Place;
use crate::{AdminError, Context, Fault};
use sekisho_core::ids::row_id;

pub(super) const PROVIDER_TYPE: &str = "org.keycloak.keys.KeyProvider";

/// Where access tokens have an algorithm of their own; the attribute is ours (DESIGN §5.10).
const ACCESS_TOKEN_ALGORITHM: &str = "access.token.signed.response.alg";

/// A key provider whose keys sign.
pub(crate) struct Signer {
    pub(crate) provider: &'static str,
    /// The entry of its configuration that holds the private half.
    pub(crate) private: &'static str,
    /// The entry for the public half, where Keycloak wants one.
    pub(crate) public: Option<&'static str>,
    pub(crate) kind: Kind,
}

/// Which algorithms a provider is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Rsa,
    Ecdsa,
    Eddsa,
    Hmac,
}

pub(super) const SIGNERS: &[Signer] = &[
    Signer { provider: "rsa-generated", private: "privateKey", public: None, kind: Kind::Rsa },
    Signer { provider: "rsa", private: "privateKey", public: None, kind: Kind::Rsa },
    Signer {
        provider: "ecdsa-generated",
        private: "ecdsaPrivateKey",
        public: Some("ecdsaPublicKey"),
        kind: Kind::Ecdsa,
    },
    Signer {
        provider: "eddsa-generated",
        private: "eddsaPrivateKey",
        public: Some("eddsaPublicKey"),
        kind: Kind::Eddsa,
    },
    Signer { provider: "hmac-generated", private: "secret", public: None, kind: Kind::Hmac },
];

/// Takes the signing keys out of the document; the preferred come first.
pub(super) async fn take(
    context: &Context<'_>,
    realm: &mut RealmRepresentation,
    new_keys: NewKeys,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<NewKey>, AdminError> {
    let realm_id = row_id(Uuid::nil(), realm.id.as_deref().unwrap_or_default());
    complete(realm, new_keys, context);
    let mut ranked = Vec::new();
    let providers_place = Place::Top("components");
    let place = providers_place.member(PROVIDER_TYPE);
    for (index, component) in providers(realm).iter_mut().enumerate() {
        let place = place.element(index);
        let id = component.id.get_or_insert_with(|| context.fresh_id().to_string());
        let id = row_id(realm_id, id);
        match signer(component) {
            Some(signer) => {
                if let Some(mut key) = read(context, component, signer, id, &place).await? {
                    key.state = state(component);
                    ranked.push((priority(component), key));
                }
            }
            None if keeps_private_keys_elsewhere(component) => warnings.push(not_used(component)),
            None => {}
        }
    }
    ranked.sort_by_key(|(priority, _)| std::cmp::Reverse(*priority));
    let mut keys: Vec<NewKey> = ranked.into_iter().map(|(_, key)| key).collect();
    if keys.iter().all(|key| key.purpose != KeyUse::Refresh || key.state != KeyState::Active) {
        keys.push(NewKey::refresh(context, context.fresh_id()));
    }
    rank(&mut keys, context.now());
    Ok(keys)
}

/// The store prefers the newest key of an algorithm: each is dated a millisecond before the one preferred
/// to it.
fn rank(keys: &mut [NewKey], now: Timestamp) {
    for (older, key) in (0_i64..).zip(keys) {
        key.created = Timestamp(now.0 - older);
    }
}

pub(crate) fn providers(realm: &mut RealmRepresentation) -> &mut Vec<ComponentExportRepresentation> {
    realm.components.get_or_insert_default().entry(PROVIDER_TYPE.to_owned()).or_default()
}

/// The provider of the component, if its keys sign.
pub(crate) fn signer(component: &ComponentExportRepresentation) -> Option<&'static Signer> {
    let signs = entry(component, "keyUse").is_none_or(|purpose| purpose.eq_ignore_ascii_case("sig"));
    SIGNERS.iter().find(|signer| signs && component.provider_id.as_deref() == Some(signer.provider))
}

/// Whatever signs tokens has a key: Keycloak, too, makes one where a realm brings none.
fn complete(realm: &mut RealmRepresentation, new_keys: NewKeys, context: &Context<'_>) {
    let brings_keys = |realm: &mut RealmRepresentation| {
        providers(realm)
            .iter()
            .any(|component| signer(component).is_some_and(|signer| has(component, signer.private)))
    };
    if new_keys == NewKeys::Ours && !brings_keys(realm) {
        let attributes = realm.attributes.get_or_insert_default();
        let access_tokens = attributes.entry(ACCESS_TOKEN_ALGORITHM.to_owned());
        access_tokens.or_insert_with(|| Algorithm::Es256.name().to_owned());
    }
    let access_tokens =
        realm.attributes.as_ref().and_then(|attributes| attributes.get(ACCESS_TOKEN_ALGORITHM));
    let named = [realm.default_signature_algorithm.as_deref(), access_tokens.map(String::as_str)];
    for algorithm in named.map(|name| name.and_then(Algorithm::parse)).into_iter().flatten() {
        let there = providers(realm).iter().any(|component| {
            let signs = signer(component).and_then(|signer| wanted(component, signer.kind));
            signs == Some(algorithm) && state(component) == KeyState::Active
        });
        if !there && let Some(component) = component(algorithm, context.fresh_id()) {
            providers(realm).push(component);
        }
    }
}

/// Keys for what the realm signs with and is not among `signing`, the algorithms of its active keys; each with a provider that joins the document. As in
/// Keycloak, a realm is never without one.
pub(crate) async fn missing(
    admin: &Admin<'_>,
    realm: &mut RealmRepresentation,
    signing: &[&str],
) -> Result<Vec<NewKey>, AdminError> {
    let access_tokens =
        realm.attributes.as_ref().and_then(|attributes| attributes.get(ACCESS_TOKEN_ALGORITHM));
    let all = realm.default_signature_algorithm.as_deref().and_then(Algorithm::parse);
    let access_tokens = access_tokens.map(String::as_str).and_then(Algorithm::parse);
    let mut wanted = vec![Algorithm::Hs512, all.unwrap_or(Algorithm::Rs256)];
    wanted.extend(access_tokens.filter(|algorithm| !wanted.contains(algorithm)));
    let signs = |algorithm: Algorithm| signing.contains(&algorithm.name());
    let mut made = Vec::new();
    for algorithm in wanted.into_iter().filter(|algorithm| !signs(*algorithm)) {
        let id = admin.context.fresh_id();
        if let Some(component) = component(algorithm, id) {
            providers(realm).push(component);
            made.push(match algorithm {
                Algorithm::Hs512 => NewKey::refresh(&admin.context, id),
                pair => NewKey::signature(&admin.context, id, pair).await?,
            });
        }
    }
    Ok(made)
}

/// A provider that generates keys of this algorithm.
pub(crate) fn component(algorithm: Algorithm, id: Uuid) -> Option<ComponentExportRepresentation> {
    let (provider, settings) = match algorithm {
        Algorithm::Es256 => ("ecdsa-generated", ("ecdsaEllipticCurveKey", "P-256")),
        Algorithm::Es384 => ("ecdsa-generated", ("ecdsaEllipticCurveKey", "P-384")),
        Algorithm::Es512 => ("ecdsa-generated", ("ecdsaEllipticCurveKey", "P-521")),
        Algorithm::EdDsa => ("eddsa-generated", ("eddsaEllipticCurveKey", "Ed25519")),
        Algorithm::Hs256 | Algorithm::Hs384 => return None,
        Algorithm::Hs512 => ("hmac-generated", ("algorithm", "HS512")),
        rsa => ("rsa-generated", ("algorithm", rsa.name())),
    };
    let entries = [settings, ("priority", "100")];
    let config: BTreeMap<String, Vec<String>> =
        entries.into_iter().map(|(name, value)| (name.to_owned(), vec![value.to_owned()])).collect();
    Some(ComponentExportRepresentation {
        id: Some(id.to_string()),
        name: Some(format!("{provider}-{}", algorithm.name().to_ascii_lowercase())),
        provider_id: Some(provider.to_owned()),
        sub_components: Some(BTreeMap::new()),
        config: Some(config),
        ..Default::default()
    })
}

/// The key of a provider, read or made. `None` for a secret of an algorithm that signs nothing here.
pub(crate) async fn read(
    context: &Context<'_>,
    component: &mut ComponentExportRepresentation,
    signer: &Signer,
    id: Uuid,
    place: &Place<'_>,
) -> Result<Option<NewKey>, AdminError> {
    let config = place.member("config");
    let place = config.member(signer.private);
    let unreadable = |error: KeyError| place.has(Fault::Key(error));
    let Some(algorithm) = wanted(component, signer.kind) else {
        return if signer.kind == Kind::Hmac {
            Ok(None)
        } else {
            Err(unreadable(KeyError::UnsupportedAlgorithm))
        };
    };
    let kid = entry(component, "kid").map(str::to_owned);
    let private = component.config.as_mut().and_then(|config| config.remove(signer.private));
    let private =
        private.and_then(|values| values.into_iter().next()).filter(|text| !secrets::is_hidden(text));
    let mut key = match (private, signer.kind) {
        (None, Kind::Hmac) => NewKey::refresh(context, id),
        (None, _) => NewKey::signature(context, id, algorithm).await?,
        (Some(text), Kind::Hmac) => {
            let secret = base64url::decode(text.trim_end_matches('='))
                .ok_or_else(|| unreadable(KeyError::Malformed))?;
            SigningKey::symmetric(algorithm, "", &secret).map_err(unreadable)?;
            NewKey::of_secret(context, id, context.fresh_id().to_string(), secret)
        }
        (Some(text), _) => {
            let pair = SigningKey::from_pem(algorithm, &text).map_err(unreadable)?;
            NewKey::of_pair(context, id, pair)?
        }
    };
    if let Some(kid) = kid {
        key.kid = kid;
    }
    Ok(Some(key))
}

/// The algorithm that a provider's configuration asks for; `None` when it is none of ours.
pub(crate) fn wanted(component: &ComponentExportRepresentation, kind: Kind) -> Option<Algorithm> {
    match kind {
        Kind::Rsa => Algorithm::parse(entry(component, "algorithm").unwrap_or("RS256")),
        Kind::Hmac => {
            Algorithm::parse(entry(component, "algorithm")?).filter(|named| *named == Algorithm::Hs512)
        }
        Kind::Ecdsa => match entry(component, "ecdsaEllipticCurveKey").unwrap_or("P-256") {
            "P-256" => Some(Algorithm::Es256),
            "P-384" => Some(Algorithm::Es384),
            "P-521" => Some(Algorithm::Es512),
            _ => None,
        },
        Kind::Eddsa => {
            let curve = entry(component, "eddsaEllipticCurveKey").unwrap_or("Ed25519");
            (curve == "Ed25519").then_some(Algorithm::EdDsa)
        }
    }
}

pub(crate) fn state(component: &ComponentExportRepresentation) -> KeyState {
    match (entry(component, "enabled"), entry(component, "active")) {
        (Some("false"), _) => KeyState::Disabled,
        (_, Some("false")) => KeyState::Passive,
        _ => KeyState::Active,
    }
}

pub(crate) fn priority(component: &ComponentExportRepresentation) -> i64 {
    entry(component, "priority").and_then(|priority| priority.parse().ok()).unwrap_or(0)
}

/// Keys in a file on Keycloak's machine did not come along.
fn keeps_private_keys_elsewhere(component: &ComponentExportRepresentation) -> bool {
    component.provider_id.as_deref() == Some("java-keystore")
}

fn not_used(component: &ComponentExportRepresentation) -> Warning {
    Warning::KeysNotUsed {
        name: component.name.clone().unwrap_or_default(),
        provider: component.provider_id.clone().unwrap_or_default(),
    }
}

fn has(component: &ComponentExportRepresentation, name: &str) -> bool {
    entry(component, name).is_some_and(|text| !secrets::is_hidden(text))
}

pub(crate) fn entry<'a>(component: &'a ComponentExportRepresentation, name: &str) -> Option<&'a str> {
    component.config.as_ref()?.get(name)?.first().map(String::as_str)
}
