//! Why a call was refused, as Keycloak says it: the one table from errors of administration to answers.

use axum::http::StatusCode;
use axum::http::header::HeaderName;
use axum::response::Response;
use sekisho_admin::{AdminError, Violation};
use sekisho_core::user_profile::ProfileFault;
use sekisho_http::administration;
use sekisho_protocol::keycloak::{Fault, RepresentationError};
use serde_json::{Value, json};

use crate::reply::in_header;

/// The place in the document that was sent, and what is wrong there; ours.
const DETAIL: HeaderName = HeaderName::from_static("sekisho-detail");

/// Why a call was refused.
#[derive(Debug)]
pub(crate) enum Problem {
    Admin(AdminError),
    /// The body is not the document that it should be.
    Unreadable(RepresentationError),
    /// The same of a realm; Keycloak says no more.
    UnreadableRealm,
    /// A number of the query is none.
    QueryNumber,
    /// A date of the query is none.
    QueryDate(&'static str),
    /// A search for events of a type that there is not.
    NoSuchEventType(String),
    /// A feature of Keycloak that is off there too.
    NotEnabled,
    /// A search by attributes that may not be searched.
    NotSearchable(Vec<String>),
    /// A node without its name.
    NoNode,
    /// A body that should be a text and is none.
    NoText,
    /// A body that says that it is no JSON.
    MediaType,
    /// A document of ours cannot be written: a defect.
    Unwritable,
}

impl From<AdminError> for Problem {
    fn from(error: AdminError) -> Self {
        Self::Admin(error)
    }
}

impl From<RepresentationError> for Problem {
    fn from(error: RepresentationError) -> Self {
        Self::Unreadable(error)
    }
}

/// The answer.
pub(crate) fn respond(problem: &Problem) -> Response {
    let (status, body) = match problem {
        Problem::Admin(error) => admin(error),
        Problem::Unreadable(error) => unreadable(error),
        Problem::UnreadableRealm => (StatusCode::BAD_REQUEST, message("unable to read contents from stream")),
        Problem::QueryNumber => (StatusCode::NOT_FOUND, one("HTTP 404 Not Found")),
        Problem::QueryDate(name) => {
            let text = "expected format is yyyy-MM-dd or an Epoch timestamp";
            (StatusCode::BAD_REQUEST, one(&format!("Invalid value for '{name}', {text}")))
        }
        Problem::NoSuchEventType(name) => {
            (StatusCode::BAD_REQUEST, one(&format!("type: there is no event type {name:?}")))
        }
        Problem::NotSearchable(names) => {
            let text = format!("Attributes [{}] not allowed for search", names.join(", "));
            (StatusCode::BAD_REQUEST, two("invalid_request", &text))
        }
        Problem::NotEnabled => {
            let text = "For more on this error consult the server log.";
            (StatusCode::NOT_IMPLEMENTED, two("Feature not enabled", text))
        }
        Problem::NoNode => (StatusCode::BAD_REQUEST, one("Node not found in params")),
        Problem::MediaType => {
            let text = "The content-type header value did not match the value in @Consumes";
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, one(text))
        }
        Problem::NoText => (StatusCode::BAD_REQUEST, two("invalid_request", "The body is no text in UTF-8")),
        Problem::Unwritable => internal("a document cannot be written"),
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        return administration::problem(status, "temporarily_unavailable");
    }
    let mut response = administration::refusal(status, &body);
    // In a header: the bodies are Keycloak's to the last member.
    if let Some(detail) = detail(problem).and_then(|detail| in_header(&detail)) {
        response.headers_mut().insert(DETAIL, detail);
    }
    response
}

fn one(error: &str) -> Value {
    json!({ "error": error })
}

fn two(error: &str, description: &str) -> Value {
    json!({ "error": error, "error_description": description })
}

fn message(text: &str) -> Value {
    json!({ "errorMessage": text })
}

/// Keycloak's words for a body that it cannot read: others where it breaks off inside a member.
fn unreadable(error: &RepresentationError) -> (StatusCode, Value) {
    let body = match (&error.fault, error.unrecognized_field()) {
        (_, Some(text)) => one(&text),
        (Fault::NotJson { .. }, None) if error.path != "." => {
            two("HTTP 400 Bad Request", "Cannot parse the JSON")
        }
        (Fault::NotJson { .. }, None) => two("invalid_request", "Cannot parse the JSON"),
        (_, None) => two("unknown_error", "Cannot parse the JSON"),
    };
    (StatusCode::BAD_REQUEST, body)
}

