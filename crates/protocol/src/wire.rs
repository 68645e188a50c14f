//! How a cause looks on the wire: one table from surface and cause to status, code and description.
//!
//! Keycloak answers one cause differently at different endpoints; where its answer breaks a MUST or
//! tells an attacker something, the RFC's row stands here.

use std::borrow::Cow;

use crate::Cause;

/// The endpoint that answers, as far as the answer depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// The token endpoint (OAuth 2.1 §3.2.4).
    Token,
    /// An error redirect of the authorization endpoint (OAuth 2.1 §4.1.2.1).
    Authorization,
    /// A page, before the redirect URI is proven.
    Page,
    /// Introspection (RFC 7662 §2.3).
    Introspection,
    /// Revocation (RFC 7009 §2.2.1).
    Revocation,
    /// The protected resource UserInfo (RFC 6750 §3).
    UserInfo,
    /// Logout by refresh token or by browser.
    Logout,
    /// Dynamic client registration (RFC 7591 §3.2.2, RFC 7592).
    Registration,
}

/// A row of the table: what the client sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The HTTP status; not read where the answer is a redirect.
    pub status: u16,
    /// The OAuth error code, or what Keycloak says in its place.
    pub code: Cow<'static, str>,
    /// `error_description`, where there is one.
    pub description: Option<Cow<'static, str>>,
}

const CLIENT: &str = "Invalid client or Invalid client credentials";

/// The row of this cause at this surface.
pub fn row(surface: Surface, cause: &Cause) -> Row {
    exception(surface, cause).unwrap_or_else(|| usual(cause))
}

/// Where an endpoint differs from the usual answer.
fn exception(surface: Surface, cause: &Cause) -> Option<Row> {
    Some(match (surface, cause) {
        (Surface::Introspection, Cause::ParameterMissing("token")) => {
            new(400, "invalid_request", "Token not provided.")
        }
        (Surface::Introspection, Cause::TokenTypeUnsupported) => {
            new(400, "invalid_request", "Unsupported token type.")
        }
        (Surface::Revocation, Cause::ParameterMissing("token")) => {
            new(400, "invalid_request", "Token not provided")
        }
        (Surface::Revocation, Cause::TokenOfAnotherClient) => {
            new(400, "invalid_request", "Unmatching clients")
        }
        (Surface::Token, Cause::ParameterMissing("grant_type")) => {
            new(400, "invalid_request", "Missing form parameter: grant_type")
        }
        (Surface::Token, Cause::ParameterMissing("refresh_token")) => {
            new(400, "invalid_request", "No refresh token")
        }
        (Surface::Token, Cause::ParameterMissing("username")) => {
            new(401, "invalid_request", "Missing parameter: username")
        }
        (
            Surface::Registration,
            Cause::ClientAuthenticationMissing
            | Cause::ClientAuthenticationMethod
            | Cause::ClientUnknown
            | Cause::ClientDisabled
            | Cause::ClientSecretWrong
            | Cause::ClientAssertion(_),
        ) => new(401, "invalid_token", "Failed to authenticate client"),
        // Keycloak loses the executor's text here, and says its code for one.
        (Surface::Registration, Cause::PolicyRefused(refusal)) => {
            new(403, "insufficient_scope", refusal.code)
        }
        (Surface::UserInfo, Cause::TokenRevoked) => new(401, "invalid_token", "user_session_not_found"),
        (
            Surface::Page,
            Cause::RealmDisabled
            | Cause::HttpsRequired
            | Cause::ClientUnknown
            | Cause::ClientDisabled
            | Cause::ClientProtocol,
        ) => Row { status: 400, ..usual(cause) },
        (Surface::Page, Cause::ClientBearerOnly) => Row { status: 403, ..usual(cause) },
        _ => return None,
    })
}

