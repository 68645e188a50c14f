//! What in a file cannot be, beside what the realm has.

use std::collections::HashSet;

use sekisho_core::access::MANAGEMENT_CLIENT;
use sekisho_core::claims;
use sekisho_protocol::keycloak::ClientScopeRepresentation;
use sekisho_protocol::keycloak::defaults::{self, MASTER};
use serde_json::Value;
use uuid::Uuid;

use super::{Change, Desired, Stored, Subject};
use crate::AdminError;
use crate::error::Fault;

/// The place of the list in the file.
const fn list_of(what: Subject) -> &'static str {
    match what {
        Subject::Client => "clients",
        Subject::ClientScope => "clientScopes",
        Subject::ClientProfile => "clientProfiles.profiles",
        Subject::ClientPolicy | Subject::ClientPolicies => "clientPolicies.policies",
    }
}

/// An id is the realm's to keep: a file may repeat it, not change it.
pub(super) fn id(
    what: Subject,
    index: usize,
    document: &Value,
    found: Option<&Value>,
    stored: &[Value],
) -> Result<(), AdminError> {
    let Some(id) = document.get("id") else { return Ok(()) };
    let right = match found {
        Some(found) => found.get("id") == Some(id),
        None => stored.iter().all(|known| known.get("id") != Some(id)),
    };
    if right {
        return Ok(());
    }
    let fault = Fault::Unreadable("is not the id that the realm has for this name; leave the id out");
    Err(AdminError::Document { place: format!("{}[{index}].id", list_of(what)), fault })
}

/// A secret that nobody would ask for is a mistake in the line above or below it.
pub(super) fn secret(index: usize, document: &Value, after: &Value) -> Result<(), AdminError> {
    let public = after.get("publicClient") == Some(&Value::Bool(true));
    if public && document.get("secret").is_some() {
        let fault = Fault::Unreadable("the client is public and has no secret; leave it out");
        return Err(AdminError::Document { place: format!("clients[{index}].secret"), fault });
    }
    Ok(())
}

/// A mapper that is new, or another than before, is one that tokens can be made with.
pub(super) fn mappers(what: Subject, index: usize, before: &Value, after: &Value) -> Result<(), AdminError> {
    let list = |document: &Value| {
        document.get("protocolMappers").and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let stored = list(before);
    for mapper in list(after).iter().filter(|mapper| !stored.contains(mapper)) {
        let name = mapper.get("protocolMapper").and_then(Value::as_str).unwrap_or_default();
        if !claims::is_known(name) {
            let fault = Fault::NoSuch { what: "kind of protocol mapper", name: name.to_owned() };
            return Err(AdminError::Document {
                place: format!("{}[{index}].protocolMappers", list_of(what)),
                fault,
            });
        }
    }
    Ok(())
}

/// Scopes that clients of the file name must be there once it is applied.
pub(super) fn scopes_of_clients(
    desired: &Desired,
    stored: &Stored,
    removed: &[Change],
) -> Result<(), AdminError> {
    let goes =
        |name: &str| removed.iter().any(|change| change.what == Subject::ClientScope && change.name == name);
    let known: HashSet<&str> = names(&stored.scopes)
        .filter(|name| !goes(name))
        .chain(names(desired.scopes.as_deref().unwrap_or_default()))
        .collect();
    for (index, client) in desired.clients.iter().flatten().enumerate() {
        let lists = [
            ("defaultClientScopes", &client.default_client_scopes),
            ("optionalClientScopes", &client.optional_client_scopes),
        ];
        for (member, list) in lists {
            if let Some(name) = list.iter().flatten().find(|name| !known.contains(name.as_str())) {
                let fault = Fault::NoSuch { what: "client scope", name: name.clone() };
                return Err(AdminError::Document { place: format!("clients[{index}].{member}"), fault });
            }
        }
    }
    Ok(())
}

/// Nobody changes the client that holds the roles of administrators, whatever their own: it would not be said before
/// everything else was done.
pub(super) fn administration(
    desired: &Desired,
    stored: &Stored,
    changes: &[Change],
) -> Result<(), AdminError> {
    let is_held_back = |name: &str| {
        if stored.realm == MASTER { name.ends_with("-realm") } else { name == MANAGEMENT_CLIENT }
    };
    let Some(change) = changes.iter().find(|change| is_held_back(&change.name)) else { return Ok(()) };
    let mut clients = desired.clients.iter().flatten();
    let index = clients.position(|client| client.client_id.as_ref() == Some(&change.name));
    let members: Vec<&str> = change.members.iter().map(|change| change.member.as_str()).collect();
    let text = format!(
        "client {} holds the roles of administrators and cannot be changed ({}); leave it out",
        change.name,
        members.join(", ")
    );
    let place = format!("clients[{}]", index.unwrap_or_default());
    Err(AdminError::Document { place, fault: Fault::ClientPolicy(text) })
}

fn names(scopes: &[ClientScopeRepresentation]) -> impl Iterator<Item = &str> {
    scopes.iter().filter_map(|scope| scope.name.as_deref())
}

/// What every realm has from the start: never removed because a file leaves it out. In `master` also the clients
/// that stand for other realms.
pub(super) struct BuiltIn {
    clients: HashSet<String>,
    scopes: HashSet<String>,
    is_master: bool,
}

impl BuiltIn {
    pub(super) fn of(realm: &str) -> Self {
        let new = defaults::new_realm(realm, &mut Uuid::nil);
        let clients = new.clients.into_iter().flatten().filter_map(|client| client.client_id);
        let scopes = new.client_scopes.into_iter().flatten().filter_map(|scope| scope.name);
        Self { clients: clients.collect(), scopes: scopes.collect(), is_master: realm == MASTER }
    }

    pub(super) fn has(&self, what: Subject, name: &str) -> bool {
        match what {
            Subject::Client => self.clients.contains(name) || (self.is_master && name.ends_with("-realm")),
            _ => self.scopes.contains(name),
        }
    }
}
