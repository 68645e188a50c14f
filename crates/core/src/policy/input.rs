//! What of a request the policies were asked, without its secrets: kept with the events of a realm so that a
//! changed policy can be tried on them, and given by hand to `explain`.

use sekisho_jose::base64url;
use sekisho_jose::hash::sha256;
use sekisho_protocol::keycloak::ClientRepresentation;
use sekisho_protocol::{Params, Scopes, Timestamp};
use serde::{Deserialize, Serialize};

use super::event::{
    Authorization, Event, EventName, Occasion, PreAuthorization, Proofs, Proposal, Standing, TokenRequest,
    TokenResponse, Updater, UpdaterKind,
};
use super::lookup::Findings;
use crate::{Client, Realm};

/// Parameters whose values are secret; that they were there is kept.
const SECRET: &[&str] = &[
    "actor_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "id_token_hint",
    "password",
    "refresh_token",
    "request",
    "subject_token",
    "token",
];

/// What stands for a secret value.
const HIDDEN: &str = "hidden";
/// Characters of a value that is kept.
const MAX_VALUE: usize = 1000;
/// Stands for a verifier that was right.
const RIGHT: &str = "right-right-right-right-right-right-right-right";
/// Stands for one that was not.
const WRONG: &str = "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong";

/// What the policies were asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Input {
    /// Keycloak's name of the event.
    pub event: String,
    pub client_id: String,
    /// In the order sent; secret values are hidden.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<(String, String)>,
    /// Scopes of the code, the token or the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// Whether a PKCE challenge was there, and whether the verifier was right.
    #[serde(skip_serializing_if = "Pkce::is_none")]
    pub pkce: Pkce,
    /// How the one who makes or changes a client was let in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updater: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The client that shall be made or changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<Box<ClientRepresentation>>,
}

/// What is known of PKCE (RFC 7636) once the verifier itself is forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pkce {
    /// No challenge.
    #[default]
    None,
    /// A challenge, and a verifier that is its preimage.
    Right,
    /// A challenge, and a verifier that is not, or none.
    Wrong,
}

impl Pkce {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

impl Input {
    /// What an event was asked, without its secrets.
    pub fn of(event: &Event<'_>) -> Self {
        let request = event.token_request();
        let granted = request.and_then(|request| request.granted);
        let granted = granted.or_else(|| event.token_response().and_then(|response| response.granted));
        let claimed = match &event.occasion {
            Occasion::PreAuthorizationRequest(request) => Some(request.client_id.to_owned()),
            _ => None,
        };
        let proposal = event.proposal();
        Self {
            event: event.name().name().to_owned(),
            client_id: claimed
                .or_else(|| event.client().map(|client| client.client_id.clone()))
                .or_else(|| proposal.and_then(|proposal| proposal.result.client_id.clone()))
                .unwrap_or_default(),
            params: event.params().map(visible).unwrap_or_default(),
            granted: granted.map(ToString::to_string),
            redirect_uri: event.authorization().and_then(|request| request.redirect_uri).map(str::to_owned),
            pkce: request.map_or(Pkce::None, |request| pkce(&request)),
            updater: event.updater().map(|updater| kind_name(updater.kind).to_owned()),
            address: event.updater().map(|updater| updater.address.clone()),
            client: proposal.map(|proposal| Box::new(without_secrets(proposal.result))),
        }
    }
}

fn visible(params: &Params) -> Vec<(String, String)> {
    let shown = |(name, value): (&str, &str)| {
        let value =
            if SECRET.contains(&name) { HIDDEN.to_owned() } else { value.chars().take(MAX_VALUE).collect() };
        (name.to_owned(), value)
    };
    params.pairs().map(shown).collect()
}

fn challenge_of(verifier: &str) -> String {
    base64url::encode(&sha256(verifier.as_bytes()))
}

fn pkce(request: &TokenRequest<'_>) -> Pkce {
    match (request.challenge, request.params.find("code_verifier")) {
        (None, _) => Pkce::None,
        (Some(challenge), Some(verifier)) if challenge_of(verifier) == challenge => Pkce::Right,
        (Some(_), _) => Pkce::Wrong,
    }
}

fn without_secrets(client: &ClientRepresentation) -> ClientRepresentation {
    ClientRepresentation { secret: None, registration_access_token: None, ..client.clone() }
}

const fn kind_name(kind: UpdaterKind) -> &'static str {
    match kind {
        UpdaterKind::AuthenticatedUser => "user",
        UpdaterKind::Anonymous => "anonymous",
        UpdaterKind::InitialAccessToken => "initial-access-token",
        UpdaterKind::RegistrationAccessToken => "registration-access-token",
    }
}

