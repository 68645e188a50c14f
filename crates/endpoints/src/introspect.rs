//! Introspection (RFC 7662): active only for a client that the token is for.

use sekisho_core::claims::Context;
use sekisho_core::client::ClientKind;
use sekisho_core::event::EventType;
use sekisho_core::policy::event::Occasion;
use sekisho_core::{Client, Realm, refresh, token};
use sekisho_jose::claims::Claims;
use sekisho_policy as policy;
use sekisho_protocol::{Cause, GrantType, Params, Timestamp};
use serde_json::{Map, Value, json};

use crate::audit::Audit;
use crate::bearer::Checked;
use crate::server::OrCause;
use crate::{Server, Transport, bearer, client_auth, own_token};

/// Answers an introspection request.
///
/// # Errors
/// The cause of the first rule that does not hold; a token that is no good is an answer, not an error.
pub async fn introspect(
    server: &Server,
    realm: &Realm,
    body: &[u8],
    transport: &Transport<'_>,
) -> Result<Map<String, Value>, Cause> {
    let mut audit = Audit::start(server, realm, EventType::IntrospectToken, transport);
    let outcome = answer(server, realm, body, transport, &mut audit).await;
    audit.finish(server, realm, outcome)
}

async fn answer(
    server: &Server,
    realm: &Realm,
    body: &[u8],
    transport: &Transport<'_>,
    audit: &mut Audit,
) -> Result<Map<String, Value>, Cause> {
    let params = Params::parse(body)?;
    let caller = client_auth::check(server, realm, &params, transport, audit).await?;
    let client = &caller.client;
    if client.kind == ClientKind::Public {
        return Err(Cause::ClientNotAllowed);
    }
    let asked = Occasion::TokenIntrospect(caller.asked(&params));
    audit.asked(realm, asked);
    policy::check(&server.outside, realm, server.now(), asked).await?;
    let token = params.require("token")?;
    // The signature says what kind of token it is, so a hint changes nothing (RFC 7662 §2.1).
    let found = match own_token::read(realm, token, own_token::ACCESS_OR_ID, server.now()) {
        Some(claims) => access_token(server, realm, client, claims, transport).await,
        None => refresh_token(server, realm, client, token).await,
    };
    match found {
        Ok(answer) => Ok(answer),
        Err(cause @ (Cause::Unavailable | Cause::Internal)) => Err(cause),
        // Why a token is not active is for the event, never for the caller (RFC 7662 §2.2).
        Err(cause) => {
            audit.detail("reason", cause.event_error());
            Ok(inactive())
        }
    }
}

fn inactive() -> Map<String, Value> {
    Map::from_iter([("active".to_owned(), Value::Bool(false))])
}

/// What an access or an ID token says, to a client that it is for (attacks 12, 66).
async fn access_token(
    server: &Server,
    realm: &Realm,
    client: &Client,
    claims: Claims,
    transport: &Transport<'_>,
) -> Result<Map<String, Value>, Cause> {
    let checked = bearer::check_standing(server, realm, claims).await?;
    let claims = &checked.claims;
    let is_access = own_token::is_access(claims);
    let mut answer = if is_access { with_mapped(realm, &checked, transport) } else { claims.raw().clone() };
    if !is_for(realm, client, &answer) {
        return Err(Cause::TokenAudience);
    }
    answer.insert("client_id".to_owned(), json!(checked.client.client_id));
    answer.insert("username".to_owned(), json!(checked.user.username));
    // Keycloak calls an ID token `ID`; its claim says so.
    answer.insert("token_type".to_owned(), json!(if is_access { "Bearer" } else { "ID" }));
    answer.insert("active".to_owned(), Value::Bool(true));
    Ok(answer)
}

/// The claims of an access token, with those that are for introspection.
fn with_mapped(realm: &Realm, checked: &Checked, transport: &Transport<'_>) -> Map<String, Value> {
    let claims = &checked.claims;
    let scopes = bearer::scopes_of(checked);
    let roles = token::effective_roles(realm, &checked.client, &checked.user, &scopes);
    let auth_time = claims.get("auth_time").and_then(Value::as_i64).map(Timestamp::from_seconds);
    let without_user = claims.jti().is_some_and(|jti| jti.get(4..6) == Some("cc"));
    let context = Context {
        realm,
        client: &checked.client,
        user: &checked.user,
        scopes: &scopes,
        roles: &roles,
        auth_time,
        grant_type: if without_user { GrantType::ClientCredentials } else { GrantType::AuthorizationCode },
        address: transport.address,
    };
    token::introspection(&context, claims.raw())
}

/// Whether the token's `aud` names the client, or a protected resource that the client stands for
/// (`resource_url`).
fn is_for(realm: &Realm, client: &Client, claims: &Map<String, Value>) -> bool {
    let names = |audience: &str| match claims.get("aud") {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(several)) => several.iter().any(|one| one.as_str() == Some(audience)),
        _ => false,
    };
    let resource = client.attribute("resource_url").filter(|url| realm.resource(url).is_some());
    names(&client.client_id) || resource.is_some_and(names)
}

/// A refresh token is only its own client's business.
async fn refresh_token(
    server: &Server,
    realm: &Realm,
    client: &Client,
    token: &str,
) -> Result<Map<String, Value>, Cause> {
    let now = server.now();
    let presented = refresh::parse(realm, token, now)?;
    let grant = server.store.grant(presented.grant).await.or_cause()?.ok_or(Cause::GrantRevoked)?;
    if grant.client != client.id {
        return Err(Cause::RefreshTokenOfAnotherClient);
    }
    if grant.generation != presented.generation {
        return Err(Cause::RefreshTokenReplayed);
    }
    refresh::decide(realm, client, &grant, &presented, now)?;
    if let Some(session) = grant.session {
        let stored = server.store.session(session).await.or_cause()?.ok_or(Cause::SessionEnded)?;
        sekisho_core::session::check(realm, stored, now).ok_or(Cause::SessionEnded)?;
    }
    let user = server.store.user(realm, grant.user).await.or_cause()?;
    let user = user.filter(|user| user.enabled).ok_or(Cause::UserDisabled)?;
    let mut answer = Map::new();
    if let Some(expires) = grant.expires {
        answer.insert("exp".to_owned(), json!(expires.seconds()));
    }
    answer.insert("iat".to_owned(), json!(presented.issued.seconds()));
    answer.insert("iss".to_owned(), json!(realm.issuer));
    answer.insert("aud".to_owned(), json!(realm.issuer));
    answer.insert("sub".to_owned(), json!(user.id));
    answer.insert("typ".to_owned(), json!(if grant.offline { "Offline" } else { "Refresh" }));
    answer.insert("azp".to_owned(), json!(client.client_id));
    answer.insert("sid".to_owned(), json!(grant.sid));
    answer.insert("scope".to_owned(), json!(grant.scopes.to_string()));
    answer.insert("client_id".to_owned(), json!(client.client_id));
    answer.insert("username".to_owned(), json!(user.username));
    answer.insert("active".to_owned(), Value::Bool(true));
    Ok(answer)
}
