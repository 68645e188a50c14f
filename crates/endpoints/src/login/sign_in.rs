//! The sign-in form comes back: name and password.

use std::sync::Arc;

use sekisho_core::authorize::Parameters;
use sekisho_core::event::EventType;
use sekisho_core::interaction::{self as sealed, Purpose};
use sekisho_core::session::{self, Session};
use sekisho_core::work::{Guard, Outcome, Record, Write};
use sekisho_core::{Realm, Work};
use sekisho_protocol::{Cause, Params, Timestamp};

use super::password::{self, Attempt, NewSession, SignedIn};
use crate::answer::{Answer, Body, Failure};
use crate::audit::Audit;
use crate::authorize::{self, Valid};
use crate::browser::{Browser, CookieChanges, SessionCookie, binding_of};
use crate::interaction::{self, SignInShown};
use crate::server::OrCause;
use crate::{Server, Transport};

/// Answers the sign-in form. `client_id` is what the form's address names.
pub async fn submit(
    server: &Server,
    realm: &Arc<Realm>,
    form: &Params,
    client_id: Option<&str>,
    browser: &Browser,
    transport: &Transport<'_>,
) -> Answer {
    let Some(interaction) = form.find("session_code").and_then(|code| interaction::open(realm, code)) else {
        return lost(server, realm, client_id).await;
    };
    let (query, asked_at) = (interaction.query.clone(), interaction.asked_at);
    let binding = browser.binding.as_deref().map(binding_of);
    let returned =
        binding.and_then(|binding| sealed::check(interaction, Purpose::SignIn, &binding, server.now()));
    if returned.is_none() {
        return expired(realm, &query);
    }
    match authorize::validate(server, realm, Parameters::parse(query.as_bytes())).await {
        Ok(valid) => sign_in(server, realm, valid, form, browser, asked_at).await,
        Err(refused) => authorize::refuse(server, realm, refused, transport),
    }
}

/// The page for a form that is over: the way on is the same request, from its start.
pub fn expired(realm: &Realm, query: &str) -> Answer {
    let url = interaction::request_url(realm, query);
    Answer::plain(Body::Expired { continue_url: Some(url.clone()), restart_url: Some(url) })
}

/// The page for a form that does not say what it was part of: the way on is the client's own page, if the
/// form's address names a client that has one.
pub async fn lost(server: &Server, realm: &Realm, client_id: Option<&str>) -> Answer {
    let client = match client_id {
        Some(client_id) => server.store.client(realm, client_id).await.ok().flatten(),
        None => None,
    };
    let home = client.filter(|client| client.enabled).and_then(|client| client.home());
    Answer::plain(Body::Expired { continue_url: None, restart_url: home })
}

async fn sign_in(
    server: &Server,
    realm: &Arc<Realm>,
    valid: Valid,
    form: &Params,
    browser: &Browser,
    asked_at: Timestamp,
) -> Answer {
    let attempt = Attempt {
        username: form.find("username").unwrap_or_default(),
        password: form.find("password").unwrap_or_default(),
        address: &browser.address,
        remember_me: realm.login.remember_me && form.find("rememberMe").is_some(),
    };
    if attempt.username.trim().is_empty() || attempt.password.is_empty() {
        return again(server, realm, &valid, browser, asked_at, (&attempt, Failure::MissingField));
    }
    let outcome = match password::check(server, realm, &attempt).await {
        Ok(signed_in) => start_session(server, realm, signed_in, browser, &attempt).await,
        Err(cause) => Err(cause),
    };
    match outcome {
        Ok(new) => {
            let signed_in = Browser { session: Some(new.cookie.clone()), ..browser.clone() };
            let mut answer = interaction::drive(server, realm, valid, &signed_in, asked_at).await;
            let max_age = attempt.remember_me.then(|| new.session.expires.seconds_since(server.now()));
            answer.cookies = CookieChanges {
                session: Some(SessionCookie::Set { value: new.cookie, max_age }),
                ..answer.cookies
            };
            answer
        }
        Err(cause) => failed(server, realm, &valid, browser, asked_at, (&attempt, cause)).await,
    }
}

