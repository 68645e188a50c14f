//! An access token of ours, presented to ours (RFC 6750): verified, and everything behind it still good.

use std::sync::Arc;

use sekisho_core::work::RevokedKind;
use sekisho_core::{Client, GrantId, Realm, User, session};
use sekisho_jose::claims::Claims;
use sekisho_jose::verify::{Expectation, verify};
use sekisho_protocol::Cause;
use uuid::Uuid;

use crate::Server;
use crate::server::OrCause;

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
    check_kind(server, realm, token, &["Bearer"]).await
}

/// The same for the kinds of token named (Keycloak's claim `typ`).
///
/// # Errors
/// As [`check`].
pub async fn check_kind(
    server: &Server,
    realm: &Realm,
    token: &str,
    kinds: &[&str],
) -> Result<Checked, Cause> {
    let algorithms = realm.keys.algorithms();
    let expectation = Expectation {
        issuer: &realm.issuer,
        audience: None,
        algorithms: &algorithms,
        types: &["JWT", "at+jwt"],
        token_types: kinds,
        leeway_seconds: 0,
    };
    let verified =
        verify(token, &realm.keys.verifying, &expectation, server.now()).map_err(|_| Cause::TokenInvalid)?;
    let claims = verified.into_claims();
    check_standing(server, realm, claims).await
}

async fn check_standing(server: &Server, realm: &Realm, claims: Claims) -> Result<Checked, Cause> {
    let client_id = claims.get("azp").and_then(|azp| azp.as_str()).ok_or(Cause::TokenInvalid)?;
    let client = server.store.client(realm, client_id).await.or_cause()?;
    let client = client.filter(|client| client.enabled).ok_or(Cause::TokenInvalid)?;
    let subject =
        claims.subject().and_then(|subject| Uuid::parse_str(subject).ok()).ok_or(Cause::TokenInvalid)?;
    let user = server.store.cached_user(realm, subject).await.or_cause()?;
    let user = user.filter(|user| user.enabled).ok_or(Cause::TokenInvalid)?;
    let issued = claims.issued().ok_or(Cause::TokenInvalid)?.seconds();
    if issued < realm.not_before.max(client.not_before).max(user.not_before) {
        return Err(Cause::TokenInvalid);
    }
    if is_revoked(server, realm, &claims, &client, &user) {
        return Err(Cause::TokenInvalid);
    }
    check_session(server, realm, &claims).await?;
    Ok(Checked { claims, client, user })
}

fn is_revoked(server: &Server, realm: &Realm, claims: &Claims, client: &Client, user: &User) -> bool {
    let revoked = |kind, key: &[u8]| server.store.revocations().contains(realm.id, kind, key);
    let jti = claims.jti().and_then(jti_uuid);
    let grant = jti.and_then(GrantId::of_jti).map(|(grant, _)| grant.uuid());
    jti.is_some_and(|jti| revoked(RevokedKind::Jti, jti.as_bytes()))
        || grant.is_some_and(|grant| revoked(RevokedKind::Grant, grant.as_bytes()))
        || revoked(RevokedKind::Client, client.id.as_bytes())
        || revoked(RevokedKind::User, user.id.as_bytes())
}

/// The UUID of a `jti`, behind Keycloak's `<kind>:` where there is one.
pub fn jti_uuid(jti: &str) -> Option<Uuid> {
    Uuid::parse_str(jti.rsplit(':').next()?).ok()
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
