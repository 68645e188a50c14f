//! Credentials of a user: passwords set anew, and what an administrator may do with the others.

use sekisho_core::Realm;
use sekisho_core::credential::StoredCredential;
use sekisho_core::event::OperationType;
use sekisho_core::ids::row_id;
use sekisho_core::work::{Deletion, Guard, Record, Work, Write};
use sekisho_credential::{Password, Rules, StoredPassword, Verdict, Violation};
use sekisho_protocol::keycloak::{CredentialRepresentation, Sensitive, UserRepresentation};
use sekisho_protocol::ports::draw;
use sekisho_store::StoredUser;

use super::read::{document, load};
use super::{Duration, check, parse, rules, write};
use crate::error::What;
use crate::permit::{Admin, Done, TRIES};
use crate::place::Place;
use crate::realm::plan::written;
use crate::realm::user::{PASSWORD, UPDATE_PASSWORD};
use crate::{AdminError, Context, takeover};

/// Earlier passwords, kept where the policy says that a new one must differ from them. Nobody is shown them.
const PASSWORD_HISTORY: &str = "password-history";
/// What stands between two credentials in their order.
const DISTANCE: i64 = 10;

/// What a user can prove themselves with, without what is secret of it.
pub async fn list(admin: &Admin<'_>, id: &str) -> Result<Vec<CredentialRepresentation>, AdminError> {
    let stored = load(admin, id).await?;
    Ok(stored.credentials.into_iter().filter(is_shown).map(shown).collect())
}

