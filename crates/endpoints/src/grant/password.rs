//! `grant_type=password` (RFC 6749 §4.3), only where a client switches it on: imported tooling needs it on
//! `admin-cli`. The same counting and the same one hash as the sign-in page.

use std::sync::Arc;

use sekisho_core::grant::Grant;
use sekisho_core::policy::event::Occasion;
use sekisho_core::scope::GrantedScopes;
use sekisho_core::session::Session;
use sekisho_core::token::SessionFacts;
use sekisho_core::work::{Guard, Record};
use sekisho_core::{GrantId, authorize, refresh, scope};
use sekisho_protocol::{Cause, GrantType};

use super::{BoxFuture, Exchange, Loaded, Lost, Provider, Request, Unrotated};
use crate::login::password::{self, SignedIn};

pub(super) const PROVIDER: Provider = Provider {
    grant_type: GrantType::Password,
    load: |request| Box::pin(std::future::ready(load(request))),
    response: |answered| Occasion::ResourceOwnerPasswordCredentialsResponse(answered),
};

struct Credentials<'a> {
    request: &'a Request<'a>,
}

fn load<'a>(request: &'a Request<'a>) -> Result<Box<dyn Loaded + 'a>, Cause> {
    request.params.require("username")?;
    Ok(Box::new(Credentials { request }))
}

impl Loaded for Credentials<'_> {
    fn occasion(&self) -> Occasion<'_> {
        Occasion::ResourceOwnerPasswordCredentialsRequest(self.request.asked())
    }

    fn exchange<'a>(self: Box<Self>) -> BoxFuture<'a, Result<Exchange, Cause>>
    where
        Self: 'a,
    {
        Box::pin(exchange(self.request))
    }
}

async fn exchange(request: &Request<'_>) -> Result<Exchange, Cause> {
    let (server, realm, client) = (request.server, request.realm, request.client.client());
    let scopes = scope::check(realm, client, request.params.find("scope"))?;
    let resources = authorize::check_resources(realm, request.params.all("resource"))?;
    let attempt = password::Attempt {
        username: request.params.require("username")?,
        password: request.params.find("password").unwrap_or_default(),
        address: request.transport.address,
        remember_me: false,
    };
    let SignedIn { user, work } = password::check(server, realm, &attempt).await?;
    let scopes = super::permitted(request, &user, &scopes)?;
    let session = password::new_session(server, realm, &user, &attempt).session;
    let grant = family(request, &session, &scopes, resources.clone());
    let work = work
        .guard(Guard::TouchUser { user: user.id })
        .insert(Record::Session(session.clone()))
        .insert(Record::Grant(Box::new(grant.clone())));
    Ok(Exchange {
        grant_type: GrantType::Password,
        grant: grant.id,
        user: Arc::new(user),
        scopes,
        resources,
        session: Some(SessionFacts { sid: session.id, auth_time: session.auth_time }),
        nonce: None,
        family: client.uses_refresh_tokens().then_some(grant),
        work: Some(work),
        unrotated: Unrotated::Same,
        lost: |_| Lost::Refuse(Cause::AccountDisabled),
    })
}

fn family(request: &Request<'_>, session: &Session, scopes: &GrantedScopes, resources: Vec<String>) -> Grant {
    let now = request.server.now();
    let offline = scopes.offline();
    Grant {
        id: GrantId::new(now, request.server.draw()),
        realm: request.realm.id,
        client: request.client.client().id,
        user: session.user,
        session: (!offline).then_some(session.id),
        sid: session.id,
        scopes: scopes.to_stored(),
        resources,
        offline,
        auth_time: session.auth_time,
        created: now,
        generation: 1,
        issued: now,
        repeats: 0,
        expires: refresh::expires(request.realm, offline, Some(session.expires), now, now),
        revoked: None,
    }
}
