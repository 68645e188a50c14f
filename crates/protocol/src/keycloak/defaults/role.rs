//! The roles of a new realm and of its built-in clients.

use std::collections::BTreeMap;

use super::{
    super::{ClientRepresentation, Composites, RoleRepresentation},
    Ids, MASTER, administration_client_id, default_role_name, fresh, texts,
};

/// A role and the roles of the same client that it contains.
type Contained = (&'static str, &'static [&'static str]);

/// What administers a realm; on `realm-management`, and on `{realm}-realm` in master.
const ADMINISTRATION: &[Contained] = &[
    ("create-client", &[]),
    ("impersonation", &[]),
    ("manage-authorization", &[]),
    ("manage-clients", &[]),
    ("manage-events", &[]),
    ("manage-identity-providers", &[]),
    ("manage-organizations", &[]),
    ("manage-realm", &[]),
    ("manage-users", &[]),
    ("query-clients", &[]),
    ("query-groups", &[]),
    ("query-organizations", &[]),
    ("query-realms", &[]),
    ("query-users", &[]),
    ("view-authorization", &[]),
    ("view-clients", &["query-clients"]),
    ("view-events", &[]),
    ("view-identity-providers", &[]),
    ("view-organizations", &["query-organizations"]),
    ("view-realm", &[]),
    ("view-users", &["query-groups", "query-users"]),
];

const ACCOUNT: &[Contained] = &[
    ("delete-account", &[]),
    ("manage-account", &["manage-account-links"]),
    ("manage-account-links", &[]),
    ("manage-consent", &["view-consent"]),
    ("view-applications", &[]),
    ("view-consent", &[]),
    ("view-groups", &[]),
    ("view-profile", &[]),
];

const BROKER: &[Contained] = &[("read-token", &[])];

/// The role that every user of the realm has.
pub(super) fn default_role(realm: &str, realm_id: &str, ids: &mut Ids<'_>) -> RoleRepresentation {
    let account = ("account".to_owned(), texts(&["manage-account", "view-profile"]));
    RoleRepresentation {
        description: Some("${role_default-roles}".to_owned()),
        composite: Some(true),
        composites: Some(Composites {
            realm: Some(texts(&["offline_access", "uma_authorization"])),
            client: Some(BTreeMap::from([account])),
            application: None,
        }),
        ..role(&default_role_name(realm), realm_id, false, ids)
    }
}

/// The roles of the realm itself, `default_role` among them.
pub(super) fn of_realm(
    realm: &str,
    realm_id: &str,
    default_role: &RoleRepresentation,
    ids: &mut Ids<'_>,
) -> Vec<RoleRepresentation> {
    let offline_access = RoleRepresentation {
        description: Some("${role_offline-access}".to_owned()),
        ..role("offline_access", realm_id, false, ids)
    };
    let uma_authorization = role("uma_authorization", realm_id, false, ids);
    let mut roles = vec![default_role.clone(), offline_access, uma_authorization];
    if realm == MASTER {
        roles.push(admin(realm_id, ids));
        roles.push(role("create-realm", realm_id, false, ids));
    }
    roles
}

/// Master's role that contains all others; it grows with every realm.
fn admin(realm_id: &str, ids: &mut Ids<'_>) -> RoleRepresentation {
    let administration = (administration_client_id(MASTER), names(ADMINISTRATION));
    RoleRepresentation {
        composite: Some(true),
        composites: Some(Composites {
            realm: Some(texts(&["create-realm"])),
            client: Some(BTreeMap::from([administration])),
            application: None,
        }),
        ..role("admin", realm_id, false, ids)
    }
}

/// The roles of each built-in client, by client id; an empty list where there are none.
pub(super) fn of_clients(
    clients: &[ClientRepresentation],
    ids: &mut Ids<'_>,
) -> BTreeMap<String, Vec<RoleRepresentation>> {
    clients.iter().map(|client| (text(client.client_id.as_ref()), of_client(client, ids))).collect()
}

fn of_client(client: &ClientRepresentation, ids: &mut Ids<'_>) -> Vec<RoleRepresentation> {
    match client.client_id.as_deref() {
        Some("account") => list(ACCOUNT, client, ids),
        Some("broker") => list(BROKER, client, ids),
        Some("realm-management") => {
            let mut roles = list(ADMINISTRATION, client, ids);
            roles.push(contained("realm-admin", names(ADMINISTRATION), client, ids));
            roles
        }
        Some(id) if id == administration_client_id(MASTER) => of_administration(client, ids),
        _ => Vec::new(),
    }
}

/// The roles of a client `{realm}-realm`: no `realm-admin`, master's `admin` takes its place.
pub(super) fn of_administration(client: &ClientRepresentation, ids: &mut Ids<'_>) -> Vec<RoleRepresentation> {
    list(ADMINISTRATION, client, ids)
}

fn list(table: &[Contained], client: &ClientRepresentation, ids: &mut Ids<'_>) -> Vec<RoleRepresentation> {
    table.iter().map(|(name, inside)| contained(name, texts(inside), client, ids)).collect()
}

fn contained(
    name: &str,
    inside: Vec<String>,
    client: &ClientRepresentation,
    ids: &mut Ids<'_>,
) -> RoleRepresentation {
    let composites = (!inside.is_empty()).then(|| Composites {
        client: Some(BTreeMap::from([(text(client.client_id.as_ref()), inside)])),
        ..Default::default()
    });
    RoleRepresentation {
        composite: Some(composites.is_some()),
        composites,
        ..role(name, &text(client.id.as_ref()), true, ids)
    }
}

fn role(name: &str, container_id: &str, of_client: bool, ids: &mut Ids<'_>) -> RoleRepresentation {
    RoleRepresentation {
        id: Some(fresh(ids)),
        name: Some(name.to_owned()),
        description: Some(format!("${{role_{name}}}")),
        composite: Some(false),
        client_role: Some(of_client),
        container_id: Some(container_id.to_owned()),
        attributes: Some(BTreeMap::new()),
        ..Default::default()
    }
}

fn names(table: &[Contained]) -> Vec<String> {
    table.iter().map(|(name, _)| (*name).to_owned()).collect()
}

fn text(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}
