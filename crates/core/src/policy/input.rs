//! What of a request the policies were asked, without its secrets: kept with the events of a realm so that a
//! changed policy can be tried on them, and given by hand to `explain`.

mod stage;

use sekisho_jose::base64url;
use sekisho_jose::hash::sha256;
use sekisho_protocol::Params;
use sekisho_protocol::keycloak::ClientRepresentation;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::event::{
    Assertion, Authorization, Binding, Event, Occasion, PreAuthorization, Proofs, RequestObject, Subject,
    TokenRequest, Updater, UpdaterKind,
};
use crate::secrets;

pub use self::stage::Stage;

/// Parameters and claims whose values are secret; that they were there is kept.
const SECRET: &[&str] = &[
    "actor_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "id_token_hint",
    "login_hint_token",
    "password",
    "refresh_token",
    "request",
    "subject_token",
    "token",
];

/// What stands for a secret value.
const HIDDEN: &str = "hidden";
/// What the address of a pushed request begins with (RFC 9126 §2.2); the rest is as good as the request.
const PUSHED: &str = "urn:ietf:params:oauth:request_uri:";
/// Characters of a value that is kept.
const MAX_VALUE: usize = 1000;
/// Bytes of the claims of one token that are kept.
const MAX_CLAIMS: usize = 4000;
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
    /// Those that count, in the order sent; secret values are hidden.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<(String, String)>,
    /// What came in the query or the form, where something else counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<Vec<(String, String)>>,
    /// The parameters that count were pushed before (RFC 9126).
    #[serde(skip_serializing_if = "is_false")]
    pub pushed: bool,
    /// The request object (RFC 9101), verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<RequestObject>,
    /// Scopes of the code, the token or the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// Whether a PKCE challenge was there, and whether the verifier was right.
    #[serde(skip_serializing_if = "Pkce::is_none")]
    pub pkce: Pkce,
    #[serde(skip_serializing_if = "Shown::is_empty")]
    pub proofs: Shown,
    /// The key that the presented token is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound_to: Option<Bound>,
    /// The assertion or subject token of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// How the one who makes or changes a client was let in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updater: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The client that shall be made or changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<Box<ClientRepresentation>>,
    /// What was said of it; the rest stays, or gets a default. Absent: everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mentioned: Option<Box<ClientRepresentation>>,
    /// Something was too long to be kept, so that it cannot be judged again.
    #[serde(skip_serializing_if = "is_false")]
    pub cut: bool,
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

/// How the client proved itself: what was proven, never the proof.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assertion: Option<Assertion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop: Option<Dpop>,
    /// Thumbprint of the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

/// A DPoP proof (RFC 9449), after it was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dpop {
    /// Thumbprint of its key.
    Key(String),
    /// What is wrong with it.
    Problem(String),
}