/// What Keycloak's words leave out: where it is in the document, and what is wrong there.
fn detail(problem: &Problem) -> Option<String> {
    match problem {
        Problem::Unreadable(error) => Some(error.to_string()),
        Problem::Admin(AdminError::PolicyFault(fault)) => {
            fault.reason().map(|reason| format!("{}: {reason}", fault.place()))
        }
        _ => None,
    }
}

fn internal(what: &str) -> (StatusCode, Value) {
    tracing::error!(error.cause = what, "an act of administration failed");
    let body = two("unknown_error", "For more on this error consult the server log.");
    (StatusCode::INTERNAL_SERVER_ERROR, body)
}

/// One value that the user profile does not want stands alone, more stand in a list.
fn profile(faults: &[ProfileFault]) -> Value {
    let fault = |fault: &ProfileFault| json!({ "field": fault.field, "errorMessage": fault.message, "params": fault.params });
    match faults {
        [only] => fault(only),
        more => json!({ "errors": more.iter().map(fault).collect::<Vec<_>>() }),
    }
}

/// The first rule that the password does not meet.
fn password(violations: &[Violation]) -> Value {
    let first = violations.first();
    first.map_or_else(|| one("invalidPassword"), |first| two(first.key(), &first.to_string()))
}

fn admin(error: &AdminError) -> (StatusCode, Value) {
    let bad = StatusCode::BAD_REQUEST;
    match error {
        AdminError::Forbidden => (StatusCode::FORBIDDEN, one("HTTP 403 Forbidden")),
        AdminError::NotFound(what) => (StatusCode::NOT_FOUND, one(&what.to_string())),
        AdminError::Exists(text) => (StatusCode::CONFLICT, message(text)),
        AdminError::Duplicate => (StatusCode::CONFLICT, two("conflict", "Duplicate resource error")),
        AdminError::MapperTwice => (StatusCode::CONFLICT, two("conflict", &error.to_string())),
        AdminError::BuiltInClient => (bad, two("invalid_request", &error.to_string())),
        AdminError::NoServiceAccount(_) => (bad, one(&error.to_string())),
        AdminError::RealmExists(name) => {
            (StatusCode::CONFLICT, message(&format!("Realm {name} already exists")))
        }
        AdminError::Client(fault) => (bad, two("invalid_input", &fault.text)),
        AdminError::PolicyRefused(refusal) => (bad, two(refusal.code, &refusal.text)),
        AdminError::PolicyFault(fault) => {
            let mut body = message(&fault.to_string());
            if let (Some(detail), Value::Object(members)) = (fault.detail(), &mut body) {
                members.insert("detail".to_owned(), json!(detail.to_string()));
            }
            (bad, body)
        }
        AdminError::Invalid(text) => (bad, message(text)),
        AdminError::NoTexts(_) => (StatusCode::NOT_FOUND, one(&error.to_string())),
        AdminError::Absent(text) => (StatusCode::NOT_FOUND, message(text)),
        AdminError::Refused(text) => (bad, one(text)),
        AdminError::Profile(faults) => (bad, profile(faults)),
        AdminError::PasswordRefused(violations) => (bad, password(violations)),
        AdminError::Document { .. }
        | AdminError::IdTaken { .. }
        | AdminError::NoSuchKey(_)
        | AdminError::NoSuchUser(_)
        | AdminError::AddressTaken(_) => (bad, message(&error.to_string())),
        AdminError::UserExists(_) => (StatusCode::CONFLICT, message("User exists with same username")),
        AdminError::NoSuchRealm(_) | AdminError::Importing(_) => {
            (StatusCode::NOT_FOUND, one("Realm not found."))
        }
        AdminError::Raced(_) | AdminError::Contended => (
            StatusCode::CONFLICT,
            two("conflict", "Somebody else changed the same at the same time; try again"),
        ),
        AdminError::Unknown | AdminError::Hashing(_) => (StatusCode::SERVICE_UNAVAILABLE, Value::Null),
        AdminError::Store(store) if store.is_passing() => (StatusCode::SERVICE_UNAVAILABLE, Value::Null),
        AdminError::Store(_) | AdminError::Key(_) | AdminError::NoMasterKey | AdminError::Unwritable(_) => {
            internal(&error.to_string())
        }
    }
}
