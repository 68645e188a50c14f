//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0), and Keycloak's logout by refresh token.

use std::sync::Arc;

use sekisho_core::event::EventType;
use sekisho_core::interaction::{self as sealed, Interaction, Purpose};
use sekisho_core::policy::event::Occasion;
use sekisho_core::redirect;
use sekisho_core::{Client, Realm, Session, refresh, session};
use sekisho_policy as policy;
use sekisho_protocol::{Cause, Params};

use crate::answer::{Answer, Body};
use crate::audit::Audit;
use crate::browser::{Browser, CookieChanges, SessionCookie, binding_of};
use crate::server::OrCause;
use crate::{Server, Transport, client_auth, interaction, own_token};

/// Where a logout ends, once it is proven.
struct Ending {
    client: Option<Arc<Client>>,
    location: Option<String>,
    /// A valid `id_token_hint` of the session that is to end: no question needed.
    hinted: bool,
}

/// Answers a logout request of a browser.
pub async fn logout(
    server: &Server,
    realm: &Arc<Realm>,
    params: &Params,
    browser: &Browser,
    transport: &Transport<'_>,
) -> Answer {
    let mut audit = Audit::start(server, realm, EventType::Logout, transport);
    let reference = audit.reference();
    let outcome = answer(server, realm, params, browser, &mut audit).await;
    match audit.finish(server, realm, outcome) {
        Ok(answer) => answer,
        Err(cause) => Answer::error(cause, reference),
    }
}

async fn answer(
    server: &Server,
    realm: &Arc<Realm>,
    params: &Params,
    browser: &Browser,
    audit: &mut Audit,
) -> Result<Answer, Cause> {
    let session = browser.session(server, realm).await?.map(|active| active.session().clone());
    let ending = ending(server, realm, params, session.as_ref()).await?;
    if let Some(client) = &ending.client {
        audit.client(&client.client_id);
    }
    match session {
        Some(session) if ending.hinted => end(server, realm, &session, ending.location, audit).await,
        Some(session) => ask(server, realm, params, browser, (&session, &ending)).await,
        None if ending.location.is_some() => Ok(Answer::plain(redirect_or_done(ending.location))),
        None if ending.hinted => Ok(Answer::plain(Body::SignedOut { continue_url: None })),
        None => ask_without_session(server, realm, params, browser, &ending),
    }
}

/// The client, its post-logout redirect URI, and whether the hint proves which session is meant.
async fn ending(
    server: &Server,
    realm: &Realm,
    params: &Params,
    session: Option<&Session>,
) -> Result<Ending, Cause> {
    let hint = params.find_filled("id_token_hint").map(|hint| read_hint(server, realm, hint)).transpose()?;
    let named = params.find_filled("client_id");
    if let (Some(hint), Some(named)) = (&hint, named)
        && hint.client_id != named
    {
        return Err(Cause::IdTokenHintInvalid);
    }
    let client_id = hint.as_ref().map(|hint| hint.client_id.as_str()).or(named);
    let client = match client_id {
        Some(client_id) => server.store.client(realm, client_id).await.or_cause()?,
        None => None,
    };
    let location = match params.find_filled("post_logout_redirect_uri") {
        None => None,
        Some(_) if client_id.is_none() => return Err(Cause::LogoutClientUnknown),
        Some(uri) => {
            let client = client.as_ref().ok_or(Cause::LogoutRedirectUnregistered)?;
            if !redirect::is_logout_target(client, uri, &realm.issuer) {
                return Err(Cause::LogoutRedirectUnregistered);
            }
            Some(with_state(uri, params.find("state")))
        }
    };
    let hinted = hint.is_some_and(|hint| {
        session.is_none_or(|session| hint.sid.as_deref() == Some(&*session.id.to_string()))
    });
    Ok(Ending { client, location, hinted })
}

struct Hint {
    client_id: String,
    sid: Option<String>,
}

fn read_hint(server: &Server, realm: &Realm, hint: &str) -> Result<Hint, Cause> {
    let claims = own_token::read_hint(realm, hint, server.now()).ok_or(Cause::IdTokenHintInvalid)?;
    let client_id = claims.get("azp").and_then(|azp| azp.as_str()).ok_or(Cause::IdTokenHintInvalid)?;
    Ok(Hint { client_id: client_id.to_owned(), sid: claims.session().map(str::to_owned) })
}

fn with_state(uri: &str, state: Option<&str>) -> String {
    let Some(state) = state else { return uri.to_owned() };
    let separator = if uri.contains('?') { '&' } else { '?' };
    let encoded = url::form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
    format!("{uri}{separator}{encoded}")
}

fn redirect_or_done(location: Option<String>) -> Body {
    match location {
        Some(location) => Body::Redirect { location },
        None => Body::SignedOut { continue_url: None },
    }
}

/// Asks before ending a session that nothing but a link spoke for (CSRF).
async fn ask(
    server: &Server,
    realm: &Realm,
    params: &Params,
    browser: &Browser,
    (session, ending): (&Session, &Ending),
) -> Result<Answer, Cause> {
    let user = server.store.user(realm, session.user).await.or_cause()?;
    let cookie = browser.session.as_deref().unwrap_or_default();
    let session_code = seal_form(server, realm, params, cookie)?;
    let username = user.map(|user| user.username);
    Ok(Answer::plain(question(session_code, username, ending)))
}

