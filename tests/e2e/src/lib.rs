//! The black box: the real binary as a child, and around it whoever comes to its gate. A person with a
//! browser (simulated in [`visitor`], real in [`chromium`]), a client that wants a token ([`code_flow`]),
//! an MCP request ([`mcp`]).

pub mod binary;
pub mod cast;
#[cfg(feature = "browser")]
pub mod chromium;
pub mod cli;
#[cfg(any(feature = "browser", feature = "clients"))]
pub mod clients;
pub mod code_flow;
pub mod demo;
pub mod form;
pub mod http;
pub mod mcp;
pub mod server;
pub mod visitor;
