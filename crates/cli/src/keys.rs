//! `sekisho keys`: the keys of a realm, and new ones in their place.

use std::process::ExitCode;

use sekisho_admin::keys::{self, Algorithm, Key, Rotation};

use serde::Serialize;

use crate::administration::{open_existing, print_json};
use crate::open::OpenOptions;
use crate::output;

const HELP: &str = "\
A new key is shown in the key set for ten minutes before it signs, so that nobody meets a signature by a key
not seen yet; the one before goes on to verify. After a compromise --now takes the old keys away at once: what
they signed is no longer good, and everybody signs in anew.

Examples:
  sekisho keys list --realm shop
  sekisho keys rotate --realm shop --algorithm ES256
  sekisho keys rotate --realm shop --now

Exit codes:
  0  done
  1  something failed: the database, the master key, or a name that is not there
  2  wrong usage";

/// List and rotate the keys of a realm
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show which keys there are, without their private halves
    #[command(after_help = HELP)]
    List(ListArgs),
    /// Make new keys
    #[command(after_help = HELP)]
    Rotate(RotateArgs),
}

#[derive(clap::Args)]
struct ListArgs {
    #[command(flatten)]
    common: Common,
}

#[derive(clap::Args)]
struct RotateArgs {
    /// Only the key of this algorithm
    #[arg(long, value_name = "ALG", value_parser = algorithm)]
    algorithm: Option<Algorithm>,
    /// Sign with the new keys at once and disable the old ones
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(clap::Args)]
struct Common {
    /// Realm whose keys they are
    #[arg(long, value_name = "NAME")]
    realm: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    open: OpenOptions,
}

fn algorithm(text: &str) -> Result<Algorithm, String> {
    Algorithm::parse(text).ok_or_else(|| "not a signature algorithm, such as ES256".to_owned())
}

pub(crate) async fn run(arguments: Args) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::List(ListArgs { common }) => {
            let opened = open_existing(&common.open).await?;
            print(&keys::list(&opened.admin(), &common.realm).await?, common.json)?;
        }
        Command::Rotate(RotateArgs { algorithm, now, common }) => {
            let opened = open_existing(&common.open).await?;
            let rotation = if now { Rotation::Now } else { Rotation::Announced };
            let made = keys::rotate(&opened.admin(), &common.realm, algorithm, rotation).await?;
            if made.is_empty() {
                output::note("new keys are announced already; --now would not wait for them");
            }
            print(&made, common.json)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A key as `--json` shows it.
#[derive(Serialize)]
struct Shown<'a> {
    kid: &'a str,
    #[serde(rename = "use")]
    purpose: &'static str,
    algorithm: &'a str,
    state: &'static str,
    /// Epoch milliseconds, as everywhere.
    created: i64,
    changed: i64,
}

impl<'a> From<&'a Key> for Shown<'a> {
    fn from(key: &'a Key) -> Self {
        Self {
            kid: &key.kid,
            purpose: key.purpose.name(),
            algorithm: &key.algorithm,
            state: key.state.name(),
            created: key.created.0,
            changed: key.changed.0,
        }
    }
}

fn print(keys: &[Key], json: bool) -> anyhow::Result<()> {
    let shown: Vec<Shown<'_>> = keys.iter().map(Shown::from).collect();
    if json {
        return print_json(&shown);
    }
    for key in shown {
        output::data(&format!("{:<8}  {:<10}  {:<8}  {}", key.purpose, key.algorithm, key.state, key.kid))?;
    }
    Ok(())
}
