//! `sekisho token`: gets an access token in a browser (OAuth 2.1 §4.1, RFC 7636, RFC 8252).

use std::process::ExitCode;

/// Get an access token in a browser and print it.
#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(_arguments: Args) -> anyhow::Result<ExitCode> {
    Err(std::future::ready(anyhow::anyhow!("not built in this version")).await)
}
