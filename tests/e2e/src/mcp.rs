//! One MCP request over streamable HTTP, written out, and the challenge that may come back.

use anyhow::Result;
use http::Request;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use serde_json::json;

use crate::http::{self as plain, Answer};

/// How a token is sent along.
#[derive(Clone, Copy)]
pub enum Token<'a> {
    Absent,
    Header(&'a str),
    /// Where it must not be (RFC 6750 §2.3, OAuth 2.1 §5.1).
    Query(&'a str),
}

/// Sends `initialize` to an MCP server.
pub async fn initialize(server: &str, token: Token<'_>) -> Result<Answer> {
    let uri = match token {
        Token::Query(token) => format!("{server}?access_token={token}"),
        _ => server.to_owned(),
    };
    let mut request = Request::post(uri)
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, "application/json, text/event-stream");
    if let Token::Header(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "sekisho-e2e", "version": "1" }
        }
    });
    plain::send(request.body(call.to_string())?).await
}

/// A parameter of the `WWW-Authenticate: Bearer …` challenge (RFC 6750 §3), whose values are quoted.
pub fn challenge(answer: &Answer, name: &str) -> Option<String> {
    let parameters = format!(", {}", answer.header(WWW_AUTHENTICATE).strip_prefix("Bearer ")?);
    let (_, after) = parameters.split_once(&format!(", {name}=\""))?;
    after.split_once('"').map(|(value, _)| value.to_owned())
}
