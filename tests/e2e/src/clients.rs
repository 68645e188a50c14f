//! Clients and servers that others wrote, as children: Node packages and Python packages, pinned in `node/`
//! and `python/`.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use url::Url;

use crate::cli::Ended;

/// A child that prints an address first: where a person has to go, or where it listens.
pub struct Talking {
    pub address: Url,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Talking {
    pub async fn start(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("{command:?}"))?;
        let stdin = child.stdin.take().context("no stdin")?;
        let mut stdout = BufReader::new(child.stdout.take().context("no stdout")?);
        let mut line = String::new();
        stdout.read_line(&mut line).await?;
        if let Ok(address) = Url::parse(line.trim()) {
            return Ok(Self { address, child, stdin, stdout });
        }
        drop(stdin);
        let output = child.wait_with_output().await?;
        anyhow::bail!("printed {line:?} for an address: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Tells it the address that the browser was sent back to, and waits for its end.
    pub async fn finish(mut self, callback: &Url) -> Result<Ended> {
        self.stdin.write_all(format!("{callback}\n").as_bytes()).await?;
        drop(self.stdin);
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).await?;
        let output = self.child.wait_with_output().await?;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(Ended { code: output.status.code(), stdout, stderr })
    }
}

/// A script of `node/`.
pub fn node(script: &str) -> Result<Command> {
    let mut command = Command::new("node");
    command.arg(node_folder()?.join(script));
    Ok(command)
}

/// The command line of a package in `node/`.
pub fn node_package(program: &str) -> Result<Command> {
    Ok(Command::new(node_folder()?.join("node_modules/.bin").join(program)))
}

/// A script of `python/FOLDER/`, run by the environment that has its requirements.
pub fn python(folder: &str, script: &str) -> Result<Command> {
    let environments = std::env::var_os("SEKISHO_PYTHON").context(
        "SEKISHO_PYTHON names no folder: it holds one virtual environment for each folder of python/, as `.ci/run clients` makes them",
    )?;
    let mut command = Command::new(Path::new(&environments).join(folder).join("bin/python"));
    command.arg(package().join("python").join(folder).join(script));
    Ok(command)
}

pub(crate) fn node_folder() -> Result<PathBuf> {
    let folder = package().join("node");
    ensure!(folder.join("node_modules").exists(), "run `npm ci` in {}", folder.display());
    Ok(folder)
}

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