/// An input with everything that an event of it borrows.
pub struct Stage<'a> {
    realm: &'a Realm,
    client: Option<&'a Client>,
    at: Timestamp,
    name: EventName,
    client_id: String,
    params: Params,
    granted: Option<Scopes>,
    redirect_uri: Option<String>,
    challenge: Option<String>,
    updater: Updater,
    sent: ClientRepresentation,
}

impl<'a> Stage<'a> {
    /// Sets the scene; `None` when there is no event of that name.
    pub fn new(input: &Input, realm: &'a Realm, client: Option<&'a Client>, at: Timestamp) -> Option<Self> {
        let redirect_uri = input.params.iter().find(|(name, _)| name == "redirect_uri");
        Some(Self {
            realm,
            client,
            at,
            name: EventName::parse(&input.event)?,
            client_id: input.client_id.clone(),
            params: params(input),
            granted: input.granted.as_deref().map(Scopes::parse),
            redirect_uri: input.redirect_uri.clone().or_else(|| redirect_uri.map(|(_, uri)| uri.clone())),
            challenge: match input.pkce {
                Pkce::None => None,
                Pkce::Right | Pkce::Wrong => Some(challenge_of(RIGHT)),
            },
            updater: updater(input),
            sent: input.client.as_deref().cloned().unwrap_or_default(),
        })
    }

    /// The event; `None` where it is about a client and there is none of that name.
    pub fn event(&'a self) -> Option<Event<'a>> {
        let occasion = self.of_registration().or_else(|| self.of_request())?;
        Some(Event { realm: self.realm, at: self.at, occasion, findings: Findings::NONE })
    }

    fn of_registration(&'a self) -> Option<Occasion<'a>> {
        let proposal =
            Proposal { current: self.client, sent: &self.sent, result: &self.sent, updater: &self.updater };
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
                sent: &self.params,
                pushed: None,
            }),
            _ => return None,
        })
    }

    fn of_request(&'a self) -> Option<Occasion<'a>> {
        let client = self.client?;
        let authorization = Authorization {
            client,
            params: &self.params,
            sent: &self.params,
            redirect_uri: self.redirect_uri.as_deref(),
            object: None,
            pushed: false,
            proofs: Proofs::default(),
        };
        let request = TokenRequest {
            granted: self.granted.as_ref(),
            challenge: self.challenge.as_deref(),
            ..TokenRequest::new(client, &self.params)
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
}

/// The parameters, with a verifier that is as right as the one that was sent.
fn params(input: &Input) -> Params {
    let pairs = input.params.iter().map(|(name, value)| {
        let value = match (name.as_str(), input.pkce) {
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
        ..Updater::operator()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::event::EVENTS;
    use crate::policy::tests::Scene;

    fn scene() -> Scene {
        Scene {
            params: Params::from_pairs([
                ("grant_type", "authorization_code"),
                ("code", "hush"),
                ("code_verifier", "hush-hush-hush"),
                ("client_secret", "hush"),
                ("scope", "hello"),
            ]),
            challenge: Some(challenge_of("hush-hush-hush")),
            granted: Some(Scopes::parse("openid hello")),
            ..Scene::default()
        }
    }

    #[test]
    fn no_secret_is_kept_and_the_rest_comes_back() {
        let scene = scene();
        for name in EVENTS {
            let input = Input::of(&scene.event(name));
            let text = serde_json::to_string(&input).expect("written");
            assert!(!text.contains("hush"), "{name:?}: {text}");
            let read: Input = serde_json::from_str(&text).expect("read");
            assert_eq!(read, input, "{name:?}");
            let stage = Stage::new(&read, &scene.realm, Some(&scene.client), scene.at).expect("an event");
            let event = stage.event().expect("a client");
            assert_eq!(event.name(), name);
            if let Some(request) = event.token_request() {
                assert_eq!(pkce(&request), Pkce::Right, "{name:?}");
                assert_eq!(request.params.find("scope"), Some("hello"));
                assert_eq!(request.granted.map(ToString::to_string).as_deref(), Some("openid hello"));
            }
        }
    }

    #[test]
    fn a_wrong_verifier_stays_wrong() {
        let mut scene = scene();
        scene.challenge = Some(challenge_of("another"));
        let input = Input::of(&scene.event(EventName::TokenRequest));
        assert_eq!(input.pkce, Pkce::Wrong);
        let stage = Stage::new(&input, &scene.realm, Some(&scene.client), scene.at).expect("an event");
        let event = stage.event().expect("a client");
        assert_eq!(pkce(&event.token_request().expect("a request")), Pkce::Wrong);
    }

    #[test]
    fn an_event_about_a_client_that_is_gone_is_none() {
        let scene = Scene::default();
        let input = Input { event: "TOKEN_REQUEST".to_owned(), ..Input::default() };
        let stage = Stage::new(&input, &scene.realm, None, scene.at).expect("an event");
        assert!(stage.event().is_none());
        assert!(Stage::new(&Input::default(), &scene.realm, None, scene.at).is_none());
    }
}
