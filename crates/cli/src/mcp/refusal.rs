//! Explains a refusal: what is missing, whom to ask, and the command that does it.

use std::collections::BTreeSet;

use url::Url;

use super::scopes::{held, join};
use super::{Server, TOKEN_VARIABLE};
use crate::client::Secret;
use crate::client::challenge::Challenge;
use crate::client::resource::ProtectedResource;
use crate::output::{self, printable, shell_word};

/// A refusal, to be told.
pub(crate) struct Refusal<'a> {
    pub(super) server: &'a Server,
    pub(super) token: Option<&'a Secret>,
    pub(super) challenge: &'a Challenge,
    pub(super) wanted: &'a BTreeSet<String>,
}

impl Refusal<'_> {
    pub(crate) fn explain(&self, described: Result<&ProtectedResource, &anyhow::Error>) -> String {
        let mut lines = vec![format!("{} {}", output::emphasis("refused:"), self.headline())];
        if let Some(text) = &self.challenge.error_description {
            lines.push(format!("  {:<22} {}", "it says", printable(text)));
        }
        let missing = self.missing();
        if !missing.is_empty() {
            let label = if self.token.is_some() { "scope missing" } else { "scope needed" };
            lines.push(format!("  {label:<22} {}", printable(&missing)));
        }
        match described {
            Ok(resource) => {
                let servers = resource.authorization_servers.join(", ");
                lines.push(format!("  {:<22} {}", "authorization server", printable(&servers)));
                lines.push(String::new());
                lines.extend(self.advice(resource));
            }
            Err(error) => lines.push(format!("  {:<22} not known: {error:#}", "authorization server")),
        }
        lines.join("\n")
    }

    fn headline(&self) -> String {
        let url: &Url = &self.server.url;
        match (self.token, self.challenge.error.as_deref()) {
            (None, _) => format!("{url} wants a token"),
            (Some(_), Some("insufficient_scope")) => {
                format!("{url} takes this token, but its scope is too small")
            }
            (Some(_), Some(error)) => format!("{url} does not take this token ({})", printable(error)),
            (Some(_), None) => format!("{url} does not take this token"),
        }
    }

    fn missing(&self) -> String {
        let held = self.token.map(held).unwrap_or_default();
        join(&self.wanted.difference(&held).cloned().collect())
    }

    /// The command that gets a fitting token, ready to be pasted.
    fn advice(&self, resource: &ProtectedResource) -> Vec<String> {
        let issuer = resource.authorization_servers.first().map_or("URL", String::as_str);
        let client_id = self.server.client_id.as_deref().unwrap_or("CLIENT_ID");
        let mut command = format!(
            "sekisho token --issuer {} --client-id {} --resource {}",
            shell_word(issuer),
            shell_word(client_id),
            shell_word(&resource.resource)
        );
        if !self.wanted.is_empty() {
            command = format!("{command} --scope {}", shell_word(&join(self.wanted)));
        }
        vec![
            "Get one and try again (SEKISHO_CLIENT_SECRET holds the secret of a confidential client):"
                .to_owned(),
            format!("  export {TOKEN_VARIABLE}=$({command})"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::mcp::scopes::split;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        server: Server,
    }

    #[test]
    fn what_a_server_says_cannot_add_a_command_to_the_one_that_is_printed() {
        let server = Line::parse_from(["mcp", "https://rs.example/mcp"]).server;
        let challenge = Challenge { error_description: Some("a\rb\x1b[2J".into()), ..Challenge::default() };
        let wanted = split("$(reboot)").collect();
        let refusal = Refusal { server: &server, token: None, challenge: &challenge, wanted: &wanted };
        let resource = ProtectedResource {
            resource: "https://rs.example/mcp".into(),
            authorization_servers: vec!["https://as.example/';reboot;'".into()],
            scopes_supported: Vec::new(),
        };
        let text = refusal.explain(Ok(&resource));
        assert!(text.contains("--scope '$(reboot)'"), "{text}");
        assert!(text.contains(r"--issuer 'https://as.example/'\'';reboot;'\'''"), "{text}");
        assert!(!text.contains(['\r', '\x1b']), "{text:?}");
    }
}
