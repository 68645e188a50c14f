//! What an administrator does with users.

pub mod credential;
pub mod mail;
pub mod membership;
pub mod profile;
pub mod read;
pub mod write;

use std::sync::Arc;

use sekisho_core::Realm;
use sekisho_core::secrets::Sealer;
use sekisho_core::user::normalize;
use sekisho_core::work::{Guard, Record, Work};
use sekisho_credential::{Password, Rules, policy};
use sekisho_protocol::keycloak::{self, RealmRepresentation, Sensitive, UserRepresentation};
use uuid::Uuid;

use crate::error::won;
use crate::place::Place;
use crate::realm::names::Names;
use crate::realm::plan::Row;
use crate::realm::user::{Reader, UPDATE_PASSWORD, has_temporary_password, must_change_password};
use crate::{AdminError, Context, Fault};

/// How long a password that an administrator sets is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duration {
    UntilChanged,
    /// The next sign-in asks for another.
    OneSignIn,
}

/// Makes a user, with the realm's default role and groups beside those named. Passwords in the clear are
/// held against the realm's policy.
pub async fn create(
    context: &Context<'_>,
    realm: &str,
    mut user: UserRepresentation,
) -> Result<Uuid, AdminError> {
    let (realm, config) = open(context, realm).await?;
    let rules = rules(&realm)?;
    check_passwords(&rules, &user)?;
    if let Some(email) = &user.email
        && !realm.login.duplicate_emails
        && context.store.is_address_known(realm.id, &normalize(email)).await?
    {
        return Err(AdminError::AddressTaken(email.clone()));
    }
    give_defaults(&mut user, &config);
    let made = rows(context, &realm, user).await?;
    let exists = || AdminError::UserExists(made.username);
    won(context.store.commit(made.work).await?, |_| exists())?;
    Ok(made.id)
}

/// A user on the way into the store.
struct Made {
    id: Uuid,
    username: String,
    work: Work,
}

/// The rows of a user who is checked and complete.
async fn rows(
    context: &Context<'_>,
    realm: &Realm,
    mut user: UserRepresentation,
) -> Result<Made, AdminError> {
    if has_temporary_password(&user) && !must_change_password(&user) {
        user.required_actions.get_or_insert_default().push(UPDATE_PASSWORD.to_owned());
    }
    let names = Names::of(realm);
    let sealer = Sealer::of(realm, context.entropy).ok_or(AdminError::NoMasterKey)?;
    let mut reader = Reader::new(context, &names, &sealer, rules(realm)?.parameters());
    let mut work = Work::new(context.fresh_id());
    let mut created = None;
    for row in reader.rows(user, &Place::Top("user")).await? {
        match row {
            Row::New(record) => {
                if let Record::User(user) = &record {
                    created = Some((user.id, user.username.clone()));
                }
                work.guards.push(Guard::Insert(Box::new(record)));
            }
            Row::Write(write) => work.writes.push(write),
        }
    }
    let (id, username) = created.ok_or(AdminError::Unwritable("user"))?;
    Ok(Made { id, username, work })
}

/// Gives a user another password in place of all others.
pub async fn set_password(
    context: &Context<'_>,
    realm: &str,
    username: &str,
    password: Sensitive,
    duration: Duration,
) -> Result<(), AdminError> {
    let (realm, _) = open(context, realm).await?;
    let unknown = || AdminError::NoSuchUser(username.to_owned());
    let stored = context.store.stored_user_by_name(realm.id, &normalize(username)).await?;
    let stored = stored.ok_or_else(unknown)?;
    let work = Work::new(context.fresh_id());
    let work = credential::replace(context, &realm, &stored, password, duration, work).await?;
    won(context.store.commit(work).await?, |_| AdminError::Raced(realm.name.clone()))
}

/// The realm as decisions see it, and its document.
async fn open(context: &Context<'_>, name: &str) -> Result<(Arc<Realm>, RealmRepresentation), AdminError> {
    let unknown = || AdminError::NoSuchRealm(name.to_owned());
    let stored = context.store.stored_realm(name).await?.ok_or_else(unknown)?.record;
    if stored.importing {
        return Err(AdminError::Importing(name.to_owned()));
    }
    let realm = context.store.realm(name).await?.ok_or_else(unknown)?;
    let config = keycloak::parse(stored.config.as_bytes()).map_err(|_| AdminError::Unwritable("realm"))?;
    Ok((realm, config))
}

fn rules(realm: &Realm) -> Result<Rules, AdminError> {
    let policy = realm.login.password_policy.as_deref().unwrap_or_default();
    Rules::parse(policy).map_err(|error| Place::Top("passwordPolicy").has(Fault::Policy(error)))
}

fn parse(password: Sensitive, place: &Place<'_>) -> Result<Password, AdminError> {
    Password::parse(password.into_revealed()).map_err(|_| place.has(Fault::PasswordTooLong))
}

fn check(rules: &Rules, password: &Password, username: &str, email: Option<&str>) -> Result<(), AdminError> {
    let violations = policy::check(rules, password, username, email);
    if violations.is_empty() { Ok(()) } else { Err(AdminError::PasswordRefused(violations)) }
}

fn check_passwords(rules: &Rules, user: &UserRepresentation) -> Result<(), AdminError> {
    let place = Place::Top("credentials");
    let username = user.username.as_deref().unwrap_or_default();
    for (index, credential) in user.credentials.iter().flatten().enumerate() {
        if let Some(value) = &credential.value {
            let password = parse(value.clone(), &place.element(index).member("value"))?;
            check(rules, &password, username, user.email.as_deref())?;
        }
    }
    Ok(())
}

fn give_defaults(user: &mut UserRepresentation, realm: &RealmRepresentation) {
    let default_role = realm.default_role.as_ref().and_then(|role| role.name.clone());
    user.realm_roles.get_or_insert_default().extend(default_role);
    user.groups.get_or_insert_default().extend(realm.default_groups.iter().flatten().cloned());
}
