//! `sekisho token` and `sekisho mcp` as a person starts them.

use std::process::{Output, Stdio};

use anyhow::{Context as _, Result};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use url::Url;

use crate::binary;
use crate::cast::Cast;

/// A command that asked for a login and waits at its redirect URI.
pub struct Waiting {
    /// Where it wants the person to go.
    pub address: Url,
    child: Child,
    stderr: BufReader<ChildStderr>,
    said: String,
}

impl Waiting {
    /// Starts `command` and reads up to the address that it prints.
    pub async fn start(mut command: Command) -> Result<Self> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context("sekisho does not start")?;
        let mut stderr = BufReader::new(child.stderr.take().context("no stderr")?);
        let mut said = String::new();
        loop {
            let mut line = String::new();
            if stderr.read_line(&mut line).await? == 0 {
                anyhow::bail!("no address to go to: {said}");
            }
            said.push_str(&line);
            // It stands on a line of its own, set off from what is said around it.
            if let Some(address) = line.strip_prefix("  ").and_then(|rest| Url::parse(rest.trim()).ok()) {
                return Ok(Self { address, child, stderr, said });
            }
        }
    }

    /// Waits for its end.
    pub async fn finish(mut self) -> Result<Ended> {
        self.stderr.read_to_string(&mut self.said).await?;
        Ok(Ended::read(&self.child.wait_with_output().await?, self.said))
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    fn read(output: &Output, stderr: String) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr,
        }
    }
}

/// Runs a command that asks for nothing.
pub async fn run(mut command: Command) -> Result<Ended> {
    let output = command.output().await.context("sekisho does not start")?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(Ended::read(&output, stderr))
}

/// `sekisho token` for the demo's client, on a free port.
pub fn token(cast: &Cast, scope: &str, resource: &str) -> Result<Command> {
    let mut command: Command = binary::command(&["token", "--issuer", &cast.issuer])?.into();
    command.args(["--client-id", &cast.client_id, "--scope", scope, "--resource", resource]);
    command.args(["--redirect-uri", &free_port(cast)?]).env("SEKISHO_CLIENT_SECRET", &cast.client_secret);
    Ok(command)
}

/// `sekisho mcp call SERVER hello`.
pub fn call_hello(server: &str) -> Result<Command> {
    Ok(binary::command(&["mcp", "call", server, "hello"])?.into())
}

/// The same, for a client that gets its token by itself.
pub fn call_hello_as_client(server: &str, cast: &Cast) -> Result<Command> {
    let mut command = call_hello(server)?;
    command.args(["--client-id", &cast.client_id, "--redirect-uri", &free_port(cast)?]);
    command.env("SEKISHO_CLIENT_SECRET", &cast.client_secret);
    Ok(command)
}

/// The registered redirect URI with port 0: a port that is free.
fn free_port(cast: &Cast) -> Result<String> {
    let mut redirect_uri = Url::parse(&cast.redirect_uri)?;
    let _checked = redirect_uri.set_port(Some(0));
    Ok(redirect_uri.into())
}
