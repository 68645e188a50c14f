//! Users made, changed and removed through Admin REST: held against the realm's user profile.

use sekisho_core::event::OperationType;
use sekisho_core::user::normalize;
use sekisho_core::user_profile::Values;
use sekisho_core::work::{Deletion, Guard, Record, RevokedKind, UserRecord, Work, Write};
use sekisho_protocol::keycloak::UserRepresentation;
use sekisho_protocol::keycloak::defaults::is_required_action;
use sekisho_store::StoredUser;

use super::read::{document, load};
use super::{credential, membership};
use crate::client::revocation;
use crate::permit::{Admin, Done, TRIES};
use crate::realm::plan::written;
use crate::realm::settings;
use crate::realm::user::UPDATE_PASSWORD;
use crate::{AdminError, takeover};

const RESOURCE: &str = "USER";
/// Members of a user's document that the profile calls attributes.
const USERNAME: &str = "username";
const EMAIL: &str = "email";
const FIRST_NAME: &str = "firstName";
const LAST_NAME: &str = "lastName";

/// Makes a user, with the realm's default role and groups beside those named. Answers the id. Roles are given in a
/// step of their own, where it is asked who may give them.
pub async fn create(admin: &Admin<'_>, sent: UserRepresentation) -> Result<String, AdminError> {
    let mut user = proposed(admin, &sent)?;
    let username = normalize(user.username.as_deref().unwrap_or_default());
    check_free(admin, Some(&username), user.email.as_deref()).await?;
    check_profile(admin, &user, None)?;
    credential::check_policy(admin, &user)?;
    for group in membership::named(&admin.realm, user.groups.as_deref().unwrap_or_default())? {
        membership::check_roles(admin, group)?;
    }
    super::give_defaults(&mut user, &settings::document(admin).await?);
    let id = admin.context.fresh_id();
    user.id = Some(id.to_string());
    let made = super::rows(&admin.context, &admin.realm, user).await?;
    let done = Done {
        operation: OperationType::Create,
        resource: RESOURCE,
        path: format!("users/{id}"),
        sent: Some(&without_credentials(&sent)),
    };
    let taken = || AdminError::Exists(NAME_TAKEN.to_owned());
    admin.commit(admin.recorded(made.work, &done), |_| Some(taken())).await?;
    Ok(id.to_string())
}

