//! The master key: from `SEKISHO_MASTER_KEY`, or from a file that nobody else may read.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sekisho_protocol::Entropy;
use sekisho_protocol::ports::draw;
use sekisho_store::MasterKeys;

const VARIABLE: &str = "SEKISHO_MASTER_KEY";

/// Reads the master keys, where there are any.
pub(super) fn find(file: &Path) -> anyhow::Result<Option<MasterKeys>> {
    if let Ok(value) = std::env::var(VARIABLE) {
        return parse(&value).with_context(|| format!("{VARIABLE} cannot be used")).map(Some);
    }
    match read_private(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        outcome => {
            let text =
                outcome.with_context(|| format!("cannot read the master key in {}", file.display()))?;
            read(file, &text).map(Some)
        }
    }
}

/// Makes the file with a new key, or reads the one that another process has just made.
pub(super) fn make(file: &Path, entropy: &dyn Entropy) -> anyhow::Result<MasterKeys> {
    let text =
        write(file, entropy).with_context(|| format!("cannot write a master key to {}", file.display()))?;
    read(file, &text)
}

fn read(file: &Path, text: &str) -> anyhow::Result<MasterKeys> {
    parse(text).with_context(|| format!("the master key in {} cannot be used", file.display()))
}

/// Keys of 32 bytes in base64, one or more, with commas or line ends between them; the first one seals.
fn parse(text: &str) -> anyhow::Result<MasterKeys> {
    let mut keys: Vec<[u8; 32]> = Vec::new();
    for part in text.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
        let bytes = BASE64_STANDARD.decode(part).ok().and_then(|bytes| bytes.try_into().ok());
        let Some(key) = bytes else {
            bail!("a master key is 32 bytes in base64: make one with `openssl rand -base64 32`")
        };
        keys.push(key);
    }
    MasterKeys::new(&keys).context("there is no key in it")
}

fn write(file: &Path, entropy: &dyn Entropy) -> io::Result<String> {
    let key: [u8; 32] = draw(entropy);
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Written whole under another name, then linked: two processes that start together agree on one key.
    let mut draft = tempfile::Builder::new().prefix(".sekisho-key").tempfile_in(folder)?;
    writeln!(draft, "{}", BASE64_STANDARD.encode(key))?;
    draft.as_file().sync_all()?;
    match draft.persist_noclobber(file) {
        Ok(_) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error.error),
    }
    // The name of the file must be on the disk before anything is sealed under the key.
    fs::File::open(folder)?.sync_all()?;
    read_private(file)
}

#[cfg(unix)]
fn read_private(file: &Path) -> io::Result<String> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = fs::metadata(file)?.permissions().mode();
    if mode & 0o077 != 0 {
        let text =
            format!("others may read it (mode {:o}): run `chmod 600 {}`", mode & 0o777, file.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    fs::read_to_string(file)
}

#[cfg(not(unix))]
fn read_private(file: &Path) -> io::Result<String> {
    fs::read_to_string(file)
}
