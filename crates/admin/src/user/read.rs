//! Users as an administrator sees them, one by one and in lists.

use std::collections::BTreeMap;

use sekisho_core::Realm;
use sekisho_core::access::AdminRoles;
use sekisho_core::credential::StoredCredential;
use sekisho_core::ids::row_id;
use sekisho_core::work::UserRecord;
use sekisho_protocol::Timestamp;
use sekisho_protocol::keycloak::{self, UserRepresentation};
use sekisho_store::StoredUser;
use uuid::Uuid;

use super::profile;
pub use sekisho_store::{Page, UserFilter};

use crate::AdminError;
use crate::error::What;
use crate::permit::{Admin, Permit};

/// Who may look at users.
pub const VIEW: AdminRoles = AdminRoles::VIEW_USERS.and(AdminRoles::MANAGE_USERS);
const OTP: &str = "otp";
/// How many users are read at once when the database does not know the whole filter.
const CHUNK: i64 = 200;

/// Which users. Whatever is set must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// What the database is asked.
    pub stored: UserFilter,
    /// Ids as their documents write them.
    pub ids: Option<Vec<String>>,
    pub email_verified: Option<bool>,
    /// Attributes and their values.
    pub attributes: Vec<(String, String)>,
    pub created_after: Option<Timestamp>,
    pub created_before: Option<Timestamp>,
}

/// How much of a user is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    Brief,
    Whole,
}

/// A user; `metadata`: with the profile that a form is made of.
pub async fn find(admin: &Admin<'_>, id: &str, metadata: bool) -> Result<UserRepresentation, AdminError> {
    let stored = load(admin, id).await?;
    let mut user = shown(&admin.realm, &stored.record, &stored.credentials)?;
    user.federated_identities = admin.realm.users.identity_providers.then(Vec::new);
    user.access = Some(access(&admin.permit));
    if metadata {
        user.user_profile_metadata = Some(profile::metadata(admin).await?);
    }
    Ok(user)
}

/// Users by name.
pub async fn list(
    admin: &Admin<'_>,
    filter: &Filter,
    page: Page,
    detail: Detail,
) -> Result<Vec<UserRepresentation>, AdminError> {
    let mut users = Vec::new();
    for record in records(admin, filter, page).await? {
        let mut user = listed(admin, &record, detail).await?;
        let manages = admin.permit.has(AdminRoles::MANAGE_USERS);
        user.access = Some(BTreeMap::from([("manage".to_owned(), manages)]));
        users.push(user);
    }
    Ok(users)
}

/// How many users the filter finds.
pub async fn count(admin: &Admin<'_>, filter: &Filter) -> Result<i64, AdminError> {
    if filter.is_stored() {
        return Ok(admin.context.store.user_count(admin.realm.id, &filter.stored).await?);
    }
    let all = records(admin, filter, Page::default()).await?;
    Ok(i64::try_from(all.len()).unwrap_or(i64::MAX))
}

/// A user of a list, without what the caller may do.
pub(crate) async fn listed(
    admin: &Admin<'_>,
    record: &UserRecord,
    detail: Detail,
) -> Result<UserRepresentation, AdminError> {
    match detail {
        Detail::Brief => brief(&admin.realm, record),
        Detail::Whole => shown(&admin.realm, record, &admin.context.store.credentials(record.id).await?),
    }
}

/// Reads a user with what hangs on it.
pub(crate) async fn load(admin: &Admin<'_>, id: &str) -> Result<StoredUser, AdminError> {
    let row = row_id(admin.realm.id, id);
    let stored = admin.context.store.stored_user(admin.realm.id, row).await?;
    stored.ok_or(AdminError::NotFound(What::User))
}

/// The document of a user's row.
pub(crate) fn document(record: &UserRecord) -> Result<UserRepresentation, AdminError> {
    keycloak::parse(record.config.as_bytes()).map_err(|_| AdminError::Unwritable("user"))
}

/// The id of a user as the document writes it.
pub(crate) fn id_of(document: &UserRepresentation, row: Uuid) -> String {
    document.id.clone().unwrap_or_else(|| row.to_string())
}

async fn records(admin: &Admin<'_>, filter: &Filter, page: Page) -> Result<Vec<UserRecord>, AdminError> {
    let (store, realm) = (admin.context.store, admin.realm.id);
    if let Some(ids) = &filter.ids {
        let mut found = Vec::new();
        for id in ids {
            found.extend(store.stored_user(realm, row_id(realm, id)).await?.map(|user| user.record));
        }
        return Ok(cut(found, page));
    }
    if filter.is_stored() {
        return Ok(store.stored_users_page(realm, &UserFilter { page, ..filter.stored.clone() }).await?);
    }
    sifted(admin, filter, page).await
}

