//! Rows, one type for each table that is not a type of its own room.

use sekisho_protocol::{Scopes, Timestamp};
use uuid::Uuid;

use crate::credential::StoredCredential;
use crate::event::{AdminEventRecord, EventRecord};
use crate::grant::Grant;
use crate::session::Session;

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
    AdminEvent(Box<AdminEventRecord>),
    InitialAccess(InitialAccessRecord),
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
    pub registration: Registration,
}

/// How a client came to be, where it registered itself (RFC 7591); empty for any other.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Registration {
    /// SHA-256 of the `jti` of its registration access token (RFC 7592): the one that is good now.
    pub token: Option<Vec<u8>>,
    /// When it registered itself without a token. Only such a client is removed when nobody uses it.
    pub at: Option<Timestamp>,
    /// When it was first used. Written by [`Write::UseClient`](super::Write::UseClient) only.
    pub used: Option<Timestamp>,
    /// Hash of what makes two registrations the same.
    pub fold: Option<Vec<u8>>,
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
    /// Both names are searched in lower case, and stored so.
    pub first_name: Option<String>,
    pub last_name: Option<String>,
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

/// `initial_access`: a token that lets so many clients be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialAccessRecord {
    pub id: Uuid,
    pub realm: Uuid,
    pub created: Timestamp,
    /// `None`: never.
    pub expires: Option<Timestamp>,
    /// How many clients it is for.
    pub count: i64,
    /// How many of them are still to come.
    pub remaining: i64,
    /// Origins from which a browser may register.
    pub web_origins: Vec<String>,
}
