//! `sekisho mcp`: lists and calls the tools of an MCP server.

use std::process::ExitCode;

/// List and call the tools of an MCP server.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(_arguments: Args) -> anyhow::Result<ExitCode> {
    Err(std::future::ready(anyhow::anyhow!("not built in this version")).await)
}
