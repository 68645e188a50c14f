//! The way out: a realm as the document that it could be imported from.

use std::collections::BTreeMap;

use sekisho_core::Realm;
use sekisho_core::secrets::{self, HIDDEN};
use sekisho_core::work::{ClientRecord, GroupRecord, RoleRecord};
use sekisho_protocol::keycloak::{
    self, ClientRepresentation, Composites, GroupRepresentation, RealmRepresentation, RoleRepresentation,
    RolesRepresentation,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::NewResource;
use super::export_keys;
use super::export_users::Writer;
use super::plan::{RESOURCE_URL_ATTRIBUTE, RESOURCES_ATTRIBUTE};
use crate::{AdminError, Context};

/// What goes out.
#[derive(Clone, Copy, Debug)]
pub struct ExportOptions {
    /// Users, with their credentials where `secrets` says so.
    pub users: bool,
    /// Secrets and private keys in the clear, without which the document cannot take the realm's place;
    /// else stars, as Keycloak writes them.
    pub secrets: bool,
}

/// The whole realm. Lists are sorted by name, so that two exports differ where the realm does.
pub async fn export(
    context: &Context<'_>,
    name: &str,
    options: ExportOptions,
) -> Result<RealmRepresentation, AdminError> {
    let unknown = || AdminError::NoSuchRealm(name.to_owned());
    let stored = context.store.stored_realm(name).await?.ok_or_else(unknown)?.record;
    if stored.importing {
        return Err(AdminError::Importing(name.to_owned()));
    }
    let snapshot = context.store.realm(name).await?.ok_or_else(unknown)?;
    let reader = Reader { realm: &snapshot, secrets: options.secrets };
    let mut realm: RealmRepresentation = reader.read(&stored.config, stored.secrets.as_deref(), "realm")?;

    let clients = context.store.stored_clients(stored.id).await?;
    let names = ById::new(&snapshot, &clients);
    let mut documents = Vec::new();
    for client in &clients {
        documents.push(reader.read::<ClientRepresentation>(
            &client.config,
            client.secrets.as_deref(),
            "client",
        )?);
    }
    write_resources(&mut realm, &snapshot, &documents)?;
    realm.clients = Some(documents);
    let mut scopes = Vec::new();
    for scope in context.store.stored_scopes(stored.id).await? {
        scopes.push(parse(&scope.config, "client scope")?);
    }
    realm.client_scopes = Some(scopes);
    realm.roles = Some(roles(context.store.stored_roles(stored.id).await?, &names)?);
    realm.groups = Some(groups(context.store.stored_groups(stored.id).await?, &names)?);
    if options.secrets {
        let keys = context.store.stored_keys(stored.id, name).await?;
        export_keys::write(&mut realm, stored.id, &keys)?;
    } else {
        export_keys::leave_out(&mut realm);
    }
    if options.users {
        let writer = Writer { context, realm: &snapshot, names: &names, secrets: options.secrets };
        realm.users = Some(writer.users().await?);
    }
    realm.keycloak_version = Some(keycloak::VERSION.to_owned());
    Ok(realm)
}

/// Reads stored documents, with their secrets or with stars.
struct Reader<'a> {
    realm: &'a Realm,
    secrets: bool,
}

impl Reader<'_> {
    fn read<T: DeserializeOwned>(
        &self,
        config: &str,
        sealed: Option<&[u8]>,
        what: &'static str,
    ) -> Result<T, AdminError> {
        let unreadable = || AdminError::Unwritable(what);
        let mut document: Value = serde_json::from_str(config).map_err(|_| unreadable())?;
        let mut secrets = secrets::open(self.realm, sealed).ok_or_else(unreadable)?;
        if !self.secrets {
            for secret in secrets.values_mut() {
                HIDDEN.clone_into(secret);
            }
        }
        secrets::put_back(&mut document, &secrets).ok_or_else(unreadable)?;
        serde_json::from_value(document).map_err(|_| unreadable())
    }
}

fn parse<T: DeserializeOwned>(config: &str, what: &'static str) -> Result<T, AdminError> {
    keycloak::parse(config.as_bytes()).map_err(|_| AdminError::Unwritable(what))
}

/// Names of what is stored by id.
pub(super) struct ById<'a> {
    realm: &'a Realm,
    clients: BTreeMap<Uuid, &'a str>,
}

impl<'a> ById<'a> {
    fn new(realm: &'a Realm, clients: &'a [ClientRecord]) -> Self {
        Self { realm, clients: clients.iter().map(|client| (client.id, client.client_id.as_str())).collect() }
    }

