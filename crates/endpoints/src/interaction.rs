//! Drives a valid authorization request: what is missing is shown as a page, else a code is issued. Every
//! login step comes back here, and facts are read anew each time.

use std::sync::Arc;

use sekisho_core::authorize::AuthorizationRequest;
use sekisho_core::code::{self, OpenedCode};
use sekisho_core::consent;
use sekisho_core::event::EventType;
use sekisho_core::interaction::{self, Interaction, Purpose};
use sekisho_core::login::{self, Facts, NextStep};
use sekisho_core::scope::GrantedScopes;
use sekisho_core::session::ActiveSession;
use sekisho_core::work::ConsentRecord;
use sekisho_core::{GrantId, Realm, User, Work};
use sekisho_jose::base64url;
use sekisho_protocol::{Cause, Timestamp};

use crate::answer::{Answer, Body, Consent, Failure, ScopeLabel, SignIn};
use crate::audit::Audit;
use crate::authorize::{Valid, error_to_client};
use crate::browser::{Browser, CookieChanges, binding_of};
use crate::server::OrCause;
use crate::{Server, Transport, own_token};

/// Codes longer than this would not fit a URL that every client and proxy takes.
const MAX_CODE: usize = 2000;

/// Who is signed in, and what they agreed to before.
struct SignedIn {
    session: ActiveSession,
    user: User,
    agreed: Vec<ConsentRecord>,
}

/// Shows what is missing, or issues a code.
pub async fn drive(
    server: &Server,
    realm: &Arc<Realm>,
    valid: Valid,
    browser: &Browser,
    asked_at: Timestamp,
) -> Answer {
    match step(server, realm, &valid, browser, asked_at).await {
        Ok(answer) => answer,
        Err(cause) => refuse(server, realm, &valid, browser, &cause),
    }
}

async fn step(
    server: &Server,
    realm: &Realm,
    valid: &Valid,
    browser: &Browser,
    asked_at: Timestamp,
) -> Result<Answer, Cause> {
    let signed_in = load(server, realm, valid, browser, asked_at).await?;
    let facts = facts(server, realm, valid, signed_in.as_ref(), asked_at);
    match (login::next_step(facts), signed_in) {
        (NextStep::Refuse(cause), _) => Err(cause),
        (NextStep::Consent, Some(signed_in)) => {
            consent_page(server, realm, valid, browser, (&signed_in, asked_at))
        }
        (NextStep::Issue, Some(signed_in)) => {
            let scopes = valid.request.scopes.clone();
            issue(server, realm, valid, browser, &signed_in.session, scopes).await
        }
        (NextStep::Reauthenticate, Some(signed_in)) => {
            let (username, remember_me) = (signed_in.user.username, signed_in.session.session().remember_me);
            let shown = SignInShown { username, remember_me, failure: Some(Failure::Reauthenticate) };
            sign_in_page(server, realm, valid, browser, asked_at, shown)
        }
        _ => {
            let username = valid.request.login_hint.clone().unwrap_or_default();
            let shown = SignInShown { username, ..SignInShown::default() };
            sign_in_page(server, realm, valid, browser, asked_at, shown)
        }
    }
}

async fn load(
    server: &Server,
    realm: &Realm,
    valid: &Valid,
    browser: &Browser,
    asked_at: Timestamp,
) -> Result<Option<SignedIn>, Cause> {
    let Some(session) = browser.session(server, realm).await? else { return Ok(None) };
    let user = server.store.user(realm, session.session().user).await.or_cause()?;
    let Some(user) = user.filter(|user| user.enabled) else { return Ok(None) };
    if !fits_hint(server, realm, &valid.request, &user).await? {
        // Another user than the client means (OpenID Connect Core §3.1.2.1). Whoever signed in just now would
        // be asked for ever.
        let just_now = session.session().auth_time >= asked_at;
        return if just_now { Err(Cause::LoginRequired) } else { Ok(None) };
    }
    let agreed = if valid.client.consent_required {
        server.store.consents(user.id, valid.client.id).await.or_cause()?
    } else {
        Vec::new()
    };
    Ok(Some(SignedIn { session, user, agreed }))
}

/// Whether this is the user that an `id_token_hint` means. A hint that cannot be verified says nothing, as in
/// Keycloak.
async fn fits_hint(
    server: &Server,
    realm: &Realm,
    request: &AuthorizationRequest,
    user: &User,
) -> Result<bool, Cause> {
    let hint = request.id_token_hint.as_deref();
    let Some(claims) = hint.and_then(|hint| own_token::read_hint(realm, hint, server.now())) else {
        return Ok(true);
    };
    let meant = own_token::user_of(server, realm, &claims).await?;
    Ok(meant.is_some_and(|meant| meant.id == user.id))
}

