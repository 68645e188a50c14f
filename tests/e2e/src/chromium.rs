//! A person with a real browser: runs `node/login.mjs`, which drives Chromium.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use tokio::process::Command;
use url::Url;

use crate::cast::Cast;
use crate::clients::node_folder;

/// How the person goes about it.
#[derive(Clone, Copy)]
pub struct Manner<'a> {
    pub decision: Decision,
    /// Exactly these boxes are ticked; without it the page's own choice stands.
    pub scopes: Option<&'a [&'a str]>,
    pub language: &'a str,
    pub viewport: &'a str,
    pub script: Script,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Accept,
    Deny,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Script {
    On,
    Off,
}

impl Default for Manner<'_> {
    fn default() -> Self {
        Self {
            decision: Decision::Accept,
            scopes: None,
            language: "en",
            viewport: "1280x800",
            script: Script::On,
        }
    }
}

/// What happened on the way.
#[derive(Deserialize)]
pub struct Visit {
    pub pages: Vec<PageSeen>,
    /// The request that carries the answer to the client, if it came to that.
    pub callback: Option<Callback>,
    /// What the browser's console said, violations of the CSP among it.
    pub messages: Vec<String>,
}

#[derive(Deserialize)]
pub struct Callback {
    pub url: String,
    pub method: String,
    pub body: Option<String>,
}

#[derive(Deserialize)]
pub struct PageSeen {
    /// `login`, `consent` or `other`, by the ids of Keycloak's forms; `client` for the client's own.
    pub kind: String,
    pub status: u16,
    pub title: String,
    pub language: String,
    pub heading: String,
    pub text: String,
    pub scopes: Vec<String>,
    /// Whether it has to be scrolled sideways.
    pub overflows: bool,
}

impl Visit {
    /// The kinds of the pages, in order.
    pub fn trail(&self) -> Vec<&str> {
        self.pages.iter().map(|page| page.kind.as_str()).collect()
    }

    pub fn callback(&self) -> Result<Url> {
        let callback = self.callback.as_ref();
        let callback =
            callback.with_context(|| format!("ended on {:?}, {:?}", self.trail(), self.messages))?;
        Ok(callback.url.parse()?)
    }
}

/// Follows an authorization URL. `SEKISHO_SCREENSHOTS` names a folder for a picture of every page.
pub async fn follow(cast: &Cast, authorization: &Url, manner: Manner<'_>) -> Result<Visit> {
    let mut command = Command::new("node");
    command.arg(script()?).args(words(cast, manner)).args(["--url", authorization.as_str()]);
    if let Some(folder) = std::env::var_os("SEKISHO_SCREENSHOTS") {
        command.arg("--screenshots").arg(folder);
    }
    let output = command.output().await.context("node does not start")?;
    ensure!(output.status.success(), "login.mjs: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A program for `BROWSER` that opens the URL it is given and goes about it in this manner. It leaves the
/// [`Visit`] in `visit.json`.
pub fn browser_program(folder: &Path, cast: &Cast, manner: Manner<'_>) -> Result<PathBuf> {
    let path = folder.join("browser");
    let words: Vec<String> = words(cast, manner).iter().map(|word| format!("'{word}'")).collect();
    let (script, visit) = (script()?, folder.join("visit.json"));
    let text = format!(
        "#!/bin/sh\nexec node '{}' --deliver {} --url \"$1\" >'{}'\n",
        script.display(),
        words.join(" "),
        visit.display()
    );
    fs::write(&path, text)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

fn words(cast: &Cast, manner: Manner<'_>) -> Vec<String> {
    let mut words = vec![
        format!("--username={}", cast.username),
        format!("--password={}", cast.password),
        format!("--language={}", manner.language),
        format!("--viewport={}", manner.viewport),
    ];
    words.push(format!("--decision={}", if manner.decision == Decision::Accept { "accept" } else { "deny" }));
    words.extend(manner.scopes.into_iter().flatten().map(|scope| format!("--scope={scope}")));
    if manner.script == Script::Off {
        words.push("--no-script".to_owned());
    }
    words
}

fn script() -> Result<PathBuf> {
    Ok(node_folder()?.join("login.mjs"))
}
