//! `sekisho mcp` against the demo's server, open and guarded.

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::authorization_server::{AuthorizationServer, Manners, find, token};
use super::mcp_server;
use super::program::{browse, run, start};
use super::resource_server::{Guard, ResourceServer};

async fn serve(router: Router) -> String {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", socket.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(socket, router).await });
    url
}

#[tokio::test]
async fn tools_are_listed_and_called() {
    let url = serve(mcp_server::router()).await;
    let finished = run(&["mcp", "list", &url], &[]).await;
    assert_eq!((&*finished.stdout, finished.code), ("hello  Says hello.\n", Some(0)), "{}", finished.stderr);
    let finished = run(&["mcp", "call", &url, "hello"], &[]).await;
    assert_eq!((&*finished.stdout, finished.code), ("Hello.\n", Some(0)), "{}", finished.stderr);
    assert_eq!(finished.stderr, "");
}

#[tokio::test]
async fn json_is_the_whole_result() {
    let url = serve(mcp_server::router()).await;
    let listed: Value =
        serde_json::from_str(&run(&["mcp", "list", &url, "--json"], &[]).await.stdout).unwrap();
    assert_eq!(listed["tools"][0]["annotations"]["readOnlyHint"], true);
    let called: Value =
        serde_json::from_str(&run(&["mcp", "call", &url, "hello", "--json"], &[]).await.stdout).unwrap();
    assert_eq!(called["content"], json!([{"type": "text", "text": "Hello."}]));
}

#[tokio::test]
async fn a_tool_that_is_not_there_ends_with_1() {
    let url = serve(mcp_server::router()).await;
    let finished = run(&["mcp", "call", &url, "goodbye"], &[]).await;
    assert_eq!((finished.code, &*finished.stdout), (Some(1), ""), "{}", finished.stderr);
    let said = format!("has no tool goodbye: `sekisho mcp list {url}`");
    assert!(finished.stderr.contains(&said), "{}", finished.stderr);
}

#[tokio::test]
async fn a_server_that_is_not_there_ends_with_1() {
    let finished = run(&["mcp", "list", "http://127.0.0.1:1/mcp"], &[]).await;
    assert_eq!((finished.code, &*finished.stdout), (Some(1), ""));
    let said = "http://127.0.0.1:1/mcp could not be used: Connection refused";
    assert!(finished.stderr.contains(said), "{}", finished.stderr);
}

/// A server of 2025 that knows `initialize` alone and answers anything else with a bare 400.
#[tokio::test]
async fn servers_that_know_only_the_handshake_are_spoken_to() {
    let url = serve(Router::new().route("/mcp", post(old_server))).await;
    let finished = run(&["mcp", "call", &url, "fail", "--arg", "a=b"], &[]).await;
    assert_eq!((&*finished.stdout, finished.code), ("got {\"a\":\"b\"}\n", Some(1)), "{}", finished.stderr);
}