/// Changes a user: members that were not sent stay as they are; attributes that were sent take the place of all, the
/// address and the names of the person among them.
pub async fn update(admin: &Admin<'_>, id: &str, sent: UserRepresentation) -> Result<(), AdminError> {
    for _ in 0..TRIES {
        let stored = load(admin, id).await?;
        let before = document(&stored.record)?;
        let mut user = changed(admin, &before, &sent);
        let username = changed_name(&stored, &user);
        let email =
            user.email.as_deref().map(normalize).filter(|email| stored.record.email.as_ref() != Some(email));
        let is_told_by = |user: &UserRepresentation| user.email.as_deref().map(normalize);
        let signs_in_otherwise = username.is_some()
            || is_told_by(&user) != is_told_by(&before)
            || credential::sent(&sent).next().is_some();
        if signs_in_otherwise {
            takeover::require_over_user(admin, &stored)?;
        }
        check_free(admin, username.as_deref(), email.as_deref()).await?;
        check_profile(admin, &user, Some(&before))?;
        let mut work = Work::new(admin.context.fresh_id())
            .guard(Guard::ChangeUser { user: stored.record.id, version: stored.version });
        for password in credential::sent(&sent) {
            if password.temporary == Some(true) {
                require(&mut user, UPDATE_PASSWORD);
            }
            work.writes.extend(credential::writes_of(admin, &stored, password).await?);
        }
        let record = record(&stored.record, user)?;
        let work = work.write(Write::Replace(Box::new(Record::User(record))));
        let done = Done {
            operation: OperationType::Update,
            resource: RESOURCE,
            path: format!("users/{id}"),
            sent: Some(&without_credentials(&sent)),
        };
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

/// Removes a user with all that hangs on it; sessions end and tokens are refused on every node.
pub async fn delete(admin: &Admin<'_>, id: &str) -> Result<(), AdminError> {
    for _ in 0..TRIES {
        let stored = load(admin, id).await?;
        let user = stored.record.id;
        let work = Work::new(admin.context.fresh_id())
            .guard(Guard::ChangeUser { user, version: stored.version })
            .write(Write::Delete(Deletion::User { user }))
            .write(revocation(admin, RevokedKind::User, user));
        let gone = UserRepresentation {
            id: Some(user.to_string()),
            username: Some(stored.record.username.clone()),
            ..Default::default()
        };
        let done = Done {
            operation: OperationType::Delete,
            resource: RESOURCE,
            path: format!("users/{id}"),
            sent: Some(&gone),
        };
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

/// An action that the next sign-in asks for.
pub(super) fn require(user: &mut UserRepresentation, action: &str) {
    let actions = user.required_actions.get_or_insert_default();
    if !actions.iter().any(|known| known == action) {
        actions.push(action.to_owned());
    }
}

const NAME_TAKEN: &str = "User exists with same username";
const ADDRESS_TAKEN: &str = "User exists with same email";

/// Name and address, where they are new, are nobody else's. The row of a second user of one name is refused by its
/// unique key as well; who is told first is told in words.
async fn check_free(
    admin: &Admin<'_>,
    username: Option<&str>,
    email: Option<&str>,
) -> Result<(), AdminError> {
    let (store, realm) = (admin.context.store, &admin.realm);
    if let Some(username) = username
        && store.stored_user_by_name(realm.id, username).await?.is_some()
    {
        return Err(AdminError::Exists(NAME_TAKEN.to_owned()));
    }
    if let Some(email) = email.map(normalize).filter(|email| !email.is_empty())
        && !realm.login.duplicate_emails
        && store.is_address_known(realm.id, &email).await?
    {
        return Err(AdminError::Exists(ADDRESS_TAKEN.to_owned()));
    }
    Ok(())
}

fn check_profile(
    admin: &Admin<'_>,
    user: &UserRepresentation,
    before: Option<&UserRepresentation>,
) -> Result<(), AdminError> {
    let before = before.map(values);
    let faults = admin.realm.users.profile.check(&values(user), before.as_ref());
    if faults.is_empty() { Ok(()) } else { Err(AdminError::Profile(faults)) }
}

/// A user's attributes, as the profile counts them.
fn values(user: &UserRepresentation) -> Values {
    let mut values = user.attributes.clone().unwrap_or_default();
    let members = [
        (USERNAME, &user.username),
        (EMAIL, &user.email),
        (FIRST_NAME, &user.first_name),
        (LAST_NAME, &user.last_name),
    ];
    for (name, member) in members {
        if let Some(value) = member {
            values.insert(name.to_owned(), vec![value.clone()]);
        }
    }
    values
}

/// What is taken of a new user's document; ids, roles, consents and links to elsewhere are not.
fn proposed(admin: &Admin<'_>, sent: &UserRepresentation) -> Result<UserRepresentation, AdminError> {
    let given = Given::of(sent);
    let name = if admin.realm.users.email_as_username { &given.email } else { &given.username };
    let username = name.clone().filter(|name| !name.trim().is_empty());
    let actions = sent.required_actions.iter().flatten().filter(|action| is_required_action(action));
    Ok(UserRepresentation {
        username: Some(username.ok_or_else(|| AdminError::Invalid("User name is missing".to_owned()))?),
        email: given.email.filter(|email| !email.is_empty()),
        first_name: given.first_name.filter(|name| !name.is_empty()),
        last_name: given.last_name.filter(|name| !name.is_empty()),
        email_verified: sent.email_verified,
        enabled: Some(sent.enabled.unwrap_or(false)),
        attributes: Some(kept(admin, sent)).filter(|attributes| !attributes.is_empty()),
        required_actions: Some(actions.cloned().collect()),
        credentials: sent.credentials.clone(),
        groups: sent.groups.clone(),
        ..Default::default()
    })
}

/// The four members of a person, which may stand among the attributes too.
struct Given {
    username: Option<String>,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

impl Given {
    fn of(sent: &UserRepresentation) -> Self {
        let attribute = |name: &str| sent.attributes.as_ref()?.get(name)?.first().cloned();
        Self {
            username: sent.username.clone().or_else(|| attribute(USERNAME)),
            email: sent.email.clone().or_else(|| attribute(EMAIL)),
            first_name: sent.first_name.clone().or_else(|| attribute(FIRST_NAME)),
            last_name: sent.last_name.clone().or_else(|| attribute(LAST_NAME)),
        }
    }
}

/// Attributes of a document that the realm keeps.
fn kept(admin: &Admin<'_>, sent: &UserRepresentation) -> Values {
    let mut attributes = sent.attributes.clone().unwrap_or_default();
    let is_member = |name: &str| [USERNAME, EMAIL, FIRST_NAME, LAST_NAME].contains(&name);
    attributes.retain(|name, values| {
        values.retain(|value| !value.is_empty());
        !values.is_empty() && !is_member(name) && admin.realm.users.profile.keeps(name)
    });
    attributes
}

/// The document after a change.
fn changed(admin: &Admin<'_>, before: &UserRepresentation, sent: &UserRepresentation) -> UserRepresentation {
    let given = Given::of(sent);
    let replaces = sent.attributes.is_some();
    // What was not sent stays, unless the attributes were.
    let text = |given: Option<String>, before: &Option<String>| {
        given.or_else(|| before.clone().filter(|_| !replaces)).filter(|text| !text.is_empty())
    };
    let mut user = before.clone();
    user.email = text(given.email, &before.email);
    user.first_name = text(given.first_name, &before.first_name);
    user.last_name = text(given.last_name, &before.last_name);
    let name = if admin.realm.users.email_as_username { user.email.clone() } else { given.username };
    user.username = name.filter(|name| !name.is_empty()).or_else(|| before.username.clone());
    if replaces {
        // What the administrator was not shown cannot be meant to go.
        let mut attributes = before.attributes.clone().unwrap_or_default();
        attributes.retain(|name, _| !admin.realm.users.profile.shows(name));
        attributes.extend(kept(admin, sent));
        user.attributes = Some(attributes).filter(|attributes| !attributes.is_empty());
    }
    if let Some(actions) = &sent.required_actions {
        let own = user.required_actions.get_or_insert_default();
        own.retain(|action| !is_required_action(action));
        own.extend(actions.iter().filter(|action| is_required_action(action)).cloned());
    }
    user.enabled = sent.enabled.or(before.enabled);
    user.email_verified = sent.email_verified.or(before.email_verified);
    user
}

/// The name, where it is another one than the user has.
fn changed_name(stored: &StoredUser, user: &UserRepresentation) -> Option<String> {
    user.username.as_deref().map(normalize).filter(|name| *name != stored.record.username)
}

fn record(before: &UserRecord, mut user: UserRepresentation) -> Result<UserRecord, AdminError> {
    user.username = user.username.as_deref().map(normalize);
    user.email = user.email.as_deref().map(normalize);
    Ok(UserRecord {
        username: user.username.clone().unwrap_or_else(|| before.username.clone()),
        email: user.email.clone(),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        enabled: user.enabled.unwrap_or(false),
        config: written(&user, RESOURCE)?,
        ..before.clone()
    })
}

/// What an event keeps of a document.
fn without_credentials(sent: &UserRepresentation) -> UserRepresentation {
    UserRepresentation { credentials: None, ..sent.clone() }
}