fn ask_without_session(
    server: &Server,
    realm: &Realm,
    params: &Params,
    browser: &Browser,
    ending: &Ending,
) -> Result<Answer, Cause> {
    let (binding, new_binding) = browser.binding(server);
    let session_code = seal_form(server, realm, params, &binding)?;
    let cookies = CookieChanges { binding: new_binding, session: None };
    Ok(Answer { body: question(session_code, None, ending), cookies })
}

fn question(session_code: String, username: Option<String>, ending: &Ending) -> Body {
    let client = ending.client.as_ref().map(|client| client.label().to_owned());
    Body::ConfirmLogout { session_code, username, client, location: ending.location.clone() }
}

fn seal_form(server: &Server, realm: &Realm, params: &Params, cookie: &str) -> Result<String, Cause> {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params.pairs()).finish();
    let now = server.now();
    let form = Interaction {
        query,
        asked_at: now,
        binding: binding_of(cookie),
        purpose: Purpose::Logout,
        expires: now.plus_seconds(realm.lifespans.access_code_user_action),
    };
    interaction::seal(server, realm, &form)
}

/// The confirmation form comes back.
pub async fn confirm(
    server: &Server,
    realm: &Arc<Realm>,
    form: &Params,
    browser: &Browser,
    transport: &Transport<'_>,
) -> Answer {
    let mut audit = Audit::start(server, realm, EventType::Logout, transport);
    let reference = audit.reference();
    let outcome = confirmed(server, realm, form, browser, &mut audit).await;
    match audit.finish(server, realm, outcome) {
        Ok(answer) => answer,
        Err(Cause::InteractionExpired) => Answer::plain(Body::Expired {
            continue_url: None,
            restart_url: Some(realm.url("/protocol/openid-connect/logout")),
        }),
        Err(cause) => Answer::error(cause, reference),
    }
}

async fn confirmed(
    server: &Server,
    realm: &Arc<Realm>,
    form: &Params,
    browser: &Browser,
    audit: &mut Audit,
) -> Result<Answer, Cause> {
    let opened = form.find("session_code").and_then(|code| interaction::open(realm, code));
    let interaction = opened.ok_or(Cause::InteractionExpired)?;
    let session = browser.session(server, realm).await?.map(|active| active.session().clone());
    // As the page was sealed: to the session where there is one, else to the browser. A cookie of a session
    // that has ended is none.
    let cookie = if session.is_some() { &browser.session } else { &browser.binding };
    let cookie = cookie.as_deref().unwrap_or_default();
    let returned = sealed::check(interaction, Purpose::Logout, &binding_of(cookie), server.now());
    let returned = returned.ok_or(Cause::InteractionExpired)?;
    let params = Params::parse(returned.query().as_bytes())?;
    let ending = ending(server, realm, &params, session.as_ref()).await?;
    match session {
        Some(session) => end(server, realm, &session, ending.location, audit).await,
        None => Ok(Answer::plain(redirect_or_done(ending.location))),
    }
}

async fn end(
    server: &Server,
    realm: &Realm,
    session: &Session,
    location: Option<String>,
    audit: &mut Audit,
) -> Result<Answer, Cause> {
    audit.user(session.user);
    audit.session(session.id);
    end_session(server, realm, session).await?;
    let cookies = CookieChanges { binding: None, session: Some(SessionCookie::Clear) };
    Ok(Answer { body: redirect_or_done(location), cookies })
}

async fn end_session(server: &Server, realm: &Realm, session: &Session) -> Result<(), Cause> {
    debug_assert!(session.realm == realm.id, "sessions are found by realm");
    let work = session::end(session, server.fresh_id(), server.now());
    // Losing means that it had ended before.
    server.store.commit(work).await.or_cause().map(|_| ())
}

/// Keycloak's logout by refresh token: POST with client authentication ends the session behind it.
///
/// # Errors
/// The cause of the first rule that does not hold.
pub async fn by_refresh_token(
    server: &Server,
    realm: &Realm,
    params: &Params,
    transport: &Transport<'_>,
) -> Result<(), Cause> {
    let mut audit = Audit::start(server, realm, EventType::Logout, transport);
    let outcome = end_by_token(server, realm, params, transport, &mut audit).await;
    audit.finish(server, realm, outcome)
}

async fn end_by_token(
    server: &Server,
    realm: &Realm,
    params: &Params,
    transport: &Transport<'_>,
    audit: &mut Audit,
) -> Result<(), Cause> {
    let caller = client_auth::check(server, realm, params, transport, audit).await?;
    let asked = Occasion::LogoutRequest(caller.asked(params));
    audit.asked(realm, asked);
    policy::check(&server.outside, realm, server.now(), asked).await?;
    let presented = refresh::parse(realm, params.require("refresh_token")?, server.now())?;
    let Some(grant) = server.store.grant(presented.grant).await.or_cause()? else { return Ok(()) };
    if grant.client != caller.client.id {
        return Err(Cause::RefreshTokenOfAnotherClient);
    }
    audit.user(grant.user);
    match grant.session {
        Some(id) => match server.store.session(id).await.or_cause()? {
            Some(session) => end_session(server, realm, &session).await,
            None => Ok(()),
        },
        None => crate::grant::revoke(server, realm, grant.id).await,
    }
}
