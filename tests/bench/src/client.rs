//! A client of either provider: what it sends, and the tokens it gets.

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use crate::http::{Connection, Request, encode};
use crate::provider::Provider;
use crate::realm::RESOURCE;

pub(crate) const REDIRECT_URI: &str = "http://localhost:8888/callback";
/// RFC 7636, appendix B. What is measured is the server, which sees it for the first time each time.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A client and how it authenticates.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    pub(crate) id: &'static str,
    /// Sent as `client_secret_basic`; a public client has none.
    pub(crate) secret: Option<&'static str>,
}

/// An answer of the token endpoint.
#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "as OAuth and OpenID Connect name them")]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    pub(crate) id_token: Option<String>,
}

impl Client {
    /// The target of an authorization request for the bench's resource.
    pub(crate) fn authorization(&self, provider: &Provider, scope: &str) -> String {
        let mut fields = vec![
            ("response_type", "code"),
            ("client_id", self.id),
            ("redirect_uri", REDIRECT_URI),
            ("scope", scope),
            ("state", "af0ifjsldkj"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        // A token for the resource where its scope is asked for, one for UserInfo otherwise.
        if scope.contains("hello") {
            fields.push(("resource", RESOURCE));
        }
        format!("{}?{}", provider.paths.authorization, encode(&fields))
    }

    /// Redeems a code.
    pub(crate) async fn redeem(
        &self,
        connection: &mut Connection,
        provider: &Provider,
        code: &str,
    ) -> Result<Tokens> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        self.ask(connection, provider, &fields).await
    }

    pub(crate) async fn refresh(
        &self,
        connection: &mut Connection,
        provider: &Provider,
        token: &str,
    ) -> Result<Tokens> {
        self.ask(connection, provider, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// A request for a token of its own for these parameters.
    pub(crate) fn client_credentials(&self, provider: &Provider, more: &[(&str, &str)]) -> Vec<u8> {
        let fields = [&[("grant_type", "client_credentials")], more].concat();
        self.post(provider, provider.paths.token, &fields)
    }

    /// Asks the token endpoint.
    pub(crate) async fn ask(
        &self,
        connection: &mut Connection,
        provider: &Provider,
        fields: &[(&str, &str)],
    ) -> Result<Tokens> {
        let request = self.post(provider, provider.paths.token, fields);
        let response = connection.exchange(&request).await?.expect(200)?;
        serde_json::from_str(response.body).with_context(|| response.body.to_owned())
    }

    /// A form to `target`, authenticated.
    pub(crate) fn post(&self, provider: &Provider, target: &str, fields: &[(&str, &str)]) -> Vec<u8> {
        let request = Request::post(&provider.host, target);
        match self.secret {
            Some(secret) => {
                let credentials = BASE64_STANDARD.encode(format!("{}:{secret}", self.id));
                request.header("authorization", &format!("Basic {credentials}")).form(fields)
            }
            None => request.form(&[fields, &[("client_id", self.id)]].concat()),
        }
    }
}
