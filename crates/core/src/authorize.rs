//! The authorization request (OAuth 2.1 §4.1.1, OpenID Connect Core §3.1.2.1): read, then checked.

use sekisho_protocol::{Cause, Params};

use crate::redirect::{RedirectTarget, ResponseMode};
use crate::scope::{self, GrantedScopes};
use crate::{Client, Realm};

/// Parameters as sent; only their form was looked at.
#[derive(Clone)]
pub struct Parameters {
    params: Params,
    repeated: Option<String>,
}

/// Proof that a request is valid for its client. Made by [`validate`] only.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    pub target: RedirectTarget,
    pub mode: ResponseMode,
    pub state: Option<String>,
    pub scopes: GrantedScopes,
    /// Resources that the token will be for (RFC 8707), each known to the realm.
    pub resources: Vec<String>,
    pub nonce: Option<String>,
    pub prompt: Prompt,
    pub max_age: Option<i64>,
    pub login_hint: Option<String>,
    pub id_token_hint: Option<String>,
    /// The S256 challenge (RFC 7636 §4.2).
    pub code_challenge: Option<String>,
    pub acr_values: Vec<String>,
}

/// `prompt` (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    pub none: bool,
    pub login: bool,
    pub consent: bool,
}

/// `state` longer than this is dropped, as Keycloak does; it would not fit a redirect.
const MAX_STATE: usize = 4000;
const MAX_NONCE: usize = 2000;

impl Parameters {
    /// Reads a query or a form body.
    pub fn parse(text: &[u8]) -> Self {
        let (params, repeated) = Params::parse_first(text);
        Self { params, repeated }
    }

    /// The client named; nothing is known of it yet.
    ///
    /// # Errors
    /// [`Cause::ParameterMissing`] without a `client_id`, [`Cause::ParameterRepeated`] with two: no telling
    /// whose redirect URI would be proven.
    pub fn client_id(&self) -> Result<&str, Cause> {
        match &self.repeated {
            Some(name) if name == "client_id" => Err(Cause::ParameterRepeated(name.clone())),
            _ => self.params.require("client_id"),
        }
    }

    /// All that was sent.
    pub const fn params(&self) -> &Params {
        &self.params
    }

    /// The redirect URI named.
    pub fn redirect_uri(&self) -> Option<&str> {
        self.params.find("redirect_uri")
    }

    /// How and with which `state` an error may be sent to a proven target, however wrong the rest is.
    pub fn error_answer(&self) -> (ResponseMode, Option<String>) {
        let default = match self.params.find("response_type") {
            Some(kind) if kind.split(' ').any(|part| part == "token" || part == "id_token") => {
                ResponseMode::Fragment
            }
            _ => ResponseMode::Query,
        };
        let mode =
            self.params.find("response_mode").map_or(Ok(default), |mode| ResponseMode::parse(Some(mode)));
        (mode.unwrap_or(default), self.state())
    }

    fn state(&self) -> Option<String> {
        self.params.find("state").filter(|state| state.len() <= MAX_STATE).map(str::to_owned)
    }

    /// The parameters as one query, to be sealed into an interaction and read again after it.
    pub fn to_query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(self.params.pairs()).finish()
    }

    /// The value of a parameter that only pages look at (`ui_locales`, `kc_locale`, `login_hint`).
    pub fn find(&self, name: &str) -> Option<&str> {
        self.params.find_filled(name)
    }
}

/// The first part of [`validate`]: what must be understood of a request before policies judge it, as in Keycloak.
///
/// # Errors
/// A parameter that comes twice (RFC 6749 §3.1); no `response_type`, or one that nobody knows (§3.1.1); a
/// `code_challenge_method` that nobody knows (RFC 7636 §4.4.1).
pub fn understand(parameters: &Parameters) -> Result<(), Cause> {
    if let Some(name) = &parameters.repeated {
        return Err(Cause::ParameterRepeated(name.clone()));
    }
    let value = parameters.params.require("response_type")?;
    let known = |part: &str| matches!(part, "code" | "token" | "id_token" | "none");
    if value.is_empty() || !value.split(' ').all(known) {
        return Err(Cause::ResponseTypeUnsupported);
    }
    match parameters.params.find("code_challenge_method") {
        None | Some("S256" | "plain") => Ok(()),
        Some(_) => Err(Cause::ParameterInvalid("code_challenge_method")),
    }
}

