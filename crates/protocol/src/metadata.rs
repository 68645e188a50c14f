//! Metadata of the authorization server (RFC 8414 §2, OpenID Connect Discovery 1.0 §3), members in
//! Keycloak's order, and only those that work.

use serde::Serialize;

/// The discovery document.
#[expect(clippy::struct_excessive_bools, reason = "the members of RFC 8414 §2")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuthorizationServerMetadata {
    /// The issuer identifier.
    pub issuer: String,
    /// The authorization endpoint.
    pub authorization_endpoint: String,
    /// The token endpoint.
    pub token_endpoint: String,
    /// The introspection endpoint (RFC 7662).
    pub introspection_endpoint: String,
    /// The UserInfo endpoint.
    pub userinfo_endpoint: String,
    /// The logout endpoint (OpenID Connect RP-Initiated Logout 1.0).
    pub end_session_endpoint: String,
    /// The JWK set.
    pub jwks_uri: String,
    /// Dynamic client registration (RFC 7591).
    pub registration_endpoint: String,
    /// Grant types.
    pub grant_types_supported: Vec<&'static str>,
    /// Authentication context classes.
    pub acr_values_supported: Vec<String>,
    /// Response types.
    pub response_types_supported: Vec<&'static str>,
    /// Subject types.
    pub subject_types_supported: Vec<&'static str>,
    /// Values of `prompt`.
    pub prompt_values_supported: Vec<&'static str>,
    /// Algorithms of ID tokens.
    pub id_token_signing_alg_values_supported: Vec<&'static str>,
    /// Response modes.
    pub response_modes_supported: Vec<&'static str>,
    /// Client authentication at the token endpoint.
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// Algorithms of client assertions at the token endpoint.
    pub token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// Client authentication at introspection.
    pub introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    /// Algorithms of client assertions at introspection.
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// Client authentication at revocation.
    pub revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    /// Algorithms of client assertions at revocation.
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// Claims.
    pub claims_supported: Vec<&'static str>,
    /// Claim types.
    pub claim_types_supported: Vec<&'static str>,
    /// Whether the `claims` parameter is read.
    pub claims_parameter_supported: bool,
    /// Scopes that the realm wants published, `openid` first.
    pub scopes_supported: Vec<String>,
    /// Whether request objects are read.
    pub request_parameter_supported: bool,
    /// Whether request URIs are read.
    pub request_uri_parameter_supported: bool,
    /// PKCE methods: only `S256`.
    pub code_challenge_methods_supported: Vec<&'static str>,
    /// The revocation endpoint (RFC 7009).
    pub revocation_endpoint: String,
    /// `iss` is on every authorization response (RFC 9207).
    pub authorization_response_iss_parameter_supported: bool,
}
