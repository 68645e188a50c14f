//! The mapper of pairwise subjects (OpenID Connect Core §8.1).

use md5::{Digest, Md5};
use sekisho_jose::hash::sha256;
use serde_json::json;
use url::Url;
use uuid::Builder;

use super::{Claims, Context, Destination, Mapper, Provider};
use crate::Client;

/// It has no switches: a subject that differs by sector must do so everywhere.
pub(super) const SHA256: Provider =
    Provider::new("oidc-sha256-pairwise-sub-mapper", pairwise).unless_said(&[
        Destination::AccessToken,
        Destination::LightweightAccessToken,
        Destination::IdToken,
        Destination::UserInfo,
    ]);

/// As Keycloak computes it, so that a user who comes with an import stays the same to every client: SHA-256
/// of sector, user and salt, folded into a UUIDv3 (RFC 9562 §5.3) without a namespace. MD5 only shortens
/// here; what must not be undone is the SHA-256 under it.
fn pairwise(mapper: &Mapper, context: &Context<'_>, claims: &mut Claims) {
    let salt = mapper.setting("pairwiseSubAlgorithmSalt").unwrap_or_default();
    let sector = sector(mapper, context.client);
    let hash = sha256(format!("{sector}{}{salt}", context.user.id).as_bytes());
    let subject = Builder::from_md5_bytes(Md5::digest(hash).into()).into_uuid();
    claims.set_path("sub", json!(subject));
}

/// The host of the sector identifier, else the one host of all redirect URIs. A client that has neither is
/// a sector of its own: it must not get the subject that another gets.
fn sector(mapper: &Mapper, client: &Client) -> String {
    let host = |uri: &str| Url::parse(uri.trim_end_matches('*')).ok()?.host_str().map(str::to_owned);
    if let Some(host) = mapper.setting("sectorIdentifierUri").and_then(host) {
        return host;
    }
    let absolute = |uri: &String| match &client.root_url {
        Some(root) if uri.starts_with('/') => format!("{}{uri}", root.trim_end_matches('/')),
        _ => uri.clone(),
    };
    let mut hosts: Vec<String> = client.redirect_uris.iter().filter_map(|uri| host(&absolute(uri))).collect();
    hosts.sort();
    hosts.dedup();
    match hosts.as_slice() {
        [one] => one.clone(),
        _ => client.client_id.clone(),
    }
}
