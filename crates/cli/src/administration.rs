//! What the commands for an administrator share: the database they open themselves, passwords, JSON.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use sekisho_admin::realm::{Administrator, Bootstrapped, bootstrap_master};
use sekisho_protocol::keycloak::Sensitive;
use sekisho_protocol::ports::draw;
use serde::Serialize;

use crate::open::{self, OpenOptions, Opened};
use crate::output;

/// Administration makes no public address; realms take theirs from the server's own `--hostname`.
const NOWHERE: &str = "http://localhost:8080";
/// Where a password may stand, so that it is in no list of processes.
pub(crate) const PASSWORD_VARIABLE: &str = "SEKISHO_PASSWORD";
/// Characters of invented passwords: none that looks like another, none that a shell reads.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Opens a database that is there; a mistyped name must not become an empty one.
pub(crate) async fn open_existing(options: &OpenOptions) -> anyhow::Result<Opened> {
    let database = &options.database;
    if !database.contains("://") && !Path::new(database).exists() {
        bail!(
            "there is no database {database}; name it with --database, or start `sekisho serve` to make one"
        );
    }
    open::store(options, NOWHERE).await
}

/// Opens the database, and makes it where there is none.
pub(crate) async fn open_or_make(options: &OpenOptions) -> anyhow::Result<Opened> {
    open::store(options, NOWHERE).await
}

/// Realm `master` and its first administrator, from the variables that Keycloak reads. A server calls it
/// before its first answer.
pub(crate) async fn bootstrap(opened: &Opened) -> anyhow::Result<Bootstrapped> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let named = variable("KC_BOOTSTRAP_ADMIN_USERNAME").zip(variable("KC_BOOTSTRAP_ADMIN_PASSWORD"));
    let first =
        named.map(|(username, password)| Administrator { username, password: Sensitive::new(password) });
    Ok(bootstrap_master(&opened.admin(), first).await?)
}

/// Where a new password comes from.
pub(crate) enum Password {
    Given(Sensitive),
    /// Nobody named one; it must be shown.
    Invented(Sensitive),
}

impl Password {
    /// From the environment, from standard input where something is piped into it, or invented.
    pub(crate) fn obtain(opened: &Opened, from_stdin: bool) -> anyhow::Result<Self> {
        if from_stdin {
            return read_password().map(Self::Given);
        }
        if let Ok(password) = std::env::var(PASSWORD_VARIABLE) {
            return Ok(Self::Given(Sensitive::new(password)));
        }
        let letter =
            |byte: &u8| ALPHABET.get(usize::from(*byte) % ALPHABET.len()).copied().map_or('a', char::from);
        let invented: String = draw::<16>(opened.entropy.as_ref()).iter().map(letter).collect();
        Ok(Self::Invented(Sensitive::new(invented)))
    }

    /// The password itself.
    pub(crate) fn value(&self) -> Sensitive {
        match self {
            Self::Given(password) | Self::Invented(password) => password.clone(),
        }
    }

    /// Shows one that was invented, alone on standard output.
    pub(crate) fn show(&self) -> anyhow::Result<()> {
        if let Self::Invented(password) = self {
            output::note("The password, shown once:");
            output::data(password.reveal())?;
        }
        Ok(())
    }
}

fn read_password() -> anyhow::Result<Sensitive> {
    if std::io::stdin().is_terminal() {
        output::note("Type the password, then Enter and Ctrl-D; it is shown as you type:");
    }
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text).context("no password can be read")?;
    let password =
        text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if password.is_empty() {
        bail!("no password came by standard input");
    }
    Ok(Sensitive::new(password))
}

/// Prints a value as JSON, for scripts.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    output::data(&serde_json::to_string_pretty(value)?)?;
    Ok(())
}
