//! The scopes of a client: those that it has, and those that it may ask for.

use sekisho_core::client::complete::OPENID_CONNECT;
use sekisho_core::client::register::Draft;
use sekisho_core::event::OperationType;
use sekisho_core::work::Guard;
use sekisho_protocol::keycloak::{ClientRepresentation, ClientScopeRepresentation};

use super::{Change, Found, attempt, load};
use crate::AdminError;
use crate::client_scope::{self, Kind, Scopes};
use crate::error::What;
use crate::permit::{Admin, Done, TRIES};

/// What shall become of a scope in the lists of a client.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Assign,
    TakeAway,
}

/// The scopes of one of the client's lists.
pub async fn list(
    admin: &Admin<'_>,
    id: &str,
    kind: Kind,
) -> Result<Vec<ClientScopeRepresentation>, AdminError> {
    let found = load(admin, id).await?;
    let names = names(&found.document, kind).cloned().unwrap_or_default();
    Ok(client_scope::all(admin).await?.into_iter().filter(|scope| is_among(&names, scope)).collect())
}

fn is_among(names: &[String], scope: &ClientScopeRepresentation) -> bool {
    scope.name.as_ref().is_some_and(|name| names.contains(name))
}

const fn names(client: &ClientRepresentation, kind: Kind) -> Option<&Vec<String>> {
    match kind {
        Kind::Default => client.default_client_scopes.as_ref(),
        Kind::Optional => client.optional_client_scopes.as_ref(),
    }
}

/// Gives the client a scope. One that it has already, in whichever list, stays where it is; one of another protocol
/// is left alone, as Keycloak does.
pub async fn assign(admin: &Admin<'_>, id: &str, scope: &str, kind: Kind) -> Result<(), AdminError> {
    change(admin, id, scope, kind, Step::Assign).await
}

/// Takes a scope from the client, whichever of its lists it is in.
pub async fn take_away(admin: &Admin<'_>, id: &str, scope: &str, kind: Kind) -> Result<(), AdminError> {
    change(admin, id, scope, kind, Step::TakeAway).await
}

/// Clients hold scopes by name: a scope that is given must still be the realm's when that is written, or one that
/// comes later under the same name would be the client's without anybody having said so.
async fn change(admin: &Admin<'_>, id: &str, scope: &str, kind: Kind, step: Step) -> Result<(), AdminError> {
    let done: Done<'_, ClientRepresentation> = Done {
        operation: if step == Step::Assign { OperationType::Create } else { OperationType::Delete },
        resource: "CLIENT_SCOPE_CLIENT_MAPPING",
        path: format!("clients/{id}/{}/{scope}", kind.path()),
        sent: None,
    };
    for _ in 0..TRIES {
        let scopes = Scopes::load(admin).await?;
        let found = load(admin, id).await?;
        let (_, scope) = scopes.find(admin, scope).ok_or(AdminError::NotFound(What::AssignedScope))?;
        let name = scope.name.clone().unwrap_or_default();
        let has = |kind| names(&found.document, kind).into_iter().flatten().any(|known| *known == name);
        let listed = has(Kind::Default) || has(Kind::Optional);
        let also = match step {
            Step::Assign if listed || !fits(&found.document, scope) => return Ok(()),
            Step::TakeAway if !listed => return Ok(()),
            Step::Assign => Some(Guard::MoveRealmFrom { realm: admin.realm.id, revision: scopes.revision() }),
            Step::TakeAway => None,
        };
        let change = Change::of(found, also, |found| Ok(relisted(found, &name, kind, step)))?;
        if Box::pin(attempt(admin, change, &done)).await?.is_some() {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

fn fits(client: &ClientRepresentation, scope: &ClientScopeRepresentation) -> bool {
    let protocol = |protocol: &Option<String>| protocol.clone().unwrap_or_else(|| OPENID_CONNECT.to_owned());
    protocol(&client.protocol) == protocol(&scope.protocol)
}

fn relisted(found: Found, name: &str, kind: Kind, step: Step) -> Draft {
    let mut result = found.document;
    for list in [&mut result.default_client_scopes, &mut result.optional_client_scopes] {
        list.get_or_insert_default().retain(|known| known != name);
    }
    if step == Step::Assign {
        let list = match kind {
            Kind::Default => &mut result.default_client_scopes,
            Kind::Optional => &mut result.optional_client_scopes,
        };
        list.get_or_insert_default().push(name.to_owned());
    }
    let sent = ClientRepresentation {
        default_client_scopes: result.default_client_scopes.clone(),
        optional_client_scopes: result.optional_client_scopes.clone(),
        ..Default::default()
    };
    Draft::replace(found.client, sent, result)
}
