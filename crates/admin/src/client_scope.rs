//! Client scopes of a realm, and which of them new clients get. Clients, the realm's lists and role mappings hold them
//! by name: a name that changes or goes does so everywhere, in one work.

mod cascade;

use sekisho_core::event::OperationType;
use sekisho_core::ids::row_id;
use sekisho_core::work::{ConfigRecord, Deletion, Guard, Record, Work, Write};
use sekisho_protocol::Scopes as ScopeTokens;
use sekisho_protocol::keycloak::{self, ClientScopeRepresentation, RealmRepresentation};
use sekisho_store::StoredRealm;
use serde::Serialize;
use uuid::Uuid;

use crate::AdminError;
use crate::error::What;
use crate::permit::{Admin, Done, TRIES};
use crate::protocol_mapper;
use crate::realm::settings;

/// Protocols that a scope may be of.
const PROTOCOLS: &[&str] = &["openid-connect", "saml", "docker-v2", "oid4vc"];

/// The two lists of scopes that a client has, and that a realm has for new clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In every token.
    Default,
    /// In those for which it was asked.
    Optional,
}

impl Kind {
    /// The list's place under a client.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Default => "default-client-scopes",
            Self::Optional => "optional-client-scopes",
        }
    }
}

/// The scopes of a realm with the realm's own document: what is decided on them holds while its revision stands.
pub(crate) struct Scopes {
    stored: StoredRealm,
    realm: RealmRepresentation,
    rows: Vec<(Uuid, ClientScopeRepresentation)>,
}

/// Every scope, by name.
pub async fn all(admin: &Admin<'_>) -> Result<Vec<ClientScopeRepresentation>, AdminError> {
    Ok(read(admin).await?.into_iter().map(|(_, scope)| scope).collect())
}

/// The scope with this id.
pub async fn find(admin: &Admin<'_>, id: &str) -> Result<ClientScopeRepresentation, AdminError> {
    let row = row_id(admin.realm.id, id);
    let found = read(admin).await?.into_iter().find(|(id, _)| *id == row);
    found.map(|(_, scope)| scope).ok_or(AdminError::NotFound(What::ClientScope))
}

/// Makes a scope. Answers its id, as its document writes it.
pub async fn create(admin: &Admin<'_>, sent: ClientScopeRepresentation) -> Result<String, AdminError> {
    check(&sent)?;
    let mut scope = sent.clone();
    let id = scope.id.get_or_insert_with(|| admin.context.fresh_id().to_string()).clone();
    scope.attributes.get_or_insert_default();
    for mapper in scope.protocol_mappers.iter_mut().flatten() {
        mapper.id.get_or_insert_with(|| admin.context.fresh_id().to_string());
    }
    let done = Done {
        operation: OperationType::Create,
        resource: "CLIENT_SCOPE",
        path: format!("client-scopes/{id}"),
        sent: Some(&sent),
    };
    for _ in 0..TRIES {
        let scopes = Scopes::load(admin).await?;
        scopes.check_free(&scope, None)?;
        let record = record(admin, row_id(admin.realm.id, &id), &scope)?;
        let work = scopes.work(admin).guard(Guard::Insert(Box::new(Record::Scope(record))));
        let taken = |guard| (guard > 0).then_some(AdminError::Duplicate);
        if admin.commit(admin.recorded(work, &done), taken).await? {
            return Ok(id);
        }
    }
    Err(AdminError::Contended)
}

/// Changes a scope: members that were not sent stay as they are, mappers do whatever was sent.
pub async fn update(admin: &Admin<'_>, id: &str, sent: ClientScopeRepresentation) -> Result<(), AdminError> {
    let done = Done {
        operation: OperationType::Update,
        resource: "CLIENT_SCOPE",
        path: format!("client-scopes/{id}"),
        sent: Some(&sent),
    };
    change_scope(admin, id, &done, |scope| {
        let sent = sent.clone();
        scope.name = sent.name.or(scope.name.take());
        scope.description = sent.description.or(scope.description.take());
        scope.protocol = sent.protocol.or(scope.protocol.take());
        scope.attributes.get_or_insert_default().extend(sent.attributes.unwrap_or_default());
        check(scope)
    })
    .await
}

