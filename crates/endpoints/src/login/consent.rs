//! The consent form comes back: accepted, in part or in whole, or denied.

use std::sync::Arc;

use sekisho_core::Realm;
use sekisho_core::authorize::Parameters;
use sekisho_core::consent;
use sekisho_core::event::EventType;
use sekisho_core::interaction::{self as sealed, Purpose};
use sekisho_core::session::ActiveSession;
use sekisho_core::work::Outcome;
use sekisho_protocol::{Cause, Params};

use super::sign_in::{expired, lost};
use crate::answer::Answer;
use crate::audit::Audit;
use crate::authorize::{self, Valid};
use crate::browser::{Browser, binding_of};
use crate::server::OrCause;
use crate::{Server, Transport, interaction};

/// Answers the consent form. `scope` may stand in it many times, once for each ticked box.
pub async fn submit(
    server: &Server,
    realm: &Arc<Realm>,
    form: &Params,
    client_id: Option<&str>,
    browser: &Browser,
    transport: &Transport<'_>,
) -> Answer {
    let Some(interaction) = form.find("code").and_then(|code| interaction::open(realm, code)) else {
        return lost(server, realm, client_id).await;
    };
    let query = interaction.query.clone();
    let binding = browser.session.as_deref().map(binding_of);
    let returned =
        binding.and_then(|binding| sealed::check(interaction, Purpose::Consent, &binding, server.now()));
    if returned.is_none() {
        return expired(realm, &query);
    }
    let valid = match authorize::validate(server, realm, Parameters::parse(query.as_bytes())).await {
        Ok(valid) => valid,
        Err(refused) => return authorize::refuse(server, realm, refused, transport),
    };
    match decide(server, realm, &valid, form, browser).await {
        Ok(answer) => answer,
        Err(Cause::InteractionExpired) => expired(realm, &query),
        Err(cause) => interaction::refuse(server, realm, &valid, browser, &cause),
    }
}

async fn decide(
    server: &Server,
    realm: &Arc<Realm>,
    valid: &Valid,
    form: &Params,
    browser: &Browser,
) -> Result<Answer, Cause> {
    let session = browser.session(server, realm).await?.ok_or(Cause::InteractionExpired)?;
    // A form that says neither, or both, is a no: an error never means yes (attack 73).
    if form.find("accept").is_none() || form.find("cancel").is_some() {
        return Err(Cause::AccessDenied);
    }
    let ticked: Vec<&str> = form.all("scope").collect();
    let granted = consent::narrow(realm, &valid.client, &valid.request, &ticked);
    let user = session.session().user;
    let records = consent::records(realm, &valid.client, user, &valid.request, &granted, server.now());
    let work = consent::remember(records, user, server.fresh_id());
    match server.store.commit(work).await.or_cause()? {
        Outcome::Won => {}
        Outcome::Lost(_) => return Err(Cause::InteractionExpired),
        Outcome::Unknown => return Err(Cause::Unavailable),
    }
    record(server, realm, valid, &session, browser)?;
    interaction::issue(server, realm, valid, browser, &session, granted).await
}

fn record(
    server: &Server,
    realm: &Realm,
    valid: &Valid,
    session: &ActiveSession,
    browser: &Browser,
) -> Result<(), Cause> {
    let transport = Transport { address: &browser.address, ..Transport::default() };
    let mut audit = Audit::start(server, realm, EventType::GrantConsent, &transport);
    audit.client(&valid.client.client_id);
    audit.user(session.session().user);
    audit.finish(server, realm, Ok(()))
}
