//! Dynamic client registration (RFC 7591, RFC 7592, OpenID Connect Dynamic Client Registration 1.0) by client metadata
//! or by Keycloak's own document. Addresses in a document are stored, never fetched (attacks 45, 46).

mod change;
mod document;
pub mod install;
pub mod limit;
mod sender;

use std::sync::Arc;

use sekisho_core::Realm;
use sekisho_core::access::AdminRoles;
use sekisho_core::client::read;
use sekisho_core::client::register::{Draft, Settled};
use sekisho_core::client::registration::{self, asked, fold};
use sekisho_core::client::registration_policy::Stopped;
use sekisho_core::client::registration_token::{self, Provider, Standing};
use sekisho_core::event::EventType;
use sekisho_core::policy::effect::Effect;
use sekisho_core::policy::event::{Occasion, Updater};
use sekisho_core::policy::lookup::Findings;
use sekisho_core::work::{Guard, Outcome, Record, Registration, Work, Write};
use sekisho_policy as policy;
use sekisho_protocol::{Cause, RegistrationRefusal};
use serde_json::Value;

use self::document::{Extras, Sent};
use self::sender::Sender;
use crate::audit::Audit;
use crate::server::OrCause;
use crate::{Server, Transport};

pub use change::{find, remove, update};

/// How many names of trusted hosts are looked up for one request.
const LOOKUPS: usize = 16;
/// How often a change is decided anew when somebody else was faster.
const TRIES: usize = 6;
const CREATE: AdminRoles = AdminRoles::CREATE_CLIENT.and(AdminRoles::MANAGE_CLIENTS);

/// A request of dynamic registration.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub server: &'a Server,
    pub realm: &'a Realm,
    pub shared_realm: &'a Arc<Realm>,
    pub provider: Provider,
    pub transport: &'a Transport<'a>,
}

/// What is answered, and where the client is read again.
pub struct Answer {
    pub document: Value,
    pub address: String,
}

impl<'a> Request<'a> {
    /// A request at the provider of this name.
    ///
    /// # Errors
    /// [`Cause::RegistrationProviderUnknown`].
    pub fn new(
        server: &'a Server,
        realm: &'a Arc<Realm>,
        provider: &str,
        transport: &'a Transport<'a>,
    ) -> Result<Self, Cause> {
        let provider = Provider::parse(provider).ok_or(Cause::RegistrationProviderUnknown)?;
        Ok(Self { server, realm, shared_realm: realm, provider, transport })
    }
}

/// Registers a client (RFC 7591 §3).
///
/// # Errors
/// The cause of the first rule that does not hold.
pub async fn create(request: &Request<'_>, body: &[u8]) -> Result<Answer, Cause> {
    let mut audit = Audit::start(request.server, request.realm, EventType::ClientRegister, request.transport);
    let outcome = register(request, body, &mut audit).await;
    audit.finish(request.server, request.realm, outcome)
}

async fn register(request: &Request<'_>, body: &[u8], audit: &mut Audit) -> Result<Answer, Cause> {
    let server = request.server;
    let sender = sender::identify(request).await?;
    let standing = sender.standing();
    if standing == Standing::Anonymous && !server.registrations.admit(request.transport.address, server.now())
    {
        return Err(Cause::RegistrationsTooMany);
    }
    let mut sent = document::parse(request.provider, body)?;
    if request.provider == Provider::OpenidConnect && sent.client.client_id.is_some() {
        return Err(Cause::MetadataInvalid("Client Identifier included".to_owned()));
    }
    sender.require(request, CREATE)?;
    sender.humble(&mut sent.client)?;
    if change::is_of_administration(request.realm, sent.client.client_id.as_deref().unwrap_or_default()) {
        return Err(Cause::RegistrationForbidden);
    }
    if let Sender::InitialAccess(record) = &sender
        && record.remaining <= 0
    {
        return Err(Cause::InitialAccessUsedUp);
    }
    admit(request, standing).await?;
    let fold = match standing {
        Standing::Anonymous => fold(&sent.software_id, &sent.client),
        Standing::Authenticated => None,
    };
    let settled = settle(request, &sender, sent, audit).await?;
    audit.client(&settled.client().client_id);
    if let Some(fold) = &fold
        && let Some(same) = join(request, fold).await?
    {
        return Ok(same);
    }
    commit(request, &sender, &settled, fold).await
}

/// Whether the policies of registration let anybody do something from this address.
async fn admit(request: &Request<'_>, standing: Standing) -> Result<(), Cause> {
    let (server, realm) = (request.server, request.realm);
    let mut findings = Findings::default();
    for _ in 0..=LOOKUPS {
        match realm.registration_policies.admit(standing, request.transport.address, &findings) {
            Ok(()) => return Ok(()),
            Err(Stopped::Refused(refusal)) => return Err(refused(refusal)),
            Err(Stopped::Need(lookup)) => {
                let finding = server.outside.look_up(&lookup, server.now()).await;
                findings.add(lookup, finding);
            }
        }
    }
    tracing::error!(realm.name = %realm.name, "more hosts are trusted than are looked up for one registration");
    Err(Cause::Internal)
}

fn refused(refusal: RegistrationRefusal) -> Cause {
    Cause::RegistrationRefused(Box::new(refusal))
}

