//! A sign-in from nothing: the page, then name and password, then a code. Two requests and one hash.

use anyhow::Result;

use super::Scenario;
use crate::browser::Browser;
use crate::client::Client;
use crate::http::Connection;
use crate::provider::Provider;

/// A browser that was never here before.
pub(crate) struct Login<'a> {
    pub(crate) provider: &'a Provider,
    pub(crate) client: Client,
}

impl Scenario for Login<'_> {
    type State = ();

    async fn begin(&self, _connection: &mut Connection) -> Result<()> {
        Ok(())
    }

    async fn turn(&self, connection: &mut Connection, (): &mut ()) -> Result<()> {
        let target = self.client.authorization(self.provider, "openid");
        Browser::default().authorize(connection, &self.provider.host, &target).await.map(|_| ())
    }
}
