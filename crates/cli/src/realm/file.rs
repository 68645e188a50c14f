//! Realm files: read from anywhere, written for their owner only.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use crate::output;

/// What stands for standard input and output.
const STANDARD: &str = "-";

/// The whole file.
pub(crate) fn read(file: &Path) -> io::Result<Vec<u8>> {
    if file != Path::new(STANDARD) {
        return fs::read(file);
    }
    let mut text = Vec::new();
    io::stdin().lock().read_to_end(&mut text)?;
    Ok(text)
}

/// Written whole beside the file and then put in its place: a full disk costs nobody the last export. The
/// draft is readable by its owner only, and so is the file.
pub(super) fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    if file == Path::new(STANDARD) {
        output::data(text)?;
        return Ok(());
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut draft = tempfile::Builder::new().prefix(".sekisho-realm").tempfile_in(folder)?;
    writeln!(draft, "{text}")?;
    draft.as_file().sync_all()?;
    draft.persist(file)?;
    Ok(())
}