/// Gives a user another password in place of the one there is.
pub async fn reset_password(
    admin: &Admin<'_>,
    id: &str,
    sent: Option<CredentialRepresentation>,
) -> Result<(), AdminError> {
    load(admin, id).await?;
    let sent = sent.unwrap_or_default();
    let password = sent.value.ok_or_else(|| AdminError::Refused("No password provided".to_owned()))?;
    if password.reveal().is_empty() {
        return Err(AdminError::Refused("Empty password not allowed".to_owned()));
    }
    let once = sent.temporary == Some(true);
    let duration = if once { Duration::OneSignIn } else { Duration::UntilChanged };
    for _ in 0..TRIES {
        let stored = load(admin, id).await?;
        takeover::require_over_user(admin, &stored)?;
        let work = Work::new(admin.context.fresh_id());
        let work = replace(&admin.context, &admin.realm, &stored, password.clone(), duration, work).await?;
        if acted(admin, work, format!("users/{id}/reset-password")).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

/// Takes a credential away.
pub async fn delete(admin: &Admin<'_>, id: &str, credential: &str) -> Result<(), AdminError> {
    change(admin, id, credential, "", |_, credential| {
        Ok(vec![Write::Delete(Deletion::Credential { id: credential.id, user: credential.user })])
    })
    .await
}

/// What the user calls it.
pub async fn label(admin: &Admin<'_>, id: &str, credential: &str, label: &str) -> Result<(), AdminError> {
    change(admin, id, credential, "/userLabel", |_, credential| {
        let label = Some(label.to_owned()).filter(|label| !label.is_empty());
        Ok(anew(StoredCredential { label, ..credential.clone() }))
    })
    .await
}

/// Puts a credential behind another one, or before all.
pub async fn move_behind(
    admin: &Admin<'_>,
    id: &str,
    credential: &str,
    other: Option<&str>,
) -> Result<(), AdminError> {
    let other = other.map(|other| row_id(admin.realm.id, other));
    let suffix = if other.is_some() { "/moveAfter" } else { "/moveToFirst" };
    change(admin, id, credential, suffix, |stored, credential| {
        let rest = stored.credentials.iter().filter(|one| is_shown(one) && one.id != credential.id);
        let mut order: Vec<&StoredCredential> = rest.collect();
        let place = match other {
            None => 0,
            Some(other) => {
                let found = order.iter().position(|one| one.id == other);
                found.ok_or(AdminError::NotFound(What::Credential))?.saturating_add(1)
            }
        };
        order.insert(place, credential);
        let priorities = (1..).map(|position: i64| position.saturating_mul(DISTANCE));
        let moved = order.into_iter().zip(priorities).filter(|(one, priority)| one.priority != *priority);
        Ok(moved.flat_map(|(one, priority)| anew(StoredCredential { priority, ..one.clone() })).collect())
    })
    .await
}

/// Decides a change on a credential as it is, and commits; decides anew when somebody else was faster.
async fn change(
    admin: &Admin<'_>,
    id: &str,
    credential: &str,
    suffix: &str,
    writes: impl Fn(&StoredUser, &StoredCredential) -> Result<Vec<Write>, AdminError>,
) -> Result<(), AdminError> {
    let row = row_id(admin.realm.id, credential);
    for _ in 0..TRIES {
        let stored = load(admin, id).await?;
        takeover::require_over_user(admin, &stored)?;
        let found = stored.credentials.iter().find(|one| one.id == row && is_shown(one));
        let writes = writes(&stored, found.ok_or(AdminError::NotFound(What::Credential))?)?;
        let mut work = Work::new(admin.context.fresh_id())
            .guard(Guard::ChangeUser { user: stored.record.id, version: stored.version });
        work.writes.extend(writes);
        if acted(admin, work, format!("users/{id}/credentials/{credential}{suffix}")).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

async fn acted(admin: &Admin<'_>, work: Work, path: String) -> Result<bool, AdminError> {
    let done: Done<'_, CredentialRepresentation> =
        Done { operation: OperationType::Action, resource: "USER", path, sent: None };
    admin.commit(admin.recorded(work, &done), |_| None).await
}

/// A credential's label and place are changed with its row.
fn anew(credential: StoredCredential) -> Vec<Write> {
    let gone = Write::Delete(Deletion::Credential { id: credential.id, user: credential.user });
    vec![gone, Write::Insert(Box::new(Record::Credential(credential)))]
}

fn is_shown(credential: &StoredCredential) -> bool {
    credential.kind != PASSWORD_HISTORY
}

fn shown(credential: StoredCredential) -> CredentialRepresentation {
    CredentialRepresentation {
        id: Some(credential.id.to_string()),
        r#type: Some(credential.kind),
        user_label: credential.label,
        created_date: Some(credential.created),
        credential_data: Some(credential.credential_data),
        ..Default::default()
    }
}

/// Adds to a work what gives the user another password, good for as long as it says.
pub(super) async fn replace(
    context: &Context<'_>,
    realm: &Realm,
    stored: &StoredUser,
    password: Sensitive,
    duration: Duration,
    work: Work,
) -> Result<Work, AdminError> {
    let mut record = stored.record.clone();
    let mut user = document(&record)?;
    user.required_actions.get_or_insert_default().retain(|action| action != UPDATE_PASSWORD);
    if duration == Duration::OneSignIn {
        write::require(&mut user, UPDATE_PASSWORD);
    }
    record.config = written(&user, "user")?;
    let mut work = work
        .guard(Guard::ChangeUser { user: record.id, version: stored.version })
        .write(Write::Replace(Box::new(Record::User(record))));
    work.writes.extend(writes(context, realm, stored, password).await?);
    Ok(work)
}

/// Passwords in the clear that a document brings.
pub(super) fn sent(user: &UserRepresentation) -> impl Iterator<Item = &CredentialRepresentation> {
    user.credentials.iter().flatten().filter(|credential| {
        credential.value.is_some() && credential.r#type.as_deref().is_none_or(|kind| kind == PASSWORD)
    })
}

/// Passwords of a new user are held against the policy.
pub(super) fn check_policy(admin: &Admin<'_>, user: &UserRepresentation) -> Result<(), AdminError> {
    super::check_passwords(&rules(&admin.realm)?, user).map_err(in_short)
}

/// What replaces the password of a user by one that a document brings.
pub(super) async fn writes_of(
    admin: &Admin<'_>,
    stored: &StoredUser,
    credential: &CredentialRepresentation,
) -> Result<Vec<Write>, AdminError> {
    let Some(password) = credential.value.clone() else { return Ok(Vec::new()) };
    writes(&admin.context, &admin.realm, stored, password).await.map_err(in_short)
}

/// Keycloak's words where a password came with a whole user.
fn in_short(error: AdminError) -> AdminError {
    match error {
        AdminError::PasswordRefused(_) => AdminError::Invalid("Password policy not met".to_owned()),
        other => other,
    }
}

/// The rows of a new password, which is held against the policy and against those before it.
async fn writes(
    context: &Context<'_>,
    realm: &Realm,
    stored: &StoredUser,
    password: Sensitive,
) -> Result<Vec<Write>, AdminError> {
    let rules = rules(realm)?;
    let parsed = || parse(password.clone(), &Place::Top("password"));
    check(&rules, &parsed()?, &stored.record.username, stored.record.email.as_deref())?;
    let earlier = earlier(stored);
    let remembered = usize::try_from(rules.history().unwrap_or(0)).unwrap_or(usize::MAX);
    for credential in earlier.iter().take(remembered) {
        if is_same(context, &rules, parsed()?, credential).await? {
            let violation = Violation::History(rules.history().unwrap_or(0));
            return Err(AdminError::PasswordRefused(vec![violation]));
        }
    }
    let hashed = context.passwords.hash(parsed()?, rules.parameters(), draw(context.entropy)).await?;
    let mut writes = kept_in_history(&earlier, remembered.saturating_sub(1));
    writes.push(Write::Insert(Box::new(Record::Credential(StoredCredential {
        id: context.fresh_id(),
        user: stored.record.id,
        kind: PASSWORD.to_owned(),
        label: None,
        created: context.now().0,
        priority: DISTANCE,
        credential_data: hashed.credential_data(),
        secret_data: hashed.secret_data(),
    }))));
    Ok(writes)
}

/// The password and those before it, the newest first.
fn earlier(stored: &StoredUser) -> Vec<&StoredCredential> {
    let passwords = stored.credentials.iter();
    let mut passwords: Vec<&StoredCredential> =
        passwords.filter(|one| one.kind == PASSWORD || one.kind == PASSWORD_HISTORY).collect();
    passwords.sort_by_key(|one| (one.kind != PASSWORD, std::cmp::Reverse(one.created)));
    passwords
}

async fn is_same(
    context: &Context<'_>,
    rules: &Rules,
    password: Password,
    credential: &StoredCredential,
) -> Result<bool, AdminError> {
    let Ok(hash) = StoredPassword::parse(&credential.credential_data, &credential.secret_data) else {
        return Ok(false);
    };
    let verdict = context.passwords.verify(password, Some(hash), rules.parameters()).await?;
    Ok(matches!(verdict, Verdict::Match { .. }))
}

/// So many of the passwords that there were are remembered, the others go.
fn kept_in_history(earlier: &[&StoredCredential], many: usize) -> Vec<Write> {
    let mut writes = Vec::new();
    for (position, credential) in earlier.iter().enumerate() {
        let remembered = StoredCredential { kind: PASSWORD_HISTORY.to_owned(), ..(*credential).clone() };
        let rows = anew(remembered);
        writes.extend(rows.into_iter().take(if position < many { 2 } else { 1 }));
    }
    writes
}