/// Shows a new client to the policies of registration, then to the client policies.
async fn settle(
    request: &Request<'_>,
    sender: &Sender,
    sent: Sent,
    audit: &mut Audit,
) -> Result<Settled, Cause> {
    let (server, realm) = (request.server, request.realm);
    let (entropy, now) = (server.entropy.as_ref(), server.now());
    let mut draft = registration::new(realm, request.provider, sent.client, entropy, now);
    let edits = realm.registration_policies.judge(sender.standing(), &asked(realm, &draft, None));
    for edit in edits.map_err(refused)? {
        draft.amend(|client| edit.apply(client));
    }
    let updater = sender.updater(request);
    let occasion = Occasion::Register(draft.proposal(&updater));
    audit.asked(realm, occasion);
    let effects = policy::check(&server.outside, realm, now, occasion).await?;
    let settled = draft.settle(&effects, realm, entropy, now).map_err(document::fault)?;
    let occasion = Occasion::Registered(settled.standing(&updater));
    audit.asked(realm, occasion);
    let effects = policy::check(&server.outside, realm, now, occasion).await.map_err(afterwards)?;
    Ok(settled.follow(&effects, entropy, now))
}

/// A refusal once the client is settled is said as it is.
fn afterwards(cause: Cause) -> Cause {
    match cause {
        Cause::PolicyRefused(refusal) => Cause::PolicyRefusedAfterwards(refusal),
        other => other,
    }
}

/// Answers the public client that was registered the same, so that a tool that registers at every start does not pile
/// up clients. From then on it belongs to nobody: were a token still good, whoever registered first could change the
/// redirect URIs of all others.
async fn join(request: &Request<'_>, fold: &[u8]) -> Result<Option<Answer>, Cause> {
    let (server, realm) = (request.server, request.realm);
    for _ in 0..TRIES {
        let Some(stored) = server.store.client_by_fold(realm.id, fold).await.or_cause()? else {
            return Ok(None);
        };
        let version = stored.version;
        let mut record = stored.record.clone();
        let whole = read::whole(realm, stored.record, version).ok_or(Cause::Internal)?;
        if record.registration.token.take().is_some() {
            let work = Work::new(server.fresh_id())
                .guard(Guard::ChangeClient { client: record.id, version })
                .write(Write::Replace(Box::new(Record::Client(record))));
            match server.store.commit(work).await.or_cause()? {
                Outcome::Won => {}
                Outcome::Lost(_) => continue,
                Outcome::Unknown => return Err(Cause::Unavailable),
            }
        }
        let mut document = whole.document;
        // It was registered as a public one; what it may have become since is not told to everybody.
        document.secret = None;
        let extras = Extras { issued_at: Some(server.now().seconds()), ..Extras::default() };
        return Ok(Some(Answer {
            document: document::answer(request, &document, &extras)?,
            address: document::address(request, &document),
        }));
    }
    Err(Cause::Unavailable)
}

async fn commit(
    request: &Request<'_>,
    sender: &Sender,
    settled: &Settled,
    fold: Option<Vec<u8>>,
) -> Result<Answer, Cause> {
    let (server, realm) = (request.server, request.realm);
    let (entropy, now) = (server.entropy.as_ref(), server.now());
    let about = (sender.standing(), sender.origins(request));
    let issued = registration_token::registration_access(realm, Some(request.provider), about, entropy, now);
    let issued = issued.ok_or(Cause::Internal)?;
    let registration = Registration {
        token: Some(issued.digest),
        at: (sender.standing() == Standing::Anonymous).then_some(now),
        used: None,
        fold,
    };
    let work = settled.create(realm, registration, entropy, now).ok_or(Cause::Internal)?;
    let (work, limits) = limited(request, sender, work);
    match server.store.commit(work).await.or_cause()? {
        Outcome::Won => {}
        Outcome::Unknown => return Err(Cause::Unavailable),
        Outcome::Lost(guard) => return Err(limits.cause(guard)),
    }
    let extras = Extras { manages_itself: true, token: Some(&issued.token), issued_at: Some(now.seconds()) };
    Ok(Answer {
        document: document::answer(request, settled.document(), &extras)?,
        address: document::address(request, settled.document()),
    })
}

/// Which guards of a work are limits, and what losing one means.
#[derive(Default)]
struct Limits {
    initial_access: Option<usize>,
    room: Option<(usize, RegistrationRefusal)>,
}

/// The work with what limits it: the count of an initial access token, or the clients that the realm takes. Both are
/// settled by the store, so that no race is won twice.
fn limited(request: &Request<'_>, sender: &Sender, mut work: Work) -> (Work, Limits) {
    let (realm, mut limits) = (request.realm, Limits::default());
    if let Some((most, refusal)) = realm.registration_policies.most_clients(sender.standing()) {
        work.guards.insert(0, Guard::HoldRealm { realm: realm.id });
        limits.room = Some((work.guards.len(), refusal));
        work = work.guard(Guard::RoomForClient { realm: realm.id, most });
    }
    if let Sender::InitialAccess(record) = sender {
        limits.initial_access = Some(work.guards.len());
        let at = request.server.now();
        work = work.guard(Guard::UseInitialAccess { id: record.id, realm: realm.id, at });
    }
    (work, limits)
}

impl Limits {
    fn cause(self, lost: usize) -> Cause {
        match self.room {
            Some((room, refusal)) if room == lost => refused(refusal),
            _ if self.initial_access == Some(lost) => Cause::InitialAccessUsedUp,
            _ => Cause::MetadataInvalid("Client Identifier in use".to_owned()),
        }
    }
}

/// What the policies are asked of a draft: those of registration first.
async fn judge_change(
    request: &Request<'_>,
    (standing, updater): (Standing, &Updater),
    draft: &mut Draft,
    whole: &read::Whole,
    audit: &mut Audit,
) -> Result<Vec<Effect>, Cause> {
    let realm = request.realm;
    let edits = realm.registration_policies.judge(standing, &asked(realm, draft, Some(whole)));
    for edit in edits.map_err(refused)? {
        draft.amend(|client| edit.apply(client));
    }
    let occasion = Occasion::Update(draft.proposal(updater));
    audit.asked(realm, occasion);
    policy::check(&request.server.outside, realm, request.server.now(), occasion).await
}
