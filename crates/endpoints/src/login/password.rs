//! Checking a name and a password: counted before the hash, settled with the outcome (DESIGN §5.14).

use sekisho_core::credential::StoredCredential;
use sekisho_core::lockout::{self, AttemptKey};
use sekisho_core::session::{self, Session, SessionState};
use sekisho_core::work::{Outcome, Record, Work, Write};
use sekisho_core::{Realm, User, ids};
use sekisho_credential::{Parameters, Password, PoolError, Rules, StoredPassword, Verdict};
use sekisho_jose::base64url;
use sekisho_jose::hash::sha256;
use sekisho_protocol::Cause;
use tokio::runtime::Handle;
use uuid::Uuid;

use crate::Server;
use crate::server::OrCause;

/// What was typed.
pub struct Attempt<'a> {
    pub username: &'a str,
    pub password: &'a str,
    pub address: &'a str,
    /// Whether the session shall outlive the browser.
    pub remember_me: bool,
}

/// Proof that the password was the user's, with the writes that must go into the commit which uses it.
pub struct SignedIn {
    pub user: User,
    pub work: Work,
}

/// A session that is not stored yet, and the cookie that opens it.
pub struct NewSession {
    pub session: Session,
    pub cookie: String,
}

/// Checks a name and a password. An unknown user costs the same one hash as a wrong password, and both
/// are the same cause.
///
/// # Errors
/// [`Cause::UserLocked`], [`Cause::CredentialsWrong`], [`Cause::AccountDisabled`], [`Cause::UserNotSetUp`] or
/// [`Cause::Unavailable`].
pub async fn check(server: &Server, realm: &Realm, attempt: &Attempt<'_>) -> Result<SignedIn, Cause> {
    let user = server.store.user_by_login(realm, attempt.username).await.or_cause()?;
    // A service account has no password and is nobody's to sign in with.
    let user = user.filter(|user| user.service_account_of.is_none());
    let keys = lockout::keys(realm, name_of(attempt, user.as_ref()), attempt.address);
    let reservation = Reservation::make(server, realm, &keys).await?;
    let checked = verify(server, realm, attempt, user).await;
    reservation.kept();
    match checked {
        Ok((user, upgrade)) => {
            let settled = lockout::succeeded(realm, &keys, Work::new(server.fresh_id()));
            let work = upgrade.into_iter().fold(settled, Work::write);
            // Only who knows the password learns that the account is not usable.
            match usable(&user) {
                Ok(()) => Ok(SignedIn { user, work }),
                Err(cause) => {
                    server.store.commit(work).await.or_cause()?.require_won()?;
                    Err(cause)
                }
            }
        }
        Err(Cause::CredentialsWrong) => {
            fail(server, realm, &keys).await?;
            Err(Cause::CredentialsWrong)
        }
        Err(cause) => {
            let work = lockout::withdrawn(realm, &keys, Work::new(server.fresh_id()));
            server.store.commit(work).await.or_cause()?.require_won()?;
            Err(cause)
        }
    }
}

fn usable(user: &User) -> Result<(), Cause> {
    if !user.enabled {
        return Err(Cause::AccountDisabled);
    }
    // Required actions have no pages yet: whoever has one due cannot be let in past it.
    if user.required_actions.is_empty() { Ok(()) } else { Err(Cause::UserNotSetUp) }
}

/// The name that failures are counted under: the user's own, or what was typed.
pub fn name_of<'a>(attempt: &Attempt<'a>, user: Option<&'a User>) -> &'a str {
    user.map_or(attempt.username, |user| user.username.as_str())
}

/// An attempt that is counted and not settled yet. Whoever hangs up in the middle has guessed nothing, so
/// the reservation is given back: else aborted requests would lock a name that nobody has mistyped.
struct Reservation {
    server: Server,
    withdrawal: Option<Work>,
}

impl Reservation {
    async fn make(server: &Server, realm: &Realm, keys: &[AttemptKey]) -> Result<Self, Cause> {
        let Some(work) = lockout::reserve(realm, keys, server.fresh_id(), server.now()) else {
            return Ok(Self { server: server.clone(), withdrawal: None });
        };
        match server.store.commit(work).await.or_cause()? {
            Outcome::Won => {
                let withdrawal = lockout::withdrawn(realm, keys, Work::new(server.fresh_id()));
                Ok(Self { server: server.clone(), withdrawal: Some(withdrawal) })
            }
            Outcome::Lost(_) => Err(Cause::UserLocked),
            Outcome::Unknown => Err(Cause::Unavailable),
        }
    }

