//! The events at which policies are asked, with what each knows; Keycloak's names.

use sekisho_protocol::Params;

use crate::Client;
use crate::authorize::AuthorizationRequest;
use crate::code::OpenedCode;
use crate::grant::Grant;
use crate::token::TokenPlan;

/// Where in a request the policies are asked.
pub enum Event<'a> {
    /// Before the redirect URI is proven: only the raw client id is known.
    PreAuthorizationRequest { client_id: &'a str },
    /// A valid authorization request.
    AuthorizationRequest { client: &'a Client, request: &'a AuthorizationRequest },
    /// First thing in the code grant.
    PreTokenRequest { client: &'a Client, params: &'a Params },
    /// The code grant, its code opened.
    TokenRequest { client: &'a Client, params: &'a Params, code: &'a OpenedCode },
    /// The refresh grant, its family loaded.
    TokenRefresh { client: &'a Client, params: &'a Params, grant: &'a Grant },
    /// Client credentials.
    ServiceAccountTokenRequest { client: &'a Client, params: &'a Params },
    /// The password grant.
    ResourceOwnerPasswordCredentialsRequest { client: &'a Client, params: &'a Params },
    /// Before tokens are signed.
    TokenResponse { client: &'a Client, plan: &'a TokenPlan },
    /// Introspection.
    TokenIntrospect { client: &'a Client, params: &'a Params },
    /// Revocation.
    TokenRevoke { client: &'a Client, params: &'a Params },
    /// UserInfo.
    UserInfoRequest { client: &'a Client },
    /// Logout by refresh token.
    LogoutRequest { client: &'a Client, params: &'a Params },
}

impl Event<'_> {
    /// Keycloak's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PreAuthorizationRequest { .. } => "PRE_AUTHORIZATION_REQUEST",
            Self::AuthorizationRequest { .. } => "AUTHORIZATION_REQUEST",
            Self::PreTokenRequest { .. } => "PRE_TOKEN_REQUEST",
            Self::TokenRequest { .. } => "TOKEN_REQUEST",
            Self::TokenRefresh { .. } => "TOKEN_REFRESH",
            Self::ServiceAccountTokenRequest { .. } => "SERVICE_ACCOUNT_TOKEN_REQUEST",
            Self::ResourceOwnerPasswordCredentialsRequest { .. } => {
                "RESOURCE_OWNER_PASSWORD_CREDENTIALS_REQUEST"
            }
            Self::TokenResponse { .. } => "TOKEN_RESPONSE",
            Self::TokenIntrospect { .. } => "TOKEN_INTROSPECT",
            Self::TokenRevoke { .. } => "TOKEN_REVOKE",
            Self::UserInfoRequest { .. } => "USERINFO_REQUEST",
            Self::LogoutRequest { .. } => "LOGOUT_REQUEST",
        }
    }
}
