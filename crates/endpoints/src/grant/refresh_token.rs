//! `grant_type=refresh_token` (OAuth 2.1 §4.3): rotation settled in one guarded UPDATE.

use std::sync::Arc;

use sekisho_core::Work;
use sekisho_core::grant::Grant;
use sekisho_core::policy::event::{Occasion, TokenRequest};
use sekisho_core::refresh::{self, Decision, Presented};
use sekisho_core::scope::GrantedScopes;
use sekisho_core::session::{self, ActiveSession};
use sekisho_core::token::SessionFacts;
use sekisho_protocol::{Cause, GrantType, Scopes};

use super::authorization_code::narrowed_resources;
use super::{BoxFuture, Exchange, Loaded, Lost, Provider, Request, Unrotated, check_user};
use crate::server::OrCause;

pub(super) const PROVIDER: Provider = Provider {
    grant_type: GrantType::RefreshToken,
    load: |request| Box::pin(load(request)),
    response: |answered| Occasion::TokenRefreshResponse(answered),
};

struct Family<'a> {
    request: &'a Request<'a>,
    presented: Presented,
    grant: Grant,
}

async fn load<'a>(request: &'a Request<'a>) -> Result<Box<dyn Loaded + 'a>, Cause> {
    let token = request.params.require("refresh_token")?;
    let presented = refresh::parse(request.realm, token, request.server.now())?;
    let grant = request.server.store.grant(presented.grant).await.or_cause()?.ok_or(Cause::GrantRevoked)?;
    Ok(Box::new(Family { request, presented, grant }))
}

impl Loaded for Family<'_> {
    fn occasion(&self) -> Occasion<'_> {
        Occasion::TokenRefresh(TokenRequest { granted: Some(&self.grant.scopes), ..self.request.asked() })
    }

    fn exchange<'a>(self: Box<Self>) -> BoxFuture<'a, Result<Exchange, Cause>>
    where
        Self: 'a,
    {
        Box::pin(exchange(*self))
    }
}

async fn exchange(family: Family<'_>) -> Result<Exchange, Cause> {
    let Family { request, presented, mut grant } = family;
    let (server, realm, client) = (request.server, request.realm, request.client.client());
    let now = server.now();
    let decision = refresh::decide(realm, client, &grant, &presented, now);
    // Both end together; which of them is told is as in Keycloak.
    let session = match decision {
        Ok(_) | Err(Cause::GrantRevoked) => live_session(request, &grant).await?,
        Err(_) => None,
    };
    let decision = decision?;
    if decision == Decision::Replayed {
        super::revoke(server, realm, grant.id).await?;
        return Err(Cause::RefreshTokenReplayed);
    }
    let user = check_user(server.store.user(realm, grant.user).await.or_cause()?.map(Arc::new))?;
    if presented.issued.seconds() < user.not_before {
        return Err(Cause::TokenStale);
    }
    let scopes = super::permitted(request, &user, &narrowed_scopes(request, &grant)?)?;
    let resources = narrowed_resources(request, &grant.resources)?;
    let ends = session.as_ref().map(|session| session.session().expires);
    let next = refresh::expires(realm, grant.offline, ends, grant.created, now);
    let mut unrotated = Unrotated::Same;
    let work = match decision {
        Decision::Rotate => {
            let kept = refresh::keep(&grant, next, server.fresh_id());
            unrotated = Unrotated::Instead(seen(kept, session.as_ref(), request));
            let work = refresh::rotate(&grant, next, server.fresh_id(), now);
            grant.generation += 1;
            grant.issued = now;
            grant.expires = next;
            Some(work)
        }
        Decision::Repeat => Some(refresh::repeat(&grant, server.fresh_id())),
        Decision::Keep | Decision::Replayed => {
            let work = refresh::keep(&grant, next, server.fresh_id());
            grant.issued = now;
            grant.expires = next;
            work
        }
    };
    Ok(Exchange {
        grant_type: GrantType::RefreshToken,
        grant: grant.id,
        user,
        scopes,
        resources,
        session: Some(SessionFacts { sid: grant.sid, auth_time: grant.auth_time }),
        nonce: None,
        work: seen(work, session.as_ref(), request),
        unrotated,
        family: Some(grant),
        lost: |_| Lost::Again,
    })
}

/// The session that an online family hangs on; an offline one has none.
async fn live_session(request: &Request<'_>, grant: &Grant) -> Result<Option<ActiveSession>, Cause> {
    let Some(id) = grant.session else { return Ok(None) };
    let stored = request.server.store.session(id).await.or_cause()?.ok_or(Cause::SessionEnded)?;
    session::check(request.realm, stored, request.server.now()).ok_or(Cause::SessionEnded).map(Some)
}

/// A refresh is a sign of life of its session; written at most once a minute.
fn seen(work: Option<Work>, session: Option<&ActiveSession>, request: &Request<'_>) -> Option<Work> {
    let Some(write) = session.and_then(|session| session.see(request.server.now())) else { return work };
    Some(work.unwrap_or_else(|| Work::new(request.server.fresh_id())).write(write))
}

/// Scopes may be left out for this access token, never added (OAuth 2.1 §4.3.1); the family keeps all.
fn narrowed_scopes(request: &Request<'_>, grant: &Grant) -> Result<GrantedScopes, Cause> {
    let granted = GrantedScopes::from_stored(&grant.scopes);
    let Some(value) = request.params.find_filled("scope") else { return Ok(granted) };
    let asked = Scopes::parse(value);
    let client = request.client.client();
    let listed = |token: &str| {
        token == "openid"
            || client.default_scopes.iter().chain(&client.optional_scopes).any(|known| known == token)
    };
    if !asked.iter().all(listed) {
        return Err(Cause::ScopeInvalid(value.to_owned()));
    }
    // Default scopes come with the client and stay, as in Keycloak.
    let names = granted
        .names
        .filter(|name| asked.contains(name) || client.default_scopes.iter().any(|own| own == name));
    Ok(GrantedScopes { names, openid: granted.openid && asked.contains("openid") })
}
