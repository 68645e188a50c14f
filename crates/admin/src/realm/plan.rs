//! A whole document as rows. Everything that can be wrong with it is found here, before anything is stored.

use std::collections::BTreeMap;

use sekisho_core::client::complete;
use sekisho_core::ids::row_id;
use sekisho_core::secrets::{self, Sealer};
use sekisho_core::work::{
    ClientRecord, ConfigRecord, GroupRecord, RealmRecord, Record, Registration, RoleRecord, Write,
};
use sekisho_credential::Rules;
use sekisho_jose::seal::SealingKey;
use sekisho_protocol::keycloak::{
    ClientRepresentation, GroupRepresentation, ProtocolMapperRepresentation, RealmRepresentation,
    RoleRepresentation, ScopeMappingRepresentation, Sensitive, UserRepresentation,
};
use serde::Serialize;
use uuid::Uuid;

use super::names::{NamedRoles, Names};
use super::user::{Reader, has_temporary_password, must_change_password};
use super::{ImportOptions, NewResource, Warning, check, keys};
use crate::keys::new::NewKey;
use crate::place::Place;
use crate::{AdminError, Context, Fault};

/// Resources in realm JSON travel as this attribute: JSON inside a text, so that Keycloak takes the file.
pub(super) const RESOURCES_ATTRIBUTE: &str = "sekisho.resources";
/// Keycloak's attribute of a client that is a resource.
pub(super) const RESOURCE_URL_ATTRIBUTE: &str = "resource_url";

/// Rows of a realm, in the order in which they are stored.
pub(super) struct Plan {
    pub(super) realm: RealmRecord,
    pub(super) keys: Vec<Record>,
    pub(super) rows: Vec<Row>,
}

/// A row of an import.
pub(crate) enum Row {
    /// Must not be there yet.
    New(Record),
    /// May be there: a role given twice is given once.
    Write(Write),
}

impl Row {
    pub(super) fn link(record: Record) -> Self {
        Self::Write(Write::Insert(Box::new(record)))
    }
}

/// The text of a document as a column holds it.
pub(crate) fn written<T: Serialize>(document: &T, what: &'static str) -> Result<String, AdminError> {
    serde_json::to_string(document).map_err(|_| AdminError::Unwritable(what))
}

/// The rows of a document that is complete.
pub(super) async fn plan(
    context: &Context<'_>,
    mut realm: RealmRepresentation,
    options: &ImportOptions,
    warnings: &mut Vec<Warning>,
) -> Result<Plan, AdminError> {
    let names = Names::learn(&mut realm, &mut || context.fresh_id())?;
    let (sealing, secret) = NewKey::sealing(context);
    let key = SealingKey::new(secret);
    let sealer = Sealer { realm: names.realm, epoch: 1, key, entropy: context.entropy };
    let mut new_keys = keys::take(context, &mut realm, options.new_keys, warnings).await?;
    new_keys.push(sealing);

    let rules = password_rules(&realm, warnings)?;
    check::settings(&realm, context.store.security())?;
    check_references(&realm, &names)?;
    let mut rows = Vec::new();
    scope_rows(context, &mut realm, &names, &mut rows)?;
    resource_rows(context, &mut realm, options, &mut rows)?;
    let service_accounts = client_rows(context, &mut realm, &sealer, &names, &mut rows)?;
    role_rows(&mut realm, &names, &mut rows)?;
    let groups = realm.groups.take().unwrap_or_default();
    group_rows(groups, None, &names, &Place::Top("groups"), &mut rows)?;

    let default_role = realm.default_role.as_ref().and_then(|role| role.name.clone());
    let mut reader = Reader::new(context, &names, &sealer, rules.parameters());
    reader.addresses_repeat = realm.duplicate_emails_allowed == Some(true);
    let users = realm.users.take().unwrap_or_default();
    let staying = users.iter().filter(|user| has_temporary_password(user) && !must_change_password(user));
    warnings
        .extend(staying.map(|user| Warning::TemporaryPassword(user.username.clone().unwrap_or_default())));
    let missing = missing_service_accounts(service_accounts, &users, default_role.as_deref());
    let place = Place::Top("users");
    for (index, user) in users.into_iter().chain(missing).enumerate() {
        rows.extend(reader.rows(user, &place.element(index)).await?);
    }
    let keys = new_keys.into_iter().map(|key| key.record(context, names.realm).map(Record::Key));
    Ok(Plan { keys: keys.collect::<Result<_, _>>()?, realm: realm_record(context, &realm, &sealer)?, rows })
}