/// A new sign-in never keeps the old cookie (session fixation). The same user keeps the session, so that
/// its grants live on; another user ends it.
async fn start_session(
    server: &Server,
    realm: &Realm,
    signed_in: SignedIn,
    browser: &Browser,
    attempt: &Attempt<'_>,
) -> Result<NewSession, Cause> {
    let SignedIn { user, work } = signed_in;
    let mut new = password::new_session(server, realm, &user, attempt);
    let work = work.guard(Guard::TouchUser { user: user.id });
    let before = browser.session(server, realm).await?.map(|active| active.session().clone());
    let work = match before {
        Some(before) if before.user == user.id => {
            new.session =
                Session { id: before.id, created: before.created, expires: before.expires, ..new.session };
            work.guard(Guard::TouchSession { session: before.id })
                .write(Write::Replace(Box::new(Record::Session(new.session.clone()))))
        }
        Some(before) => {
            let ended = session::end(&before, work.id, server.now());
            let inserted = work.insert(Record::Session(new.session.clone()));
            ended
                .writes
                .into_iter()
                .fold(inserted.guard(Guard::EndSession { session: before.id, at: server.now() }), Work::write)
        }
        None => work.insert(Record::Session(new.session.clone())),
    };
    match server.store.commit(work).await.or_cause()? {
        Outcome::Won => Ok(new),
        // The user was switched off, or the session ended in another tab: signing in again is the way on.
        Outcome::Lost(_) => Err(Cause::InteractionExpired),
        Outcome::Unknown => Err(Cause::Unavailable),
    }
}

async fn failed(
    server: &Server,
    realm: &Arc<Realm>,
    valid: &Valid,
    browser: &Browser,
    asked_at: Timestamp,
    (attempt, cause): (&Attempt<'_>, Cause),
) -> Answer {
    let transport = Transport { address: &browser.address, ..Transport::default() };
    let mut audit = Audit::start(server, realm, EventType::Login, &transport);
    audit.client(&valid.client.client_id);
    // The name typed is not recorded: people type their password there.
    if let Ok(Some(user)) = server.store.user_by_login(realm, attempt.username).await {
        audit.user(user.id);
    }
    audit.refused(server, realm, &cause);
    let failure = match cause {
        Cause::CredentialsWrong => Failure::Mismatch,
        Cause::AccountDisabled | Cause::UserNotSetUp => Failure::AccountProblem,
        Cause::UserLocked => Failure::Locked { until: locked_until(server, realm, attempt).await },
        Cause::InteractionExpired => return expired(realm, &valid.parameters.to_query()),
        cause => return interaction::refuse(server, realm, valid, browser, &cause),
    };
    again(server, realm, valid, browser, asked_at, (attempt, failure))
}

/// When the pause ends, the same for a name that nobody has.
async fn locked_until(server: &Server, realm: &Realm, attempt: &Attempt<'_>) -> i64 {
    let mut until = server.now().plus_seconds(realm.lockout.wait_increment.min(60));
    let user = server.store.user_by_login(realm, attempt.username).await.ok().flatten();
    let name = password::name_of(attempt, user.as_ref());
    for key in sekisho_core::lockout::keys(realm, name, attempt.address) {
        if let Ok(attempts) = server.store.attempts(realm, &key.key).await {
            until = attempts.locked_until.map_or(until, |locked| locked.max(until));
        }
    }
    until.0
}

fn again(
    server: &Server,
    realm: &Arc<Realm>,
    valid: &Valid,
    browser: &Browser,
    asked_at: Timestamp,
    (attempt, failure): (&Attempt<'_>, Failure),
) -> Answer {
    let shown = SignInShown {
        username: attempt.username.to_owned(),
        remember_me: attempt.remember_me,
        failure: Some(failure),
    };
    interaction::sign_in_page(server, realm, valid, browser, asked_at, shown)
        .unwrap_or_else(|cause| interaction::refuse(server, realm, valid, browser, &cause))
}
