//! Refreshing (OAuth 2.1 §4.3): each connection has a family of its own.

use anyhow::{Context as _, Result, ensure};

use super::{CodeFlow, Scenario};
use crate::browser::Browser;
use crate::http::Connection;

/// A client that refreshes, and checks whether the refresh token rotates.
pub(crate) struct Refresh<'a> {
    pub(crate) flow: CodeFlow<'a>,
    pub(crate) rotates: Rotation,
}

/// Whether each refresh token is good once only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotation {
    Yes,
    No,
}

impl Scenario for Refresh<'_> {
    /// The refresh token.
    type State = String;

    async fn begin(&self, connection: &mut Connection) -> Result<String> {
        let tokens = self.flow.tokens(connection, &mut Browser::default()).await?;
        tokens.refresh_token.context("no refresh token")
    }

    async fn turn(&self, connection: &mut Connection, token: &mut String) -> Result<()> {
        let tokens = self.flow.client.refresh(connection, self.flow.provider, token).await?;
        let next = tokens.refresh_token.context("no refresh token")?;
        // One that does not rotate may still be written anew: its `iat` moves.
        ensure!(self.rotates == Rotation::No || next != *token, "the refresh token did not rotate");
        *token = next;
        Ok(())
    }
}
