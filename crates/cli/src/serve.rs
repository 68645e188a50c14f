//! `sekisho serve`: the authorization server.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use sekisho_admin::realm::{FirstAdministrator, IfExists, ImportOptions, import};
use sekisho_http::Settings;
use sekisho_protocol::keycloak::{self, RealmRepresentation};
use tokio::net::TcpListener;

use crate::administration;
use crate::log::{self, Format};
use crate::open::{self, OpenOptions, Opened};
use crate::output;
use crate::running::{self, Ports, Stop};

const HELP: &str = "\
Example:
  sekisho serve --hostname https://id.example.org --database /var/lib/sekisho/sekisho.db --import realm.json

The first administrator of realm master comes from KC_BOOTSTRAP_ADMIN_USERNAME and KC_BOOTSTRAP_ADMIN_PASSWORD,
or from `sekisho user create --realm master --admin`.";

/// Run the authorization server
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", env = "SEKISHO_LISTEN")]
    listen: SocketAddr,
    /// Address and port of health and metrics
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9000", env = "SEKISHO_MANAGEMENT_LISTEN")]
    management_listen: SocketAddr,
    /// Public address of the server; without it http://localhost and the port
    #[arg(long, value_name = "URL", env = "SEKISHO_HOSTNAME")]
    hostname: Option<String>,
    /// Realm JSON to import before the first answer; a realm that is there already is left alone
    #[arg(long, value_name = "FILE")]
    import: Vec<PathBuf>,
    /// Peer whose X-Forwarded-For and X-Forwarded-Proto are believed; may be given more than once
    #[arg(long = "trusted-proxy", value_name = "ADDRESS")]
    trusted_proxies: Vec<IpAddr>,
    /// How the log is written
    #[arg(long, value_enum, default_value_t, env = "SEKISHO_LOG_FORMAT")]
    log_format: Format,
    #[command(flatten)]
    open: OpenOptions,
}

pub(crate) async fn run(arguments: Args) -> anyhow::Result<ExitCode> {
    log::start(arguments.log_format);
    let stop = Stop::on_signal()?;
    let main = listen(arguments.listen, "--listen").await?;
    let management = listen(arguments.management_listen, "--management-listen").await?;
    let hostname = match arguments.hostname {
        Some(hostname) => hostname,
        None => format!("http://localhost:{}", main.local_addr()?.port()),
    };
    let opened = open::store(&arguments.open, &hostname).await?;
    if administration::bootstrap(&opened).await?.administrator == FirstAdministrator::Missing {
        output::note(
            "realm master has no administrator yet: set KC_BOOTSTRAP_ADMIN_USERNAME and \
             KC_BOOTSTRAP_ADMIN_PASSWORD, or run `sekisho user create --realm master --admin NAME`",
        );
    }
    for file in &arguments.import {
        import_file(&opened, file).await?;
    }
    let settings =
        Settings { trusted_proxies: arguments.trusted_proxies, secure: hostname.starts_with("https://") };
    tracing::info!(
        server.hostname = %hostname,
        server.listen = %main.local_addr()?,
        server.management = %management.local_addr()?,
        "Sekisho is running",
    );
    running::run(opened, settings, Ports { main, management: Some(management) }, stop).await?;
    Ok(ExitCode::SUCCESS)
}

async fn import_file(opened: &Opened, file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let realm: RealmRepresentation = keycloak::parse(&text).with_context(|| format!("{}", file.display()))?;
    let options = ImportOptions { if_exists: IfExists::Skip, ..ImportOptions::default() };
    let imported =
        import(&opened.admin(), realm, options).await.with_context(|| format!("{}", file.display()))?;
    for warning in &imported.warnings {
        output::note(format!("{}: {warning}", file.display()));
    }
    Ok(())
}

async fn listen(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| {
        format!("{address} cannot be taken: stop what holds it, or choose another with {flag}")
    })
}