fn facts(
    server: &Server,
    realm: &Realm,
    valid: &Valid,
    signed_in: Option<&SignedIn>,
    asked_at: Timestamp,
) -> Facts {
    let request = &valid.request;
    let due = |signed_in: &SignedIn| {
        login::reauthentication_due(request, &signed_in.session, Some(asked_at), server.now())
    };
    Facts {
        signed_in: signed_in.is_some(),
        reauthentication_due: signed_in.is_some_and(due),
        consent_due: signed_in.is_some_and(|it| {
            let asks_anyway = request.prompt.none && request.prompt.consent;
            asks_anyway || consent::is_due(realm, &valid.client, request, &it.agreed)
        }),
        silent: request.prompt.none,
    }
}

/// What the sign-in page shows beside the form.
#[derive(Default)]
pub struct SignInShown {
    pub username: String,
    /// Whether the box is ticked, where there is one.
    pub remember_me: bool,
    pub failure: Option<Failure>,
}

/// The sign-in page, its form bound to this browser.
///
/// # Errors
/// [`Cause::Internal`] when the realm cannot seal.
pub fn sign_in_page(
    server: &Server,
    realm: &Realm,
    valid: &Valid,
    browser: &Browser,
    asked_at: Timestamp,
    shown: SignInShown,
) -> Result<Answer, Cause> {
    let (binding, new_binding) = browser.binding(server);
    let life = realm.lifespans.access_code_login;
    let session_code = seal(
        server,
        realm,
        &Interaction {
            query: valid.parameters.to_query(),
            asked_at,
            binding: binding_of(&binding),
            purpose: Purpose::SignIn,
            expires: server.now().plus_seconds(life),
        },
    )?;
    let page = SignIn {
        realm: realm.name.clone(),
        client_name: valid.client.label().to_owned(),
        client_id: valid.client.client_id.clone(),
        session_code,
        username: shown.username,
        remember_me: realm.login.remember_me.then_some(shown.remember_me),
        failure: shown.failure,
        request_url: request_url(realm, &valid.parameters.to_query()),
        redirect_uri: valid.request.target.uri().to_owned(),
    };
    let cookies = CookieChanges { binding: new_binding, session: None };
    Ok(Answer { body: Body::SignIn(Box::new(page)), cookies })
}

fn consent_page(
    server: &Server,
    realm: &Realm,
    valid: &Valid,
    browser: &Browser,
    (signed_in, asked_at): (&SignedIn, Timestamp),
) -> Result<Answer, Cause> {
    // Bound to the session: a form made for one user cannot speak for the next.
    let cookie = browser.session.as_deref().ok_or(Cause::InteractionExpired)?;
    let session_code = seal(
        server,
        realm,
        &Interaction {
            query: valid.parameters.to_query(),
            asked_at,
            binding: binding_of(cookie),
            purpose: Purpose::Consent,
            expires: server.now().plus_seconds(realm.lifespans.access_code_login),
        },
    )?;
    let (optional, required): (Vec<_>, Vec<_>) = consent::choices(realm, &valid.client, &valid.request)
        .into_iter()
        .partition(|choice| choice.optional);
    let target = &valid.request.target;
    let page = Consent {
        realm: realm.name.clone(),
        client_name: valid.client.label().to_owned(),
        client_id: valid.client.client_id.clone(),
        session_code,
        username: signed_in.user.username.clone(),
        redirect_uri: target.uri().to_owned(),
        redirect_host: target.host(),
        redirect_is_loopback: target.is_loopback(),
        resources: resource_labels(realm, &valid.request),
        required: required.iter().map(|choice| label(choice)).collect(),
        optional: optional.iter().map(|choice| label(choice)).collect(),
        request_url: request_url(realm, &valid.parameters.to_query()),
        seen_before: !signed_in.agreed.is_empty(),
    };
    Ok(Answer::plain(Body::Consent(Box::new(page))))
}

fn label(choice: &consent::Choice<'_>) -> ScopeLabel {
    ScopeLabel {
        name: choice.scope.name.clone(),
        text: choice.scope.consent_text.clone(),
        description: choice.scope.description.clone().filter(|text| !text.is_empty()),
        checked: true,
    }
}

