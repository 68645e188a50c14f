//! Tokens of this realm that come back to it: the one place that says what they must be.

use std::sync::Arc;

use sekisho_core::{GrantId, Realm, User};
use sekisho_jose::claims::Claims;
use sekisho_jose::verify::{Expectation, verify};
use sekisho_protocol::{Cause, Timestamp};
use uuid::Uuid;

use crate::Server;
use crate::server::OrCause;

/// Keycloak's `typ` of access tokens: as `token_type` of the answer, which some clients want in lower case.
pub const ACCESS: &[&str] = &["Bearer", "bearer"];
/// Its `typ` of ID tokens.
pub const ID: &[&str] = &["ID"];
/// Both.
pub const ACCESS_OR_ID: &[&str] = &["Bearer", "bearer", "ID"];

/// The claims of a token of this realm, of one of these kinds (claim `typ`) and within its life; `None` for
/// anything else.
pub fn read(realm: &Realm, token: &str, kinds: &[&str], now: Timestamp) -> Option<Claims> {
    // RFC 9068 §4: the header says what kind it is.
    checked(realm, token, (&["JWT", "at+jwt"], kinds), 0, now)
}

/// The claims of an ID token that stands as a hint: it may be long past its life (OpenID Connect Core
/// §3.1.2.1, RP-Initiated Logout 1.0 §2).
pub fn read_hint(realm: &Realm, token: &str, now: Timestamp) -> Option<Claims> {
    checked(realm, token, (&["JWT"], ID), i64::from(i32::MAX), now)
}

fn checked(
    realm: &Realm,
    token: &str,
    (types, token_types): (&[&str], &[&str]),
    leeway_seconds: i64,
    now: Timestamp,
) -> Option<Claims> {
    let algorithms = realm.keys.verifiable();
    let expectation = Expectation {
        issuer: &realm.issuer,
        audience: None,
        algorithms: &algorithms,
        types,
        token_types,
        leeway_seconds,
    };
    Some(verify(token, &realm.keys.verifying, &expectation, now).ok()?.into_claims())
}

/// Whether these are the claims of an access token.
pub fn is_access(claims: &Claims) -> bool {
    claims.token_type().is_some_and(|kind| ACCESS.contains(&kind))
}

/// Whose token it is: as its session says, or its grant; an access token with neither is its client's own.
/// `sub` may be written by a mapper, so it is believed only of a hint whose session is long gone.
///
/// # Errors
/// That the store failed.
pub async fn user_of(server: &Server, realm: &Realm, claims: &Claims) -> Result<Option<Arc<User>>, Cause> {
    let uuid = |text: Option<&str>| text.and_then(|text| Uuid::parse_str(text).ok());
    let of_session = match uuid(claims.session()) {
        Some(sid) => server.store.session(sid).await.or_cause()?.map(|session| session.user),
        None => None,
    };
    let id = match (of_session, grant_of(claims)) {
        (Some(user), _) => Some(user),
        (None, Some(grant)) => server.store.grant(grant).await.or_cause()?.map(|grant| grant.user),
        (None, None) => None,
    };
    if id.is_none() && is_access(claims) {
        return service_account_of(server, realm, claims).await;
    }
    let id = id.or_else(|| uuid(claims.subject()));
    match id {
        Some(id) => server.store.cached_user(realm, id).await.or_cause(),
        None => Ok(None),
    }
}

/// An access token without session and grant came of client credentials: it is its client's own.
async fn service_account_of(
    server: &Server,
    realm: &Realm,
    claims: &Claims,
) -> Result<Option<Arc<User>>, Cause> {
    let Some(client_id) = claims.get("azp").and_then(|azp| azp.as_str()) else { return Ok(None) };
    match server.store.client(realm, client_id).await.or_cause()? {
        Some(client) => server.store.service_account(&client).await.or_cause(),
        None => Ok(None),
    }
}

/// The UUID of a token's `jti`, behind Keycloak's `<kind>:` where there is one.
pub fn jti_of(claims: &Claims) -> Option<Uuid> {
    Uuid::parse_str(claims.jti()?.rsplit(':').next()?).ok()
}

/// The grant that the token came of.
pub fn grant_of(claims: &Claims) -> Option<GrantId> {
    jti_of(claims).and_then(GrantId::of_jti).map(|(grant, _)| grant)
}