/// The usual answer. No `_`: a new cause must choose.
#[expect(clippy::too_many_lines, reason = "one table, a row for each cause")]
fn usual(cause: &Cause) -> Row {
    match cause {
        Cause::ParameterMissing(name) => new(400, "invalid_request", format!("Missing parameter: {name}")),
        Cause::ParameterRepeated(_) => new(400, "invalid_request", "duplicated parameter"),
        Cause::ParameterInvalid(name) => new(400, "invalid_request", format!("Invalid parameter: {name}")),
        Cause::RequestMalformed => new(400, "invalid_request", "Malformed request"),
        Cause::RealmUnknown => bare(404, "Realm does not exist"),
        Cause::RealmDisabled => new(403, "access_denied", "Realm not enabled"),
        Cause::HttpsRequired => new(403, "invalid_request", "HTTPS required"),
        Cause::OriginNotAllowed => bare(403, "Invalid origin"),
        Cause::ScopeInvalid(asked) => new(400, "invalid_scope", format!("Invalid scopes: {asked}")),
        Cause::ResourceUnknown => new(400, "invalid_target", "The resource is not known to this realm"),
        Cause::ResourceNotGranted => {
            new(400, "invalid_target", "The resource was not part of the authorization")
        }
        Cause::PolicyRefused(refusal) | Cause::PolicyRefusedAfterwards(refusal) => {
            new(refusal.status, refusal.code, refusal.text.clone())
        }
        Cause::Unavailable => new(503, "temporarily_unavailable", "Try again in a moment"),
        Cause::Internal => new(500, "server_error", "The request could not be completed"),

        Cause::ClientAuthenticationMissing
        | Cause::ClientUnknown
        | Cause::ClientDisabled
        | Cause::ClientProtocol
        | Cause::ClientSecretWrong
        | Cause::ClientAuthenticationMethod => new(401, "invalid_client", CLIENT),
        Cause::ClientAuthenticationRepeated => {
            new(400, "invalid_request", "More than one method of client authentication")
        }
        // RFC 7523 §3.2: `invalid_client`, whatever is wrong.
        Cause::ClientAssertion(fault) => new(400, "invalid_client", fault.text()),
        Cause::ClientBearerOnly => new(400, "invalid_client", "Bearer-only not allowed"),
        Cause::StandardFlowDisabled => new(
            400,
            "unauthorized_client",
            "Client is not allowed to initiate browser login with given response_type. Standard flow is disabled for the client.",
        ),
        Cause::ResponseTypeNotAllowed => new(
            400,
            "unauthorized_client",
            "Client is not allowed to initiate browser login with given response_type. Implicit flow is disabled for the client.",
        ),
        Cause::ServiceAccountPublic => {
            new(401, "unauthorized_client", "Public client not allowed to retrieve service account")
        }
        Cause::ServiceAccountDisabled => {
            new(401, "unauthorized_client", "Client not enabled to retrieve service account")
        }
        Cause::DirectGrantDisabled => {
            new(400, "unauthorized_client", "Client not allowed for direct access grants")
        }
        Cause::ConsentRequired => new(400, "invalid_client", "Client requires user consent"),
        Cause::ClientNotAllowed => new(403, "invalid_request", "Client not allowed."),
        Cause::DpopProofMissing => new(400, "invalid_request", "DPoP proof is missing"),
        Cause::CertificateMissing => {
            new(400, "invalid_request", "Client Certification missing for MTLS HoK Token Binding")
        }

        Cause::GrantTypeUnsupported => new(400, "unsupported_grant_type", "Unsupported grant_type"),
        Cause::OfflineNotAllowed => {
            new(400, "not_allowed", "Offline tokens not allowed for the user or client")
        }
        Cause::CodeUnknown | Cause::CodeExpired | Cause::CodeReplayed | Cause::CodeSessionEnded => {
            invalid_grant("Code not valid")
        }
        Cause::CodeOfAnotherClient => invalid_grant("Auth error: Found different client_id in clientSession"),
        Cause::CodeRedirectUri => invalid_grant("Incorrect redirect_uri"),
        Cause::VerifierMissing => invalid_grant("PKCE code verifier not specified"),
        Cause::VerifierUnexpected => {
            invalid_grant("PKCE code verifier specified but challenge not present in authorization")
        }
        Cause::VerifierMalformed => invalid_grant("PKCE verification failed: Invalid code verifier"),
        Cause::VerifierWrong => invalid_grant("PKCE verification failed: Code mismatch"),
        Cause::RefreshTokenInvalid => invalid_grant("Invalid refresh token"),
        Cause::RefreshTokenExpired => invalid_grant("Token is not active"),
        Cause::RefreshTokenOfAnotherClient => {
            invalid_grant("Invalid refresh token. Token client and authorized client don't match")
        }
        Cause::RefreshTokenReplayed => invalid_grant("Maximum allowed refresh token reuse exceeded"),
        Cause::GrantRevoked => invalid_grant("Session doesn't have required client"),
        Cause::SessionEnded => invalid_grant("Session not active"),
        Cause::TokenStale => invalid_grant("Stale token"),
        Cause::CredentialsWrong | Cause::UserLocked => invalid_grant("Invalid user credentials"),
        Cause::UserDisabled => invalid_grant("User disabled"),
        Cause::AccountDisabled => invalid_grant("Account disabled"),
        Cause::UserNotSetUp => invalid_grant("Account is not fully set up"),

        Cause::TokenMissing => bare(401, ""),
        Cause::TokenRepeated => {
            new(400, "invalid_request", "More than one method used for including an access token")
        }
        Cause::TokenInvalid | Cause::TokenRevoked | Cause::TokenOfAnotherClient | Cause::TokenAudience => {
            new(401, "invalid_token", "Token verification failed")
        }
        Cause::OpenidScopeMissing => new(403, "insufficient_scope", "Missing openid scope"),
        Cause::TokenTypeUnsupported => new(400, "unsupported_token_type", "Unsupported token type"),

        Cause::RegistrationTokenInvalid => new(401, "invalid_token", "Failed decode token"),
        Cause::InitialAccessUnknown => new(401, "invalid_token", "Initial Access Token not found"),
        Cause::InitialAccessUsedUp => new(401, "invalid_token", "No remaining count on initial access token"),
        Cause::InitialAccessNotAllowed => new(401, "invalid_token", "Not initial access token allowed"),
        Cause::ClientNotReadable => new(
            401,
            "invalid_token",
            "Not authorized to view client. Not valid token or client credentials provided.",
        ),
        Cause::ClientNotChangeable => new(
            401,
            "invalid_token",
            "Not authorized to update client. Maybe missing token or bad token type.",
        ),
        Cause::RegistrationForbidden => new(403, "insufficient_scope", "Forbidden"),
        Cause::RegistrationRefused(refusal) => new(
            403,
            "insufficient_scope",
            format!(
                "Policy '{}' rejected request to client-registration service. Details: {}",
                refusal.policy, refusal.detail
            ),
        ),
        Cause::RegistrationsTooMany => {
            new(429, "temporarily_unavailable", "Too many registrations from this address")
        }
        Cause::MetadataInvalid(text) => new(400, "invalid_client_metadata", text.clone()),
        Cause::MetadataRedirectUri(text) => new(400, "invalid_redirect_uri", text.clone()),
        Cause::DocumentMalformed => new(400, "invalid_request", "Cannot parse the JSON"),
        Cause::DocumentWrongType => new(400, "unknown_error", "Cannot parse the JSON"),
        Cause::DocumentUnknownMember(text) => bare(400, text.clone()),
        Cause::DocumentMediaType => {
            bare(415, "The content-type header value did not match the value in @Consumes")
        }
        Cause::RegistrationProviderUnknown => bare(404, "Client registration provider not found"),

        Cause::RedirectUriMissing | Cause::RedirectUriUnregistered => {
            new(400, "invalid_request", "Invalid parameter: redirect_uri")
        }
        Cause::ResponseTypeUnsupported => bare(400, "unsupported_response_type"),
        Cause::RequestObjectUnsupported => {
            new(400, "request_not_supported", "Request objects are not supported")
        }
        Cause::RequestUriUnsupported => {
            new(400, "request_uri_not_supported", "Request URIs are not supported")
        }
        Cause::PushedRequestRequired => {
            new(400, "invalid_request", "Pushed Authorization Request is only allowed.")
        }
        Cause::RequestObjectRequired => new(400, "invalid_request", "A request object is required"),
        Cause::LoginRequired => bare(400, "login_required"),
        Cause::InteractionRequired => bare(400, "interaction_required"),
        Cause::AccessDenied => bare(400, "access_denied"),
        Cause::InteractionExpired => new(400, "expired_code", "The page has expired"),
        Cause::IdTokenHintInvalid => new(400, "invalid_request", "Invalid parameter: id_token_hint"),
        Cause::LogoutRedirectUnregistered => new(400, "invalid_request", "Invalid redirect uri"),
        Cause::LogoutClientUnknown => new(400, "invalid_request", "Missing parameters: id_token_hint"),
    }
}