fn password_rules(realm: &RealmRepresentation, warnings: &mut Vec<Warning>) -> Result<Rules, AdminError> {
    let policy = realm.password_policy.as_deref().unwrap_or_default();
    let rules =
        Rules::parse(policy).map_err(|error| Place::Top("passwordPolicy").has(Fault::Policy(error)))?;
    warnings.extend(rules.unenforced().map(Warning::PasswordPolicyNotEnforced));
    Ok(rules)
}

/// Names that settings of the realm use.
fn check_references(realm: &RealmRepresentation, names: &Names) -> Result<(), AdminError> {
    let place = Place::Top("defaultDefaultClientScopes");
    names.check_scopes(realm.default_default_client_scopes.as_ref(), &place)?;
    let place = Place::Top("defaultOptionalClientScopes");
    names.check_scopes(realm.default_optional_client_scopes.as_ref(), &place)?;
    let place = Place::Top("defaultGroups");
    for (index, path) in realm.default_groups.iter().flatten().enumerate() {
        names.group(path, &place.element(index))?;
    }
    let place = Place::Top("scopeMappings");
    check_mappings(realm.scope_mappings.as_deref().unwrap_or_default(), None, names, &place)?;
    let place = Place::Top("clientScopeMappings");
    for (owner, mappings) in realm.client_scope_mappings.iter().flatten() {
        check_mappings(mappings, Some(owner), names, &place.member(owner))?;
    }
    Ok(())
}

fn check_mappings(
    mappings: &[ScopeMappingRepresentation],
    owner: Option<&str>,
    names: &Names,
    place: &Place<'_>,
) -> Result<(), AdminError> {
    for (index, mapping) in mappings.iter().enumerate() {
        let place = place.element(index);
        if let Some(client) = &mapping.client {
            names.client(client, &place.member("client"))?;
        }
        if let Some(scope) = &mapping.client_scope
            && !names.scopes.contains(scope)
        {
            return Err(place.member("clientScope").lacks("client scope", scope));
        }
        let place = place.member("roles");
        for (index, role) in mapping.roles.iter().flatten().enumerate() {
            names.role(owner, role, &place.element(index))?;
        }
    }
    Ok(())
}

fn scope_rows(
    context: &Context<'_>,
    realm: &mut RealmRepresentation,
    names: &Names,
    rows: &mut Vec<Row>,
) -> Result<(), AdminError> {
    for mut scope in realm.client_scopes.take().into_iter().flatten() {
        identify_mappers(context, scope.protocol_mappers.as_deref_mut());
        rows.push(Row::New(Record::Scope(ConfigRecord {
            id: row_id(names.realm, scope.id.as_deref().unwrap_or_default()),
            realm: names.realm,
            name: scope.name.clone().unwrap_or_default(),
            config: written(&scope, "client scope")?,
        })));
    }
    Ok(())
}

/// Mappers are addressed by their id.
fn identify_mappers(context: &Context<'_>, mappers: Option<&mut [ProtocolMapperRepresentation]>) {
    for mapper in mappers.into_iter().flatten() {
        mapper.id.get_or_insert_with(|| context.fresh_id().to_string());
    }
}

