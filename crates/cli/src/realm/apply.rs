//! `sekisho realm apply`: policies, clients and client scopes as a file says.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use sekisho_admin::realm::apply::{self, Outcome};
use sekisho_admin::realm::diff::Change;
use serde::Serialize;

use super::code::{Code, CodeArgs};
use super::render;
use crate::administration::print_json;
use crate::output;

const HELP: &str = "\
The file is realm JSON, as little of it as there is to say: realm, clientProfiles, clientPolicies, clientScopes,
clients. What it does not mention is left alone; clientProfiles and clientPolicies take the place of the realm's
whole lists. Client policies judge each client as they judge everybody's changes. What is done stays done when
something after it fails.

A secret is best a reference: ${env:NAME}, or ${file:path} with a path from where the file is, or an absolute one;
any file that you may read can be named, so look at what somebody else's file refers to before you apply it. Stars
keep the secret that a client has.

Examples:
  sekisho realm export --realm shop --for-apply shop.json
  sekisho realm apply shop.json
  SHOP_SECRET=$(pass show shop) sekisho realm apply --yes shop.json

Exit codes:
  0  done, or nothing to do
  1  something failed: the file, a reference to a secret, a client policy, the database, the master key; somebody
     else changed the same at the same time; or the answer was no
  2  wrong usage; also without --yes where nobody can be asked";

/// What stands for wrong usage.
const USAGE: u8 = 2;

/// Make a realm's policies, clients and client scopes what a file says
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    #[command(flatten)]
    code: CodeArgs,
    /// Do not ask before something is changed
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    realm: &'a str,
    changes: Vec<Applied>,
    /// What the file asks for in vain.
    kept: &'a [Change],
}

#[derive(Serialize)]
struct Applied {
    #[serde(flatten)]
    change: Change,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(super) async fn run(arguments: &Args) -> anyhow::Result<ExitCode> {
    let from_standard_input = arguments.code.file.as_os_str() == "-";
    let asks = io::stdin().is_terminal() && io::stderr().is_terminal() && !from_standard_input;
    if !arguments.yes && !asks {
        let word = output::emphasis("error:");
        output::note(format!(
            "{word} nobody can be asked here; look with `sekisho realm diff`, then give --yes"
        ));
        return Ok(ExitCode::from(USAGE));
    }
    let code = Code::read(&arguments.code).await?;
    let admin = code.admin().await?;
    let plan = code.plan(&admin).await?;
    for notice in &plan.notices {
        output::note(format!("{} {}", output::emphasis("warning:"), output::printable(notice)));
    }
    for change in &plan.kept {
        output::note(format!("{} {}", output::emphasis("note:"), render::kept(change)));
    }
    if !plan.changes.is_empty() && !arguments.yes && !agreed(&code.realm, &plan.changes)? {
        output::note("nothing is changed");
        return Ok(ExitCode::FAILURE);
    }
    let (mut applied, mut raced) = (Vec::new(), false);
    let complete = {
        let mut tell = |change: &Change, outcome: &Outcome| {
            if !arguments.code.json {
                say(change, outcome, arguments.yes);
            }
            // What shall be made and is there was made since the plan.
            raced |= matches!(outcome, Outcome::Failed(error) if error.is_of_a_race());
            applied.push(Applied::of(change, outcome));
        };
        Box::pin(apply::apply(&admin, &code.desired, &plan.changes, &mut tell)).await
    };
    if plan.changes.iter().any(|change| apply::is_of_policies(change.what)) {
        let warnings = Box::pin(apply::warnings(&admin)).await?;
        for warning in warnings.iter().filter(|warning| !plan.notices.contains(warning)) {
            output::note(format!("{} {}", output::emphasis("warning:"), output::printable(warning)));
        }
    }
    if arguments.code.json {
        print_json(&Report { realm: &code.realm, changes: applied, kept: &plan.kept })?;
    } else {
        summary(&code.realm, &applied);
    }
    if raced {
        output::note(format!(
            "somebody else changed realm {} at the same time: apply the file again",
            code.realm
        ));
    }
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Shows the changes and asks.
fn agreed(realm: &str, changes: &[Change]) -> io::Result<bool> {
    for change in changes {
        output::note(render::change(change));
    }
    let mut stderr = io::stderr().lock();
    write!(stderr, "\nApply {} to realm {realm}? [y/N] ", counted(changes.len()))?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// A change whose members were not shown for a question is shown with them.
fn say(change: &Change, outcome: &Outcome, whole: bool) {
    let text = if whole { render::change(change) } else { render::heading(change) };
    // A closed stdout must not stop a change in the middle.
    let _closed = output::data(&text);
    match outcome {
        Outcome::Done => {}
        Outcome::Failed(error) => output::note(format!(
            "{} {} {}: {}",
            output::emphasis("failed:"),
            change.what,
            output::printable(&change.name),
            output::printable(&error.explained())
        )),
        Outcome::Left => output::note(format!(
            "{} {} {}: what comes before it failed",
            output::emphasis("left alone:"),
            change.what,
            output::printable(&change.name)
        )),
    }
}

fn summary(realm: &str, applied: &[Applied]) {
    let done = applied.iter().filter(|change| change.outcome == "done").count();
    output::note(match (applied.len(), applied.len() - done) {
        (0, _) => format!("realm {realm}: nothing to do"),
        (_, 0) => format!("realm {realm}: {} done", counted(done)),
        (_, open) => format!("realm {realm}: {} done, {open} not", counted(done)),
    });
}

fn counted(changes: usize) -> String {
    if changes == 1 { "1 change".to_owned() } else { format!("{changes} changes") }
}

impl Applied {
    fn of(change: &Change, outcome: &Outcome) -> Self {
        let (outcome, error) = match outcome {
            Outcome::Done => ("done", None),
            Outcome::Failed(error) => ("failed", Some(error.explained())),
            Outcome::Left => ("left", None),
        };
        Self { change: change.clone(), outcome, error }
    }
}
