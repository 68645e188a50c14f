//! One operation on an MCP server over streamable HTTP, by rmcp's client.

use std::error::Error;
use std::time::Duration;

use anyhow::{Context, anyhow};
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
use rmcp::transport::streamable_http_client::{StreamableHttpClientTransportConfig, StreamableHttpError};
use url::Url;

use crate::client::challenge::Challenge;
use crate::client::{Secret, address};
use crate::output;

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
            match connection.call_tool(request).await {
                Err(ServiceError::McpError(_)) if lacks(&connection, tool).await => {
                    let _leave_taken = connection.cancel().await;
                    return Err(Failure::Broken(no_such_tool(url, tool)));
                }
                called => called.map(Outcome::Called),
            }
        }
    };
    let _leave_taken = connection.cancel().await;
    outcome.map_err(|error| failure(url, &error))
}

/// Whether the server lists its tools, and not this one. Asked after a refusal only: a tool may be callable unlisted.
async fn lacks(connection: &Connection, tool: &str) -> bool {
    connection.list_all_tools().await.is_ok_and(|tools| tools.iter().all(|listed| listed.name != tool))
}

fn no_such_tool(url: &Url, tool: &str) -> anyhow::Error {
    let list = output::shell_word(url.as_str());
    anyhow!("{url} has no tool {}: `sekisho mcp list {list}` names those it has", output::printable(tool))
}

/// By `server/discover` (2026-07-28), else by `initialize`. Some older servers answer the first in ways that tell
/// nothing, so the second is tried after every failure that is not final; nothing has been asked for yet.
async fn connect(url: &Url, token: Option<&Secret>) -> Result<Connection, Failure> {
    let discover = ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::LATEST],
        legacy_version: Some(ProtocolVersion::LATEST_WITH_INITIALIZE),
    };
    match open(url, token, discover).await.map_err(Failure::Broken)? {
        Ok(connection) => return Ok(connection),
        Err(error) if error.is_final() => return Err(failure(url, &error)),
        Err(_) => {}
    }
    let again = open(url, token, ClientLifecycleMode::Initialize).await.map_err(Failure::Broken)?;
    again.map_err(|error| failure(url, &error))
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

/// What rmcp's two error types have in common: both may hide an HTTP answer.
trait HttpFailure: Error {
    /// The challenge of a 401 or 403.
    fn challenge(&self) -> Option<&str>;

    /// What the transport said, under the wrapping.
    fn transport(&self) -> Option<&(dyn Error + Send + Sync + 'static)>;

    fn http(&self) -> Option<&HttpError> {
        self.transport()?.downcast_ref()
    }

    /// The challenge, if the server refused; an empty one where it gave none: rmcp keeps the status of such a 401
    /// in the text of its error alone.
    fn refusal(&self) -> Option<Challenge> {
        let bare = || matches!(self.http(), Some(HttpError::UnexpectedServerResponse(text)) if text.starts_with("HTTP 401"));
        self.challenge().map(Challenge::parse).or_else(|| bare().then(Challenge::default))
    }

    /// Whether another way of saying the same would end the same.
    fn is_final(&self) -> bool {
        let unreachable = matches!(self.http(), Some(HttpError::Client(error)) if error.is_connect());
        unreachable || self.refusal().is_some()
    }

    /// What went wrong, without the layers that repeat the address.
    fn told(&self) -> String {
        match (self.http(), self.transport()) {
            (Some(HttpError::Client(error)), _) => innermost(error).to_string(),
            (_, Some(error)) => error.to_string(),
            (_, None) => self.to_string(),
        }
    }
}

type HttpError = StreamableHttpError<reqwest::Error>;

impl HttpFailure for ClientInitializeError {
    fn challenge(&self) -> Option<&str> {
        self.auth_challenge()
    }

    fn transport(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        match self {
            Self::TransportError { error, .. } => Some(error.error.as_ref()),
            _ => None,
        }
    }
}

impl HttpFailure for ServiceError {
    fn challenge(&self) -> Option<&str> {
        self.auth_challenge()
    }

    fn transport(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        match self {
            Self::TransportSend(error) => Some(error.error.as_ref()),
            _ => None,
        }
    }
}

fn failure(url: &Url, error: &impl HttpFailure) -> Failure {
    error.refusal().map_or_else(
        || Failure::Broken(anyhow!("{url} could not be used: {}", output::printable(&error.told()))),
        Failure::Challenged,
    )
}

fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    error.source().map_or(error, innermost)
}
