//! One operation on an MCP server over streamable HTTP, by rmcp's client.

use std::error::Error;
use std::time::Duration;

use anyhow::Context;
use reqwest::{Client, redirect};
use rmcp::ServiceError;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig, Implementation, JsonObject,
    ProtocolVersion, Tool,
};
use rmcp::service::{
    ClientInitializeError, ClientLifecycleMode, ClientServiceExt, RoleClient, RunningService,
};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use url::Url;

use crate::client::challenge::Challenge;
use crate::client::{Secret, address};

const CONNECT: Duration = Duration::from_secs(10);
const REDIRECTS: usize = 3;

/// What to do once connected.
pub(crate) enum Operation {
    List,
    Call { tool: String, arguments: JsonObject },
}

/// What came of it.
pub(crate) enum Outcome {
    Tools(Vec<Tool>),
    Called(CallToolResult),
}

/// Why nothing came of it.
pub(crate) enum Failure {
    /// The server wants a token, or a better one.
    Challenged(Challenge),
    Broken(anyhow::Error),
}

type Connection = RunningService<RoleClient, ClientConfig>;

/// Connects, does it, and takes leave.
pub(crate) async fn perform(
    url: &Url,
    token: Option<&Secret>,
    operation: &Operation,
) -> Result<Outcome, Failure> {
    if token.is_some() {
        address::parse(url.as_str()).context("a token must not be sent there").map_err(Failure::Broken)?;
    }
    let connection = connect(url, token).await?;
    let outcome = match operation {
        Operation::List => connection.list_all_tools().await.map(Outcome::Tools),
        Operation::Call { tool, arguments } => {
            let request = CallToolRequestParams::new(tool.clone()).with_arguments(arguments.clone());
            connection.call_tool(request).await.map(Outcome::Called)
        }
    };
    let _leave_taken = connection.cancel().await;
    outcome.map_err(|error| refusal(&error).map_or_else(|| broken(url, error), Failure::Challenged))
}

/// By `server/discover` (2026-07-28), else by `initialize`. Some older servers answer the first in ways that tell
/// nothing, so the second is tried after every failure but a refusal; nothing has been asked for yet.
async fn connect(url: &Url, token: Option<&Secret>) -> Result<Connection, Failure> {
    let discover = ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::LATEST],
        legacy_version: Some(ProtocolVersion::LATEST_WITH_INITIALIZE),
    };
    let refused = match open(url, token, discover).await.map_err(Failure::Broken)? {
        Ok(connection) => return Ok(connection),
        Err(error) => refusal(&error),
    };
    if let Some(challenge) = refused {
        return Err(Failure::Challenged(challenge));
    }
    let again = open(url, token, ClientLifecycleMode::Initialize).await.map_err(Failure::Broken)?;
    again.map_err(|error| refusal(&error).map_or_else(|| broken(url, error), Failure::Challenged))
}

async fn open(
    url: &Url,
    token: Option<&Secret>,
    lifecycle: ClientLifecycleMode,
) -> anyhow::Result<Result<Connection, ClientInitializeError>> {
    let mut config = StreamableHttpClientTransportConfig::with_uri(url.as_str());
    if let Some(token) = token {
        config = config.auth_header(token.expose());
    }
    let transport = StreamableHttpClientTransport::with_client(http()?, config);
    let name = Implementation::new("sekisho", env!("CARGO_PKG_VERSION"));
    let client = ClientConfig::new(ClientCapabilities::default(), name);
    Ok(client.serve_with_lifecycle(transport, lifecycle).await)
}

/// Follows redirects within the server only (a missing slash, say): the token is for no one else.
fn http() -> anyhow::Result<Client> {
    let within = redirect::Policy::custom(|attempt| {
        let same = attempt.previous().last().is_some_and(|from| from.origin() == attempt.url().origin());
        if same && attempt.previous().len() <= REDIRECTS { attempt.follow() } else { attempt.stop() }
    });
    Ok(Client::builder().redirect(within).connect_timeout(CONNECT).build()?)
}

/// The challenge behind an error, if the server refused; an empty one where it gave none.
fn refusal(error: &dyn Refusing) -> Option<Challenge> {
    if let Some(header) = error.challenge() {
        return Some(Challenge::parse(header));
    }
    error.bare_401().then(Challenge::default)
}

/// What rmcp's two error types have in common.
trait Refusing {
    fn challenge(&self) -> Option<&str>;
    fn bare_401(&self) -> bool;
}

impl Refusing for ClientInitializeError {
    fn challenge(&self) -> Option<&str> {
        self.auth_challenge()
    }

    fn bare_401(&self) -> bool {
        matches!(self, Self::TransportError { error, .. } if says_401(error.error.as_ref()))
    }
}

impl Refusing for ServiceError {
    fn challenge(&self) -> Option<&str> {
        self.auth_challenge()
    }

    fn bare_401(&self) -> bool {
        matches!(self, Self::TransportSend(error) if says_401(error.error.as_ref()))
    }
}

/// rmcp keeps the status of a 401 without `WWW-Authenticate` in the text of its error alone.
fn says_401(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    error.to_string().contains("HTTP 401")
}

fn broken(url: &Url, error: impl Error + Send + Sync + 'static) -> Failure {
    Failure::Broken(anyhow::Error::from(error).context(format!("{url} could not be used")))
}
