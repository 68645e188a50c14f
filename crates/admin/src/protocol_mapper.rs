//! Protocol mappers of clients and of client scopes. What a mapper puts into a token can be as much as any other
//! setting of a client, so an edit of one is an update of its client: policies judge it (attack 43).

use sekisho_core::claims;
use sekisho_core::client::register::Draft;
use sekisho_core::event::OperationType;
use sekisho_protocol::keycloak::{ClientRepresentation, ProtocolMapperRepresentation};
use serde::Serialize;

use crate::AdminError;
use crate::client::{self, Found, change_client, has_twins, without_secrets};
use crate::client_scope::{self, change_scope};
use crate::error::What;
use crate::permit::{Admin, Done};

type Mappers = Vec<ProtocolMapperRepresentation>;

/// Whose mappers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// A client, by its id.
    Client(&'a str),
    /// A client scope, by its id.
    Scope(&'a str),
}

impl Owner<'_> {
    fn path(self) -> String {
        match self {
            Self::Client(id) => format!("clients/{id}/protocol-mappers"),
            Self::Scope(id) => format!("client-scopes/{id}/protocol-mappers"),
        }
    }
}

/// Every mapper of the owner.
pub async fn list(admin: &Admin<'_>, owner: Owner<'_>) -> Result<Mappers, AdminError> {
    let mappers = match owner {
        Owner::Client(id) => client::load(admin, id).await?.document.protocol_mappers,
        Owner::Scope(id) => client_scope::find(admin, id).await?.protocol_mappers,
    };
    let mappers = mappers.unwrap_or_default().into_iter().map(|mapper| without_secrets(admin, mapper));
    mappers.collect()
}

/// One of them.
pub async fn find(
    admin: &Admin<'_>,
    owner: Owner<'_>,
    id: &str,
) -> Result<ProtocolMapperRepresentation, AdminError> {
    let found = list(admin, owner).await?.into_iter().find(|mapper| mapper.id.as_deref() == Some(id));
    found.ok_or(AdminError::NotFound(What::Mapper))
}

/// Makes a mapper. Answers its id.
pub async fn create(
    admin: &Admin<'_>,
    owner: Owner<'_>,
    sent: ProtocolMapperRepresentation,
) -> Result<String, AdminError> {
    let mapper = completed(admin, sent.clone())?;
    let id = mapper.id.clone().unwrap_or_default();
    let done = Done {
        operation: OperationType::Create,
        resource: "PROTOCOL_MAPPER",
        path: format!("{}/models/{id}", owner.path()),
        sent: Some(&sent),
    };
    let same = || AdminError::Exists("Protocol mapper exists with same name".to_owned());
    change(admin, owner, &done, |mappers| {
        mappers.push(mapper.clone());
        if has_twins(mappers) { Err(same()) } else { Ok(()) }
    })
    .await?;
    Ok(id)
}

/// Makes several, or none.
pub async fn add(admin: &Admin<'_>, owner: Owner<'_>, sent: Mappers) -> Result<(), AdminError> {
    let new = sent.iter().map(|mapper| completed(admin, mapper.clone()));
    let new = new.collect::<Result<Mappers, AdminError>>()?;
    let done = Done {
        operation: OperationType::Create,
        resource: "PROTOCOL_MAPPER",
        path: format!("{}/add-models", owner.path()),
        sent: Some(&sent),
    };
    change(admin, owner, &done, |mappers| {
        mappers.extend(new.clone());
        if has_twins(mappers) { Err(AdminError::MapperTwice) } else { Ok(()) }
    })
    .await
}

/// Puts a mapper in the place of another.
pub async fn update(
    admin: &Admin<'_>,
    owner: Owner<'_>,
    id: &str,
    sent: ProtocolMapperRepresentation,
) -> Result<(), AdminError> {
    let mapper = ProtocolMapperRepresentation { id: Some(id.to_owned()), ..sent.clone() };
    let done = Done {
        operation: OperationType::Update,
        resource: "PROTOCOL_MAPPER",
        path: format!("{}/models/{id}", owner.path()),
        sent: Some(&sent),
    };
    let same = || AdminError::Exists("Protocol mapper exists with same name".to_owned());
    change(admin, owner, &done, |mappers| {
        *place_of(mappers, id)? = completed(admin, mapper.clone())?;
        if has_twins(mappers) { Err(same()) } else { Ok(()) }
    })
    .await
}

/// Removes a mapper.
pub async fn delete(admin: &Admin<'_>, owner: Owner<'_>, id: &str) -> Result<(), AdminError> {
    let done: Done<'_, ProtocolMapperRepresentation> = Done {
        operation: OperationType::Delete,
        resource: "PROTOCOL_MAPPER",
        path: format!("{}/models/{id}", owner.path()),
        sent: None,
    };
    change(admin, owner, &done, |mappers| {
        place_of(mappers, id)?;
        mappers.retain(|mapper| mapper.id.as_deref() != Some(id));
        Ok(())
    })
    .await
}

/// Mappers are addressed by their id: those that are new get one.
pub(crate) fn identify(admin: &Admin<'_>, mappers: Option<&mut Mappers>) {
    for mapper in mappers.into_iter().flatten() {
        mapper.id.get_or_insert_with(|| admin.context.fresh_id().to_string());
    }
}

fn place_of<'m>(
    mappers: &'m mut Mappers,
    id: &str,
) -> Result<&'m mut ProtocolMapperRepresentation, AdminError> {
    let found = mappers.iter_mut().find(|mapper| mapper.id.as_deref() == Some(id));
    found.ok_or(AdminError::NotFound(What::Mapper))
}

async fn change<T: Serialize>(
    admin: &Admin<'_>,
    owner: Owner<'_>,
    done: &Done<'_, T>,
    edit: impl Fn(&mut Mappers) -> Result<(), AdminError>,
) -> Result<(), AdminError> {
    match owner {
        Owner::Client(id) => {
            let draft = |mut found: Found| {
                edit(found.document.protocol_mappers.get_or_insert_default())?;
                let protocol_mappers = found.document.protocol_mappers.clone();
                let sent = ClientRepresentation { protocol_mappers, ..Default::default() };
                Ok(Draft::replace(found.client, sent, found.document))
            };
            change_client(admin, id, done, draft).await.map(drop)
        }
        Owner::Scope(id) => {
            change_scope(admin, id, done, |scope| edit(scope.protocol_mappers.get_or_insert_default())).await
        }
    }
}

/// A mapper as it is stored: it has a name, a protocol and a provider, and says whether it shows in introspection.
fn completed(
    admin: &Admin<'_>,
    mut mapper: ProtocolMapperRepresentation,
) -> Result<ProtocolMapperRepresentation, AdminError> {
    if !mapper.protocol_mapper.as_deref().is_some_and(claims::is_known) {
        return Err(AdminError::NotFound(What::MapperProvider));
    }
    if mapper.name.is_none() || mapper.protocol.is_none() {
        return Err(AdminError::Duplicate);
    }
    mapper.id.get_or_insert_with(|| admin.context.fresh_id().to_string());
    mapper.consent_required.get_or_insert(false);
    let config = mapper.config.get_or_insert_default();
    if config.get("access.token.claim").is_some_and(|switch| switch == "true") {
        config.entry("introspection.token.claim".to_owned()).or_insert("true".to_owned());
    }
    Ok(mapper)
}
