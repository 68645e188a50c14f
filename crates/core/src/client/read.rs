//! A client, its mappers and a user from Keycloak's representations.

use sekisho_protocol::keycloak::{ClientRepresentation, ProtocolMapperRepresentation, UserRepresentation};
use uuid::Uuid;

use super::{Authenticator, Client, ClientKeys, ClientKind, ClientProtocol, secret_life};
use crate::claims::Mapper;
use crate::secret::Secret;
use crate::user::User;
use crate::work::{ClientRecord, Registration};
use crate::{Realm, secrets};

/// Where a client row stands.
#[derive(Clone, Copy)]
pub struct Place {
    pub id: Uuid,
    pub realm: Uuid,
    pub version: i64,
}

/// A client as it is stored, with its secrets put back.
pub struct Whole {
    pub document: ClientRepresentation,
    pub client: Client,
    pub registration: Registration,
}

/// Reads a client whole; `None` when it cannot be read: a defect.
pub fn whole(realm: &Realm, record: ClientRecord, version: i64) -> Option<Whole> {
    let mut document = serde_json::from_str(&record.config).ok()?;
    secrets::put_back(&mut document, &secrets::open(realm, record.secrets.as_deref())?)?;
    let document: ClientRepresentation = serde_json::from_value(document).ok()?;
    let place = Place { id: record.id, realm: realm.id, version };
    let secret = document.secret.as_ref().map(|secret| Secret::new(secret.reveal()));
    let client = client(place, document.clone(), secret);
    Some(Whole { document, client, registration: record.registration })
}

/// A client as decisions see it; absent members take Keycloak's defaults.
pub fn client(place: Place, mut config: ClientRepresentation, secret: Option<Secret>) -> Client {
    let consent_required = config.consent_required.unwrap_or(false);
    let kind = ClientKind::of(&config);
    // Secrets are apart from attributes, which may be printed.
    let rotated = config.attributes.as_mut().and_then(|attributes| attributes.remove(secret_life::ROTATED));
    let attributes = config.attributes.unwrap_or_default().into_iter().collect();
    Client {
        id: place.id,
        realm: place.realm,
        version: place.version,
        awaits_use: false,
        client_id: config.client_id.unwrap_or_default(),
        name: config.name,
        enabled: config.enabled.unwrap_or(true),
        protocol: ClientProtocol::of(config.protocol.as_deref()),
        kind,
        authenticator: Authenticator::of(config.client_authenticator_type.as_deref()),
        secret,
        rotated_secret: rotated.map(Secret::new),
        keys: ClientKeys::of(&attributes),
        root_url: config.root_url,
        base_url: config.base_url,
        redirect_uris: config.redirect_uris.unwrap_or_default(),
        web_origins: config.web_origins.unwrap_or_default(),
        consent_required,
        standard_flow: config.standard_flow_enabled.unwrap_or(true),
        direct_access_grants: config.direct_access_grants_enabled.unwrap_or(false),
        service_accounts: config.service_accounts_enabled.unwrap_or(false),
        full_scope_allowed: config.full_scope_allowed.unwrap_or(!consent_required),
        not_before: config.not_before.map_or(0, i64::from),
        attributes,
        default_scopes: config.default_client_scopes.unwrap_or_default(),
        optional_scopes: config.optional_client_scopes.unwrap_or_default(),
        mappers: mappers(config.protocol_mappers.as_deref().unwrap_or_default()),
    }
}

/// Mappers in the order written, but for those that map nothing here.
pub fn mappers(representations: &[ProtocolMapperRepresentation]) -> Vec<Mapper> {
    let mapper = |mapper: &ProtocolMapperRepresentation| {
        let config = mapper.config.clone().unwrap_or_default().into_iter().collect();
        Mapper::new(mapper.name.clone().unwrap_or_default(), mapper.protocol_mapper.as_deref()?, config)
    };
    representations.iter().filter_map(mapper).collect()
}

/// What hangs on a user in tables of its own.
pub struct Memberships {
    pub roles: Vec<Uuid>,
    pub groups: Vec<Uuid>,
    pub service_account_of: Option<Uuid>,
}

/// A user as decisions see one.
pub fn user(place: Place, config: UserRepresentation, memberships: Memberships) -> User {
    User {
        id: place.id,
        realm: place.realm,
        version: place.version,
        username: config.username.unwrap_or_default(),
        email: config.email,
        email_verified: config.email_verified.unwrap_or(false),
        first_name: config.first_name,
        last_name: config.last_name,
        enabled: config.enabled.unwrap_or(false),
        attributes: config.attributes.unwrap_or_default().into_iter().collect(),
        required_actions: config.required_actions.unwrap_or_default(),
        not_before: config.not_before.map_or(0, i64::from),
        service_account_of: memberships.service_account_of,
        roles: memberships.roles,
        groups: memberships.groups,
    }
}
