//! From what an endpoint says to what a page shows.

use sekisho_core::Realm;
use sekisho_endpoints::answer::{Consent, ErrorPage as Refused, Failure, ScopeLabel, SignIn};
use sekisho_protocol::{Cause, Row, Timestamp};
use sekisho_ui::{
    ClientIdentity, ClientLabel, ConsentPage, ErrorKind, ErrorPage, KnownScope, LoginFailure, LoginPage,
    RedirectTarget, ResourceLabel, ScopeChoice, ScopeKind, Verification,
};
use time::OffsetDateTime;
use time::macros::format_description;

/// The sign-in page.
pub(super) fn sign_in(page: &SignIn, realm: &Realm) -> LoginPage {
    LoginPage {
        client: Some(ClientLabel { name: page.client_name.clone(), host: host_of(&page.redirect_uri) }),
        action: action(realm, "authenticate", &page.client_id),
        username: page.username.clone(),
        remember_me: page.remember_me,
        failure: page.failure.as_ref().map(failure),
        hidden: vec![("session_code".to_owned(), page.session_code.clone())],
    }
}

fn failure(failure: &Failure) -> LoginFailure {
    match failure {
        Failure::Mismatch => LoginFailure::Mismatch,
        Failure::Locked { until } => LoginFailure::Locked { until: time_of_day(*until) },
        Failure::AccountProblem => LoginFailure::AccountProblem,
        Failure::MissingField => LoginFailure::MissingField,
        Failure::Reauthenticate => LoginFailure::Reauthenticate,
    }
}

/// The consent page.
pub(super) fn consent(page: &Consent, realm: &Realm) -> ConsentPage {
    ConsentPage {
        client: ClientIdentity {
            name: page.client_name.clone(),
            client_id: page.client_id.clone(),
            verified: Verification::Registered,
        },
        username: page.username.clone(),
        redirect: RedirectTarget {
            uri: page.redirect_uri.clone(),
            host: page.redirect_host.clone(),
            loopback: page.redirect_is_loopback,
        },
        resources: page.resources.iter().map(|(name, uri)| resource(name, uri)).collect(),
        required: page.required.iter().map(choice).collect(),
        optional: page.optional.iter().map(choice).collect(),
        action: action(realm, "consent", &page.client_id),
        code: page.session_code.clone(),
        switch_account: None,
        seen_before: page.seen_before,
    }
}

fn resource(name: &str, uri: &str) -> ResourceLabel {
    ResourceLabel { name: name.to_owned(), uri: uri.to_owned(), host: host_of(uri).unwrap_or_default() }
}

/// A scope in the realm's words, or in ours where Keycloak's own message key stands (`${…}`).
fn choice(scope: &ScopeLabel) -> ScopeChoice {
    let text =
        scope.text.clone().filter(|text| !text.starts_with("${")).unwrap_or_else(|| scope.name.clone());
    ScopeChoice {
        name: scope.name.clone(),
        text,
        known: scope.text.as_deref().and_then(KnownScope::of_message),
        description: scope.description.clone(),
        kind: ScopeKind::Plain,
        checked: scope.checked,
    }
}

fn action(realm: &Realm, form: &str, client_id: &str) -> String {
    let client_id: String = url::form_urlencoded::byte_serialize(client_id.as_bytes()).collect();
    // The path alone: the page is served from the same place.
    let path =
        realm.issuer.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    format!("{}/login-actions/{form}?client_id={client_id}", path.unwrap_or_default())
}

fn host_of(uri: &str) -> Option<String> {
    url::Url::parse(uri).ok()?.host_str().map(str::to_owned)
}

/// The page for a request that stops here.
pub(super) fn error(page: &Refused, row: &Row, now: Timestamp) -> ErrorPage {
    let (rule, source) = rule(&page.cause);
    ErrorPage {
        kind: error_kind(page, row),
        rule,
        source,
        reference: page.reference.clone(),
        at: moment(now),
        client_name: page.client_name.clone(),
    }
}

/// The page for a path that is not there.
pub(super) fn not_found(now: Timestamp) -> ErrorPage {
    ErrorPage {
        kind: ErrorKind::NotFound,
        rule: None,
        source: None,
        reference: String::new(),
        at: moment(now),
        client_name: None,
    }
}

fn error_kind(page: &Refused, row: &Row) -> ErrorKind {
    let detail = || row.description.as_deref().unwrap_or(&row.code).to_owned();
    match &page.cause {
        Cause::ClientUnknown | Cause::ClientProtocol => ErrorKind::ClientUnknown,
        Cause::ClientDisabled => ErrorKind::ClientDisabled,
        Cause::RedirectUriMissing => ErrorKind::RedirectUriMissing { detail: detail() },
        Cause::RedirectUriUnregistered => ErrorKind::RedirectUriUnregistered {
            asked: page.asked.clone().unwrap_or_default(),
            registered: page.registered.clone(),
        },
        Cause::ParameterRepeated(name) => ErrorKind::ParameterRepeated { name: name.clone() },
        Cause::RealmUnknown => ErrorKind::RealmUnknown,
        Cause::RealmDisabled => ErrorKind::RealmDisabled,
        Cause::PolicyRefused(_) => ErrorKind::PolicyRefused { detail: detail() },
        Cause::LogoutRedirectUnregistered => ErrorKind::LogoutRedirectUnregistered,
        Cause::Unavailable | Cause::Internal => ErrorKind::Unavailable,
        _ => ErrorKind::RequestInvalid { detail: detail() },
    }
}

/// The built-in rule behind a cause, and where it comes from.
fn rule(cause: &Cause) -> (Option<&'static str>, Option<&'static str>) {
    match cause {
        Cause::ClientUnknown | Cause::ClientDisabled => (Some("client-registered"), Some("OAuth 2.1 §2")),
        Cause::RedirectUriMissing => (Some("redirect-uri-required"), Some("OAuth 2.1 §4.1.1")),
        Cause::RedirectUriUnregistered => (Some("redirect-uri-registered"), Some("OAuth 2.1 §4.1.1")),
        Cause::ParameterRepeated(_) => (Some("parameter-once"), Some("OAuth 2.1 §3.1")),
        Cause::LogoutRedirectUnregistered | Cause::LogoutClientUnknown => {
            (Some("post-logout-redirect-uri-registered"), Some("OpenID Connect RP-Initiated Logout 1.0 §3"))
        }
        Cause::IdTokenHintInvalid => {
            (Some("id-token-hint-valid"), Some("OpenID Connect RP-Initiated Logout 1.0 §2"))
        }
        _ => (None, None),
    }
}

fn time_of_day(milliseconds: i64) -> String {
    at(milliseconds).format(format_description!("[hour]:[minute]")).unwrap_or_default()
}

fn moment(now: Timestamp) -> String {
    at(now.0)
        .format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC"))
        .unwrap_or_default()
}

fn at(milliseconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(milliseconds.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
