//! A mutation as a value: guards that settle the race, then writes (DESIGN §5.4). Built here, run by the
//! store in one call; SQL is written there.

use sekisho_protocol::{Scopes, Timestamp};
use uuid::Uuid;

use crate::credential::StoredCredential;
use crate::event::EventRecord;
use crate::grant::Grant;
use crate::session::Session;

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

/// A row, by table.
#[derive(Clone)]
pub enum Record {
    Realm(RealmRecord),
    Key(KeyRecord),
    Client(ClientRecord),
    Scope(ConfigRecord),
    Role(RoleRecord),
    Group(GroupRecord),
    User(UserRecord),
    UserRole { user: Uuid, role: Uuid },
    UserGroup { user: Uuid, group: Uuid },
    Credential(StoredCredential),
    Resource { id: Uuid, realm: Uuid, uri: String, config: String },
    Session(Session),
    Grant(Box<Grant>),
    Event(EventRecord),
}

/// Rows that go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// Passwords of a user, before a new one is stored.
    Passwords { user: Uuid },
    /// Every role that was given to a user itself.
    UserRoles { user: Uuid },
    /// Every group that a user is in.
    UserGroups { user: Uuid },
    /// One user with all that hangs on it. Goes with a revocation of the user, or other nodes do not notice.
    User { user: Uuid },
    /// A realm whose import failed, with all that hangs on it.
    Realm { realm: Uuid },
    /// Counts of failed sign-ins that nothing has been added to since.
    ForgottenAttempts { before: Timestamp },
    /// Events of a realm that are older than it keeps them.
    Events { realm: Uuid, before: Timestamp },
    /// Rows past their time.
    Expired { now: Timestamp },
}

/// `realm`.
#[derive(Clone)]
pub struct RealmRecord {
    pub id: Uuid,
    pub name: String,
    pub importing: bool,
    /// A `RealmRepresentation` without the parts that have tables of their own, and without secrets.
    pub config: String,
    /// Its secrets, sealed: a JSON object from JSON pointer (RFC 6901) to text.
    pub secrets: Option<Vec<u8>>,
    pub created: Timestamp,
}

/// `realm_key`; the private half is wrapped by the master key.
#[derive(Clone)]
pub struct KeyRecord {
    pub id: Uuid,
    pub realm: Uuid,
    pub purpose: &'static str,
    pub algorithm: String,
    pub kid: String,
    pub state: &'static str,
    pub created: Timestamp,
    pub epoch: i64,
    pub wrapped: Vec<u8>,
}

/// `client`.
#[derive(Clone)]
pub struct ClientRecord {
    pub id: Uuid,
    pub realm: Uuid,
    pub client_id: String,
    /// A `ClientRepresentation` without secrets.
    pub config: String,
    /// Its secrets, sealed, as those of a realm.
    pub secrets: Option<Vec<u8>>,
}

/// A row that is a name and a document.
#[derive(Clone)]
pub struct ConfigRecord {
    pub id: Uuid,
    pub realm: Uuid,
    pub name: String,
    pub config: String,
}

/// `role`.
#[derive(Clone)]
pub struct RoleRecord {
    pub id: Uuid,
    pub realm: Uuid,
    pub client: Option<Uuid>,
    pub name: String,
    /// A `RoleRepresentation` without its composites.
    pub config: String,
    /// Ids of the roles that come with it.
    pub composites: Vec<Uuid>,
}

/// `user_group`.
#[derive(Clone)]
pub struct GroupRecord {
    pub id: Uuid,
    pub realm: Uuid,
    pub parent: Option<Uuid>,
    pub path: String,
    pub config: String,
    pub roles: Vec<Uuid>,
}

/// `user_account`.
#[derive(Clone)]
pub struct UserRecord {
    pub id: Uuid,
    pub realm: Uuid,
    pub username: String,
    pub email: Option<String>,
    pub enabled: bool,
    /// The client whose service account this is.
    pub service_account_of: Option<Uuid>,
    pub created: Timestamp,
    /// A `UserRepresentation` without credentials, roles and groups.
    pub config: String,
}

/// What a user agreed to, per client and resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRecord {
    pub realm: Uuid,
    pub user: Uuid,
    pub client: Uuid,
    /// Empty: no resource.
    pub resource: String,
    pub scopes: Scopes,
    pub at: Timestamp,
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
