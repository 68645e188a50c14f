//! UserInfo (OpenID Connect Core §5.3).

use sekisho_core::Realm;
use sekisho_core::claims::Context;
use sekisho_core::event::EventType;
use sekisho_core::policy::event::{Occasion, TokenRequest};
use sekisho_core::token;
use sekisho_policy as policy;
use sekisho_protocol::{Cause, GrantType, Params};
use serde_json::{Map, Value};

use crate::audit::Audit;
use crate::{Server, Transport, bearer, client_auth};

/// What UserInfo says to this token. `in_body` is `access_token` of a form body (RFC 6750 §2.2).
///
/// # Errors
/// The cause of the first rule that does not hold.
pub async fn load(
    server: &Server,
    realm: &Realm,
    transport: &Transport<'_>,
    in_body: Option<&str>,
) -> Result<Map<String, Value>, Cause> {
    let mut audit = Audit::start(server, realm, EventType::UserInfoRequest, transport);
    let outcome = answer(server, realm, transport, in_body, &mut audit).await;
    audit.finish(server, realm, outcome)
}

async fn answer(
    server: &Server,
    realm: &Realm,
    transport: &Transport<'_>,
    in_body: Option<&str>,
    audit: &mut Audit,
) -> Result<Map<String, Value>, Cause> {
    let in_header = transport.authorization.and_then(bearer::token);
    let token = match (in_header, in_body) {
        (Some(_), Some(_)) => return Err(Cause::TokenRepeated),
        (Some(token), None) | (None, Some(token)) => token,
        (None, None) => return Err(Cause::TokenMissing),
    };
    let checked = bearer::check(server, realm, token).await?;
    let (client, user) = (&checked.client, &checked.user);
    audit.client(&client.client_id);
    audit.user(user.id);
    client_auth::check_origin(client, transport)?;
    let scopes = bearer::scopes_of(&checked);
    let (granted, params) = (scopes.to_stored(), Params::empty());
    let asked = TokenRequest { granted: Some(&granted), ..TokenRequest::new(client, &params) };
    let asked = Occasion::UserInfoRequest(asked);
    audit.asked(realm, asked);
    policy::check(&server.outside, realm, server.now(), asked).await?;
    if !scopes.openid {
        return Err(Cause::OpenidScopeMissing);
    }
    let roles = token::effective_roles(realm, client, user, &scopes);
    let context = Context {
        realm,
        client,
        user,
        scopes: &scopes,
        roles: &roles,
        auth_time: None,
        grant_type: GrantType::AuthorizationCode,
        address: transport.address,
    };
    Ok(token::user_info(&context))
}
