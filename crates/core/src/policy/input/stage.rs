//! An event made of an input again.

use sekisho_protocol::keycloak::ClientRepresentation;
use sekisho_protocol::{Params, Scopes, Timestamp};

use super::{Bound, Dpop, Input, Pkce, RIGHT, Shown, WRONG, challenge_of, kind_name};
use crate::policy::event::{
    Authorization, Binding, Event, EventName, Occasion, PreAuthorization, Proofs, Proposal, RequestObject,
    Standing, Subject, TokenRequest, TokenResponse, Updater, UpdaterKind,
};
use crate::policy::lookup::Findings;
use crate::{Client, Realm};

/// An input with everything that an event of it borrows.
pub struct Stage<'a> {
    realm: &'a Realm,
    client: Option<&'a Client>,
    at: Timestamp,
    name: EventName,
    client_id: String,
    params: Params,
    /// Where something else was sent than counts.
    sent: Option<Params>,
    pushed: bool,
    object: Option<RequestObject>,
    proofs: Shown,
    bound_to: Option<Bound>,
    subject: Option<Subject>,
    granted: Option<Scopes>,
    redirect_uri: Option<String>,
    challenge: Option<String>,
    updater: Updater,
    proposed: ClientRepresentation,
    mentioned: Option<ClientRepresentation>,
}

impl<'a> Stage<'a> {
    /// Sets the scene; `None` when there is no event of that name.
    pub fn new(input: &Input, realm: &'a Realm, client: Option<&'a Client>, at: Timestamp) -> Option<Self> {
        Some(Self {
            realm,
            client,
            at,
            name: EventName::parse(&input.event)?,
            client_id: input.client_id.clone(),
            params: params(&input.params, input.pkce),
            sent: input.sent.as_ref().map(|sent| params(sent, input.pkce)),
            pushed: input.pushed,
            object: input.object.clone(),
            proofs: input.proofs.clone(),
            bound_to: input.bound_to.clone(),
            subject: input.subject.clone(),
            granted: input.granted.as_deref().map(Scopes::parse),
            redirect_uri: input.redirect_uri.clone(),
            challenge: match input.pkce {
                Pkce::None => None,
                Pkce::Right | Pkce::Wrong => Some(challenge_of(RIGHT)),
            },
            updater: updater(input),
            proposed: input.client.as_deref().cloned().unwrap_or_default(),
            mentioned: input.mentioned.as_deref().cloned(),
        })
    }

