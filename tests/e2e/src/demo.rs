//! `sekisho demo` on free ports in a folder of its own, so that tests run beside one another.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use tempfile::TempDir;

use crate::binary;
use crate::cast::Cast;

/// A running demo; it ends, and its folder goes, when this is dropped.
pub struct Demo {
    pub cast: Cast,
    pub open_mcp: String,
    pub protected_mcp: String,
    child: Child,
    folder: TempDir,
}

/// What `sekisho demo --json` prints: one line, as soon as all three servers answer.
#[derive(Deserialize)]
struct Printed {
    #[serde(flatten)]
    cast: Cast,
    open_mcp: String,
    protected_mcp: String,
}

impl Demo {
    pub fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let log = File::create(folder.path().join("stderr"))?;
        let mut child = binary::command(&["demo", "--ports", "0,0,0", "--json"])?
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("sekisho demo does not start")?;
        let stdout = child.stdout.take().context("no stdout")?;
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        let printed = read.map_err(anyhow::Error::from).and_then(|_| Ok(serde_json::from_str(&line)?));
        // From here on a failure ends the child as well.
        let printed: Printed = printed.map_err(|error| {
            let _gone = child.kill();
            let _reaped = child.wait();
            error.context(format!("sekisho demo printed {line:?}; stderr: {}", log_in(&folder)))
        })?;
        let Printed { cast, open_mcp, protected_mcp } = printed;
        Ok(Self { cast, open_mcp, protected_mcp, child, folder })
    }

    /// What the demo has said on stderr so far.
    pub fn log(&self) -> String {
        log_in(&self.folder)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn log_in(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("stderr")).unwrap_or_default()
}
