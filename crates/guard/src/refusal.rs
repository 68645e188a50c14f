//! Why a request does not reach the service, and how that looks on the wire (RFC 6750 §3.1).

use sekisho_jose::TokenError;
use sekisho_protocol::Scopes;

use crate::verifier::VerifyError;

/// One variant for each cause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("no bearer token")]
    TokenMissing,
    #[error("the Authorization header is not `Bearer`, one space and a token")]
    AuthorizationMalformed,
    #[error("more than one Authorization header")]
    AuthorizationRepeated,
    #[error("a token in the query")]
    TokenInQuery,
    #[error("{0}")]
    Verify(#[from] VerifyError),
    #[error("scope missing, needed: {needed}")]
    ScopeMissing { needed: Scopes },
    #[error("the origin of the page is not allowed")]
    OriginNotAllowed,
    #[error("the body is larger than the limit")]
    BodyTooLarge,
    #[error("the body broke off")]
    BodyIncomplete,
    #[error("the body is not one unambiguous JSON-RPC message or batch")]
    BodyUnreadable,
    #[error("a header says something else than the body")]
    HeaderMismatch,
}

/// What the client sees.
pub(crate) struct Row {
    pub(crate) status: u16,
    /// `error` of the challenge and the body. None without credentials: RFC 6750 §3 wants no code then.
    pub(crate) code: Option<&'static str>,
    pub(crate) description: &'static str,
    pub(crate) body: Shape,
}

/// Who reads the body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An OAuth client: `error` and `error_description`.
    OAuth,
    /// A JSON-RPC client: an error object with this code.
    JsonRpc(i32),
}

const PARSE_ERROR: i32 = -32700;
/// `HeaderMismatch` of MCP 2026-07-28.
const HEADER_MISMATCH: i32 = -32020;

impl Refusal {
    pub(crate) fn row(&self) -> Row {
        let oauth = |status, code, description| Row { status, code, description, body: Shape::OAuth };
        let json_rpc = |code, description| Row {
            status: 400,
            code: Some("invalid_request"),
            description,
            body: Shape::JsonRpc(code),
        };
        let invalid_request = |description| oauth(400, Some("invalid_request"), description);
        match self {
            Self::TokenMissing => oauth(401, None, "An access token is required"),
            Self::AuthorizationMalformed => invalid_request("The Authorization header is malformed"),
            Self::AuthorizationRepeated => invalid_request("More than one Authorization header"),
            Self::TokenInQuery => invalid_request("A token must be sent in the Authorization header"),
            Self::Verify(VerifyError::Issuer(_)) => {
                oauth(503, Some("temporarily_unavailable"), "Tokens cannot be verified at the moment")
            }
            Self::Verify(error) => oauth(401, Some("invalid_token"), invalid_token(*error)),
            Self::ScopeMissing { .. } => {
                oauth(403, Some("insufficient_scope"), "The token lacks a scope of this operation")
            }
            Self::OriginNotAllowed => oauth(403, None, "The origin is not allowed"),
            Self::BodyTooLarge => oauth(413, Some("invalid_request"), "The body is too large"),
            Self::BodyIncomplete => invalid_request("The body is incomplete"),
            Self::BodyUnreadable => json_rpc(PARSE_ERROR, "Parse error"),
            Self::HeaderMismatch => json_rpc(HEADER_MISMATCH, "Header mismatch"),
        }
    }
}

/// Only what the holder of a genuine token can mend is told apart.
fn invalid_token(error: VerifyError) -> &'static str {
    match error {
        VerifyError::Token(TokenError::Expired) => "The access token expired",
        VerifyError::Token(TokenError::AudienceMismatch | TokenError::ClaimMissing("aud")) => {
            "The access token is for another resource"
        }
        VerifyError::KeyBound => "The access token is bound to a key",
        VerifyError::NotAnAccessToken | VerifyError::Token(_) | VerifyError::Issuer(_) => {
            "The access token is not valid"
        }
    }
}