    /// The event; `None` where it is about a client and there is none of that name.
    pub fn event(&'a self) -> Option<Event<'a>> {
        let occasion = self.of_registration().or_else(|| self.of_request())?;
        Some(Event { realm: self.realm, at: self.at, occasion, findings: Findings::NONE })
    }

    fn of_registration(&'a self) -> Option<Occasion<'a>> {
        let (result, updater) = (&self.proposed, &self.updater);
        let sent = self.mentioned.as_ref().unwrap_or(result);
        let proposal = Proposal { current: self.client, sent, result, updater };
        let standing = || Some(Standing { client: self.client?, updater: &self.updater });
        Some(match self.name {
            EventName::Register => Occasion::Register(Proposal { current: None, ..proposal }),
            EventName::Update => Occasion::Update(proposal),
            EventName::Registered => Occasion::Registered(standing()?),
            EventName::Updated => Occasion::Updated(standing()?),
            EventName::View => Occasion::View(standing()?),
            EventName::Unregister => Occasion::Unregister(standing()?),
            EventName::PreAuthorizationRequest => Occasion::PreAuthorizationRequest(PreAuthorization {
                client_id: &self.client_id,
                client: self.client,
                sent: self.sent.as_ref().unwrap_or(&self.params),
                pushed: self.pushed.then_some(&self.params),
            }),
            _ => return None,
        })
    }

    fn of_request(&'a self) -> Option<Occasion<'a>> {
        let client = self.client?;
        let authorization = Authorization {
            client,
            params: &self.params,
            sent: self.sent.as_ref().unwrap_or(&self.params),
            redirect_uri: self.redirect_uri.as_deref(),
            object: self.object.as_ref(),
            pushed: self.pushed,
            proofs: self.proofs(),
        };
        let request = TokenRequest {
            client,
            params: &self.params,
            proofs: self.proofs(),
            granted: self.granted.as_ref(),
            challenge: self.challenge.as_deref(),
            bound_to: self.bound_to(),
            subject: self.subject.as_ref(),
        };
        let response = TokenResponse { client, plan: None, granted: self.granted.as_ref() };
        Some(match self.name {
            EventName::AuthorizationRequest => Occasion::AuthorizationRequest(authorization),
            EventName::PushedAuthorizationRequest => Occasion::PushedAuthorizationRequest(authorization),
            EventName::BackchannelAuthenticationRequest => {
                Occasion::BackchannelAuthenticationRequest(authorization)
            }
            EventName::DeviceAuthorizationRequest => Occasion::DeviceAuthorizationRequest(authorization),
            EventName::PreTokenRequest => Occasion::PreTokenRequest(request),
            EventName::TokenRequest => Occasion::TokenRequest(request),
            EventName::TokenRefresh => Occasion::TokenRefresh(request),
            EventName::ServiceAccountTokenRequest => Occasion::ServiceAccountTokenRequest(request),
            EventName::ResourceOwnerPasswordCredentialsRequest => {
                Occasion::ResourceOwnerPasswordCredentialsRequest(request)
            }
            EventName::TokenExchangeRequest => Occasion::TokenExchangeRequest(request),
            EventName::JwtAuthorizationGrant => Occasion::JwtAuthorizationGrant(request),
            EventName::DeviceTokenRequest => Occasion::DeviceTokenRequest(request),
            EventName::BackchannelTokenRequest => Occasion::BackchannelTokenRequest(request),
            EventName::TokenIntrospect => Occasion::TokenIntrospect(request),
            EventName::TokenRevoke => Occasion::TokenRevoke(request),
            EventName::UserInfoRequest => Occasion::UserInfoRequest(request),
            EventName::LogoutRequest => Occasion::LogoutRequest(request),
            EventName::IdentityBrokeringApi => Occasion::IdentityBrokeringApi(request),
            EventName::TokenResponse => Occasion::TokenResponse(response),
            EventName::TokenRefreshResponse => Occasion::TokenRefreshResponse(response),
            EventName::ServiceAccountTokenResponse => Occasion::ServiceAccountTokenResponse(response),
            EventName::ResourceOwnerPasswordCredentialsResponse => {
                Occasion::ResourceOwnerPasswordCredentialsResponse(response)
            }
            EventName::DeviceTokenResponse => Occasion::DeviceTokenResponse(response),
            EventName::BackchannelTokenResponse => Occasion::BackchannelTokenResponse(response),
            EventName::ImplicitHybridTokenResponse => Occasion::ImplicitHybridTokenResponse(response),
            EventName::TokenRevokeResponse => Occasion::TokenRevokeResponse(response),
            _ => return None,
        })
    }

    fn proofs(&self) -> Proofs<'_> {
        Proofs {
            assertion: self.proofs.assertion.as_ref(),
            dpop: self.proofs.dpop.as_ref().map(|proof| match proof {
                Dpop::Key(key) => Ok(key.as_str()),
                Dpop::Problem(problem) => Err(problem.as_str()),
            }),
            certificate: self.proofs.certificate.as_deref(),
        }
    }

    fn bound_to(&self) -> Option<Binding<'_>> {
        self.bound_to.as_ref().map(|bound| match bound {
            Bound::Dpop(key) => Binding::Dpop(key),
            Bound::Certificate(thumbprint) => Binding::Certificate(thumbprint),
        })
    }
}

/// The parameters, with a verifier that is as right as the one that was sent.
fn params(pairs: &[(String, String)], pkce: Pkce) -> Params {
    let pairs = pairs.iter().map(|(name, value)| {
        let value = match (name.as_str(), pkce) {
            ("code_verifier", Pkce::Right) => RIGHT,
            ("code_verifier", Pkce::Wrong) => WRONG,
            _ => value.as_str(),
        };
        (name.clone(), value.to_owned())
    });
    Params::from_pairs(pairs)
}

fn updater(input: &Input) -> Updater {
    let kinds = [
        UpdaterKind::AuthenticatedUser,
        UpdaterKind::Anonymous,
        UpdaterKind::InitialAccessToken,
        UpdaterKind::RegistrationAccessToken,
    ];
    let named = kinds.into_iter().find(|kind| input.updater.as_deref() == Some(kind_name(*kind)));
    Updater {
        kind: named.unwrap_or(UpdaterKind::AuthenticatedUser),
        address: input.address.clone().unwrap_or_default(),
        roles: input.roles.clone(),
        groups: input.groups.clone(),
    }
}
