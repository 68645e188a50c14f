//! `sekisho mcp`: lists and calls the tools of an MCP server, and signs in where the server asks for it.

mod access;
mod arguments;
mod connection;
mod refusal;
mod render;
mod scopes;

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use url::Url;

use crate::client::Secret;
use crate::client::code_flow::Manner;
use crate::client::http::Http;
use crate::{output, token};
use access::{Access, Next};
use connection::{Failure, Operation, Outcome};

const TOKEN_VARIABLE: &str = "SEKISHO_TOKEN";

const HELP: &str = "\
The token is read from SEKISHO_TOKEN or --token-file; there is no flag for it. With --client-id the command signs in
by itself where the server asks for a token; a client secret is read from SEKISHO_CLIENT_SECRET.

Examples:
  sekisho mcp list http://localhost:3000/mcp
  sekisho mcp call http://localhost:3001/mcp hello --client-id mcp
  SEKISHO_TOKEN=$(sekisho token …) sekisho mcp call http://localhost:3001/mcp hello

Exit codes:
  0  done
  1  something failed, the tool among others
  2  wrong usage
  3  the server refused: no token, one it does not take, or one without the scope
  130  interrupted";

/// List and call the tools of an MCP server
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the tools
    #[command(after_help = HELP)]
    List {
        #[command(flatten)]
        server: Server,
    },
    /// Call a tool and print the text of its answer
    #[command(after_help = HELP)]
    Call {
        #[command(flatten)]
        server: Server,
        /// Name of the tool
        tool: String,
        #[command(flatten)]
        arguments: arguments::Arguments,
    },
}

/// Which server, and with what right.
#[derive(clap::Args)]
struct Server {
    /// Address of the MCP server (streamable HTTP)
    #[arg(value_parser = server_url)]
    url: Url,
    /// Read the token from this file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Sign in as this client where the server asks for a token
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Authorization server the client is registered at; needed where its secret would leave for another host
    #[arg(long, value_name = "URL", value_parser = token::issuer)]
    issuer: Option<String>,
    /// Print the whole result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    manner: Manner,
}

pub(crate) async fn run(arguments: Args) -> anyhow::Result<ExitCode> {
    let (server, operation) = match arguments.command {
        Command::List { server } => (server, Operation::List),
        Command::Call { server, tool, arguments } => {
            (server, Operation::Call { tool, arguments: arguments.into_object() })
        }
    };
    // Read before Ctrl-C is handled: waiting for standard input must end as it does everywhere.
    let token = server.token()?;
    output::interruptible(Box::pin(perform(&server, token, &operation))).await
}

/// Tries with the token at hand; signs in at most twice: for a token, and once more for a wider scope.
async fn perform(server: &Server, token: Option<Secret>, operation: &Operation) -> anyhow::Result<ExitCode> {
    let http = Http::new()?;
    let mut access = Access::new(server, token);
    loop {
        let challenge = match connection::perform(&server.url, access.token(), operation).await {
            Ok(outcome) => return render::show(&outcome, server.json),
            Err(Failure::Challenged(challenge)) => challenge,
            Err(Failure::Broken(failure)) => return Err(failure),
        };
        match access.widen(&http, &challenge).await? {
            Next::TryAgain => {}
            Next::GiveUp => return Ok(output::refused()),
        }
    }
}

impl Server {
    fn token(&self) -> anyhow::Result<Option<Secret>> {
        let Some(file) = &self.token_file else {
            return Ok(Secret::from_environment(TOKEN_VARIABLE));
        };
        let mut text = String::new();
        if file.as_os_str() == "-" {
            std::io::stdin()
                .read_to_string(&mut text)
                .context("cannot read the token from standard input")?;
        } else {
            text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read the token from {}", file.display()))?;
        }
        let token = text.trim();
        anyhow::ensure!(!token.is_empty(), "there is no token in {}", file.display());
        Ok(Some(Secret::new(token)))
    }
}

fn server_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" if url.fragment().is_none() => Ok(url),
        "http" | "https" => Err("the address of a server has no fragment".to_owned()),
        other => Err(format!("{other} is not http or https")),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Parser, error::ErrorKind};

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Args,
    }

    fn parse(line: &str) -> Result<Command, ErrorKind> {
        let words = std::iter::once("mcp").chain(line.split_whitespace());
        Line::try_parse_from(words).map(|line| line.arguments.command).map_err(|error| error.kind())
    }

    #[test]
    fn usage_is_checked_before_anything_is_sent() {
        for (line, expected) in [
            ("list http://localhost:3000/mcp", None),
            ("call http://localhost:3000/mcp hello --arg a=b --arg c=d", None),
            ("call http://localhost:3000/mcp hello --arguments {}", None),
            ("call http://localhost:3000/mcp", Some(ErrorKind::MissingRequiredArgument)),
            ("call http://localhost:3000/mcp hello --arg a", Some(ErrorKind::ValueValidation)),
            ("call http://localhost:3000/mcp hello --arguments []", Some(ErrorKind::ValueValidation)),
            ("list localhost:3000/mcp", Some(ErrorKind::ValueValidation)),
            ("list ftp://localhost/mcp", Some(ErrorKind::ValueValidation)),
            ("list http://localhost:3000/mcp#a", Some(ErrorKind::ValueValidation)),
            ("list http://localhost:3000/mcp --token abc", Some(ErrorKind::UnknownArgument)),
            ("list http://localhost:3000/mcp --issuer http://as.example", Some(ErrorKind::ValueValidation)),
        ] {
            assert_eq!(parse(line).err(), expected, "{line}");
        }
    }

    #[test]
    fn token_of_a_file_is_read_without_the_line_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let line = format!("list http://localhost/mcp --token-file {}", file.path().display());
        let Ok(Command::List { server }) = parse(&line) else { panic!("{line}") };
        assert!(server.token().is_err(), "an empty file holds no token");
        std::fs::write(file.path(), "abc.def\r\n").unwrap();
        assert_eq!(server.token().unwrap().unwrap().expose(), "abc.def");
    }
}
