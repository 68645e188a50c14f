//! What a client does again and again.

mod code_flow;
mod login;
mod refresh;
mod repeat;

use anyhow::Result;

use crate::http::Connection;

pub(crate) use code_flow::CodeFlow;
pub(crate) use login::Login;
pub(crate) use refresh::{Refresh, Rotation};
pub(crate) use repeat::Repeat;

/// A turn that can be taken over and over on one connection. Any unexpected answer is an error.
pub(crate) trait Scenario {
    /// What a connection keeps from one turn to the next.
    type State;

    async fn begin(&self, connection: &mut Connection) -> Result<Self::State>;

    async fn turn(&self, connection: &mut Connection, state: &mut Self::State) -> Result<()>;
}
