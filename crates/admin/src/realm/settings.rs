//! A realm's own settings, as an administrator reads and changes them; and the end of a realm.

use sekisho_core::access::{AdminRoles, MASTER};
use sekisho_core::event::OperationType;
use sekisho_core::secrets::{self, HIDDEN, Sealer};
use sekisho_core::work::{Deletion, Guard, RealmRecord, Record, Work, Write};
use sekisho_protocol::keycloak::RealmRepresentation;
use sekisho_protocol::keycloak::defaults::administration_client_id;
use sekisho_store::StoredRealm;
use serde::Serialize;
use serde_json::Value;

use super::{ImportOptions, import, update};
use crate::error::What;
use crate::permit::{Admin, Done, TRIES};
use crate::{AdminError, Context, Permit, client};

/// Who may see a realm's settings.
const VIEW: AdminRoles = AdminRoles::VIEW_REALM.and(AdminRoles::MANAGE_REALM);
const VIEW_USERS: AdminRoles = AdminRoles::VIEW_USERS.and(AdminRoles::MANAGE_USERS);

/// What the document has beside the settings.
const LISTS: &[&str] = &[
    "authenticationFlows",
    "authenticatorConfig",
    "clientScopeMappings",
    "components",
    "defaultDefaultClientScopes",
    "defaultOptionalClientScopes",
    "federatedUsers",
    "identityProviderMappers",
    "identityProviders",
    "keycloakVersion",
    "localizationTexts",
    "organizations",
    "protocolMappers",
    "requiredActions",
    "scopeMappings",
];

/// The realm's settings, secrets as stars; of them only what everybody may know where the caller may not see them.
pub async fn find(admin: &Admin<'_>) -> Result<RealmRepresentation, AdminError> {
    if !admin.permit.has(VIEW) {
        return brief(admin).await;
    }
    let mut document = starred(admin).await?;
    if let Value::Object(members) = &mut document {
        members.retain(|name, _| !LISTS.contains(&name.as_str()));
    }
    serde_json::from_value(document).map_err(|_| AdminError::Unwritable("realm"))
}

/// The realm's document, secrets as stars.
pub(crate) async fn hidden(admin: &Admin<'_>) -> Result<RealmRepresentation, AdminError> {
    serde_json::from_value(starred(admin).await?).map_err(|_| AdminError::Unwritable("realm"))
}

async fn starred(admin: &Admin<'_>) -> Result<Value, AdminError> {
    let (_, mut document, mut hidden) = load(admin).await?;
    for secret in hidden.values_mut() {
        HIDDEN.clone_into(secret);
    }
    secrets::put_back(&mut document, &hidden).ok_or(AdminError::Unwritable("realm"))?;
    Ok(document)
}

/// What the forms of those need who may only see users, clients or events.
async fn brief(admin: &Admin<'_>) -> Result<RealmRepresentation, AdminError> {
    let mut known = RealmRepresentation { realm: Some(admin.realm.name.clone()), ..Default::default() };
    if admin.permit.has(VIEW_USERS) {
        known.registration_email_as_username = document(admin).await?.registration_email_as_username;
    }
    Ok(known)
}

/// Required actions by which a user gets a credential of the realm, in Keycloak's order.
const REGISTRATORS: &[&str] = &[
    "CONFIGURE_TOTP",
    "webauthn-register",
    "webauthn-register-passwordless",
    "CONFIGURE_RECOVERY_AUTHN_CODES",
];

