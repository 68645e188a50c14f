//! `sekisho policy`: why client policies let a request pass or refuse it, whom they are about, and what changed ones
//! would have done.

mod render;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use sekisho_admin::policy::{self, Proposed};
use sekisho_admin::{Admin, Permit};
use sekisho_core::policy::event::EventName;
use sekisho_core::policy::explain::Outcome;
use sekisho_core::policy::input::Input;
use sekisho_protocol::keycloak::{self, RealmRepresentation};

use crate::administration::{open_existing, print_json};
use crate::open::{OpenOptions, Opened};
use crate::output;

const EXPLAIN_HELP: &str = "\
Examples:
  sekisho policy explain --realm shop --client mcp --event authorization-request \\
      --param response_type=code --param redirect_uri=http://127.0.0.1/cb
  sekisho policy explain --realm shop --client mcp --event token-request --scope hello
  sekisho policy explain --realm shop --all-clients

Events are Keycloak's, in lower case and with dashes if you like; `authorization` stands for
authorization-request, `token` for token-request.

Exit codes:
  0  the policies let the request pass, or --all-clients was asked
  1  something failed: the database, or a name that is not there
  2  wrong usage
  3  a policy refuses the request, or it cannot be told";

const DRY_RUN_HELP: &str = "\
FILE is realm JSON of which clientProfiles and clientPolicies are read; a list that is absent stays as it is.
What was recorded is judged: the realm's events must be on (eventsEnabled), or there is nothing to judge.

Example:
  sekisho policy dry-run stricter.json --realm shop --days 14

Exit codes:
  0  every recorded request would have been answered as it was
  1  something failed: the database, the file, or a name that is not there
  2  wrong usage
  3  some requests would have been answered differently";

const HELP: &str = "\
Example:
  sekisho policy explain --realm shop --client mcp --event authorization

Exit codes:
  0  done; nothing is refused, nothing would change
  1  something failed
  2  wrong usage
  3  a request is refused, or would be answered differently";

/// Explain client policies and try changed ones
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show each condition's vote and each executor's answer for a request
    #[command(after_help = EXPLAIN_HELP)]
    Explain(ExplainArgs),
    /// Judge recorded requests by profiles and policies that are not saved yet
    #[command(after_help = DRY_RUN_HELP)]
    DryRun(DryRunArgs),
}

#[derive(clap::Args)]
struct ExplainArgs {
    /// Client that sends the request
    #[arg(long, value_name = "CLIENT_ID", required_unless_present = "all_clients")]
    client: Option<String>,
    /// Where in a request the policies are asked
    #[arg(long, value_name = "EVENT", required_unless_present = "all_clients", value_parser = policy::event)]
    event: Option<EventName>,
    /// Parameter of the request; may be given more than once
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    params: Vec<(String, String)>,
    /// Scopes that are asked for, or that the code or token stands for
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// Show which clients each policy is about
    #[arg(long, conflicts_with_all = ["client", "event", "params", "scope"])]
    all_clients: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(clap::Args)]
struct DryRunArgs {
    /// Realm JSON with the changed profiles and policies; - for standard input
    file: PathBuf,
    /// Days of recorded events
    #[arg(long, value_name = "N", default_value_t = 7)]
    days: u16,
    #[command(flatten)]
    common: Common,
}

#[derive(clap::Args)]
struct Common {
    /// Realm whose policies they are
    #[arg(long, value_name = "NAME")]
    realm: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    open: OpenOptions,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| "not NAME=VALUE".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(crate) async fn run(arguments: Args) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Explain(arguments) if arguments.all_clients => reach(arguments.common).await,
        Command::Explain(arguments) => explain(arguments).await,
        Command::DryRun(arguments) => dry_run(arguments).await,
    }
}

async fn desk<'a>(opened: &'a Opened, realm: &str) -> anyhow::Result<Admin<'a>> {
    let desk = Admin::open(opened.admin(), realm, Permit::operator()).await;
    desk.with_context(|| format!("realm {realm}"))
}

async fn explain(arguments: ExplainArgs) -> anyhow::Result<ExitCode> {
    let common = arguments.common;
    let opened = open_existing(&common.open).await?;
    let desk = desk(&opened, &common.realm).await?;
    let (Some(client_id), Some(event)) = (arguments.client, arguments.event) else {
        bail!("name a client and an event");
    };
    let mut params = arguments.params;
    params.extend(arguments.scope.clone().map(|scope| ("scope".to_owned(), scope)));
    let input =
        Input { event: event.name().to_owned(), client_id: client_id.clone(), params, ..Input::default() };
    let explained = policy::explain(&desk, input).await.with_context(|| format!("client {client_id}"))?;
    if common.json {
        print_json(&explained)?;
    } else {
        for line in render::explanation(&client_id, &explained) {
            output::data(&line)?;
        }
    }
    Ok(if explained.outcome == Outcome::Pass { ExitCode::SUCCESS } else { output::refused() })
}

async fn reach(common: Common) -> anyhow::Result<ExitCode> {
    let opened = open_existing(&common.open).await?;
    let reached = policy::reach(&desk(&opened, &common.realm).await?).await?;
    if common.json {
        print_json(&reached)?;
    } else {
        if reached.is_empty() {
            output::note(format!("realm {} has no client policies", common.realm));
        }
        for line in render::reach(&reached) {
            output::data(&line)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn dry_run(arguments: DryRunArgs) -> anyhow::Result<ExitCode> {
    let common = arguments.common;
    let shown = arguments.file.display();
    let text = crate::realm::file::read(&arguments.file).with_context(|| format!("cannot read {shown}"))?;
    let document: RealmRepresentation = keycloak::parse(&text).with_context(|| shown.to_string())?;
    let proposed = Proposed { profiles: document.client_profiles, policies: document.client_policies };
    if proposed.profiles.is_none() && proposed.policies.is_none() {
        bail!("{shown} has neither clientProfiles nor clientPolicies");
    }
    let opened = open_existing(&common.open).await?;
    let desk = desk(&opened, &common.realm).await?;
    let found = policy::dry_run(&desk, &proposed, i64::from(arguments.days)).await;
    let found = found.with_context(|| shown.to_string())?;
    if found.judged == 0 {
        output::note("no recorded request could be judged: events of the realm are off, or nobody came");
    }
    if common.json {
        print_json(&found)?;
    } else {
        for line in render::dry_run(&found, arguments.days) {
            output::data(&line)?;
        }
    }
    let same = found.newly_refused + found.newly_passed + found.refused_otherwise == 0;
    Ok(if same { ExitCode::SUCCESS } else { output::refused() })
}
