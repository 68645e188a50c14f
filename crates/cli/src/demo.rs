//! `sekisho demo`: the whole story in one process, nothing to configure.

mod guide;
mod mcp_server;
mod realm;

use std::process::ExitCode;

use anyhow::Context as _;
use axum::Router;
use sekisho_admin::realm::{ImportOptions, import};
use sekisho_core::policy::SecurityProfile;
use sekisho_guard::Guard;
use sekisho_http::Settings;
use tokio::net::TcpListener;

use crate::log;
use crate::open::{self, OpenOptions};
use crate::running::{self, Ports, Stop};

use guide::Guide;
use realm::{REALM, SCOPE, Story};

const HELP: &str = "\
Everything is kept in a temporary folder and forgotten at the end. Stop it with Ctrl-C.

Example:
  sekisho demo
  sekisho demo --ports 0,0,0 --json

Exit codes:
  0  stopped by Ctrl-C or SIGTERM
  1  something failed, such as a port that is taken
  2  wrong usage";

/// Run an authorization server, an MCP server and a protected MCP server, and show what to try
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Ports of the authorization server, the open and the protected MCP server; 0 takes a free one
    #[arg(long, value_name = "A,B,C", default_value = "8080,3000,3001", value_parser = ports)]
    ports: [u16; 3],
    /// Print what the guide says as one line of JSON
    #[arg(long)]
    json: bool,
}

fn ports(text: &str) -> Result<[u16; 3], String> {
    let ports: Result<Vec<u16>, _> = text.split(',').map(|port| port.trim().parse()).collect();
    ports
        .ok()
        .and_then(|ports| ports.try_into().ok())
        .ok_or_else(|| "three port numbers with commas between them, such as 8080,3000,3001".to_owned())
}

pub(crate) async fn run(arguments: Args) -> anyhow::Result<ExitCode> {
    log::start_quietly();
    let stop = Stop::on_signal()?;
    let [main, open_mcp, protected_mcp] = arguments.ports;
    let main = listen(main).await?;
    let open_mcp = listen(open_mcp).await?;
    let protected_mcp = listen(protected_mcp).await?;
    let base = address(&main)?;
    let guide = Guide {
        issuer: format!("{base}/realms/{REALM}"),
        open_mcp: format!("{}/mcp", address(&open_mcp)?),
        protected_mcp: format!("{}/mcp", address(&protected_mcp)?),
        story: Story::invent(),
    };
    let folder = tempfile::Builder::new().prefix("sekisho-demo").tempdir()?;
    let database = folder.path().join("demo.db");
    let options = OpenOptions {
        database: database.to_str().context("the temporary folder has a name that is not UTF-8")?.to_owned(),
        master_key_file: Some(folder.path().join("demo.key")),
        security_profile: SecurityProfile::None,
    };
    let opened = open::store(&options, &base).await?;
    let document = guide.story.realm(
        [&guide.open_mcp, &guide.protected_mcp],
        opened.entropy.as_ref(),
        opened.clock.as_ref(),
    )?;
    import(&opened.admin(), document, ImportOptions::ours()).await?;
    let protected = protect(&guide)?;
    tokio::spawn(sekisho_http::serve(open_mcp, mcp_server::router(), stop.clone().wait()));
    tokio::spawn(sekisho_http::serve(protected_mcp, protected, stop.clone().wait()));
    guide.print(arguments.json)?;
    running::run(opened, Settings::default(), Ports { main, management: None }, stop).await?;
    Ok(ExitCode::SUCCESS)
}

/// The same MCP server behind a guard: the only way in is a token for it, with the scope.
fn protect(guide: &Guide) -> anyhow::Result<Router> {
    let guard = Guard::builder(&guide.protected_mcp)
        .issuer(&guide.issuer)
        .require_scopes([SCOPE])
        .resource_name("Sekisho demo")
        .build()?;
    Ok(mcp_server::router().layer(guard.layer()))
}

async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).await.with_context(|| {
        format!("port {port} cannot be taken: stop what holds it, or choose others with `sekisho demo --ports 0,0,0`")
    })
}

/// `localhost` everywhere: a browser, a client and the guard must all see one and the same name.
fn address(listener: &TcpListener) -> anyhow::Result<String> {
    Ok(format!("http://localhost:{}", listener.local_addr()?.port()))
}
