//! A realm file as code: which members it may have, and what they must be whatever the realm has.

use std::collections::HashSet;

use sekisho_core::secrets;
use sekisho_protocol::keycloak::{
    self, ClientPoliciesRepresentation, ClientProfilesRepresentation, ClientRepresentation,
    ClientScopeRepresentation, ProtocolMapperRepresentation, RealmRepresentation,
};
use serde_json::Value;

use super::check::BuiltIn;
use super::{PROTOCOL, Subject};
use crate::AdminError;
use crate::error::Fault;

/// What a file says of policies, clients and client scopes. What it does not name is left alone.
#[derive(Clone, Default)]
pub struct Desired {
    pub(crate) profiles: Option<ClientProfilesRepresentation>,
    pub(crate) policies: Option<ClientPoliciesRepresentation>,
    pub(crate) scopes: Option<Vec<ClientScopeRepresentation>>,
    pub(crate) clients: Option<Vec<ClientRepresentation>>,
    /// Clients whose secret is stars, which are no secret.
    pub(crate) hidden: Vec<String>,
}

/// What a file may say.
const CODE: &[&str] = &["realm", "clientProfiles", "clientPolicies", "clientScopes", "clients"];

/// Members of a client that a file cannot set, and why.
const NOT_OF_FILES: &[(&str, &str)] = &[
    ("access", "is what a caller may do, and no setting; leave it out"),
    ("origin", "is where the client is kept, and no setting; leave it out"),
    ("registrationAccessToken", "is made by the server for who registered the client; leave it out"),
];

/// Reads a file. A member that nobody knows is refused with its place, in client scopes too: Keycloak overlooks it
/// there.
///
/// # Errors
/// What is wrong, with its place.
pub fn parse(text: &[u8]) -> Result<RealmRepresentation, ParseError> {
    let realm: RealmRepresentation = keycloak::parse(text)?;
    let raw: Value =
        serde_json::from_slice(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)).unwrap_or_default();
    let known = serde_json::to_value(ClientScopeRepresentation {
        id: Some(String::new()),
        name: Some(String::new()),
        description: Some(String::new()),
        protocol: Some(String::new()),
        attributes: Some(std::collections::BTreeMap::new()),
        protocol_mappers: Some(Vec::new()),
    })
    .unwrap_or_default();
    let scopes = raw.get("clientScopes").and_then(Value::as_array).into_iter().flatten();
    for (index, scope) in scopes.enumerate() {
        for name in scope.as_object().into_iter().flatten().map(|(name, _)| name) {
            if known.get(name).is_none() {
                return Err(ParseError::UnknownMember(format!("clientScopes[{index}].{name}")));
            }
        }
    }
    Ok(realm)
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    #[error(transparent)]
    Document(#[from] keycloak::RepresentationError),
    #[error("{0}: unknown member")]
    UnknownMember(String),
}

impl Desired {
    /// What the document says, with its references resolved.
    ///
    /// # Errors
    /// The first member that no file of code may have, or that is not as it must be.
    pub fn of(document: RealmRepresentation) -> Result<Self, AdminError> {
        refuse_others(&document)?;
        let mut scopes = document.client_scopes;
        let mut clients = document.clients;
        let named = scopes.iter().flatten().map(|scope| scope.name.as_deref());
        check_names("clientScopes", "name", "client scope", named)?;
        let named = clients.iter().flatten().map(|client| client.client_id.as_deref());
        check_names("clients", "clientId", "client", named)?;
        for (index, scope) in scopes.iter_mut().flatten().enumerate() {
            let protocol = scope.protocol.get_or_insert_with(|| PROTOCOL.to_owned()).clone();
            settle_mappers(&mut scope.protocol_mappers, &protocol, &format!("clientScopes[{index}]"))?;
        }
        let mut hidden = Vec::new();
        for (index, client) in clients.iter_mut().flatten().enumerate() {
            let stars = client.secret.is_some();
            *client = settled(client, index)?;
            if stars && client.secret.is_none() {
                hidden.extend(client.client_id.clone());
            }
        }
        let (profiles, policies) = (document.client_profiles, document.client_policies);
        Ok(Self { profiles, policies, scopes, clients, hidden })
    }
}

