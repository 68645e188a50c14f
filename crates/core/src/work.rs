//! A mutation as a value: guards that settle the race, then writes (DESIGN §5.4). Built here, run by the
//! store in one call; SQL is written there.

mod records;

use sekisho_protocol::Timestamp;
use uuid::Uuid;

pub use records::*;

/// All of it or nothing. The id is kept by guard rows, so that a re-run after a lost COMMIT answer knows
/// that it won.
#[derive(Clone)]
pub struct Work {
    pub id: Uuid,
    pub guards: Vec<Guard>,
    pub writes: Vec<Write>,
}

/// How a work ended.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Won,
    /// The guard with this index decided against it; nothing was written.
    Lost(usize),
    /// Nobody can tell; nothing may be revoked on it.
    Unknown,
}

/// What may be used only once. The namespace is the type (attacks 4, 10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SingleUse {
    /// An authorization code.
    Code,
    /// A client assertion (RFC 7523 §3).
    ClientAssertion,
    /// A confirmation form of logout.
    LogoutForm,
    /// The creation of a realm by name, so that two imports do not mix.
    RealmName,
}

/// What a revocation names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RevokedKind {
    Jti,
    Grant,
    Session,
    User,
    Client,
}

/// A statement whose row count decides.
#[derive(Clone)]
pub enum Guard {
    /// First use wins. Kept an hour past expiry, so that a clock set back cannot revive it.
    UseOnce { kind: SingleUse, realm: Uuid, key: Vec<u8>, keep_until: Timestamp },
    /// The parent of what is made is still alive.
    TouchSession { session: Uuid },
    /// The user is still there and enabled.
    TouchUser { user: Uuid },
    /// The user is still as read: for what is decided on that. Whoever gives or takes roles or groups needs
    /// it, or other nodes do not notice.
    ChangeUser { user: Uuid, version: i64 },
    /// The client is still as read: for what is decided on that.
    ChangeClient { client: Uuid, version: i64 },
    /// A client that registered itself was still never used.
    StillUnused { client: Uuid },
    /// Nobody else counts the realm's clients until this work has ended.
    HoldRealm { realm: Uuid },
    /// The realm has no more clients than this, those of this work included. Behind [`Guard::HoldRealm`], or two
    /// works could both be the last that fits.
    RoomForClient { realm: Uuid, most: i64 },
    /// One more client may be registered with this token of the realm.
    UseInitialAccess { id: Uuid, realm: Uuid, at: Timestamp },
    /// The grant is still alive.
    TouchGrant { grant: Uuid },
    /// An active session becomes an ended one.
    EndSession { session: Uuid, at: Timestamp },
    /// The next generation of a refresh token.
    RotateGrant { grant: Uuid, from: i64, at: Timestamp, expires: Option<Timestamp> },
    /// The same successor once more, inside the grace.
    RepeatRotation { grant: Uuid, generation: i64, at_most: i64 },
    /// A living grant becomes a revoked one.
    RevokeGrant { grant: Uuid, at: Timestamp },
    /// A login attempt is reserved before the password is hashed.
    ReserveAttempt { realm: Uuid, key: Vec<u8>, at: Timestamp, limit: i64 },
    /// The realm's revision moves by one; the realm is there.
    MoveRealm { realm: Uuid },
    /// The same, while nobody else moved it: for what is decided on what was read.
    MoveRealmFrom { realm: Uuid, revision: i64 },
    /// The realm is still being imported, and by the import that began it at this time: another one that
    /// began anew takes the realm away from it.
    ContinueImport { realm: Uuid, begun: Timestamp },
    /// A row that must not be there yet.
    Insert(Box<Record>),
}

