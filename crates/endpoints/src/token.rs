//! The token endpoint (OAuth 2.1 §3.2): the steps that every grant shares.

use sekisho_core::event::EventType;
use sekisho_core::policy::effect::Effect;
use sekisho_core::policy::event::{Occasion, TokenResponse as Answered};
use sekisho_core::token::{self, Issue, TokenPlan};
use sekisho_core::work::{Outcome, Work, Write};
use sekisho_core::{Realm, client};
use sekisho_jose::hash::left_half_hash;
use sekisho_jose::jws;
use sekisho_policy as policy;
use sekisho_protocol::token::TOKEN_RESPONSE_MEMBERS;
use sekisho_protocol::{Cause, GrantType, Params, TokenResponse};
use serde_json::{Map, Value, json};

use crate::audit::Audit;
use crate::grant::{self, Exchange, Lost, Unrotated};
use crate::server::OrCause;
use crate::{Server, Transport, client_auth};

/// How often a rotation that lost its race is decided anew.
const TRIES: usize = 4;

/// Answers a token request.
///
/// # Errors
/// The cause of the first rule that does not hold.
pub async fn exchange(
    server: &Server,
    realm: &Realm,
    body: &[u8],
    transport: &Transport<'_>,
) -> Result<TokenResponse, Cause> {
    let mut audit = Audit::start(server, realm, EventType::CodeToToken, transport);
    let outcome = answer(server, realm, body, transport, &mut audit).await;
    audit.finish(server, realm, outcome)
}

async fn answer(
    server: &Server,
    realm: &Realm,
    body: &[u8],
    transport: &Transport<'_>,
    audit: &mut Audit,
) -> Result<TokenResponse, Cause> {
    let params = Params::parse(body)?;
    let grant = grant::find(params.require("grant_type")?)?;
    audit.kind(event_type(grant.grant_type));
    let credentials = client_auth::read(&params, transport)?;
    audit.client(&credentials.client_id);
    let client = client_auth::load(server, realm, &credentials).await?;
    let authenticated = client_auth::authenticate(server, realm, &client, &credentials).await?;
    client_auth::check_origin(&client, transport)?;
    let client = client::permit(authenticated, grant.grant_type)?;
    let request = grant::Request { server, realm, client, params: &params, transport };
    if grant.grant_type == GrantType::AuthorizationCode {
        let asked = Occasion::PreTokenRequest(request.asked());
        audit.asked(realm, asked);
        policy::check(&server.outside, realm, server.now(), asked).await?;
    }
    for _ in 0..TRIES {
        let loaded = (grant.load)(&request).await?;
        audit.asked(realm, loaded.occasion());
        let effects = policy::check(&server.outside, realm, server.now(), loaded.occasion()).await;
        let effects = effects.map_err(|cause| grant.refused(cause))?;
        let exchange = loaded.exchange().await?;
        audit.user(exchange.user.id);
        exchange.session.iter().for_each(|session| audit.session(session.sid));
        if let Some(response) = settle(&request, grant, &effects, exchange, audit).await? {
            audit.detail("scope", response.scope.to_string());
            return Ok(response);
        }
    }
    Err(Cause::Unavailable)
}

