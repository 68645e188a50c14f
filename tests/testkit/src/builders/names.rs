//! Names in a document, and the ids behind them.

use std::collections::{BTreeMap, HashMap};

use sekisho_protocol::keycloak::RealmRepresentation;
use url::Url;
use uuid::Uuid;

pub(super) fn id(text: Option<&String>) -> Uuid {
    text.and_then(|text| text.parse().ok()).expect("everything that is added has an id")
}

/// The client ids of those clients that have roles.
pub(super) fn role_owners(config: &RealmRepresentation) -> HashMap<Uuid, String> {
    let roles = config.roles.as_ref().and_then(|roles| roles.client.as_ref());
    let has_roles = |client_id: &String| {
        roles.and_then(|roles| roles.get(client_id)).is_some_and(|roles| !roles.is_empty())
    };
    client_ids(config).into_iter().filter(|(_, client_id)| has_roles(client_id)).collect()
}

pub(super) fn client_ids(config: &RealmRepresentation) -> HashMap<Uuid, String> {
    let clients = config.clients.iter().flatten();
    clients.map(|client| (id(client.id.as_ref()), client.client_id.clone().unwrap_or_default())).collect()
}

/// The ids of roles of the realm and, by client id, of clients.
pub(super) fn roles(
    config: &RealmRepresentation,
    of_realm: Option<&Vec<String>>,
    of_clients: Option<&BTreeMap<String, Vec<String>>>,
) -> Vec<Uuid> {
    let of_realm = of_realm.into_iter().flatten().map(|name| (None, name));
    let of_clients = of_clients.into_iter().flatten();
    let of_clients = of_clients.flat_map(|(owner, names)| names.iter().map(move |name| (Some(owner), name)));
    of_realm.chain(of_clients).map(|(owner, name)| role(config, owner, name)).collect()
}

fn role(config: &RealmRepresentation, owner: Option<&String>, name: &str) -> Uuid {
    let roles = config.roles.as_ref().expect("a realm has roles");
    let of_owner = match owner {
        None => roles.realm.as_ref(),
        Some(owner) => roles.client.as_ref().and_then(|clients| clients.get(owner)),
    };
    let mut found = of_owner.into_iter().flatten().filter(|role| role.name.as_deref() == Some(name));
    id(found.next().expect("no such role").id.as_ref())
}

/// Those of the scopes that are for OpenID Connect.
pub(super) fn of_openid_connect(config: &RealmRepresentation, scopes: Option<&Vec<String>>) -> Vec<String> {
    let fits = |name: &&String| {
        config.client_scopes.iter().flatten().any(|scope| {
            scope.name.as_ref() == Some(name) && scope.protocol.as_deref() == Some("openid-connect")
        })
    };
    scopes.into_iter().flatten().filter(fits).cloned().collect()
}

pub(super) fn origins(redirect_uris: Option<&Vec<String>>) -> Vec<String> {
    let uris = redirect_uris.into_iter().flatten().filter_map(|uri| Url::parse(uri).ok());
    uris.map(|uri| uri.origin().ascii_serialization()).collect()
}