    /// The outcome is known and will be settled.
    fn kept(mut self) {
        self.withdrawal = None;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let (Some(work), Ok(runtime)) = (self.withdrawal.take(), Handle::try_current()) else { return };
        let server = self.server.clone();
        runtime.spawn(async move {
            if let Err(error) = server.store.commit(work).await {
                tracing::warn!(error.cause = %error, "an abandoned sign-in is counted for a minute");
            }
        });
    }
}

async fn fail(server: &Server, realm: &Realm, keys: &[AttemptKey]) -> Result<(), Cause> {
    if !realm.lockout.enabled {
        return Ok(());
    }
    let mut work = Work::new(server.fresh_id());
    for attempt in keys {
        let attempts = server.store.attempts(realm, &attempt.key).await.or_cause()?;
        work = lockout::failed(realm, attempt, attempts, work, server.now());
    }
    server.store.commit(work).await.or_cause()?.require_won()
}

async fn verify(
    server: &Server,
    realm: &Realm,
    attempt: &Attempt<'_>,
    user: Option<User>,
) -> Result<(User, Option<Write>), Cause> {
    let password = Password::parse(attempt.password.to_owned()).map_err(|_| Cause::CredentialsWrong)?;
    let parameters = parameters(realm);
    // Asked for an unknown user too: the time of the answer must not tell (attack 77).
    let credential = password_of(server, user.as_ref().map_or(Uuid::nil(), |user| user.id)).await?;
    let stored = credential
        .as_ref()
        .and_then(|row| StoredPassword::parse(&row.credential_data, &row.secret_data).ok());
    let verdict = server.passwords.verify(password, stored, parameters).await.map_err(pool_cause)?;
    match (user, credential, verdict) {
        (Some(user), Some(credential), Verdict::Match { upgrade }) => {
            let upgraded =
                if upgrade { Some(rehash(server, attempt, parameters, credential).await?) } else { None };
            Ok((user, upgraded))
        }
        _ => Err(Cause::CredentialsWrong),
    }
}

async fn password_of(server: &Server, user: Uuid) -> Result<Option<StoredCredential>, Cause> {
    let credentials = server.store.credentials(user).await.or_cause()?;
    Ok(credentials.into_iter().find(|credential| credential.kind == "password"))
}

/// An old hash is replaced at the first login that proves the password (DESIGN §5.12).
async fn rehash(
    server: &Server,
    attempt: &Attempt<'_>,
    parameters: Parameters,
    credential: StoredCredential,
) -> Result<Write, Cause> {
    let password = Password::parse(attempt.password.to_owned()).map_err(|_| Cause::CredentialsWrong)?;
    let hashed = server.passwords.hash(password, parameters, server.draw()).await.map_err(pool_cause)?;
    Ok(Write::Replace(Box::new(Record::Credential(StoredCredential {
        credential_data: hashed.credential_data(),
        secret_data: hashed.secret_data(),
        ..credential
    }))))
}

fn parameters(realm: &Realm) -> Parameters {
    let policy = realm.login.password_policy.as_deref();
    policy
        .and_then(|policy| Rules::parse(policy).ok())
        .map_or(Parameters::KEYCLOAK, |rules| rules.parameters())
}

fn pool_cause(error: PoolError) -> Cause {
    tracing::warn!(error.cause = %error, "a password could not be hashed");
    match error {
        PoolError::Busy => Cause::Unavailable,
        _ => Cause::Internal,
    }
}

/// A session for a user who just signed in.
pub fn new_session(server: &Server, realm: &Realm, user: &User, attempt: &Attempt<'_>) -> NewSession {
    let (now, remember_me) = (server.now(), attempt.remember_me);
    let cookie = base64url::encode(&server.draw::<32>());
    let session = Session {
        id: ids::time_ordered(now, server.draw()),
        realm: realm.id,
        user: user.id,
        cookie_hash: sha256(cookie.as_bytes()),
        state: SessionState::Active,
        created: now,
        auth_time: now,
        seen: now,
        expires: session::expires(&realm.lifespans, remember_me, now),
        remember_me,
        amr: vec!["pwd".to_owned()],
        ip_address: attempt.address.to_owned(),
    };
    NewSession { session, cookie }
}

/// A work without guards can only win or be unknown.
trait RequireWon {
    fn require_won(self) -> Result<(), Cause>;
}

impl RequireWon for Outcome {
    fn require_won(self) -> Result<(), Cause> {
        if self == Self::Won { Ok(()) } else { Err(Cause::Unavailable) }
    }
}
