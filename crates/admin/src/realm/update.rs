//! A realm's settings changed: what was sent over what is there.

use sekisho_core::access::MASTER;
use sekisho_core::event::OperationType;
use sekisho_core::keys::KeyState;
use sekisho_core::secrets;
use sekisho_core::work::{Guard, Record, Work, Write};
use sekisho_credential::{Rules, RulesError};
use sekisho_protocol::keycloak::defaults::administration_client_id;
use sekisho_protocol::keycloak::{self, ClientRepresentation, RealmRepresentation};
use sekisho_store::StoredClient;
use serde_json::Value;

use super::plan::written;
use super::{check, document, keys, names, settings};
use crate::permit::{Admin, Done, TRIES};
use crate::{AdminError, Permit};

/// The longest name that a row has room for.
const MAX_NAME: usize = 255;
/// Clients of the realm whose addresses have its name in them.
const NAMED_IN_ADDRESSES: &[&str] = &["account", "account-console", "security-admin-console"];

/// Members that have resources of their own, or that only imports read.
const NOT_SETTINGS: &[&str] = &[
    "adminPermissionsClient",
    "applicationScopeMappings",
    "applications",
    "authenticationFlows",
    "authenticatorConfig",
    "certificate",
    "clientScopeMappings",
    "clientScopes",
    "clientTemplates",
    "clients",
    "codeSecret",
    "components",
    "defaultDefaultClientScopes",
    "defaultGroups",
    "defaultOptionalClientScopes",
    "defaultRole",
    "defaultRoles",
    "federatedUsers",
    "groups",
    "id",
    "identityProviderMappers",
    "identityProviders",
    "keycloakVersion",
    "localizationTexts",
    "oauthClients",
    "organizations",
    "privateKey",
    "protocolMappers",
    "publicKey",
    "requiredActions",
    "roles",
    "scopeMappings",
    "userFederationMappers",
    "userFederationProviders",
    "users",
];

/// Members whose entries are settings of their own.
const MERGED: &[&str] = &["attributes", "browserSecurityHeaders"];

/// Changes the settings that were sent. A new name moves the realm to another address, with all that names it.
pub async fn update(admin: &Admin<'_>, sent: &RealmRepresentation) -> Result<(), AdminError> {
    let done =
        Done { operation: OperationType::Update, resource: "REALM", path: String::new(), sent: Some(sent) };
    let name = sent.realm.as_deref().filter(|name| *name != admin.realm.name);
    if let Some(name) = name {
        check_name(admin, name).await?;
    }
    let mut admin = admin.current().await?;
    for _ in 0..TRIES {
        let (stored, before) = settings::whole(&admin).await?;
        let mut realm = merged(&before, sent)?;
        check_settings(&realm, sent)?;
        check::settings(&realm, admin.context.store.security())?;
        let mut work = admin.begin();
        let there = admin.context.store.stored_keys(admin.realm.id, &admin.realm.name).await?;
        let signs = there.iter().filter(|key| key.state == KeyState::Active);
        let signing: Vec<&str> = signs.map(|key| key.algorithm.as_str()).collect();
        for key in keys::missing(&admin, &mut realm, &signing).await? {
            work = work.insert(Record::Key(key.record(&admin.context, admin.realm.id)?));
        }
        if let Some(name) = name {
            work = rename(&admin, work, name).await?;
        }
        let work = settings::storing(&admin, work, &stored, &realm)?;
        match admin.commit(admin.recorded(work, &done), |_| None).await {
            Ok(true) => return Ok(()),
            Ok(false) => admin = admin.refreshed().await?,
            // The name is unique: somebody else was faster.
            Err(AdminError::Store(error)) => return Err(taken(&admin, name).await?.unwrap_or(error.into())),
            Err(error) => return Err(error),
        }
    }
    Err(AdminError::Contended)
}

/// Checks a name that somebody sends for a realm, in Keycloak's words.
pub(super) fn check_new_name(name: &str) -> Result<(), AdminError> {
    let text = if name.is_empty() {
        "Realm name cannot be empty".to_owned()
    } else if name.len() > MAX_NAME {
        "Database operation failed".to_owned()
    } else if let Some(character) = forbidden_in_name(name) {
        format!("Character '{character}' not allowed.")
    } else if names::stands_in_path(name) {
        return Ok(());
    } else {
        "realm: not a name that can stand in a path".to_owned()
    };
    Err(AdminError::Invalid(text))
}

/// The first character that no path has.
pub(crate) fn forbidden_in_name(name: &str) -> Option<char> {
    name.chars().find(|character| !names::stands_in_path(&format!("a{character}a")))
}

async fn check_name(admin: &Admin<'_>, name: &str) -> Result<(), AdminError> {
    if admin.realm.name == MASTER {
        return Err(AdminError::Invalid("Can't rename master realm".to_owned()));
    }
    check_new_name(name)?;
    taken(admin, Some(name)).await?.map_or(Ok(()), Err)
}

async fn taken(admin: &Admin<'_>, name: Option<&str>) -> Result<Option<AdminError>, AdminError> {
    let Some(name) = name else { return Ok(None) };
    let there = admin.context.store.stored_realm(name).await?.is_some();
    Ok(there.then(|| AdminError::Exists("Realm with same name exists".to_owned())))
}

