//! `sekisho token`: gets an access token in a browser (OAuth 2.1 §4.1, RFC 7636, RFC 8252).

mod summary;

use std::process::ExitCode;

use url::Url;

use crate::client::code_flow::{CodeFlow, Manner};
use crate::client::exchange::Client;
use crate::client::http::Http;
use crate::client::{SECRET_VARIABLE, Secret, address};
use crate::output;

const HELP: &str = "\
A client secret is read from SEKISHO_CLIENT_SECRET; there is no flag for it. Without one the client is public.
The token alone goes to stdout, everything else to stderr.

Example:
  export SEKISHO_TOKEN=$(sekisho token --issuer http://localhost:8080/realms/myrealm --client-id mcp \\
    --scope hello --resource http://localhost:3001/mcp)

Exit codes:
  0  the token is on stdout
  1  something failed: the server cannot be reached, a port is taken, an answer cannot be trusted
  2  wrong usage
  3  the server or the person at the browser refused
  130  interrupted";

/// Get an access token in a browser and print it
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Issuer of the authorization server, character by character as the server writes it
    #[arg(long, value_name = "URL", value_parser = issuer)]
    issuer: String,
    /// Client that asks for the token
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// Scopes to ask for, separated by spaces
    #[arg(long, value_name = "SCOPES", value_parser = scope)]
    scope: Option<String>,
    /// Server the token is for (RFC 8707); may be given more than once
    #[arg(long = "resource", value_name = "URL", value_parser = resource)]
    resources: Vec<String>,
    /// User name to suggest on the login page
    #[arg(long, value_name = "NAME")]
    login_hint: Option<String>,
    /// Print the whole token response as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    manner: Manner,
}

pub(crate) async fn run(arguments: Args) -> anyhow::Result<ExitCode> {
    let Args { issuer, client_id, scope, resources, login_hint, json, manner } = arguments;
    let client = Client { id: client_id, secret: Secret::from_environment(SECRET_VARIABLE) };
    let flow = CodeFlow { issuer, client, scope, resources, login_hint, manner };
    let response = output::interruptible(flow.run(&Http::new()?)).await?;
    output::note(summary::of(&flow, &response));
    if json {
        output::data(&response.to_json()?)?;
    } else {
        output::data(response.access_token().expose())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Checked as an address, kept as it was written: issuers are compared as strings.
pub(crate) fn issuer(text: &str) -> Result<String, String> {
    let url = address::parse(text).map_err(|error| error.to_string())?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("an issuer has neither query nor fragment".to_owned());
    }
    Ok(text.to_owned())
}

/// Scope tokens of RFC 6749 §3.3, one space between them.
pub(crate) fn scope(text: &str) -> Result<String, String> {
    let legal = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    let scopes: Vec<&str> = text.split_whitespace().collect();
    match scopes.iter().find(|scope| !scope.chars().all(legal)) {
        Some(scope) => Err(format!("{scope:?} is not a scope")),
        None if scopes.is_empty() => Err("no scope in it; leave the flag out to ask for none".to_owned()),
        None => Ok(scopes.join(" ")),
    }
}

/// RFC 8707 §2: an absolute URI without a fragment. Kept as it was written.
fn resource(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if url.fragment().is_some() {
        return Err("a resource has no fragment".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::{Parser, error::ErrorKind};

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        arguments: Args,
    }

    fn parse(line: &str) -> Result<Args, ErrorKind> {
        let words = std::iter::once("token").chain(line.split_whitespace());
        Command::try_parse_from(words).map(|command| command.arguments).map_err(|error| error.kind())
    }

    const LEAST: &str = "--issuer https://as.example/a --client-id mcp";

    #[test]
    fn issuer_and_client_are_enough() {
        let arguments = parse(LEAST).ok().unwrap();
        assert_eq!((&*arguments.issuer, &*arguments.client_id), ("https://as.example/a", "mcp"));
        assert!(arguments.scope.is_none() && arguments.resources.is_empty() && !arguments.json);
    }

    #[test]
    fn resources_are_collected_in_order() {
        let arguments = parse(&format!("{LEAST} --resource https://a --resource http://b:1/c")).ok().unwrap();
        assert_eq!(arguments.resources, ["https://a", "http://b:1/c"]);
    }

    #[test]
    fn wrong_values_are_usage_errors() {
        for line in [
            "--issuer as.example --client-id mcp",
            "--issuer http://as.example --client-id mcp",
            "--issuer https://as.example?a=b --client-id mcp",
            "--issuer https://as.example/a --client-id mcp --resource mcp",
            "--issuer https://as.example/a --client-id mcp --resource https://a#b",
            "--issuer https://as.example/a --client-id mcp --redirect-uri https://app.example/callback",
            "--issuer https://as.example/a --client-id mcp --timeout 0",
            "--issuer https://as.example/a --client-id mcp --scope he\"llo",
        ] {
            assert_eq!(parse(line).err(), Some(ErrorKind::ValueValidation), "{line}");
        }
        assert_eq!(parse("--client-id mcp").err(), Some(ErrorKind::MissingRequiredArgument));
    }

    #[test]
    fn there_is_no_flag_for_a_secret() {
        for flag in ["--client-secret", "--secret", "--password"] {
            assert_eq!(parse(&format!("{LEAST} {flag} x")).err(), Some(ErrorKind::UnknownArgument), "{flag}");
        }
    }

    #[test]
    fn scopes_are_separated_by_one_space() {
        for (text, expected) in
            [("hello", Some("hello")), ("  a   b ", Some("a b")), ("", None), (" ", None), ("é", None)]
        {
            assert_eq!(scope(text).ok().as_deref(), expected, "{text:?}");
        }
    }
}
