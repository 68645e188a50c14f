//! Why a request was refused. One cause, one variant; [`crate::wire`] says how each looks on the wire.

use crate::AssertionFault;

/// The cause of a refusal: for the log and the event, never for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A parameter that must be there is not.
    ParameterMissing(&'static str),
    /// A parameter stands twice (OAuth 2.1 §3.1).
    ParameterRepeated(String),
    /// A parameter has a value that cannot be read.
    ParameterInvalid(&'static str),
    /// The request is not of a form that the endpoint takes.
    RequestMalformed,

    /// No realm has this name.
    RealmUnknown,
    /// The realm is switched off, or its import has not ended.
    RealmDisabled,
    /// The realm wants HTTPS from this peer (`sslRequired`).
    HttpsRequired,

    /// No client authentication at all, or one that cannot be read.
    ClientAuthenticationMissing,
    /// More than one way of client authentication in one request (OAuth 2.1 §2.4).
    ClientAuthenticationRepeated,
    /// No client has this identifier.
    ClientUnknown,
    /// The client is switched off.
    ClientDisabled,
    /// The client is registered for another protocol.
    ClientProtocol,
    /// The secret is not the client's.
    ClientSecretWrong,
    /// The client is registered for another way of authentication.
    ClientAuthenticationMethod,
    /// The client assertion cannot be taken (RFC 7523 §3).
    ClientAssertion(AssertionFault),
    /// A bearer-only client asks for tokens.
    ClientBearerOnly,
    /// The client may not use the authorization endpoint.
    StandardFlowDisabled,
    /// A public client asks for a service account.
    ServiceAccountPublic,
    /// The client's service account is switched off.
    ServiceAccountDisabled,
    /// The client may not use the password grant.
    DirectGrantDisabled,
    /// The client needs a consent that this grant cannot ask for.
    ConsentRequired,
    /// A public client asks at an endpoint for confidential ones.
    ClientNotAllowed,
    /// The client's tokens must be bound to a key (RFC 9449 §5.1), and no proof of one was taken.
    DpopProofMissing,
    /// The client's tokens must be bound to a certificate (RFC 8705 §3), and none was taken.
    CertificateMissing,

    /// No such grant type.
    GrantTypeUnsupported,
    /// Scopes that the client does not have; the value asked for.
    ScopeInvalid(String),
    /// A `resource` that the realm does not know (RFC 8707 §2).
    ResourceUnknown,
    /// A `resource` beyond those of the authorization (RFC 8707 §2.2).
    ResourceNotGranted,

    /// The code cannot be opened: garbage, cut, of another realm or purpose.
    CodeUnknown,
    /// The code is past its life.
    CodeExpired,
    /// The code was used before; what came of it is revoked (OAuth 2.1 §4.1.3).
    CodeReplayed,
    /// The code was made for another client.
    CodeOfAnotherClient,
    /// The redirect URI is not the one of the authorization request.
    CodeRedirectUri,
    /// The session of the code has ended.
    CodeSessionEnded,
    /// A challenge was sent, the verifier is not there (OAuth 2.1 §4.1.3).
    VerifierMissing,
    /// A verifier without a challenge: a downgrade (OAuth 2.1 §4.1.3).
    VerifierUnexpected,
    /// The verifier is not of the form of RFC 7636 §4.1.
    VerifierMalformed,
    /// The verifier does not fit the challenge.
    VerifierWrong,

    /// The refresh token cannot be verified, or is of another kind.
    RefreshTokenInvalid,
    /// The refresh token is past its life.
    RefreshTokenExpired,
    /// The refresh token was issued to another client.
    RefreshTokenOfAnotherClient,
    /// A generation before the last was used; its family is revoked (OAuth 2.1 §4.3.1).
    RefreshTokenReplayed,
    /// The grant behind the token was revoked.
    GrantRevoked,
    /// The session behind the token has ended.
    SessionEnded,
    /// Issued before the realm's, client's or user's not-before.
    TokenStale,
    /// Offline access for a user or client that may not have it.
    OfflineNotAllowed,

    /// No such user, or the password is wrong: the two are never told apart.
    CredentialsWrong,
    /// The user is switched off.
    UserDisabled,
    /// Somebody signs in, with the right password, to an account that is switched off.
    AccountDisabled,
    /// The user must do something in a browser first.
    UserNotSetUp,
    /// Sign-in with this name is paused.
    UserLocked,

    /// No access token was sent.
    TokenMissing,
    /// An access token by more than one way (RFC 6750 §2).
    TokenRepeated,
    /// The token cannot be verified.
    TokenInvalid,
    /// The token's session or grant is gone.
    TokenRevoked,
    /// The token lacks `openid`.
    OpenidScopeMissing,
    /// A token kind this endpoint does not take.
    TokenTypeUnsupported,
    /// The token was issued to another client.
    TokenOfAnotherClient,
    /// The token's `aud` does not name the asking client.
    TokenAudience,

    /// The origin is not one of the client's.
    OriginNotAllowed,
    /// No redirect URI, where the client's cannot be told.
    RedirectUriMissing,
    /// The redirect URI is not one of the client's.
    RedirectUriUnregistered,
    /// The response type is not `code`.
    ResponseTypeUnsupported,
    /// An implicit or hybrid response type.
    ResponseTypeNotAllowed,
    /// A request object (OpenID Connect Core §6.1).
    RequestObjectUnsupported,
    /// A request URI (OpenID Connect Core §6.2).
    RequestUriUnsupported,
    /// The client's requests must be pushed first (RFC 9126 §6).
    PushedRequestRequired,
    /// The client's requests must be signed (RFC 9101 §10.5).
    RequestObjectRequired,
    /// `prompt=none` and the user is not signed in.
    LoginRequired,
    /// `prompt=none` and a page would be needed.
    InteractionRequired,
    /// The user said no.
    AccessDenied,
    /// The interaction does not belong to this browser, or is over.
    InteractionExpired,
    /// `id_token_hint` cannot be verified or is of another client.
    IdTokenHintInvalid,
    /// The post-logout redirect URI is not one of the client's.
    LogoutRedirectUnregistered,
    /// A post-logout redirect URI, and nothing that says whose.
    LogoutClientUnknown,

    /// The token of a request to register is none that is read here.
    RegistrationTokenInvalid,
    /// An initial access token that was taken back.
    InitialAccessUnknown,
    /// As many clients were registered with an initial access token as it is for.
    InitialAccessUsedUp,
    /// An initial access token where a client is read.
    InitialAccessNotAllowed,
    /// Nothing that was sent lets read this client, which may not be there.
    ClientNotReadable,
    /// Nothing that was sent lets change this client, which may not be there.
    ClientNotChangeable,
    /// The user of an access token may not register clients.
    RegistrationForbidden,
    /// A registration policy of the realm refused.
    RegistrationRefused(Box<RegistrationRefusal>),
    /// Too many registrations from one address.
    RegistrationsTooMany,
    /// A member of client metadata, or of a client, that cannot be so; the text names it.
    MetadataInvalid(String),
    /// A redirect URI that no client may have.
    MetadataRedirectUri(String),
    /// A document that is not JSON.
    DocumentMalformed,
    /// A document with a value of the wrong type.
    DocumentWrongType,
    /// A document with a member that is not known; the text is Keycloak's.
    DocumentUnknownMember(String),
    /// A document of another media type.
    DocumentMediaType,
    /// No such way of registration.
    RegistrationProviderUnknown,

    /// A policy's executor refused; its code and text are the executor's.
    PolicyRefused(Box<PolicyRefusal>),
    /// The same, to a client that was registered or changed as far as the others are concerned.
    PolicyRefusedAfterwards(Box<PolicyRefusal>),
    /// A queue is full or the database cannot write: try again.
    Unavailable,
    /// A defect of ours.
    Internal,
}

/// A refusal by a client policy: what the client is told, and the rule it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRefusal {
    /// The OAuth error code.
    pub code: &'static str,
    /// What the executor says.
    pub text: String,
    /// The HTTP status.
    pub status: u16,
    /// The policy that applied.
    pub policy: String,
    /// The profile of that policy.
    pub profile: String,
    /// The conditions that made the policy apply, separated by blanks.
    pub conditions: String,
    /// The executor that refused.
    pub executor: String,
}

