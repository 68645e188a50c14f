//! The one binary, `sekisho`: each subcommand is a file of its own with `Args` and `run`.

mod client;
mod mcp;
mod output;
mod token;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// OAuth 2.1 / OpenID Connect authorization server, guard and command line for MCP servers.
#[derive(Parser)]
#[command(name = "sekisho", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Token(Box<token::Args>),
    Mcp(Box<mcp::Args>),
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Token(arguments) => token::run(*arguments).await,
        Command::Mcp(arguments) => mcp::run(*arguments).await,
    };
    outcome.unwrap_or_else(|failure| output::report(&failure))
}