/// What of a realm's document a file of code may say, without the ids that only this realm has, and without the
/// clients that every realm has from the start: their addresses name the realm, so that the file would fit no other.
pub fn as_code(document: RealmRepresentation) -> RealmRepresentation {
    let mut code = RealmRepresentation {
        realm: document.realm,
        client_profiles: document.client_profiles,
        client_policies: document.client_policies,
        client_scopes: document.client_scopes,
        clients: document.clients,
        ..RealmRepresentation::default()
    };
    let built_in = BuiltIn::of(code.realm.as_deref().unwrap_or_default());
    let is_own = |client: &ClientRepresentation| {
        !built_in.has(Subject::Client, client.client_id.as_deref().unwrap_or_default())
    };
    if let Some(clients) = &mut code.clients {
        clients.retain(is_own);
    }
    let mut mappers = Vec::new();
    for client in code.clients.iter_mut().flatten() {
        (client.id, client.access, client.origin, client.registration_access_token) =
            (None, None, None, None);
        mappers.extend(client.protocol_mappers.iter_mut().flatten());
    }
    for scope in code.client_scopes.iter_mut().flatten() {
        scope.id = None;
        mappers.extend(scope.protocol_mappers.iter_mut().flatten());
    }
    for mapper in mappers {
        mapper.id = None;
    }
    code
}

/// Nothing of a file is passed over in silence.
fn refuse_others(document: &RealmRepresentation) -> Result<(), AdminError> {
    let members = serde_json::to_value(document).map_err(|_| AdminError::Unwritable("realm"))?;
    let mut names = members.as_object().into_iter().flatten().map(|(name, _)| name);
    match names.find(|name| !CODE.contains(&name.as_str())) {
        Some(name) => {
            Err(AdminError::Document { place: name.clone(), fault: Fault::Elsewhere(home_of(name)) })
        }
        None => Ok(()),
    }
}

/// What a member of a realm file is, and which command takes it.
fn home_of(member: &str) -> &'static str {
    match member {
        "users" | "federatedUsers" => {
            "users are not code: make one with `sekisho user create`, or take all over with `sekisho realm import`"
        }
        "components" => {
            "keys and other components are no code: `sekisho keys` turns keys, `sekisho realm import` takes all over"
        }
        "roles"
        | "groups"
        | "defaultRole"
        | "defaultRoles"
        | "defaultGroups"
        | "scopeMappings"
        | "clientScopeMappings" => {
            "roles, groups and what is mapped to them come with `sekisho realm import` or by Admin REST"
        }
        "defaultDefaultClientScopes" | "defaultOptionalClientScopes" => {
            "which scopes new clients get comes with `sekisho realm import` or by Admin REST"
        }
        "id" | "keycloakVersion" => "says where the file comes from; leave it out",
        _ => "settings of the realm itself come with `sekisho realm import` or by Admin REST",
    }
}

fn check_names<'a>(
    list: &str,
    member: &str,
    what: &'static str,
    names: impl Iterator<Item = Option<&'a str>>,
) -> Result<(), AdminError> {
    let mut seen = HashSet::new();
    for (index, name) in names.enumerate() {
        let refused = |fault| AdminError::Document { place: format!("{list}[{index}].{member}"), fault };
        let name = name.filter(|name| !name.is_empty()).ok_or_else(|| refused(Fault::Missing))?;
        if !seen.insert(name) {
            return Err(refused(Fault::Twice { what, name: name.to_owned() }));
        }
    }
    Ok(())
}

/// A client without what a file cannot set, and without the stars that stand for secrets: they change nothing.
fn settled(client: &ClientRepresentation, index: usize) -> Result<ClientRepresentation, AdminError> {
    let place = format!("clients[{index}]");
    let unwritable = || AdminError::Unwritable("client");
    let mut document = serde_json::to_value(client).map_err(|_| unwritable())?;
    for (member, why) in NOT_OF_FILES {
        if document.get(member).is_some() {
            let place = format!("{place}.{member}");
            return Err(AdminError::Document { place, fault: Fault::Unreadable(why) });
        }
    }
    let mut found = secrets::take(&mut document);
    found.retain(|_, secret| !secrets::is_hidden(secret));
    secrets::put_back(&mut document, &found).ok_or_else(unwritable)?;
    let mut client: ClientRepresentation = serde_json::from_value(document).map_err(|_| unwritable())?;
    let protocol = client.protocol.clone().unwrap_or_else(|| PROTOCOL.to_owned());
    settle_mappers(&mut client.protocol_mappers, &protocol, &place)?;
    Ok(client)
}

/// A mapper has a name, which is its own, and the protocol of its owner where it names none.
fn settle_mappers(
    mappers: &mut Option<Vec<ProtocolMapperRepresentation>>,
    protocol: &str,
    owner: &str,
) -> Result<(), AdminError> {
    let list = format!("{owner}.protocolMappers");
    let named = mappers.iter().flatten().map(|mapper| mapper.name.as_deref());
    check_names(&list, "name", "protocol mapper", named)?;
    for (index, mapper) in mappers.iter_mut().flatten().enumerate() {
        mapper.protocol.get_or_insert_with(|| protocol.to_owned());
        let place = || format!("{list}[{index}].protocolMapper");
        if mapper.protocol_mapper.is_none() {
            return Err(AdminError::Document { place: place(), fault: Fault::Missing });
        }
    }
    Ok(())
}
