//! `sekisho realm diff`: what `apply` would change.

use std::process::ExitCode;

use sekisho_admin::realm::diff::Change;
use serde::Serialize;

use super::code::{Code, CodeArgs};
use super::render;
use crate::administration::print_json;
use crate::output;

const HELP: &str = "\
Nothing is changed. What the file does not mention does not differ; clientProfiles and clientPolicies are the
exception, each is the realm's whole list. Secrets are compared and never printed.

Examples:
  sekisho realm diff shop.json
  sekisho realm diff --realm staging --prune --json shop.json | jq '.changes[].name'

Exit codes:
  0  the realm is as the file says
  1  something differs
  2  wrong usage, or something failed: the file, a reference to a secret, the database, the master key";

/// Trouble, as other programs that compare have it.
const TROUBLE: u8 = 2;

/// Show what `realm apply` would change
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Args {
    #[command(flatten)]
    code: CodeArgs,
}

#[derive(Serialize)]
struct Report<'a> {
    realm: &'a str,
    changes: &'a [Change],
    /// What the file asks for in vain.
    kept: &'a [Change],
}

pub(super) async fn run(arguments: &Args) -> ExitCode {
    match compare(&arguments.code).await {
        Ok(code) => code,
        Err(failure) => {
            let code = output::report(&failure);
            if output::is_closed(&failure) { code } else { ExitCode::from(TROUBLE) }
        }
    }
}

async fn compare(arguments: &CodeArgs) -> anyhow::Result<ExitCode> {
    let code = Code::read(arguments).await?;
    let plan = code.plan(&code.admin().await?).await?;
    for notice in &plan.notices {
        output::note(format!("{} {}", output::emphasis("warning:"), output::printable(notice)));
    }
    if arguments.json {
        print_json(&Report { realm: &code.realm, changes: &plan.changes, kept: &plan.kept })?;
    } else {
        for change in &plan.changes {
            output::data(&render::change(change))?;
        }
        for change in &plan.kept {
            output::note(format!("{} {}", output::emphasis("note:"), render::kept(change)));
        }
    }
    Ok(if plan.changes.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
