//! Why an act of administration did not happen.

use sekisho_core::client::shape::ClientFault;
use sekisho_core::policy::save::PolicyFault;
use sekisho_core::user_profile::ProfileFault;
use sekisho_core::work::Outcome;
use sekisho_credential::password::StoredPasswordError;
use sekisho_credential::{PoolError, RulesError, Violation};
use sekisho_jose::algorithm::Algorithm;
use sekisho_jose::key::KeyError;
use sekisho_protocol::PolicyRefusal;
use sekisho_store::StoreError;
use uuid::Uuid;

/// An act that did not happen; its text is for the administrator and holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The hashing pool could not.
    #[error(transparent)]
    Hashing(#[from] PoolError),
    /// A document is not one that can be taken over.
    #[error("{place}: {fault}")]
    Document { place: String, fault: Fault },
    /// There is no such realm.
    #[error("there is no realm {0:?}")]
    NoSuchRealm(String),
    /// An import of the realm has not ended.
    #[error("realm {0:?} is being imported, or its import was cut short; import it again")]
    Importing(String),
    /// There is no such user.
    #[error("there is no user {0:?}")]
    NoSuchUser(String),
    /// The user is there already.
    #[error("user {0:?} exists already")]
    UserExists(String),
    /// The address is another user's, and the realm wants each once.
    #[error("the address {0:?} is that of another user")]
    AddressTaken(String),
    /// The password is not one that the realm takes.
    #[error("{}", sentences(.0))]
    PasswordRefused(Vec<Violation>),
    /// The realm has no key that signs with this algorithm.
    #[error("the realm has no key for {0} to rotate")]
    NoSuchKey(Algorithm),
    /// The realm is there already.
    #[error("realm {0:?} exists already")]
    RealmExists(String),
    /// Somebody else changed the same at the same time.
    #[error("realm {0:?} was changed by somebody else at the same time; try again")]
    Raced(String),
    /// A row's id is one of another row.
    #[error(
        "{what}: the id {id} is taken, by another realm or twice in this one; change or leave out the id"
    )]
    IdTaken { what: String, id: Uuid },
    /// The connection broke around COMMIT.
    #[error("the database did not say whether it stored the change; look, and try again")]
    Unknown,
    /// A key could not be made or stored.
    #[error("a key of the realm could not be made: {0}")]
    Key(#[from] KeyError),
    /// The store was opened without a master key.
    #[error("there is no master key to wrap the keys of the realm")]
    NoMasterKey,
    /// The caller has none of the roles that this needs.
    #[error("none of the caller's roles allows this")]
    Forbidden,
    /// Something that was named is not there.
    #[error("{0}")]
    NotFound(What),
    /// A name is taken; the text is Keycloak's.
    #[error("{0}")]
    Exists(String),
    /// A change would give something the name of something else.
    #[error("Duplicate resource error")]
    Duplicate,
    /// A mapper of a list has the name of another of its protocol.
    #[error("Protocol mapper name must be unique per protocol")]
    MapperTwice,
    /// A client that the realm itself needs.
    #[error("Could not delete client")]
    BuiltInClient,
    /// The client has no service account.
    #[error("Service account not enabled for the client '{0}'")]
    NoServiceAccount(String),
    /// A client's member has the wrong shape.
    #[error(transparent)]
    Client(#[from] ClientFault),
    /// A client policy refused the change.
    #[error("{}", .0.text)]
    PolicyRefused(Box<PolicyRefusal>),
    /// Profiles or policies that cannot be saved.
    #[error(transparent)]
    PolicyFault(#[from] PolicyFault),
    /// Something in what was sent is not as it must be; the text is Keycloak's where it has one.
    #[error("{0}")]
    Invalid(String),
    /// What a document names is not there; the text is Keycloak's.
    #[error("{0}")]
    Absent(String),
    /// Something about the whole of what was sent; the text is Keycloak's.
    #[error("{0}")]
    Refused(String),
    /// A language has no texts.
    #[error("No localization texts for locale {0} found.")]
    NoTexts(String),
    /// A user who is not as the realm's user profile wants users.
    #[error("{} value(s) are not as the user profile wants them", .0.len())]
    Profile(Vec<ProfileFault>),
    /// Decided too often on what had changed meanwhile.
    #[error("somebody else kept changing the same; try again")]
    Contended,
    /// A document of ours cannot be written or read again: a defect.
    #[error("a {0} cannot be written")]
    Unwritable(&'static str),
}

impl AdminError {
    /// Whether somebody else's change at the same time is the reason, so that a second try may do.
    pub const fn is_of_a_race(&self) -> bool {
        matches!(self, Self::Exists(_) | Self::Duplicate | Self::Raced(_) | Self::Contended)
    }

    /// The text with what Keycloak's words leave out: the rule that refused, the member that cannot be read.
    pub fn explained(&self) -> String {
        match self {
            Self::PolicyRefused(refusal) => format!(
                "{} (policy {:?}, profile {:?}, condition {}, executor {})",
                refusal.text, refusal.policy, refusal.profile, refusal.conditions, refusal.executor
            ),
            Self::PolicyFault(fault) => {
                format!("{}: {}", fault.place(), fault.reason().unwrap_or_else(|| fault.to_string()))
            }
            Self::Client(fault) => format!("{}: {fault}", fault.member),
            _ => self.to_string(),
        }
    }
}

/// What is wrong at a place of a document.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("is missing")]
    Missing,
    #[error("there is no {what} {name:?}")]
    NoSuch { what: &'static str, name: String },
    #[error("{what} {name:?} is there twice")]
    Twice { what: &'static str, name: String },
    #[error("the key cannot be read: {0}")]
    Key(KeyError),
    #[error("{0}")]
    Password(StoredPasswordError),
    #[error("{0}")]
    Policy(RulesError),
    #[error("a password longer than is hashed")]
    PasswordTooLong,
    #[error("{0}")]
    Unreadable(&'static str),
    #[error("{value:?} is none of {known}")]
    Unknown { value: String, known: &'static str },
    #[error("{0}")]
    ClientPolicy(String),
    /// Of realm files, but not of those that are applied.
    #[error("is not applied: {0}")]
    Elsewhere(&'static str),
    /// A reference to a secret that leads nowhere.
    #[error("{0}")]
    Reference(String),
}

fn sentences(violations: &[Violation]) -> String {
    violations.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// What a lost guard means is the caller's to say.
pub(crate) fn won(outcome: Outcome, lost: impl FnOnce(usize) -> AdminError) -> Result<(), AdminError> {
    match outcome {
        Outcome::Won => Ok(()),
        Outcome::Lost(guard) => Err(lost(guard)),
        Outcome::Unknown => Err(AdminError::Unknown),
    }
}

/// What was not found, in Keycloak's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Realm,
    Client,
    ClientScope,
    /// A client scope that shall be given to or taken from a client or the realm's lists.
    AssignedScope,
    Role,
    RoleById,
    CompositeRole,
    MappedRole,
    User,
    Group,
    Mapper,
    /// What a mapper says it is.
    MapperProvider,
    /// A kind of file that a client can be set up with.
    Installation,
    /// A node of a client.
    Node,
    /// The secret that a client had before.
    RotatedSecret,
    Component,
    Credential,
    Consent,
    Session,
    /// A group to be joined.
    JoinedGroup,
    /// A group by its path.
    GroupPath,
    /// A client beside the one that the path is about.
    NamedClient,
    /// An authentication flow by its id.
    Flow,
    /// An authentication flow by its name.
    NamedFlow,
    RequiredAction,
    /// A text of a language.
    LocalizedText,
    /// A path or a provider that has no words of its own.
    Anything,
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Realm => "Realm not found.",
            Self::Client => "Could not find client",
            Self::ClientScope => "Could not find client scope",
            Self::AssignedScope => "Client scope not found",
            Self::Role => "Could not find role",
            Self::RoleById => "Could not find role with id",
            Self::CompositeRole => "Could not find composite role",
            Self::User => "User not found",
            Self::Group => "Could not find group by id",
            Self::Mapper => "Model not found",
            Self::MapperProvider => "ProtocolMapper provider not found",
            Self::Installation => "Unknown Provider",
            Self::Node => "Client does not have node ",
            Self::RotatedSecret => "Client does not have a rotated secret",
            Self::Component => "Could not find component",
            Self::Credential => "Credential not found",
            Self::Consent => "Consent nor offline token not found",
            Self::Session => "Sesssion not found",
            Self::MappedRole => "Role not found",
            Self::JoinedGroup => "Group not found",
            Self::GroupPath => "Group path does not exist",
            Self::NamedClient => "Client not found",
            Self::Flow => "Could not find flow with id",
            Self::NamedFlow => "Flow not found",
            Self::RequiredAction => "Failed to find required action",
            Self::LocalizedText => "Localization text not found",
            Self::Anything => "HTTP 404 Not Found",
        })
    }
}
