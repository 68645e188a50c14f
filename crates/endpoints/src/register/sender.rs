//! Who asks to register, read or change a client, and what that lets them do.

use sekisho_core::access::{self, AdminRoles, Caller};
use sekisho_core::client::registration;
use sekisho_core::client::registration_policy::names;
use sekisho_core::client::registration_token::{self, Presented, RegistrationToken, Standing};
use sekisho_core::policy::event::{Updater, UpdaterKind};
use sekisho_core::work::InitialAccessRecord;
use sekisho_protocol::Cause;
use sekisho_protocol::keycloak::ClientRepresentation;

use super::{Request, document};
use crate::bearer;
use crate::server::OrCause;

/// Whoever asks, by what they sent.
pub(super) enum Sender {
    Anonymous,
    InitialAccess(InitialAccessRecord),
    Registration(RegistrationToken, String),
    User(Box<Caller>),
}

/// Reads what was sent and checks that the page that sent it may.
pub(super) async fn identify(request: &Request<'_>) -> Result<Sender, Cause> {
    let sender = read(request).await?;
    match request.transport.origin {
        Some(origin) if !sender.allows_origin(request, origin) => Err(Cause::OriginNotAllowed),
        _ => Ok(sender),
    }
}

async fn read(request: &Request<'_>) -> Result<Sender, Cause> {
    let (server, realm) = (request.server, request.realm);
    let Some(token) = request.transport.authorization.and_then(bearer::token) else {
        return Ok(Sender::Anonymous);
    };
    match registration_token::read(realm, token, server.now()) {
        Some(Presented::InitialAccess(id)) => {
            let record = server.store.initial_access(realm.id, id).await.or_cause()?;
            record.map(Sender::InitialAccess).ok_or(Cause::InitialAccessUnknown)
        }
        Some(Presented::Registration(presented)) => Ok(Sender::Registration(presented, token.to_owned())),
        None => match bearer::check(server, realm, token).await {
            Ok(checked) => {
                let (scopes, address) = (bearer::scopes_of(&checked), request.transport.address.to_owned());
                let of = request.shared_realm.clone();
                let caller = access::check(of, checked.client, checked.user, &scopes, address);
                Ok(Sender::User(Box::new(caller)))
            }
            Err(failed @ (Cause::Unavailable | Cause::Internal)) => Err(failed),
            Err(_) => Err(Cause::RegistrationTokenInvalid),
        },
    }
}

impl Sender {
    /// Whose registration policies are asked when a client is made. A registration access token lets nobody register.
    pub(super) const fn standing(&self) -> Standing {
        match self {
            Self::Anonymous | Self::Registration(..) => Standing::Anonymous,
            Self::InitialAccess(_) | Self::User(_) => Standing::Authenticated,
        }
    }

    fn allows_origin(&self, request: &Request<'_>, origin: &str) -> bool {
        let policies = &request.realm.registration_policies;
        let named = |origins: &[String]| names(origins, origin);
        match self {
            Self::Anonymous => policies.allows_origin(Standing::Anonymous, origin),
            Self::InitialAccess(record) => {
                named(&record.web_origins) || policies.allows_origin(Standing::Authenticated, origin)
            }
            Self::Registration(token, _) => named(&token.origins),
            Self::User(caller) => caller.client().allows_origin(origin),
        }
    }

    /// Origins whose pages may use the registration access token of a new client.
    pub(super) fn origins(&self, request: &Request<'_>) -> Vec<String> {
        let mut origins = request.realm.registration_policies.web_origins(self.standing());
        if let Self::InitialAccess(record) = self {
            origins.extend(record.web_origins.iter().cloned());
        }
        origins
    }

    /// Demands that a user has one of these roles; nothing is asked of others.
    pub(super) fn require(&self, request: &Request<'_>, one_of: AdminRoles) -> Result<(), Cause> {
        match self {
            Self::User(caller) if !caller.admin_roles(&request.realm.name).meets(one_of) => {
                Err(Cause::RegistrationForbidden)
            }
            _ => Ok(()),
        }
    }

    /// Takes from what was sent what this sender does not decide, and looks where it wants answers sent.
    pub(super) fn humble(&self, sent: &mut ClientRepresentation) -> Result<(), Cause> {
        if !matches!(self, Self::User(_)) {
            registration::keep_humble(sent);
        }
        registration::check_redirects(sent).map_err(document::fault)
    }

    /// As conditions of policies see it.
    pub(super) fn updater(&self, request: &Request<'_>) -> Updater {
        let kind = match self {
            Self::User(caller) => return caller.updater(&request.realm.name),
            Self::Anonymous => UpdaterKind::Anonymous,
            Self::InitialAccess(_) => UpdaterKind::InitialAccessToken,
            Self::Registration(..) => UpdaterKind::RegistrationAccessToken,
        };
        let address = request.transport.address.to_owned();
        Updater { kind, address, roles: Vec::new(), groups: Vec::new() }
    }
}
