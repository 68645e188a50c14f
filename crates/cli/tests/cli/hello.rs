//! The demo's MCP server, as clients of every protocol revision see it.

use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::mcp_server;

async fn serve() -> String {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", socket.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(socket, mcp_server::router()).await });
    url
}

fn post(url: &str, message: &Value) -> RequestBuilder {
    Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(url)
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json")
        .body(message.to_string())
}

async fn json_of(response: Response) -> Value {
    assert_eq!(response.headers()["content-type"], "application/json");
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

fn initialize(version: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}})
}

/// Clients up to 2025-11-25 (MCP Inspector, the Python SDK): `initialize`, then calls without a session.
#[tokio::test]
async fn older_clients_shake_hands_and_call() {
    let url = serve().await;
    for version in ["2025-03-26", "2025-06-18", "2025-11-25"] {
        let response = post(&url, &initialize(version)).send().await.unwrap();
        assert!(!response.headers().contains_key("mcp-session-id"), "{version}");
        assert_eq!(json_of(response).await["result"]["protocolVersion"], version);

        let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let response = post(&url, &initialized).header("mcp-protocol-version", version).send().await.unwrap();
        assert_eq!(response.status(), 202, "{version}");

        let list = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"});
        let response = post(&url, &list).header("mcp-protocol-version", version).send().await.unwrap();
        let tools = json_of(response).await["result"]["tools"].clone();
        assert_eq!(tools.as_array().map(Vec::len), Some(1), "{tools}");
        assert_eq!(tools[0]["name"], "hello");
        assert_eq!(tools[0]["inputSchema"]["type"], "object");

        for arguments in [json!({"name": "hello"}), json!({"name": "hello", "arguments": {}})] {
            let call = json!({"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": arguments});
            let response = post(&url, &call).header("mcp-protocol-version", version).send().await.unwrap();
            let content = json_of(response).await["result"]["content"].clone();
            assert_eq!(content, json!([{"type": "text", "text": "Hello."}]), "{version}");
        }
    }
}

/// 2026-07-28: no handshake, everything in the request.
#[tokio::test]
async fn todays_clients_call_at_once() {
    let url = serve().await;
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "hello", "arguments": {}, "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"}}}});
    let request = post(&url, &call)
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "hello");
    let content = json_of(request.send().await.unwrap()).await["result"]["content"].clone();
    assert_eq!(content, json!([{"type": "text", "text": "Hello."}]));
}

#[tokio::test]
async fn there_is_no_stream_to_open() {
    let url = serve().await;
    let client = Client::builder().no_proxy().build().unwrap();
    let response = client.get(&url).header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!(response.status(), 405);
}

/// DNS rebinding: a page from elsewhere, or a name that only looks like this machine.
#[tokio::test]
async fn pages_and_names_from_elsewhere_are_turned_away() {
    let url = serve().await;
    for (header, value, status) in [
        ("origin", "https://evil.example", 403),
        ("host", "evil.example", 403),
        ("origin", "null", 403),
        ("origin", "http://localhost:6274", 200),
    ] {
        let request = post(&url, &initialize("2025-11-25")).header(header, value);
        assert_eq!(request.send().await.unwrap().status(), status, "{header}: {value}");
    }
}