/// The rows of all clients; answers the names of those with a service account.
fn client_rows(
    context: &Context<'_>,
    realm: &mut RealmRepresentation,
    sealer: &Sealer<'_>,
    names: &Names,
    rows: &mut Vec<Row>,
) -> Result<Vec<String>, AdminError> {
    let place = Place::Top("clients");
    let mut service_accounts = Vec::new();
    for (index, mut client) in realm.clients.take().into_iter().flatten().enumerate() {
        let place = place.element(index);
        names.check_scopes(client.default_client_scopes.as_ref(), &place.member("defaultClientScopes"))?;
        names.check_scopes(client.optional_client_scopes.as_ref(), &place.member("optionalClientScopes"))?;
        identify_mappers(context, client.protocol_mappers.as_deref_mut());
        if client.service_accounts_enabled == Some(true) {
            service_accounts.extend(client.client_id.clone());
        }
        rows.push(Row::New(Record::Client(client_record(context, client, sealer)?)));
    }
    Ok(service_accounts)
}

/// A client as a row; a confidential one without a secret gets one. Keycloak writes stars where it was
/// asked to hide a secret, which is as good as none.
pub(super) fn client_record(
    context: &Context<'_>,
    mut client: ClientRepresentation,
    sealer: &Sealer<'_>,
) -> Result<ClientRecord, AdminError> {
    let hidden = |secret: &Sensitive| secret.reveal().is_empty() || secrets::is_hidden(secret.reveal());
    if client.secret.as_ref().is_none_or(hidden) {
        let fresh = || Sensitive::new(complete::fresh_secret(context.entropy));
        client.secret = complete::is_confidential(&client).then(fresh);
    }
    let id = row_id(sealer.realm, client.id.as_deref().unwrap_or_default());
    let client_id = client.client_id.clone().unwrap_or_default();
    let (config, secrets) = apart(&client, "client")?;
    let (secrets, registration) = (sealer.seal(&secrets), Registration::default());
    Ok(ClientRecord { id, realm: sealer.realm, client_id, config, secrets, registration })
}

/// The text of a document without its secrets, and the secrets.
fn apart<T: Serialize>(
    document: &T,
    what: &'static str,
) -> Result<(String, BTreeMap<String, String>), AdminError> {
    let mut value = serde_json::to_value(document).map_err(|_| AdminError::Unwritable(what))?;
    let secrets = secrets::take(&mut value);
    Ok((value.to_string(), secrets))
}

fn role_rows(realm: &mut RealmRepresentation, names: &Names, rows: &mut Vec<Row>) -> Result<(), AdminError> {
    let roles = realm.roles.take().unwrap_or_default();
    let place = Place::Top("roles");
    let of_realm = place.member("realm");
    for (index, role) in roles.realm.into_iter().flatten().enumerate() {
        rows.push(role_row(role, None, names, &of_realm.element(index))?);
    }
    let of_clients = place.member("client");
    for (owner, roles) in roles.client.into_iter().flatten() {
        let place = of_clients.member(&owner);
        for (index, role) in roles.into_iter().enumerate() {
            rows.push(role_row(role, Some(&owner), names, &place.element(index))?);
        }
    }
    Ok(())
}

fn role_row(
    mut role: RoleRepresentation,
    owner: Option<&str>,
    names: &Names,
    place: &Place<'_>,
) -> Result<Row, AdminError> {
    let client = owner.map(|owner| names.client(owner, place)).transpose()?;
    let mut inside = role.composites.take().unwrap_or_default();
    let mut of_clients = inside.client.take().unwrap_or_default();
    of_clients.extend(inside.application.take().unwrap_or_default());
    let of_realm = inside.realm.unwrap_or_default();
    let given = NamedRoles { of_realm: &of_realm, of_clients: &of_clients, members: ("realm", "client") };
    let composites = names.roles_of(&given, &place.member("composites"))?;
    role.client_role = Some(client.is_some());
    role.composite = Some(!composites.is_empty());
    role.container_id = Some(client.unwrap_or(names.realm).to_string());
    role.attributes.get_or_insert_default();
    Ok(Row::New(Record::Role(RoleRecord {
        id: row_id(names.realm, role.id.as_deref().unwrap_or_default()),
        realm: names.realm,
        client,
        name: role.name.clone().unwrap_or_default(),
        config: written(&role, "role")?,
        composites,
    })))
}