/// Plans, signs, commits; `None` when the race was lost and must be decided anew. No token leaves before
/// COMMIT has returned.
async fn settle(
    request: &grant::Request<'_>,
    grant: &grant::Provider,
    effects: &[Effect],
    exchange: Exchange,
    audit: &mut Audit,
) -> Result<Option<TokenResponse>, Cause> {
    let client = request.client.client();
    let issue = Issue {
        realm: request.realm,
        client,
        user: &exchange.user,
        grant_type: exchange.grant_type,
        scopes: &exchange.scopes,
        resources: &exchange.resources,
        grant: exchange.grant,
        number: u32::from_be_bytes(request.server.draw()),
        session: exchange.session,
        nonce: exchange.nonce.as_deref(),
        refresh: exchange.family.as_ref(),
        address: request.transport.address,
        lightweight: effects.contains(&Effect::LightweightAccessToken),
        now: request.server.now(),
    };
    let mut plan = token::plan(&issue);
    let granted = exchange.scopes.to_stored();
    let answered = (grant.response)(Answered { client, plan: Some(&plan), granted: Some(&granted) });
    audit.asked(request.realm, answered);
    let effects = policy::check(&request.server.outside, request.realm, request.server.now(), answered).await;
    let suppressed = effects.map_err(|cause| grant.refused(cause))?.contains(&Effect::SuppressRefreshToken);
    if suppressed {
        plan.leave_out_refresh_token();
    }
    let response = sign(request.realm, plan)?;
    let work = match exchange.unrotated {
        Unrotated::Instead(work) if suppressed => work,
        _ => exchange.work,
    };
    let Some(work) = with_first_use(request, work) else { return Ok(Some(response)) };
    match request.server.store.commit(work).await.or_cause()? {
        Outcome::Won => Ok(Some(response)),
        Outcome::Unknown => Err(Cause::Unavailable),
        Outcome::Lost(guard) => match (exchange.lost)(guard) {
            Lost::Again => Ok(None),
            Lost::Refuse(cause) => Err(cause),
            Lost::Revoke(cause) => {
                grant::revoke(request.server, request.realm, exchange.grant).await?;
                Err(cause)
            }
        },
    }
}

/// A client that registered itself is kept once it got a token; that is remembered once.
fn with_first_use(request: &grant::Request<'_>, work: Option<Work>) -> Option<Work> {
    let (client, server) = (request.client.client(), request.server);
    if !client.awaits_use {
        return work;
    }
    let work = work.unwrap_or_else(|| Work::new(server.fresh_id()));
    Some(work.write(Write::UseClient { client: client.id, at: server.now() }))
}

fn sign(realm: &Realm, plan: TokenPlan) -> Result<TokenResponse, Cause> {
    let access_token = sign_one(realm, plan.access_algorithm, plan.access_type, &plan.access)?;
    let id_token = match plan.id {
        None => None,
        Some(mut claims) => {
            // OpenID Connect Core §3.1.3.6.
            claims.insert(
                "at_hash".to_owned(),
                json!(left_half_hash(plan.id_algorithm, access_token.as_bytes())),
            );
            Some(sign_one(realm, plan.id_algorithm, "JWT", &claims)?)
        }
    };
    let refresh_token = plan.refresh.map(|claims| sign_refresh(realm, &claims)).transpose()?;
    Ok(TokenResponse {
        access_token,
        expires_in: plan.expires_in,
        refresh_expires_in: plan.refresh_expires_in,
        refresh_token,
        token_type: plan.token_type,
        id_token,
        not_before_policy: plan.not_before,
        session_state: plan.session_state.map(|sid| sid.to_string()),
        scope: plan.scope,
        others: plan.response.into_iter().filter(|(name, _)| is_free(name)).collect(),
    })
}

/// No mapper writes over what an answer says itself.
fn is_free(name: &str) -> bool {
    !TOKEN_RESPONSE_MEMBERS.contains(&name)
}

fn sign_one(
    realm: &Realm,
    algorithm: sekisho_jose::Algorithm,
    typ: &str,
    claims: &Map<String, Value>,
) -> Result<String, Cause> {
    let key = realm.keys.signer(algorithm).ok_or_else(|| {
        tracing::error!(realm.name = %realm.name, key.algorithm = algorithm.name(), "no active key for the algorithm");
        Cause::Internal
    })?;
    jws::sign(key, typ, claims).map_err(|_| Cause::Internal)
}

fn sign_refresh(realm: &Realm, claims: &Map<String, Value>) -> Result<String, Cause> {
    let key = realm.keys.refresh.first().ok_or(Cause::Internal)?;
    jws::sign(key, "JWT", claims).map_err(|_| Cause::Internal)
}

const fn event_type(grant_type: GrantType) -> EventType {
    match grant_type {
        GrantType::AuthorizationCode => EventType::CodeToToken,
        GrantType::RefreshToken => EventType::RefreshToken,
        GrantType::ClientCredentials => EventType::ClientLogin,
        GrantType::Password => EventType::Login,
    }
}
