//! Answers of the token endpoint (OAuth 2.1 §3.2.3) and of introspection (RFC 7662 §2.2).

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::Scopes;

/// `grant_type` of the grants served here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GrantType {
    /// OAuth 2.1 §4.1.3.
    AuthorizationCode,
    /// OAuth 2.1 §4.3.1.
    RefreshToken,
    /// OAuth 2.1 §4.2.
    ClientCredentials,
    /// RFC 6749 §4.3, only where a client switches it on.
    Password,
}

impl GrantType {
    /// The value on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::Password => "password",
        }
    }

    /// Two letters that Keycloak writes into the `jti` of an access token.
    pub const fn shortcut(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "ac",
            Self::RefreshToken => "rt",
            Self::ClientCredentials => "cc",
            Self::Password => "ro",
        }
    }
}

/// A successful answer of the token endpoint, members in Keycloak's order.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// Seconds that the access token lives.
    pub expires_in: i64,
    /// Seconds that the refresh token lives; 0 without one, or when it has no end.
    pub refresh_expires_in: i64,
    /// The refresh token, where the grant gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// `Bearer`, in lower case for clients that want it so.
    pub token_type: &'static str,
    /// The ID token, where `openid` was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// Tokens issued before this time (seconds) are refused.
    #[serde(rename = "not-before-policy")]
    pub not_before_policy: i64,
    /// The browser session's public id; keycloak-js needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_state: Option<String>,
    /// What was granted.
    pub scope: Scopes,
    /// What mappers add to it, under names of their own.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

/// The names that an answer has of its own: nothing else may stand under them.
pub const TOKEN_RESPONSE_MEMBERS: [&str; 9] = [
    "access_token",
    "expires_in",
    "refresh_expires_in",
    "refresh_token",
    "token_type",
    "id_token",
    "not-before-policy",
    "session_state",
    "scope",
];

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenResponse")
            .field("expires_in", &self.expires_in)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// An error body (OAuth 2.1 §3.2.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorResponse<'a> {
    /// The error code.
    pub error: &'a str,
    /// A sentence for the developer of the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_description: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_not_printed() {
        let response = TokenResponse {
            access_token: "secret-a".to_owned(),
            expires_in: 300,
            refresh_expires_in: 0,
            refresh_token: Some("secret-r".to_owned()),
            token_type: "Bearer",
            id_token: Some("secret-i".to_owned()),
            not_before_policy: 0,
            session_state: None,
            scope: Scopes::parse("hello"),
            others: Map::new(),
        };
        assert!(!format!("{response:?}").contains("secret"));
    }
}
