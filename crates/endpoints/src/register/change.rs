//! Reading, changing and removing a registered client (RFC 7592). A client that is not there and one that is not the
//! sender's are never told apart.

use sekisho_core::access::{self, AdminRoles};
use sekisho_core::client::read::{self, Whole};
use sekisho_core::client::register::{self, Settled};
use sekisho_core::client::registration;
use sekisho_core::client::registration_token::{self, Standing};
use sekisho_core::client::{self, ClientProtocol};
use sekisho_core::event::EventType;
use sekisho_core::policy::effect::Effect;
use sekisho_core::policy::event::{self, Occasion};
use sekisho_core::work::{Outcome, Work};
use sekisho_core::{Realm, secrets};
use sekisho_policy as policy;
use sekisho_protocol::Cause;
use sekisho_protocol::keycloak::ClientRepresentation;

use super::document::{self, Extras};
use super::sender::{self, Sender};
use super::{Answer, Request, TRIES, admit, afterwards, judge_change};
use crate::audit::Audit;
use crate::server::OrCause;

const VIEW: AdminRoles = AdminRoles::VIEW_CLIENTS.and(AdminRoles::MANAGE_CLIENTS);
const MANAGE: AdminRoles = AdminRoles::MANAGE_CLIENTS;

/// Reads a client (RFC 7592 §2.1). The token stays the same, as in Keycloak: a GET changes nothing.
///
/// # Errors
/// The cause of the first rule that does not hold.
pub async fn find(request: &Request<'_>, client_id: &str) -> Result<Answer, Cause> {
    let mut audit = Audit::start(request.server, request.realm, EventType::ClientInfo, request.transport);
    audit.client(client_id);
    let outcome = view(request, client_id, &mut audit).await;
    audit.finish(request.server, request.realm, outcome)
}

async fn view(request: &Request<'_>, client_id: &str, audit: &mut Audit) -> Result<Answer, Cause> {
    let sender = sender::identify(request).await?;
    if matches!(sender, Sender::InitialAccess(_)) {
        return Err(Cause::InitialAccessNotAllowed);
    }
    let (whole, standing) =
        load(request, &sender, (client_id, VIEW)).await?.ok_or(Cause::ClientNotReadable)?;
    let realm = request.realm;
    admit(request, standing).await?;
    let updater = sender.updater(request);
    let occasion = Occasion::View(event::Standing { client: &whole.client, updater: &updater });
    audit.asked(realm, occasion);
    policy::check(&request.server.outside, realm, request.server.now(), occasion).await?;
    let token = match &sender {
        Sender::Registration(_, token) => Some(token.as_str()),
        _ => None,
    };
    // A secret acts for the client: whoever may only look, or may do less than it, does not see it.
    if sender.require(request, MANAGE).is_ok() && is_over(request, &sender, &whole).await? {
        respond(request, &whole.document, token)
    } else {
        respond(request, &secrets::hidden(whole.document).ok_or(Cause::Internal)?, token)
    }
}

/// Changes a client (RFC 7592 §2.2), and gives it a new registration access token unless a policy keeps the old one.
///
/// # Errors
/// The cause of the first rule that does not hold.
pub async fn update(request: &Request<'_>, client_id: &str, body: &[u8]) -> Result<Answer, Cause> {
    let mut audit = Audit::start(request.server, request.realm, EventType::ClientUpdate, request.transport);
    audit.client(client_id);
    let outcome = change(request, client_id, body, &mut audit).await;
    audit.finish(request.server, request.realm, outcome)
}

async fn change(
    request: &Request<'_>,
    client_id: &str,
    body: &[u8],
    audit: &mut Audit,
) -> Result<Answer, Cause> {
    let sender = sender::identify(request).await?;
    let mut sent = document::parse(request.provider, body)?.client;
    sender.humble(&mut sent)?;
    for _ in 0..TRIES {
        let found = load(request, &sender, (client_id, MANAGE)).await?;
        let (whole, standing) = found.ok_or(Cause::ClientNotChangeable)?;
        if sent.client_id.as_deref() != Some(client_id) {
            return Err(Cause::MetadataInvalid("Client Identifier modified".to_owned()));
        }
        if !is_over(request, &sender, &whole).await? {
            return Err(Cause::RegistrationForbidden);
        }
        admit(request, standing).await?;
        if let Some(answer) = change_once(request, (&sender, standing), whole, sent.clone(), audit).await? {
            return Ok(answer);
        }
    }
    Err(Cause::Unavailable)
}

/// `None` when somebody else was faster.
async fn change_once(
    request: &Request<'_>,
    (sender, standing): (&Sender, Standing),
    whole: Whole,
    sent: ClientRepresentation,
    audit: &mut Audit,
) -> Result<Option<Answer>, Cause> {
    let (server, realm) = (request.server, request.realm);
    let (entropy, now) = (server.entropy.as_ref(), server.now());
    let updater = sender.updater(request);
    let draft = registration::change(realm, request.provider, &whole, sent, entropy, now);
    let mut draft = draft.ok_or(Cause::Internal)?;
    let effects = judge_change(request, (standing, &updater), &mut draft, &whole, audit).await?;
    let settled = draft.settle(&effects, realm, entropy, now).map_err(document::fault)?;
    let occasion = Occasion::Updated(settled.standing(&updater));
    audit.asked(realm, occasion);
    let after = policy::check(&request.server.outside, realm, now, occasion).await.map_err(afterwards)?;
    let settled = settled.follow(&after, entropy, now);
    let mut registered = whole.registration;
    let token = match sender {
        Sender::Registration(_, token) if effects.contains(&Effect::KeepRegistrationToken) => {
            Some(token.clone())
        }
        Sender::Registration(presented, _) => {
            let about = (presented.standing, presented.origins.clone());
            let provider = Some(request.provider);
            let issued = registration_token::registration_access(realm, provider, about, entropy, now);
            let issued = issued.ok_or(Cause::Internal)?;
            registered.token = Some(issued.digest);
            Some(issued.token)
        }
        _ => None,
    };
    let work = settled.update(realm, registered, entropy, now).ok_or(Cause::Internal)?;
    let work = without_service_account(request, &settled, work).await?;
    match server.store.commit(work).await.or_cause()? {
        Outcome::Won => respond(request, settled.document(), token.as_deref()).map(Some),
        Outcome::Lost(_) => Ok(None),
        Outcome::Unknown => Err(Cause::Unavailable),
    }
}

