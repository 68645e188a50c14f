//! A client that wants a token: authorization code with PKCE (OAuth 2.1 §4.1), written out.

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use tokio::net::TcpListener;
use url::Url;

use crate::cast::Cast;
use crate::http::{self, Answer};
use crate::visitor::{Arrival, Visitor};

/// One attempt at a token: what was sent, and what must come back.
pub struct CodeFlow {
    pub authorization: Url,
    pub redirect_uri: String,
    pub state: String,
    verifier: String,
    token_endpoint: String,
    /// Holds the port of the redirect URI, so that no other test answers there.
    _port: TcpListener,
}

impl CodeFlow {
    /// An attempt for these scopes and these resources.
    pub async fn begin(cast: &Cast, scope: &str, resources: &[&str]) -> Result<Self> {
        let metadata = discover(&cast.issuer).await?;
        let port = TcpListener::bind("127.0.0.1:0").await?;
        let mut redirect_uri = Url::parse(&cast.redirect_uri)?;
        if redirect_uri.scheme() == "http" {
            // RFC 8252 §7.3: the port of a loopback redirect is the client's to choose.
            let _checked = redirect_uri.set_port(Some(port.local_addr()?.port()));
        }
        let (state, verifier) = (random()?, random()?);
        let mut authorization = Url::parse(member(&metadata, "authorization_endpoint")?)?;
        let challenge = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
        authorization
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &cast.client_id)
            .append_pair("redirect_uri", redirect_uri.as_str())
            .append_pair("scope", scope)
            .append_pair("state", &state)
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(challenge))
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(resources.iter().map(|resource| ("resource", resource)));
        let token_endpoint = member(&metadata, "token_endpoint")?.to_owned();
        Ok(Self {
            authorization,
            redirect_uri: redirect_uri.into(),
            state,
            verifier,
            token_endpoint,
            _port: port,
        })
    }

    /// Takes the code out of the callback, after the checks that a client owes (`state`, and `iss` of
    /// RFC 9207), and exchanges it.
    pub async fn redeem(&self, cast: &Cast, callback: &Url) -> Result<Answer> {
        ensure!(callback.as_str().starts_with(&self.redirect_uri), "the answer went to {callback}");
        ensure!(parameter(callback, "state").as_deref() == Some(&self.state), "state: {callback}");
        ensure!(parameter(callback, "iss").as_deref() == Some(&cast.issuer), "iss: {callback}");
        let code = parameter(callback, "code").with_context(|| format!("no code: {callback}"))?;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", &self.verifier),
            ("client_id", &cast.client_id),
            ("client_secret", &cast.client_secret),
        ];
        http::post_form(&self.token_endpoint, &fields).await
    }
}

/// The whole of it: a person signs in, agrees to everything, and the client gets this access token.
pub async fn access_token(cast: &Cast, scope: &str, resources: &[&str]) -> Result<String> {
    let flow = CodeFlow::begin(cast, scope, resources).await?;
    let callback = sign_in_and_agree(&mut Visitor::default(), cast, &flow.authorization).await?;
    let answer = flow.redeem(cast, &callback).await?;
    ensure!(answer.status == 200, "token endpoint: {} {}", answer.status, answer.body);
    Ok(member(&answer.json()?, "access_token")?.to_owned())
}

/// Signs in, ticks every box, agrees; gives the address to which the browser is sent. Who has agreed before
/// is not asked again.
pub async fn sign_in_and_agree(visitor: &mut Visitor, cast: &Cast, authorization: &Url) -> Result<Url> {
    match sign_in(visitor, cast, authorization).await? {
        Arrival::Away(callback) => Ok(callback),
        Arrival::Page(consent) => {
            let mut form = consent.consent()?;
            let every_scope: Vec<String> = form.values("scope").into_iter().map(str::to_owned).collect();
            form.tick("scope", &every_scope.iter().map(String::as_str).collect::<Vec<_>>());
            visitor.press(&consent, &form, "kc-login").await?.away()
        }
    }
}

/// Follows the authorization URL and signs in with the right password.
pub async fn sign_in(visitor: &mut Visitor, cast: &Cast, authorization: &Url) -> Result<Arrival> {
    let login = visitor.open(authorization).await?.page()?;
    let mut form = login.form("kc-form-login")?;
    form.fill("username", &cast.username);
    form.fill("password", &cast.password);
    visitor.press(&login, &form, "kc-login").await
}

/// The authorization server's metadata (RFC 8414, OpenID Connect Discovery).
pub async fn discover(issuer: &str) -> Result<Value> {
    let answer = http::get(&format!("{issuer}/.well-known/openid-configuration")).await?;
    ensure!(answer.status == 200, "discovery: {} {}", answer.status, answer.body);
    answer.json()
}

/// A query parameter of an address.
pub fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn member<'a>(document: &'a Value, name: &str) -> Result<&'a str> {
    document.get(name).and_then(Value::as_str).with_context(|| format!("no {name} in {document}"))
}

fn random() -> Result<String> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).ok().context("no randomness")?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
