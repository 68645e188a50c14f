//! `sekisho serve` on files that outlive it: a test ends it, damages what it left, and starts it again.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

use anyhow::{Context as _, Result, bail, ensure};
use sekisho_e2e::binary;
use serde_json::Value;
use tempfile::TempDir;

use super::realm::{self, Events, REALM};

/// The name under which the server is known. It stays the same over restarts, though the port does not.
pub(crate) const HOSTNAME: &str = "http://sekisho.test";

/// The files of one server.
pub(crate) struct Place {
    scratch: TempDir,
    /// Holds the database and its key.
    folder: PathBuf,
}

impl Place {
    /// A folder of its own.
    pub(crate) fn new(events: Events) -> Result<Self> {
        let scratch = tempfile::tempdir()?;
        let folder = scratch.path().join("kept");
        fs::create_dir(&folder)?;
        Self { scratch, folder }.with_realm(events)
    }

    /// A folder on another disk.
    #[cfg(feature = "faults")]
    pub(crate) fn on(folder: &Path, events: Events) -> Result<Self> {
        Self { scratch: tempfile::tempdir()?, folder: folder.to_owned() }.with_realm(events)
    }

    fn with_realm(self, events: Events) -> Result<Self> {
        self.write_realm(REALM, events)?;
        Ok(self)
    }

    /// The place of a server that was started once and stopped.
    pub(crate) fn used() -> Result<Self> {
        let place = Self::new(Events::Kept)?;
        ensure!(Server::start(&place)?.stop()?.success(), "a sound server ends well");
        Ok(place)
    }

    /// The folder of the database and its key.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("sekisho.db")
    }

    /// What the file system says of SQLite's write-ahead log.
    pub(crate) fn log(&self) -> Result<fs::Metadata> {
        Ok(fs::metadata(self.folder.join("sekisho.db-wal"))?)
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.folder.join("sekisho.key")
    }

    /// Where a test may put what is not the server's.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Writes a realm document; gives the file.
    pub(crate) fn write_realm(&self, name: &str, events: Events) -> Result<PathBuf> {
        let file = self.scratch(&format!("{name}.json"));
        fs::write(&file, realm::document(name, events).to_string())?;
        Ok(file)
    }

    /// `sekisho serve` on this place, on free ports, with the realm imported.
    pub(crate) fn serve(&self) -> Result<Command> {
        let mut command = binary::command(&["serve", "--log-format", "json", "--hostname", HOSTNAME])?;
        command
            .args(["--listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0"])
            .arg("--database")
            .arg(self.database())
            .arg("--import")
            .arg(self.scratch(&format!("{REALM}.json")));
        Ok(command)
    }

    /// Starts a server that must refuse to run; gives what it said.
    pub(crate) fn refusal(&self) -> Result<String> {
        refusal(self.serve()?)
    }
}

/// Runs a server that must refuse to run: it ends by itself with a failure, and says why.
pub(crate) fn refusal(command: Command) -> Result<String> {
    match start(command)? {
        Start::Running(_) => bail!("it runs"),
        Start::Ended { status, said } => {
            ensure!(status.code() == Some(1), "ended with {status}: {said}");
            Ok(said)
        }
    }
}

/// The same command under another program that executes it in the end.
#[cfg(feature = "faults")]
pub(crate) fn under(program: &str, words: &[&str], command: &Command) -> Command {
    let mut outer = Command::new(program);
    outer.args(words).arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    outer
}

/// A running server; it ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: String,
    /// What it says after the line that it runs.
    rest: Option<JoinHandle<String>>,
    said: String,
}

enum Start {
    Running(Server),
    Ended { status: ExitStatus, said: String },
}

impl Server {
    pub(crate) fn start(place: &Place) -> Result<Self> {
        Self::start_with(place.serve()?)
    }

    pub(crate) fn start_with(command: Command) -> Result<Self> {
        match start(command)? {
            Start::Running(server) => Ok(server),
            Start::Ended { status, said } => bail!("ended with {status}: {said}"),
        }
    }

    /// Its process id.
    pub(crate) fn process(&self) -> String {
        self.child.id().to_string()
    }

    /// What the server said before it was ready.
    pub(crate) fn said_at_start(&self) -> &str {
        &self.said
    }

    /// SIGKILL: no destructor, no flush, no farewell.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Sends a signal by its name, such as `TERM`. `kill` is part of every shell, while the standard library
    /// has no other signal than SIGKILL.
    pub(crate) fn signal(&self, name: &str) -> Result<()> {
        let status =
            Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &self.process()]).status()?;
        ensure!(status.success(), "SIG{name} could not be sent: {status}");
        Ok(())
    }

    /// SIGTERM, and waits for the end.
    pub(crate) fn stop(mut self) -> Result<ExitStatus> {
        self.signal("TERM")?;
        Ok(self.child.wait()?)
    }

    /// Waits for the end; gives how it ended and all that it said.
    pub(crate) fn wait(mut self) -> Result<(ExitStatus, String)> {
        let status = self.child.wait()?;
        let rest = self.rest.take().context("read once")?.join().ok().context("the log could not be read")?;
        Ok((status, format!("{}{rest}", self.said)))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Starts a server and waits until it says that it runs, or ends.
fn start(mut command: Command) -> Result<Start> {
    let mut child =
        command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().with_context(|| {
            format!("{} does not start: is it installed?", command.get_program().display())
        })?;
    let mut stderr = BufReader::new(child.stderr.take().context("no stderr")?);
    let mut said = String::new();
    loop {
        let mut line = String::new();
        if stderr.read_line(&mut line)? == 0 {
            return Ok(Start::Ended { status: child.wait()?, said });
        }
        said.push_str(&line);
        if let Some(address) = address(&line) {
            let rest = Some(std::thread::spawn(|| rest(stderr)));
            return Ok(Start::Running(Server { child, address, rest, said }));
        }
    }
}

/// A pipe that nobody reads would stop the server.
fn rest(mut stderr: BufReader<ChildStderr>) -> String {
    let mut bytes = Vec::new();
    let _until_it_ends = stderr.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn address(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    line.get("server.listen")?.as_str().map(str::to_owned)
}
