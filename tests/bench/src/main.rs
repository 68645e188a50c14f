//! Measures `sekisho serve`: processor time, rate, latency and memory of the work that clients give it,
//! beside npm `oidc-provider` in the same run. The server has one core, the generator another.

mod browser;
mod client;
mod crowd;
mod goal;
mod guard;
mod http;
mod latency;
mod load;
mod machine;
mod plot;
mod policies;
mod process;
mod provider;
mod realm;
mod report;
mod rows;
mod scenario;
mod start;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;

use load::Plan;
use machine::Machine;
use provider::{OidcProvider, Provider, Sekisho};
use report::{Compared, Line, Report};
use rows::{Peer, ROWS, Row};
use start::StartFigures;

/// Measures a sekisho binary.
#[derive(Parser)]
struct Arguments {
    /// The binary; without it the one beside this program.
    #[arg(long, env = "SEKISHO_BIN")]
    sekisho: Option<PathBuf>,
    /// Folder of the peer's `server.mjs`, after `npm ci`; without it Sekisho alone is measured.
    #[arg(long)]
    peer: Option<PathBuf>,
    /// Node, for the peer.
    #[arg(long, default_value = "node")]
    node: PathBuf,
    /// Length of each run; a round has three of them.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Rounds of the three runs, of which the least disturbed counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    #[arg(long, default_value_t = 20)]
    starts: usize,
    /// Only rows with this in their name.
    #[arg(long)]
    only: Option<String>,
    #[arg(long, default_value_t = 0)]
    server_core: usize,
    #[arg(long, default_value_t = 1)]
    generator_core: usize,
    /// Where the database is kept while it is measured; without it a temporary folder.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Writes everything that was measured.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Draws processor time beside the peer's, as SVG.
    #[arg(long)]
    plot: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    ensure!(arguments.server_core != arguments.generator_core, "the server needs a core of its own");
    process::pin_to(arguments.generator_core)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(measure(&arguments))?;
    println!("{}", report.markdown());
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_vec_pretty(&report)?)?;
    }
    if let Some(path) = &arguments.plot {
        std::fs::write(path, plot::draw(&report))?;
    }
    Ok(())
}

async fn measure(arguments: &Arguments) -> Result<Report> {
    let temporary = tempfile::Builder::new().prefix("sekisho-bench").tempdir()?;
    let folder = arguments.folder.as_deref().unwrap_or(temporary.path());
    let program = match &arguments.sekisho {
        Some(program) => program.clone(),
        None => std::env::current_exe()?.with_file_name("sekisho"),
    };
    let core = arguments.server_core;
    let machine = Machine::look(folder)?;
    let sekisho = Sekisho { program: &program, folder, core };
    let first = sekisho.start()?;
    let first_start = first.started_in.as_secs_f64() * 1000.0;
    first.process.stop()?;
    let (our_start, ours) = start::measure(arguments.starts, || sekisho.start())?;
    let span = Duration::from_secs_f64(arguments.seconds);
    let policies = policies::measure(span)?;
    let (guard, crowd) = match arguments.only {
        None => (
            Some(guard::measure(&ours, span).await?),
            Some(crowd::measure(&ours, span, arguments.rounds).await?),
        ),
        Some(_) => (None, None),
    };
    let (peer_start, peer) = match &arguments.peer {
        Some(sources) => {
            start_peer(arguments, sources, folder).map(|(start, peer)| (Some(start), Some(peer)))?
        }
        None => (None, None),
    };
    let rows = measure_rows(arguments, &ours, peer.as_ref()).await?;
    ours.process.stop()?;
    Ok(Report {
        machine,
        load_after: machine::load()?,
        seconds: arguments.seconds,
        rounds: arguments.rounds,
        rows,
        guard,
        policies,
        crowd,
        start: Compared { ours: our_start, peer: peer_start },
        first_start,
    })
}

fn start_peer(arguments: &Arguments, sources: &Path, folder: &Path) -> Result<(StartFigures, Provider)> {
    let sources = sources.canonicalize().with_context(|| format!("no folder {}", sources.display()))?;
    ensure!(sources.join("node_modules").exists(), "`npm ci` first, in {}", sources.display());
    let peer = OidcProvider { node: &arguments.node, sources: &sources, folder, core: arguments.server_core };
    start::measure(arguments.starts, || peer.start())
}

/// Row by row, ours and then the peer's: who else is busy on the machine bothers both. The one that is not
/// asked sleeps.
async fn measure_rows(arguments: &Arguments, ours: &Provider, peer: Option<&Provider>) -> Result<Vec<Line>> {
    let plan = Plan {
        span: Duration::from_secs_f64(arguments.seconds),
        connections: arguments.connections,
        rounds: arguments.rounds,
    };
    let wanted = |row: &&Row| arguments.only.as_deref().is_none_or(|only| row.name.contains(only));
    let mut lines = Vec::new();
    for row in ROWS.iter().filter(wanted) {
        let ours = row.measure(ours, plan).await.with_context(|| format!("{}, Sekisho", row.name))?;
        eprintln!("{}: {:.0} µs, {:.0} /s", row.name, ours.closed.cpu, ours.closed.per_second);
        let peer = match peer.filter(|_| row.peer == Peer::Same) {
            Some(peer) => Some(row.measure(peer, plan).await.with_context(|| format!("{}, peer", row.name))?),
            None => None,
        };
        lines.push(Line { name: row.name, goal: row.goal, figures: Compared { ours, peer } });
    }
    Ok(lines)
}
