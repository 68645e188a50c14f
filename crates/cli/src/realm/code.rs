//! A realm file as code: read, its secrets fetched from where it refers to, compared with the realm.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use sekisho_admin::realm::apply::{Plan, plan};
use sekisho_admin::realm::diff::reference::{self, Reference};
use sekisho_admin::realm::diff::{self, Desired, Unnamed};
use sekisho_admin::{Admin, AdminError, Permit};

use super::file;
use crate::administration::open_existing;
use crate::open::{OpenOptions, Opened};
use crate::output;

/// What `diff` and `apply` share.
#[derive(clap::Args)]
pub(super) struct CodeArgs {
    /// Realm JSON with clientProfiles, clientPolicies, clientScopes or clients; - for standard input
    pub(super) file: PathBuf,
    /// Realm to compare with, whichever the file names
    #[arg(long, value_name = "NAME")]
    realm: Option<String>,
    /// Remove clients and scopes that a list of the file leaves out, but for built-in ones
    #[arg(long)]
    prune: bool,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    open: OpenOptions,
}

/// A file beside the database.
pub(super) struct Code {
    pub(super) realm: String,
    pub(super) desired: Desired,
    unnamed: Unnamed,
    opened: Opened,
}

impl Code {
    /// Reads the file and opens the database. What is weak in the file is said at once.
    pub(super) async fn read(arguments: &CodeArgs) -> anyhow::Result<Self> {
        let shown = arguments.file.display().to_string();
        let text = file::read(&arguments.file).with_context(|| format!("cannot read {shown}"))?;
        let document = diff::parse(&text).with_context(|| shown.clone())?;
        let folder = arguments.file.parent().unwrap_or(Path::new("")).to_owned();
        let (document, literal) = reference::resolve(&document, |reference| find(reference, &folder))
            .map_err(|error| said(&error))
            .context(shown.clone())?;
        for place in literal {
            let word = output::emphasis("warning:");
            output::note(format!(
                "{word} {place} is a secret that stands in the file; refer to it with ${{env:NAME}} or ${{file:path}}"
            ));
        }
        let Some(realm) = arguments.realm.clone().or_else(|| document.realm.clone()) else {
            bail!("{shown} names no realm; name it with --realm");
        };
        let desired = Desired::of(document).map_err(|error| said(&error)).context(shown)?;
        let unnamed = if arguments.prune { Unnamed::Go } else { Unnamed::Stay };
        Ok(Self { realm, desired, unnamed, opened: open_existing(&arguments.open).await? })
    }

    /// At work in the realm.
    pub(super) async fn admin(&self) -> anyhow::Result<Admin<'_>> {
        let admin = Admin::open(self.opened.admin(), &self.realm, Permit::operator()).await;
        admin.map_err(|error| match error {
            AdminError::NotFound(_) => AdminError::NoSuchRealm(self.realm.clone()).into(),
            error => said(&error),
        })
    }

    /// What the file would change.
    pub(super) async fn plan(&self, admin: &Admin<'_>) -> anyhow::Result<Plan> {
        Box::pin(plan(admin, &self.desired, self.unnamed)).await.map_err(|error| said(&error))
    }
}

/// The error with all that is known of it.
fn said(error: &AdminError) -> anyhow::Error {
    anyhow::anyhow!(error.explained())
}

/// Bytes of a file that can be a secret.
const LONGEST: u64 = 4096;

/// The secret that a reference leads to; a line break at the end of a file is not part of it. Any file will do that the
/// person may read, as with any command; what is in it is never printed.
fn find(reference: Reference<'_>, folder: &Path) -> Result<String, String> {
    let secret = match reference {
        Reference::Environment(name) => {
            std::env::var(name).map_err(|_| "the variable is not set".to_owned())?
        }
        Reference::File(path) => {
            let mut bytes = Vec::new();
            let file = fs::File::open(folder.join(path)).map_err(|error| error.to_string())?;
            file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
            if bytes.len() as u64 > LONGEST {
                return Err(format!("is no secret: longer than {LONGEST} bytes"));
            }
            let text = String::from_utf8(bytes).map_err(|_| "is no secret: not a text".to_owned())?;
            let line = text.strip_suffix('\n').unwrap_or(&text);
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.contains(char::is_control) {
                return Err("is no secret: more than one line".to_owned());
            }
            line.to_owned()
        }
    };
    if secret.is_empty() { Err("is empty".to_owned()) } else { Ok(secret) }
}