/// A statement that runs once the guards have decided.
#[derive(Clone)]
pub enum Write {
    Insert(Box<Record>),
    /// Takes the place of a row with the same id.
    Replace(Box<Record>),
    RevokeGrantsOfSession {
        session: Uuid,
        at: Timestamp,
    },
    /// Grants of a user, offline ones too; their access tokens are refused on every node.
    RevokeGrantsOfUser {
        user: Uuid,
        at: Timestamp,
    },
    /// The same of one client, where `offline` only those that outlive their session.
    RevokeGrantsOfUserAtClient {
        user: Uuid,
        client: Uuid,
        at: Timestamp,
        offline: bool,
    },
    /// Grants of a client. Access tokens that are out live on: goes with a revocation of the client, or with its
    /// `notBefore`.
    RevokeGrantsOfClient {
        client: Uuid,
        at: Timestamp,
    },
    /// Sessions of a user with their grants, on every node.
    EndSessionsOfUser {
        user: Uuid,
        at: Timestamp,
    },
    /// Every session of a realm with its grants. Access tokens that are out live on: goes with the realm's
    /// `notBefore`.
    EndSessionsOfRealm {
        realm: Uuid,
    },
    Revoke {
        realm: Uuid,
        kind: RevokedKind,
        key: Vec<u8>,
        at: Timestamp,
        expires: Timestamp,
    },
    /// Marks a grant revoked where a guard on it is not what decides.
    MarkGrantRevoked {
        grant: Uuid,
        at: Timestamp,
    },
    /// A grant's row is kept longer, never shorter.
    ExtendGrant {
        grant: Uuid,
        expires: Timestamp,
    },
    SaveConsent(ConsentRecord),
    SeeSession {
        session: Uuid,
        at: Timestamp,
    },
    /// When a client was first used, once and for all. Does not move its version.
    UseClient {
        client: Uuid,
        at: Timestamp,
    },
    /// Whoever has the role itself has changed; before the role goes, or other nodes do not notice.
    TouchUsersOfRole {
        role: Uuid,
        at: Timestamp,
    },
    /// Whoever is in the group itself has changed; before the group goes, or other nodes do not notice.
    TouchMembersOfGroup {
        group: Uuid,
        at: Timestamp,
    },
    SettleAttempt {
        realm: Uuid,
        key: Vec<u8>,
        outcome: AttemptOutcome,
    },
    SetKeyState {
        key: Uuid,
        state: &'static str,
        at: Timestamp,
    },
    SetRealmState {
        realm: Uuid,
        importing: bool,
    },
    Delete(Deletion),
}

/// Rows that go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// Passwords of a user, before a new one is stored.
    Passwords { user: Uuid },
    /// One credential of a user.
    Credential { id: Uuid, user: Uuid },
    /// Every role that was given to a user itself.
    UserRoles { user: Uuid },
    /// One role that was given to a user itself.
    UserRole { user: Uuid, role: Uuid },
    /// Every group that a user is in.
    UserGroups { user: Uuid },
    /// One group that a user is in.
    UserGroup { user: Uuid, group: Uuid },
    /// What a user agreed to for a client, of every resource.
    Consents { user: Uuid, client: Uuid },
    /// One user with all that hangs on it; sessions end, grants are revoked. Goes with a revocation of the user,
    /// or other nodes do not notice.
    User { user: Uuid },
    /// One client with its roles and what was agreed to for it; grants are revoked. Its service account is a user
    /// and goes as one. Goes with a revocation of the client, or other nodes do not notice.
    Client { client: Uuid },
    /// One client scope; clients name it in their documents.
    Scope { scope: Uuid },
    /// One role, taken from every user. What contains it names it in a row of its own.
    Role { role: Uuid },
    /// One group, left by every user. Groups inside it go by themselves.
    Group { group: Uuid },
    /// One protected resource.
    Resource { resource: Uuid },
    /// One key of a realm.
    Key { key: Uuid },
    /// One token for registrations.
    InitialAccess { id: Uuid },
    /// A realm with all that hangs on it.
    Realm { realm: Uuid },
    /// Failures to sign in that are counted under one key.
    Attempt { realm: Uuid, key: Vec<u8> },
    /// Failures to sign in of everybody in a realm.
    AttemptsOfRealm { realm: Uuid },
    /// Counts of failed sign-ins that nothing has been added to since.
    ForgottenAttempts { before: Timestamp },
    /// Events of a realm that are older than it keeps them.
    Events { realm: Uuid, before: Timestamp },
    /// Every event of a realm.
    EventsOfRealm { realm: Uuid },
    /// What administrators did in a realm, older than it keeps that.
    AdminEvents { realm: Uuid, before: Timestamp },
    /// Everything that administrators did in a realm.
    AdminEventsOfRealm { realm: Uuid },
    /// Rows past their time.
    Expired { now: Timestamp },
}

/// How a reserved login attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The count starts anew.
    Succeeded,
    /// One more failure, and a pause until then where one is due.
    Failed { at: Timestamp, locked_until: Option<Timestamp>, forgotten_before: Timestamp },
    /// Never tried: the reservation is given back.
    Withdrawn,
}

impl Work {
    /// An empty work.
    pub const fn new(id: Uuid) -> Self {
        Self { id, guards: Vec::new(), writes: Vec::new() }
    }

    /// The same, with one more guard at the end.
    #[must_use]
    pub fn guard(mut self, guard: Guard) -> Self {
        self.guards.push(guard);
        self
    }

    /// The same, with one more write at the end.
    #[must_use]
    pub fn write(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    /// The same, with a row that must not be there yet where a unique key says so.
    #[must_use]
    pub fn insert(self, record: Record) -> Self {
        self.write(Write::Insert(Box::new(record)))
    }
}

impl SingleUse {
    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::ClientAssertion => "assertion",
            Self::LogoutForm => "logout",
            Self::RealmName => "realm",
        }
    }
}

impl RevokedKind {
    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jti => "jti",
            Self::Grant => "grant",
            Self::Session => "session",
            Self::User => "user",
            Self::Client => "client",
        }
    }

    /// From its stored name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Jti, Self::Grant, Self::Session, Self::User, Self::Client]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}
