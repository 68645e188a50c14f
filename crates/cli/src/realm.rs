//! `sekisho realm`: realms in and out as Keycloak's realm JSON, and parts of them as code.

mod apply;
mod code;
mod diff;
pub(crate) mod file;
mod render;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use sekisho_admin::AdminError;
use sekisho_admin::realm::{self, ExportOptions, IfExists, ImportOptions, ImportOutcome, Imported};
use sekisho_protocol::keycloak::{self, RealmRepresentation};

use crate::administration::{open_existing, open_or_make};
use crate::open::OpenOptions;
use crate::output;

const HELP: &str = "\
A running server sees what was changed within a second.

Examples:
  sekisho realm create shop
  sekisho realm import realm.json --overwrite
  sekisho realm export --realm shop shop.json

Exit codes:
  0  done
  1  something failed: the database, the master key, or a name that is not there
  2  wrong usage";

const EXPORT_HELP: &str = "\
The file holds private keys, client secrets and password hashes, and is made readable by you alone. Without
secrets it can be read and compared, but not take the realm's place. A file for `realm apply` has neither ids nor
secrets, and none of the clients that every realm has from the start, so that it fits another realm too.

Examples:
  sekisho realm export --realm shop shop.json
  sekisho realm export --realm shop --without-secrets --without-users - | jq .clients
  sekisho realm export --realm shop --for-apply shop.json

Exit codes:
  0  done
  1  something failed: the database, the master key, or a name that is not there
  2  wrong usage";

/// Import, export and create realms, or apply a file to one
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make a realm: access tokens are signed with ES256, ID tokens with RS256
    #[command(after_help = HELP)]
    Create(CreateArgs),
    /// Store a realm as a file of Keycloak or of `realm export` says
    #[command(after_help = HELP)]
    Import(ImportArgs),
    /// Write a realm to a file that can be imported here and in Keycloak
    Export(ExportArgs),
    /// Show what `realm apply` would change
    Diff(diff::Args),
    /// Make a realm's policies, clients and client scopes what a file says
    Apply(apply::Args),
}

#[derive(clap::Args)]
struct CreateArgs {
    /// Name of the realm, as it stands in its address
    name: String,
    #[command(flatten)]
    open: OpenOptions,
}

#[derive(clap::Args)]
struct ImportArgs {
    /// Realm JSON; - for standard input
    file: PathBuf,
    /// Replace a realm of that name, with its sessions, grants and events
    #[arg(long, conflicts_with = "skip_existing")]
    overwrite: bool,
    /// Leave a realm of that name as it is
    #[arg(long)]
    skip_existing: bool,
    #[command(flatten)]
    open: OpenOptions,
}

#[derive(clap::Args)]
#[command(after_help = EXPORT_HELP)]
struct ExportArgs {
    /// File to write; - for standard output
    file: PathBuf,
    /// Realm to export
    #[arg(long, value_name = "NAME")]
    realm: String,
    /// Leave users out
    #[arg(long)]
    without_users: bool,
    /// Write stars for secrets, and leave private keys and credentials out
    #[arg(long)]
    without_secrets: bool,
    /// Write what `realm apply` takes: profiles, policies, scopes and clients that are not built in, without ids, stars
    /// for secrets
    #[arg(long)]
    for_apply: bool,
    #[command(flatten)]
    open: OpenOptions,
}

pub(crate) async fn run(arguments: Args) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Create(arguments) => create(arguments).await?,
        Command::Import(arguments) => import(arguments).await?,
        Command::Export(arguments) => export(arguments).await?,
        Command::Diff(arguments) => return Ok(Box::pin(diff::run(&arguments)).await),
        Command::Apply(arguments) => return Box::pin(apply::run(&arguments)).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(arguments: CreateArgs) -> anyhow::Result<()> {
    let opened = open_or_make(&arguments.open).await?;
    realm::create(&opened.admin(), &arguments.name, ImportOptions::ours()).await?;
    output::note(format!("realm {} is made", arguments.name));
    Ok(())
}

async fn import(arguments: ImportArgs) -> anyhow::Result<()> {
    let shown = arguments.file.display();
    let text = file::read(&arguments.file).with_context(|| format!("cannot read {shown}"))?;
    let document: RealmRepresentation = keycloak::parse(&text).with_context(|| shown.to_string())?;
    let name = document.realm.clone().unwrap_or_default();
    let if_exists = match (arguments.overwrite, arguments.skip_existing) {
        (true, _) => IfExists::Overwrite,
        (_, true) => IfExists::Skip,
        _ => IfExists::Refuse,
    };
    let opened = open_or_make(&arguments.open).await?;
    let options = ImportOptions { if_exists, ..ImportOptions::default() };
    let imported = match realm::import(&opened.admin(), document, options).await {
        Err(AdminError::RealmExists(name)) => {
            bail!(
                "realm {name} is there already: replace it with --overwrite, or leave it with --skip-existing"
            )
        }
        outcome => outcome.with_context(|| shown.to_string())?,
    };
    report(&name, &imported);
    Ok(())
}

fn report(name: &str, imported: &Imported) {
    for warning in &imported.warnings {
        output::note(format!("{} {warning}", output::emphasis("note:")));
    }
    output::note(match imported.outcome {
        ImportOutcome::Created => format!("realm {name} is imported"),
        ImportOutcome::Replaced => format!("realm {name} is imported in place of the one before"),
        ImportOutcome::Skipped => format!("realm {name} is there already and was left alone"),
    });
}

async fn export(arguments: ExportArgs) -> anyhow::Result<()> {
    let opened = open_existing(&arguments.open).await?;
    let whole = !arguments.for_apply;
    let options = ExportOptions {
        users: whole && !arguments.without_users,
        secrets: whole && !arguments.without_secrets,
    };
    let mut document = realm::export(&opened.admin(), &arguments.realm, options).await?;
    if arguments.for_apply {
        document = realm::diff::as_code(document);
    }
    let text = serde_json::to_string_pretty(&document)?;
    file::write(&arguments.file, &text).with_context(|| format!("cannot write {}", arguments.file.display()))
}
