//! Revocation (RFC 7009).

use sekisho_core::event::EventType;
use sekisho_core::policy::event::Occasion;
use sekisho_core::work::{RevokedKind, Write};
use sekisho_core::{Client, GrantId, Realm, Work, refresh};
use sekisho_jose::claims::Claims;
use sekisho_policy as policy;
use sekisho_protocol::{Cause, Params};
use uuid::Uuid;

use crate::audit::Audit;
use crate::server::OrCause;
use crate::{Server, Transport, client_auth, own_token};

/// Answers a revocation request. A token that is not known is no error (RFC 7009 §2.2).
///
/// # Errors
/// The cause of the first rule that does not hold.
pub async fn revoke(
    server: &Server,
    realm: &Realm,
    body: &[u8],
    transport: &Transport<'_>,
) -> Result<(), Cause> {
    let mut audit = Audit::start(server, realm, EventType::RevokeGrant, transport);
    let outcome = answer(server, realm, body, transport, &mut audit).await;
    audit.finish(server, realm, outcome)
}

async fn answer(
    server: &Server,
    realm: &Realm,
    body: &[u8],
    transport: &Transport<'_>,
    audit: &mut Audit,
) -> Result<(), Cause> {
    let params = Params::parse(body)?;
    let caller = client_auth::check(server, realm, &params, transport, audit).await?;
    let client = &caller.client;
    let asked = Occasion::TokenRevoke(caller.asked(&params));
    audit.asked(realm, asked);
    policy::check(&server.outside, realm, server.now(), asked).await?;
    let token = params.require("token")?;
    match refresh::parse(realm, token, server.now()) {
        Ok(presented) => family(server, realm, client, presented.grant).await,
        Err(_) => access_token(server, realm, client, token).await,
    }
}

/// A refresh token takes its whole grant along (RFC 7009 §2.1).
async fn family(server: &Server, realm: &Realm, client: &Client, grant: GrantId) -> Result<(), Cause> {
    let Some(stored) = server.store.grant(grant).await.or_cause()? else { return Ok(()) };
    if stored.client != client.id || stored.realm != realm.id {
        return Err(Cause::TokenOfAnotherClient);
    }
    let work = sekisho_core::grant::revoke_once(realm.id, grant, server.fresh_id(), server.now());
    // Losing means that it was revoked before.
    server.store.commit(work).await.or_cause().map(|_| ())
}

/// An access token is remembered as revoked until it would have ended; the grant lives on.
async fn access_token(server: &Server, realm: &Realm, client: &Client, token: &str) -> Result<(), Cause> {
    let read = own_token::read(realm, token, own_token::ACCESS_OR_ID, server.now());
    let Some(claims) = read else { return Ok(()) };
    if !own_token::is_access(&claims) {
        return Err(Cause::TokenTypeUnsupported);
    }
    if claims.get("azp").and_then(|azp| azp.as_str()) != Some(client.client_id.as_str()) {
        return Err(Cause::TokenOfAnotherClient);
    }
    let Some(jti) = own_token::jti_of(&claims) else { return Ok(()) };
    let work = Work::new(server.fresh_id()).write(jti_revocation(server, realm, jti, &claims));
    server.store.commit(work).await.or_cause().map(|_| ())
}

fn jti_revocation(server: &Server, realm: &Realm, jti: Uuid, claims: &Claims) -> Write {
    Write::Revoke {
        realm: realm.id,
        kind: RevokedKind::Jti,
        key: jti.as_bytes().to_vec(),
        at: server.now(),
        expires: claims.expires().plus_seconds(3600),
    }
}