fn merged(
    before: &RealmRepresentation,
    sent: &RealmRepresentation,
) -> Result<RealmRepresentation, AdminError> {
    let document = |realm| match serde_json::to_value(realm) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(AdminError::Unwritable("realm")),
    };
    let (mut realm, mut given) = (document(before)?, document(sent)?);
    given.retain(|name, _| !NOT_SETTINGS.contains(&name.as_str()));
    for name in MERGED {
        if let (Some(Value::Object(entries)), Some(Value::Object(known))) =
            (given.get(*name), realm.get(*name))
        {
            let mut entries = entries.clone();
            for (entry, value) in known {
                entries.entry(entry.clone()).or_insert_with(|| value.clone());
            }
            given.insert((*name).to_owned(), Value::Object(entries));
        }
    }
    realm.extend(given);
    let realm = serde_json::from_value::<RealmRepresentation>(Value::Object(realm));
    let mut realm = realm.map_err(|_| AdminError::Unwritable("realm"))?;
    realm.password_policy = realm.password_policy.filter(|policy| !policy.is_empty());
    keep_hidden_password(before, &mut realm);
    document::fill_policies(&mut realm);
    Ok(realm)
}

/// Whoever reads the settings and sends them back has not seen the password.
fn keep_hidden_password(before: &RealmRepresentation, realm: &mut RealmRepresentation) {
    let known = before.smtp_server.as_ref().and_then(|server| server.get("password"));
    let sent = realm.smtp_server.as_mut().and_then(|server| server.get_mut("password"));
    if let (Some(known), Some(sent)) = (known, sent)
        && secrets::is_hidden(sent)
    {
        sent.clone_from(known);
    }
}

fn check_settings(realm: &RealmRepresentation, sent: &RealmRepresentation) -> Result<(), AdminError> {
    let policy = realm.password_policy.as_deref().unwrap_or_default();
    password_policy(policy)?;
    let Some(server) = sent.smtp_server.as_ref().filter(|server| !server.is_empty()) else { return Ok(()) };
    let from = server.get("from").map_or("null", String::as_str);
    let is_address = from.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if is_address && from.is_ascii() {
        return Ok(());
    }
    Err(AdminError::Invalid(format!(
        "Invalid sender address '{from}'. If the address contains UTF-8 characters in the local part please \
         ensure the SMTP server supports the SMTPUTF8 extension and enable 'Allow UTF-8' in the email realm \
         configuration."
    )))
}

/// Checks a password policy, in Keycloak's words.
pub(super) fn password_policy(policy: &str) -> Result<(), AdminError> {
    match Rules::parse(policy) {
        Ok(_) => Ok(()),
        Err(RulesError::Unknown(_)) => Err(AdminError::Invalid("Password policy not found".to_owned())),
        Err(error) => Err(AdminError::Invalid(format!("passwordPolicy: {error}"))),
    }
}

/// The work that gives the realm's name to what carries it: addresses of its own clients, and master's client for it.
async fn rename(admin: &Admin<'_>, mut work: Work, name: &str) -> Result<Work, AdminError> {
    let store = admin.context.store;
    let before = &admin.realm.name;
    for client_id in NAMED_IN_ADDRESSES {
        if let Some(stored) = store.stored_client(admin.realm.id, client_id).await? {
            work = changed(work, stored, |client| {
                for url in [&mut client.base_url, &mut client.admin_url].into_iter().flatten() {
                    *url = moved(url, before, name);
                }
                for uri in client.redirect_uris.iter_mut().flatten() {
                    *uri = moved(uri, before, name);
                }
            })?;
        }
    }
    let master = Admin::open(admin.context, MASTER, Permit::operator()).await?;
    let client_id = administration_client_id(name);
    // Whoever has roles of a client of this name has not been given rights over this realm.
    if store.stored_client(master.realm.id, &client_id).await?.is_some() {
        return Err(AdminError::Duplicate);
    }
    if let Some(mut stored) = store.stored_client(master.realm.id, &administration_client_id(before)).await? {
        stored.record.client_id.clone_from(&client_id);
        work = work.guard(Guard::MoveRealm { realm: master.realm.id });
        work = changed(work, stored, |client| {
            client.client_id = Some(client_id.clone());
            client.name = client.name.take().map(|text| text.replacen(before.as_str(), name, 1));
        })?;
    }
    Ok(work)
}

fn changed(
    work: Work,
    stored: StoredClient,
    change: impl FnOnce(&mut ClientRepresentation),
) -> Result<Work, AdminError> {
    let StoredClient { mut record, version } = stored;
    let document = keycloak::parse::<ClientRepresentation>(record.config.as_bytes());
    let mut document = document.map_err(|_| AdminError::Unwritable("client"))?;
    change(&mut document);
    record.config = written(&document, "client")?;
    Ok(work
        .guard(Guard::ChangeClient { client: record.id, version })
        .write(Write::Replace(Box::new(Record::Client(record)))))
}

fn moved(url: &str, before: &str, name: &str) -> String {
    let console = url.replace(&format!("/admin/{before}/"), &format!("/admin/{name}/"));
    console.replace(&format!("/realms/{before}/"), &format!("/realms/{name}/"))
}