/// A refusal by a registration policy of the realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationRefusal {
    /// The policy's name.
    pub policy: String,
    /// What it says.
    pub detail: String,
}

impl Cause {
    /// Keycloak's word for the cause in an event (`error` of an event of type `…_ERROR`).
    #[expect(clippy::too_many_lines, reason = "one table, a row for each cause")]
    pub fn event_error(&self) -> &'static str {
        match self {
            Self::ParameterMissing("username") => "username_missing",
            Self::ParameterMissing("refresh_token")
            | Self::RefreshTokenInvalid
            | Self::RefreshTokenOfAnotherClient
            | Self::RefreshTokenReplayed
            | Self::TokenMissing
            | Self::TokenInvalid
            | Self::TokenRevoked
            | Self::TokenStale
            | Self::TokenTypeUnsupported
            | Self::TokenOfAnotherClient
            | Self::TokenAudience
            | Self::OpenidScopeMissing
            | Self::IdTokenHintInvalid
            | Self::RegistrationTokenInvalid
            | Self::InitialAccessUnknown
            | Self::InitialAccessUsedUp
            | Self::InitialAccessNotAllowed
            | Self::ClientNotReadable
            | Self::ClientNotChangeable => "invalid_token",
            Self::ParameterMissing(_)
            | Self::ParameterRepeated(_)
            | Self::ParameterInvalid(_)
            | Self::RequestMalformed
            | Self::TokenRepeated
            | Self::RequestObjectUnsupported
            | Self::RequestUriUnsupported
            | Self::PushedRequestRequired
            | Self::RequestObjectRequired
            | Self::ResourceUnknown
            | Self::ResourceNotGranted
            | Self::GrantTypeUnsupported
            | Self::DpopProofMissing
            | Self::CertificateMissing
            | Self::ScopeInvalid(_)
            | Self::OriginNotAllowed => "invalid_request",
            Self::RealmUnknown | Self::RealmDisabled => "realm_disabled",
            Self::HttpsRequired => "ssl_required",
            Self::ClientAuthenticationMissing | Self::ClientUnknown => "client_not_found",
            Self::ClientDisabled => "client_disabled",
            Self::ClientProtocol => "invalid_client",
            Self::ClientSecretWrong
            | Self::ClientAuthenticationMethod
            | Self::ClientAssertion(_)
            | Self::ClientAuthenticationRepeated => "invalid_client_credentials",
            Self::ClientBearerOnly
            | Self::StandardFlowDisabled
            | Self::ServiceAccountPublic
            | Self::ServiceAccountDisabled
            | Self::DirectGrantDisabled
            | Self::ClientNotAllowed
            | Self::ResponseTypeNotAllowed
            | Self::OfflineNotAllowed
            | Self::RegistrationForbidden
            | Self::RegistrationRefused(_)
            | Self::RegistrationsTooMany => "not_allowed",
            Self::ConsentRequired => "consent_denied",
            Self::CodeUnknown | Self::CodeReplayed | Self::CodeOfAnotherClient | Self::CodeRedirectUri => {
                "invalid_code"
            }
            Self::CodeExpired | Self::RefreshTokenExpired | Self::InteractionExpired => "expired_code",
            Self::VerifierMissing => "code_verifier_missing",
            Self::VerifierUnexpected | Self::VerifierMalformed => "invalid_code_verifier",
            Self::VerifierWrong => "pkce_verification_failed",
            Self::GrantRevoked | Self::SessionEnded | Self::CodeSessionEnded => "user_session_not_found",
            Self::CredentialsWrong => "invalid_user_credentials",
            Self::UserDisabled | Self::AccountDisabled => "user_disabled",
            Self::UserNotSetUp => "resolve_required_actions",
            Self::UserLocked => "user_temporarily_disabled",
            Self::RedirectUriMissing
            | Self::RedirectUriUnregistered
            | Self::LogoutRedirectUnregistered
            | Self::LogoutClientUnknown => "invalid_redirect_uri",
            Self::ResponseTypeUnsupported => "unsupported_response_type",
            Self::LoginRequired => "login_required",
            Self::InteractionRequired => "interaction_required",
            Self::AccessDenied => "rejected_by_user",
            Self::MetadataInvalid(_)
            | Self::MetadataRedirectUri(_)
            | Self::DocumentMalformed
            | Self::DocumentWrongType
            | Self::DocumentUnknownMember(_)
            | Self::DocumentMediaType
            | Self::RegistrationProviderUnknown => "invalid_registration",
            Self::PolicyRefused(_) | Self::PolicyRefusedAfterwards(_) => "client_policy_error",
            Self::Unavailable | Self::Internal => "unknown_error",
        }
    }
}