fn resource_labels(realm: &Realm, request: &AuthorizationRequest) -> Vec<(String, String)> {
    let name = |uri: &String| {
        realm.resource(uri).and_then(|resource| resource.name.clone()).unwrap_or_else(|| uri.clone())
    };
    request.resources.iter().map(|uri| (name(uri), uri.clone())).collect()
}

/// Issues a code: sealed, not stored, so this writes nothing but a sign of life of the session.
///
/// # Errors
/// [`Cause::Internal`] when the realm cannot seal, [`Cause::ParameterInvalid`] when the code would be too
/// long to be sent.
pub async fn issue(
    server: &Server,
    realm: &Realm,
    valid: &Valid,
    browser: &Browser,
    session: &ActiveSession,
    scopes: GrantedScopes,
) -> Result<Answer, Cause> {
    let now = server.now();
    let opened = OpenedCode {
        grant: GrantId::new(now, server.draw()),
        client: valid.client.id,
        user: session.session().user,
        session: session.session().id,
        auth_time: session.session().auth_time,
        redirect_uri: valid.request.target.uri().to_owned(),
        code_challenge: valid.request.code_challenge.clone(),
        nonce: valid.request.nonce.clone(),
        scopes: scopes.to_stored(),
        resources: valid.request.resources.clone(),
        expires: now.plus_seconds(realm.lifespans.access_code),
    };
    let plain = serde_json::to_vec(&opened).map_err(|_| Cause::Internal)?;
    let sealed = realm.keys.seal(realm.id, code::PURPOSE, server.draw(), &plain).ok_or(Cause::Internal)?;
    let code = base64url::encode(&sealed);
    if code.len() > MAX_CODE {
        return Err(Cause::ParameterInvalid("nonce"));
    }
    see(server, session).await?;
    record_login(server, realm, valid, session, browser);
    let mut fields = vec![("code".to_owned(), code)];
    fields.extend(valid.request.state.clone().map(|state| ("state".to_owned(), state)));
    if !valid.client.is_on("exclude.session.state.from.auth.response") {
        fields.push(("session_state".to_owned(), session.session().id.to_string()));
    }
    fields.push(("iss".to_owned(), realm.issuer.clone()));
    Ok(Answer::to_client(&valid.request.target, valid.request.mode, fields))
}

async fn see(server: &Server, session: &ActiveSession) -> Result<(), Cause> {
    let Some(write) = session.see(server.now()) else { return Ok(()) };
    let work = Work::new(server.fresh_id()).write(write);
    server.store.commit(work).await.or_cause().map(|_| ())
}

fn record_login(server: &Server, realm: &Realm, valid: &Valid, session: &ActiveSession, browser: &Browser) {
    let transport = Transport { address: &browser.address, ..Transport::default() };
    let mut audit = Audit::start(server, realm, EventType::Login, &transport);
    valid.keep(&mut audit, realm);
    audit.client(&valid.client.client_id);
    audit.user(session.session().user);
    audit.session(session.session().id);
    audit.succeeded(server, realm);
}

/// Refuses to the client: its redirect URI is proven.
pub fn refuse(server: &Server, realm: &Realm, valid: &Valid, browser: &Browser, cause: &Cause) -> Answer {
    let transport = Transport { address: &browser.address, ..Transport::default() };
    let mut audit = Audit::start(server, realm, EventType::Login, &transport);
    valid.keep(&mut audit, realm);
    audit.client(&valid.client.client_id);
    audit.refused(server, realm, cause);
    let request = &valid.request;
    error_to_client(realm, cause, &request.target, request.mode, request.state.clone())
}

/// Seals an interaction for a form.
///
/// # Errors
/// [`Cause::Internal`] when the realm cannot seal.
pub fn seal(server: &Server, realm: &Realm, interaction: &Interaction) -> Result<String, Cause> {
    let plain = serde_json::to_vec(interaction).map_err(|_| Cause::Internal)?;
    let sealed =
        realm.keys.seal(realm.id, interaction::PURPOSE, server.draw(), &plain).ok_or(Cause::Internal)?;
    Ok(base64url::encode(&sealed))
}

/// Opens what a form brought back; `None` for anything that this realm did not seal.
pub fn open(realm: &Realm, session_code: &str) -> Option<Interaction> {
    let sealed = base64url::decode(session_code)?;
    serde_json::from_slice(&realm.keys.open(realm.id, interaction::PURPOSE, &sealed)?).ok()
}

/// The authorization request again, as an address.
pub fn request_url(realm: &Realm, query: &str) -> String {
    realm.url(&format!("/protocol/openid-connect/auth?{query}"))
}
