//! An access token of ours, presented to ours (RFC 6750): verified, and everything behind it still good.

use std::sync::Arc;

use sekisho_core::access::{self, Caller};
use sekisho_core::scope::GrantedScopes;
use sekisho_core::work::RevokedKind;
use sekisho_core::{Client, GrantId, Realm, User, session};
use sekisho_jose::base64url;
use sekisho_jose::claims::Claims;
use sekisho_protocol::Cause;
use uuid::Uuid;

use crate::server::OrCause;
use crate::{Server, own_token};

/// A token whose client, user, session and grant are all still good. Made by [`check`] only.
pub struct Checked {
    pub claims: Claims,
    pub client: Arc<Client>,
    pub user: Arc<User>,
}

/// Reads `Authorization: Bearer …` exactly (attack 39): one scheme, one space, one token.
pub fn token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let plain = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    (scheme.eq_ignore_ascii_case("bearer") && plain).then_some(token)
}

/// Verifies an access token and asks whether what stands behind it is still good (DESIGN §5.6).
///
/// # Errors
/// [`Cause::TokenInvalid`], [`Cause::TokenRevoked`], or that the store failed.
pub async fn check(server: &Server, realm: &Realm, token: &str) -> Result<Checked, Cause> {
    let claims = own_token::read(realm, token, own_token::ACCESS, server.now()).ok_or(Cause::TokenInvalid)?;
    check_standing(server, realm, claims).await
}

/// The same for claims that were verified before.
///
/// # Errors
/// As [`check`].
pub async fn check_standing(server: &Server, realm: &Realm, claims: Claims) -> Result<Checked, Cause> {
    let client_id = claims.get("azp").and_then(|azp| azp.as_str()).ok_or(Cause::TokenInvalid)?;
    let client = server.store.client(realm, client_id).await.or_cause()?;
    let client = client.filter(|client| client.enabled).ok_or(Cause::TokenInvalid)?;
    check_session(server, realm, &claims).await?;
    let user = own_token::user_of(server, realm, &claims).await?;
    let user = user.filter(|user| user.enabled).ok_or(Cause::TokenInvalid)?;
    let issued = claims.issued().ok_or(Cause::TokenInvalid)?.seconds();
    if issued < realm.not_before.max(client.not_before).max(user.not_before) {
        return Err(Cause::TokenInvalid);
    }
    if is_revoked(server, realm, &claims, &client, &user) {
        return Err(Cause::TokenInvalid);
    }
    Ok(Checked { claims, client, user })
}

/// Who administers: the token may be of any realm, which its `iss` names; that realm's keys say whether it is
/// true.
///
/// # Errors
/// As [`check`]; a realm that is not served counts as a token that is not good.
pub async fn check_administrator(server: &Server, token: &str, address: &str) -> Result<Caller, Cause> {
    let name = issuing_realm(token).ok_or(Cause::TokenInvalid)?;
    let realm = server.store.realm(&name).await.or_cause()?;
    let realm = realm.filter(|realm| realm.enabled).ok_or(Cause::TokenInvalid)?;
    let checked = check(server, &realm, token).await?;
    let scopes = scopes_of(&checked);
    Ok(access::check(realm, checked.client, checked.user, &scopes, address.to_owned()))
}

/// The realm that a token says it is of; nothing is believed yet.
fn issuing_realm(token: &str) -> Option<String> {
    let payload = base64url::decode(token.split('.').nth(1)?)?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    let issuer = claims.get("iss")?.as_str()?;
    let name = issuer.rsplit_once("/realms/").map(|(_, name)| name)?;
    let decoded = url::form_urlencoded::parse(format!("n={}", name.replace('+', "%2B")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned());
    decoded.filter(|name| !name.is_empty())
}

fn is_revoked(server: &Server, realm: &Realm, claims: &Claims, client: &Client, user: &User) -> bool {
    let revoked = |kind, key: &[u8]| server.store.revocations().contains(realm.id, kind, key);
    let jti = own_token::jti_of(claims);
    let grant = own_token::grant_of(claims).map(GrantId::uuid);
    jti.is_some_and(|jti| revoked(RevokedKind::Jti, jti.as_bytes()))
        || grant.is_some_and(|grant| revoked(RevokedKind::Grant, grant.as_bytes()))
        || revoked(RevokedKind::Client, client.id.as_bytes())
        || revoked(RevokedKind::User, user.id.as_bytes())
}

/// An online token dies with its session; an offline one (`of…` in its `jti`) does not.
async fn check_session(server: &Server, realm: &Realm, claims: &Claims) -> Result<(), Cause> {
    let Some(sid) = claims.session() else { return Ok(()) };
    if claims.jti().is_some_and(|jti| jti.starts_with("of")) {
        return Ok(());
    }
    let sid = Uuid::parse_str(sid).map_err(|_| Cause::TokenInvalid)?;
    let stored = server.store.session(sid).await.or_cause()?.ok_or(Cause::TokenRevoked)?;
    session::check(realm, stored, server.now()).map(|_| ()).ok_or(Cause::TokenRevoked)
}

/// The scopes of a checked token: those that it names, and the client's own that stand in no token.
pub fn scopes_of(checked: &Checked) -> GrantedScopes {
    let hidden = checked.client.default_scopes.iter().map(String::as_str);
    GrantedScopes::from_stored(&checked.claims.scopes().chain(hidden).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authorization_header_is_read_exactly() {
        for (header, read) in [
            ("Bearer abc", Some("abc")),
            ("bearer abc", Some("abc")),
            ("Bearer  abc", None),
            ("Bearer\tabc", None),
            ("Bearer abc def", None),
            ("Bearer ", None),
            ("Bearer", None),
            ("Basic abc", None),
        ] {
            assert_eq!(token(header), read, "{header:?}");
        }
    }
}
