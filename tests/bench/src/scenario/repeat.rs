//! The same request, byte for byte.

use anyhow::{Result, ensure};

use super::Scenario;
use crate::http::Connection;

/// A request and what its answer must hold.
pub(crate) struct Repeat {
    pub(crate) request: Vec<u8>,
    pub(crate) holds: &'static str,
}

impl Scenario for Repeat {
    type State = ();

    async fn begin(&self, connection: &mut Connection) -> Result<()> {
        self.turn(connection, &mut ()).await
    }

    async fn turn(&self, connection: &mut Connection, (): &mut ()) -> Result<()> {
        let response = connection.exchange(&self.request).await?.expect(200)?;
        ensure!(response.body.contains(self.holds), "no {} in {}", self.holds, response.body);
        Ok(())
    }
}
