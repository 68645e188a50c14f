//! The code flow whole: discovery, browser, callback, token. Reads as the steps of OAuth 2.1 §4.1.

use std::time::Duration;

use super::authorization::{Attempt, AuthorizationRequest};
use super::browser::{self, Browser};
use super::callback::Listener;
use super::discovery;
use super::exchange::{self, Client, TokenResponse};
use super::http::Http;
use super::redirect_uri::RedirectUri;

/// What one login asks for.
pub(crate) struct CodeFlow {
    pub(crate) issuer: String,
    pub(crate) client: Client,
    pub(crate) scope: Option<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) login_hint: Option<String>,
    pub(crate) manner: Manner,
}

/// How a login is carried out on this machine.
#[derive(Clone, clap::Args)]
pub(crate) struct Manner {
    /// Loopback address the browser comes back to, as registered for the client; port 0 takes a free one
    #[arg(long, value_name = "URI", default_value = "http://localhost:8888/callback")]
    redirect_uri: RedirectUri,
    /// Do not open a browser, only print the address
    #[arg(long)]
    no_browser: bool,
    /// How long to wait for the login
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
}

impl Manner {
    fn browser(&self) -> Browser {
        if self.no_browser { Browser::Leave } else { Browser::Open }
    }
}

impl CodeFlow {
    /// Gets a token in the browser.
    pub(crate) async fn run(&self, http: &Http) -> anyhow::Result<TokenResponse> {
        let server = discovery::load(http, &self.issuer).await?;
        let listener = Listener::bind(&self.manner.redirect_uri).await?;
        let redirect_uri = listener.redirect_uri().clone();
        let attempt = Attempt::start(&server)?;
        let request = AuthorizationRequest {
            client_id: &self.client.id,
            redirect_uri: redirect_uri.as_str(),
            scope: self.scope.as_deref(),
            resources: &self.resources,
            login_hint: self.login_hint.as_deref(),
        };
        browser::show(&attempt.address(&server, &request), self.manner.browser());
        let code = listener.wait(attempt, Duration::from_secs(self.manner.timeout)).await?;
        exchange::redeem(http, &server, &self.client, &code, redirect_uri.as_str(), &self.resources).await
    }
}
