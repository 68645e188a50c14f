//! From a refusal to a token: signs in where there is a client to do it with (RFC 9728 §5, MCP's scope selection and step-up).

use std::collections::BTreeSet;

use anyhow::{Context, bail, ensure};

use super::Server;
use super::refusal::Refusal;
use super::scopes::{held, join, split};
use crate::client::challenge::Challenge;
use crate::client::code_flow::CodeFlow;
use crate::client::exchange::Client;
use crate::client::http::Http;
use crate::client::resource::{self, ProtectedResource};
use crate::client::{SECRET_VARIABLE, Secret, address};
use crate::output::{self, printable, shell_word};

/// A login for a token, and one more for a wider scope; a server that asks again asks in vain.
const LOGINS: usize = 2;

/// What to do after a refusal.
pub(crate) enum Next {
    TryAgain,
    GiveUp,
}

/// The token at hand and how it came about.
pub(crate) struct Access<'a> {
    server: &'a Server,
    token: Option<Secret>,
    asked: BTreeSet<String>,
    logins: usize,
}

impl<'a> Access<'a> {
    pub(crate) fn new(server: &'a Server, token: Option<Secret>) -> Self {
        Self { server, token, asked: BTreeSet::new(), logins: 0 }
    }

    pub(crate) fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }

    /// Answers a refusal: signs in where there is a client to do it with, else explains.
    pub(crate) async fn widen(&mut self, http: &Http, challenge: &Challenge) -> anyhow::Result<Next> {
        let described = resource::load(http, &self.server.url, challenge).await;
        let wanted = self.wanted(challenge, described.as_ref().ok());
        let hopeless = challenge.is_insufficient_scope() && self.logins > 0 && wanted.is_subset(&self.asked);
        match &self.server.client_id {
            Some(client_id) if self.logins < LOGINS && !hopeless => {
                self.token = Some(self.sign_in(http, client_id.clone(), &wanted, described?).await?);
                self.asked = wanted;
                self.logins += 1;
                Ok(Next::TryAgain)
            }
            _ => {
                let refusal =
                    Refusal { server: self.server, token: self.token(), challenge, wanted: &wanted };
                output::note(refusal.explain(described.as_ref()));
                Ok(Next::GiveUp)
            }
        }
    }

    /// Scopes of the challenge, else all that the resource lists, with those asked for before (step-up never
    /// narrows) and those of the token at hand where only scope is missing.
    fn wanted(&self, challenge: &Challenge, described: Option<&ProtectedResource>) -> BTreeSet<String> {
        let mut wanted = self.asked.clone();
        match (&challenge.scope, described) {
            (Some(scope), _) => wanted.extend(split(scope)),
            (None, Some(resource)) => wanted.extend(resource.scopes_supported.iter().cloned()),
            (None, None) => {}
        }
        if challenge.is_insufficient_scope() {
            wanted.extend(self.token().map(held).unwrap_or_default());
        }
        wanted
    }

    async fn sign_in(
        &self,
        http: &Http,
        id: String,
        wanted: &BTreeSet<String>,
        resource: ProtectedResource,
    ) -> anyhow::Result<Secret> {
        let secret = Secret::from_environment(SECRET_VARIABLE);
        let issuer = self.issuer(&resource, secret.as_ref())?;
        output::note(format_args!("{} asks for a login at {issuer}.", self.server.url));
        let flow = CodeFlow {
            issuer,
            client: Client { id, secret },
            scope: (!wanted.is_empty()).then(|| join(wanted)),
            resources: vec![resource.resource],
            login_hint: None,
            manner: self.server.manner.clone(),
        };
        Ok(flow.run(http).await?.access_token().clone())
    }

    /// The authorization server to sign in at. A secret goes only where the person said, or to the host of the
    /// very server they named: else any MCP server could collect it by naming an authorization server of its own.
    fn issuer(&self, resource: &ProtectedResource, secret: Option<&Secret>) -> anyhow::Result<String> {
        let named = &resource.authorization_servers;
        if let Some(issuer) = &self.server.issuer {
            let listed = named.contains(issuer);
            ensure!(listed, "{} does not take tokens of {issuer}, but of {named:?}", self.server.url);
            return Ok(issuer.clone());
        }
        let issuer = named.first().context("no authorization server")?;
        let url = address::parse_named_by(&self.server.url, issuer)?;
        if secret.is_some() && url.host_str() != self.server.url.host_str() {
            bail!(
                "{} names {} as its authorization server. To send it the client secret, say so: --issuer {}",
                self.server.url,
                printable(issuer),
                shell_word(issuer)
            );
        }
        Ok(issuer.clone())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        server: Server,
    }

    fn server(line: &str) -> Server {
        Line::try_parse_from(std::iter::once("mcp").chain(line.split_whitespace())).unwrap().server
    }

    fn resource(servers: &[&str]) -> ProtectedResource {
        ProtectedResource {
            resource: "https://rs.example/mcp".into(),
            authorization_servers: servers.iter().map(|&server| server.to_owned()).collect(),
            scopes_supported: vec!["a".into(), "b".into()],
        }
    }

    #[test]
    fn a_secret_goes_to_the_same_host_or_where_the_person_said() {
        let (other, same) = ("https://as.example", "https://rs.example/realms/a");
        for (line, named, secret, expected) in [
            ("https://rs.example/mcp", other, None, Some(other)),
            ("https://rs.example/mcp", other, Some("s"), None),
            ("https://rs.example/mcp --issuer https://as.example", other, Some("s"), Some(other)),
            ("https://rs.example/mcp --issuer https://as.example/", other, Some("s"), None),
            ("https://rs.example/mcp", same, Some("s"), Some(same)),
            ("https://rs.example/mcp", "http://localhost:8080", None, None),
            ("http://localhost:3001/mcp", "http://localhost:8080", Some("s"), Some("http://localhost:8080")),
            ("http://localhost:3001/mcp", "http://as.example", None, None),
        ] {
            let (server, secret) = (server(line), secret.map(Secret::new));
            let issuer = Access::new(&server, None).issuer(&resource(&[named]), secret.as_ref());
            assert_eq!(issuer.ok().as_deref(), expected, "{line} {named}");
        }
    }

    #[test]
    fn scopes_are_those_of_the_challenge_then_of_the_resource() {
        let server = server("https://rs.example/mcp");
        for (header, asked, expected) in [
            (r#"Bearer scope="c d""#, "", "c d"),
            ("Bearer", "", "a b"),
            (r#"Bearer error="insufficient_scope", scope="c""#, "a", "a c"),
        ] {
            let mut access = Access::new(&server, None);
            access.asked = split(asked).collect();
            let wanted = access.wanted(&Challenge::parse(header), Some(&resource(&["https://as.example"])));
            assert_eq!(join(&wanted), expected, "{header}");
        }
    }
}
