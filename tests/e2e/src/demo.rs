//! `sekisho demo` on free ports in a folder of its own, so that tests run beside one another.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use tempfile::TempDir;

use crate::binary;

/// A running demo; it ends, and its folder goes, when this is dropped.
pub struct Demo {
    pub story: Story,
    child: Child,
    folder: TempDir,
}

/// What `sekisho demo --json` prints: one line, as soon as all three servers answer.
#[derive(Deserialize)]
pub struct Story {
    pub issuer: String,
    pub open_mcp: String,
    pub protected_mcp: String,
    pub username: String,
    pub password: String,
    pub client_id: String,
    pub client_secret: String,
    pub redirect_uri: String,
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
        let story = read.map_err(anyhow::Error::from).and_then(|_| Ok(serde_json::from_str(&line)?));
        // From here on a failure ends the child as well.
        let story = story.map_err(|error| {
            let _gone = child.kill();
            let _reaped = child.wait();
            error.context(format!("sekisho demo printed {line:?}; stderr: {}", log_in(&folder)))
        })?;
        Ok(Self { story, child, folder })
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