    pub(super) fn client(&self, id: Uuid) -> Option<&'a str> {
        self.clients.get(&id).copied()
    }

    pub(super) fn group(&self, id: Uuid) -> Option<&'a str> {
        self.realm.groups.by_id.get(&id).map(|group| group.path.as_str())
    }

    /// Names of roles, sorted: of the realm, and by client.
    pub(super) fn roles(&self, ids: &[Uuid]) -> (Vec<String>, BTreeMap<String, Vec<String>>) {
        let (mut of_realm, mut of_clients): (Vec<String>, BTreeMap<String, Vec<String>>) = Default::default();
        for role in ids.iter().filter_map(|id| self.realm.roles.by_id.get(id)) {
            match role.client.map(|id| self.client(id)) {
                None => of_realm.push(role.name.clone()),
                Some(Some(client)) => {
                    of_clients.entry(client.to_owned()).or_default().push(role.name.clone());
                }
                Some(None) => {}
            }
        }
        of_realm.sort_unstable();
        for names in of_clients.values_mut() {
            names.sort_unstable();
        }
        (of_realm, of_clients)
    }
}

fn roles(mut stored: Vec<RoleRecord>, names: &ById<'_>) -> Result<RolesRepresentation, AdminError> {
    stored.sort_by(|left, right| left.name.cmp(&right.name));
    let mut of_realm = Vec::new();
    let mut of_clients: BTreeMap<String, Vec<RoleRepresentation>> =
        names.clients.values().map(|client| ((*client).to_owned(), Vec::new())).collect();
    for record in stored {
        let mut role: RoleRepresentation = parse(&record.config, "role")?;
        if !record.composites.is_empty() {
            let (realm, client) = names.roles(&record.composites);
            role.composites = Some(Composites {
                realm: (!realm.is_empty()).then_some(realm),
                client: (!client.is_empty()).then_some(client),
                application: None,
            });
        }
        match record.client.map(|id| names.client(id)) {
            None => of_realm.push(role),
            Some(client) => of_clients.entry(client.unwrap_or_default().to_owned()).or_default().push(role),
        }
    }
    Ok(RolesRepresentation { realm: Some(of_realm), client: Some(of_clients), application: None })
}

fn groups(mut stored: Vec<GroupRecord>, names: &ById<'_>) -> Result<Vec<GroupRepresentation>, AdminError> {
    stored.sort_by(|left, right| left.path.cmp(&right.path));
    let mut inside: BTreeMap<Option<Uuid>, Vec<(Uuid, GroupRepresentation)>> = BTreeMap::new();
    for record in stored {
        let mut group: GroupRepresentation = parse(&record.config, "group")?;
        let (of_realm, of_clients) = names.roles(&record.roles);
        group.realm_roles = Some(of_realm);
        group.client_roles = Some(of_clients);
        group.parent_id = record.parent.map(|parent| parent.to_string());
        inside.entry(record.parent).or_default().push((record.id, group));
    }
    Ok(nest(None, &mut inside))
}

/// Each level is taken out before the next is looked for, so that groups inside one another end too.
fn nest(
    parent: Option<Uuid>,
    inside: &mut BTreeMap<Option<Uuid>, Vec<(Uuid, GroupRepresentation)>>,
) -> Vec<GroupRepresentation> {
    let groups = inside.remove(&parent).unwrap_or_default();
    let with_inner = |(id, mut group): (Uuid, GroupRepresentation)| {
        group.sub_groups = Some(nest(Some(id), inside));
        group
    };
    groups.into_iter().map(with_inner).collect()
}

/// Resources that are no clients travel in an attribute.
fn write_resources(
    realm: &mut RealmRepresentation,
    snapshot: &Realm,
    clients: &[ClientRepresentation],
) -> Result<(), AdminError> {
    let urls: Vec<&String> =
        clients.iter().filter_map(|client| client.attributes.as_ref()?.get(RESOURCE_URL_ATTRIBUTE)).collect();
    let mut resources: Vec<NewResource> = Vec::new();
    for resource in snapshot.resources.iter().filter(|resource| !urls.contains(&&resource.uri)) {
        let (uri, name, scopes) = (resource.uri.clone(), resource.name.clone(), resource.scopes.clone());
        resources.push(NewResource { uri, name, scopes });
    }
    if !resources.is_empty() {
        resources.sort_by(|left, right| left.uri.cmp(&right.uri));
        let text = serde_json::to_string(&resources).map_err(|_| AdminError::Unwritable("resource"))?;
        realm.attributes.get_or_insert_default().insert(RESOURCES_ATTRIBUTE.to_owned(), text);
    }
    Ok(())
}
