//! The MCP server of the demo: one tool, `hello`, that answers `Hello.` to whoever reaches it.

use std::sync::Arc;

use axum::Router;
use rmcp::model::{Implementation, ServerCapabilities, ServerConfig};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ServerHandler, tool, tool_handler, tool_router};

/// The tools of the demo.
#[derive(Clone)]
pub(crate) struct Hello;

#[tool_router]
impl Hello {
    /// Says hello.
    #[tool(description = "Says hello.", annotations(title = "Hello", read_only_hint = true))]
    fn hello() -> String {
        "Hello.".to_owned()
    }
}

#[tool_handler]
impl ServerHandler for Hello {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::new(ServerCapabilities::builder().enable_tools().build());
        info.server_info = Implementation::new("sekisho-demo", env!("CARGO_PKG_VERSION"));
        info
    }
}

/// Answers every POST with JSON and keeps no session, in the protocol of today and in those before it. Reached by
/// loopback names only, and by no web page but one of this machine (DNS rebinding).
pub(crate) fn hello_service() -> StreamableHttpService<Hello, NeverSessionManager> {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_allowed_origins(["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"]);
    StreamableHttpService::new(|| Ok(Hello), Arc::default(), config)
}

/// The service at `/mcp`, open to all.
pub(crate) fn router() -> Router {
    Router::new().route_service("/mcp", hello_service())
}