/// Those of them that are on.
pub async fn credential_registrators(admin: &Admin<'_>) -> Result<Vec<&'static str>, AdminError> {
    let realm = document(admin).await?;
    let is_on = |alias: &&&str| {
        let mut actions = realm.required_actions.iter().flatten();
        actions.any(|action| action.alias.as_deref() == Some(**alias) && action.enabled == Some(true))
    };
    Ok(REGISTRATORS.iter().filter(is_on).copied().collect())
}

/// Makes a realm of a document. Answers its name.
pub async fn create(context: &Context<'_>, sent: RealmRepresentation) -> Result<String, AdminError> {
    let name = sent.realm.clone().unwrap_or_default();
    if let Some(character) = update::forbidden_in_name(&name) {
        return Err(AdminError::Refused(format!("Character '{character}' not allowed.")));
    }
    update::check_new_name(&name)?;
    update::password_policy(sent.password_policy.as_deref().unwrap_or_default())?;
    import(context, sent, ImportOptions::default()).await?;
    Ok(name)
}

/// The realm's document with its secrets.
pub(crate) async fn document(admin: &Admin<'_>) -> Result<RealmRepresentation, AdminError> {
    Ok(whole(admin).await?.1)
}

pub(crate) async fn whole(admin: &Admin<'_>) -> Result<(StoredRealm, RealmRepresentation), AdminError> {
    let (stored, mut document, opened) = load(admin).await?;
    secrets::put_back(&mut document, &opened).ok_or(AdminError::Unwritable("realm"))?;
    Ok((stored, serde_json::from_value(document).map_err(|_| AdminError::Unwritable("realm"))?))
}

/// The work with a change of the realm's document. It was begun with a guard on the realm in hand: where the document
/// is a later one, that guard is lost.
pub(crate) async fn changing(
    admin: &Admin<'_>,
    work: Work,
    change: impl FnOnce(&mut RealmRepresentation),
) -> Result<Work, AdminError> {
    let (stored, mut realm) = whole(admin).await?;
    change(&mut realm);
    storing(admin, work, &stored, &realm)
}

/// The work with the realm's document.
pub(crate) fn storing(
    admin: &Admin<'_>,
    work: Work,
    stored: &StoredRealm,
    realm: &RealmRepresentation,
) -> Result<Work, AdminError> {
    Ok(work.write(Write::Replace(Box::new(Record::Realm(record(admin, &stored.record, realm)?)))))
}

/// The row as it is now, its document and its secrets apart.
pub(crate) async fn load(admin: &Admin<'_>) -> Result<(StoredRealm, Value, secrets::Secrets), AdminError> {
    let stored = admin.context.store.stored_realm(&admin.realm.name).await?;
    let stored = stored.ok_or(AdminError::NotFound(What::Realm))?;
    let document =
        serde_json::from_str(&stored.record.config).map_err(|_| AdminError::Unwritable("realm"))?;
    let opened = secrets::open(&admin.realm, stored.record.secrets.as_deref());
    Ok((stored, document, opened.ok_or(AdminError::Unwritable("realm"))?))
}

/// Decides a change of the realm's document on what it is, and commits; decides anew when somebody else was
/// faster, so that the second of two administrators wins whole.
pub(crate) async fn change_realm(
    admin: &Admin<'_>,
    change: impl Fn(&mut RealmRepresentation) -> Result<(), AdminError>,
) -> Result<(), AdminError> {
    decide(admin, change, |work| work).await
}

/// The same, with its admin event.
pub(crate) async fn change_recorded<T: Serialize>(
    admin: &Admin<'_>,
    done: &Done<'_, T>,
    change: impl Fn(&mut RealmRepresentation) -> Result<(), AdminError>,
) -> Result<(), AdminError> {
    decide(admin, change, |work| admin.recorded(work, done)).await
}

async fn decide(
    admin: &Admin<'_>,
    change: impl Fn(&mut RealmRepresentation) -> Result<(), AdminError>,
    finish: impl Fn(Work) -> Work,
) -> Result<(), AdminError> {
    for _ in 0..TRIES {
        let (stored, mut realm) = whole(admin).await?;
        change(&mut realm)?;
        let revision = stored.revision;
        let record = record(admin, &stored.record, &realm)?;
        let work = Work::new(admin.context.fresh_id())
            .guard(Guard::MoveRealmFrom { realm: admin.realm.id, revision })
            .write(Write::Replace(Box::new(Record::Realm(record))));
        if admin.commit(finish(work), |_| None).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

/// The realm's row with this document.
pub(crate) fn record(
    admin: &Admin<'_>,
    before: &RealmRecord,
    realm: &RealmRepresentation,
) -> Result<RealmRecord, AdminError> {
    let sealer = Sealer::of(&admin.realm, admin.context.entropy).ok_or(AdminError::NoMasterKey)?;
    let mut document = serde_json::to_value(realm).map_err(|_| AdminError::Unwritable("realm"))?;
    let taken = secrets::take(&mut document);
    Ok(RealmRecord {
        id: before.id,
        name: realm.realm.clone().unwrap_or_else(|| before.name.clone()),
        importing: before.importing,
        config: document.to_string(),
        secrets: sealer.seal(&taken),
        created: before.created,
    })
}

/// Removes the realm with all that hangs on it, and master's client for it.
pub async fn delete(admin: &Admin<'_>) -> Result<(), AdminError> {
    let name = &admin.realm.name;
    if name == MASTER {
        return Err(AdminError::Invalid("Can't delete realm master".to_owned()));
    }
    let done: Done<'_, RealmRepresentation> =
        Done { operation: OperationType::Delete, resource: "REALM", path: String::new(), sent: None };
    let (stored, ..) = load(admin).await?;
    let work = Work::new(admin.context.fresh_id())
        .guard(Guard::MoveRealmFrom { realm: admin.realm.id, revision: stored.revision })
        .write(Write::Delete(Deletion::Realm { realm: admin.realm.id }));
    let raced = || AdminError::Raced(name.clone());
    admin.commit(admin.recorded(work, &done), |_| Some(raced())).await?;
    forget(admin, name).await
}

/// Takes the client that stood for the realm out of master.
async fn forget(admin: &Admin<'_>, name: &str) -> Result<(), AdminError> {
    let master = Admin::open(admin.context, MASTER, Permit::operator()).await?;
    let client_id = administration_client_id(name);
    let stored = admin.context.store.stored_client(master.realm.id, &client_id).await?;
    match stored {
        Some(stored) => client::remove(&master, stored.record.id).await,
        None => Ok(()),
    }
}
