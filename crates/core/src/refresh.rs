//! Refresh tokens: a family and a generation (DESIGN §5.13, OAuth 2.1 §4.3.1, RFC 9700 §4.14.2).

use sekisho_jose::algorithm::Algorithm;
use sekisho_jose::claims::Claims;
use sekisho_jose::verify::{Expectation, Keys, verify};
use sekisho_protocol::{Cause, Scopes, Timestamp};
use uuid::Uuid;

use crate::client::{Client, ClientKind};
use crate::grant::Grant;
use crate::ids::GrantId;
use crate::realm::Realm;
use crate::work::{Guard, Work};

/// Seconds in which the generation just before gets the same successor once more: an answer lost on the
/// way must not end a session.
pub const GRACE: i64 = 10;
/// How often, at most.
pub const GRACE_USES: i64 = 3;

/// A refresh token whose signature is ours. Made by [`parse`] only.
#[derive(Clone, Debug)]
pub struct Presented {
    pub grant: GrantId,
    pub generation: i64,
    pub issued: Timestamp,
    pub scopes: Scopes,
}

/// What a presented generation means for its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The family does not rotate: the same generation goes on.
    Keep,
    /// The next generation.
    Rotate,
    /// The same successor, byte for byte.
    Repeat,
    /// An old generation: the family ends.
    Replayed,
}

/// Verifies a refresh token; a forged one is refused without a read.
///
/// # Errors
/// [`Cause::RefreshTokenExpired`] or [`Cause::RefreshTokenInvalid`].
pub fn parse(realm: &Realm, token: &str, now: Timestamp) -> Result<Presented, Cause> {
    let keys = Keys::new(realm.keys.refresh.iter().map(sekisho_jose::key::SigningKey::verifying).collect());
    let expectation = Expectation {
        issuer: &realm.issuer,
        audience: Some(&realm.issuer),
        algorithms: &[Algorithm::Hs512],
        types: &["JWT"],
        token_types: &["Refresh", "Offline"],
        leeway_seconds: 0,
    };
    let verified = verify(token, &keys, &expectation, now).map_err(|error| match error {
        sekisho_jose::TokenError::Expired => Cause::RefreshTokenExpired,
        _ => Cause::RefreshTokenInvalid,
    })?;
    presented(verified.claims()).ok_or(Cause::RefreshTokenInvalid)
}

fn presented(claims: &Claims) -> Option<Presented> {
    let jti = Uuid::parse_str(claims.jti()?).ok()?;
    let (grant, generation) = GrantId::of_jti(jti)?;
    let scopes = claims.scopes().collect();
    Some(Presented { grant, generation: i64::from(generation), issued: claims.issued()?, scopes })
}

/// Whether this client's families rotate: always for public clients, else where the realm says so.
pub fn rotates(realm: &Realm, client: &Client) -> bool {
    client.kind == ClientKind::Public || realm.tokens.revoke_refresh_token
}

/// What to do with the generation presented.
///
/// # Errors
/// [`Cause::RefreshTokenOfAnotherClient`], [`Cause::GrantRevoked`], [`Cause::TokenStale`] or
/// [`Cause::RefreshTokenExpired`].
pub fn decide(
    realm: &Realm,
    client: &Client,
    grant: &Grant,
    presented: &Presented,
    now: Timestamp,
) -> Result<Decision, Cause> {
    if grant.client != client.id || grant.realm != realm.id {
        return Err(Cause::RefreshTokenOfAnotherClient);
    }
    if grant.revoked.is_some() {
        return Err(Cause::GrantRevoked);
    }
    if presented.issued.seconds() < realm.not_before.max(client.not_before) {
        return Err(Cause::TokenStale);
    }
    if grant.expires.is_some_and(|expires| now >= expires) {
        return Err(Cause::RefreshTokenExpired);
    }
    let rotates = rotates(realm, client);
    Ok(match grant.generation - presented.generation {
        0 if rotates => Decision::Rotate,
        0 => Decision::Keep,
        1 if now < grant.issued.plus_seconds(GRACE) && grant.repeats < GRACE_USES => Decision::Repeat,
        _ => Decision::Replayed,
    })
}

/// The work that settles a rotation. Losing it means that another request was faster: read the family
/// again and decide anew.
pub fn rotate(grant: &Grant, expires: Option<Timestamp>, work: Uuid, now: Timestamp) -> Work {
    alive(Work::new(work), grant).guard(Guard::RotateGrant {
        grant: grant.id.uuid(),
        from: grant.generation,
        at: now,
        expires,
    })
}

/// The work that counts a repetition inside the grace.
pub fn repeat(grant: &Grant, work: Uuid) -> Work {
    alive(Work::new(work), grant).guard(Guard::RepeatRotation {
        grant: grant.id.uuid(),
        generation: grant.generation,
        at_most: GRACE_USES,
    })
}

/// A rotation makes a child of the session: a logout in between must not leave it alive.
fn alive(work: Work, grant: &Grant) -> Work {
    match grant.session {
        Some(session) => work.guard(Guard::TouchSession { session }),
        None => work,
    }
}

/// Until when the generation issued now may be used, `None` without an end.
pub fn expires(
    realm: &Realm,
    offline: bool,
    session_ends: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    let lifespans = &realm.lifespans;
    if offline {
        return lifespans.offline_max.map(|_| now.plus_seconds(lifespans.offline_idle));
    }
    let idle = Some(lifespans.client_session_idle).filter(|life| *life > 0).unwrap_or(lifespans.session_idle);
    let ends = now.plus_seconds(idle);
    Some(session_ends.map_or(ends, |session_ends| ends.min(session_ends)))
}
