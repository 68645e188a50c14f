//! `sekisho serve`: the authorization server.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use sekisho_admin::realm::{FirstAdministrator, IfExists, ImportOptions, Imported, import};
use sekisho_http::Settings;
use sekisho_outbound::{Allow, Options};
use sekisho_policy::Outside;
use sekisho_protocol::keycloak::{self, RealmRepresentation};
use tokio::net::TcpListener;
use url::Url;

use crate::administration;
use crate::hostname::{self, Hostname};
use crate::log::{self, Format};
use crate::open::{self, OpenOptions, Opened};
use crate::output;
use crate::running::{self, Ports, Stop};

const HELP: &str = "\
Example:
  sekisho serve --hostname https://id.example.org --database /var/lib/sekisho/sekisho.db --import realm.json

The first administrator of realm master comes from KC_BOOTSTRAP_ADMIN_USERNAME and KC_BOOTSTRAP_ADMIN_PASSWORD,
or from `sekisho user create --realm master --admin NAME`.

Exit codes:
  0  stopped by Ctrl-C or SIGTERM, after what was under way
  1  it cannot start, or cannot go on: a port, the database, the master key, an import
  2  wrong usage";

/// Run the authorization server
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    configuration: Configuration,
}

/// What the server runs with; `sekisho check-config` takes the same.
#[derive(clap::Args)]
pub(crate) struct Configuration {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", env = "SEKISHO_LISTEN")]
    pub(crate) listen: SocketAddr,
    /// Address and port of health and metrics
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9000", env = "SEKISHO_MANAGEMENT_LISTEN")]
    pub(crate) management_listen: SocketAddr,
    /// Public address of the server, http or https; without it http://localhost and the port
    #[arg(long, value_name = "URL", env = "SEKISHO_HOSTNAME", value_parser = hostname::Parser)]
    hostname: Option<Hostname>,
    /// Realm JSON to import before the first answer; a realm that is there already is left alone; may be
    /// given more than once
    #[arg(long, value_name = "FILE")]
    pub(crate) import: Vec<PathBuf>,
    /// Peer whose X-Forwarded-For and X-Forwarded-Proto are believed; may be given more than once
    #[arg(long = "trusted-proxy", value_name = "ADDRESS")]
    pub(crate) trusted_proxies: Vec<IpAddr>,
    /// Host, address or network that is not public and may be reached although a client or a realm's
    /// administrator named it; may be given more than once
    #[arg(long = "outbound-allow", value_name = "HOST|NETWORK")]
    pub(crate) outbound_allow: Vec<Allow>,
    /// How the log is written
    #[arg(long, value_enum, default_value_t, env = "SEKISHO_LOG_FORMAT")]
    log_format: Format,
    #[command(flatten)]
    pub(crate) open: OpenOptions,
}

impl Configuration {
    /// The public address, where one is named.
    pub(crate) fn hostname(&self) -> Option<&Url> {
        self.hostname.as_ref().and_then(Hostname::url)
    }
}

pub(crate) async fn run(arguments: Args) -> anyhow::Result<ExitCode> {
    let configuration = arguments.configuration;
    log::start(configuration.log_format);
    let documents = configuration.import.iter().map(|file| read(file)).collect::<anyhow::Result<Vec<_>>>()?;
    let stop = Stop::on_signal()?;
    let main = listen(configuration.listen, "--listen").await?;
    let management = listen(configuration.management_listen, "--management-listen").await?;
    let hostname = match configuration.hostname() {
        Some(url) => hostname::base(url).to_owned(),
        None => format!("http://localhost:{}", main.local_addr()?.port()),
    };
    let mut opened = open::store(&configuration.open, &hostname).await?;
    opened.outside = Outside::new(Options { allow: configuration.outbound_allow, ..Options::default() })?;
    if administration::bootstrap(&opened).await?.administrator == FirstAdministrator::Missing {
        output::note(
            "realm master has no administrator yet: set KC_BOOTSTRAP_ADMIN_USERNAME and \
             KC_BOOTSTRAP_ADMIN_PASSWORD, or run `sekisho user create --realm master --admin NAME`",
        );
    }
    for (file, document) in configuration.import.iter().zip(documents) {
        for warning in store(&opened, file, document).await?.warnings {
            output::note(format!("{}: {warning}", file.display()));
        }
    }
    let secure = hostname.starts_with("https://");
    let settings = Settings { trusted_proxies: configuration.trusted_proxies, secure };
    tracing::info!(
        server.hostname = %hostname,
        server.listen = %main.local_addr()?,
        server.management = %management.local_addr()?,
        "Sekisho is running",
    );
    running::run(opened, settings, Ports { main, management: Some(management) }, stop).await?;
    Ok(ExitCode::SUCCESS)
}

/// A realm file of `--import`, before anything is made for it.
pub(crate) fn read(file: &Path) -> anyhow::Result<RealmRepresentation> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    keycloak::parse(&text).with_context(|| file.display().to_string())
}

/// Stores a realm of `--import`, unless it is there.
pub(crate) async fn store(
    opened: &Opened,
    file: &Path,
    document: RealmRepresentation,
) -> anyhow::Result<Imported> {
    let options = ImportOptions { if_exists: IfExists::Skip, ..ImportOptions::default() };
    import(&opened.admin(), document, options).await.with_context(|| file.display().to_string())
}

async fn listen(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| {
        format!("{address} cannot be taken: stop what holds it, or choose another with {flag}")
    })
}