fn invalid_grant(description: &'static str) -> Row {
    new(400, "invalid_grant", description)
}

fn new(status: u16, code: &'static str, description: impl Into<Cow<'static, str>>) -> Row {
    Row { status, code: code.into(), description: Some(description.into()) }
}

fn bare(status: u16, code: impl Into<Cow<'static, str>>) -> Row {
    Row { status, code: code.into(), description: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_client_and_wrong_secret_look_the_same_at_the_token_endpoint() {
        let unknown = row(Surface::Token, &Cause::ClientUnknown);
        for cause in [Cause::ClientSecretWrong, Cause::ClientDisabled, Cause::ClientAuthenticationMissing] {
            assert_eq!(row(Surface::Token, &cause), unknown, "{cause:?}");
        }
    }

    #[test]
    fn one_cause_differs_by_surface_where_keycloak_differs() {
        let missing = Cause::ParameterMissing("token");
        assert_eq!(row(Surface::Introspection, &missing).description.as_deref(), Some("Token not provided."));
        assert_eq!(row(Surface::Revocation, &missing).description.as_deref(), Some("Token not provided"));
        assert_eq!(row(Surface::UserInfo, &Cause::TokenInvalid).status, 401);
    }

    #[test]
    fn wrong_password_and_pause_are_never_told_apart() {
        assert_eq!(row(Surface::Token, &Cause::CredentialsWrong), row(Surface::Token, &Cause::UserLocked));
    }
}
