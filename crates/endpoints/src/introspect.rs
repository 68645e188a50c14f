//! Introspection (RFC 7662): active only for a client that the token is for.

use sekisho_core::client::ClientKind;
use sekisho_core::event::EventType;
use sekisho_core::policy::event::Event;
use sekisho_core::{Client, Realm, refresh};
use sekisho_jose::claims::Claims;
use sekisho_policy as policy;
use sekisho_protocol::{Cause, Params};
use serde_json::{Map, Value, json};

use crate::audit::Audit;
use crate::server::OrCause;
use crate::{Server, Transport, bearer, client_auth};

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
    let credentials = client_auth::read(&params, transport)?;
    audit.client(&credentials.client_id);
    let client = client_auth::load(server, realm, &credentials).await?;
    client_auth::authenticate(&client, &credentials)?;
    client_auth::check_origin(&client, transport)?;
    if client.kind == ClientKind::Public {
        return Err(Cause::ClientNotAllowed);
    }
    policy::check(realm, Event::TokenIntrospect { client: &client, params: &params }).await?;
    let token = params.require("token")?;
    let found = match params.find_filled("token_type_hint") {
        Some("refresh_token") => refresh_token(server, realm, &client, token).await,
        Some("access_token") | None => access_token(server, realm, &client, token).await,
        Some(_) => return Err(Cause::TokenTypeUnsupported),
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

/// The claims of an access or an ID token that is for the asking client (attacks 12, 66).
async fn access_token(
    server: &Server,
    realm: &Realm,
    client: &Client,
    token: &str,
) -> Result<Map<String, Value>, Cause> {
    let checked = bearer::check_kind(server, realm, token, &["Bearer", "ID"]).await?;
    if !checked.claims.has_audience(&client.client_id) && !is_resource_of(realm, client, &checked.claims) {
        return Err(Cause::TokenAudience);
    }
    let mut answer = checked.claims.raw().clone();
    answer.insert("client_id".to_owned(), json!(checked.client.client_id));
    answer.insert("username".to_owned(), json!(checked.user.username));
    if checked.claims.token_type() == Some("Bearer") {
        answer.insert("token_type".to_owned(), json!("Bearer"));
    }
    answer.insert("active".to_owned(), Value::Bool(true));
    Ok(answer)
}

/// A client that stands for a protected resource (`resource_url`) may ask about tokens for it.
fn is_resource_of(realm: &Realm, client: &Client, claims: &Claims) -> bool {
    client
        .attribute("resource_url")
        .is_some_and(|url| realm.resource(url).is_some() && claims.has_audience(url))
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