/// Thumbprint of a key that a token is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    Dpop(String),
    Certificate(String),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Pkce {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

impl Shown {
    const fn is_empty(&self) -> bool {
        self.assertion.is_none() && self.dpop.is_none() && self.certificate.is_none()
    }
}

/// Everything that the policies were asked of one request, as it is stored; nothing where it cannot be written.
pub fn write(inputs: &[Input]) -> Option<String> {
    if inputs.is_empty() { None } else { serde_json::to_string(inputs).ok() }
}

/// What was stored; nothing where it cannot be read, as from another version.
pub fn read(stored: &str) -> Option<Vec<Input>> {
    serde_json::from_str(stored).ok()
}

impl Input {
    /// What an event was asked, without its secrets.
    pub fn of(event: &Event<'_>) -> Self {
        let mut input =
            Self { event: event.name().name().to_owned(), client_id: client_id(event), ..Self::default() };
        let response = event.token_response();
        input.granted = response.and_then(|response| response.granted).map(ToString::to_string);
        if let Some(request) = event.pre_authorization() {
            input.claim(&request);
        }
        if let Some(request) = event.authorization() {
            input.authorize(&request);
        }
        if let Some(request) = event.token_request() {
            input.request(&request);
        }
        if let Some(proposal) = event.proposal() {
            input.client = without_secrets(proposal.result).map(Box::new);
            input.mentioned = without_secrets(proposal.sent).map(Box::new);
        }
        if let Some(updater) = event.updater() {
            input.update(updater);
        }
        input
    }

    fn claim(&mut self, request: &PreAuthorization<'_>) {
        self.count(request.pushed.unwrap_or(request.sent), request.sent);
        self.pushed = request.pushed.is_some();
    }

    fn authorize(&mut self, request: &Authorization<'_>) {
        self.count(request.params, request.sent);
        self.pushed = request.pushed;
        self.object = request
            .object
            .map(|object| RequestObject { claims: self.claims(&object.claims), encrypted: object.encrypted });
        self.redirect_uri = request.redirect_uri.map(str::to_owned);
        self.prove(&request.proofs);
    }

    fn request(&mut self, request: &TokenRequest<'_>) {
        self.params = self.visible(request.params);
        self.prove(&request.proofs);
        self.granted = request.granted.map(ToString::to_string);
        self.pkce = pkce(request);
        self.bound_to = request.bound_to.map(|binding| match binding {
            Binding::Dpop(key) => Bound::Dpop(key.to_owned()),
            Binding::Certificate(thumbprint) => Bound::Certificate(thumbprint.to_owned()),
        });
        self.subject = request.subject.map(|subject| Subject {
            claims: subject.claims.as_ref().map(|claims| self.claims(claims)),
            ..subject.clone()
        });
    }

    fn update(&mut self, updater: &Updater) {
        self.updater = Some(kind_name(updater.kind).to_owned());
        self.address = Some(updater.address.clone());
        self.roles.clone_from(&updater.roles);
        self.groups.clone_from(&updater.groups);
    }

    fn count(&mut self, params: &Params, sent: &Params) {
        self.params = self.visible(params);
        let sent = self.visible(sent);
        self.sent = Some(sent).filter(|sent| *sent != self.params);
    }

    fn prove(&mut self, proofs: &Proofs<'_>) {
        let assertion = proofs.assertion.map(|assertion| Assertion {
            algorithm: assertion.algorithm.clone(),
            claims: self.claims(&assertion.claims),
        });
        let dpop = proofs.dpop.map(|proof| match proof {
            Ok(key) => Dpop::Key(key.to_owned()),
            Err(problem) => Dpop::Problem(problem.to_owned()),
        });
        self.proofs = Shown { assertion, dpop, certificate: proofs.certificate.map(str::to_owned) };
    }

    fn visible(&mut self, params: &Params) -> Vec<(String, String)> {
        let mut shown = Vec::new();
        for (name, value) in params.pairs() {
            let value = self.kept(name, value);
            shown.push((self.short(name), value));
        }
        shown
    }

    fn kept(&mut self, name: &str, value: &str) -> String {
        match (name, value.starts_with(PUSHED)) {
            (name, _) if SECRET.contains(&name) => HIDDEN.to_owned(),
            ("request_uri", true) => format!("{PUSHED}{HIDDEN}"),
            _ => self.short(value),
        }
    }

    fn short(&mut self, text: &str) -> String {
        let mut characters = text.chars();
        let short = characters.by_ref().take(MAX_VALUE).collect();
        self.cut |= characters.next().is_some();
        short
    }

    fn claims(&mut self, claims: &Map<String, Value>) -> Map<String, Value> {
        let mut claims = claims.clone();
        for (name, value) in &mut claims {
            if SECRET.contains(&name.as_str()) {
                *value = Value::from(HIDDEN);
            }
        }
        if serde_json::to_string(&claims).is_ok_and(|text| text.len() <= MAX_CLAIMS) {
            return claims;
        }
        self.cut = true;
        Map::new()
    }
}

fn client_id(event: &Event<'_>) -> String {
    let claimed = match &event.occasion {
        Occasion::PreAuthorizationRequest(request) => Some(request.client_id),
        _ => None,
    };
    let stored = || event.client().map(|client| client.client_id.as_str());
    let proposed = || event.proposal().and_then(|proposal| proposal.result.client_id.as_deref());
    let client_id = claimed.or_else(stored).or_else(proposed).unwrap_or_default();
    client_id.chars().take(MAX_VALUE).collect()
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

/// The client without what is sealed when it is stored.
fn without_secrets(client: &ClientRepresentation) -> Option<ClientRepresentation> {
    let mut document = serde_json::to_value(client).ok()?;
    secrets::take(&mut document);
    serde_json::from_value(document).ok()
}

const fn kind_name(kind: UpdaterKind) -> &'static str {
    match kind {
        UpdaterKind::AuthenticatedUser => "user",
        UpdaterKind::Anonymous => "anonymous",
        UpdaterKind::InitialAccessToken => "initial-access-token",
        UpdaterKind::RegistrationAccessToken => "registration-access-token",
    }
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::Scopes;

    use super::*;
    use crate::policy::event::{EVENTS, EventName};
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
