//! Refresh tokens: a family and a generation (DESIGN §5.13, OAuth 2.1 §4.3.1, RFC 9700 §4.14.2).

use sekisho_jose::{UnverifiedToken, verify_signature};
use sekisho_protocol::{Cause, Scopes, Timestamp};
use serde::Deserialize;
use uuid::Uuid;

use crate::client::{Client, ClientKind};
use crate::grant::Grant;
use crate::ids::GrantId;
use crate::realm::Realm;
use crate::work::{Guard, Work, Write};

/// Seconds in which the generation just before gets the same successor once more: an answer lost on the
/// way must not end a session.
pub const GRACE: i64 = 10;
/// How often, at most.
pub const GRACE_USES: i64 = 3;
/// Seconds by which the row of a family that does not rotate may lag behind its tokens: not every refresh
/// is worth a write.
const LAG: i64 = 60;

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

/// What a refresh token says. Nothing is left open: only this realm writes them.
#[derive(Deserialize)]
struct Claims {
    exp: Option<i64>,
    iat: i64,
    jti: Uuid,
    iss: String,
    aud: String,
    typ: Kind,
    scope: Scopes,
}

/// Keycloak's `typ` of refresh tokens.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum Kind {
    Refresh,
    /// One that outlives the session; it may be without an end.
    Offline,
}

/// Verifies a refresh token; a forged one is refused without a read.
///
/// # Errors
/// [`Cause::RefreshTokenExpired`] or [`Cause::RefreshTokenInvalid`].
pub fn parse(realm: &Realm, token: &str, now: Timestamp) -> Result<Presented, Cause> {
    let claims = verify(realm, token).ok_or(Cause::RefreshTokenInvalid)?;
    if claims.iss != realm.issuer || claims.aud != realm.issuer {
        return Err(Cause::RefreshTokenInvalid);
    }
    match claims.exp {
        None if claims.typ == Kind::Refresh => return Err(Cause::RefreshTokenInvalid),
        Some(expires) if now >= Timestamp::from_seconds(expires) => return Err(Cause::RefreshTokenExpired),
        None | Some(_) => {}
    }
    let (grant, generation) = GrantId::of_jti(claims.jti).ok_or(Cause::RefreshTokenInvalid)?;
    Ok(Presented {
        grant,
        generation: i64::from(generation),
        issued: Timestamp::from_seconds(claims.iat),
        scopes: claims.scope,
    })
}

/// The claims of a token that is signed with one of the realm's keys for refresh tokens. Such keys sign beside
/// them only tokens of registration, whose `typ` is another; the algorithm is theirs, not the token's to choose.
fn verify(realm: &Realm, token: &str) -> Option<Claims> {
    let token = UnverifiedToken::parse(token).ok()?;
    let kid = token.header().kid.as_deref()?;
    let key = realm.keys.refresh.iter().find(|key| key.kid() == kid)?;
    verify_signature(&token, &key.verifying()).ok()?.parse().ok()
}

/// Whether this client's families rotate: always for public clients, else where the realm says so.
pub fn rotates(realm: &Realm, client: &Client) -> bool {
    client.kind == ClientKind::Public || realm.tokens.revoke_refresh_token
}

/// What to do with the generation presented. How long the token itself may live was checked by [`parse`];
/// until when the row must be kept is another matter.
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
    // Without a longest life an offline token has no `exp` (as Keycloak writes it), but an idle time.
    if grant.offline && now >= presented.issued.plus_seconds(realm.lifespans.offline_idle) {
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

/// The work that keeps the row of a family that does not rotate, `None` while it is kept long enough: a
/// family whose row is purged ends, however young its last token is. Losing it means that the grant was
/// revoked meanwhile.
pub fn keep(grant: &Grant, expires: Option<Timestamp>, work: Uuid) -> Option<Work> {
    let (kept, needed) = (grant.expires?, expires?);
    let grant = grant.id.uuid();
    let extended = Work::new(work)
        .guard(Guard::TouchGrant { grant })
        .write(Write::ExtendGrant { grant, expires: needed });
    (needed >= kept.plus_seconds(LAG)).then_some(extended)
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

/// Until when the generation issued now may be used: an offline family by its idle time and the longest
/// life of its realm, counted from `created`; another one by its idle time and its session.
pub fn expires(
    realm: &Realm,
    offline: bool,
    session_ends: Option<Timestamp>,
    created: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let lifespans = &realm.lifespans;
    if offline {
        let idle_ends = now.plus_seconds(lifespans.offline_idle);
        return Some(
            lifespans.offline_max.map_or(idle_ends, |life| idle_ends.min(created.plus_seconds(life))),
        );
    }
    let idle = Some(lifespans.client_session_idle).filter(|life| *life > 0).unwrap_or(lifespans.session_idle);
    let ends = now.plus_seconds(idle);
    Some(session_ends.map_or(ends, |session_ends| ends.min(session_ends)))
}
