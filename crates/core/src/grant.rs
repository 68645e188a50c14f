//! A grant: the handle by which everything that came of one authorization is revoked (DESIGN §5.6), and
//! the family of its refresh token (§5.13).

use sekisho_protocol::{Scopes, Timestamp};
use uuid::Uuid;

use crate::ids::GrantId;
use crate::work::{Guard, RevokedKind, Work, Write};

/// A grant row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub id: GrantId,
    pub realm: Uuid,
    pub client: Uuid,
    pub user: Uuid,
    /// `None` once it is offline: it outlives the session.
    pub session: Option<Uuid>,
    /// The session's public id, kept for `sid` also when offline.
    pub sid: Uuid,
    pub scopes: Scopes,
    pub resources: Vec<String>,
    pub offline: bool,
    pub auth_time: Timestamp,
    pub created: Timestamp,
    /// The generation of the refresh token that is good now; starts at 1.
    pub generation: i64,
    /// When that generation was issued: its `iat`.
    pub issued: Timestamp,
    /// How often the last rotation was repeated inside the grace.
    pub repeats: i64,
    pub expires: Option<Timestamp>,
    pub revoked: Option<Timestamp>,
}

/// Revokes a grant on every node. Shared by revocation, code and refresh replay, consent withdrawal.
pub fn revoke(realm: Uuid, grant: GrantId, work: Uuid, now: Timestamp) -> Work {
    Work::new(work)
        .write(Write::MarkGrantRevoked { grant: grant.uuid(), at: now })
        .write(revocation(realm, grant, now))
}

/// The same, won by one caller only: the answer tells whether this call did it.
pub fn revoke_once(realm: Uuid, grant: GrantId, work: Uuid, now: Timestamp) -> Work {
    Work::new(work)
        .guard(Guard::RevokeGrant { grant: grant.uuid(), at: now })
        .write(revocation(realm, grant, now))
}

/// Access tokens of the grant are refused as long as one could live.
fn revocation(realm: Uuid, grant: GrantId, now: Timestamp) -> Write {
    Write::Revoke {
        realm,
        kind: RevokedKind::Grant,
        key: grant.uuid().as_bytes().to_vec(),
        at: now,
        expires: now.plus_seconds(MAX_ACCESS_TOKEN_LIFE),
    }
}

/// Seconds; revocations are remembered at least so long, so no access token may live longer.
pub const MAX_ACCESS_TOKEN_LIFE: i64 = 30 * 24 * 3600;