/// Checks a request whose redirect URI is proven; every error may be sent there.
///
/// # Errors
/// The cause of the first rule that does not hold.
pub fn validate(
    realm: &Realm,
    client: &Client,
    target: RedirectTarget,
    parameters: &Parameters,
) -> Result<AuthorizationRequest, Cause> {
    understand(parameters)?;
    let params = &parameters.params;
    if params.find("request").is_some() {
        return Err(Cause::RequestObjectUnsupported);
    }
    if params.find("request_uri").is_some() {
        return Err(Cause::RequestUriUnsupported);
    }
    check_demands(client)?;
    check_response_type(client, params)?;
    let mode = ResponseMode::parse(params.find("response_mode"))?;
    let scopes = scope::check(realm, client, params.find("scope"))?;
    let resources = check_resources(realm, params.all("resource"))?;
    let code_challenge = check_challenge(client, params)?;
    Ok(AuthorizationRequest {
        target,
        mode,
        state: parameters.state(),
        scopes,
        resources,
        nonce: params.find("nonce").filter(|nonce| nonce.len() <= MAX_NONCE).map(str::to_owned),
        prompt: Prompt::parse(params.find("prompt")),
        max_age: check_max_age(client, params)?,
        login_hint: parameters.find("login_hint").map(str::to_owned),
        id_token_hint: parameters.find("id_token_hint").map(str::to_owned),
        code_challenge,
        acr_values: words(params.find("acr_values")).map(str::to_owned).collect(),
    })
}

/// A client that wants its requests pushed or signed gets no answer to others.
fn check_demands(client: &Client) -> Result<(), Cause> {
    if client.is_on("require.pushed.authorization.requests") {
        return Err(Cause::PushedRequestRequired);
    }
    match client.attribute("request.object.required") {
        None | Some("not required") => Ok(()),
        Some(_) => Err(Cause::RequestObjectRequired),
    }
}

fn check_response_type(client: &Client, params: &Params) -> Result<(), Cause> {
    let value = params.require("response_type")?;
    if value.split(' ').any(|part| part != "code") {
        // No implicit and no hybrid flow (OAuth 2.1 §10.1).
        return Err(if value == "none" {
            Cause::ResponseTypeUnsupported
        } else {
            Cause::ResponseTypeNotAllowed
        });
    }
    if client.standard_flow { Ok(()) } else { Err(Cause::StandardFlowDisabled) }
}

/// Each `resource` must be one that the realm knows (RFC 8707 §2, DESIGN §5.15).
///
/// # Errors
/// [`Cause::ResourceUnknown`].
pub fn check_resources<'a>(
    realm: &Realm,
    asked: impl Iterator<Item = &'a str>,
) -> Result<Vec<String>, Cause> {
    let mut resources: Vec<String> = Vec::new();
    for uri in asked {
        let resource = realm.resource(uri).ok_or(Cause::ResourceUnknown)?;
        if !resources.contains(&resource.uri) {
            resources.push(resource.uri.clone());
        }
    }
    Ok(resources)
}

/// PKCE (RFC 7636 §4.3): only S256, and no method means `plain`, which is not offered.
fn check_challenge(client: &Client, params: &Params) -> Result<Option<String>, Cause> {
    match (params.find("code_challenge"), params.find("code_challenge_method")) {
        (None, None) if client.requires_pkce() => Err(Cause::ParameterMissing("code_challenge_method")),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Cause::ParameterMissing("code_challenge")),
        (Some(_), None) => Err(Cause::ParameterMissing("code_challenge_method")),
        (Some(_), Some(method)) if method != "S256" => Err(Cause::ParameterInvalid("code_challenge_method")),
        (Some(challenge), Some(_)) if is_challenge(challenge) => Ok(Some(challenge.to_owned())),
        (Some(_), Some(_)) => Err(Cause::ParameterInvalid("code_challenge")),
    }
}

/// A SHA-256 hash in base64url: 43 characters.
pub(crate) fn is_challenge(value: &str) -> bool {
    value.len() == 43
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn check_max_age(client: &Client, params: &Params) -> Result<Option<i64>, Cause> {
    let asked = params.find_filled("max_age").or_else(|| client.attribute("default.max.age"));
    let Some(value) = asked else { return Ok(None) };
    let seconds = value.parse::<i64>().map_err(|_| Cause::ParameterInvalid("max_age"))?;
    // A negative age asks for nothing, as in Keycloak.
    Ok(Some(seconds).filter(|seconds| *seconds >= 0))
}

impl Prompt {
    /// Reads the values that are known; others are ignored, as Keycloak does.
    fn parse(value: Option<&str>) -> Self {
        let has = |name| words(value).any(|part| part == name);
        let none = has("none");
        // `none` beside another value can only be refused (OpenID Connect Core §3.1.2.1); whoever wants another
        // account wants to sign in.
        Self { none, login: has("login") || (none && has("select_account")), consent: has("consent") }
    }
}

/// The values of a parameter that holds several.
fn words(value: Option<&str>) -> impl Iterator<Item = &str> {
    value.unwrap_or_default().split(' ').filter(|word| !word.is_empty())
}