async fn without_service_account(
    request: &Request<'_>,
    settled: &Settled,
    work: Work,
) -> Result<Work, Cause> {
    if !settled.loses_service_account() {
        return Ok(work);
    }
    let (server, realm) = (request.server, request.realm);
    let account = server.store.stored_service_account(realm.id, settled.client().id).await.or_cause()?;
    Ok(match account {
        Some(account) => register::without_service_account(work, realm, account.record.id, server.now()),
        None => work,
    })
}

/// Removes a client (RFC 7592 §2.3).
///
/// # Errors
/// The cause of the first rule that does not hold.
pub async fn remove(request: &Request<'_>, client_id: &str) -> Result<(), Cause> {
    let mut audit = Audit::start(request.server, request.realm, EventType::ClientDelete, request.transport);
    audit.client(client_id);
    let outcome = unregister(request, client_id, &mut audit).await;
    audit.finish(request.server, request.realm, outcome)
}

async fn unregister(request: &Request<'_>, client_id: &str, audit: &mut Audit) -> Result<(), Cause> {
    let (server, realm) = (request.server, request.realm);
    let sender = sender::identify(request).await?;
    for _ in 0..TRIES {
        let found = load(request, &sender, (client_id, MANAGE)).await?;
        let (whole, standing) = found.ok_or(Cause::ClientNotChangeable)?;
        admit(request, standing).await?;
        let updater = sender.updater(request);
        if client::is_built_in(client_id) {
            return Err(Cause::ClientNotChangeable);
        }
        let occasion = Occasion::Unregister(event::Standing { client: &whole.client, updater: &updater });
        audit.asked(realm, occasion);
        policy::check(&request.server.outside, realm, server.now(), occasion).await?;
        let client = &whole.client;
        let account = server.store.stored_service_account(realm.id, client.id).await.or_cause()?;
        let account = account.map(|account| account.record.id);
        let place = (client.id, client.version);
        let work = register::removal(realm, place, account, server.fresh_id(), server.now());
        match server.store.commit(work).await.or_cause()? {
            Outcome::Won => return Ok(()),
            Outcome::Lost(_) => {}
            Outcome::Unknown => return Err(Cause::Unavailable),
        }
    }
    Err(Cause::Unavailable)
}

/// The client, where the sender may do this to it, and whose registration policies are asked.
async fn load(
    request: &Request<'_>,
    sender: &Sender,
    (client_id, roles): (&str, AdminRoles),
) -> Result<Option<(Whole, Standing)>, Cause> {
    sender.require(request, roles)?;
    let (server, realm) = (request.server, request.realm);
    if roles == MANAGE && is_of_administration(realm, client_id) {
        return Ok(None);
    }
    let Some(stored) = server.store.stored_client(realm.id, client_id).await.or_cause()? else {
        return Ok(None);
    };
    let whole = read::whole(realm, stored.record, stored.version).ok_or(Cause::Internal)?;
    let standing = match sender {
        Sender::Anonymous | Sender::InitialAccess(_) => None,
        Sender::User(_) => Some(Standing::Authenticated),
        // Whom an administrator switched off does not switch itself on again.
        Sender::Registration(token, _) => {
            let is_its = token.is_of(&whole.registration, request.provider);
            (is_its && whole.client.enabled).then_some(token.standing)
        }
    };
    let is_served = whole.client.protocol == ClientProtocol::OpenidConnect;
    Ok(standing.filter(|_| is_served).map(|standing| (whole, standing)))
}

/// Whether the sender has every right of the user that stands for the client: who changes a client, or knows its secret,
/// acts with them. A client itself is its own.
async fn is_over(request: &Request<'_>, sender: &Sender, whole: &Whole) -> Result<bool, Cause> {
    let Sender::User(caller) = sender else { return Ok(true) };
    let (store, realm) = (&request.server.store, request.realm);
    let account = store.stored_service_account(realm.id, whole.client.id).await.or_cause()?;
    Ok(account.is_none_or(|account| {
        let of_groups = realm.groups.roles_of(&account.groups);
        caller.covers(realm, account.roles.into_iter().chain(of_groups))
    }))
}

/// Whether the client holds the roles of administrators: nobody registers, changes or removes such a one, whatever
/// their roles (attack 80).
pub(super) fn is_of_administration(realm: &Realm, client_id: &str) -> bool {
    access::administered_by(&realm.name, client_id).is_some()
}

fn respond(
    request: &Request<'_>,
    client: &ClientRepresentation,
    token: Option<&str>,
) -> Result<Answer, Cause> {
    let extras = Extras { manages_itself: true, token, issued_at: None };
    Ok(Answer {
        document: document::answer(request, client, &extras)?,
        address: document::address(request, client),
    })
}
