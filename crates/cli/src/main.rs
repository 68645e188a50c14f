//! The one binary, `sekisho`: each subcommand is a file of its own with `Args` and `run`.

mod administration;
mod check_config;
mod client;
mod demo;
mod events;
mod hostname;
mod keys;
mod log;
mod mcp;
mod open;
mod output;
mod policy;
mod ports;
mod realm;
mod running;
mod serve;
mod token;
mod user;

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
    Demo(Box<demo::Args>),
    Serve(Box<serve::Args>),
    Token(Box<token::Args>),
    Mcp(Box<mcp::Args>),
    Realm(Box<realm::Args>),
    Policy(Box<policy::Args>),
    Events(Box<events::Args>),
    User(Box<user::Args>),
    Keys(Box<keys::Args>),
    CheckConfig(Box<check_config::Args>),
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Demo(arguments) => demo::run(*arguments).await,
        Command::Serve(arguments) => serve::run(*arguments).await,
        Command::Token(arguments) => token::run(*arguments).await,
        Command::Mcp(arguments) => mcp::run(*arguments).await,
        Command::Realm(arguments) => realm::run(*arguments).await,
        Command::Policy(arguments) => policy::run(*arguments).await,
        Command::Events(arguments) => events::run(*arguments).await,
        Command::User(arguments) => user::run(*arguments).await,
        Command::Keys(arguments) => keys::run(*arguments).await,
        Command::CheckConfig(arguments) => check_config::run(*arguments).await,
    };
    outcome.unwrap_or_else(|failure| output::report(&failure))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_command_explains_itself() {
        let mut root = Cli::command();
        root.build();
        let mut all: Vec<&clap::Command> =
            root.get_subcommands().filter(|command| command.get_name() != "help").collect();
        let mut seen = 0;
        while let Some(command) = all.pop() {
            let name = command.get_bin_name().unwrap_or_default();
            assert!(command.get_about().is_some(), "{name}");
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(after.contains("Example") && after.contains("Exit codes:"), "{name}: {after}");
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{name}: {}", argument.get_id());
            }
            all.extend(command.get_subcommands().filter(|command| command.get_name() != "help"));
            seen += 1;
        }
        assert!(seen >= 12, "{seen} commands were looked at");
    }
}