/// Reads on until the page is full: the database does not know the whole filter.
async fn sifted(admin: &Admin<'_>, filter: &Filter, page: Page) -> Result<Vec<UserRecord>, AdminError> {
    let wanted = page.max.filter(|max| *max >= 0).map(|max| max.saturating_add(page.first.max(0)));
    let wanted = wanted.map_or(usize::MAX, |wanted| usize::try_from(wanted).unwrap_or(usize::MAX));
    let (mut found, mut first) = (Vec::new(), 0);
    loop {
        let chunk = UserFilter { page: Page { first, max: Some(CHUNK) }, ..filter.stored.clone() };
        let chunk = admin.context.store.stored_users_page(admin.realm.id, &chunk).await?;
        let is_last = i64::try_from(chunk.len()).is_ok_and(|length| length < CHUNK);
        found.extend(chunk.into_iter().filter(|record| filter.holds(record)));
        if is_last || found.len() >= wanted {
            return Ok(cut(found, page));
        }
        first += CHUNK;
    }
}

fn cut<T>(list: Vec<T>, page: Page) -> Vec<T> {
    let size = |number: i64| usize::try_from(number.max(0)).unwrap_or(usize::MAX);
    let max = page.max.filter(|max| *max >= 0).map_or(usize::MAX, size);
    list.into_iter().skip(size(page.first)).take(max).collect()
}

impl Filter {
    /// Whether the database knows all of it.
    fn is_stored(&self) -> bool {
        self.ids.is_none()
            && self.email_verified.is_none()
            && self.attributes.is_empty()
            && self.created_after.is_none()
            && self.created_before.is_none()
    }

    /// What the database was not asked.
    fn holds(&self, record: &UserRecord) -> bool {
        let Ok(user) = document(record) else { return false };
        let verified = self.email_verified;
        let attributes = user.attributes.unwrap_or_default();
        let has = |(name, value): &(String, String)| {
            attributes.get(name).is_some_and(|values| values.iter().any(|known| known == value))
        };
        verified.is_none_or(|wanted| user.email_verified.unwrap_or(false) == wanted)
            && self.created_after.is_none_or(|after| record.created >= after)
            && self.created_before.is_none_or(|before| record.created <= before)
            && self.attributes.iter().all(has)
    }
}

/// A user as Admin REST shows one, without what the caller may do.
pub(crate) fn shown(
    realm: &Realm,
    record: &UserRecord,
    credentials: &[StoredCredential],
) -> Result<UserRepresentation, AdminError> {
    let document = document(record)?;
    Ok(UserRepresentation {
        totp: Some(credentials.iter().any(|credential| credential.kind == OTP)),
        disableable_credential_types: Some(Vec::new()),
        required_actions: Some(document.required_actions.unwrap_or_default()),
        not_before: Some(document.not_before.unwrap_or(0)),
        ..brief(realm, record)?
    })
}

fn brief(realm: &Realm, record: &UserRecord) -> Result<UserRepresentation, AdminError> {
    let document = document(record)?;
    let mut attributes = document.attributes.clone().unwrap_or_default();
    attributes.retain(|name, _| realm.users.profile.shows(name));
    Ok(UserRepresentation {
        id: Some(id_of(&document, record.id)),
        username: Some(record.username.clone()),
        first_name: document.first_name,
        last_name: document.last_name,
        email: record.email.clone(),
        email_verified: Some(document.email_verified.unwrap_or(false)),
        attributes: (!attributes.is_empty()).then_some(attributes),
        enabled: Some(record.enabled),
        created_timestamp: Some(record.created.0),
        federation_link: document.federation_link,
        ..Default::default()
    })
}

/// What the caller may do with a user.
fn access(permit: &Permit) -> BTreeMap<String, bool> {
    let manages = permit.has(AdminRoles::MANAGE_USERS);
    let entries = [
        ("manageGroupMembership", manages),
        ("resetPassword", manages),
        ("view", permit.has(VIEW)),
        ("mapRoles", manages),
        ("impersonate", permit.has(AdminRoles::IMPERSONATION)),
        ("manage", manages),
    ];
    entries.into_iter().map(|(name, may)| (name.to_owned(), may)).collect()
}
