//! Browser sessions: what single sign-on rests on.

use sekisho_protocol::Timestamp;
use uuid::Uuid;

use crate::realm::{Lifespans, Realm};
use crate::work::{Guard, RevokedKind, Work, Write};

/// A browser session. The cookie is 32 random bytes whose hash the row keeps; `id` is public (`sid`) and
/// opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: Uuid,
    pub realm: Uuid,
    pub user: Uuid,
    pub cookie_hash: [u8; 32],
    pub state: SessionState,
    pub created: Timestamp,
    /// When the user last proved who they are.
    pub auth_time: Timestamp,
    /// Coarse: moved at most once a minute.
    pub seen: Timestamp,
    pub expires: Timestamp,
    pub remember_me: bool,
    /// Methods used (RFC 8176).
    pub amr: Vec<String>,
    pub ip_address: String,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// A first factor was right, another is due.
    Pending,
    Active,
    Ended,
}

/// Proof that a session is active and within its lives. Made by [`check`] only.
#[derive(Clone, Debug)]
pub struct ActiveSession(Session);

/// Whether the session is good at this time.
pub fn check(realm: &Realm, session: Session, now: Timestamp) -> Option<ActiveSession> {
    let idle = idle_life(&realm.lifespans, session.remember_me);
    let alive = session.realm == realm.id
        && session.state == SessionState::Active
        && now < session.expires
        && now < session.seen.plus_seconds(idle)
        && session.created.seconds() >= realm.not_before;
    alive.then_some(ActiveSession(session))
}

/// Seconds after which `seen` of an active session moves: a sign of life is not written at every request.
const SEEN_STEP: i64 = 60;

/// The longest that a session made now may live.
pub fn expires(lifespans: &Lifespans, remember_me: bool, now: Timestamp) -> Timestamp {
    let longer = remember_me && lifespans.session_max_remember_me > 0;
    now.plus_seconds(if longer { lifespans.session_max_remember_me } else { lifespans.session_max })
}

/// Seconds without a sign of life after which a session is over.
pub fn idle_life(lifespans: &Lifespans, remember_me: bool) -> i64 {
    let longer = remember_me && lifespans.session_idle_remember_me > 0;
    if longer { lifespans.session_idle_remember_me } else { lifespans.session_idle }
}

/// Ends a session: its grants die with it, on every node. Shared by logout, "delete user" and "revoke
/// this agent".
pub fn end(session: &Session, work: Uuid, now: Timestamp) -> Work {
    Work::new(work)
        .guard(Guard::EndSession { session: session.id, at: now })
        .write(Write::RevokeGrantsOfSession { session: session.id, at: now })
        .write(Write::Revoke {
            realm: session.realm,
            kind: RevokedKind::Session,
            key: session.id.as_bytes().to_vec(),
            at: now,
            expires: session.expires.plus_seconds(3600),
        })
}

impl ActiveSession {
    /// The session behind the proof.
    pub const fn session(&self) -> &Session {
        &self.0
    }

    /// The write that a sign of life is worth now, if any.
    pub fn see(&self, now: Timestamp) -> Option<Write> {
        let due = now >= self.0.seen.plus_seconds(SEEN_STEP);
        due.then_some(Write::SeeSession { session: self.0.id, at: now })
    }

    /// Seconds since the user proved who they are.
    pub const fn age(&self, now: Timestamp) -> i64 {
        now.seconds_since(self.0.auth_time)
    }
}

impl SessionState {
    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }

    /// From its stored name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Active, Self::Ended].into_iter().find(|known| known.name() == name)
    }
}
