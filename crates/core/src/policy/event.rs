//! The events at which policies are asked, with what each knows. Names are Keycloak's.

use sekisho_protocol::keycloak::ClientRepresentation;
use sekisho_protocol::{Params, Scopes, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::lookup::Findings;
use crate::client::ClientKind;
use crate::token::TokenPlan;
use crate::{Client, Realm};

pub use super::event_name::{EVENTS, EventName, EventSet};

/// A request as the policies see it.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    pub realm: &'a Realm,
    pub at: Timestamp,
    pub occasion: Occasion<'a>,
    /// What was looked up for this event so far.
    pub findings: &'a Findings,
}

/// What happens, and what is known of it.
#[derive(Clone, Copy)]
pub enum Occasion<'a> {
    /// A client is about to be made: by Admin REST, by dynamic registration, by hand.
    Register(Proposal<'a>),
    Registered(Standing<'a>),
    /// A client is about to be changed; its mappers are part of it (attack 43).
    Update(Proposal<'a>),
    Updated(Standing<'a>),
    View(Standing<'a>),
    Unregister(Standing<'a>),
    /// Before the redirect URI is proven.
    PreAuthorizationRequest(PreAuthorization<'a>),
    AuthorizationRequest(Authorization<'a>),
    PushedAuthorizationRequest(Authorization<'a>),
    BackchannelAuthenticationRequest(Authorization<'a>),
    DeviceAuthorizationRequest(Authorization<'a>),
    /// First thing in the code grant, before the code is opened.
    PreTokenRequest(TokenRequest<'a>),
    TokenRequest(TokenRequest<'a>),
    TokenRefresh(TokenRequest<'a>),
    ServiceAccountTokenRequest(TokenRequest<'a>),
    ResourceOwnerPasswordCredentialsRequest(TokenRequest<'a>),
    TokenExchangeRequest(TokenRequest<'a>),
    JwtAuthorizationGrant(TokenRequest<'a>),
    DeviceTokenRequest(TokenRequest<'a>),
    BackchannelTokenRequest(TokenRequest<'a>),
    TokenIntrospect(TokenRequest<'a>),
    TokenRevoke(TokenRequest<'a>),
    UserInfoRequest(TokenRequest<'a>),
    /// Logout by refresh token.
    LogoutRequest(TokenRequest<'a>),
    IdentityBrokeringApi(TokenRequest<'a>),
    /// Before tokens are signed.
    TokenResponse(TokenResponse<'a>),
    TokenRefreshResponse(TokenResponse<'a>),
    ServiceAccountTokenResponse(TokenResponse<'a>),
    ResourceOwnerPasswordCredentialsResponse(TokenResponse<'a>),
    DeviceTokenResponse(TokenResponse<'a>),
    BackchannelTokenResponse(TokenResponse<'a>),
    ImplicitHybridTokenResponse(TokenResponse<'a>),
    TokenRevokeResponse(TokenResponse<'a>),
}

/// A client that shall be made or changed.
#[derive(Clone, Copy)]
pub struct Proposal<'a> {
    /// As it is now; `None` for a new one.
    pub current: Option<&'a Client>,
    /// What was sent: an absent member was not mentioned.
    pub sent: &'a ClientRepresentation,
    /// The whole client as it would be. This is what is judged, never the old one (attack 41).
    pub result: &'a ClientRepresentation,
    pub updater: &'a Updater,
}

/// A client as it stands.
#[derive(Clone, Copy)]
pub struct Standing<'a> {
    pub client: &'a Client,
    pub updater: &'a Updater,
}

/// Who makes or changes a client.
#[derive(Clone, Debug)]
pub struct Updater {
    pub kind: UpdaterKind,
    /// Empty when there is none, as for the command line.
    pub address: String,
    /// Names of the caller's roles with all that comes with them: `role` of the realm, `client.role` of a client.
    pub roles: Vec<String>,
    /// Simple names of the caller's groups.
    pub groups: Vec<String>,
}

/// How the one who makes or changes a client was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdaterKind {
    AuthenticatedUser,
    Anonymous,
    InitialAccessToken,
    RegistrationAccessToken,
}

/// An authorization request of which nothing is proven.
#[derive(Clone, Copy)]
pub struct PreAuthorization<'a> {
    pub client_id: &'a str,
    /// The client of that name, if there is one.
    pub client: Option<&'a Client>,
    /// What came in the query or the form.
    pub sent: &'a Params,
    /// What was pushed before (RFC 9126), where the request refers to it.
    pub pushed: Option<&'a Params>,
}

/// An authorization request of a known client.
#[derive(Clone, Copy)]
pub struct Authorization<'a> {
    pub client: &'a Client,
    /// What counts: of the request object or the pushed request where there is one.
    pub params: &'a Params,
    /// What came in the query or the form.
    pub sent: &'a Params,
    /// Where the answer goes; `None` where no browser is involved.
    pub redirect_uri: Option<&'a str>,
    /// The request object (RFC 9101), verified.
    pub object: Option<&'a RequestObject>,
    /// The parameters were pushed before.
    pub pushed: bool,
    /// How the client proved itself, where it did (PAR, CIBA, device).
    pub proofs: Proofs<'a>,
}

/// A verified request object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestObject {
    pub claims: Map<String, Value>,
    pub encrypted: bool,
}

/// A request at one of the endpoints that clients call.
#[derive(Clone, Copy)]
pub struct TokenRequest<'a> {
    pub client: &'a Client,
    pub params: &'a Params,
    pub proofs: Proofs<'a>,
    /// Scopes that the code, the refresh token or the access token stands for; `None` where only `scope` of
    /// the request can say.
    pub granted: Option<&'a Scopes>,
    /// The PKCE challenge that came with the authorization request; codes only.
    pub challenge: Option<&'a str>,
    /// Which key the presented token is bound to.
    pub bound_to: Option<Binding<'a>>,
    /// The assertion or subject token of the request.
    pub subject: Option<&'a Subject>,
}

/// How the client proved itself, and what came along to bind tokens to.
#[derive(Clone, Copy, Default)]
pub struct Proofs<'a> {
    /// The assertion that authenticated the client; never one that was merely sent (attack 40).
    pub assertion: Option<&'a Assertion>,
    /// The DPoP proof (RFC 9449): the thumbprint of its key, or what is wrong with it.
    pub dpop: Option<Result<&'a str, &'a str>>,
    /// The SHA-256 thumbprint of the client's certificate (RFC 8705 §3.1).
    pub certificate: Option<&'a str>,
}

/// A client assertion (RFC 7523).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assertion {
    pub algorithm: String,
    pub claims: Map<String, Value>,
}

/// `cnf` of a token (RFC 7800).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding<'a> {
    /// `jkt` (RFC 9449 §6.1).
    Dpop(&'a str),
    /// `x5t#S256` (RFC 8705 §3.1).
    Certificate(&'a str),
}

/// A token about the user that a client brought: a subject token (RFC 8693) or an assertion (RFC 7523).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// `None` when it is not one that can be read.
    pub claims: Option<Map<String, Value>>,
    /// It is an access token of this realm.
    pub access_token: bool,
    /// Alias of the identity provider that issued it.
    pub identity_provider: Option<String>,
}

/// An answer that is about to be made.
#[derive(Clone, Copy)]
pub struct TokenResponse<'a> {
    pub client: &'a Client,
    /// `None` where nothing is issued, as at revocation.
    pub plan: Option<&'a TokenPlan>,
    /// Scopes of the tokens.
    pub granted: Option<&'a Scopes>,
}

impl<'a> TokenRequest<'a> {
    /// A request of which no more is known than who sent what.
    pub const fn new(client: &'a Client, params: &'a Params) -> Self {
        Self {
            client,
            params,
            proofs: Proofs { assertion: None, dpop: None, certificate: None },
            granted: None,
            challenge: None,
            bound_to: None,
            subject: None,
        }
    }
}

impl Occasion<'_> {
    /// Keycloak's name.
    pub const fn name(&self) -> EventName {
        match self {
            Self::Register(_) => EventName::Register,
            Self::Registered(_) => EventName::Registered,
            Self::Update(_) => EventName::Update,
            Self::Updated(_) => EventName::Updated,
            Self::View(_) => EventName::View,
            Self::Unregister(_) => EventName::Unregister,
            Self::PreAuthorizationRequest(_) => EventName::PreAuthorizationRequest,
            Self::AuthorizationRequest(_) => EventName::AuthorizationRequest,
            Self::PushedAuthorizationRequest(_) => EventName::PushedAuthorizationRequest,
            Self::BackchannelAuthenticationRequest(_) => EventName::BackchannelAuthenticationRequest,
            Self::DeviceAuthorizationRequest(_) => EventName::DeviceAuthorizationRequest,
            Self::PreTokenRequest(_) => EventName::PreTokenRequest,
            Self::TokenRequest(_) => EventName::TokenRequest,
            Self::TokenRefresh(_) => EventName::TokenRefresh,
            Self::ServiceAccountTokenRequest(_) => EventName::ServiceAccountTokenRequest,
            Self::ResourceOwnerPasswordCredentialsRequest(_) => {
                EventName::ResourceOwnerPasswordCredentialsRequest
            }
            Self::TokenExchangeRequest(_) => EventName::TokenExchangeRequest,
            Self::JwtAuthorizationGrant(_) => EventName::JwtAuthorizationGrant,
            Self::DeviceTokenRequest(_) => EventName::DeviceTokenRequest,
            Self::BackchannelTokenRequest(_) => EventName::BackchannelTokenRequest,
            Self::TokenIntrospect(_) => EventName::TokenIntrospect,
            Self::TokenRevoke(_) => EventName::TokenRevoke,
            Self::UserInfoRequest(_) => EventName::UserInfoRequest,
            Self::LogoutRequest(_) => EventName::LogoutRequest,
            Self::IdentityBrokeringApi(_) => EventName::IdentityBrokeringApi,
            Self::TokenResponse(_) => EventName::TokenResponse,
            Self::TokenRefreshResponse(_) => EventName::TokenRefreshResponse,
            Self::ServiceAccountTokenResponse(_) => EventName::ServiceAccountTokenResponse,
            Self::ResourceOwnerPasswordCredentialsResponse(_) => {
                EventName::ResourceOwnerPasswordCredentialsResponse
            }
            Self::DeviceTokenResponse(_) => EventName::DeviceTokenResponse,
            Self::BackchannelTokenResponse(_) => EventName::BackchannelTokenResponse,
            Self::ImplicitHybridTokenResponse(_) => EventName::ImplicitHybridTokenResponse,
            Self::TokenRevokeResponse(_) => EventName::TokenRevokeResponse,
        }
    }
}

impl<'a> Event<'a> {
    /// Keycloak's name.
    pub const fn name(&self) -> EventName {
        self.occasion.name()
    }

    /// The client as it is stored: none while it is being registered, or while its name is only claimed.
    pub const fn client(&self) -> Option<&'a Client> {
        match &self.occasion {
            Occasion::Register(proposal) | Occasion::Update(proposal) => proposal.current,
            Occasion::Registered(standing)
            | Occasion::Updated(standing)
            | Occasion::View(standing)
            | Occasion::Unregister(standing) => Some(standing.client),
            Occasion::PreAuthorizationRequest(request) => request.client,
            _ => match (self.authorization(), self.token_request(), self.token_response()) {
                (Some(request), _, _) => Some(request.client),
                (_, Some(request), _) => Some(request.client),
                (_, _, Some(response)) => Some(response.client),
                _ => None,
            },
        }
    }

    /// The client that shall be made or changed.
    pub const fn proposal(&self) -> Option<Proposal<'a>> {
        match self.occasion {
            Occasion::Register(proposal) | Occasion::Update(proposal) => Some(proposal),
            _ => None,
        }
    }

    /// Who makes or changes a client.
    pub const fn updater(&self) -> Option<&'a Updater> {
        match &self.occasion {
            Occasion::Register(proposal) | Occasion::Update(proposal) => Some(proposal.updater),
            Occasion::Registered(standing)
            | Occasion::Updated(standing)
            | Occasion::View(standing)
            | Occasion::Unregister(standing) => Some(standing.updater),
            _ => None,
        }
    }

    /// The authorization request of which nothing is proven.
    pub const fn pre_authorization(&self) -> Option<PreAuthorization<'a>> {
        match self.occasion {
            Occasion::PreAuthorizationRequest(request) => Some(request),
            _ => None,
        }
    }

    /// The authorization request of a known client.
    pub const fn authorization(&self) -> Option<Authorization<'a>> {
        match self.occasion {
            Occasion::AuthorizationRequest(request)
            | Occasion::PushedAuthorizationRequest(request)
            | Occasion::BackchannelAuthenticationRequest(request)
            | Occasion::DeviceAuthorizationRequest(request) => Some(request),
            _ => None,
        }
    }

    /// The request at an endpoint that clients call.
    pub const fn token_request(&self) -> Option<TokenRequest<'a>> {
        match self.occasion {
            Occasion::PreTokenRequest(request)
            | Occasion::TokenRequest(request)
            | Occasion::TokenRefresh(request)
            | Occasion::ServiceAccountTokenRequest(request)
            | Occasion::ResourceOwnerPasswordCredentialsRequest(request)
            | Occasion::TokenExchangeRequest(request)
            | Occasion::JwtAuthorizationGrant(request)
            | Occasion::DeviceTokenRequest(request)
            | Occasion::BackchannelTokenRequest(request)
            | Occasion::TokenIntrospect(request)
            | Occasion::TokenRevoke(request)
            | Occasion::UserInfoRequest(request)
            | Occasion::LogoutRequest(request)
            | Occasion::IdentityBrokeringApi(request) => Some(request),
            _ => None,
        }
    }

    /// How the client proved itself in this request.
    pub const fn proofs(&self) -> Option<Proofs<'a>> {
        match (self.authorization(), self.token_request()) {
            (Some(request), _) => Some(request.proofs),
            (_, Some(request)) => Some(request.proofs),
            _ => None,
        }
    }

    /// The answer that is about to be made.
    pub const fn token_response(&self) -> Option<TokenResponse<'a>> {
        match self.occasion {
            Occasion::TokenResponse(response)
            | Occasion::TokenRefreshResponse(response)
            | Occasion::ServiceAccountTokenResponse(response)
            | Occasion::ResourceOwnerPasswordCredentialsResponse(response)
            | Occasion::DeviceTokenResponse(response)
            | Occasion::BackchannelTokenResponse(response)
            | Occasion::ImplicitHybridTokenResponse(response)
            | Occasion::TokenRevokeResponse(response) => Some(response),
            _ => None,
        }
    }

    /// The access type of the client, as it would be where it is about to change.
    pub fn client_kind(&self) -> Option<ClientKind> {
        match self.proposal() {
            Some(proposal) => Some(ClientKind::of(proposal.result)),
            None => self.client().map(|client| client.kind),
        }
    }

    /// The protocol of the client, as it would be where it is about to change.
    pub fn client_protocol(&self) -> Option<&'a str> {
        match self.proposal() {
            Some(proposal) => Some(proposal.result.protocol.as_deref().unwrap_or("openid-connect")),
            None => self.client().map(|client| client.protocol.name()),
        }
    }

    /// An attribute of the client, as it would be where it is about to change.
    pub fn client_attribute(&self, name: &str) -> Option<&'a str> {
        match self.proposal() {
            Some(proposal) => proposal
                .result
                .attributes
                .as_ref()
                .and_then(|attributes| attributes.get(name))
                .map(String::as_str),
            None => self.client().and_then(|client| client.attributes.get(name)).map(String::as_str),
        }
    }

    /// The parameters that count.
    pub const fn params(&self) -> Option<&'a Params> {
        match (self.authorization(), self.token_request()) {
            (Some(request), _) => Some(request.params),
            (_, Some(request)) => Some(request.params),
            _ => match &self.occasion {
                Occasion::PreAuthorizationRequest(request) => Some(request.sent),
                _ => None,
            },
        }
    }

    /// The same event about a proposal that an executor changed.
    pub(super) const fn proposing<'b>(&self, result: &'b ClientRepresentation) -> Event<'b>
    where
        'a: 'b,
    {
        let occasion = match self.occasion {
            Occasion::Register(proposal) => Occasion::Register(Proposal { result, ..proposal }),
            Occasion::Update(proposal) => Occasion::Update(Proposal { result, ..proposal }),
            other => other,
        };
        Event { realm: self.realm, at: self.at, occasion, findings: self.findings }
    }
}

impl Updater {
    /// Whoever runs a command on the machine itself.
    pub const fn operator() -> Self {
        Self {
            kind: UpdaterKind::AuthenticatedUser,
            address: String::new(),
            roles: Vec::new(),
            groups: Vec::new(),
        }
    }
}