async fn old_server(body: Bytes) -> Response {
    let message: Value = serde_json::from_slice(&body).unwrap();
    let result = match message["method"].as_str() {
        Some("initialize") => json!({"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
            "serverInfo": {"name": "old", "version": "0"}}),
        Some("notifications/initialized") => return StatusCode::ACCEPTED.into_response(),
        Some("tools/call") => json!({"isError": true,
            "content": [{"type": "text", "text": format!("got {}", message["params"]["arguments"])}]}),
        _ => return (StatusCode::BAD_REQUEST, "Bad Request: Server not initialized").into_response(),
    };
    let answer = json!({"jsonrpc": "2.0", "id": message["id"], "result": result});
    ([(CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}

#[tokio::test]
async fn without_a_token_the_way_to_one_is_shown() {
    for challenges in [true, false] {
        let guard = Guard { challenges, ..Guard::of("http://localhost:8080/realms/a") };
        let server = ResourceServer::start(guard).await;
        let finished = run(&["mcp", "call", &server.url, "hello"], &[]).await;
        assert_eq!((finished.code, &*finished.stdout), (Some(3), ""), "{}", finished.stderr);
        let command = format!(
            "export SEKISHO_TOKEN=$(sekisho token --issuer http://localhost:8080/realms/a --client-id CLIENT_ID \
             --resource {} --scope hello)",
            server.url
        );
        assert!(finished.stderr.contains(&command), "{}", finished.stderr);
        assert!(finished.stderr.contains("wants a token"), "{}", finished.stderr);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_said() {
    let server = ResourceServer::start(Guard::of("http://localhost:8080/realms/a")).await;
    for (given, parts) in [
        (
            token("openid"),
            &["scope is too small", "scope missing          hello\n", "--scope 'hello openid'"][..],
        ),
        ("expired".to_owned(), &["does not take this token (invalid_token)", "Expired", "--scope hello)"]),
    ] {
        let finished = run(&["mcp", "list", &server.url], &[("SEKISHO_TOKEN", &given)]).await;
        assert_eq!((finished.code, &*finished.stdout), (Some(3), ""), "{}", finished.stderr);
        for part in parts {
            assert!(finished.stderr.contains(part), "{part}: {}", finished.stderr);
        }
        assert!(!finished.stderr.contains(&given), "the token was printed");
    }
}

#[tokio::test]
async fn a_token_is_taken_from_the_environment_or_a_file() {
    let server = ResourceServer::start(Guard::of("http://localhost:8080/realms/a")).await;
    let finished = run(&["mcp", "call", &server.url, "hello"], &[("SEKISHO_TOKEN", &token("hello"))]).await;
    assert_eq!((&*finished.stdout, finished.code), ("Hello.\n", Some(0)), "{}", finished.stderr);

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{}\n", token("hello"))).unwrap();
    let path = file.path().to_str().unwrap();
    let finished = run(&["mcp", "call", &server.url, "hello", "--token-file", path], &[]).await;
    assert_eq!((&*finished.stdout, finished.code), ("Hello.\n", Some(0)), "{}", finished.stderr);
}

#[tokio::test]
async fn with_a_client_the_command_signs_in_and_calls() {
    let issuer = AuthorizationServer::start(Manners::default()).await;
    let server = ResourceServer::start(Guard::of(&issuer.issuer)).await;
    let mut program = start(&call(&server.url), &[("SEKISHO_CLIENT_SECRET", "s3cret")]);
    browse(&program.address().await).await;
    let finished = program.finish().await;
    assert_eq!((&*finished.stdout, finished.code), ("Hello.\n", Some(0)), "{}", finished.stderr);
    let seen = issuer.seen();
    assert_eq!(find(&seen.authorization[0], "resource"), server.url);
    assert_eq!(find(&seen.authorization[0], "scope"), "hello");
    assert_eq!(server.tokens_seen().first(), Some(&None), "nothing is sent before it is asked for");
}

#[tokio::test]
async fn a_narrow_token_is_widened_by_what_is_missing() {
    let issuer = AuthorizationServer::start(Manners::default()).await;
    let guard = Guard { token: token("hello openid"), ..Guard::of(&issuer.issuer) };
    let server = ResourceServer::start(guard).await;
    let mut program = start(&call(&server.url), &[("SEKISHO_TOKEN", &token("openid"))]);
    browse(&program.address().await).await;
    let finished = program.finish().await;
    assert_eq!((&*finished.stdout, finished.code), ("Hello.\n", Some(0)), "{}", finished.stderr);
    assert_eq!(find(&issuer.seen().authorization[0], "scope"), "hello openid");
}

/// A server that is never content gets two logins, not an endless loop.
#[tokio::test]
async fn a_server_that_refuses_every_token_ends_with_3() {
    let issuer = AuthorizationServer::start(Manners::default()).await;
    let guard = Guard { token: "never".into(), ..Guard::of(&issuer.issuer) };
    let server = ResourceServer::start(guard).await;
    let mut program = start(&call(&server.url), &[]);
    browse(&program.address().await).await;
    browse(&program.address().await).await;
    let finished = program.finish().await;
    assert_eq!((finished.code, &*finished.stdout), (Some(3), ""), "{}", finished.stderr);
    assert_eq!(issuer.seen().token.len(), 2);
}

/// Any MCP server can name an authorization server; the secret is not for whoever it names.
#[tokio::test]
async fn a_secret_does_not_leave_for_a_host_nobody_named() {
    let issuer = AuthorizationServer::start_at("localhost", Manners::default()).await;
    let server = ResourceServer::start(Guard::of(&issuer.issuer)).await;
    let secret = [("SEKISHO_CLIENT_SECRET", "s3cret")];
    let finished = run(&call(&server.url), &secret).await;
    assert_eq!((finished.code, &*finished.stdout), (Some(1), ""));
    assert!(finished.stderr.contains(&format!("--issuer {}", issuer.issuer)), "{}", finished.stderr);

    let named = [&call(&server.url)[..], &["--issuer", &issuer.issuer]].concat();
    let mut program = start(&named, &secret);
    browse(&program.address().await).await;
    assert_eq!(program.finish().await.stdout, "Hello.\n");

    let other = [&call(&server.url)[..], &["--issuer", "https://as.example"]].concat();
    let finished = run(&other, &secret).await;
    assert!(finished.stderr.contains("does not take tokens of https://as.example"), "{}", finished.stderr);
    assert_eq!(finished.code, Some(1));
}

#[tokio::test]
async fn a_token_is_not_sent_in_the_clear() {
    let finished = run(&["mcp", "list", "http://mcp.example/mcp"], &[("SEKISHO_TOKEN", "secret")]).await;
    assert!(finished.stderr.contains("must be https"), "{}", finished.stderr);
    assert_eq!(finished.code, Some(1));
}

/// Calls `hello`, signing in as client `mcp`, on any free port.
fn call(url: &str) -> [&str; 9] {
    let callback = "http://127.0.0.1:0/callback";
    ["mcp", "call", url, "hello", "--client-id", "mcp", "--redirect-uri", callback, "--no-browser"]
}
