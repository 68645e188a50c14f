//! `grant_type=authorization_code` (OAuth 2.1 §4.1.3).

use std::sync::Arc;

use sekisho_core::code::{self, CodeRequest, OpenedCode};
use sekisho_core::grant::Grant;
use sekisho_core::policy::event::{Occasion, TokenRequest};
use sekisho_core::scope::GrantedScopes;
use sekisho_core::token::SessionFacts;
use sekisho_core::{Realm, authorize, refresh, session};
use sekisho_jose::base64url;
use sekisho_protocol::{Cause, GrantType};

use super::{BoxFuture, Exchange, Loaded, Lost, Provider, Request, Unrotated, check_user};
use crate::server::OrCause;

pub(super) const PROVIDER: Provider = Provider {
    grant_type: GrantType::AuthorizationCode,
    load: |request| Box::pin(std::future::ready(load(request))),
    response: |answered| Occasion::TokenResponse(answered),
};

struct Opened<'a> {
    request: &'a Request<'a>,
    code: OpenedCode,
}

fn load<'a>(request: &'a Request<'a>) -> Result<Box<dyn Loaded + 'a>, Cause> {
    let code = open(request.realm, request.params.require("code")?).ok_or(Cause::CodeUnknown)?;
    Ok(Box::new(Opened { request, code }))
}

fn open(realm: &Realm, code: &str) -> Option<OpenedCode> {
    let sealed = base64url::decode(code)?;
    serde_json::from_slice(&realm.keys.open(realm.id, code::PURPOSE, &sealed)?).ok()
}

impl Loaded for Opened<'_> {
    fn occasion(&self) -> Occasion<'_> {
        Occasion::TokenRequest(TokenRequest {
            granted: Some(&self.code.scopes),
            challenge: self.code.code_challenge.as_deref(),
            ..self.request.asked()
        })
    }

    fn exchange<'a>(self: Box<Self>) -> BoxFuture<'a, Result<Exchange, Cause>>
    where
        Self: 'a,
    {
        Box::pin(exchange(self.request, self.code))
    }
}

async fn exchange(request: &Request<'_>, opened: OpenedCode) -> Result<Exchange, Cause> {
    let (server, realm, now) = (request.server, request.realm, request.server.now());
    let sent = CodeRequest {
        redirect_uri: request.params.find("redirect_uri"),
        code_verifier: request.params.find("code_verifier"),
    };
    let redeemable = code::check(opened, &request.client, &sent, now)?;
    let code = redeemable.code();
    let stored = server.store.session(code.session).await.or_cause()?.ok_or(Cause::CodeSessionEnded)?;
    let active = session::check(realm, stored, now).ok_or(Cause::CodeSessionEnded)?;
    let user = check_user(server.store.user(realm, code.user).await.or_cause()?.map(Arc::new))?;
    let resources = narrowed_resources(request, &code.resources)?;
    let scopes = super::permitted(request, &user, &GrantedScopes::from_stored(&code.scopes))?;
    let family = family(request, code, &scopes, active.session().expires);
    let work = code::redeem(&redeemable, family.clone(), server.fresh_id());
    Ok(Exchange {
        grant_type: GrantType::AuthorizationCode,
        grant: code.grant,
        user,
        resources,
        session: Some(SessionFacts { sid: code.session, auth_time: code.auth_time }),
        nonce: code.nonce.clone(),
        family: request.client.client().uses_refresh_tokens().then_some(family),
        scopes,
        work: Some(work),
        unrotated: Unrotated::Same,
        lost: |guard| match code::lost(guard) {
            Cause::CodeReplayed => Lost::Revoke(Cause::CodeReplayed),
            cause => Lost::Refuse(cause),
        },
    })
}

/// The token request may name some of the resources that were authorized (RFC 8707 §2.2).
pub(super) fn narrowed_resources(request: &Request<'_>, authorized: &[String]) -> Result<Vec<String>, Cause> {
    let asked = authorize::check_resources(request.realm, request.params.all("resource"))?;
    if asked.is_empty() {
        return Ok(authorized.to_vec());
    }
    if asked.iter().all(|resource| authorized.contains(resource)) {
        Ok(asked)
    } else {
        Err(Cause::ResourceNotGranted)
    }
}

fn family(
    request: &Request<'_>,
    code: &OpenedCode,
    scopes: &GrantedScopes,
    session_ends: sekisho_protocol::Timestamp,
) -> Grant {
    let now = request.server.now();
    let offline = scopes.offline();
    Grant {
        id: code.grant,
        realm: request.realm.id,
        client: code.client,
        user: code.user,
        session: (!offline).then_some(code.session),
        sid: code.session,
        scopes: scopes.to_stored(),
        resources: code.resources.clone(),
        offline,
        auth_time: code.auth_time,
        created: now,
        generation: 1,
        issued: now,
        repeats: 0,
        expires: refresh::expires(request.realm, offline, Some(session_ends), now, now),
        revoked: None,
    }
}