fn group_rows(
    groups: Vec<GroupRepresentation>,
    parent: Option<Uuid>,
    names: &Names,
    place: &Place<'_>,
    rows: &mut Vec<Row>,
) -> Result<(), AdminError> {
    for (index, mut group) in groups.into_iter().enumerate() {
        let place = place.element(index);
        let id = row_id(names.realm, group.id.as_deref().unwrap_or_default());
        let path = group.path.clone().unwrap_or_default();
        let inside = group.sub_groups.take().unwrap_or_default();
        let of_realm = group.realm_roles.take().unwrap_or_default();
        let of_clients = group.client_roles.take().unwrap_or_default();
        let given = NamedRoles {
            of_realm: &of_realm,
            of_clients: &of_clients,
            members: ("realmRoles", "clientRoles"),
        };
        let roles = names.roles_of(&given, &place)?;
        (group.parent_id, group.sub_group_count) = (None, None);
        let config = written(&group, "group")?;
        rows.push(Row::New(Record::Group(GroupRecord {
            id,
            realm: names.realm,
            parent,
            path,
            config,
            roles,
        })));
        group_rows(inside, Some(id), names, &place.member("subGroups"), rows)?;
    }
    Ok(())
}

/// Users that stand for clients whose document does not have them.
fn missing_service_accounts(
    clients: Vec<String>,
    users: &[UserRepresentation],
    default_role: Option<&str>,
) -> Vec<UserRepresentation> {
    let there =
        |client: &String| users.iter().any(|user| user.service_account_client_id.as_ref() == Some(client));
    let account = |client: String| UserRepresentation {
        username: Some(format!("service-account-{client}")),
        enabled: Some(true),
        email_verified: Some(false),
        service_account_client_id: Some(client),
        realm_roles: default_role.map(|role| vec![role.to_owned()]),
        ..Default::default()
    };
    clients.into_iter().filter(|client| !there(client)).map(account).collect()
}

fn resource_rows(
    context: &Context<'_>,
    realm: &mut RealmRepresentation,
    options: &ImportOptions,
    rows: &mut Vec<Row>,
) -> Result<(), AdminError> {
    let mut resources: BTreeMap<String, NewResource> = BTreeMap::new();
    for client in realm.clients.iter().flatten() {
        let url = client.attributes.as_ref().and_then(|attributes| attributes.get(RESOURCE_URL_ATTRIBUTE));
        if let Some(uri) = url.filter(|uri| !uri.is_empty()) {
            let name = client.name.clone().or_else(|| client.client_id.clone());
            resources.insert(uri.clone(), NewResource { uri: uri.clone(), name, scopes: Vec::new() });
        }
    }
    if let Some(text) =
        realm.attributes.as_mut().and_then(|attributes| attributes.remove(RESOURCES_ATTRIBUTE))
    {
        let attributes = Place::Top("attributes");
        let unreadable =
            |_| attributes.member(RESOURCES_ATTRIBUTE).has(Fault::Unreadable("not a JSON list of resources"));
        let listed: Vec<NewResource> = serde_json::from_str(&text).map_err(unreadable)?;
        resources.extend(listed.into_iter().map(|resource| (resource.uri.clone(), resource)));
    }
    resources.extend(options.resources.iter().map(|resource| (resource.uri.clone(), resource.clone())));
    let realm = row_id(Uuid::nil(), realm.id.as_deref().unwrap_or_default());
    for (uri, resource) in resources {
        let config = serde_json::json!({ "name": resource.name, "scopes": resource.scopes }).to_string();
        rows.push(Row::New(Record::Resource { id: context.fresh_id(), realm, uri, config }));
    }
    Ok(())
}

fn realm_record(
    context: &Context<'_>,
    realm: &RealmRepresentation,
    sealer: &Sealer<'_>,
) -> Result<RealmRecord, AdminError> {
    let (config, secrets) = apart(realm, "realm")?;
    Ok(RealmRecord {
        id: sealer.realm,
        name: realm.realm.clone().unwrap_or_default(),
        importing: true,
        config,
        secrets: sealer.seal(&secrets),
        created: context.now(),
    })
}