/// Puts what `change` makes of a scope in its place, its mappers too.
pub(crate) async fn replace(
    admin: &Admin<'_>,
    id: &str,
    sent: &ClientScopeRepresentation,
    change: impl Fn(&ClientScopeRepresentation) -> Result<ClientScopeRepresentation, AdminError>,
) -> Result<(), AdminError> {
    let done = Done {
        operation: OperationType::Update,
        resource: "CLIENT_SCOPE",
        path: format!("client-scopes/{id}"),
        sent: Some(sent),
    };
    change_scope(admin, id, &done, |scope| {
        *scope = change(scope)?;
        protocol_mapper::identify(admin, scope.protocol_mappers.as_mut());
        check(scope)
    })
    .await
}

/// Decides a change of a scope on what it is, and commits; decides anew when somebody else was faster.
pub(crate) async fn change_scope<T: Serialize>(
    admin: &Admin<'_>,
    id: &str,
    done: &Done<'_, T>,
    change: impl Fn(&mut ClientScopeRepresentation) -> Result<(), AdminError>,
) -> Result<(), AdminError> {
    for _ in 0..TRIES {
        let scopes = Scopes::load(admin).await?;
        let (row, before) = scopes.find(admin, id).ok_or(AdminError::NotFound(What::ClientScope))?;
        let mut scope = before.clone();
        change(&mut scope)?;
        scopes.check_free(&scope, Some(row))?;
        let mut work = scopes.work(admin);
        if scope.name != before.name {
            work = cascade::rename(admin, work, &scopes, before, scope.name.as_deref()).await?;
        }
        let work = work.write(Write::Replace(Box::new(Record::Scope(record(admin, row, &scope)?))));
        if admin.commit(admin.recorded(work, done), |_| None).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

/// Removes a scope, from clients and from the realm's lists too.
pub async fn delete(admin: &Admin<'_>, id: &str) -> Result<(), AdminError> {
    let done: Done<'_, ClientScopeRepresentation> = Done {
        operation: OperationType::Delete,
        resource: "CLIENT_SCOPE",
        path: format!("client-scopes/{id}"),
        sent: None,
    };
    for _ in 0..TRIES {
        let scopes = Scopes::load(admin).await?;
        let (row, before) = scopes.find(admin, id).ok_or(AdminError::NotFound(What::ClientScope))?;
        let work = cascade::rename(admin, scopes.work(admin), &scopes, before, None).await?;
        let work = work.write(Write::Delete(Deletion::Scope { scope: row }));
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

/// Scopes of one of the realm's lists for new clients.
pub async fn offered(admin: &Admin<'_>, kind: Kind) -> Result<Vec<ClientScopeRepresentation>, AdminError> {
    let Scopes { mut realm, rows, .. } = Scopes::load(admin).await?;
    let names = list_of(&mut realm, kind);
    let offered =
        |scope: &ClientScopeRepresentation| scope.name.as_ref().is_some_and(|name| names.contains(name));
    Ok(rows.into_iter().map(|(_, scope)| scope).filter(offered).collect())
}

/// Lets new clients have a scope.
pub async fn offer(admin: &Admin<'_>, id: &str, kind: Kind) -> Result<(), AdminError> {
    change_offer(admin, id, kind, OperationType::Create, |realm, name| {
        let is_offered = |kind| list_of(realm, kind).contains(&name);
        if [Kind::Default, Kind::Optional].map(is_offered).contains(&true) {
            return Err(AdminError::Duplicate);
        }
        list_of(realm, kind).push(name);
        Ok(())
    })
    .await
}

/// Lets them have it no longer, whichever list it is in.
pub async fn withhold(admin: &Admin<'_>, id: &str, kind: Kind) -> Result<(), AdminError> {
    change_offer(admin, id, kind, OperationType::Delete, |realm, name| {
        for kind in [Kind::Default, Kind::Optional] {
            list_of(realm, kind).retain(|known| *known != name);
        }
        Ok(())
    })
    .await
}

async fn change_offer(
    admin: &Admin<'_>,
    id: &str,
    kind: Kind,
    operation: OperationType,
    change: impl Fn(&mut RealmRepresentation, String) -> Result<(), AdminError>,
) -> Result<(), AdminError> {
    let path = format!("default-{}/{id}", kind.path());
    let done: Done<'_, ClientScopeRepresentation> =
        Done { operation, resource: "CLIENT_SCOPE", path, sent: None };
    for _ in 0..TRIES {
        let scopes = Scopes::load(admin).await?;
        let (_, scope) = scopes.find(admin, id).ok_or(AdminError::NotFound(What::AssignedScope))?;
        let mut realm = scopes.realm.clone();
        change(&mut realm, scope.name.clone().unwrap_or_default())?;
        let record = Record::Realm(settings::record(admin, &scopes.stored.record, &realm)?);
        let work = scopes.work(admin).write(Write::Replace(Box::new(record)));
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

fn list_of(realm: &mut RealmRepresentation, kind: Kind) -> &mut Vec<String> {
    match kind {
        Kind::Default => realm.default_default_client_scopes.get_or_insert_default(),
        Kind::Optional => realm.default_optional_client_scopes.get_or_insert_default(),
    }
}

async fn read(admin: &Admin<'_>) -> Result<Vec<(Uuid, ClientScopeRepresentation)>, AdminError> {
    let stored = admin.context.store.stored_scopes(admin.realm.id).await?;
    let parse = |record: ConfigRecord| {
        let scope = keycloak::parse(record.config.as_bytes()).ok()?;
        Some((record.id, scope))
    };
    let unwritable = || AdminError::Unwritable("client scope");
    stored.into_iter().map(|record| parse(record).ok_or_else(unwritable)).collect()
}

fn record(
    admin: &Admin<'_>,
    id: Uuid,
    scope: &ClientScopeRepresentation,
) -> Result<ConfigRecord, AdminError> {
    let config = serde_json::to_string(scope).map_err(|_| AdminError::Unwritable("client scope"))?;
    Ok(ConfigRecord { id, realm: admin.realm.id, name: scope.name.clone().unwrap_or_default(), config })
}

/// A name is a token of `scope` (RFC 6749 §3.3), or nobody could ask for it.
fn check(scope: &ClientScopeRepresentation) -> Result<(), AdminError> {
    let Some(name) = scope.name.as_deref() else {
        return Err(AdminError::Invalid("name: is missing; send the name of the client scope".to_owned()));
    };
    if !ScopeTokens::is_token(name) {
        return Err(AdminError::Invalid(format!("Unexpected name \"{name}\" for ClientScope")));
    }
    match scope.protocol.as_deref() {
        Some(protocol) if PROTOCOLS.contains(&protocol) => Ok(()),
        _ => Err(AdminError::Invalid("Unexpected protocol".to_owned())),
    }
}

impl Scopes {
    /// The revision is read first: what is read after it and is newer makes the guard lose, never win.
    pub(crate) async fn load(admin: &Admin<'_>) -> Result<Self, AdminError> {
        let (stored, realm) = settings::whole(admin).await?;
        Ok(Self { stored, realm, rows: read(admin).await? })
    }

    pub(crate) const fn revision(&self) -> i64 {
        self.stored.revision
    }

    /// Whether there is one of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.rows.iter().any(|(_, scope)| scope.name.as_deref() == Some(name))
    }

    /// The scope with this id, and its row's.
    pub(crate) fn find(&self, admin: &Admin<'_>, id: &str) -> Option<(Uuid, &ClientScopeRepresentation)> {
        let row = row_id(admin.realm.id, id);
        self.rows.iter().find(|(id, _)| *id == row).map(|(id, scope)| (*id, scope))
    }

    fn work(&self, admin: &Admin<'_>) -> Work {
        let (realm, revision) = (admin.realm.id, self.revision());
        Work::new(admin.context.fresh_id()).guard(Guard::MoveRealmFrom { realm, revision })
    }

    fn check_free(&self, scope: &ClientScopeRepresentation, own: Option<Uuid>) -> Result<(), AdminError> {
        let taken = self.rows.iter().any(|(row, known)| Some(*row) != own && known.name == scope.name);
        let name = scope.name.as_deref().unwrap_or_default();
        if taken { Err(AdminError::Exists(format!("Client Scope {name} already exists"))) } else { Ok(()) }
    }
}
