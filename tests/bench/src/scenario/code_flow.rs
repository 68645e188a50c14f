//! Authorization code with PKCE in a browser that is signed in already (OAuth 2.1 §4.1): two requests.

use anyhow::{Result, ensure};

use super::Scenario;
use crate::browser::Browser;
use crate::client::{Client, Tokens};
use crate::http::Connection;
use crate::provider::Provider;

/// A client that sends a signed-in browser for a code and redeems it.
pub(crate) struct CodeFlow<'a> {
    pub(crate) provider: &'a Provider,
    pub(crate) client: Client,
    pub(crate) scope: &'static str,
}

impl CodeFlow<'_> {
    /// Gets tokens; a browser that is not signed in yet is by then.
    pub(crate) async fn tokens(&self, connection: &mut Connection, browser: &mut Browser) -> Result<Tokens> {
        let target = self.client.authorization(self.provider, self.scope);
        let code = browser.authorize(connection, &self.provider.host, &target).await?;
        self.client.redeem(connection, self.provider, &code).await
    }
}

impl Scenario for CodeFlow<'_> {
    type State = Browser;

    async fn begin(&self, connection: &mut Connection) -> Result<Browser> {
        let mut browser = Browser::default();
        self.tokens(connection, &mut browser).await?;
        Ok(browser)
    }

    async fn turn(&self, connection: &mut Connection, browser: &mut Browser) -> Result<()> {
        let tokens = self.tokens(connection, browser).await?;
        let wants_id_token = self.scope.split(' ').any(|scope| scope == "openid");
        ensure!(tokens.id_token.is_some() == wants_id_token, "an ID token is there or missing");
        Ok(())
    }
}
