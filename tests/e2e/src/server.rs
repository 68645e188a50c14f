//! `sekisho serve` on free ports in a folder of its own, with a realm from `realms/`.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tempfile::TempDir;

use crate::binary;
use crate::cast::Cast;

/// The password of `admin` in realm master.
pub const ADMINISTRATOR_PASSWORD: &str = "admin-of-the-story";
const DATABASE: &str = "sekisho.db";
/// How long a line of the log may take before the test has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server; it ends, and its folder goes, when this is dropped.
pub struct Server {
    /// Who takes part, as the realm's file says.
    pub cast: Cast,
    /// Where it is reached.
    pub address: String,
    child: Child,
    log: Receiver<String>,
    folder: TempDir,
}

impl Server {
    /// Starts with `realms/NAME.json`, which has one user and one client.
    pub fn start(realm: &str) -> Result<Self> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("realms").join(format!("{realm}.json"));
        let mut server = Self::spawn(&["--import".as_ref(), file.as_os_str()])?;
        server.cast = cast(&file, &format!("{}/realms/{realm}", server.address))?;
        Ok(server)
    }

    /// Starts with nothing but the administrator `admin` of realm master.
    pub fn start_empty() -> Result<Self> {
        Self::spawn(&[])
    }

    fn spawn(arguments: &[&OsStr]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut child = spawn(arguments, folder.path())?;
        let lines = lines(child.stderr.take().context("no stderr")?);
        let mut said = String::new();
        let address = lines.iter().find_map(|line: String| {
            said.push_str(&line);
            said.push('\n');
            address(&line)
        });
        // From here on the child ends with the server.
        let mut server = Self { cast: Cast::default(), address: String::new(), child, log: lines, folder };
        server.address = address.with_context(|| format!("sekisho serve does not run: {said}"))?;
        Ok(server)
    }

    /// A command that works on the server's database, beside it.
    pub fn beside(&self, words: &[&str]) -> Result<tokio::process::Command> {
        let mut command: tokio::process::Command = binary::command(words)?.into();
        command.arg("--database").arg(self.folder.path().join(DATABASE));
        Ok(command)
    }

    /// The next event of the log with this field.
    pub fn logged(&self, field: &str) -> Result<Value> {
        loop {
            let line =
                self.log.recv_timeout(PATIENCE).with_context(|| format!("nothing logged with {field}"))?;
            if let Some(event) =
                serde_json::from_str::<Value>(&line).ok().filter(|it| it.get(field).is_some())
            {
                return Ok(event);
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn spawn(arguments: &[&OsStr], folder: &Path) -> Result<Child> {
    let mut command = binary::command(&["serve", "--listen=127.0.0.1:0", "--management-listen=127.0.0.1:0"])?;
    command.arg("--log-format=json").args(arguments);
    command.env("KC_BOOTSTRAP_ADMIN_USERNAME", "admin");
    command.env("KC_BOOTSTRAP_ADMIN_PASSWORD", ADMINISTRATOR_PASSWORD);
    command.arg("--database").arg(folder.join(DATABASE));
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().context("sekisho serve does not start")
}

/// The lines of the log. Read to its end whether somebody listens or not: a full pipe would stop the server.
fn lines(stderr: ChildStderr) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let _nobody_listens = sender.send(line);
        }
    });
    receiver
}

/// The public address, from the event that says that it runs.
fn address(line: &str) -> Option<String> {
    let event: Value = serde_json::from_str(line).ok()?;
    Some(event.get("server.hostname")?.as_str()?.to_owned())
}

fn cast(file: &PathBuf, issuer: &str) -> Result<Cast> {
    let realm: Value = serde_json::from_slice(&fs::read(file)?)?;
    let text = |pointer: &str| {
        let value = realm.pointer(pointer).and_then(Value::as_str);
        value.map(str::to_owned).with_context(|| format!("{}: no {pointer}", file.display()))
    };
    Ok(Cast {
        issuer: issuer.to_owned(),
        username: text("/users/0/username")?,
        password: text("/users/0/credentials/0/value")?,
        client_id: text("/clients/0/clientId")?,
        client_secret: text("/clients/0/secret")?,
        redirect_uri: text("/clients/0/redirectUris/0")?,
    })
}
